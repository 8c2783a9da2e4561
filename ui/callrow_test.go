package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

func TestWindowCallRows(t *testing.T) {
	f := newFixture(t)
	page := f.openWindow()
	ring, talk := call("1", csta.Ringing, "203", "Bo"), call("2", csta.Held, "22334455", "")
	f.online(talk, ring)
	for i, want := range []string{"Answer, Transfer, Decline", "Resume, Hang up"} {
		if got := buttons(page.rows[i]); got != want {
			t.Errorf("row %d offers %s, want %s", i, got, want)
		}
	}
	if got := page.rows[1].second.Text; got != "On hold" {
		t.Errorf("the held call says %q", got)
	}
	page.rows[1].moved = time.Time{}
	f.row(2).press("Hang up")
	if got := f.asked(); got != "clear 2" {
		t.Errorf("the phone was asked to %q", got)
	}
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
	f.show(csta.Offline, csta.ErrLoginRefused, talk, ring)
	for i, want := range []string{"(Answer), (Transfer), (Decline)", "(Resume), (Hang up)"} {
		if got := buttons(page.rows[i]); got != want {
			t.Errorf("offline, row %d offers %s, want %s", i, got, want)
		}
	}
}

// What a row says behind the name: who is asked, about whom; and first of all how to greet.
func TestRowDetails(t *testing.T) {
	f := newFixture(t)
	page := f.openWindow()
	queued := call("1", csta.Held, "22334455", "Ærø Bageri")
	queued.Via, queued.ViaName = "400", "Reception"
	other := call("2", csta.Held, "33445566", "Bo & Søn")
	f.online(queued, other, asking("2-att", csta.Active, other, "202", "Åse"))
	for i, want := range []string{"for Reception (400) · 22 33 44 55 · On hold", "33 44 55 66 · On hold", "202 · Asking · about Bo & Søn"} {
		if got := page.rows[i].second.Text; got != want {
			t.Errorf("row %d says %q, want %q", i, got, want)
		}
	}
	f.online(asking("2-att", csta.Active, other, "202", "Åse"))
	if got := page.rows[0].second.Text; strings.Contains(got, "about") {
		t.Errorf("with nobody to ask about, the row says %q", got)
	}
}

// buttons writes down what a row offers; in brackets what is out of use.
func buttons(r *callRow) string {
	var words []string
	for _, b := range r.buttons {
		switch {
		case !b.Visible():
		case b.Disabled():
			words = append(words, "("+b.Text+")")
		default:
			words = append(words, b.Text)
		}
	}
	return strings.Join(words, ", ")
}

// A click on a call makes it the one that is acted upon, which is marked where there are others.
func TestClickMakesTheSubject(t *testing.T) {
	f := newFixture(t)
	page := f.openWindow()
	talk, held := call("1", csta.Active, "203", "Bo"), call("2", csta.Held, "22334455", "")
	marked := func() string {
		var ids []string
		for _, r := range page.rows {
			if r.box.Visible() && r.stripe.Visible() {
				ids = append(ids, r.call.ID.CallID)
			}
		}
		return strings.Join(ids, " ")
	}
	f.online(talk)
	if marked() != "" {
		t.Errorf("the only call is marked")
	}
	f.online(talk, held)
	if marked() != "1" {
		t.Errorf("marked is %q, want the call that is talked in", marked())
	}
	lasting(t, &page.rows[1].moved)
	test.Tap(f.row(2).area())
	if marked() != "1" {
		t.Errorf("marked is %q after a click on a row that has just come", marked())
	}
	page.rows[1].moved = time.Time{}
	test.Tap(f.row(2).area())
	if marked() != "2" {
		t.Errorf("marked is %q after a click on 2", marked())
	}
	f.press(fyne.KeyF9)
	if got := f.asked(); got != "clear 2" {
		t.Errorf("the phone was asked to %q", got)
	}
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
	f.online(talk, call("2", csta.Active, "22334455", ""))
	if f.ui.chosenCall != (csta.ConnectionID{}) {
		t.Error("the choice outlives the phase of its call")
	}
}

