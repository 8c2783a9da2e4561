package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// roll is a list of any length whose rows are of one height. Only the rows on the screen exist: a row that
// leaves it at one end comes back at the other as another one. Fyne's own list makes a row at every
// refresh to measure it, and takes the keyboard from the entry when it is tapped.
type roll struct {
	box    *fyne.Container // to be put on the screen
	scroll *container.Scroll
	height float32
	count  int
	make   func() fyne.CanvasObject
	// set has a row show what is at a place of the list. It is called often, and ought to do nothing when
	// the row shows that already.
	set  func(row fyne.CanvasObject, place int)
	rows []fyne.CanvasObject
	body *fyne.Container
}

func newRoll(height float32, makeRow func() fyne.CanvasObject, set func(fyne.CanvasObject, int)) *roll {
	r := &roll{height: height, make: makeRow, set: set}
	r.body = container.New(rollLayout{r})
	r.scroll = container.NewVScroll(r.body)
	r.scroll.OnScrolled = func(fyne.Position) { r.draw() }
	r.box = container.New(rollFrame{r}, r.scroll)
	return r
}

// setCount changes the length of the list.
func (r *roll) setCount(count int) {
	if count == r.count {
		return
	}
	r.count = count
	r.scroll.Refresh() // the bar, and where the list ends
	r.draw()
}

// draw brings the rows on the screen up to date.
func (r *roll) draw() {
	first, last := r.visible()
	for len(r.rows) < last-first {
		row := r.make()
		r.rows = append(r.rows, row)
		r.body.Objects = append(r.body.Objects, row)
	}
	n := len(r.rows)
	for i, row := range r.rows {
		place := first + ((i-first)%n+n)%n // the one on the screen that this row is for, as it is scrolled
		if place < last {
			row.Move(fyne.NewPos(0, float32(place)*r.height))
			row.Resize(fyne.NewSize(r.body.Size().Width, r.height))
			r.set(row, place)
		}
		show(row, place < last)
	}
}

// visible returns the places of the rows that are on the screen, wholly or in part.
func (r *roll) visible() (first, last int) {
	first = max(0, int(r.scroll.Offset.Y/r.height))
	last = int((r.scroll.Offset.Y+r.scroll.Size().Height)/r.height) + 1
	return min(first, r.count), min(last, r.count)
}

// reveal scrolls no farther than it takes to have a place on the screen.
func (r *roll) reveal(place int) {
	top, offset := float32(place)*r.height, r.scroll.Offset.Y
	switch {
	case top < offset:
		offset = top
	case top+r.height > offset+r.scroll.Size().Height:
		offset = top + r.height - r.scroll.Size().Height
	default:
		return
	}
	r.scroll.ScrollToOffset(fyne.NewPos(0, offset))
	r.draw()
}

// rollLayout lets the rows be where draw puts them.
type rollLayout struct{ *roll }

func (l rollLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, float32(l.count)*l.height)
}

func (l rollLayout) Layout([]fyne.CanvasObject, fyne.Size) { l.draw() }

// rollFrame fills its place with the list, and draws the rows that a larger place has room for: what is
// scrolled is not laid out anew for that.
type rollFrame struct{ *roll }

func (f rollFrame) MinSize([]fyne.CanvasObject) fyne.Size { return f.scroll.MinSize() }

func (f rollFrame) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	f.scroll.Resize(size)
	f.draw()
}
