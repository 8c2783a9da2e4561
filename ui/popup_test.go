package ui

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/text"
)

// cardTexts returns what the visible cards show, the topmost first.
func (f *fixture) cardTexts() []string {
	var list []string
	for _, c := range f.ui.popup.cards {
		if c.box.Visible() {
			list = append(list, strings.Join([]string{c.name.Text, c.number.Text, c.via.Text}, "|"))
		}
	}
	return list
}

// tap taps a button of the popup, as late as one that was meant.
func (f *fixture) tap(b fyne.Tappable) {
	f.ui.popup.moved = time.Time{}
	test.Tap(b)
}

func TestPopupFollowsTheState(t *testing.T) { onPlatforms(t, popupFollowsTheState) }

func popupFollowsTheState(t *testing.T, f *fixture) {
	ring := call("1", csta.Ringing, "22334455", "Ærø Bageri")
	answered := ring
	answered.Phase = csta.Active
	out := call("2", csta.Calling, "203", "")
	out.Direction = csta.Outgoing
	for _, step := range []struct {
		what   string
		status csta.Status
		calls  []csta.Call
		want   bool
	}{
		{"idle", csta.Online, nil, false},
		{"ringing", csta.Online, []csta.Call{ring}, true},
		{"answered", csta.Online, []csta.Call{answered}, false},
		{"another rings meanwhile", csta.Online, []csta.Call{answered, call("3", csta.Ringing, "", "")}, true},
		{"given up", csta.Online, []csta.Call{answered, ended("3", csta.Missed, "", "")}, false},
		{"our own call", csta.Online, []csta.Call{out}, false},
		{"ringing again", csta.Online, []csta.Call{ring}, true},
		{"the link is lost", csta.Offline, []csta.Call{ring}, false},
		{"it is back", csta.Online, []csta.Call{ring}, true},
		{"gone", csta.Online, nil, false},
	} {
		f.show(step.status, nil, step.calls...)
		if got := f.ui.popup.shown; got != step.want {
			t.Errorf("%s: popup shown %v, want %v", step.what, got, step.want)
		}
	}
}

func TestPopupTellsWhoCallsAndForWhom(t *testing.T) {
	f := newFixture(t)
	f.desk.corner = [2]int{1920, 1200}
	queue := call("1", csta.Ringing, "22334455", "Ærø Bageri")
	queue.Via = "400"
	f.online(queue, call("2", csta.Ringing, "", ""), call("3", csta.Ringing, "203", "203"))
	want := []string{"Ærø Bageri|22 33 44 55|for 400", "Number withheld||", "203||"}
	if got := f.cardTexts(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("cards %q, want who has waited longest on top: %q", got, want)
	}
	for i, want := range map[int]string{0: "", 2: "Copy number"} { // below a number in the large line it stands alone
		if got := f.ui.popup.cards[i].copy; got.Text != want || got.Hidden {
			t.Errorf("card %d: the copy button says %q, want %q, and is hidden: %v", i, got.Text, want, got.Hidden)
		}
	}
	for _, c := range f.ui.popup.cards { // nothing moves when one call gives way to another
		if c.box.MinSize() != f.ui.popup.cards[0].box.MinSize() {
			t.Errorf("a card of %v beside one of %v", c.box.MinSize(), f.ui.popup.cards[0].box.MinSize())
		}
	}
	f.ui.cfg.Known = func(string) Known { return Known{Name: "Anna Holm", Company: "Ærø Bageri", Label: "mobile"} }
	f.online(queue)
	if c := f.ui.popup.cards[0]; c.name.Text != "Anna Holm" || c.firm.Text != "Ærø Bageri" || c.number.Text != "22 33 44 55 · mobile" {
		t.Errorf("a contact is shown as %q, %q, %q", c.name.Text, c.firm.Text, c.number.Text)
	}
	f.linesApart(t)
	f.ui.cfg.Known = func(string) Known { return Known{Note: "Calls back on Monday"} }
	f.online(queue)
	f.linesApart(t)
	f.ui.cfg.Known = nil
	f.online(queue, call("2", csta.Ringing, "", ""), call("3", csta.Ringing, "203", ""), call("4", csta.Ringing, "4", ""), call("5", csta.Ringing, "5", ""))
	lines := func() (list []string) {
		for _, l := range f.ui.popup.more {
			if l.Visible() {
				list = append(list, l.Text)
			}
		}
		return list
	}
	if got, want := fmt.Sprint(lines()), "[4 5]"; got != want {
		t.Errorf("under five calls it says %s, want %s", got, want)
	}
	many := []csta.Call{queue}
	for n := range 9 {
		many = append(many, call(fmt.Sprint(n+2), csta.Ringing, fmt.Sprint(200+n), ""))
	}
	f.online(many...)
	if got, want := fmt.Sprint(lines()), "[202 203 204 205 + 3 more calls]"; got != want {
		t.Errorf("under ten calls it says %s, want %s", got, want)
	}
	if got := len(f.cardTexts()); got != maxCards {
		t.Errorf("%d cards, want %d", got, maxCards)
	}
}

