package ui

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/assets"
	"calltray/cstasession"
	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/dialplan"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// callsPage is the first page: state, number, calls, recent calls.
type callsPage struct {
	ui   *UI
	root *fyne.Container

	icon            *canvas.Image
	status, account *widgets.Line
	reason          *widgets.Lines
	retry           *widgets.Action

	entry               *widgets.Input
	paste               *widgets.Action
	dial, ask, transfer *widgets.Action // with the target: see target
	message             *widgets.Lines

	rows               []*callRow
	count, none        *widgets.Line // count is above the calls
	past               [maxRecent]*pastRow
	nothing            *widgets.Line
	list               *fyne.Container // of the rows
	pastList           *fyne.Container
	listed, remembered int // calls, when the lists were last laid out

	callsArea, recentArea fyne.CanvasObject // what the lists lie in
	recent                fyne.CanvasObject // gives way to the choices
	recentCaption         *widgets.Line
	right                 fyne.CanvasObject // the side, and what lies over it

	choices *fyne.Container
	offered []dialplan.Number
}

// callRows is how many calls have their place kept in the window. More than that are scrolled.
const (
	callRows      = 3
	callRowHeight = 72
	pastRowHeight = 46
)

func newCallsPage(u *UI) *callsPage {
	p := &callsPage{ui: u}
	p.choices = widgets.NewColumn(0)
	p.choices.Hide()
	p.makeRecent()
	p.recentCaption = widgets.NewCaption(text.Say("Recent calls"))
	p.recentArea = container.NewStack(p.recent, p.choices)
	below := container.NewBorder(widgets.NewColumn(8, p.makeCalls(), p.recentCaption), nil, nil, nil, p.recentArea)
	content := container.NewBorder(
		widgets.NewColumn(8, p.makeHeader(), p.makeEntry()), nil, nil, nil, below)
	p.right = container.NewStack(u.window.side.root, u.window.keypad.root, u.window.help.root)
	p.root = container.New(layout.NewCustomPaddedLayout(10, 10, 16, 16),
		container.New(widgets.Weighted{Gap: 16, Weights: []float32{1, 1}, Fill: true}, content, p.right))
	return p
}

func (p *callsPage) makeHeader() fyne.CanvasObject {
	p.icon = canvas.NewImageFromResource(nil)
	p.icon.SetMinSize(fyne.NewSquareSize(40))
	p.status = widgets.NewLine(20, true, theme.ColorNameForeground)
	p.account = widgets.NewLine(theme.TextSize(), false, widgets.ColorMuted)
	p.reason = widgets.NewLines(3, theme.TextSize()-1, widgets.ColorMuted)
	p.retry = p.ui.window.button(widget.MediumImportance, text.Say("Try now"), theme.ViewRefreshIcon(), func() {
		if p.ui.cfg.Retry != nil {
			p.ui.cfg.Retry()
		}
	})
	keys := p.ui.window.button(widget.LowImportance, "", theme.HelpIcon(), func() { p.ui.window.help.toggle() })
	settings := p.ui.window.button(widget.LowImportance, "", theme.SettingsIcon(), func() { p.ui.window.open(pageSettings) })
	text := widgets.NewColumn(1, p.status, p.account)
	head := widgets.NewRow(12, 1, p.icon, text, widgets.NewRow(4, -1, keys, settings))
	return widgets.NewColumn(6, head, widgets.NewRow(8, 0, p.reason, container.NewStack(widgets.Spacer(36), p.retry)))
}

// action makes a button of the page: it lets the window's keys through, and tells in the message's place
// why it is out of use.
func (p *callsPage) action(importance widget.Importance, do func(), faces ...widgets.Face) *widgets.Action {
	a := widgets.NewAction(importance, p.ui.window.setHint, do, faces...)
	a.Keys = &p.ui.window
	return a
}

func (p *callsPage) makeEntry() fyne.CanvasObject {
	w := &p.ui.window
	p.entry = widgets.NewInput(w)
	p.entry.Before = w.movedChoice
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
	p.dial = p.action(widget.HighImportance, p.call, widgets.Face{Label: text.Say("Call"), Glyph: assets.Answer})
	p.ask = p.action(widget.MediumImportance, func() { p.pass(true) }, widgets.Face{Label: text.Say("Ask first"), Glyph: assets.Ask})
	p.transfer = p.action(widget.MediumImportance, p.transferNow, p.transferFaces()...)
	p.message = widgets.NewLines(3, theme.TextSize(), theme.ColorNameForeground)
	return widgets.NewColumn(6,
		widgets.NewRow(8, 0, p.entry, p.paste),
		container.NewGridWithColumns(3, p.dial, p.ask, p.transfer), p.message)
}

// transferFaces are what the third button says: while talking, while a call rings, while two can be
// connected.
func (p *callsPage) transferFaces() []widgets.Face {
	return []widgets.Face{{Label: text.Say("Transfer now"), Glyph: assets.Transfer}, {Label: text.Say("Pass on"), Glyph: assets.PassOn}, {Label: text.Say("Connect"), Glyph: assets.Join}}
}

// errNoTarget: it was not said who is to be called.
type errNoTarget struct{}

func (errNoTarget) Error() string { return "ui: no target" }

// Sentence says what to do.
func (errNoTarget) Sentence() string {
	return text.Say("Type a name or a number, or choose a colleague.")
}

