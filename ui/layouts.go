package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
)

// newColumn stacks objects in a column of full width, with a gap between them.
func newColumn(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(gap), objects...)
}

// newRow lays objects out side by side; the one at grow gets what is left over, -1 for none.
func newRow(gap float32, grow int, objects ...fyne.CanvasObject) *fyne.Container {
	l := weighted{gap: gap}
	if grow >= 0 {
		l.weights = make([]float32, grow+1)
		l.weights[grow] = 1
	}
	return container.New(l, objects...)
}

// weighted lays objects out side by side, centred in height. An object without a weight is as wide as its
// column, or as it needs if its column has no width. Those with a weight share what is left over, whatever
// they hold. Hidden objects take no room.
type weighted struct {
	gap     float32
	widths  []float32 // of the columns from the left; 0, or one that is missing, for the object's own
	weights []float32 // likewise
	fill    bool      // the objects are as high as the row
}

func at(list []float32, i int) float32 {
	if i < len(list) {
		return list[i]
	}
	return 0
}

// fixed returns the width of a column without a weight.
func (l weighted) fixed(i int, o fyne.CanvasObject) float32 {
	if w := at(l.widths, i); w > 0 {
		return w
	}
	return o.MinSize().Width
}

// MinSize gives every object the room that it needs.
func (l weighted) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var height, fixed, share, weights float32 // share is what a weight of 1 needs
	n := 0
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		n++
		height = fyne.Max(height, o.MinSize().Height)
		if weight := at(l.weights, i); weight > 0 {
			weights += weight
			share = fyne.Max(share, o.MinSize().Width/weight)
		} else {
			fixed += l.fixed(i, o)
		}
	}
	return fyne.NewSize(fixed+share*weights+l.gap*float32(max(0, n-1)), height)
}

// Layout places the objects.
func (l weighted) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	spare, weights := size.Width+l.gap, float32(0)
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		if spare -= l.gap; at(l.weights, i) > 0 {
			weights += at(l.weights, i)
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
		if weight := at(l.weights, i); weight > 0 {
			width = fyne.Max(0, spare) * weight / weights
		}
		if l.fill {
			height = size.Height
		}
		o.Move(fyne.NewPos(x, (size.Height-height)/2))
		o.Resize(fyne.NewSize(width, height))
		x += width + l.gap
	}
}

// striped lays its first object out as a stripe along the left edge of its second.
type striped struct{}

func (striped) MinSize(o []fyne.CanvasObject) fyne.Size { return o[1].MinSize() }

func (striped) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(fyne.NewSize(5, size.Height))
	o[1].Resize(size)
}

// stackedBelow lays all its objects out over each other, below a gap.
type stackedBelow struct{ gap float32 }

func (l stackedBelow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		size = size.Max(o.MinSize()) // of the hidden ones too: nothing moves when another is shown
	}
	return size.AddWidthHeight(0, l.gap)
}

func (l stackedBelow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Move(fyne.NewPos(0, l.gap))
		o.Resize(size.SubtractWidthHeight(0, l.gap))
	}
}

// layOut gives the objects of a container their places: Fyne does that by itself only where more room is
// needed.
func layOut(c *fyne.Container) { c.Layout.Layout(c.Objects, c.Size()) }

// show shows or hides an object only if need be.
func show(o fyne.CanvasObject, on bool) {
	switch {
	case on && !o.Visible():
		o.Show()
	case !on && o.Visible():
		o.Hide()
	}
}

// enable puts an object to use, or out of use, only if need be.
func enable(o fyne.Disableable, on bool) {
	switch {
	case on && o.Disabled():
		o.Enable()
	case !on && !o.Disabled():
		o.Disable()
	}
}