// A long name is smaller, or has two lines where the card has room for them, before it is cut. The card keeps its height,
// and its buttons stay where they are.
func TestPopupWithALongName(t *testing.T) {
	f := newFixture(t)
	known := Known{}
	f.ui.cfg.Known = func(string) Known { return known }
	c := call("1", csta.Ringing, "22334455", "Bo")
	f.online(c)
	card := f.ui.popup.cards[0]
	height, place, size := card.name.Size().Height, card.answer.Position(), card.box.MinSize()
	for _, step := range []struct {
		name  string
		full  bool // all that can be known is known
		large bool // as a short name is
		lines int
		cut   bool
	}{
		{"Bo Lund", false, true, 1, false},
		{"Bo Lund", true, true, 1, false},
		{"Anna Margrethe Sørensen-Ågård", false, false, 1, false},
		{"Anna Margrethe Sørensen-Ågård", true, false, 1, false},
		{"Ærøskøbing Bageri og Konditori på torvet i den gamle by", false, false, 2, false},
		{"Ærøskøbing Bageri og Konditori på torvet i den gamle by", true, false, 1, true},
		{strings.Repeat("Ærøskøbing Bageri og Konditori ", 4), false, false, 2, true},
		{"Bo Lund", false, true, 1, false},
	} {
		c.Remote.Name, c.Via, known = step.name, "", Known{}
		if step.full {
			c.Via, known = "400", Known{Company: "Ærø Bageri", Last: "Answered yesterday", Note: "wants the offer"}
		}
		f.online(c)
		drawn := test.WidgetRenderer(card.name).Objects()
		lines := 0
		for _, o := range drawn {
			if o.(*canvas.Text).Text != "" {
				lines++
			}
		}
		if text := drawn[0].(*canvas.Text).TextSize; lines != step.lines || card.name.Cut() != step.cut || text == nameSize != step.large || text < leastNameSize {
			t.Errorf("%q, all known %v: %d lines of size %v, cut %v", step.name, step.full, lines, text, card.name.Cut())
		}
		if step.large && card.name.Size().Height != height || card.answer.Position() != place || card.box.MinSize() != size {
			t.Errorf("%q, all known %v: the name is %v high, the button at %v, the card %v", step.name, step.full, card.name.Size().Height, card.answer.Position(), card.box.MinSize())
		}
		if end := card.name.Position().Y + card.name.Size().Height; end > card.who.Objects[1].Position().Y {
			t.Errorf("%q, all known %v: the name ends at %v, what is below begins at %v", step.name, step.full, end, card.who.Objects[1].Position().Y)
		}
		if room := card.who.Objects[1].Size().Height; room < card.names.MinSize().Height || room < card.why.MinSize().Height {
			t.Errorf("%q, all known %v: the rest has %v", step.name, step.full, room)
		}
		f.linesApart(t)
	}
}

// linesApart fails if a line of the popup's first card lies on another.
func (f *fixture) linesApart(t *testing.T) {
	t.Helper()
	bottom := float32(0)
	for _, line := range f.ui.popup.cards[0].names.Objects {
		if !line.Visible() {
			continue
		}
		if line.Position().Y < bottom {
			t.Errorf("a line begins at %v, the one before it ends at %v", line.Position().Y, bottom)
		}
		bottom = line.Position().Y + line.Size().Height
	}
}

func TestPopupSetting(t *testing.T) {
	for _, c := range []struct {
		setting string
		placed  bool
		want    bool
	}{
		{"", true, true}, {"", false, false}, {account.PopupAuto, true, true}, {account.PopupAuto, false, false},
		{account.PopupOn, false, true}, {account.PopupOff, true, false},
	} {
		if got := PopupEnabled(c.setting, c.placed); got != c.want {
			t.Errorf("PopupEnabled(%q, %v) = %v", c.setting, c.placed, got)
		}
	}
	f := newFixture(t)
	f.ui.settings.Popup = account.PopupOff
	f.online(call("1", csta.Ringing, "203", ""))
	if f.ui.popup.shown || f.desk.picture != nil {
		t.Error("the popup came although it is switched off")
	}
}

