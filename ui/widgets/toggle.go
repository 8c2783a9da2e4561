package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

var _ desktop.Keyable = (*Toggle)(nil)

// Toggle is a check box that shows what it was last set to, not what was last clicked.
type Toggle struct {
	widget.Check
	keys    KeyHandler
	filling bool
	// OnFocus, if set, is called when the box gets the keyboard focus.
	OnFocus func()
}

// NewToggle returns a check box. changed is called when the user clicks it, and not by Set.
func NewToggle(k KeyHandler, label string, changed func(on bool)) *Toggle {
	t := &Toggle{keys: k}
	t.Text = label
	t.OnChanged = func(on bool) {
		if !t.filling {
			changed(on)
		}
	}
	t.ExtendBaseWidget(t)
	return t
}

// FocusGained implements fyne.Focusable.
func (t *Toggle) FocusGained() {
	t.Check.FocusGained()
	if t.OnFocus != nil {
		t.OnFocus()
	}
}

// KeyDown passes the key on.
func (t *Toggle) KeyDown(e *fyne.KeyEvent) { t.keys.KeyDown(e) }

// KeyUp does nothing.
func (t *Toggle) KeyUp(*fyne.KeyEvent) {}

// TypedKey passes Esc on.
func (t *Toggle) TypedKey(e *fyne.KeyEvent) { onlyEscape(t.keys, e) }

// Set checks or unchecks the box, and enables or disables it.
func (t *Toggle) Set(on, usable bool) {
	t.filling = true
	defer func() { t.filling = false }()
	if t.Checked != on {
		t.SetChecked(on)
	}
	Enable(t, usable)
}
