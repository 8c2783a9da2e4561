package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// tapArea makes what lies under it one big button: by pointer, and by Tab and Space or Enter.
type tapArea struct {
	widget.BaseWidget
	keys             keyHandler
	tapped           func()
	focused, hovered bool
	rect             *canvas.Rectangle
}

var (
	_ fyne.Focusable    = (*tapArea)(nil)
	_ fyne.Tappable     = (*tapArea)(nil)
	_ desktop.Keyable   = (*tapArea)(nil)
	_ desktop.Hoverable = (*tapArea)(nil)
)

func newTapArea(k keyHandler, tapped func()) *tapArea {
	t := &tapArea{keys: k, tapped: tapped, rect: canvas.NewRectangle(color.Transparent)}
	t.ExtendBaseWidget(t)
	return t
}

func (t *tapArea) CreateRenderer() fyne.WidgetRenderer {
	t.draw()
	return widget.NewSimpleRenderer(t.rect)
}

func (t *tapArea) draw() {
	t.rect.CornerRadius = theme.Size(theme.SizeNameSelectionRadius)
	switch {
	case t.focused:
		t.rect.FillColor = themeColor(theme.ColorNameFocus)
	case t.hovered:
		t.rect.FillColor = themeColor(theme.ColorNameHover)
	default:
		t.rect.FillColor = color.Transparent
	}
	t.rect.Refresh()
}

func (t *tapArea) Tapped(*fyne.PointEvent)  { t.tapped() }
func (t *tapArea) FocusGained()             { t.focused = true; t.draw() }
func (t *tapArea) FocusLost()               { t.focused = false; t.draw() }
func (t *tapArea) KeyDown(e *fyne.KeyEvent) { t.keys.KeyDown(e) }
func (t *tapArea) KeyUp(*fyne.KeyEvent)     {}
func (t *tapArea) TypedRune(r rune)         { t.keys.TypedRune(r) }
func (t *tapArea) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		t.tapped()
	default:
		t.keys.TypedKey(e)
	}
}
func (t *tapArea) MouseIn(*desktop.MouseEvent)    { t.hovered = true; t.draw() }
func (t *tapArea) MouseMoved(*desktop.MouseEvent) {}
func (t *tapArea) MouseOut()                      { t.hovered = false; t.draw() }