func TestPopupButtons(t *testing.T) { onPlatforms(t, popupButtons) }

func popupButtons(t *testing.T, f *fixture) {
	f.online(call("1", csta.Ringing, "22334455", ""))
	card := f.ui.popup.cards[0]
	c := f.card(1)

	f.tap(c.button("Answer"))
	if got := f.asked(); got != "answer 1" {
		t.Errorf("Answer asked the phone to %q", got)
	}
	if !c.button("Answer").Disabled() {
		t.Error("Answer can be pressed again before there is an answer")
	}
	f.until("the buttons are back", func() bool { return !c.button("Answer").Disabled() })
	f.tap(c.button("Decline"))
	if got := f.asked(); got != "clear 1" {
		t.Errorf("Decline asked the phone to %q", got)
	}
	f.until("the buttons are back", func() bool { return !c.button("Decline").Disabled() })
	f.tap(card.copy)
	if got := f.desk.clipboard; got != "22334455" {
		t.Errorf("the clipboard holds %q", got)
	}
	f.notAsked("Copy")
	if f.ui.window.shown {
		t.Error("the window came unasked")
	}
	f.tap(c.button("Transfer"))
	if subject, ok := f.ui.subject(); !ok || subject.ID.CallID != "1" || !f.ui.window.shown {
		t.Errorf("Transfer: the subject is %q, the window shown %v", subject.ID.CallID, f.ui.window.shown)
	}
	f.notAsked("Transfer, before it is known to whom")
}

// What the PBX does not offer is greyed, and says why in place of the name: nothing moves.
func TestPopupTellsWhyAButtonIsGreyed(t *testing.T) {
	f := newFixture(t)
	s := csta.State{Status: csta.Online, Calls: []csta.Call{call("1", csta.Ringing, "22334455", "Ærø Bageri")},
		Refused: map[string]string{"DeflectCall": "serviceNotSupported"}}
	f.ui.Show(s)
	f.settle()
	c := f.ui.popup.cards[0]
	size, place := f.ui.popup.size(), c.answer.Position()
	if c.answer.Disabled() || c.hangUp.Disabled() || !c.passOn.Disabled() {
		t.Errorf("out of use: Answer %v, Hang up %v, Transfer %v", c.answer.Disabled(), c.hangUp.Disabled(), c.passOn.Disabled())
	}
	c.passOn.MouseIn(nil)
	if want := text.RefusedWords("DeflectCall", "serviceNotSupported"); !c.why.Visible() || c.why.Text != want || c.names.Visible() {
		t.Errorf("it says %q, want %q", c.why.Text, want)
	}
	if f.ui.popup.size() != size || c.answer.Position() != place {
		t.Error("the reason moved something")
	}
	c.passOn.MouseOut()
	if c.why.Visible() || !c.names.Visible() {
		t.Error("the pointer has left, and the name is not back")
	}
	f.tap(c.passOn)
	f.notAsked("a button out of use")
}

// The notification says the same, in a line.
func TestDescribe(t *testing.T) {
	test.NewTempApp(t)
	c := call("1", csta.Ringing, "22334455", "Ærø Bageri")
	c.Via, c.ViaName = "400", "Re\ncep\u202etion"
	missed := c
	missed.Phase, missed.Outcome, missed.Began = csta.Ended, csta.Missed, time.Date(2026, 11, 22, 14, 5, 0, 0, time.Local)
	own := call("1", csta.Ringing, "203", "Bo")
	own.Cause = "transfer"
	for want, c := range map[string]csta.Call{"Incoming call for Re ception (400)": c, "Missed call at 14:05 for Re ception (400)": missed, "Transferred call": own,
		"Missed call": {Phase: csta.Ended}} {
		if got := text.Describe(c); got != want {
			t.Errorf("Describe() = %q, want %q", got, want)
		}
	}
}

