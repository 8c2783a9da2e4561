package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"calltray/cstasession"
	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/dialplan"
	"calltray/internal/journal"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// openWindow opens the main window.
func (f *fixture) openWindow() *callsPage {
	f.t.Helper()
	f.ui.ShowWindow()
	f.settle()
	if !f.ui.window.shown {
		f.t.Fatal("the window did not open")
	}
	return f.ui.window.calls
}

func TestOutcomeWords(t *testing.T) {
	test.NewTempApp(t)
	seen := map[string]csta.Outcome{}
	for o := csta.Answered; o <= csta.EndedOffline; o++ {
		c := ended("1", o, "", "")
		c.Answered, c.Since = time.Unix(100, 0), time.Unix(175, 0)
		word := text.OutcomeWord(c)
		if other, ok := seen[word]; ok || word == "" || word == "Ended" {
			t.Errorf("outcome %v is %q, as is %v", o, word, other)
		}
		seen[word] = o
	}
	if _, ok := seen["Talked 1:15"]; !ok {
		t.Errorf("no outcome tells how long it was talked: %v", seen)
	}
}

func TestFromClipboard(t *testing.T) {
	test.NewTempApp(t)
	for _, c := range []struct {
		text    string
		one     string
		choices int
	}{
		{"", "", 0},
		{"hello", "", 0},
		{"22334455", "22334455", 0},
		{"Tlf.: +45 22 33 44 55 (kontor)", "+4522334455", 0},
		{"tel:+45-22-33-44-55", "+4522334455", 0},
		{"22 33 44 55 eller 66 77 88 99", "", 2},
		{"*21*90123456#", "", 0}, // what a click must not dial
		{"Ring 90 12 34 56", "", 0},
		{"22 33 44 55 eller 90 12 34 56", "22334455", 0},
	} {
		message, one, choices := New(Config{}).fromClipboard(c.text)
		if one.Dial != c.one || len(choices) != c.choices || message == "" {
			t.Errorf("%q: %q, %q, %v, want %q and %d choices", c.text, message, one.Dial, choices, c.one, c.choices)
		}
	}
}

// Whatever is dialled has been on the screen: in the entry, and in the message.
func TestDialShowsBeforeItCalls(t *testing.T) {
	f := newFixture(t)
	page := f.openWindow()
	page.entry.SetText("+45 22.33-44 55")
	page.entry.OnSubmitted(page.entry.Text)
	if got := page.entry.Text; got != "+45 22 33 44 55" {
		t.Errorf("the entry shows %q", got)
	}
	if got, want := page.message.Text, "Dialling +45 22 33 44 55 …"; got != want {
		t.Errorf("the message is %q, want %q", got, want)
	}
	if got := f.asked(); got != "call +4522334455" {
		t.Errorf("the phone was asked to %q", got)
	}
	f.until("the entry is empty again", func() bool { return page.entry.Text == "" && page.message.Text == "" })
}

// Enter pressed again, because the PBX has not answered yet, makes no second call; when it has, it does.
func TestDialTwiceMakesOneCall(t *testing.T) {
	f := newFixture(t)
	page := f.openWindow()
	f.phone.asked = make(chan string) // the PBX takes its time
	for range 2 {
		page.entry.SetText("22334455")
		for range 3 {
			page.entry.OnSubmitted(page.entry.Text)
		}
		f.settle()
		if got := f.asked(); got != "call 22334455" {
			t.Errorf("the phone was asked to %q", got)
		}
		f.notAsked("a second Enter")
		f.until("the entry is empty again", func() bool { return page.entry.Text == "" })
	}
}

func TestDialThatFails(t *testing.T) {
	f := newFixture(t)
	f.phone.err = csta.ErrNoEffect
	f.ui.Dial("203")
	f.settle()
	f.asked()
	f.until("it is told", func() bool { return f.ui.popup.notice != "" })
	f.openWindow()
	if got, want := f.ui.window.message, "203 was not called. "+text.Explain(csta.ErrNoEffect); got != want {
		t.Errorf("the message is %q, want %q", got, want)
	}
	if got := f.ui.window.calls.entry.Text; got != "203" {
		t.Errorf("the number is gone from the entry: %q", got)
	}
}

