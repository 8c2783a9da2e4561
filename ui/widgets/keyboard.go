package widgets

import "fyne.io/fyne/v2"

// KeyHandler receives the keys that a widget does not use: the window, which has its own. Fyne passes a key to
// the focused widget, and to nothing else.
type KeyHandler interface {
	KeyDown(*fyne.KeyEvent)
	TypedKey(*fyne.KeyEvent)
	TypedRune(rune)
}

// noKeys is for a widget in a window that never has the keyboard focus.
type noKeys struct{}

func (noKeys) KeyDown(*fyne.KeyEvent)  {}
func (noKeys) TypedKey(*fyne.KeyEvent) {}
func (noKeys) TypedRune(rune)          {}

// onlyEscape passes the key to k if it is Esc.
func onlyEscape(k KeyHandler, e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		k.TypedKey(e)
	}
}