// A receptionist greets with the queue's name: it is there whole, in every language.
func TestPopupTellsHowACallCame(t *testing.T) {
	f := newFixture(t)
	c := call("1", csta.Ringing, "22334455", "Ærø Bageri")
	for _, step := range []struct {
		cause        csta.Cause
		via, viaName string
		head, line   string
	}{
		{"newCall", "", "", "Incoming call", ""},
		{"newCall", "400", "Reception", "Incoming call", "for Reception (400)"},
		{"newCall", "400", "", "Incoming call", "for 400"},
		{"newCall", "400", "400", "Incoming call", "for 400"},
		{"newCall", "400", "Rece\u202eption\n", "Incoming call", "for Reception (400)"},
		{"newCall", "", "Reception", "Incoming call", ""},
		{"singleStepTransfer", "", "", "Transferred call", ""},
		{"Single Step Transfer", "", "", "Transferred call", ""},
		{"consultation", "", "", "A colleague asks", ""},
		{"recallNoAnswer", "203", "Bo", "The call comes back", "for Bo (203)"},
		{"callForwardNoAnswer", "203", "Bo", "Forwarded call", "for Bo (203)"},
		{"free text", "", "", "Incoming call", ""},
	} {
		c.Cause, c.Via, c.ViaName = step.cause, step.via, step.viaName
		f.online(c)
		card := f.ui.popup.cards[0]
		if card.head.Text != step.head || card.via.Text != step.line {
			t.Errorf("%+v: it says %q, %q", step, card.head.Text, card.via.Text)
		}
	}
}

// The popup may come up under the pointer of somebody who is clicking elsewhere.
func TestPopupIgnoresTheClickThatWasNotMeantForIt(t *testing.T) {
	f := newFixture(t)
	f.online(call("1", csta.Ringing, "203", ""))
	lasting(t, &f.ui.popup.moved)
	f.card(1).press("Answer")
	f.notAsked("a click at once")
	f.tap(f.card(1).button("Answer"))
	f.asked()
	f.online(call("1", csta.Ringing, "203", ""), call("2", csta.Ringing, "204", ""))
	lasting(t, &f.ui.popup.moved)
	f.card(1).press("Decline")
	f.notAsked("a click when another call came")
}

// Where the popup is a window of Fyne's, typing into it does nothing. A picture gets no keys.
func TestPopupHasNothingPreselected(t *testing.T) {
	f := newFixture(t)
	f.desk.noPictures = true
	f.online(call("1", csta.Ringing, "203", ""))
	c := f.ui.popup.stand.(*splash).window.Canvas()
	if got := c.Focused(); got != nil {
		t.Errorf("%T has the keyboard", got)
	}
	for _, key := range []fyne.KeyName{fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace, fyne.KeyEscape} {
		if typed := c.OnTypedKey(); typed != nil {
			typed(&fyne.KeyEvent{Name: key})
		}
	}
	f.notAsked("typing into the popup")
	if !f.ui.popup.shown {
		t.Error("a key closed the popup")
	}
}

func TestCrossClosesThePopupAndNotTheCall(t *testing.T) {
	f := newFixture(t)
	first, second := call("1", csta.Ringing, "203", ""), call("2", csta.Ringing, "204", "")
	f.online(first)
	f.ui.popup.dismiss(first.ID)
	f.online(first)
	if f.ui.popup.shown {
		t.Error("a dismissed call came back")
	}
	f.notAsked("the cross")
	f.online(first, second)
	if got := f.cardTexts(); !f.ui.popup.shown || len(got) != 1 || !strings.HasPrefix(got[0], "204") {
		t.Errorf("the next call: shown %v, cards %q", f.ui.popup.shown, got)
	}
	f.online()
	if len(f.ui.popup.dismissed) != 0 {
		t.Error("a call that is over is still remembered as dismissed")
	}
	f.online(first)
	if !f.ui.popup.shown {
		t.Error("the same connection rings anew, and was not shown")
	}
}

func TestFiftyCallsMakeOneWindow(t *testing.T) {
	f := newFixture(t)
	f.desk.noPictures = true
	before := len(f.ui.app.Driver().AllWindows())
	for n := range 50 {
		id := fmt.Sprint(n)
		f.online(call(id, csta.Ringing, "22334455", "Ærø"))
		if !f.ui.popup.shown {
			t.Fatalf("call %d was not shown", n)
		}
		f.online(ended(id, csta.Missed, "22334455", "Ærø"))
		if f.ui.popup.shown {
			t.Fatalf("call %d stayed", n)
		}
	}
	if got := len(f.ui.app.Driver().AllWindows()) - before; got != 1 {
		t.Errorf("%d windows were made, want 1", got)
	}
}

