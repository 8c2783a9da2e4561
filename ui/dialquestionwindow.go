package ui

import (
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/assets"
	"calltray/cstasession/csta"
	"calltray/internal/dialplan"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

const (
	questionTitle  = "Calltray: call?"
	askWidth       = 460
	askPadding     = 18 // at the left and the right
	numberSize     = 26
	askDetailLines = 3
	askWarnLines   = 3
)

// questionLook is the question's window. It is made once, then shown and hidden.
type questionLook struct {
	window       fyne.Window // nil until the first question
	title        *widgets.Line
	number       *widgets.Line
	who, kind    *widgets.Line
	detail       *widgets.Lines
	warn         *widgets.Lines
	cancel, call *widgets.Action
	body         *fyne.Container
	drawn        string // the displayed text, to detect changes
}

func (q *dialQuestion) make() {
	u := q.ui
	l := &q.look
	l.window = u.app.NewWindow(questionTitle)
	l.window.SetIcon(fyne.NewStaticResource("calltray.png", assets.AppPNG(128)))
	l.window.SetPadded(false)
	l.title = widgets.NewLine(theme.TextSize(), true, theme.ColorNameForeground)
	l.number = widgets.NewLine(numberSize, true, theme.ColorNameForeground)
	l.who = widgets.NewLine(theme.TextSize()+2, false, theme.ColorNameForeground)
	l.kind = widgets.NewLine(theme.TextSize(), false, theme.ColorNameForeground)
	l.detail = widgets.NewLines(askDetailLines, theme.CaptionTextSize()+1, widgets.ColorMuted)
	l.warn = widgets.NewLines(askWarnLines, theme.TextSize(), theme.ColorNameWarning)
	l.detail.Least, l.warn.Least = 1, 1
	l.cancel = widgets.NewAction(widget.MediumImportance, nil, q.pressed(q.decline), widgets.Face{Label: text.Say("Cancel")})
	l.call = widgets.NewAction(widget.HighImportance, nil, q.pressed(q.agree), widgets.Face{Label: text.Say("Call"), Glyph: assets.Answer})
	l.cancel.Keys, l.call.Keys = questionKeys{q}, questionKeys{q}
	l.body = widgets.NewColumn(6, l.title, l.number, l.who, l.kind, l.warn, l.detail,
		widgets.Spacer(2), widgets.NewRow(8, 0, layout.NewSpacer(), l.cancel, l.call))
	l.window.SetContent(container.NewStack(widgets.NewSurface(widgets.ColorCard, "", 0),
		container.New(layout.NewCustomPaddedLayout(14, 14, askPadding, askPadding), l.body)))
	l.body.Resize(fyne.NewSize(askWidth-2*askPadding, 0)) // how many lines a text needs depends on its width
	l.window.SetFixedSize(true)
	l.window.SetCloseIntercept(q.decline)
	c := l.window.Canvas()
	if d, ok := c.(desktop.Canvas); ok {
		d.SetOnKeyDown(func(e *fyne.KeyEvent) { q.key(e.Name) })
	}
}

// rebuild drops the window, so that it is made again in another language.
func (q *dialQuestion) rebuild() {
	if q.shown {
		q.look.window.Hide()
		q.shown = false
	}
	q.look = questionLook{}
}

// pressed returns a click handler that does nothing until the question can have been read.
func (q *dialQuestion) pressed(do func()) func() {
	return func() {
		if !q.guarded() {
			do()
		}
	}
}

// questionKeys handles the keys that a focused button does not use.
type questionKeys struct{ q *dialQuestion }

// KeyDown handles Esc; the button handles Enter.
func (k questionKeys) KeyDown(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		k.q.key(e.Name)
	}
}

// TypedKey does nothing.
func (k questionKeys) TypedKey(*fyne.KeyEvent) {}

// TypedRune does nothing.
func (k questionKeys) TypedRune(rune) {}

// render shows or hides the question.
func (q *dialQuestion) render() {
	u := q.ui
	switch {
	case q.wanted && !u.canOpen(), u.app == nil:
		return // Run sees that it is wanted
	case !q.wanted:
		if q.shown {
			q.look.window.Hide()
			q.shown = false
			u.restSoon(restGap)
		}
		return
	case q.look.window == nil:
		q.make()
	}
	q.draw()
	if !q.shown {
		q.front()
	}
}

// front raises the window and gives it the focus, with no button focused.
func (q *dialQuestion) front() {
	l := &q.look
	if l.window == nil || !q.wanted {
		return
	}
	if !q.shown {
		q.paint()
		l.window.Show()
		l.window.CenterOnScreen()
		q.shown = true
		q.ui.tickSoon()
	}
	l.window.Canvas().Unfocus()
	l.window.RequestFocus()
}

