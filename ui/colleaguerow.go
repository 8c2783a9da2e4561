package ui

import (
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/assets"
	"calltray/cstasession"
)

// look is all that a row of the colleagues shows. Rows whose look has not changed are not drawn again.
type look struct {
	name, number, doing string
	picture             picture
	chosen              bool
	buttons             [rowButtons]rowButton
}

// The buttons of a row, by their places: none ever changes its own.
const (
	buttonPickUp = iota
	buttonHandOver
	buttonCall
	rowButtons
)

// rowButton is a button of a row, and what it says while the pointer is on it. The zero button is not there.
type rowButton struct {
	glyph assets.Glyph
	hint  string
	grey  bool // it cannot be used; hint says why
}

// picture is the state of a telephone, or that a row is a queue, on the background that there is.
type picture struct {
	shape assets.Shape // "" for a queue
	dark  bool
}

// pictures are made once: each is a drawing that has been read.
var pictures = map[picture]fyne.Resource{}

func (p picture) resource() fyne.Resource {
	r, ok := pictures[p]
	switch {
	case ok:
		return r
	case p.shape == "":
		r = icon(assets.Queue)
	case p.dark:
		r = fyne.NewStaticResource(string(p.shape)+"-dark.svg", p.shape.SVG(true))
	default:
		r = fyne.NewStaticResource(string(p.shape)+".svg", p.shape.SVG(false))
	}
	pictures[p] = r
	return r
}

// look returns what a row shows of an entry, now.
func (p *colleaguesPage) look(e *entry) look {
	u, o := p.ui, &p.ui.office
	online := u.state.Status == cstasession.Online
	o.mu.Lock()
	l := look{name: e.name, number: shownNumber(e.number), chosen: e.number == p.number}
	l.doing, l.picture.shape = o.doing(e, online)
	ringing, rings := e.ringing()
	rings, stale := rings && !e.stale, e.stale
	o.mu.Unlock()

	l.picture.dark = onDark()
	if l.name == "" {
		l.name, l.number = l.number, ""
	}
	if !online {
		return l
	}
	l.buttons[buttonCall] = rowButton{glyph: assets.Answer, hint: say("Call {{.Name}}", "Name", l.name)}
	if subject, ok := u.subject(); ok && !u.busy[subject.ID] {
		l.buttons[buttonHandOver] = handOver(u.state, subject, l.name)
	}
	if rings && !stale && !u.busy[ringing.ID] {
		l.buttons[buttonPickUp] = rowButton{glyph: assets.PickUp, hint: say("Pick up the call that rings at {{.Name}}", "Name", l.name)}
		l.buttons[buttonPickUp].refuse(u.state, "DirectedPickupCall")
	}
	return l
}

// handOver is the button that gives the user's own call to somebody: one that rings is deflected.
func handOver(s cstasession.State, subject cstasession.Call, name string) rowButton {
	b, service := rowButton{glyph: assets.Transfer, hint: say("Transfer {{.Who}} to {{.Name}} now", "Who", whoInLine(subject.Remote), "Name", name)}, "SingleStepTransferCall"
	if subject.Phase == cstasession.Ringing {
		b, service = rowButton{glyph: assets.PassOn, hint: say("Pass {{.Who}} on to {{.Name}}", "Who", whoInLine(subject.Remote), "Name", name)}, "DeflectCall"
	}
	b.refuse(s, service)
	return b
}

// refuse greys a button whose service the switching function said it does not have.
func (b *rowButton) refuse(s cstasession.State, service string) {
	if _, refused := s.Refused[service]; refused {
		b.grey, b.hint = true, say("The PBX does not offer this: use the telephone.")
	}
}

// doing tells in words and as a shape what an entry is doing. The caller holds mu.
func (o *office) doing(e *entry, online bool) (words string, shape assets.Shape) {
	switch {
	case e.isQueue:
		return queueWords(e, online), ""
	case !online:
		return say("Not known while offline"), assets.Unknown
	case e.stale:
		return say("Not known since the connection was lost"), assets.Unknown
	}
	c := e.colleague
	var parts []string
	shape = assets.Free
	add := func(s assets.Shape, words string) {
		if parts = append(parts, words); shape == assets.Free {
			shape = s
		}
	}
	switch activity := c.Activity(); activity {
	case cstasession.Talking:
		add(assets.Talking, say("Talking"))
	case cstasession.RingingThere:
		add(assets.RingingThere, say("Ringing: {{.Who}}", "Who", o.caller(e)))
	}
	if c.DoNotDisturb {
		add(assets.Away, say("Do not disturb"))
	}
	if c.ForwardedTo != "" {
		to := shownNumber(c.ForwardedTo)
		if target := o.entries[cstasession.DeviceID(c.ForwardedTo).Number()]; target != nil && target.name != "" {
			to = target.name
		}
		add(assets.Forwarded, say("Forwarded to {{.Name}}", "Name", to))
	}
	if len(parts) == 0 {
		parts = []string{say("Free")}
	}
	return strings.Join(parts, " · "), shape
}

// caller is who rings at a colleague. The caller holds mu.
func (o *office) caller(e *entry) string {
	ringing, _ := e.ringing()
	if own := o.entries[cstasession.DeviceID(ringing.Remote.Number).Number()]; own != nil && own.name != "" {
		return own.name
	}
	first, _ := who(ringing.Remote)
	return first
}

// queueWords tells of a queue in a line.
func queueWords(e *entry, online bool) string {
	switch {
	case !online:
		return say("Queue") + " · " + say("Not known while offline")
	case e.stale:
		return say("Queue") + " · " + say("Not known since the connection was lost")
	case e.queue.Waiting == 0 && len(e.queue.Calls) == 0:
		return say("Queue") + " · " + say("nobody waits")
	}
	return say("Queue") + " · " + say("{{.Count}} waiting", "Count", strconv.Itoa(max(e.queue.Waiting, len(e.queue.Calls))))
}

