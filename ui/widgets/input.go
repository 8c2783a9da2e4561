package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Input is a single-line text field that passes Esc and the function keys on; Fyne's own keeps them.
type Input struct {
	widget.Entry
	keys KeyHandler
	// Before, if set, receives every key first, and reports whether it handled it.
	Before func(*fyne.KeyEvent) bool
	// Paste, if set, receives what is pasted over the whole content, and reports whether it handled it.
	Paste func(content string) bool
	// OnFocus, if set, is called when the field gets the keyboard focus.
	OnFocus func()
}

// NewInput returns an empty field.
func NewInput(k KeyHandler) *Input {
	i := &Input{keys: k}
	i.Wrapping = fyne.TextWrapOff
	i.ExtendBaseWidget(i)
	return i
}

// NewPasswordInput returns a field that shows dots.
func NewPasswordInput(k KeyHandler) *Input {
	i := NewInput(k)
	i.Password = true
	return i
}

// Fill replaces the text. It draws nothing if the text is unchanged.
func (i *Input) Fill(text string) {
	if i.Text != text {
		i.SetText(text)
	}
}

// FocusGained implements fyne.Focusable.
func (i *Input) FocusGained() {
	i.Entry.FocusGained()
	if i.OnFocus != nil {
		i.OnFocus()
	}
}

// KeyDown passes the key on, and handles it as well.
func (i *Input) KeyDown(e *fyne.KeyEvent) {
	i.keys.KeyDown(e)
	i.Entry.KeyDown(e)
}

// TypedKey passes Esc on, and handles any other key.
func (i *Input) TypedKey(e *fyne.KeyEvent) {
	switch {
	case i.Before != nil && i.Before(e):
	case e.Name == fyne.KeyEscape:
		i.keys.TypedKey(e)
	default:
		i.Entry.TypedKey(e)
	}
}

// Copier is a KeyHandler that is told what is copied or cut in its fields, and is therefore on the clipboard.
type Copier interface{ Copied(text string) }

// Commander is a KeyHandler with shortcuts of its own, and reports whether it handled one. Fyne gives a shortcut only to
// the field that has the keyboard.
type Commander interface{ Command(fyne.Shortcut) bool }

// TypedShortcut implements fyne.Shortcutable.
func (i *Input) TypedShortcut(s fyne.Shortcut) {
	if c, is := i.keys.(Commander); is && c.Command(s) {
		return
	}
	text := i.SelectedText()
	if p, is := s.(*fyne.ShortcutPaste); is && i.Paste != nil && text == i.Text && i.Paste(p.Clipboard.Content()) {
		return
	}
	i.Entry.TypedShortcut(s)
	switch s.(type) {
	case *fyne.ShortcutCopy, *fyne.ShortcutCut:
		if c, wants := i.keys.(Copier); wants && text != "" && !i.Password {
			c.Copied(text)
		}
	}
}
