package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/assets"
	"calltray/cstasession/csta"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// popupCard is one ringing call in the popup.
type popupCard struct {
	ui       *UI
	call     csta.Call
	copied   bool // the copy button says so
	nameless bool // the caller is not shown, because others may read it

	box, numbers, names, who *fyne.Container
	icon                     *canvas.Image
	name                     *widgets.Lines
	head, clock, number      *widgets.Line
	firm                     *widgets.Line  // the caller's company
	via                      *widgets.Line  // the queue called, so that the user knows which name to answer with
	memory                   *widgets.Line  // the last call with the caller, and its note
	why                      *widgets.Lines // replaces the number: why a button is disabled
	answer, hangUp, passOn   *widgets.Action
	copy, cross              *widgets.Action
}

func newPopupCard(u *UI) *popupCard {
	c := &popupCard{
		ui:     u,
		icon:   canvas.NewImageFromResource(nil),
		head:   widgets.NewLine(theme.CaptionTextSize()+1, true, theme.ColorNameWarning),
		clock:  widgets.NewLine(theme.CaptionTextSize()+1, false, widgets.ColorMuted),
		name:   widgets.NewLines(2, nameSize, theme.ColorNameForeground),
		firm:   widgets.NewLine(17, false, theme.ColorNameForeground),
		number: widgets.NewLine(18, false, theme.ColorNameForeground),
		via:    widgets.NewLine(17, true, theme.ColorNamePrimary),
		memory: widgets.NewLine(theme.TextSize()-1, false, widgets.ColorMuted),
		why:    widgets.NewLines(3, theme.TextSize()-1, theme.ColorNameForeground),
	}
	c.clock.Align, c.clock.Least = fyne.TextAlignTrailing, "00:00:00"
	c.answer = widgets.NewAction(widget.SuccessImportance, c.tell, u.popup.guarded(func() { u.popup.answerHere(c.call) }), widgets.Face{Label: text.Say("Answer"), Glyph: assets.Answer})
	c.hangUp = widgets.NewAction(widget.DangerImportance, c.tell, u.popup.guarded(func() { u.act(actHangUp, c.call) }), widgets.Face{Label: text.Say("Decline"), Glyph: assets.HangUp})
	c.passOn = widgets.NewAction(widget.MediumImportance, c.tell, u.popup.guarded(func() { u.act(actPassOn, c.call) }), widgets.Face{Label: text.Say("Transfer"), Glyph: assets.PassOn})
	c.copy = widgets.NewAction(widget.LowImportance, nil, u.popup.guarded(c.copyNumber), widgets.Face{Label: text.Say("Copy number"), Glyph: assets.Copy})
	c.cross = widgets.NewAction(widget.LowImportance, nil, u.popup.guarded(func() { u.popup.dismiss(c.call.ID) }), widgets.Face{})
	c.cross.SetIcon(theme.CancelIcon())
	c.why.Hide()

	c.icon.SetMinSize(fyne.NewSquareSize(22))
	head := widgets.NewRow(8, 1, c.icon, c.head, c.clock, c.cross)
	c.numbers = container.New(beside{}, c.number, c.copy)
	c.names = widgets.NewColumn(2, c.firm, c.numbers, c.via, c.memory)
	c.name.Bold, c.name.Least = true, 1
	c.who = container.New(nameAbove{card: c, line: c.name.MinSize().Height, rest: fyne.Max(c.names.MinSize().Height, c.why.MinSize().Height)},
		c.name, container.NewStack(c.names, c.why))
	text := container.New(layout.NewCustomPaddedLayout(0, 0, 14, 14), c.who)
	buttons := container.New(layout.NewCustomPaddedLayout(0, 0, 14, 14), widgets.NewColumn(0, container.NewGridWithColumns(3, c.answer, c.hangUp, c.passOn)))
	body := container.New(layout.NewCustomPaddedLayout(4, 4, 0, 0), widgets.NewColumn(4,
		container.New(layout.NewCustomPaddedLayout(0, 0, 14, 4), head), text, widgets.Spacer(4), buttons, widgets.Spacer(6)))
	c.box = container.New(widgets.Striped{}, widgets.NewSurface(theme.ColorNameWarning, "", 0),
		widgets.NewColumn(0, body, widgets.Divider()))
	return c
}

// The text size of a caller's name, and the least that a long one has before it is cut.
const (
	nameSize      = 26
	leastNameSize = 19
)

// nameAbove lays out the caller's name above the rest of what is known. A name too long for a line is smaller, and has a
// second line if the rest leaves room for it: the card keeps its height.
type nameAbove struct {
	card       *popupCard
	line, rest float32 // the height of the name in one line; what the rest may need
}

const nameGap = 2 // below the name

// MinSize is the same for every caller. A name does not widen the card.
func (l nameAbove) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(o[1].MinSize().Width, l.line+nameGap+l.rest)
}

