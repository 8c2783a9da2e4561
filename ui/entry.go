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
			w.side.open(sideColleagues) // whom a name chooses, the user must see
		}
		w.side.filter(text)
		p.renderTarget()
	}
	p.entry.OnSubmitted = func(string) { p.submit() }
	p.paste = w.button(widget.MediumImportance, text.Say("Paste and dial"), theme.ContentPasteIcon(), func() { p.ui.dialFromClipboard(true) })
	p.dial = w.action(widget.HighImportance, p.call, widgets.Face{Label: text.Say("Call"), Glyph: assets.Answer})
	p.ask = w.action(widget.MediumImportance, func() { p.pass(true) }, widgets.Face{Label: text.Say("Ask first"), Glyph: assets.Ask})
	p.transfer = w.action(widget.MediumImportance, p.transferNow, p.transferFaces()...)
	p.preview = widgets.NewLine(theme.CaptionTextSize()+1, false, widgets.ColorMuted)
	return widgets.NewColumn(6,
		widgets.NewRow(8, 0, p.entry, p.paste), p.preview,
		container.NewGridWithColumns(3, p.dial, p.ask, p.transfer))
}

// makeMessage makes the place of the message, at the lower end of the column: nothing but the end of the list gives way when
// one comes.
func (p *callsPage) makeMessage() fyne.CanvasObject {
	p.message = widgets.NewLines(8, theme.TextSize(), theme.ColorNameForeground) // more than any has
	p.message.Least = 1
	p.messageBox = container.NewStack(widgets.NewSurface(widgets.ColorCard, theme.ColorNamePrimary, 6),
		container.New(layout.NewCustomPaddedLayout(8, 8, 12, 12), p.message))
	p.messageBox.Hide()
	return p.messageBox
}

// transferFaces are how the third button looks: while talking, while a call rings, while two can be connected.
func (p *callsPage) transferFaces() []widgets.Face {
	return []widgets.Face{{Label: text.Say("Transfer"), Glyph: assets.Transfer}, {Label: text.Say("Transfer"), Glyph: assets.PassOn}, {Label: text.Say("Transfer"), Glyph: assets.Join}}
}

// errNoTarget: it was not said who is to be called.
var errNoTarget = text.Errorf("no-target", "Type a name or a number, or choose a colleague.")

// target is who is to be called, asked, or given a call: the colleague whom the user chose, or whose name
// is in the entry; else the number in it, as it was typed.
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

// pass gives the subject to the target.
func (p *callsPage) pass(ask bool) {
	if number, err := p.target(); err != nil {
		p.ui.offer(err)
	} else {
		p.ui.pass(number, ask)
	}
}

// handing is what the third button does, and with which call: a call that rings is passed on; the one who
// was asked is connected, and needs no target; nor do the other ends of two calls, as long as there is none.
func (p *callsPage) handing() (callAction, csta.Call) {
	u := p.ui
	subject, _ := u.subject()
	if subject.Phase == csta.Ringing { // beside one that asks, the user has chosen it
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

// transferNow is what the third button does.
func (p *callsPage) transferNow() {
	switch a, c := p.handing(); {
	case a == actPassOn || a == actTransfer:
		p.pass(false)
	case p.ui.settled():
		p.ui.act(a, c)
	}
}

// submit does what Enter stands for: it presses the button that stands out.
func (p *callsPage) submit() {
	if p.ask.Importance == widget.HighImportance {
		p.press(p.ask)
	} else {
		p.press(p.dial)
	}
}

// press presses a button for a key, or says why not.
func (p *callsPage) press(a *widgets.Action) {
	if a.Disabled() {
		p.ui.tellNow(a.Why)
		return
	}
	a.OnTapped()
}

// renderMessage shows the message.
func (p *callsPage) renderMessage() {
	if p.message.Text == p.ui.window.message {
		return
	}
	p.message.Set(p.ui.window.message, theme.ColorNameForeground)
	widgets.Show(p.messageBox, p.message.Text != "")
	p.grown = time.Now() // a list that was scrolled to its end moves
	widgets.LayOut(p.column)
	p.fit()
}

// renderTarget brings the buttons beside the entry up to date: what they do depends on the subject, and on
// who is chosen.
func (p *callsPage) renderTarget() {
	u := p.ui
	subject, _ := u.subject()
	written, err := p.target()
	missing := ""
	if errors.Is(err, errNoTarget) { // what cannot be dialled is explained when it is tried
		missing = text.Explain(err)
	}
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

// renderPreview shows below the entry what would be dialled for what is written in it, and what Enter does while nothing is.
func (p *callsPage) renderPreview(written string) {
	sentence := text.Say("Enter calls. F1 lists all keys.")
	if p.ask.Importance == widget.HighImportance {
		sentence = text.Say("Enter asks first. F1 lists all keys.")
	}
	switch r, err := p.ui.Plan().Read(written); {
	case written == "" || err != nil: // a name, or a number that is not complete: why is told when it is tried
	case r.Doubt != "": // there is one line
		sentence = text.SayKnown(r.Doubt)
	default:
		sentence = text.Reading(r, p.ui.settings.Device)
	}
	p.preview.Set(sentence)
}

// renderChoices shows the numbers that are offered in the place of the recent calls, where they move nothing.
func (p *callsPage) renderChoices() {
	u := p.ui
	if slices.Equal(p.offered, u.window.choices) {
		return
	}
	p.offered = u.window.choices
	widgets.Show(p.recent, len(p.offered) == 0)
	if p.recentCaption.Set(text.Say("Choose a number")); len(p.offered) == 0 {
		p.recentCaption.Set(text.Say("Recent calls"))
		p.choices.Hide()
		return
	}
	buttons := container.NewGridWithColumns(2)
	for _, n := range p.offered {
		b := u.window.action(widget.MediumImportance, func() {
			u.window.setNumber(n.Shown)
			u.tell(text.Say("Press Enter to dial {{.Number}}.", "Number", n.Shown))
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