// target is who is to be called, asked, or given a call: the colleague whom the user chose, or whose name
// is in the entry; else the number in it.
func (p *callsPage) target() (number string, err error) {
	if number, ok := p.ui.window.side.chosen(); ok {
		return dialplan.Dialable(number)
	}
	if p.entry.Text == "" {
		return "", errNoTarget{}
	}
	return dialplan.Dialable(p.entry.Text)
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
	if _, err := p.target(); errors.Is(err, errNoTarget{}) {
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

func (p *callsPage) makeCalls() fyne.CanvasObject {
	p.list = widgets.NewColumn(0)
	p.none = widgets.NewLine(theme.TextSize(), false, widgets.ColorMuted)
	p.none.Align = fyne.TextAlignCenter
	p.none.Set(text.Say("No calls"))
	scroll := container.NewVScroll(p.list)
	scroll.SetMinSize(fyne.NewSize(0, callRows*callRowHeight))
	p.callsArea = container.NewStack(widgets.NewSurface(widgets.ColorCard, widgets.ColorEdge, 6), container.NewPadded(p.none), scroll)
	p.count = widgets.NewCaption(text.Say("Calls"))
	return widgets.NewColumn(4, p.count, p.callsArea)
}

func (p *callsPage) makeRecent() {
	p.pastList = widgets.NewColumn(0)
	for i := range p.past {
		p.past[i] = newPastRow(p)
		p.past[i].box.Hide()
		p.pastList.Add(p.past[i].box)
	}
	p.nothing = widgets.NewLine(theme.TextSize(), false, widgets.ColorMuted)
	p.nothing.Align = fyne.TextAlignCenter
	p.nothing.Set(text.Say("No calls yet since Calltray was started"))
	p.recent = container.NewStack(widgets.NewSurface(widgets.ColorCard, widgets.ColorEdge, 6), container.NewPadded(p.nothing), container.NewVScroll(p.pastList))
}

// maxWindowCalls is how many calls the window lists at the same time.
const maxWindowCalls = 12

func (p *callsPage) render() {
	u := p.ui
	s := u.state
	widgets.SetIcon(p.icon, trayIcon(s))
	p.status.Set(headline(s, u.settings.Device))
	if why := silences(s); len(why) > 0 { // it matters more than whose account this is
		p.account.SetIn(text.Capital(strings.Join(why, " · ")), theme.ColorNameWarning)
	} else {
		p.account.SetIn(accountLine(u.settings, u.cfg.Demo), widgets.ColorMuted)
	}
	p.renderReason()
	keyring := errors.Is(s.Err, account.ErrKeyringLocked) || errors.Is(s.Err, account.ErrKeyringUnavailable)
	widgets.Show(p.retry, (s.Status == csta.Offline || keyring) && u.cfg.Retry != nil && !needsAccount(u.settings))

	p.renderMessage()
	if p.entry.Text != u.window.number {
		p.entry.SetText(u.window.number)
	}
	p.renderChoices()

	p.renderTarget()
	calls := living(s)
	slices.Reverse(calls) // one that comes takes the next row: it moves nothing
	calls = calls[:min(len(calls), maxWindowCalls)]
	for len(p.rows) < len(calls) {
		r := newCallRow(p)
		p.rows = append(p.rows, r)
		p.list.Add(r.box)
	}
	subject, _ := u.subject()
	anew := len(calls) != p.listed // Fyne lays out what changes by itself only when that needs more room
	p.listed = len(calls)
	for i, r := range p.rows {
		if i < len(calls) {
			r.set(calls[i], len(calls) > 1 && calls[i].ID == subject.ID)
		} else {
			r.clear()
		}
	}
	if anew {
		p.list.Refresh()
	}
	if p.count.Set(text.Say("Calls")); len(calls) > callRows { // some are scrolled
		p.count.Set(text.Say("Calls ({{.Count}})", "Count", strconv.Itoa(len(calls))))
	}
	widgets.Show(p.none, len(calls) == 0)
	anew = len(u.recent) != p.remembered
	p.remembered = len(u.recent)
	for i, r := range p.past {
		if i < len(u.recent) {
			r.set(u.recent[i])
		}
		widgets.Show(r.box, i < len(u.recent))
	}
	if anew {
		p.pastList.Refresh()
	}
	widgets.Show(p.nothing, len(u.recent) == 0)
	u.tickSoon()
}

// renderMessage shows the message, or why the button under the pointer is out of use.
func (p *callsPage) renderMessage() {
	if p.ui.window.hint != "" {
		p.message.Set(p.ui.window.hint, widgets.ColorMuted)
		return
	}
	p.message.Set(p.ui.window.message, theme.ColorNameForeground)
}

// renderTarget brings the buttons beside the entry up to date: what they do depends on the subject, and on
// who is chosen.
func (p *callsPage) renderTarget() {
	u := p.ui
	subject, _ := u.subject()
	_, err := p.target()
	missing := ""
	if errors.Is(err, errNoTarget{}) { // what cannot be dialled is explained when it is tried
		missing = text.Explain(err)
	}
	whyNotAsk := u.why(actAsk, subject)
	if _, asking := u.asking(); asking {
		whyNotAsk = text.Say("Press F8 to connect the two, or F6 to go back to the caller.")
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
}

// renderReason shows the sentence under the state. It holds times, and is brought up to date with the
// clocks.
func (p *callsPage) renderReason() {
	var h cstasession.Health
	if p.ui.cfg.Health != nil {
		h = p.ui.cfg.Health()
	}
	reason, color := reasonLine(p.ui.state, h, time.Now())
	p.reason.Set(reason, color)
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
		b := p.action(widget.MediumImportance, func() {
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
