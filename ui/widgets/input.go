package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Input is a text field of one line that hands Esc and the function keys on; Fyne's own keeps them.
type Input struct {
	widget.Entry
	keys KeyHandler
	// Before, if set, gets every key first, and reports whether it took it.
	Before func(*fyne.KeyEvent) bool
	// Paste, if set, gets what is pasted over all that there is, and reports whether it took it.
	Paste func(content string) bool
	// OnFocus, if set, is called when the field gets the keyboard.
	OnFocus func()
}

// NewInput makes an empty field.
func NewInput(k KeyHandler) *Input {
	i := &Input{keys: k}
	i.Wrapping = fyne.TextWrapOff
	i.ExtendBaseWidget(i)
	return i
}

// NewPasswordInput makes a field that shows dots.
func NewPasswordInput(k KeyHandler) *Input {
	i := NewInput(k)
	i.Password = true
	return i
}

// Fill replaces the text. It draws nothing if that is the same.
func (i *Input) Fill(text string) {
	if i.Text != text {
		i.SetText(text)
	}
}

// FocusGained is for Fyne.
func (i *Input) FocusGained() {
	i.Entry.FocusGained()
	if i.OnFocus != nil {
		i.OnFocus()
	}
}

// KeyDown hands the key on, and uses it too.
func (i *Input) KeyDown(e *fyne.KeyEvent) {
	i.keys.KeyDown(e)
	i.Entry.KeyDown(e)
}

// TypedKey hands Esc on, and uses any other key.
func (i *Input) TypedKey(e *fyne.KeyEvent) {
	switch {
	case i.Before != nil && i.Before(e):
	case e.Name == fyne.KeyEscape:
		i.keys.TypedKey(e)
	default:
		i.Entry.TypedKey(e)
	}
}

// Copier is a KeyHandler that wants to know what is copied or cut in its fields, and is on the clipboard from then on.
type Copier interface{ Copied(text string) }

// TypedShortcut is for Fyne.
func (i *Input) TypedShortcut(s fyne.Shortcut) {
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