// The calls that ring stand first, who has waited longest on top; then the others, oldest first.
func TestOrderOfTheRows(t *testing.T) {
	ring, ring2, unsure := call("r", csta.Ringing, "1", ""), call("s", csta.Ringing, "2", ""), call("u", csta.Ringing, "3", "")
	talk, held, dials := call("t", csta.Active, "4", ""), call("h", csta.Held, "5", ""), call("d", csta.Calling, "6", "")
	unsure.Uncertain = true
	many := []csta.Call{talk}
	for n := range maxWindowCalls + 1 {
		many = append(many, call(fmt.Sprint(n), csta.Ringing, "7", ""))
	}
	for _, c := range []struct {
		calls []csta.Call
		want  string
	}{
		{nil, ""},
		{[]csta.Call{held, talk, dials}, "h t d"},
		{[]csta.Call{talk, ring}, "r t"},
		{[]csta.Call{held, ring, talk, ring2}, "r s h t"},
		{[]csta.Call{unsure, ring, ended("e", csta.Missed, "1", ""), ring2}, "r s u"},
		{many, "0 1 2 3 4 5 6 7 8 9 10 t"},
	} {
		f := newFixture(t)
		f.openWindow()
		f.online(c.calls...)
		for _, width := range []float32{wideFrom, narrowWidth} {
			f.drag(width, 690)
			var ids []string
			for n := range f.ui.window.calls.rows {
				r := f.ui.window.calls.rows[n]
				if r.box.Visible() {
					ids = append(ids, r.call.ID.CallID)
				}
				if above := float32(n) * f.ui.window.calls.rowHeight(); r.box.Visible() && r.box.Position().Y != above {
					t.Errorf("the row of %s is at %v, want %v", r.call.ID.CallID, r.box.Position().Y, above)
				}
			}
			if got := strings.Join(ids, " "); got != c.want {
				t.Errorf("%v wide, the rows are %q, want %q", width, got, c.want)
			}
		}
	}
}

// A call that rings pushes those below it down, and one that goes lets them move up: a tap just then is not meant for the
// call that is now in that place. What has not moved can be tapped.
func TestRowsThatMoveIgnoreTaps(t *testing.T) {
	f := newFixture(t)
	page := f.openWindow()
	first, second, ring := call("1", csta.Active, "203", ""), call("2", csta.Held, "204", ""), call("3", csta.Ringing, "205", "")
	f.online(first, second)
	f.still()
	f.online(first, second, ring)
	for n, button := range []string{"Decline", "Hang up", "Hang up"} {
		lasting(t, &page.rows[n].moved)
		f.row(n + 1).press(button)
		f.notAsked("a tap on a row whose call has just changed")
	}
	f.still()
	f.online(first, ended("2", csta.Answered, "204", ""), ring)
	f.row(2).press("Hang up")
	if got := f.asked(); got != "clear 1" {
		t.Errorf("in a row that has not moved, the phone was asked to %q", got)
	}
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
	f.still()
	f.online(first)
	lasting(t, &page.rows[0].moved)
	hangUp := f.row(1).button("Hang up")
	test.Tap(hangUp)
	f.notAsked("a tap on a row that has moved up")
	page.rows[0].moved = time.Now().Add(-tapGuard)
	test.Tap(hangUp)
	if got := f.asked(); got != "clear 1" {
		t.Errorf("the phone was asked to %q", got)
	}
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
}

