package ui

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/ui/widgets"
)

// colleagueRow is a row of the list: a single widget that Tab skips. Up, Down and letters lead to a colleague.
type colleagueRow struct {
	widget.BaseWidget
	page   *colleaguesPage
	number string // whose row it is now
	look   rowLook
	drawn  bool

	back, under         *canvas.Rectangle // highlight the chosen or hovered row; the hovered button
	picture             *canvas.Image
	name, extension, do *widgets.Line
	icons               [rowButtons]*canvas.Image

	hovered  bool
	at       int // the button under the pointer, -1 for none
	tapped   time.Time
	tappedAt int
	moved    time.Time // when the row changed to somebody else under the pointer
}

var (
	_ fyne.Tappable     = (*colleagueRow)(nil)
	_ desktop.Hoverable = (*colleagueRow)(nil)
)

func newColleagueRow(p *colleaguesPage) *colleagueRow {
	r := &colleagueRow{page: p, at: -1,
		back: canvas.NewRectangle(color.Transparent), under: canvas.NewRectangle(color.Transparent),
		picture:   canvas.NewImageFromResource(nil),
		name:      widgets.NewLine(theme.TextSize(), true, theme.ColorNameForeground),
		extension: widgets.NewLine(theme.TextSize(), false, widgets.ColorMuted),
		do:        widgets.NewLine(theme.TextSize()-2, false, widgets.ColorMuted),
	}
	r.extension.Align = fyne.TextAlignTrailing
	r.back.CornerRadius, r.under.CornerRadius = 4, 4
	for i := range r.icons {
		r.icons[i] = canvas.NewImageFromResource(nil)
		r.icons[i].Hide()
	}
	r.ExtendBaseWidget(r)
	return r
}

// set shows a target in the row.
func (r *colleagueRow) set(number string, l rowLook) {
	if number != r.number {
		r.tapped = time.Time{} // both clicks of a double click must hit the same target
		if r.hovered {
			r.moved = time.Now()
		}
	}
	if r.number = number; r.drawn && l == r.look {
		return
	}
	before := r.look
	r.look = l
	r.name.Set(l.name)
	r.extension.Set(l.number)
	r.do.Set(l.doing)
	switch {
	case l.shape != "":
		widgets.SetIcon(r.picture, l.shape)
	case !r.drawn || l.shape != before.shape || l.glyph != before.glyph || l.dark != before.dark:
		r.picture.Resource = widgets.Icon(l.glyph)
		r.picture.Refresh()
	}
	for i, b := range l.buttons {
		if was := before.buttons[i]; b.glyph != "" && (b.glyph != was.glyph || b.grey != was.grey) {
			r.icons[i].Resource = buttonIcon(b)
			r.icons[i].Refresh()
		}
		if shown := b.glyph != ""; shown != r.icons[i].Visible() {
			widgets.Show(r.icons[i], shown)
			r.placeDo()
		}
	}
	if (l.number != before.number || l.name != before.name || l.buttons != before.buttons) && r.Size().Width > 0 {
		r.placeName()
	}
	r.drawn = true
	r.drawBack()
	r.hint()
}

// buttonIcons caches the icons: each is a parsed drawing.
var buttonIcons = map[rowButton]fyne.Resource{}

func buttonIcon(b rowButton) fyne.Resource {
	b.hint = ""
	if buttonIcons[b] == nil {
		drawing := fyne.NewStaticResource(string(b.glyph)+".svg", b.glyph.SVG())
		color := theme.ColorNamePrimary
		if b.grey {
			color = theme.ColorNameDisabled
		}
		buttonIcons[b] = theme.NewColoredResource(drawing, color)
	}
	return buttonIcons[b]
}

// drawBack highlights the row if chosen or hovered, and the hovered button.
func (r *colleagueRow) drawBack() {
	fill := func(rect *canvas.Rectangle, on bool, name fyne.ThemeColorName) {
		if widgets.Show(rect, on); on {
			rect.FillColor = widgets.ThemeColor(name)
			rect.Refresh()
		}
	}
	if r.look.chosen {
		fill(r.back, true, theme.ColorNameSelection)
	} else {
		fill(r.back, r.hovered, theme.ColorNameHover)
	}
	if fill(r.under, r.at >= 0, theme.ColorNameHover); r.at >= 0 {
		r.under.Move(r.icons[r.at].Position().SubtractXY(buttonPad, buttonPad))
		r.under.Resize(r.icons[r.at].Size().AddWidthHeight(2*buttonPad, 2*buttonPad))
	}
}

// The layout of a row, from its right edge.
const (
	buttonSize  = 20
	buttonPad   = 7
	buttonStep  = buttonSize + 2*buttonPad
	buttonsEnd  = 10
	pictureSize = 22
	nameStart   = 14 + pictureSize + 12 // from the left edge
)

