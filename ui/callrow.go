package ui

import (
	"image/color"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/assets"
	"calltray/cstasession/csta"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// callRow is one call in the window: the other party on the first line, the actions on the second. A click makes it
// the subject.
type callRow struct {
	page    *callsPage
	call    csta.Call
	options []option
	place   int       // from the top; -1 while it has no call
	moved   time.Time // when it came to its place
	changed time.Time // when its actions, and so its buttons, changed

	box, names, row         *fyne.Container   // row holds the buttons
	area                    *widgets.TapArea  // all but the buttons
	room                    *canvas.Rectangle // gives the row its height
	stripe                  *widgets.Surface
	icon                    *widget.Icon
	first, second, duration *widgets.Line
	buttons                 [callButtons]*widgets.Action // the last one hangs up
}

// callButtons is the most actions possible with one call at a time.
const callButtons = 4

func newCallRow(p *callsPage) *callRow {
	r := &callRow{
		page:     p,
		place:    -1,
		room:     canvas.NewRectangle(color.Transparent),
		stripe:   widgets.NewSurface(theme.ColorNamePrimary, "", 0),
		icon:     widget.NewIcon(nil),
		first:    widgets.NewLine(theme.TextSize()+1, true, theme.ColorNameForeground),
		second:   widgets.NewLine(theme.TextSize()-1, false, widgets.ColorMuted),
		duration: widgets.NewLine(theme.TextSize(), false, widgets.ColorMuted),
	}
	r.duration.Align, r.duration.Least = fyne.TextAlignTrailing, "0:00:00"
	r.area = widgets.NewTapArea(&p.ui.window, func() {
		if time.Since(r.moved) >= tapGuard {
			p.ui.chosenCall = r.call.ID
			p.ui.render()
		}
	})
	r.row = container.New(shrinking{r, widgets.Weighted{Gap: 6, Weights: []float32{callButtons - 1: 1}}})
	for i := range r.buttons {
		r.buttons[i] = p.ui.window.action(widget.MediumImportance, func() { r.press(i) }, widgets.Face{})
		if i == callButtons-1 {
			r.row.Add(layout.NewSpacer())
		}
		r.row.Add(r.buttons[i])
	}
	r.buttons[callButtons-1].Importance = widget.DangerImportance
	r.room.SetMinSize(fyne.NewSize(0, p.rowHeight()))
	r.names = container.New(nameAndMore{8, p}, r.first, r.second)
	head := widgets.NewRow(8, 1, r.icon, r.names, r.duration)
	r.box = container.New(widgets.Striped{}, r.stripe, container.NewStack(r.room, r.area,
		container.New(layout.NewCustomPaddedLayout(5, 4, 12, 10), widgets.NewColumn(3, head, r.row)),
		container.NewBorder(nil, widgets.Divider(), nil, nil)))
	return r
}

// nameAndMore lays out a name and details in one line, or in two in the narrow form. In one line, a name too long is
// cut, but gets at least half the room.
type nameAndMore struct {
	gap  float32
	page *callsPage
}

func (l nameAndMore) MinSize(o []fyne.CanvasObject) fyne.Size {
	size := o[0].MinSize()
	if l.page.narrow {
		size.Height += o[1].MinSize().Height
	}
	return size
}

func (l nameAndMore) Layout(o []fyne.CanvasObject, size fyne.Size) {
	name, more := o[0].(*widgets.Line), o[1].(*widgets.Line)
	if l.page.narrow {
		y := float32(0)
		for _, line := range []*widgets.Line{name, more} {
			height := line.MinSize().Height
			line.Move(fyne.NewPos(0, y))
			line.Resize(fyne.NewSize(size.Width, height))
			y += height
		}
		return
	}
	width := fyne.Min(name.Width(), fyne.Max(size.Width/2, size.Width-l.gap-more.Width()))
	if more.Text == "" {
		width = size.Width
	}
	for _, l := range []struct {
		*widgets.Line
		x, width float32
	}{{name, 0, width}, {more, width + l.gap, fyne.Max(0, size.Width-width-l.gap)}} {
		height := l.MinSize().Height
		l.Move(fyne.NewPos(l.x, (size.Height-height)/2))
		l.Resize(fyne.NewSize(l.width, height))
	}
}

// set shows a call. The subject has a stripe if there are other calls.
func (r *callRow) set(c csta.Call, marked bool) {
	u := r.page.ui
	r.call = c
	if now := callIcon(c); r.icon.Resource == nil || r.icon.Resource.Name() != now.Name() {
		r.icon.SetResource(now)
	}
	first, number := text.Who(u.known(c.Remote))
	if details := u.details(c, number); r.first.Text != first || r.second.Text != details {
		r.first.Set(first)
		r.second.Set(details)
		widgets.LayOut(r.names)
	}
	widgets.Show(r.stripe, marked)

	before := r.options
	r.options = nil
	var hangUp option
	for _, o := range options(c, u.state, u.busy) {
		switch o.action {
		case actHangUp:
			hangUp = o
		case actAsk: // has its button beside the entry
		default:
			r.options = append(r.options, o)
		}
	}
	if !slices.EqualFunc(before, r.options, func(a, b option) bool { return a.action == b.action }) {
		r.changed = time.Now()
	}
	for i, b := range r.buttons[:callButtons-1] {
		if i < len(r.options) {
			r.draw(b, r.options[i])
		}
		widgets.Show(b, i < len(r.options))
	}
	r.draw(r.buttons[callButtons-1], hangUp)
	widgets.LayOut(r.row)
	widgets.Show(r.box, true)
	r.releaseKeyboard()
	r.tick()
}

// stand puts the row in a place, and reports whether it was in another.
func (r *callRow) stand(place int) bool {
	if r.place == place {
		return false
	}
	r.place, r.moved = place, time.Now()
	r.forgetPointer() // which stays where it is
	return true
}

// leave takes the row off the list, and reports whether it was there.
func (r *callRow) leave() bool {
	if r.place < 0 {
		return false
	}
	r.place, r.call, r.options = -1, csta.Call{Phase: csta.Ended}, nil
	widgets.Show(r.box, false)
	r.releaseKeyboard()
	r.forgetPointer()
	return true
}

// releaseKeyboard gives the keyboard to the entry if it is on something of the row that is no longer seen. Below a question
// or a menu nobody can tell where it is.
func (r *callRow) releaseKeyboard() {
	c, on := r.page.ui.window.window.Canvas(), r.box.Visible()
	gone := !on && (c.Overlays().Top() != nil || c.Focused() == fyne.Focusable(r.area))
	for _, b := range r.buttons {
		gone = gone || c.Focused() == fyne.Focusable(b) && !(on && b.Visible())
	}
	if gone {
		r.page.bereft = time.Now()
		c.Focus(r.page.entry)
	}
}

// forgetPointer ends the hover effect, which Fyne does only once the pointer moves.
func (r *callRow) forgetPointer() {
	r.area.MouseOut()
	for _, b := range r.buttons {
		b.MouseOut()
	}
}

// draw shows what a button does now.
func (r *callRow) draw(b *widgets.Action, o option) {
	importance := widget.MediumImportance
	switch o.action {
	case actAnswer:
		importance = widget.SuccessImportance
	case actHangUp:
		importance = widget.DangerImportance
	}
	b.SetImportance(importance)
	b.Set(actionFace(o.action, r.call.Phase))
	b.Become(o.why)
}

// press performs a button's action, unless the call or that action has only just come here: the second click of a
// double click on "Answer" is not meant for "Hold".
func (r *callRow) press(button int) {
	switch {
	case time.Since(r.moved) < tapGuard:
	case button == callButtons-1:
		r.page.ui.act(actHangUp, r.call)
	case time.Since(r.changed) < tapGuard:
	case button < len(r.options):
		r.page.ui.act(r.options[button].action, r.call)
	}
}

// actionFace returns the face of an action's button while the call is in a phase.
func actionFace(a callAction, phase csta.Phase) widgets.Face {
	switch a {
	case actHangUp:
		if phase == csta.Ringing {
			return widgets.Face{Label: text.Say("Decline"), Glyph: assets.HangUp}
		}
	case actAnswer:
		return widgets.Face{Label: text.Say("Answer"), Glyph: assets.Answer}
	case actPassOn:
		return widgets.Face{Label: text.Say("Transfer"), Glyph: assets.PassOn}
	case actHold:
		return widgets.Face{Label: text.Say("Hold"), Glyph: assets.Hold}
	case actResume:
		return widgets.Face{Label: text.Say("Resume"), Glyph: assets.Resume}
	case actSwap:
		return widgets.Face{Label: text.Say("Swap"), Glyph: assets.Swap}
	case actJoin:
		return widgets.Face{Label: text.Say("Conference"), Glyph: assets.Conference}
	case actTransfer:
		return widgets.Face{Label: text.Say("Transfer"), Glyph: assets.Transfer}
	case actComplete, actConnect:
		return widgets.Face{Label: text.Say("Transfer"), Glyph: assets.Join}
	case actBack:
		return widgets.Face{Label: text.Say("Back"), Glyph: assets.Back}
	case actKeypad:
		return widgets.Face{Label: text.Say("Keypad"), Glyph: assets.Keypad}
	}
	return widgets.Face{Label: text.Say("Hang up"), Glyph: assets.HangUp}
}

// callIcon returns the icon for what a call is doing.
func callIcon(c csta.Call) fyne.Resource {
	state := assets.InCall
	switch {
	case c.Conference:
		return widgets.Icon(assets.Conference)
	case c.Phase == csta.Held:
		return widgets.Icon(assets.Hold)
	case c.Phase == csta.Calling:
		return widgets.Icon(assets.Outgoing)
	case c.Phase == csta.Ringing:
		state = assets.Ringing
	}
	name, dark := string(state)+".svg", widgets.OnDark()
	if dark {
		name = "dark-" + name
	}
	return fyne.NewStaticResource(name, state.SVG(dark))
}

// details returns the text after the name of a call: first whom it is for, which decides the greeting. That it
// rings is clear from its button.
func (u *UI) details(c csta.Call, number string) string {
	var parts []string
	if via := text.ViaLine(c); via != "" {
		parts = append(parts, via)
	}
	if number != "" {
		parts = append(parts, number)
	}
	if c.Uncertain {
		parts = append(parts, text.Say("Not confirmed"))
	} else if number == "" || c.Phase != csta.Ringing {
		parts = append(parts, text.PhaseWord(c))
	}
	if held := u.call(c.Consults); held.Phase == csta.Held {
		parts = append(parts, text.Say("about {{.Who}}", "Who", u.named(held.Remote)))
	}
	return strings.Join(parts, " · ")
}

func (r *callRow) tick() {
	if r.box.Visible() && !r.call.ID.IsZero() {
		r.duration.Set(text.Clock(time.Since(r.call.Since)))
	}
}