// The keyboard moves with its call. When the call is gone, it is at the entry, and neither Space nor Enter does to another
// call, or to the number there, what was meant for that one.
func TestKeyboardMovesWithItsCall(t *testing.T) {
	for name, goes := range map[string]func(f *fixture, without, with []csta.Call){
		"before another comes": func(f *fixture, without, with []csta.Call) { f.online(without...); f.online(with...) },
		"before none comes":    func(f *fixture, without, with []csta.Call) { f.online(without...) },
		"as another comes":     func(f *fixture, without, with []csta.Call) { f.online(with...) },
		"under a question": func(f *fixture, without, with []csta.Call) {
			f.ui.window.ask("Really?", "Yes", func() bool { return true }, func() {})
			f.online(without...)
			f.ui.window.question.close()
			f.online(with...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			page := f.openWindow()
			c := f.ui.window.window.Canvas()
			talk, ring := call("1", csta.Active, "203", ""), call("2", csta.Ringing, "204", "")
			f.online(talk)
			c.Focus(f.row(1).button("Hang up"))
			f.online(talk, ring)
			page.rows[1].moved = time.Time{}
			f.press(fyne.KeySpace)
			if got := f.asked(); got != "clear 1" {
				t.Errorf("after another call has come, the phone was asked to %q", got)
			}
			f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })

			page.entry.SetText("205")
			c.Focus(f.row(2).button("Hang up"))
			goes(f, []csta.Call{ring}, []csta.Call{ring, call("3", csta.Ringing, "206", "")}) // which gets the row of the first
			if c.Focused() != page.entry {
				t.Errorf("the call is gone, and the keyboard is at %T", c.Focused())
			}
			f.still()
			lasting(t, &page.bereft)
			f.press(fyne.KeyReturn)
			f.press(fyne.KeySpace)
			f.notAsked("keys for a call that is gone")
			page.bereft = time.Now().Add(-tapGuard)
			f.press(fyne.KeyReturn)
			if got := f.asked(); got != "call 205" {
				t.Errorf("Enter a moment later asked the phone to %q", got)
			}
		})
	}
}

// A row that is chosen by a click stays under the pointer.
func TestChosenRowStays(t *testing.T) {
	f := newFixture(t)
	f.ui.settings.Popup = account.PopupOff
	page := f.openWindow()
	var calls []csta.Call
	for n := range 6 {
		calls = append(calls, call(fmt.Sprint(n), csta.Ringing, "204", ""))
	}
	f.online(calls...)
	f.still()
	page.scroll.ScrollToBottom()
	row := f.row(5).area()
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(row)
	test.Tap(row)
	if subject, _ := f.ui.subject(); subject.ID != calls[4].ID || page.scroll.Offset.Y != 3*callRowHeight {
		t.Errorf("the subject is %v, the first row in view %v", subject.ID, page.scroll.Offset.Y/callRowHeight)
	}
	if now := fyne.CurrentApp().Driver().AbsolutePositionForObject(row); now != at {
		t.Errorf("the row is at %v, was at %v", now, at)
	}
	page.scroll.ScrollToTop()
	f.press(fyne.KeyEscape)
	if subject, _ := f.ui.subject(); subject.ID != calls[0].ID || page.scroll.Offset.Y != 0 {
		t.Errorf("afterwards the subject is %v, the first row in view %v", subject.ID, page.scroll.Offset.Y/callRowHeight)
	}
}

// A button that its call no longer has loses the keyboard.
func TestKeyboardLeavesAButtonThatIsGone(t *testing.T) {
	f := newFixture(t)
	page := f.openWindow()
	f.online(call("1", csta.Active, "203", ""))
	f.ui.window.window.Canvas().Focus(f.row(1).button("Keypad"))
	f.online(call("1", csta.Held, "203", ""))
	if focused := f.ui.window.window.Canvas().Focused(); focused != page.entry {
		t.Errorf("the keyboard is at %T", focused)
	}
}

