package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// VirtualList is a list of any length whose rows have one height. Only the rows on the screen exist: a row
// that leaves it at one end comes back at the other. Fyne's own list makes a row at every refresh to
// measure it, and takes the keyboard from the entry when it is tapped.
type VirtualList struct {
	Box    *fyne.Container // the list, to be put into a window
	Scroll *container.Scroll
	Lead   float32 // how much of the first row is cut off at the top
	height float32
	count  int
	make   func() fyne.CanvasObject
	set    func(row fyne.CanvasObject, place int)
	Rows   []fyne.CanvasObject // those that exist; some may be hidden
	Body   *fyne.Container
}

// NewVirtualList makes an empty list of rows of a height. set has a row show what is at a place of the list;
// it is called often, and should do nothing if the row shows that already.
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
	r.Scroll.Refresh() // the bar, and where the list ends
	r.Draw()
}

// Draw brings the visible rows up to date.
func (r *VirtualList) Draw() {
	first, last := r.visible()
	for len(r.Rows) < last-first {
		row := r.make()
		r.Rows = append(r.Rows, row)
		r.Body.Objects = append(r.Body.Objects, row)
	}
	n := len(r.Rows)
	for i, row := range r.Rows {
		place := first + ((i-first)%n+n)%n // the one on the screen that this row is for, as it is scrolled
		if place < last {
			row.Move(fyne.NewPos(0, float32(place)*r.height-r.Lead))
			row.Resize(fyne.NewSize(r.Body.Size().Width, r.height))
			r.set(row, place)
		}
		Show(row, place < last)
	}
}

// visible returns the places of the rows that are on the screen, wholly or in part.
func (r *VirtualList) visible() (first, last int) {
	first = max(0, int((r.Scroll.Offset.Y+r.Lead)/r.height))
	last = int((r.Scroll.Offset.Y+r.Lead+r.Scroll.Size().Height)/r.height) + 1
	return min(first, r.count), min(last, r.count)
}

// Reveal scrolls as far as it takes to see a place of the list.
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

// listFrame fills its place with the list, and draws the rows that a larger place has room for, since Fyne
// does not lay out scrolled content anew for that.
type listFrame struct{ *VirtualList }

func (f listFrame) MinSize([]fyne.CanvasObject) fyne.Size { return f.Scroll.MinSize() }

func (f listFrame) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	f.Scroll.Resize(size)
	f.Draw()
}
