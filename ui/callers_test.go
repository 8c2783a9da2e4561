package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calltray/cstasession/csta"
	"calltray/internal/account"
)

// Who has called is known by name afterwards: when they are called back, when they call without a name, and when
// their name is typed.
func TestCallersAreRemembered(t *testing.T) {
	f := newFixture(t)
	p := f.openOffice()
	f.tells(colleague("202", "Bo Lund"))
	f.inOffice(ended("1", csta.Missed, "22334455", "Ærø Bageri"))
	f.remembers(1)
	f.phone.asked = make(chan string)

	f.ui.Dial("22334455") // "Call back"
	f.settle()
	if got := f.ui.window.message; got != "Dialling Ærø Bageri · 22 33 44 55 …" {
		t.Errorf("called back, it says %q", got)
	}
	if got := f.asked(); got != "call 22334455" {
		t.Errorf("the phone was asked to %s", got)
	}
	f.until("it is done", func() bool { return f.ui.window.number == "" })
	out := call("2", csta.Calling, "22334455", "")
	out.Direction = csta.Outgoing
	f.inOffice(out)
	if got := f.ui.window.calls.rows[0].first.Text; got != "Ærø Bageri" {
		t.Errorf("the row of the call says %q", got)
	}
	f.inOffice(ended("2", csta.NoAnswer, "22334455", ""))
	f.past("Ærø Bageri", "No answer")
	f.inOffice(call("3", csta.Ringing, "22334455", ""))
	if got := f.ui.popup.cards[0].name.Text; got != "Ærø Bageri" {
		t.Errorf("the popup says %q", got)
	}
	f.inOffice()

	f.typed("bage")
	if got := p.listed(); got != "22334455" || p.rows()[0].do.Text != "Recent call" {
		t.Errorf("a name finds %q", got)
	}
	if line := p.rows()[0].extension; line.Cut() {
		t.Errorf("of %q, only a part is seen", line.Text)
	}
	f.press(fyne.KeyReturn)
	if got := f.asked(); got != "call 22334455" {
		t.Errorf("the phone was asked to %s", got)
	}
	f.until("it is done", func() bool { return f.ui.window.number == "" })
	f.typed("b")
	if got := p.listed(); got != "202 22334455" {
		t.Errorf("colleagues come first: %q", got)
	}
}

// A keyring that the user was asked about, and said no, is asked again when the user says so.
func TestLockedKeyringHasAButton(t *testing.T) {
	retried := 0
	f := newFixture(t, func(c *Config) { c.Retry = func() { retried++ } })
	f.openWindow()
	f.show(csta.Connecting, csta.ErrNoAnswer)
	if f.ui.window.calls.retry.Visible() {
		t.Error("while it connects by itself there is a button")
	}
	for _, err := range []error{account.ErrKeyringLocked, account.ErrKeyringUnavailable} {
		f.show(csta.Connecting, err)
		test.Tap(f.page().button("Try now"))
	}
	if retried != 2 {
		t.Errorf("it was tried again %d times", retried)
	}
}

// The list begins at the top when there is nothing to say above it.
func TestNoGapAboveTheColleagues(t *testing.T) {
	f := newFixture(t)
	f.openWindow()
	f.tell(csta.State{Status: csta.Online, Trunk: csta.Off})
	f.settle()
	p := f.ui.window.side.colleagues
	low := p.list.Box.Position().Y
	f.inOffice()
	f.tells(colleague("202", "Bo Lund"))
	if high := p.list.Box.Position().Y; !strings.Contains(p.listed(), "202") || high >= low {
		t.Errorf("the list is at %v, with a sentence above it at %v", high, low)
	}
}