// colleagueRow is a row of the list. It is one widget, and none that Tab stops at: the keyboard's way to a
// colleague is Up, Down and letters.
type colleagueRow struct {
	widget.BaseWidget
	page   *colleaguesPage
	number string // whose row it is now
	look   look
	drawn  bool

	back, under         *canvas.Rectangle // the choice or the pointer; the button under the pointer
	picture             *canvas.Image
	name, extension, do *line
	icons               [rowButtons]*canvas.Image

	hovered bool
	at      int // the button under the pointer, -1 for none
	tapped  time.Time
}

var (
	_ fyne.Tappable     = (*colleagueRow)(nil)
	_ desktop.Hoverable = (*colleagueRow)(nil)
)

func newColleagueRow(p *colleaguesPage) *colleagueRow {
	r := &colleagueRow{page: p, at: -1,
		back: canvas.NewRectangle(nil), under: canvas.NewRectangle(nil),
		picture:   canvas.NewImageFromResource(nil),
		name:      newLine(theme.TextSize(), true, theme.ColorNameForeground),
		extension: newLine(theme.TextSize(), false, colorMuted),
		do:        newLine(theme.TextSize()-2, false, colorMuted),
	}
	r.extension.align = fyne.TextAlignTrailing
	r.back.CornerRadius, r.under.CornerRadius = 4, 4
	for i := range r.icons {
		r.icons[i] = canvas.NewImageFromResource(nil)
		r.icons[i].Hide()
	}
	r.ExtendBaseWidget(r)
	return r
}

// set has the row show an entry.
func (r *colleagueRow) set(number string, l look) {
	if number != r.number {
		r.tapped = time.Time{} // a double click is two on the same
	}
	if r.number = number; r.drawn && l == r.look {
		return
	}
	before := r.look
	r.look = l
	r.name.set(l.name)
	r.extension.set(l.number)
	r.do.set(l.doing)
	if !r.drawn || l.picture != before.picture {
		r.picture.Resource = l.picture.resource()
		r.picture.Refresh()
	}
	for i, b := range l.buttons {
		if was := before.buttons[i]; b.glyph != "" && (b.glyph != was.glyph || b.grey != was.grey) {
			r.icons[i].Resource = buttonIcon(b)
			r.icons[i].Refresh()
		}
		show(r.icons[i], b.glyph != "")
	}
	r.drawn = true
	r.drawBack()
	r.hint()
}

// buttonIcons are made once: each is a drawing that has been read.
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

// drawBack shows the choice and the pointer.
func (r *colleagueRow) drawBack() {
	fill := func(rect *canvas.Rectangle, on bool, name fyne.ThemeColorName) {
		if show(rect, on); on {
			rect.FillColor = themeColor(name)
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

// The places in a row, from its right edge.
const (
	buttonSize    = 20
	buttonPad     = 7
	buttonStep    = buttonSize + 2*buttonPad
	buttonsEnd    = 10
	extensionRoom = 52
	pictureSize   = 22
)

// Tapped does what the button under the pointer is for, else chooses the colleague; twice calls.
func (r *colleagueRow) Tapped(e *fyne.PointEvent) {
	u, number := r.page.ui, r.number
	switch at := r.button(e.Position); at {
	case buttonPickUp, buttonHandOver, buttonCall:
		if b := r.look.buttons[at]; b.grey {
			u.tell(b.hint)
			return
		}
		r.page.act(at, number)
		r.tapped = time.Time{}
	default:
		if time.Since(r.tapped) < u.app.Driver().DoubleTapDelay() && r.look.buttons[buttonCall].glyph != "" && e.Position.X < r.icons[0].Position().X {
			r.tapped = time.Time{}
			r.page.act(buttonCall, number)
			return
		}
		r.tapped = time.Now()
		r.page.choose(number)
	}
}

// act does what a button of a row is for.
func (p *colleaguesPage) act(button int, number string) {
	u := p.ui
	switch button {
	case buttonPickUp:
		if ringing, ok := u.office.ringing(number); ok {
			u.pickUp(ringing)
		}
	case buttonHandOver:
		u.pass(number, false)
	case buttonCall:
		u.dial(number)
	}
}

// button returns the one at a position, -1 if there is none.
func (r *colleagueRow) button(at fyne.Position) int {
	for i, o := range r.icons {
		if x := at.X - o.Position().X; o.Visible() && x >= -buttonPad && x < buttonSize+buttonPad {
			return i
		}
	}
	return -1
}

// MouseIn, MouseMoved and MouseOut follow the pointer.
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

// hint tells what a click would do, and reports whether this row has something to tell.
func (r *colleagueRow) hint() bool {
	if !r.hovered || r.at < 0 {
		return false
	}
	r.page.hint = r.look.buttons[r.at].hint
	return true
}

// MinSize is the row's height.
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
	x -= extensionRoom + 4
	c.extension.Move(fyne.NewPos(x, 5))
	c.extension.Resize(fyne.NewSize(extensionRoom, c.extension.MinSize().Height))
	const text = 14 + pictureSize + 12
	c.name.Move(fyne.NewPos(text, 5))
	c.name.Resize(fyne.NewSize(x-text-4, c.name.MinSize().Height))
	c.do.Move(fyne.NewPos(text, 5+c.name.MinSize().Height))
	c.do.Resize(fyne.NewSize(x+extensionRoom-text, c.do.MinSize().Height))
	c.drawBack()
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