// Somebody who is not reached is told of, also before the service that called him has returned.
func TestCallsThatReachNobody(t *testing.T) {
	for _, c := range []struct {
		outcome csta.Outcome
		says    string
	}{
		{csta.Busy, "203 is busy: try again later."},
		{csta.NoAnswer, "203 did not answer: try again later."},
		{csta.FailedCall, "203 cannot be reached: look at the number, or try again later."},
		{csta.Cancelled, ""},
		{csta.Answered, ""},
	} {
		f := newFixture(t)
		page := f.openWindow()
		f.ui.Dial("203")
		f.settle()
		over := ended("1", c.outcome, "203", "")
		over.Direction = csta.Outgoing
		f.online(over)
		f.asked()
		f.until("the entry is empty again", func() bool { return page.entry.Text == "" })
		if page.message.Text != c.says {
			t.Errorf("%v: the message is %q, want %q", c.outcome, page.message.Text, c.says)
		}
	}
}

func TestDialNotANumber(t *testing.T) {
	f := newFixture(t)
	page := f.openWindow()
	page.entry.SetText("ring to Bo")
	page.submit()
	f.notAsked("letters")
	if page.message.Text == "" || page.entry.Text != "ring to Bo" {
		t.Errorf("message %q, entry %q, want a reason and what was typed", page.message.Text, page.entry.Text)
	}
	page.entry.SetText("+45 (0) 20 12 34 56")
	page.submit()
	f.notAsked("a number with (0)")
	if len(f.ui.window.choices) != 1 || !page.choices.Visible() {
		t.Errorf("offered %v, want the number without the zero", f.ui.window.choices)
	}
}

func TestPasteAndDial(t *testing.T) {
	f := newFixture(t)
	page := f.openWindow()
	buffered := f.phone.asked
	f.phone.asked = make(chan string) // the service waits until it is looked at

	f.desk.clipboard = "Tlf.: 22 33 44 55"
	test.Tap(page.paste)
	f.until("the number is in the entry", func() bool { return page.entry.Text == "22 33 44 55" })
	if got := f.asked(); got != "call 22334455" {
		t.Errorf("the phone was asked to %q", got)
	}
	f.until("the entry is empty again", func() bool { return page.entry.Text == "" })
	f.phone.asked = buffered

	f.desk.clipboard = "22 33 44 55 eller 66 77 88 99"
	test.Tap(page.paste)
	f.until("the numbers are offered", func() bool { return page.choices.Visible() })
	f.notAsked("several numbers")
	buttons := test.LaidOutObjects(page.choices)
	var second *widgets.Action
	for _, o := range buttons {
		if b, ok := o.(*widgets.Action); ok {
			second = b
		}
	}
	if second == nil || second.Text != "66 77 88 99" {
		t.Fatalf("the last choice is %+v", second)
	}
	test.Tap(second)
	f.notAsked("a choice, which only fills the entry")
	if page.entry.Text != "66 77 88 99" || page.choices.Visible() {
		t.Errorf("entry %q, choices visible %v", page.entry.Text, page.choices.Visible())
	}

	f.desk.clipboard = "nothing here"
	page.entry.SetText("")
	test.Tap(page.paste)
	f.until("the message says that there is none", func() bool {
		return page.message.Text == "There is no telephone number on the clipboard: copy one, or type it here."
	})
	f.notAsked("no number")
}