// Tapped performs the action of the button under the pointer, else chooses the colleague; a double tap calls.
func (r *colleagueRow) Tapped(e *fyne.PointEvent) {
	if time.Since(r.moved) < tapGuard || time.Since(r.page.ui.window.calls.sideMoved) < tapGuard {
		return // it was meant for whoever was here before
	}
	u, number := r.page.ui, r.number
	at := r.button(e.Position)
	again := at == r.tappedAt && time.Since(r.tapped) < u.app.Driver().DoubleTapDelay()
	r.tapped, r.tappedAt = time.Now(), at
	switch {
	case at >= 0 && again: // a double click on a button is one click
	case at >= 0 && r.look.buttons[at].grey:
		u.tell(r.look.buttons[at].hint)
	case at >= 0:
		r.page.act(at, number)
	case again && r.look.buttons[buttonCall].glyph != "" && e.Position.X < r.icons[0].Position().X:
		r.tapped = time.Time{}
		r.page.act(buttonCall, number)
	default:
		r.page.choose(number)
		u.window.window.Canvas().Focus(u.window.calls.entry)
	}
}

// act performs the action of a row's button.
func (p *colleaguesPage) act(button int, number string) {
	u := p.ui
	switch button {
	case buttonPickUp:
		if ringing, ok := u.office.ringing(number); ok {
			u.pickUp(ringing)
		}
	case buttonHandOver:
		u.askToPass(number)
	case buttonCall:
		p.choose(number)
		u.dial(number)
	}
}

// button returns the button at a position, -1 if there is none.
func (r *colleagueRow) button(at fyne.Position) int {
	for i, o := range r.icons {
		if x := at.X - o.Position().X; o.Visible() && x >= -buttonPad && x < buttonSize+buttonPad {
			return i
		}
	}
	return -1
}

// MouseIn follows the pointer.
func (r *colleagueRow) MouseIn(e *desktop.MouseEvent) { r.point(true, e.Position) }

// MouseMoved follows the pointer.
func (r *colleagueRow) MouseMoved(e *desktop.MouseEvent) { r.point(true, e.Position) }

// MouseOut follows the pointer.
func (r *colleagueRow) MouseOut() { r.point(false, fyne.Position{}) }

func (r *colleagueRow) point(in bool, at fyne.Position) {
	button := -1
	if in {
		button = r.button(at)
	}
	if in == r.hovered && button == r.at {
		return
	}
	r.hovered, r.at, r.page.within = in, button, in
	r.drawBack()
	if !r.hint() {
		r.page.hint = ""
	}
	r.page.renderFoot()
}

// hint shows what a click would do, and reports whether there is something to show.
func (r *colleagueRow) hint() bool {
	if !r.hovered || r.at < 0 {
		return false
	}
	r.page.hint = r.look.buttons[r.at].hint
	return true
}

// MinSize returns the row's minimum size.
func (r *colleagueRow) MinSize() fyne.Size { return fyne.NewSize(300, colleagueRowHeight) }

// CreateRenderer lays the row out.
func (r *colleagueRow) CreateRenderer() fyne.WidgetRenderer {
	c := &colleagueRenderer{r, []fyne.CanvasObject{r.back, r.under, r.picture, r.name, r.extension, r.do}}
	for _, i := range r.icons {
		c.objects = append(c.objects, i)
	}
	return c
}

type colleagueRenderer struct {
	*colleagueRow
	objects []fyne.CanvasObject
}

func (c *colleagueRenderer) Layout(size fyne.Size) {
	c.back.Move(fyne.NewPos(4, 1))
	c.back.Resize(size.SubtractWidthHeight(8, 2))
	place := func(o fyne.CanvasObject, x, width, height float32) {
		o.Move(fyne.NewPos(x, (size.Height-height)/2))
		o.Resize(fyne.NewSize(width, height))
	}
	place(c.picture, 14, pictureSize, pictureSize)
	x := size.Width - buttonsEnd - buttonStep*rowButtons
	for i, o := range c.icons {
		place(o, x+float32(i)*buttonStep+buttonPad, buttonSize, buttonSize)
	}
	c.placeName()
	c.placeDo()
	c.drawBack()
}

// placeName gives the first line's room to the name and the number, which is shown whole if it takes no more than half.
// A long name takes the room of the first button, too, if that is not there.
func (r *colleagueRow) placeName() {
	end := r.Size().Width - buttonsEnd - buttonStep*rowButtons - 4
	room := min(r.extension.Width()+1, (end-nameStart)/2)
	if !r.icons[buttonPickUp].Visible() && nameStart+r.name.Width()+4+room > end {
		end += buttonStep
	}
	r.extension.Move(fyne.NewPos(end-room, 5))
	r.extension.Resize(fyne.NewSize(room, r.extension.MinSize().Height))
	r.name.Move(fyne.NewPos(nameStart, 5))
	r.name.Resize(fyne.NewSize(end-room-nameStart-4, r.name.MinSize().Height))
}

// placeDo gives the second line the room up to the first visible button.
func (r *colleagueRow) placeDo() {
	end := r.Size().Width - buttonsEnd
	for _, icon := range r.icons {
		if icon.Visible() {
			end = icon.Position().X - buttonPad - 4
			break
		}
	}
	r.do.Move(fyne.NewPos(nameStart, 5+r.name.MinSize().Height))
	r.do.Resize(fyne.NewSize(end-nameStart, r.do.MinSize().Height))
}

func (c *colleagueRenderer) MinSize() fyne.Size           { return c.colleagueRow.MinSize() }
func (c *colleagueRenderer) Objects() []fyne.CanvasObject { return c.objects }
func (c *colleagueRenderer) Destroy()                     {}
func (c *colleagueRenderer) Refresh() {
	for _, o := range c.objects {
		o.Refresh()
	}
	c.drawBack()
}
