package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

var (
	_ desktop.Keyable = (*Toggle)(nil)
	_ desktop.Keyable = (*Selection)(nil)
)

// Toggle is a tick box that shows what it was last set to, not what was last clicked.
type Toggle struct {
	widget.Check
	keys    KeyHandler
	filling bool
	// OnFocus, if set, is called when the box gets the keyboard.
	OnFocus func()
}

// NewToggle makes a tick box. changed is called when the user clicks it, and not by Set.
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

// FocusGained is for Fyne.
func (t *Toggle) FocusGained() {
	t.Check.FocusGained()
	if t.OnFocus != nil {
		t.OnFocus()
	}
}

// KeyDown hands the key on.
func (t *Toggle) KeyDown(e *fyne.KeyEvent) { t.keys.KeyDown(e) }

// KeyUp does nothing.
func (t *Toggle) KeyUp(*fyne.KeyEvent) {}

// TypedKey hands Esc on.
func (t *Toggle) TypedKey(e *fyne.KeyEvent) { onlyEscape(t.keys, e) }

// Set ticks the box or not, and enables or disables it.
func (t *Toggle) Set(on, usable bool) {
	t.filling = true
	defer func() { t.filling = false }()
	if t.Checked != on {
		t.SetChecked(on)
	}
	Enable(t, usable)
}

// Selection is a drop-down list.
type Selection struct {
	widget.Select
	keys KeyHandler
	// OnFocus, if set, is called when the list gets the keyboard.
	OnFocus func()
}

// NewSelection makes a drop-down list. changed may be nil.
func NewSelection(k KeyHandler, options []string, changed func(string)) *Selection {
	s := &Selection{keys: k}
	s.Options, s.OnChanged, s.PlaceHolder = options, changed, "–"
	s.ExtendBaseWidget(s)
	return s
}

// FocusGained is for Fyne.
func (s *Selection) FocusGained() {
	s.Select.FocusGained()
	if s.OnFocus != nil {
		s.OnFocus()
	}
}

// KeyDown hands the key on.
func (s *Selection) KeyDown(e *fyne.KeyEvent) { s.keys.KeyDown(e) }

// KeyUp does nothing.
func (s *Selection) KeyUp(*fyne.KeyEvent) {}

// TypedKey hands Esc on, and moves through the list.
func (s *Selection) TypedKey(e *fyne.KeyEvent) {
	onlyEscape(s.keys, e)
	s.Select.TypedKey(e)
}
