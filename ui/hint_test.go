package ui

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/ui/widgets"
)

// A hint comes beside its button after a moment, inside of the window, and moves nothing. It goes with the pointer, and with
// the button.
func TestHintBesideItsButton(t *testing.T) {
	f := newFixture(t)
	f.ui.settings.Popup = account.PopupOff // the test driver knows the places of one window only
	f.openWindow()
	f.online(ended("1", csta.Missed, "203", ""), call("2", csta.Ringing, "204", "")) // with a call, all buttons are there
	f.past("203", "")
	h, before := f.ui.window.hint, f.everyPlace()
	driver := fyne.CurrentApp().Driver()
	count := 0
	visible(f.ui.window.calls.root, func(o fyne.CanvasObject) {
		b, ok := o.(*widgets.Action)
		if !ok || b.Hint == "" && b.Why == "" {
			return
		}
		count++
		b.MouseIn(nil)
		if h.bubble.Visible() {
			t.Errorf("%q comes before the pointer rests", b.Hint+b.Why)
		}
		f.until("it is told", h.bubble.Visible)
		at, size, of := h.bubble.Position(), h.bubble.Size(), driver.AbsolutePositionForObject(b)
		if room := h.root.Size(); at.X < 0 || at.Y < 0 || at.X+size.Width > room.Width || at.Y+size.Height > room.Height || h.words.Cut() {
			t.Errorf("%q is at %v, %v, in a window of %v", h.words.Text, at, size, room)
		}
		if at.Y < of.Y+b.Size().Height && of.Y < at.Y+size.Height {
			t.Errorf("%q lies upon its button", h.words.Text)
		}
		if got := f.everyPlace(); got != before {
			t.Errorf("%q moved\n%s\nto\n%s", h.words.Text, before, got)
		}
		b.MouseOut()
		if h.bubble.Visible() {
			t.Errorf("%q stays", h.words.Text)
		}
	})
	if count < 7 {
		t.Errorf("%d buttons have something to tell", count)
	}
	f.ui.window.calls.ask.MouseIn(nil)
	f.until("it is told", h.bubble.Visible)
	f.ui.window.open(pageSettings)
	if h.bubble.Visible() {
		t.Error("it outlives its button")
	}
}

// everyPlace writes down where all buttons of the window are.
func (f *fixture) everyPlace() string {
	var b strings.Builder
	visible(f.ui.window.calls.root, func(o fyne.CanvasObject) {
		if a, is := o.(*widgets.Action); is {
			fmt.Fprintln(&b, a.Text, a.Hint, fyne.CurrentApp().Driver().AbsolutePositionForObject(o))
		}
	})
	return b.String()
}

// A message takes its room from the lower end of the list: nothing above moves, and all of it can be read.
func TestMessageMovesNothing(t *testing.T) {
	f := newFixture(t)
	f.ui.settings.Popup = account.PopupOff // the test driver knows the places of one window only
	page := f.openWindow()
	f.online(ended("1", csta.Missed, "203", ""))
	row := f.past("203", "")
	at := func() fyne.Position { return fyne.CurrentApp().Driver().AbsolutePositionForObject(row.box) }
	before, buttons := at(), f.places()
	if page.messageBox.Visible() {
		t.Error("there is room for a message, and none to show")
	}
	for _, words := range []string{"A sentence.", strings.Repeat("A long sentence that has many words. ", 8)} {
		f.ui.tell(words)
		if page.message.Cut() || page.message.Size().Height < 1 || !page.messageBox.Visible() {
			t.Errorf("%q is cut", words)
		}
		foot := page.messageBox.Position().Y + page.messageBox.Size().Height
		if foot > page.column.Size().Height+0.5 || page.recentArea.Size().Height < 1 {
			t.Errorf("%q ends at %v of %v", words, foot, page.column.Size().Height)
		}
		if at() != before || f.places() != buttons {
			t.Errorf("%q moves the row from %v to %v, or the buttons", words, before, at())
		}
	}
	lasting(t, &page.grown)
	test.Tap(row.dial)
	f.notAsked("a click while the list changes its height")
	f.ui.tell("")
	if page.messageBox.Visible() || at() != before {
		t.Error("without a message there is room for one, or the row has moved")
	}
}

// On a small screen the window does not grow below its edge: the recent calls give way to calls and message, and come back.
func TestCallsFitASmallScreen(t *testing.T) {
	f := newFixture(t)
	f.ui.settings.Popup = account.PopupOff // the test driver knows the places of one window only
	page := f.openWindow()
	small := fyne.NewSize(960, 523) // what 1024 by 600 leaves, with a panel and a frame
	f.ui.window.window.Resize(small)
	f.online(call("1", csta.Active, "203", ""))
	if !page.recentArea.Visible() || page.root.MinSize().Height > small.Height {
		t.Errorf("one call: the recent calls are shown: %v, the page needs %v", page.recentArea.Visible(), page.root.MinSize())
	}
	f.online(call("1", csta.Active, "203", ""), call("2", csta.Held, "204", ""))
	f.ui.tell(strings.Repeat("A long sentence that has many words. ", 4))
	if page.recentArea.Visible() || page.message.Cut() || page.root.MinSize().Height > small.Height {
		t.Errorf("two calls and a message: the recent calls are shown: %v, the page needs %v", page.recentArea.Visible(), page.root.MinSize())
	}
	f.ui.tell("")
	if !page.recentArea.Visible() {
		t.Error("the recent calls do not come back")
	}
	f.online(call("1", csta.Active, "203", ""), call("2", csta.Held, "204", ""), call("3", csta.Ringing, "205", ""))
	if page.recentArea.Visible() || page.callsArea.Size().Height < callRows*callRowHeight || page.root.MinSize().Height > small.Height {
		t.Errorf("three calls have %v, and the page needs %v", page.callsArea.Size(), page.root.MinSize())
	}
}