// What is pasted into the entry is read as "Paste and dial" reads it, but for names, and is never dialled by that.
func TestPasteIntoTheEntry(t *testing.T) {
	for _, tt := range []struct{ before, pasted, want, says string }{
		{"", "Tlf.: 22 33 44 55", "22 33 44 55", "Press Enter to dial 22 33 44 55."},
		{"", "22334455\n", "22 33 44 55", "Press Enter to dial 22 33 44 55."},
		{"", "22 33 44 55 eller 66 77 88 99", "", "The clipboard holds several numbers: choose one."},
		{"", "*21*90123456#", "", "*21*90123456# changes a setting of the telephone: type it yourself if you mean it."},
		{"", "Maja Holm", "Maja Holm", ""},
		{"2233", "4455", "22334455", ""},
	} {
		f := newFixture(t)
		page := f.openWindow()
		page.entry.SetText(tt.before)
		page.entry.CursorColumn = len(tt.before)
		board := test.NewClipboard()
		board.SetContent(tt.pasted)
		page.entry.TypedShortcut(&fyne.ShortcutPaste{Clipboard: board})
		if f.settle(); page.entry.Text != tt.want || page.message.Text != tt.says {
			t.Errorf("%q over %q: the entry holds %q, it says %q", tt.pasted, tt.before, page.entry.Text, page.message.Text)
		}
		f.notAsked("what was pasted")
	}
}

// In a call, Enter asks whom the number belongs to, and says so; it does not say that it dials.
func TestEnterSaysWhatItDoes(t *testing.T) {
	f := newFixture(t)
	page := f.openWindow()
	f.online(call("1", csta.Active, "203", ""))
	f.ui.suggest("22334455")
	f.settle()
	if want := "Press Enter to ask 22 33 44 55 first."; page.message.Text != want {
		t.Errorf("it says %q, want %q", page.message.Text, want)
	}
	f.press(fyne.KeyReturn)
	if got := f.asked(); got != "consult 1 with 22334455" {
		t.Errorf("Enter asked the phone to %q", got)
	}
}

// Where the clipboard cannot be read without a window, the window's own is read.
func TestPasteThroughFyne(t *testing.T) {
	f := newFixture(t)
	f.desk.clipErr = errors.ErrUnsupported
	page := f.openWindow()
	f.ui.app.Clipboard().SetContent("203")
	f.ui.dialFromClipboard(false)
	f.until("the number is in the entry", func() bool { return page.entry.Text == "203" })
	f.notAsked("looking at the clipboard")
}

func TestClipboardForTheMenu(t *testing.T) {
	f := newFixture(t)
	f.desk.clipboard = "ring 22 33 44 55"
	f.ui.clipboardChanged(true)
	f.settle()
	if got := f.ui.clip.numbers; len(got) != 1 || got[0] != (dialplan.Number{Dial: "22334455", Shown: "22 33 44 55", Kind: dialplan.Mobile}) {
		t.Errorf("found %v", got)
	}
	f.desk.clipErr, f.desk.clipboard = errors.New("it hangs"), "66778899"
	f.ui.clipboardChanged(true)
	f.settle()
	if len(f.ui.clip.numbers) != 0 {
		t.Errorf("kept %v of a clipboard that cannot be read", f.ui.clip.numbers)
	}
	f.desk.clipErr, f.desk.clipboard = nil, "ring 22 33 44 55"
	f.ui.clipboardChanged(true)
	f.settle()
	f.ui.clipboardChanged(false) // another program took it: what it holds is not known
	f.settle()
	if len(f.ui.clip.numbers) != 0 {
		t.Errorf("kept %v of what was on the clipboard before", f.ui.clip.numbers)
	}
}

// Whoever looks at the window sees why it is so quiet.
func TestWindowTellsWhyNothingRings(t *testing.T) {
	f := newFixture(t)
	p := f.openWindow()
	account := p.account.Text
	f.ui.Show(csta.State{Status: csta.Online, Telephone: csta.Telephone{DoNotDisturb: csta.On,
		Forwarding: []csta.Forwarding{{Type: "forwardImmediate", Active: true, To: "22334455"}}}})
	f.settle()
	if want := "Do not disturb · all calls go to 22 33 44 55"; p.account.Text != want || p.account.Color != theme.ColorNameWarning {
		t.Errorf("it says %q in %s, want %q", p.account.Text, p.account.Color, want)
	}
	f.online()
	if p.account.Text != account || p.account.Color != widgets.ColorMuted {
		t.Errorf("afterwards it says %q", p.account.Text)
	}
}