// Layout sizes the name, and places both.
func (l nameAbove) Layout(o []fyne.CanvasObject, size fyne.Size) {
	if size.Width <= 0 {
		return
	}
	name := l.card.name
	name.Fit(size.Width, size.Height-nameGap-fyne.Max(l.card.names.MinSize().Height, l.card.why.MinSize().Height), nameSize, leastNameSize)
	name.Resize(fyne.NewSize(size.Width, name.Size().Height)) // which tells how many lines it has
	height := name.MinSize().Height
	below := fyne.Max(l.line, height)
	name.Move(fyne.NewPos(0, (below-height)/2))
	name.Resize(fyne.NewSize(size.Width, height))
	o[1].Move(fyne.NewPos(0, below+nameGap))
	o[1].Resize(fyne.NewSize(size.Width, size.Height-below-nameGap))
}

// beside places an object right after a line's text, and truncates the line if there is no room for both. It reserves
// the space of a hidden object.
type beside struct{}

func (beside) MinSize(o []fyne.CanvasObject) fyne.Size {
	text, after := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(text.Width+after.Width, fyne.Max(text.Height, after.Height))
}

func (beside) Layout(o []fyne.CanvasObject, size fyne.Size) {
	text, after := o[0].(*widgets.Line), o[1].MinSize()
	width := fyne.Min(text.Width(), size.Width-after.Width)
	text.Move(fyne.NewPos(0, (size.Height-text.MinSize().Height)/2))
	text.Resize(fyne.NewSize(width, text.MinSize().Height))
	o[1].Move(fyne.NewPos(width, (size.Height-after.Height)/2))
	o[1].Resize(after)
}

// tell shows why a button is disabled, in place of the number, so that nothing moves.
func (c *popupCard) tell(why string) {
	c.why.Set(why, theme.ColorNameForeground)
	widgets.Show(c.why, why != "")
	widgets.Show(c.names, why == "")
}

// set shows a call.
func (c *popupCard) set(call csta.Call) {
	if c.copied && call.ID != c.call.ID {
		c.copied = false
		c.copy.SetIcon(widgets.Icon(assets.Copy))
	}
	c.call = call
	widgets.SetIcon(c.icon, assets.Ringing)
	c.nameless = call.ID != testCall && c.ui.attention(call).Nameless
	if c.head.Set(text.Arrival(call)); c.nameless {
		c.head.Set("")
	}
	number, name := text.ShownNumber(call.Remote.Number), text.Plain(c.ui.known(call.Remote).Name, text.MaxName)
	if number == "" && name == "" {
		name = text.Say("Number withheld")
	}
	known := c.ui.about(call.Remote)
	if name == "" || name == number || name == call.Remote.Number {
		name, number = number, "" // what is known goes in the large line
	} else if label := text.Plain(known.Label, text.MaxName); label != "" && number != "" {
		number += " · " + label
	}
	if c.nameless {
		name, number = text.Say("Incoming call"), ""
	}
	c.name.Set(name, theme.ColorNameForeground)
	if c.number.Text != number {
		c.number.Set(number)
		if number == "" {
			c.copy.Reduce(widgets.Whole) // it stands there alone
		} else {
			c.copy.Reduce(widgets.GlyphAlone)
		}
		widgets.LayOut(c.numbers)
	}
	firm := text.Plain(known.Company, text.MaxName)
	if firm == name {
		firm = ""
	}
	via, memory := text.ViaLine(call), known.Memory()
	if c.nameless {
		firm, via, memory = "", "", ""
	}
	for line, words := range map[*widgets.Line]string{c.firm: firm, c.via: via, c.memory: memory} {
		line.Set(words)
		widgets.Show(line, words != "") // the card keeps its height
	}
	widgets.LayOut(c.who)   // a long name takes what the others leave
	widgets.LayOut(c.names) // the next line takes the place of a hidden one
	for a, b := range map[callAction]*widgets.Action{actAnswer: c.answer, actHangUp: c.hangUp, actPassOn: c.passOn} {
		if call.ID == testCall {
			b.Forbid(text.Say("This is a test"))
		} else {
			b.Become(c.ui.why(a, call))
		}
	}
	widgets.Show(c.copy, call.Remote.Number != "" && !c.nameless)
	c.tick()
}

// forgetPointer ends the hover effect of the buttons: Fyne does not notice that the pointer leaves a window when that
// is hidden under it.
func (c *popupCard) forgetPointer() {
	for _, b := range []desktop.Hoverable{c.answer, c.hangUp, c.passOn, c.copy, c.cross} {
		b.MouseOut()
	}
}

func (c *popupCard) tick() {
	c.clock.Set(text.Clock(time.Since(c.call.Since)))
}

func (c *popupCard) copyNumber() {
	c.ui.copyNumber(csta.DeviceID(c.call.Remote.Number).Number())
	c.copy.SetIcon(theme.ConfirmIcon())
	c.copied = true
}