// The call that F2 answers and the one that the other keys act on are both in view, as long as the window has room; if
// not, the second one is. The window does not grow.
func TestCallsOfTheKeysAreInView(t *testing.T) {
	var calls []csta.Call
	for n := range 5 {
		calls = append(calls, call(fmt.Sprint(n), csta.Ringing, "204", ""))
	}
	talk := call("t", csta.Active, "203", "")
	for _, c := range []struct {
		rings  int
		size   fyne.Size
		top    int // the first row in view
		bottom int // the last one
	}{
		{2, windowSize, 0, 2},
		{3, windowSize, 0, 3},
		{4, windowSize, 0, 4},
		{5, fyne.NewSize(960, 560), 2, 5},
		{3, fyne.NewSize(narrowWidth, 690), 0, 3},
		{5, fyne.NewSize(narrowWidth, 690), 2, 5},
	} {
		f := newFixture(t)
		f.ui.settings.Popup = account.PopupOff // the test driver knows the places of one window only
		page := f.openWindow()
		f.drag(c.size.Width, c.size.Height)
		f.online(talk)
		f.online(append([]csta.Call{talk}, calls[:c.rings]...)...)
		top := page.scroll.Offset.Y / page.rowHeight()
		if bottom := top + page.scroll.Size().Height/page.rowHeight() - 1; top != float32(c.top) || bottom < float32(c.bottom) || bottom > float32(c.bottom)+0.9 {
			t.Errorf("%d ring in %v: the rows %v to %v are in view, want %d to %d", c.rings, c.size, top, bottom, c.top, c.bottom)
		}
		if subject := page.rows[c.rings]; subject.call.ID != talk.ID || !subject.stripe.Visible() {
			t.Errorf("%d ring: the row of %v is not marked", c.rings, subject.call.ID)
		}
		if got := f.ui.window.window.Canvas().Content().MinSize(); got.Height > c.size.Height {
			t.Errorf("%d ring: the window grows to %v", c.rings, got)
		}
		f.online(talk)
		if page.scroll.Offset.Y != 0 || page.scroll.Size().Height != page.rowHeight() {
			t.Errorf("afterwards %v are in view from %v on", page.scroll.Size().Height, page.scroll.Offset.Y)
		}
	}
}

// The second click of a double click on "Answer" does not put the call on hold, whose button is there by then.
func TestDoubleClickOnARow(t *testing.T) {
	f := newFixture(t)
	page := f.openWindow()
	f.online(call("1", csta.Ringing, "203", ""))
	row := page.rows[0]
	row.moved, row.changed = time.Time{}, time.Time{}
	f.row(1).press("Answer")
	if got := f.asked(); got != "answer 1" {
		t.Errorf("the phone was asked to %q", got)
	}
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
	f.online(call("1", csta.Active, "203", ""))
	lasting(t, &row.changed)
	f.row(1).press("Hold")
	f.notAsked("the second click")
	row.changed = time.Now().Add(-tapGuard)
	f.row(1).press("Hold")
	if got := f.asked(); got != "hold 1" {
		t.Errorf("the phone was asked to %q", got)
	}
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
}

// Of several held calls, the one that the user chose is connected; while one asks, a call that rings and was
// chosen is passed on.
func TestThirdButtonIsForTheChosenCall(t *testing.T) {
	f := newFixture(t)
	page := f.openWindow()
	first, second, talk := call("h", csta.Held, "1", ""), call("h2", csta.Held, "2", ""), call("t", csta.Active, "3", "")
	f.online(first, second, talk)
	f.ui.chosenCall = first.ID
	f.ui.render()
	f.press(fyne.KeyF8)
	f.question().press("Transfer")
	if got := f.asked(); got != "transfer t and h" {
		t.Errorf("the phone was asked to %q", got)
	}
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })

	asks, ring := asking("h-att", csta.Active, first, "202", ""), call("r", csta.Ringing, "4", "")
	f.online()
	f.online(first, asks, ring)
	f.ui.choose(ring.ID)
	page.entry.SetText("203")
	if page.transfer.Text != "Transfer" {
		t.Errorf("the button says %q", page.transfer.Text)
	}
	f.press(fyne.KeyF8)
	if got := f.asked(); got != "deflect r to 203" {
		t.Errorf("the phone was asked to %q", got)
	}
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
}

