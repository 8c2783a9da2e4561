package ui

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/assets"
	"calltray/cstasession/csta"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

func (p *callsPage) makeEntry() fyne.CanvasObject {
	w := &p.ui.window
	p.entry = widgets.NewInput(w)
	p.entry.Before = w.movedChoice
	p.entry.Paste = p.ui.pasted
	p.entry.SetPlaceHolder(text.Say("Name or number"))
	p.entry.OnChanged = func(text string) {
		if w.number = text; len(w.choices) > 0 {
			w.choose(nil)
		}
		if text != "" {
			w.uncover()
		}
		if strings.ContainsFunc(text, unicode.IsLetter) && w.side.page != sideColleagues {
			w.side.open(sideColleagues) // the user must see whom a name chooses
		}
		w.side.filter(text)
		p.renderTarget()
	}
	p.entry.OnSubmitted = func(string) { p.submit() }
	p.paste = w.button(widget.MediumImportance, text.Say("Paste and dial"), theme.ContentPasteIcon(), func() { p.ui.dialFromClipboard(true) })
	p.dial = w.action(widget.HighImportance, p.steadily(p.call), widgets.Face{Label: text.Say("Call"), Glyph: assets.Answer})
	p.ask = w.action(widget.MediumImportance, p.steadily(func() { p.pass(true) }), widgets.Face{Label: text.Say("Ask first"), Glyph: assets.Ask})
	p.transfer = w.action(widget.MediumImportance, p.steadily(p.transferNow), p.transferFaces()...)
	p.preview = widgets.NewLines(2, theme.CaptionTextSize()+1, widgets.ColorMuted)
	p.limitPreview()
	p.actions = container.NewGridWithColumns(3, p.dial, p.ask, p.transfer)
	p.actions.Hide()
	return widgets.NewColumn(6, widgets.NewRow(8, 0, p.entry, p.paste), p.preview, p.actions)
}

// makeMessage makes the area for the message, at the foot of the column: when one appears, only the end of the list
// makes room.
func (p *callsPage) makeMessage() fyne.CanvasObject {
	p.message = widgets.NewLines(8, theme.TextSize(), theme.ColorNameForeground) // more than any message has
	p.message.Least = 1
	p.messageBox = container.NewStack(widgets.NewSurface(widgets.ColorCard, theme.ColorNamePrimary, 6),
		container.New(layout.NewCustomPaddedLayout(8, 8, 12, 12), p.message))
	p.messageBox.Hide()
	return p.messageBox
}

// transferFaces returns the third button's faces: talking, a call ringing, two calls that can be connected.
func (p *callsPage) transferFaces() []widgets.Face {
	return []widgets.Face{{Label: text.Say("Transfer"), Glyph: assets.Transfer}, {Label: text.Say("Transfer"), Glyph: assets.PassOn}, {Label: text.Say("Transfer"), Glyph: assets.Join}}
}

// errNoTarget reports that nobody was named to call.
var errNoTarget = text.Errorf("no-target", "Type a name or a number, or choose a colleague.")

// target returns whom to call, ask or transfer to: the colleague whom the user chose or whose name is in the entry;
// else the number in it, as typed.
func (p *callsPage) target() (number string, err error) {
	if number, ok := p.ui.window.side.chosen(); ok {
		return number, nil
	}
	if p.entry.Text == "" {
		return "", errNoTarget
	}
	return p.entry.Text, nil
}

// call calls the target.
func (p *callsPage) call() {
	if number, err := p.target(); err != nil {
		p.ui.offer(err)
	} else {
		p.ui.dial(number)
	}
}

// pass transfers the subject to the target.
func (p *callsPage) pass(ask bool) {
	if number, err := p.target(); err != nil {
		p.ui.offer(err)
	} else {
		p.ui.pass(number, ask)
	}
}

// handing returns what the third button does, and to which call: it passes on a ringing call; completes a
// consultation, which needs no target; or connects two calls while there is no target.
func (p *callsPage) handing() (callAction, csta.Call) {
	u := p.ui
	subject, _ := u.subject()
	if subject.Phase == csta.Ringing { // during a consultation, the user has chosen it
		return actPassOn, subject
	}
	if c, ok := u.asking(); ok {
		return actComplete, c
	}
	if _, err := p.target(); errors.Is(err, errNoTarget) {
		if c, ok := u.connectable(); ok {
			return actConnect, c
		}
	}
	return actTransfer, subject
}

// transferNow performs the third button's action.
func (p *callsPage) transferNow() {
	switch a, c := p.handing(); {
	case a == actPassOn || a == actTransfer:
		p.pass(false)
	case p.ui.settled():
		p.ui.act(a, c)
	}
}

// submit handles Enter: it presses the button that stands out. An Enter that was meant for a call which has just gone does
// nothing.
func (p *callsPage) submit() {
	if time.Since(p.bereft) < tapGuard {
		return
	}
	if p.ask.Importance == widget.HighImportance {
		p.press(p.ask)
	} else {
		p.press(p.dial)
	}
}

