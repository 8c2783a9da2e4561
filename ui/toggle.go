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
	keys    keyHandler
	filling bool
}

func newToggle(k keyHandler, label string, changed func(on bool)) *toggle {
	t := &toggle{keys: k}
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
func (t *toggle) KeyDown(e *fyne.KeyEvent)  { t.keys.KeyDown(e) }
func (t *toggle) KeyUp(*fyne.KeyEvent)      {}
func (t *toggle) TypedKey(e *fyne.KeyEvent) { onlyEscape(t.keys, e) }

func (t *toggle) set(on, usable bool) {
	t.filling = true
	defer func() { t.filling = false }()
	if t.Checked != on {
		t.SetChecked(on)
	}
	enable(t, usable)
}

// selection is a list of which one is chosen.
type selection struct {
	widget.Select
	keys keyHandler
}

func newSelection(k keyHandler, options []string, changed func(string)) *selection {
	s := &selection{keys: k}
	s.Options, s.OnChanged = options, changed
	s.ExtendBaseWidget(s)
	return s
}

// KeyDown, KeyUp and TypedKey give the window its keys.
func (s *selection) KeyDown(e *fyne.KeyEvent) { s.keys.KeyDown(e) }
func (s *selection) KeyUp(*fyne.KeyEvent)     {}
func (s *selection) TypedKey(e *fyne.KeyEvent) {
	onlyEscape(s.keys, e)
	s.Select.TypedKey(e)
}