// While somebody is asked, Enter and F5 say what to do next.
func TestEnterWhileAsking(t *testing.T) {
	f := newFixture(t)
	f.openWindow()
	held := call("h", csta.Held, "1", "")
	f.online(held, asking("h-att", csta.Active, held, "202", ""))
	for _, key := range []fyne.KeyName{fyne.KeyReturn, fyne.KeyF5} {
		f.ui.tell("")
		f.press(key)
		if got, want := f.ui.window.message, "Press F8 to transfer, or F6 to go back to the caller."; got != want {
			t.Errorf("%s says %q, want %q", key, got, want)
		}
	}
	f.notAsked("Enter while asking")
}

// What the PBX does not offer is greyed, and the reason stands beside it as long as the pointer rests on it.
func TestGreyedButtonTellsWhy(t *testing.T) {
	f := newFixture(t)
	page := f.openWindow()
	f.ui.tell("A message.")
	f.ui.Show(csta.State{Status: csta.Online, Calls: []csta.Call{call("1", csta.Active, "203", "")},
		Refused: map[string]string{"HoldCall": "serviceNotSupported"}})
	f.settle()
	if got, want := buttons(page.rows[0]), "(Hold), Transfer, Keypad, Hang up"; got != want {
		t.Errorf("the row offers %s, want %s", got, want)
	}
	hold := f.row(1).button("Hold")
	hold.MouseIn(nil)
	f.until("it tells why", f.ui.window.hint.bubble.Visible)
	if got, want := f.ui.window.hint.words.Text, text.RefusedWords("HoldCall", "serviceNotSupported"); got != want {
		t.Errorf("under the pointer it says %q, want %q", got, want)
	}
	hold.MouseOut()
	if f.ui.window.hint.bubble.Visible() || page.message.Text != "A message." {
		t.Errorf("afterwards the hint stays, or it says %q", page.message.Text)
	}
	f.press(fyne.KeyF3)
	f.notAsked("a service that was refused")
	if got, want := page.message.Text, text.RefusedWords("HoldCall", "serviceNotSupported"); got != want {
		t.Errorf("F3 says %q, want %q", got, want)
	}
}

// The third button beside the entry says what it does, without another place or width.
func TestTransferButtonSaysWhatItDoes(t *testing.T) {
	f := newFixture(t)
	page := f.openWindow()
	held := call("h", csta.Held, "22334455", "")
	width := page.transfer.MinSize()
	for _, c := range []struct {
		calls   []csta.Call
		want    string
		primary *widgets.Action
	}{
		{nil, "Transfer", page.dial},
		{[]csta.Call{call("r", csta.Ringing, "1", "")}, "Transfer", page.dial},
		{[]csta.Call{call("t", csta.Active, "1", "")}, "Transfer", page.ask},
		{[]csta.Call{held, asking("h-att", csta.Calling, held, "202", "")}, "Transfer", page.dial},
		{[]csta.Call{held, call("t", csta.Active, "1", "")}, "Transfer", page.ask},
		{[]csta.Call{held, call("h2", csta.Held, "2", ""), call("t", csta.Active, "1", "")}, "Transfer", page.ask},
	} {
		f.online()
		f.online(c.calls...)
		if page.transfer.Text != c.want || page.transfer.MinSize() != width {
			t.Errorf("%d calls: it says %q in %v, want %q in %v", len(c.calls), page.transfer.Text, page.transfer.MinSize(), c.want, width)
		}
		for _, b := range []*widgets.Action{page.dial, page.ask} {
			if stands := b.Importance == widget.HighImportance; stands != (b == c.primary) {
				t.Errorf("%q: %s stands out: %v", c.want, b.Text, stands)
			}
		}
	}
}