// press presses a button for a key, or says why it is disabled.
func (p *callsPage) press(a *widgets.Action) {
	if a.Disabled() {
		p.ui.tellNow(a.Why)
		return
	}
	p.formed = time.Time{} // a key is not aimed at a place
	a.OnTapped()
}

// renderMessage shows the message.
func (p *callsPage) renderMessage() {
	if p.message.Text == p.ui.window.message {
		return
	}
	p.message.Set(p.ui.window.message, theme.ColorNameForeground)
	widgets.Show(p.messageBox, p.message.Text != "")
	p.belowMoved() // as a list does that is scrolled to its end
	widgets.LayOut(p.column)
	p.fit()
}

// renderTarget updates the buttons beside the entry: what they do depends on the subject and on who is chosen.
func (p *callsPage) renderTarget() {
	p.arrange() // who is chosen must be seen
	u := p.ui
	subject, _ := u.subject()
	written, err := p.target()
	missing := ""
	if errors.Is(err, errNoTarget) { // a number that cannot be dialled is explained when tried
		missing = text.Explain(err)
	}
	p.showActions(missing == "", len(living(u.state)) > 0)
	whyNotAsk := u.why(actAsk, subject)
	if _, asking := u.asking(); asking {
		whyNotAsk = text.Say("Press F8 to transfer, or F6 to go back to the caller.")
		if missing != "" {
			missing = whyNotAsk
		}
	}
	p.dial.Become(missing)
	p.ask.Become(cmp.Or(whyNotAsk, missing))
	faces := p.transferFaces()
	switch a, c := p.handing(); a {
	case actComplete, actConnect:
		p.transfer.Set(faces[2])
		p.transfer.Become(u.why(a, c))
	case actPassOn:
		p.transfer.Set(faces[1])
		p.transfer.Become(cmp.Or(u.why(a, c), missing))
	default:
		p.transfer.Set(faces[0])
		p.transfer.Become(cmp.Or(u.why(a, c), missing))
	}
	talking := situationOf(subject, nil).between()
	p.dial.StandOut(!talking)
	p.ask.StandOut(talking)
	p.renderPreview(written)
}

// showActions shows the buttons for which there is something to act on: a number or a name, or a call. What that moves
// ignores clicks for a moment, as do the buttons.
func (p *callsPage) showActions(named, called bool) {
	before := p.actions.Visible()
	fewer := p.ask.Visible() && !called
	widgets.Show(p.ask, called)
	widgets.Show(p.transfer, called)
	if widgets.Show(p.actions, named || called); p.actions.Visible() == before {
		if fewer {
			p.keepFocus()
		}
		return
	}
	p.formed = time.Now()
	p.allMoved()
	p.column.Refresh()
	p.fit()
	p.keepFocus()
}

// renderPreview shows below the entry what its text would dial, or what Enter does while it is empty.
func (p *callsPage) renderPreview(written string) {
	sentence := text.Say("Enter calls. F1 lists all keys.")
	if p.ask.Importance == widget.HighImportance {
		sentence = text.Say("Enter asks first. F1 lists all keys.")
	}
	switch r, err := p.ui.Plan().Read(written); {
	case written == "" || err != nil: // a name, or an incomplete number: explained when tried
	case r.Doubt != "": // there is only one line
		sentence = text.SayKnown(r.Doubt)
	default:
		sentence = text.Reading(r, p.ui.settings.Device)
	}
	p.preview.Set(sentence, widgets.ColorMuted)
}

// limitPreview sets how many lines the preview has: as many for any text, so that nothing moves.
func (p *callsPage) limitPreview() {
	if p.preview.Most = 1; p.narrow {
		p.preview.Most = 2
	}
	p.preview.Least = p.preview.Most
}

// renderChoices shows the offered numbers in place of the recent calls, where they move nothing.
func (p *callsPage) renderChoices() {
	u := p.ui
	if slices.Equal(p.offered, u.window.choices) {
		return
	}
	p.offered = u.window.choices
	if len(p.offered) == 0 {
		p.choices.Hide()
		return
	}
	buttons := container.NewGridWithColumns(2)
	for _, n := range p.offered {
		b := u.window.action(widget.MediumImportance, func() {
			u.window.setNumber(n.Shown)
			u.tell(u.enterDoes(n.Shown))
			u.window.window.Canvas().Focus(p.entry)
		}, widgets.Face{Label: n.Shown, Glyph: assets.Answer})
		b.Alignment = widget.ButtonAlignLeading
		buttons.Add(b)
	}
	p.choices.Objects = []fyne.CanvasObject{container.NewStack(widgets.NewSurface(widgets.ColorCard, theme.ColorNamePrimary, 6),
		container.New(layout.NewCustomPaddedLayout(10, 10, 10, 10), buttons))}
	p.choices.Refresh()
	p.choices.Show()
	u.window.window.Canvas().Focus(buttons.Objects[0].(fyne.Focusable))
}
