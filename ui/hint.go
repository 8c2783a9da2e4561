package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/ui/widgets"
)

// hint is a bubble beside the button under the pointer: what the button does, or why it is disabled. It lies over
// the window, moves nothing, and gets no pointer events.
type hint struct {
	window *mainWindow
	root   *fyne.Container // as large as the window
	bubble *fyne.Container
	words  *widgets.Lines
	of     *widgets.Action // the button under the pointer; nil for none
	asked  int             // counts the hints, to recognize outdated timers
}

const (
	// hintDelay is how long the pointer rests on a button before its hint appears.
	hintDelay   = 400 * time.Millisecond
	hintWidth   = 340 // at most
	hintPadding = 8
	hintGap     = 4 // to the button
)

func newHint(w *mainWindow) *hint {
	h := &hint{window: w, words: widgets.NewLines(8, theme.TextSize()-1, theme.ColorNameForeground)}
	h.words.Least = 1
	h.bubble = container.NewStack(widgets.NewSurface(widgets.ColorCard, theme.ColorNameInputBorder, 6),
		container.New(layout.NewCustomPaddedLayout(hintPadding-3, hintPadding-3, hintPadding, hintPadding), h.words))
	h.bubble.Hide()
	h.root = container.NewWithoutLayout(h.bubble)
	return h
}

// tell sets what the bubble says about a button, "" to hide it. It appears after a moment; new words for a visible
// bubble appear at once.
func (h *hint) tell(of *widgets.Action, words string) {
	if words == "" {
		if h.of == of {
			h.hide()
		}
		return
	}
	again := h.of == of
	h.of = of
	h.words.Set(words, theme.ColorNameForeground)
	if again && h.bubble.Visible() {
		h.place()
		return
	}
	h.bubble.Hide()
	h.asked++
	asked, u := h.asked, h.window.ui
	time.AfterFunc(hintDelay, func() {
		u.post(func() {
			if asked == h.asked && h.of == of {
				h.place()
			}
		})
	})
}

func (h *hint) hide() {
	h.of = nil
	widgets.Show(h.bubble, false)
}

// place puts the bubble below its button, or above if there is no room. It hides the bubble if the button is gone.
func (h *hint) place() {
	if h.of == nil {
		return
	}
	at, room := fyne.CurrentApp().Driver().AbsolutePositionForObject(h.of), h.root.Size()
	if at.IsZero() || h.window.question.open() { // it is not on the screen, or covered
		h.hide()
		return
	}
	width := min(h.words.Width()+2*hintPadding+1, hintWidth, room.Width-2*hintGap)
	h.bubble.Resize(fyne.NewSize(width, h.bubble.Size().Height)) // wraps the words, which gives the height
	h.bubble.Resize(fyne.NewSize(width, h.bubble.MinSize().Height))
	x := at.X + (h.of.Size().Width-width)/2
	y := at.Y + h.of.Size().Height + hintGap
	if y+h.bubble.Size().Height > room.Height-hintGap {
		y = at.Y - hintGap - h.bubble.Size().Height
	}
	h.bubble.Move(fyne.NewPos(max(hintGap, min(x, room.Width-hintGap-width)), y))
	widgets.Show(h.bubble, true)
}

// follow keeps the bubble beside its button, which may have moved or gone.
func (h *hint) follow() {
	if h.bubble.Visible() {
		h.place()
	}
}

// action makes a button that passes on the window's keys, and says in a bubble what it does and why it is disabled.
func (w *mainWindow) action(importance widget.Importance, do func(), faces ...widgets.Face) *widgets.Action {
	var a *widgets.Action
	a = widgets.NewAction(importance, func(words string) { w.hint.tell(a, words) }, do, faces...)
	a.Keys = w
	return a
}

// button makes a button with one of Fyne's icons.
func (w *mainWindow) button(importance widget.Importance, label string, icon fyne.Resource, do func()) *widgets.Action {
	a := w.action(importance, do, widgets.Face{Label: label})
	if icon != nil {
		a.SetIcon(icon)
	}
	return a
}
