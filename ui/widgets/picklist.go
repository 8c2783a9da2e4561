package widgets

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

var _ desktop.Keyable = (*PickList)(nil)

// Pick is a line in a PickList.
type Pick struct {
	Name string
	Icon fyne.Resource
}

// PickList is a list in which the user picks one line, with a click, or with the arrow keys and Enter. A letter
// moves to the next line that begins with it.
type PickList struct {
	widget.List
	picks  []Pick
	at     int  // the line that the keys are at
	has    bool // the keyboard focus
	keys   KeyHandler
	picked func(place int)
}

// NewPickList returns an empty list.
func NewPickList(k KeyHandler, picked func(place int)) *PickList {
	l := &PickList{keys: k, picked: picked}
	l.Length = func() int { return len(l.picks) }
	l.CreateItem = func() fyne.CanvasObject {
		row := NewRow(8, 1, widget.NewIcon(nil), NewLine(theme.TextSize(), false, theme.ColorNameForeground))
		return container.New(layout.NewCustomPaddedLayout(1, 1, 2, 2), canvas.NewRectangle(color.Transparent),
			container.New(layout.NewCustomPaddedLayout(3, 3, 6, 6), row)) // so that the ring is not cut
	}
	l.UpdateItem = func(place int, o fyne.CanvasObject) {
		if place < len(l.picks) {
			whole := o.(*fyne.Container).Objects
			ring, parts := whole[0].(*canvas.Rectangle), whole[1].(*fyne.Container).Objects[0].(*fyne.Container).Objects
			ring.StrokeColor, ring.StrokeWidth = ThemeColor(theme.ColorNamePrimary), 0
			if l.has && place == l.at { // Fyne's own shade can hardly be seen
				ring.StrokeWidth = 2
			}
			ring.Refresh()
			parts[0].(*widget.Icon).SetResource(l.picks[place].Icon)
			parts[1].(*Line).Set(l.picks[place].Name)
		}
	}
	l.OnSelected = func(place int) {
		l.UnselectAll() // so that the same line can be picked again
		l.pick(place)
	}
	l.OnHighlighted = func(place int) {
		before := l.at
		l.at = place
		l.RefreshItem(before)
		l.RefreshItem(place)
	}
	l.ExtendBaseWidget(l)
	return l
}

// Fill replaces the lines, and focuses the first.
func (l *PickList) Fill(picks []Pick) {
	l.picks, l.at = picks, 0
	l.ScrollToTop()
	l.Refresh()
	if len(picks) > 0 {
		l.Highlight(0)
	}
}

func (l *PickList) pick(place int) {
	if place >= 0 && place < len(l.picks) {
		l.picked(place)
	}
}

// FocusGained implements fyne.Focusable.
func (l *PickList) FocusGained() {
	l.has = true
	l.List.FocusGained()
}

// FocusLost implements fyne.Focusable.
func (l *PickList) FocusLost() {
	l.has = false
	l.List.FocusLost()
}

// KeyDown passes the key on.
func (l *PickList) KeyDown(e *fyne.KeyEvent) { l.keys.KeyDown(e) }

// KeyUp does nothing.
func (l *PickList) KeyUp(*fyne.KeyEvent) {}

// TypedKey picks a line on Enter and on Space, passes Esc on, and moves through the list.
func (l *PickList) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		l.pick(l.at)
	case fyne.KeyEscape:
		l.keys.TypedKey(e)
	default:
		l.List.TypedKey(e)
	}
}

// TypedRune moves to the next line that begins with a letter.
func (l *PickList) TypedRune(r rune) {
	for i := range l.picks {
		place := (l.at + 1 + i) % len(l.picks)
		if strings.HasPrefix(strings.ToLower(l.picks[place].Name), strings.ToLower(string(r))) {
			l.Highlight(place)
			l.ScrollTo(place)
			return
		}
	}
}
