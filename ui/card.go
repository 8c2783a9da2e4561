package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/assets"
	"calltray/cstasession"
)

// card is one ringing call in the popup.
type card struct {
	ui   *UI
	call cstasession.Call

	box                            *fyne.Container
	icon                           *canvas.Image
	head, clock, number, name, via *line
	answer, hangUp, copy, cross    *widget.Button
}

func newCard(u *UI) *card {
	c := &card{
		ui:     u,
		icon:   canvas.NewImageFromResource(nil),
		head:   newLine(theme.CaptionTextSize()+1, true, theme.ColorNameWarning),
		clock:  newLine(theme.CaptionTextSize()+1, false, colorMuted),
		number: newLine(26, true, theme.ColorNameForeground),
		name:   newLine(18, false, theme.ColorNameForeground),
		via:    newLine(theme.TextSize(), false, colorMuted),
	}
	c.clock.align, c.clock.least = fyne.TextAlignTrailing, "00:00:00"
	c.answer = widget.NewButtonWithIcon(say("Answer"), icon(assets.Answer), c.tapped(func() { u.answer(c.call.ID) }))
	c.answer.Importance = widget.SuccessImportance
	c.hangUp = widget.NewButtonWithIcon(say("Hang up"), icon(assets.HangUp), c.tapped(func() { u.hangUp(c.call.ID) }))
	c.hangUp.Importance = widget.DangerImportance
	c.copy = widget.NewButton(say("Copy number"), c.tapped(c.copyNumber))
	c.cross = widget.NewButtonWithIcon("", theme.CancelIcon(), c.tapped(func() { u.popup.dismiss(c.call.ID) }))
	c.cross.Importance = widget.LowImportance

	c.icon.SetMinSize(fyne.NewSquareSize(22))
	head := container.New(row{gap: 8, grow: 1}, c.icon, c.head, c.clock, c.cross)
	text := container.New(stack{gap: 2, padX: 14}, c.number, c.name, c.via)
	buttons := container.New(stack{padX: 14}, container.NewGridWithColumns(3, c.answer, c.hangUp, c.copy))
	body := container.New(stack{gap: 4, padY: 4},
		container.New(layout.NewCustomPaddedLayout(0, 0, 14, 4), head), text, spacer(4), buttons, spacer(6))
	c.box = container.New(striped{}, newSurface(theme.ColorNameWarning, "", 0),
		container.New(stack{}, body, rule()))
	return c
}

// tapped wraps what a button does.
func (c *card) tapped(f func()) func() {
	return func() {
		if time.Since(c.ui.popup.moved) >= tapGuard {
			f()
		}
	}
}

// set shows a call.
func (c *card) set(call cstasession.Call, busy bool) {
	if call.ID != c.call.ID {
		c.copy.SetText(say("Copy number"))
	}
	c.call = call
	setIcon(c.icon, assets.Ringing)
	c.head.set(say("Incoming call"))
	number, name := shownNumber(call.Remote.Number), plain(call.Remote.Name, maxName)
	if name == number || name == call.Remote.Number {
		name = ""
	}
	if number == "" {
		number = say("Number withheld")
	}
	c.number.set(number)
	c.name.set(name)
	c.via.set(viaLine(call))
	enable(c.answer, !busy)
	enable(c.hangUp, !busy)
	enable(c.copy, call.Remote.Number != "")
	c.tick()
}

// forgetPointer undraws the button that the pointer is on: Fyne does not see it leave a window that goes
// away under it.
func (c *card) forgetPointer() {
	for _, b := range []*widget.Button{c.answer, c.hangUp, c.copy, c.cross} {
		b.MouseOut()
	}
}

// viaLine tells for whom a call is, when it is not for this extension itself.
func viaLine(c cstasession.Call) string {
	via := shownNumber(c.Via)
	if via == "" {
		return ""
	}
	return say("for {{.Via}}", "Via", via)
}

func (c *card) tick() {
	c.clock.set(clock(time.Since(c.call.Since)))
}

func (c *card) copyNumber() {
	c.ui.copyNumber(cstasession.DeviceID(c.call.Remote.Number).Number())
	c.copy.SetText(say("Copied"))
}

// enable changes a button only if need be.
func enable(b *widget.Button, on bool) {
	switch {
	case on && b.Disabled():
		b.Enable()
	case !on && !b.Disabled():
		b.Disable()
	}
}

// drawing is a picture in two colourings: an assets.Icon or an assets.Shape.
type drawing interface {
	~string
	SVG(onDark bool) []byte
}

// drawings are the resources of the drawings, by name: a list of thousands shows the same few.
var drawings = map[string]fyne.Resource{}

// setIcon shows a state's drawing, in the colours of the theme.
func setIcon[D drawing](img *canvas.Image, d D) {
	name, dark := string(d)+".svg", onDark()
	if dark {
		name = string(d) + "-dark.svg"
	}
	if img.Resource != nil && img.Resource.Name() == name {
		return
	}
	if drawings[name] == nil {
		drawings[name] = fyne.NewStaticResource(name, d.SVG(dark))
	}
	img.Resource = drawings[name]
	img.Refresh()
}
