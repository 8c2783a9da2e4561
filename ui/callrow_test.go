package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"calltray/cstasession/csta"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

func TestWindowCallRows(t *testing.T) {
	f := newFixture(t)
	page := f.openWindow()
	ring, talk := call("1", csta.Ringing, "203", "Bo"), call("2", csta.Held, "22334455", "")
	f.online(talk, ring)
	for i, want := range []string{"Resume, Hang up", "Answer, Transfer, Decline"} {
		if got := buttons(page.rows[i]); got != want {
			t.Errorf("row %d offers %s, want %s", i, got, want)
		}
	}
	if got := page.rows[0].second.Text; got != "On hold" {
		t.Errorf("the held call says %q", got)
	}
	page.rows[0].moved = time.Time{}
	f.row(1).press("Hang up")
	if got := f.asked(); got != "clear 2" {
		t.Errorf("the phone was asked to %q", got)
	}
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
	f.show(csta.Offline, csta.ErrLoginRefused, talk, ring)
	for i, want := range []string{"(Resume), (Hang up)", "(Answer), (Transfer), (Decline)"} {
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

// A call that comes takes the next row. One that goes lets those below it move up: a tap just then is not
// meant for them.
func TestRowsKeepTheirPlaces(t *testing.T) {
	f := newFixture(t)
	page := f.openWindow()
	first, second := call("1", csta.Active, "203", ""), call("2", csta.Held, "204", "")
	f.online(first)
	f.online(first, second)
	if got := page.rows[0].call.ID.CallID; got != "1" {
		t.Errorf("the second call pushed the first one away: %s", got)
	}
	hangUp := f.row(1).button("Hang up")
	lasting(t, &page.rows[0].moved)
	test.Tap(hangUp)
	f.notAsked("a tap on a call that has just come to where something else was")
	page.rows[0].moved = time.Time{}
	f.online(ended("1", csta.Answered, "203", ""), second)
	lasting(t, &page.rows[0].moved)
	test.Tap(hangUp)
	f.notAsked("a tap on a row whose call has just changed")
	page.rows[0].moved = time.Now().Add(-tapGuard)
	test.Tap(hangUp)
	if got := f.asked(); got != "clear 2" {
		t.Errorf("the phone was asked to %q", got)
	}
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
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
