package widgets

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

var _ desktop.Keyable = (*Selection)(nil)

// Selection is a drop-down list.
type Selection struct {
	widget.Select
	keys KeyHandler
	// OnFocus, if set, is called when the list gets the keyboard focus.
	OnFocus func()
	focused bool
}

// NewSelection returns a drop-down list. changed may be nil.
func NewSelection(k KeyHandler, options []string, changed func(string)) *Selection {
	s := &Selection{keys: k}
	s.Options, s.OnChanged, s.PlaceHolder = options, changed, "–"
	s.ExtendBaseWidget(s)
	return s
}

// CreateRenderer draws the list as Fyne does, with the edge that a text field has: on white nobody sees where it is without.
func (s *Selection) CreateRenderer() fyne.WidgetRenderer {
	r := &selectionRenderer{WidgetRenderer: s.Select.CreateRenderer(), list: s, edge: canvas.NewRectangle(color.Transparent)}
	r.draw()
	return r
}

type selectionRenderer struct {
	fyne.WidgetRenderer
	list *Selection
	edge *canvas.Rectangle
}

func (r *selectionRenderer) Layout(size fyne.Size) {
	border := theme.Size(theme.SizeNameInputBorder)
	r.edge.Move(fyne.NewSquareOffsetPos(border / 2))
	r.edge.Resize(size.SubtractWidthHeight(border+0.5, border+0.5)) // as Fyne's field has it
	r.WidgetRenderer.Layout(size)
}

func (r *selectionRenderer) Refresh() {
	r.draw()
	r.edge.Refresh()
	r.WidgetRenderer.Refresh()
}

func (r *selectionRenderer) Objects() []fyne.CanvasObject {
	return append(slices.Clone(r.WidgetRenderer.Objects()), r.edge)
}

func (r *selectionRenderer) draw() {
	r.edge.StrokeWidth, r.edge.CornerRadius = theme.Size(theme.SizeNameInputBorder), theme.Size(theme.SizeNameInputRadius)
	switch {
	case r.list.Disabled():
		r.edge.StrokeColor = ThemeColor(theme.ColorNameDisabled)
	case r.list.focused:
		r.edge.StrokeColor = ThemeColor(theme.ColorNamePrimary)
	default:
		r.edge.StrokeColor = ThemeColor(theme.ColorNameInputBorder)
	}
}

// FocusGained implements fyne.Focusable.
func (s *Selection) FocusGained() {
	s.focused = true
	s.Select.FocusGained()
	if s.OnFocus != nil {
		s.OnFocus()
	}
}

// FocusLost implements fyne.Focusable.
func (s *Selection) FocusLost() {
	s.focused = false
	s.Select.FocusLost()
}

// KeyDown passes the key on.
func (s *Selection) KeyDown(e *fyne.KeyEvent) { s.keys.KeyDown(e) }

// KeyUp does nothing.
func (s *Selection) KeyUp(*fyne.KeyEvent) {}

// TypedKey passes Esc on, and moves through the list.
func (s *Selection) TypedKey(e *fyne.KeyEvent) {
	onlyEscape(s.keys, e)
	s.Select.TypedKey(e)
}