func TestRecentCallFillsTheEntry(t *testing.T) {
	f := newFixture(t)
	page := f.openWindow()
	f.online(ended("1", csta.Missed, "22334455", "Ærø Bageri"))
	row := f.past("Ærø Bageri", "22 33 44 55 · Missed")
	page.grown = time.Time{}
	part{t, "the row", row.box}.area().TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	f.notAsked("a tap on a recent call")
	if page.entry.Text != "22 33 44 55" || f.ui.window.window.Canvas().Focused() != page.entry {
		t.Errorf("entry %q, keyboard at %T", page.entry.Text, f.ui.window.window.Canvas().Focused())
	}
	page.grown = time.Time{} // a message came
	test.Tap(row.dial)
	if got := f.asked(); got != "call 22334455" {
		t.Errorf("its button asked the phone to %q", got)
	}
	f.online(ended("2", csta.Missed, "", ""))
	if row := f.past("Number withheld", "Missed"); row.dial.Visible() {
		t.Error("a call without a number can be dialled")
	}
}

// Nothing jumps: when a call comes, when one ends, when a sentence is long, all stays where it was. Only calls, and the
// buttons at the entry, take their room from the history, which is no place to click just then.
func TestNothingMoves(t *testing.T) {
	f := newFixture(t)
	f.ui.settings.Popup = account.PopupOff // the test driver knows the places of one window only
	f.openWindow()
	f.online()
	want := f.places()
	long := errors.New("x")
	for _, step := range []struct {
		what string
		do   func()
	}{
		{"a call rings", func() {
			f.online(call("1", csta.Ringing, "22334455", "Ærø Bageri og mange flere ord til et meget langt navn"))
		}},
		{"five calls", func() {
			f.online(call("1", csta.Ringing, "1", ""), call("2", csta.Ringing, "2", ""), call("3", csta.Active, "3", ""), call("4", csta.Held, "4", ""), call("5", csta.Calling, "5", ""))
		}},
		{"they end", func() { f.online(ended("1", csta.Missed, "22334455", "Ærø")) }},
		{"offline", func() { f.show(csta.Offline, long) }},
		{"a long message", func() { f.ui.tell(text.Explain(csta.ErrTooLarge) + " " + text.Explain(csta.ErrLoginRefused)) }},
		{"choices", func() { f.ui.window.choose([]dialplan.Number{{Dial: "1", Shown: "1"}, {Dial: "2", Shown: "2"}}) }},
	} {
		step.do()
		if got := f.places(); got != want {
			t.Errorf("%s:\nmoved to %s\nfrom     %s", step.what, got, want)
		}
		if room := f.ui.window.calls.callsArea.Size().Height; step.what == "five calls" && room != callRows*callRowHeight {
			t.Errorf("five calls have %v units, want three rows", room)
		}
		if step.what == "they end" && f.ui.window.calls.calls.Visible() {
			t.Error("no calls take room")
		}
	}
}

// The buttons at the entry come when there is something for them to act on. A click that was meant for what was there before
// does nothing, a key does; and the keyboard does not stay on a button that has gone.
func TestButtonsAtTheEntryAppear(t *testing.T) {
	f := newFixture(t)
	page := f.openWindow()
	f.online()
	shown := func() (words string) {
		for _, b := range []*widgets.Action{page.dial, page.ask, page.transfer} {
			if page.actions.Visible() && b.Visible() {
				words += b.Text + " "
			}
		}
		return words
	}
	for _, step := range []struct {
		what string
		do   func()
		want string
	}{
		{"nothing", func() {}, ""},
		{"a number", func() { f.ui.window.setNumber("22334455"); f.ui.render() }, "Call "},
		{"no number", func() { f.ui.window.clear(); f.ui.render() }, ""},
		{"a call", func() { f.online(call("1", csta.Ringing, "203", "")) }, "Call Ask first Transfer "},
		{"a number and a call", func() { f.ui.window.setNumber("22334455"); f.ui.render() }, "Call Ask first Transfer "},
		{"a number again", func() { f.online(ended("1", csta.Missed, "203", "")) }, "Call "},
		{"nothing again", func() { f.ui.window.clear(); f.ui.render() }, ""},
	} {
		if step.do(); shown() != step.want {
			t.Errorf("%s: the buttons are %q, want %q", step.what, shown(), step.want)
		}
	}
	test.Type(page.entry, "22334455")
	page.dial.Tapped(nil)
	f.notAsked("a click where something else was")
	f.press(fyne.KeyReturn)
	if got := f.asked(); got != "call 22334455" {
		t.Errorf("Enter asked the phone to %q", got)
	}
	f.ui.window.setNumber("22334455")
	f.ui.render()
	canvas := f.ui.window.window.Canvas()
	canvas.Focus(page.dial)
	f.ui.window.clear()
	f.ui.render()
	if canvas.Focused() != fyne.Focusable(page.entry) {
		t.Errorf("the keyboard is on %v", canvas.Focused())
	}
}

