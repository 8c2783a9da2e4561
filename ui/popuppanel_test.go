package ui

import (
	"slices"
	"testing"
	"time"

	"calltray/cstasession/csta"
)

// inPhase is a call that has come to a phase, and was answered at the time of a test.
func inPhase(c csta.Call, phase csta.Phase) csta.Call {
	c.Phase, c.Answered = phase, c.Since
	return c
}

// answerInPopup has a call ring, and answers it in the popup.
func (f *fixture) answerInPopup(c csta.Call) {
	f.t.Helper()
	f.online(c)
	f.tap(f.card(1).button("Answer"))
	if got := f.asked(); got != "answer "+c.ID.CallID {
		f.t.Fatalf("Answer asked the phone to %q", got)
	}
	f.online(inPhase(c, csta.Active))
}

// talks shows calls, the first of which was answered in the popup.
func (f *fixture) talks(calls ...csta.Call) {
	f.ui.popup.answered = []csta.ConnectionID{calls[0].ID}
	f.online(calls...)
}

// panel is what the popup shows of the call that was answered in it.
func (f *fixture) panel() part {
	f.t.Helper()
	if p := f.ui.popup.panel; !f.ui.popup.shown || !p.box.Visible() {
		f.t.Fatal("the popup has no panel")
	}
	return part{f.t, "the panel", f.ui.popup.panel.box}
}

// A call that is answered in the popup stays there, with what is done with a call, until it ends.
func TestCallPanel(t *testing.T) { onPlatforms(t, callPanel) }

func callPanel(t *testing.T, f *fixture) {
	ring := call("1", csta.Ringing, "22334455", "Ærø Bageri")
	f.online(ring)
	height := f.ui.popup.size().Height
	f.answerInPopup(ring)
	if p := f.panel(); len(f.cardTexts()) != 0 || f.ui.popup.size().Height >= height || f.ui.popup.panel.name.Text != "Ærø Bageri" {
		t.Errorf("cards %q, %v high in place of %v, the panel of %q", f.cardTexts(), p.root.MinSize().Height, height, f.ui.popup.panel.name.Text)
	}
	f.ui.popup.moved = time.Now()
	f.panel().press("Hold") // the second click of a double click on Answer
	f.notAsked("a click where Answer was")

	f.tap(f.panel().button("Hold"))
	if got := f.asked(); got != "hold 1" {
		t.Errorf("Hold asked the phone to %q", got)
	}
	f.online(inPhase(ring, csta.Held))
	f.tap(f.panel().button("Resume"))
	if got := f.asked(); got != "retrieve 1" {
		t.Errorf("Resume asked the phone to %q", got)
	}

	f.online(inPhase(ring, csta.Active), call("2", csta.Ringing, "203", ""))
	card, panel := f.card(1).root, f.panel().root
	if top, bottom := panel.Position().Y, card.Position().Y+card.Size().Height; top < bottom {
		t.Errorf("the panel begins at %v, and covers a card that ends at %v", top, bottom)
	}
	f.online(inPhase(ring, csta.Active))
	f.tap(f.panel().button("Hang up"))
	if got := f.asked(); got != "clear 1" {
		t.Errorf("Hang up asked the phone to %q", got)
	}
	f.tap(f.panel().button("Transfer"))
	if subject, ok := f.ui.subject(); !ok || subject.ID.CallID != "1" || !f.ui.window.shown || f.ui.window.page != pageCalls {
		t.Errorf("Transfer: the subject is %q, the window shown %v", subject.ID.CallID, f.ui.window.shown)
	}
	f.notAsked("Transfer, before it is known to whom")
	f.ui.activated(true)
	f.settle()
	if f.ui.popup.shown {
		t.Error("the panel lies over the window that the user works in")
	}
	f.ui.activated(false)
	f.settle()
	f.panel()
	f.online(ended("1", csta.Answered, "22334455", ""))
	f.online()
	if f.ui.popup.shown {
		t.Error("the call is over, and its panel is there")
	}
}

// The panel goes when it is closed, and comes for no other call.
func TestCallPanelGoes(t *testing.T) {
	ring := call("1", csta.Ringing, "22334455", "Ærø Bageri")
	f := newFixture(t)
	f.answerInPopup(ring)
	f.show(csta.Offline, nil, inPhase(ring, csta.Active))
	if f.ui.popup.shown {
		t.Error("nobody knows how the call is, and the panel shows it")
	}
	f.online(inPhase(ring, csta.Active))
	f.panel()
	second := call("2", csta.Ringing, "203", "")
	f.online(inPhase(ring, csta.Active), second)
	f.tap(f.card(1).button("Answer"))
	f.asked()
	f.online(inPhase(ring, csta.Held), inPhase(second, csta.Active))
	if got := f.ui.popup.panel.call.ID; got != second.ID {
		t.Errorf("the panel is of %v, want the call that was answered last", got)
	}
	f.online(inPhase(ring, csta.Held))
	if got := f.ui.popup.panel.call.ID; got != ring.ID {
		t.Errorf("the panel is of %v, want the call that is left", got)
	}
	f.tap(f.ui.popup.panel.cross)
	if f.ui.popup.shown {
		t.Error("the panel was closed, and is there")
	}
	f.online(inPhase(ring, csta.Active))
	if f.ui.popup.shown {
		t.Error("it is back")
	}

	f = newFixture(t)
	f.online(ring)
	f.online(inPhase(ring, csta.Active)) // answered at the telephone
	if f.ui.popup.shown {
		t.Error("a call that was not answered in the popup has a panel")
	}
	f = newFixture(t)
	f.ui.settings.NoCallPanel = true
	f.answerInPopup(ring)
	if f.ui.popup.shown {
		t.Error("the panel is switched off, and there")
	}
}

// The clock of the panel is painted alone, once a second.
func TestCallPanelClock(t *testing.T) {
	for _, scale := range []float32{1, 2} {
		f := newFixture(t)
		f.desk.scale = scale
		f.answerInPopup(call("1", csta.Ringing, "22334455", "Ærø Bageri"))
		before, panel := f.desk.picture, f.ui.popup.panel
		panel.call.Answered = panel.call.Answered.Add(-71*time.Second - 500*time.Millisecond)
		f.ticksAlone(before)
	}
}

// A hidden window has no keyboard, whatever Fyne says, and neither has the window while the question is alone: calls
// that only the window would show come up then.
func TestInWindow(t *testing.T) {
	var told []bool
	f := newFixture(t, func(c *Config) { c.OnActive = func(on bool) { told = append(told, on) } })
	f.online()
	f.ui.activated(true) // another window of ours
	f.settle()
	if len(told) > 0 {
		t.Errorf("without a window it tells %v", told)
	}
	f.openWindow()
	f.ui.window.close() // Fyne's loop rests before it reports anything
	f.settle()
	f.openWindow()
	f.ui.activated(false)
	f.settle()
	if want := []bool{true, false, true, false}; !slices.Equal(told, want) {
		t.Errorf("it tells %v, want %v", told, want)
	}
}
