package ui

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/cstasession/csta"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// popupPanel replaces a popup's card when its call is answered there: it shows the time and the most used actions. It
// is below the ringing calls, and disappears with its call, when it is closed, or while the window has the keyboard,
// since the call's row in the window shows the same.
type popupPanel struct {
	ui   *UI
	call csta.Call
	held callAction // what the first button does

	box, names           *fyne.Container
	icon                 *canvas.Image
	name, clock          *widgets.Line
	why                  *widgets.Lines // replaces the name: why a button is disabled
	hold, passOn, hangUp *widgets.Action
	cross                *widgets.Action
}

func newPopupPanel(u *UI) *popupPanel {
	c := &popupPanel{
		ui:    u,
		icon:  canvas.NewImageFromResource(nil),
		name:  widgets.NewLine(theme.TextSize()+2, true, theme.ColorNameForeground),
		clock: widgets.NewLine(theme.TextSize(), false, widgets.ColorMuted),
		why:   widgets.NewLines(2, theme.TextSize()-1, theme.ColorNameForeground),
	}
	c.icon.SetMinSize(fyne.NewSquareSize(22))
	c.clock.Align, c.clock.Least = fyne.TextAlignTrailing, "00:00:00"
	button := func(importance widget.Importance, do func(), faces ...widgets.Face) *widgets.Action {
		return widgets.NewAction(importance, c.tell, u.popup.guarded(do), faces...)
	}
	c.hold = button(widget.MediumImportance, func() { u.act(c.held, c.call) },
		actionFace(actHold, csta.Active), actionFace(actResume, csta.Held), actionFace(actSwap, csta.Held))
	c.passOn = button(widget.MediumImportance, func() { u.choose(c.call.ID) }, actionFace(actTransfer, csta.Active))
	c.hangUp = button(widget.DangerImportance, func() { u.act(actHangUp, c.call) }, actionFace(actHangUp, csta.Active))
	c.cross = widgets.NewAction(widget.LowImportance, nil, u.popup.guarded(u.popup.closePanel), widgets.Face{})
	c.cross.SetIcon(theme.CancelIcon())
	c.why.Hide()

	c.names = widgets.NewRow(8, 0, c.name, c.clock)
	head := widgets.NewRow(8, 1, c.icon, container.NewStack(c.names, c.why), c.cross)
	buttons := container.NewGridWithColumns(3, c.hold, c.passOn, c.hangUp)
	body := container.New(layout.NewCustomPaddedLayout(4, 10, 0, 0), widgets.NewColumn(4,
		container.New(layout.NewCustomPaddedLayout(0, 0, 14, 4), head),
		container.New(layout.NewCustomPaddedLayout(0, 0, 14, 14), buttons)))
	c.box = container.New(widgets.Striped{}, widgets.NewSurface(theme.ColorNamePrimary, "", 0),
		widgets.NewColumn(0, body, widgets.Divider()))
	return c
}

// tell shows why a button is disabled, in place of the name, so that nothing moves.
func (c *popupPanel) tell(why string) {
	c.why.Set(why, theme.ColorNameForeground)
	widgets.Show(c.why, why != "")
	widgets.Show(c.names, why == "")
}

// set shows a call.
func (c *popupPanel) set(call csta.Call) {
	u := c.ui
	c.call, c.held = call, u.holding(call)
	widgets.SetImage(c.icon, callIcon(call))
	switch words := text.PhaseWord(call); {
	case u.attention(call).Nameless: // others may read it
		c.name.Set(words)
	case call.Phase == csta.Held:
		c.name.Set(u.named(call.Remote) + " · " + words)
	default:
		c.name.Set(u.named(call.Remote))
	}
	c.hold.Set(actionFace(c.held, call.Phase))
	c.hold.Become(u.why(c.held, call))
	c.hangUp.Become(u.why(actHangUp, call))
	why := u.why(actTransfer, call)
	if call.Phase == csta.Held {
		why = text.Say("Resume the call first: then you can transfer it.")
	}
	c.passOn.Become(why)
	c.tick()
}

// forgetPointer ends the hover effect of the buttons: see popupCard.
func (c *popupPanel) forgetPointer() {
	for _, b := range []*widgets.Action{c.hold, c.passOn, c.hangUp, c.cross} {
		b.MouseOut()
	}
}

func (c *popupPanel) tick() {
	since := c.call.Answered
	if since.IsZero() {
		since = c.call.Since
	}
	c.clock.Set(text.Clock(time.Since(since)))
}

// holding returns what a call's hold button does: resume it, swap it with the active call, or hold it.
func (u *UI) holding(c csta.Call) callAction {
	for _, a := range []callAction{actResume, actSwap, actHold} {
		for _, o := range options(c, u.state, nil) {
			if o.action == a {
				return a
			}
		}
	}
	return actHold
}

// answerHere answers a call from its card, and shows the panel for it.
func (p *popup) answerHere(c csta.Call) {
	if !p.ui.settings.NoCallPanel && p.ui.why(actAnswer, c) == "" && !slices.Contains(p.answered, c.ID) {
		p.answered = append(p.answered, c.ID)
	}
	p.ui.act(actAnswer, c)
}

// talk returns the panel's call: the last one answered here that has not ended.
func (p *popup) talk() (c csta.Call, ok bool) {
	if p.ui.state.Status != csta.Online || p.ui.settings.NoCallPanel || p.ui.inWindow() {
		return c, false
	}
	for _, id := range p.answered {
		if now := p.ui.call(id); now.Phase == csta.Active || now.Phase == csta.Held {
			c, ok = now, true
		}
	}
	return c, ok
}

// closePanel closes the panel until another call is answered here.
func (p *popup) closePanel() {
	p.answered = nil
	p.render()
}