// places writes down where everything fixed in the window is.
func (f *fixture) places() string {
	w := &f.ui.window
	p := w.calls
	var b strings.Builder
	for _, o := range []fyne.CanvasObject{p.icon, p.status, p.account, p.entry, p.paste, p.right} {
		fmt.Fprintln(&b, fyne.CurrentApp().Driver().AbsolutePositionForObject(o), o.Size())
	}
	fmt.Fprint(&b, w.window.Canvas().Size())
	return b.String()
}

func TestEscapeHidesTheWindow(t *testing.T) {
	f := newFixture(t)
	f.openWindow()
	f.ui.window.choose([]dialplan.Number{{Dial: "1", Shown: "1"}})
	escape := func() { f.press(fyne.KeyEscape) }
	escape()
	if len(f.ui.window.choices) != 0 || !f.ui.window.shown {
		t.Error("the first Esc takes the choices away")
	}
	f.ui.window.open(pageSettings)
	escape()
	if f.ui.window.page != pageCalls || !f.ui.window.shown {
		t.Error("Esc in the settings goes back to the calls")
	}
	escape()
	if f.ui.window.shown || f.ui.window.wanted {
		t.Error("Esc did not hide the window")
	}
	f.online(call("1", csta.Ringing, "203", ""))
	if f.ui.window.shown {
		t.Error("a call brought the window back")
	}
	before := len(f.ui.app.Driver().AllWindows())
	f.openWindow()
	if got := len(f.ui.app.Driver().AllWindows()); got != before {
		t.Errorf("opening it again made a window: %d, were %d", got, before)
	}
}

// Without a tray there is no way back to a hidden window, so it becomes an icon of the task bar.
func TestWindowStaysReachableWithoutATray(t *testing.T) {
	f := newFixture(t)
	f.desk.canMini = true
	f.ui.trayShown(false)
	if !f.ui.window.shown {
		t.Error("without a tray the window is shown at the start")
	}
	f.ui.window.close()
	if f.desk.minimised != 1 || !f.ui.window.shown {
		t.Errorf("minimised %d times, shown %v", f.desk.minimised, f.ui.window.shown)
	}
	f.ui.trayShown(true)
	f.ui.window.close()
	if f.desk.minimised != 1 || f.ui.window.shown {
		t.Errorf("with a tray: minimised %d times, shown %v", f.desk.minimised, f.ui.window.shown)
	}
}

func TestTypingGoesIntoTheEntry(t *testing.T) {
	f := newFixture(t)
	page := f.openWindow()
	f.online()
	c := f.ui.window.window.Canvas()
	c.Unfocus()
	c.OnTypedRune()('2')
	test.Type(page.entry, "03")
	if page.entry.Text != "203" {
		t.Errorf("the entry holds %q", page.entry.Text)
	}
	page.entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if got := f.asked(); got != "call 203" {
		t.Errorf("Enter asked the phone to %q", got)
	}
}

