package ui

import "fyne.io/fyne/v2"

// keyHandler is who gets the keys for which a widget has no use: the window. Fyne gives a key to what has the
// keyboard, and to nobody else.
type keyHandler interface {
	KeyDown(*fyne.KeyEvent)
	TypedKey(*fyne.KeyEvent)
	TypedRune(rune)
}

// noKeys is for a widget of a window that never has the keyboard.
type noKeys struct{}

func (noKeys) KeyDown(*fyne.KeyEvent)  {}
func (noKeys) TypedKey(*fyne.KeyEvent) {}
func (noKeys) TypedRune(rune)          {}

// onlyEscape gives k the key if it is Esc.
func onlyEscape(k keyHandler, e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		k.TypedKey(e)
	}
}
