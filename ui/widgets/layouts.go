package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
)

// NewColumn stacks objects in a column of full width, with a gap between them.
func NewColumn(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(gap), objects...)
}

// NewRow lays objects out side by side; the one at index grow gets the remaining space, -1 for none.
func NewRow(gap float32, grow int, objects ...fyne.CanvasObject) *fyne.Container {
	l := Weighted{Gap: gap}
	if grow >= 0 {
		l.Weights = make([]float32, grow+1)
		l.Weights[grow] = 1
	}
	return container.New(l, objects...)
}

// Weighted lays objects out side by side, vertically centred. An object without a weight gets the width of its
// column, or its own if the column has none. Those with a weight share the remaining space. Hidden objects take
// no space.
type Weighted struct {
	Gap     float32
	Widths  []float32 // of the columns from the left; 0, or a missing one, for the object's own
	Weights []float32 // of the columns from the left; 0, or a missing one, for none
	Fill    bool      // the objects are as high as the row
}

func columnAt(list []float32, i int) float32 {
	if i < len(list) {
		return list[i]
	}
	return 0
}

// fixed returns the width of a column without a weight.
func (l Weighted) fixed(i int, o fyne.CanvasObject) float32 {
	if w := columnAt(l.Widths, i); w > 0 {
		return w
	}
	return o.MinSize().Width
}

// MinSize gives every object the space it needs.
func (l Weighted) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var height, fixed, share, weights float32 // share is the space needed per unit of weight
	n := 0
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		n++
		height = fyne.Max(height, o.MinSize().Height)
		if weight := columnAt(l.Weights, i); weight > 0 {
			weights += weight
			share = fyne.Max(share, o.MinSize().Width/weight)
		} else {
			fixed += l.fixed(i, o)
		}
	}
	return fyne.NewSize(fixed+share*weights+l.Gap*float32(max(0, n-1)), height)
}

// Layout places the objects.
func (l Weighted) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	spare, weights := size.Width+l.Gap, float32(0)
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		if spare -= l.Gap; columnAt(l.Weights, i) > 0 {
			weights += columnAt(l.Weights, i)
		} else {
			spare -= l.fixed(i, o)
		}
	}
	var x float32
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		width, height := l.fixed(i, o), o.MinSize().Height
		if weight := columnAt(l.Weights, i); weight > 0 {
			width = fyne.Max(0, spare) * weight / weights
		}
		if l.Fill {
			height = size.Height
		}
		o.Move(fyne.NewPos(x, (size.Height-height)/2))
		o.Resize(fyne.NewSize(width, height))
		x += width + l.Gap
	}
}

// Wrapped lays objects out side by side, each as wide as it needs to be, in as many rows as that takes. In a single row
// they share what is left of the width.
type Wrapped struct {
	Gap   float32
	width float32 // at the last layout; 0 before
}

// rows returns the objects of each row.
func (l *Wrapped) rows(objects []fyne.CanvasObject) (rows [][]fyne.CanvasObject) {
	var x float32
	for _, o := range objects {
		width := o.MinSize().Width
		if x += width; len(rows) == 0 || l.width > 0 && x > l.width {
			rows, x = append(rows, nil), width
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], o)
		x += l.Gap
	}
	return rows
}

// MinSize is as wide as the widest object, and as high as the rows of the last layout.
func (l *Wrapped) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	rows := float32(len(l.rows(objects)))
	return fyne.NewSize(size.Width, rows*(size.Height+l.Gap)-l.Gap)
}

// Layout places the objects.
func (l *Wrapped) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	var height, more float32
	for _, o := range objects {
		height = fyne.Max(height, o.MinSize().Height)
	}
	rows := l.rows(objects)
	if len(rows) == 1 {
		more = size.Width + l.Gap
		for _, o := range objects {
			more -= o.MinSize().Width + l.Gap
		}
		more = fyne.Max(0, more) / float32(len(objects))
	}
	for i, row := range rows {
		var x float32
		for _, o := range row {
			width := o.MinSize().Width + more
			o.Move(fyne.NewPos(x, float32(i)*(height+l.Gap)))
			o.Resize(fyne.NewSize(width, height))
			x += width + l.Gap
		}
	}
}

// Striped lays its first object out as a stripe along the left edge of the second.
type Striped struct{}

// MinSize is the size of the second object.
func (Striped) MinSize(o []fyne.CanvasObject) fyne.Size { return o[1].MinSize() }

// Layout places the objects.
func (Striped) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(fyne.NewSize(5, size.Height))
	o[1].Resize(size)
}

// StackedBelow lays objects out on top of each other, below a gap.
type StackedBelow struct{ Gap float32 }

// MinSize has space for every object, including hidden ones, so that nothing moves when another is shown.
func (l StackedBelow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size.AddWidthHeight(0, l.Gap)
}

// Layout places the objects.
func (l StackedBelow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Move(fyne.NewPos(0, l.Gap))
		o.Resize(size.SubtractWidthHeight(0, l.Gap))
	}
}

// Footed lays its second object out below the first one, as high as it needs to be in that width. The first one gets the
// rest.
type Footed struct{ Gap float32 }

// MinSize has room for both.
func (l Footed) MinSize(o []fyne.CanvasObject) fyne.Size {
	size := o[0].MinSize()
	if foot := o[1].MinSize(); o[1].Visible() {
		size = fyne.NewSize(fyne.Max(size.Width, foot.Width), size.Height+l.Gap+foot.Height)
	}
	return size
}

// Layout places the objects.
func (l Footed) Layout(o []fyne.CanvasObject, size fyne.Size) {
	room := size
	if o[1].Visible() {
		o[1].Resize(fyne.NewSize(size.Width, o[1].Size().Height)) // which tells how many lines it has
		foot := fyne.NewSize(size.Width, o[1].MinSize().Height)
		room.Height -= foot.Height + l.Gap
		o[1].Move(fyne.NewPos(0, size.Height-foot.Height))
		o[1].Resize(foot)
	}
	o[0].Move(fyne.Position{})
	o[0].Resize(room)
}

// LayOut positions the objects of a container. Fyne does that by itself only if they need more space.
func LayOut(c *fyne.Container) { c.Layout.Layout(c.Objects, c.Size()) }

// looks counts how often a widget has come to look different. The UI's goroutine owns it.
type looks int

// Looks returns a number that is another one whenever the widget looks different than before: while it stands still, so
// does a picture of the widget.
func (l *looks) Looks() int { return int(*l) }

// Show shows or hides an object. It draws nothing if nothing changes.
func Show(o fyne.CanvasObject, on bool) {
	switch {
	case on && !o.Visible():
		o.Show()
	case !on && o.Visible():
		o.Hide()
	}
}

// Enable enables or disables an object. It draws nothing if nothing changes.
func Enable(o fyne.Disableable, on bool) {
	switch {
	case on && o.Disabled():
		o.Enable()
	case !on && !o.Disabled():
		o.Disable()
	}
}
