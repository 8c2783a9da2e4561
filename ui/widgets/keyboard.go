package widgets

import "fyne.io/fyne/v2"

// KeyHandler gets the keys that a widget has no use for: the window, which has its own. Fyne hands a key to
// the widget that has the keyboard, and to nothing else.
type KeyHandler interface {
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
func onlyEscape(k KeyHandler, e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		k.TypedKey(e)
	}
}
