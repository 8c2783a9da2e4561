package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// KeyField is a field for pressing a key, not for typing. Tab and Esc work as elsewhere.
type KeyField struct {
	widget.Entry
	keys KeyHandler
	held map[fyne.KeyName]bool // the modifiers being held
	// OnKey is called with a key and its modifiers. AltGr is not one of them: it produces characters.
	OnKey func(ctrl, alt, shift, super bool, name fyne.KeyName)
	// OnFocus, if set, is called when the field gets or loses the keyboard focus.
	OnFocus func(has bool)
}

// NewKeyField returns an empty field.
func NewKeyField(k KeyHandler) *KeyField {
	f := &KeyField{keys: k, held: map[fyne.KeyName]bool{}}
	f.ExtendBaseWidget(f)
	return f
}

// Fill replaces the text.
func (f *KeyField) Fill(text string) {
	if f.Text != text {
		f.SetText(text)
	}
}

// FocusGained implements fyne.Focusable.
func (f *KeyField) FocusGained() {
	f.Entry.FocusGained()
	if f.OnFocus != nil {
		f.OnFocus(true)
	}
}

// FocusLost implements fyne.Focusable.
func (f *KeyField) FocusLost() {
	f.Entry.FocusLost()
	clear(f.held)
	if f.OnFocus != nil {
		f.OnFocus(false)
	}
}

var modifiers = map[fyne.KeyName]bool{
	desktop.KeyControlLeft: true, desktop.KeyControlRight: true, desktop.KeyAltLeft: true, desktop.KeyAltRight: true,
	desktop.KeyShiftLeft: true, desktop.KeyShiftRight: true, desktop.KeySuperLeft: true, desktop.KeySuperRight: true,
}

// KeyDown reports the key, unless it is a modifier.
func (f *KeyField) KeyDown(e *fyne.KeyEvent) {
	h := f.held
	switch {
	case f.Disabled():
	case modifiers[e.Name]:
		h[e.Name] = true
	case e.Name == fyne.KeyTab || e.Name == fyne.KeyEscape || f.OnKey == nil:
	default:
		f.OnKey(h[desktop.KeyControlLeft] || h[desktop.KeyControlRight], h[desktop.KeyAltLeft],
			h[desktop.KeyShiftLeft] || h[desktop.KeyShiftRight], h[desktop.KeySuperLeft] || h[desktop.KeySuperRight], e.Name)
	}
}

// KeyUp implements desktop.Keyable.
func (f *KeyField) KeyUp(e *fyne.KeyEvent) { delete(f.held, e.Name) }

// TypedKey passes Esc on.
func (f *KeyField) TypedKey(e *fyne.KeyEvent) { onlyEscape(f.keys, e) }

// TypedRune does nothing.
func (f *KeyField) TypedRune(rune) {}

// TypedShortcut does nothing: Ctrl+C is a hotkey here.
func (f *KeyField) TypedShortcut(fyne.Shortcut) {}
