package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// VirtualList is a list of any length whose rows have the same height. Only the rows on the screen exist: a row
// that leaves at one end is reused at the other. Fyne's own list creates a row at every refresh to measure it,
// and takes the focus from the entry when tapped.
type VirtualList struct {
	Box    *fyne.Container // the list, for adding to a window
	Scroll *container.Scroll
	Lead   float32 // how much of the first row is cut off at the top
	height float32
	count  int
	make   func() fyne.CanvasObject
	set    func(row fyne.CanvasObject, place int)
	Rows   []fyne.CanvasObject // existing rows; some may be hidden
	Body   *fyne.Container
}

// NewVirtualList returns an empty list of rows with a height. set makes a row show the item at an index; it is
// called often, and should do nothing if the row already shows it.
func NewVirtualList(height float32, makeRow func() fyne.CanvasObject, set func(fyne.CanvasObject, int)) *VirtualList {
	r := &VirtualList{height: height, make: makeRow, set: set}
	r.Body = container.New(listLayout{r})
	r.Scroll = container.NewVScroll(r.Body)
	r.Scroll.OnScrolled = func(fyne.Position) { r.Draw() }
	r.Box = container.New(listFrame{r}, r.Scroll)
	return r
}

// SetCount changes the length of the list.
func (r *VirtualList) SetCount(count int) {
	if count == r.count {
		return
	}
	r.count = count
	r.Scroll.Refresh() // the scroll bar, and the end of the list
	r.Draw()
}

// Draw updates the visible rows.
func (r *VirtualList) Draw() {
	first, last := r.visible()
	for len(r.Rows) < last-first {
		row := r.make()
		r.Rows = append(r.Rows, row)
		r.Body.Objects = append(r.Body.Objects, row)
	}
	n := len(r.Rows)
	for i, row := range r.Rows {
		place := first + ((i-first)%n+n)%n // the visible index that this row is for, given the scroll position
		if place < last {
			row.Move(fyne.NewPos(0, float32(place)*r.height-r.Lead))
			row.Resize(fyne.NewSize(r.Body.Size().Width, r.height))
			r.set(row, place)
		}
		Show(row, place < last)
	}
}

// visible returns the indices of the rows that are at least partly visible.
func (r *VirtualList) visible() (first, last int) {
	first = max(0, int((r.Scroll.Offset.Y+r.Lead)/r.height))
	last = int((r.Scroll.Offset.Y+r.Lead+r.Scroll.Size().Height)/r.height) + 1
	return min(first, r.count), min(last, r.count)
}

// Reveal scrolls just far enough to make an index visible.
func (r *VirtualList) Reveal(place int) {
	top, offset := max(0, float32(place)*r.height-r.Lead), r.Scroll.Offset.Y
	switch {
	case top < offset:
		offset = top
	case top+r.height > offset+r.Scroll.Size().Height:
		offset = top + r.height - r.Scroll.Size().Height
	default:
		return
	}
	r.Scroll.ScrollToOffset(fyne.NewPos(0, offset))
	r.Draw()
}

// listLayout leaves the rows where Draw puts them.
type listLayout struct{ *VirtualList }

func (l listLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, max(0, float32(l.count)*l.height-l.Lead))
}

func (l listLayout) Layout([]fyne.CanvasObject, fyne.Size) { l.Draw() }

// listFrame fills its space with the list, and draws the additional rows when that grows, since Fyne does not
// lay out scrolled content again in that case.
type listFrame struct{ *VirtualList }

func (f listFrame) MinSize([]fyne.CanvasObject) fyne.Size { return f.Scroll.MinSize() }

func (f listFrame) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	f.Scroll.Resize(size)
	f.Draw()
}