// Tab reaches the entry and every button of a page.
func TestTabReachesEverything(t *testing.T) {
	f := newFixture(t)
	page := f.openWindow()
	f.online(call("1", csta.Ringing, "203", ""))
	page.entry.SetText("1")
	c := f.ui.window.window.Canvas()
	reached := map[fyne.Focusable]bool{}
	for range 60 {
		c.FocusNext()
		reached[c.Focused()] = true
	}
	for name, w := range map[string]fyne.Focusable{"entry": page.entry, "call": page.dial, "paste": page.paste,
		"answer": f.row(1).button("Answer"), "decline": f.row(1).button("Decline")} {
		if !reached[w] {
			t.Errorf("Tab does not reach %s", name)
		}
	}
}

// A message that came before the window was made is there when it is.
func TestWindowShowsWhatItWasToldBefore(t *testing.T) {
	f := newFixture(t)
	f.ui.Say("A sentence.")
	f.settle()
	if f.ui.window.shown {
		t.Error("a sentence opened the window")
	}
	if got := f.openWindow().message.Text; got != "A sentence." {
		t.Errorf("the message is %q", got)
	}
}

// A number that the user types while another one is dialled is not taken away.
func TestDialLeavesWhatIsTypedMeanwhile(t *testing.T) {
	f := newFixture(t)
	page := f.openWindow()
	f.ui.Dial("203")
	f.settle()
	page.entry.SetText("112")
	f.asked()
	done := false
	f.until("the service is over", func() bool {
		f.ui.do(serviceLimit, func(context.Context) error { return nil }, func(error) { done = true })
		return done
	})
	if got := page.entry.Text; got != "112" {
		t.Errorf("the entry holds %q, want what was typed", got)
	}
}

// The password does not stay in a window that is off the screen.
func TestClosingForgetsATypedPassword(t *testing.T) {
	f := newFixture(t)
	p := f.openSettings()
	p.password.entry.SetText("hunter2")
	f.ui.window.close()
	if p.password.entry.Text != "" {
		t.Error("a hidden window keeps the password")
	}
}

func TestReasonLine(t *testing.T) {
	at := func(hour, minute, second int) time.Time {
		return time.Date(2026, 11, 22, hour, minute, second, 0, time.Local)
	}
	online := csta.State{Status: csta.Online, Since: at(8, 2, 0)}
	slow := online
	slow.Path = csta.Path{Obstacle: "x"}
	heard := cstasession.Health{LastEvent: at(9, 30, 0), RoundTrip: 38 * time.Millisecond, Checked: at(9, 34, 53)}
	missed := journal.Unseen{Count: 1, Last: csta.Party{Name: "Bo"}, Began: at(9, 1, 0)}
	for _, c := range []struct {
		state  csta.State
		missed journal.Unseen
		want   string
	}{
		{online, journal.Unseen{}, "Calls to this telephone are shown."},
		{online, missed, "1 missed call: Bo 09:01"},
		{slow, journal.Unseen{}, text.Way(slow.Path)},
		{csta.State{Status: csta.Connecting}, missed, "Calls are not seen yet."},
		{csta.State{Status: csta.Offline, Err: csta.ErrLoginRefused}, missed, text.Explain(csta.ErrLoginRefused)},
		{csta.State{Status: csta.Connecting, Err: account.ErrKeyringLocked}, missed, text.Explain(account.ErrKeyringLocked)},
	} {
		if got, _ := reasonLine(c.state, c.missed); got != c.want {
			t.Errorf("reasonLine(%v, %v) = %q, want %q", c.state.Status, c.state.Err, got, c.want)
		}
	}
	for _, c := range []struct {
		state  csta.State
		health cstasession.Health
		want   string
	}{
		{online, cstasession.Health{}, "Connected since 08:02."},
		{online, heard, "Connected since 08:02. Last event at 09:30. The PBX answered in 38 ms, 0:07 ago."},
		{csta.State{Status: csta.Connecting}, heard, "Calls are not seen yet."},
	} {
		if got := healthWords(c.state, c.health, at(9, 35, 0)); got != c.want {
			t.Errorf("healthWords(%v) = %q, want %q", c.state.Status, got, c.want)
		}
	}
}
