package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// input is an entry of one line. Esc goes to the window: Fyne gives a key to what has the keyboard, and to
// nobody else, and an entry of Fyne's keeps the keys that it has no use for.
type input struct {
	widget.Entry
	keys keyHandler
	// before, if set, gets every key first, and reports whether it took it.
	before func(*fyne.KeyEvent) bool
}

func newInput(k keyHandler) *input {
	i := &input{keys: k}
	i.Wrapping = fyne.TextWrapOff
	i.ExtendBaseWidget(i)
	return i
}

// newPasswordInput makes an input that shows dots.
func newPasswordInput(k keyHandler) *input {
	i := newInput(k)
	i.Password = true
	return i
}

// fill replaces the text, if it is another one.
func (i *input) fill(text string) {
	if i.Text != text {
		i.SetText(text)
	}
}

// KeyDown tells the window of the key, which may be one of its shortcuts.
func (i *input) KeyDown(e *fyne.KeyEvent) {
	i.keys.KeyDown(e)
	i.Entry.KeyDown(e)
}

// TypedKey gives the window Esc.
func (i *input) TypedKey(e *fyne.KeyEvent) {
	switch {
	case i.before != nil && i.before(e):
	case e.Name == fyne.KeyEscape:
		i.keys.TypedKey(e)
	default:
		i.Entry.TypedKey(e)
	}
}