func TestHostileNamesDoNotWidenThePopup(t *testing.T) {
	f := newFixture(t)
	f.online(call("1", csta.Ringing, "203", "Bo"))
	want := f.ui.popup.size()
	for _, name := range []string{strings.Repeat("W", 5000), "a\nb\nc\nd", strings.Repeat("\u0301", 400), "\u202e" + strings.Repeat("م", 300), strings.Repeat("👩‍👩‍👧‍👦", 200)} {
		c := call("1", csta.Ringing, strings.Repeat("9", 400), name)
		c.Via = name
		f.online(c)
		if got := f.ui.popup.size(); got != want {
			t.Errorf("%.20q…: the popup is %v, want %v", name, got, want)
		}
	}
}

// A call that has ended before it was answered needs no sentence: that is on the screen anyhow.
func TestAnswerThatCameTooLateIsNotTold(t *testing.T) {
	f := newFixture(t)
	f.phone.err = csta.ErrCallEnded
	f.online(call("1", csta.Ringing, "203", ""))
	f.tap(f.card(1).button("Answer"))
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
	if f.ui.window.shown || f.ui.popup.notice != "" {
		t.Errorf("the window is shown: %v, and the corner says %q", f.ui.window.shown, f.ui.popup.notice)
	}
}

// Without a screen there is no popup; Fyne panics when it is to make a window then.
func TestPopupSurvivesAScreenThatIsGone(t *testing.T) {
	onPlatforms(t, func(t *testing.T, f *fixture) {
		app := f.ui.app
		f.ui.app, f.desk.noScreen = appWithoutScreen{app}, true
		f.online(call("1", csta.Ringing, "203", ""))
		if f.ui.popup.shown {
			t.Error("a popup is on a screen that is not there")
		}
		f.ui.app, f.desk.noScreen = app, false
		f.online(call("1", csta.Ringing, "203", ""))
		if !f.ui.popup.shown {
			t.Error("the screen is back, and the popup is not")
		}
	})
}

// Whatever becomes of the popup, the windows that are made afterwards get the keyboard.
func TestPopupThatCannotBeShownLeavesTheKeyboard(t *testing.T) {
	f := newFixture(t)
	f.desk.noPictures = true
	f.ui.app = appWithBrokenWindows{f.ui.app}
	f.online(call("1", csta.Ringing, "203", ""))
	if f.ui.popup.shown || f.desk.making {
		t.Errorf("shown %v, windows are still made without the keyboard: %v", f.ui.popup.shown, f.desk.making)
	}
}

type appWithBrokenWindows struct{ fyne.App }

func (a appWithBrokenWindows) Driver() fyne.Driver {
	return brokenDriver{a.App.Driver().(*desktopDriver)}
}

type brokenDriver struct{ *desktopDriver }

func (d brokenDriver) CreateSplashWindow() fyne.Window {
	return brokenWindow{d.desktopDriver.CreateSplashWindow()}
}

type brokenWindow struct{ fyne.Window }

func (brokenWindow) Show() { panic(errors.New("no monitor")) }

type appWithoutScreen struct{ fyne.App }

func (a appWithoutScreen) Driver() fyne.Driver {
	return driverWithoutScreen{a.App.Driver().(*desktopDriver)}
}

type driverWithoutScreen struct{ *desktopDriver }

func (driverWithoutScreen) CreateSplashWindow() fyne.Window { panic(errors.New("no monitor")) }

// A notice takes the room that its words need, and no blank lines.
func TestNoticeIsAsHighAsItsWords(t *testing.T) {
	f := newFixture(t)
	f.desk.corner, f.desk.scale = [2]int{1920, 1200}, 1
	f.online()
	p := &f.ui.popup
	height := func(notice string) float32 {
		t.Helper()
		p.note(notice)
		f.settle()
		if got, want := f.desk.picture.Rect.Dy(), int(math.Ceil(float64(p.size().Height))); p.words.Cut() || got != want {
			t.Errorf("%q is cut: %v, in a popup %v high, want %v", notice, p.words.Cut(), got, want)
		}
		return p.size().Height
	}
	short := height("It did not work.")
	if two := height(text.Say("This is a test") + strings.Repeat(" and more", 6)); two != short {
		t.Errorf("with two lines the popup is %v high, with one %v", two, short)
	}
	if long := height(strings.Repeat("This did not work. ", 10)); long <= short {
		t.Errorf("with many lines the popup is %v high, with one %v", long, short)
	}
	if again := height("It did not work."); again != short {
		t.Errorf("a short notice after a long one makes the popup %v high, want %v", again, short)
	}
}
