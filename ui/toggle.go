package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Tick boxes and lists to choose from, which let the window's keys through: Fyne gives a key to what has
// the keyboard, and to nobody else.

var (
	_ desktop.Keyable = (*toggle)(nil)
	_ desktop.Keyable = (*selection)(nil)
)

// toggle is a tick box that shows what is told, and not what was last clicked.
type toggle struct {
	widget.Check
	window  *mainWindow // it gets its keys
	filling bool
}

func newToggle(w *mainWindow, label string, changed func(on bool)) *toggle {
	t := &toggle{window: w}
	t.Text = label
	t.OnChanged = func(on bool) {
		if !t.filling {
			changed(on)
		}
	}
	t.ExtendBaseWidget(t)
	return t
}

// KeyDown, KeyUp and TypedKey give the window its keys.
func (t *toggle) KeyDown(e *fyne.KeyEvent)  { t.window.keyDown(e) }
func (t *toggle) KeyUp(*fyne.KeyEvent)      {}
func (t *toggle) TypedKey(e *fyne.KeyEvent) { t.window.typedEscape(e) }

func (t *toggle) set(on, usable bool) {
	t.filling = true
	defer func() { t.filling = false }()
	if t.Checked != on {
		t.SetChecked(on)
	}
	switch {
	case usable && t.Disabled():
		t.Enable()
	case !usable && !t.Disabled():
		t.Disable()
	}
}

// selection is a list of which one is chosen.
type selection struct {
	widget.Select
	window *mainWindow // it gets its keys
}

func newSelection(w *mainWindow, options []string, changed func(string)) *selection {
	s := &selection{window: w}
	s.Options, s.OnChanged = options, changed
	s.ExtendBaseWidget(s)
	return s
}

// KeyDown, KeyUp and TypedKey give the window its keys.
func (s *selection) KeyDown(e *fyne.KeyEvent) { s.window.keyDown(e) }
func (s *selection) KeyUp(*fyne.KeyEvent)     {}
func (s *selection) TypedKey(e *fyne.KeyEvent) {
	s.window.typedEscape(e)
	s.Select.TypedKey(e)
}