// draw fills the window from the fields.
func (q *dialQuestion) draw() {
	u, l, r := q.ui, &q.look, q.request.Reading
	title, yes, ready := text.Say("Call this number?"), text.Say("Call"), true
	var warn []string
	number, who, kind := dialplan.Format(r.Dial), "", text.KindWords(r.Kind, r.Country)
	if name, second := text.Who(u.known(csta.Party{Number: r.Dial})); second != "" {
		who = name
		if r.Kind == dialplan.Internal && u.office.knows(r.Dial) {
			kind = text.Say("colleague")
		}
	}
	if u.settings.Device != "" && number != "" {
		from := text.Say("from {{.Extension}}", "Extension", u.settings.Device)
		if kind == "" {
			kind = text.Capital(from)
		} else {
			kind = text.Capital(kind) + " · " + from
		}
	}
	switch {
	case q.request.Why != nil:
		title, yes, ready = text.Say("This cannot be dialled."), text.Say("Call"), false
		number, kind = text.Quote(r.Input), ""
		warn = append(warn, text.Explain(q.request.Why))
	case q.digits != "":
		title, yes, ready = text.Say("Digits for the call"), text.Say("Play"), q.talking()
		number = q.digits
		kind = text.Say("Play them into the call when you are asked for them.")
		if !ready {
			kind = text.Say("They can be played when the call is answered.")
		}
	case !q.waiting.IsZero():
		title, ready = text.Say("Waiting for the connection …"), false
		warn = append(warn, text.Say("Calltray is not connected to the PBX: the call is made as soon as it is, within a minute. Esc gives it up."))
	case r.Doubt != "":
		title = text.Say("Call this number instead?")
		warn = append(warn, text.SayKnown(r.Doubt))
	}
	if q.request.Why == nil && q.digits == "" && q.waiting.IsZero() {
		warn = append(warn, q.warnings()...)
	}
	var detail []string
	if r.Input != number && q.request.Why == nil && q.digits == "" {
		detail = append(detail, text.Say("Written as {{.Written}}", "Written", text.Quote(r.Input)))
	}
	if q.digits == "" {
		detail = append(detail, text.Changes(r)...)
	}
	if q.others > 0 {
		detail = append(detail, text.Say("refused meanwhile: {{.Count}} more", "Count", strconv.Itoa(q.others)))
	}
	l.title.Set(title)
	l.number.Set(number)
	l.who.Set(who)
	l.kind.Set(kind)
	color := theme.ColorNameWarning
	if r.Kind.ByHand() || q.request.Why != nil {
		color = theme.ColorNameError
	}
	l.warn.Set(strings.Join(warn, " "), color)
	l.detail.Set(strings.Join(detail, " · "), widgets.ColorMuted)
	l.call.Set(widgets.Face{Label: yes, Glyph: assets.Answer})
	widgets.Enable(l.call, ready)
	widgets.Show(l.who, who != "")
	widgets.Show(l.kind, kind != "")
	widgets.Show(l.warn, len(warn) > 0)
	widgets.Show(l.detail, len(detail) > 0)
	if drawn := strings.Join([]string{title, number, who, yes}, "\n"); drawn != l.drawn {
		l.drawn, q.since = drawn, time.Now()
	}
	if size := l.size(); l.window.Canvas().Size() != size {
		l.window.Resize(size)
	}
}

// size returns the size that the window needs.
func (l *questionLook) size() fyne.Size {
	return l.body.MinSize().AddWidthHeight(2*askPadding, 28).Max(fyne.NewSize(askWidth, 0))
}

// warnings returns what the user should know before the call.
func (q *dialQuestion) warnings() (list []string) {
	u, r := q.ui, q.request.Reading
	switch r.Kind {
	case dialplan.Emergency:
		list = append(list, text.Say("The call leaves from where your desk telephone is, not from where you are: say where help is needed."))
	case dialplan.Premium:
		list = append(list, text.Say("Calls to this number cost extra."))
	case dialplan.FeatureCode:
		list = append(list, text.Say("This is no call: it changes a setting of your telephone, for example where your calls go."))
	}
	if q.late {
		list = append(list, text.Say("The connection took longer than a minute: is the call still wanted?"))
	}
	if u.state.Status != csta.Online {
		list = append(list, text.Say("Calltray is not connected to the PBX yet."))
	} else if c, ok := u.subject(); ok && c.Phase == csta.Active && r.Kind != dialplan.Emergency {
		list = append(list, text.Say("You are talking to {{.Who}}: the PBX may refuse a second call.", "Who", u.named(c.Remote)))
	}
	return list
}
