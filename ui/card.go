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
)

// card is one ringing call in the popup.
type card struct {
	ui   *UI
	call csta.Call

	box, numbers, names       *fyne.Container
	icon                      *canvas.Image
	head, clock, number, name *line
	via                       *line  // for which queue: it says with what name to greet
	why                       *lines // in place of the names: why a button is out of use
	answer, hangUp, passOn    *action
	copy, cross               *widget.Button
}

func newCard(u *UI) *card {
	c := &card{
		ui:     u,
		icon:   canvas.NewImageFromResource(nil),
		head:   newLine(theme.CaptionTextSize()+1, true, theme.ColorNameWarning),
		clock:  newLine(theme.CaptionTextSize()+1, false, colorMuted),
		number: newLine(26, true, theme.ColorNameForeground),
		name:   newLine(18, false, theme.ColorNameForeground),
		via:    newLine(17, true, theme.ColorNamePrimary),
		why:    newLines(3, theme.TextSize()-1, theme.ColorNameForeground),
	}
	c.clock.align, c.clock.least = fyne.TextAlignTrailing, "00:00:00"
	c.answer = newAction(widget.SuccessImportance, c.tell, c.tapped(func() { u.act(actAnswer, c.call) }), face{text.Say("Answer"), assets.Answer})
	c.hangUp = newAction(widget.DangerImportance, c.tell, c.tapped(func() { u.act(actHangUp, c.call) }), face{text.Say("Hang up"), assets.HangUp})
	c.passOn = newAction(widget.MediumImportance, c.tell, c.tapped(func() { u.act(actPassOn, c.call) }), face{text.Say("Pass on"), assets.PassOn})
	c.copy = widget.NewButtonWithIcon("", icon(assets.Copy), c.tapped(c.copyNumber))
	c.copy.Importance = widget.LowImportance
	c.cross = widget.NewButtonWithIcon("", theme.CancelIcon(), c.tapped(func() { u.popup.dismiss(c.call.ID) }))
	c.cross.Importance = widget.LowImportance
	c.why.Hide()

	c.icon.SetMinSize(fyne.NewSquareSize(22))
	head := newRow(8, 1, c.icon, c.head, c.clock, c.cross)
	c.numbers = container.New(beside{}, c.number, c.copy)
	c.names = newColumn(2, c.name, c.via)
	who := container.NewStack(spacer(fyne.Max(c.names.MinSize().Height, c.why.MinSize().Height)), c.names, c.why)
	text := container.New(layout.NewCustomPaddedLayout(0, 0, 14, 14), newColumn(2, c.numbers, who))
	buttons := container.New(layout.NewCustomPaddedLayout(0, 0, 14, 14), newColumn(0, container.NewGridWithColumns(3, c.answer, c.hangUp, c.passOn)))
	body := container.New(layout.NewCustomPaddedLayout(4, 4, 0, 0), newColumn(4,
		container.New(layout.NewCustomPaddedLayout(0, 0, 14, 4), head), text, spacer(4), buttons, spacer(6)))
	c.box = container.New(striped{}, newSurface(theme.ColorNameWarning, "", 0),
		newColumn(0, body, rule()))
	return c
}

// beside lays an object out right after a line's text, and cuts the line if there is no room for both. It
// keeps the room of an object that is hidden.
type beside struct{}

func (beside) MinSize(o []fyne.CanvasObject) fyne.Size {
	text, after := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(text.Width+after.Width, fyne.Max(text.Height, after.Height))
}

func (beside) Layout(o []fyne.CanvasObject, size fyne.Size) {
	text, after := o[0].(*line), o[1].MinSize()
	width := fyne.Min(text.width(), size.Width-after.Width)
	text.Move(fyne.NewPos(0, (size.Height-text.MinSize().Height)/2))
	text.Resize(fyne.NewSize(width, text.MinSize().Height))
	o[1].Move(fyne.NewPos(width, (size.Height-after.Height)/2))
	o[1].Resize(after)
}

// tapped wraps what a button does.
func (c *card) tapped(f func()) func() {
	return func() {
		if time.Since(c.ui.popup.moved) >= tapGuard {
			f()
		}
	}
}

// tell shows why a button is out of use, where it moves nothing.
func (c *card) tell(why string) {
	c.why.set(why, theme.ColorNameForeground)
	show(c.why, why != "")
	show(c.names, why == "")
}

// set shows a call.
func (c *card) set(call csta.Call) {
	if call.ID != c.call.ID {
		c.copy.SetIcon(icon(assets.Copy))
	}
	c.call = call
	setIcon(c.icon, assets.Ringing)
	c.head.set(text.Arrival(call))
	number, name := text.ShownNumber(call.Remote.Number), text.Plain(call.Remote.Name, text.MaxName)
	if name == number || name == call.Remote.Number {
		name = ""
	}
	if number == "" {
		number = text.Say("Number withheld")
	}
	if c.number.text != number {
		c.number.set(number)
		c.numbers.Refresh()
	}
	c.name.set(name)
	c.via.set(text.ViaLine(call))
	c.answer.become(c.ui.why(actAnswer, call))
	c.hangUp.become(c.ui.why(actHangUp, call))
	c.passOn.become(c.ui.why(actPassOn, call))
	show(c.copy, call.Remote.Number != "")
	c.tick()
}

// forgetPointer undraws the button that the pointer is on: Fyne does not see it leave a window that goes
// away under it.
func (c *card) forgetPointer() {
	for _, b := range []desktop.Hoverable{c.answer, c.hangUp, c.passOn, c.copy, c.cross} {
		b.MouseOut()
	}
}

func (c *card) tick() {
	c.clock.set(text.Clock(time.Since(c.call.Since)))
}

func (c *card) copyNumber() {
	c.ui.copyNumber(csta.DeviceID(c.call.Remote.Number).Number())
	c.copy.SetIcon(theme.ConfirmIcon())
}
