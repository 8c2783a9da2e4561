package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// Surface is a rectangle in theme colours.
type Surface struct {
	widget.BaseWidget
	looks
	fill, edge fyne.ThemeColorName
	radius     float32
}

// NewSurface returns a rectangle with a fill, an edge ("" for none) and rounded corners.
func NewSurface(fill, edge fyne.ThemeColorName, radius float32) *Surface {
	s := &Surface{fill: fill, edge: edge, radius: radius}
	s.ExtendBaseWidget(s)
	return s
}

// CreateRenderer is for Fyne.
func (s *Surface) CreateRenderer() fyne.WidgetRenderer {
	r := &surfaceRenderer{surface: s, rect: canvas.NewRectangle(color.Transparent)}
	r.Refresh()
	return r
}

type surfaceRenderer struct {
	surface *Surface
	rect    *canvas.Rectangle
}

func (r *surfaceRenderer) MinSize() fyne.Size           { return fyne.Size{} }
func (r *surfaceRenderer) Layout(size fyne.Size)        { r.rect.Resize(size) }
func (r *surfaceRenderer) Destroy()                     {}
func (r *surfaceRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.rect} }
func (r *surfaceRenderer) Refresh() {
	r.surface.looks++
	r.rect.FillColor = ThemeColor(r.surface.fill)
	r.rect.CornerRadius = r.surface.radius
	r.rect.StrokeWidth = 0
	if r.surface.edge != "" {
		r.rect.StrokeColor, r.rect.StrokeWidth = ThemeColor(r.surface.edge), 1
	}
	r.Layout(r.surface.Size()) // Fyne may have forgotten the last one
	r.rect.Refresh()
}

// Spacer returns an empty space with a height.
func Spacer(height float32) fyne.CanvasObject { return container.New(gap(height)) }

// gap lays nothing out, and has a height.
type gap float32

// MinSize returns the height.
func (g gap) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(0, float32(g)) }

// Layout does nothing.
func (gap) Layout([]fyne.CanvasObject, fyne.Size) {}

// Divider returns a thin horizontal line.
func Divider() fyne.CanvasObject {
	return container.NewStack(NewSurface(ColorEdge, "", 0), Spacer(1))
}
