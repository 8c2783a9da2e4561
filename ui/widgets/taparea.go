package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// TapArea turns what is beneath it into one big button, for the pointer and for Tab with Space or Enter.
type TapArea struct {
	widget.BaseWidget
	keys             KeyHandler
	tapped           func()
	focused, hovered bool
	rect             *canvas.Rectangle
}

var (
	_ fyne.Focusable    = (*TapArea)(nil)
	_ fyne.Tappable     = (*TapArea)(nil)
	_ desktop.Keyable   = (*TapArea)(nil)
	_ desktop.Hoverable = (*TapArea)(nil)
)

// NewTapArea returns an area that calls tapped.
func NewTapArea(k KeyHandler, tapped func()) *TapArea {
	t := &TapArea{keys: k, tapped: tapped, rect: canvas.NewRectangle(color.Transparent)}
	t.ExtendBaseWidget(t)
	return t
}

// CreateRenderer is for Fyne.
func (t *TapArea) CreateRenderer() fyne.WidgetRenderer {
	t.draw()
	return widget.NewSimpleRenderer(t.rect)
}

func (t *TapArea) draw() {
	t.rect.CornerRadius = theme.Size(theme.SizeNameSelectionRadius)
	switch {
	case t.focused:
		t.rect.FillColor = ThemeColor(theme.ColorNameFocus)
	case t.hovered:
		t.rect.FillColor = ThemeColor(theme.ColorNameHover)
	default:
		t.rect.FillColor = color.Transparent
	}
	t.rect.Refresh()
}

// Tapped presses the area.
func (t *TapArea) Tapped(*fyne.PointEvent) { t.tapped() }

// FocusGained shows that the area has the keyboard focus.
func (t *TapArea) FocusGained() { t.focused = true; t.draw() }

// FocusLost shows that the area no longer has the keyboard focus.
func (t *TapArea) FocusLost() { t.focused = false; t.draw() }

// KeyDown passes the key on.
func (t *TapArea) KeyDown(e *fyne.KeyEvent) { t.keys.KeyDown(e) }

// KeyUp does nothing.
func (t *TapArea) KeyUp(*fyne.KeyEvent) {}

// TypedRune passes the character on.
func (t *TapArea) TypedRune(r rune) { t.keys.TypedRune(r) }

// TypedKey presses the area on Space and Enter, and passes any other key on.
func (t *TapArea) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		t.tapped()
	default:
		t.keys.TypedKey(e)
	}
}

// MouseIn shows that the pointer is on the area.
func (t *TapArea) MouseIn(*desktop.MouseEvent) { t.hovered = true; t.draw() }

// MouseMoved does nothing.
func (t *TapArea) MouseMoved(*desktop.MouseEvent) {}

// MouseOut shows that the pointer has left.
func (t *TapArea) MouseOut() { t.hovered = false; t.draw() }
