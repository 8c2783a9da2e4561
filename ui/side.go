package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// side is the right half of the window: the colleagues, the queues, and the user's own telephone, one at a
// time.
type side struct {
	ui   *UI
	root *fyne.Container
}

func newSide(u *UI) *side {
	return &side{ui: u, root: container.NewStack(newSurface(colorCard, colorEdge, 6))}
}

// render shows everything anew: the session's state has changed.
func (s *side) render() {}

// renderOffice shows what the exchange told of colleagues and queues.
func (s *side) renderOffice() {}

// tick brings the clocks up to date.
func (s *side) tick() {}

// filter shows the colleagues whose name or number holds the text, which is in the window's entry.
func (s *side) filter(text string) {}

// move moves the choice among the colleagues that are shown, up (-1) or down (1).
func (s *side) move(by int) {}

// chosen returns the number of the colleague who is chosen, by pointer or key, or as the first of those
// whose name the entry holds.
func (s *side) chosen() (number string, ok bool) { return "", false }

// setDoNotDisturb switches do-not-disturb of the user's telephone.
func (u *UI) setDoNotDisturb(on bool) {}

// setForwarding switches the forwarding of all calls: on, to the last number it was set to; without one it
// opens the window where one can be typed.
func (u *UI) setForwarding(on bool) {}
