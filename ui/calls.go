package ui

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

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
	retry, quiet    *widgets.Action

	entry               *widgets.Input
	preview             *widgets.Lines // what would be dialled
	paste               *widgets.Action
	dial, ask, transfer *widgets.Action // they act on the target
	actions             *fyne.Container // contains them; hidden while there is neither a target nor a call
	message             *widgets.Lines
	messageBox          *fyne.Container // hidden while there is no message

	rows    []*callRow    // as they stand, and then those without a call
	count   *widgets.Line // above the calls
	history *historyPane
	list    *fyne.Container // holds the rows
	subject int             // the place of the row that the keys act on; -1 for none
	scroll  *container.Scroll
	calls   *fyne.Container // caption and list; hidden while there are no calls
	room    int             // how many calls are to be seen without scrolling
	seen    int             // how many of them the window has room for
	grown   time.Time       // when the history last moved
	bereft  time.Time       // when a row lost the keyboard to the entry

	lists         *fyne.Container   // holds both areas
	callsArea     fyne.CanvasObject // holds the list of calls
	recentHead    *fyne.Container   // caption and look
	recentArea    *fyne.Container   // below it: recent, or the choices, or in the narrow form the side
	recent        fyne.CanvasObject // hidden while there are choices
	recentCaption *widgets.Line
	offering      bool            // the choices are below the calls
	instead       bool            // the colleagues are, in the narrow form
	narrow        bool            // the window's form
	look          *widgets.Action // switches between recent calls and colleagues in the narrow form
	looked        look            // to what
	lookedFor     lookReasons     // what the reasons were then
	formed        time.Time       // when the form last changed, or the buttons at the entry came
	sideMoved     time.Time       // when the side last moved as a whole
	column        *fyne.Container // all but the side; the message is at its foot
	right         *fyne.Container // the side and its overlays

	choices *fyne.Container
	offered []dialplan.Number
}

// callRows is how many calls are visible at a time: more if the one that the keys act on is further down. The others are
// scrolled to. A row has one more line in the narrow form.
const (
	callRows        = 3
	callRowHeight   = 72
	narrowRowHeight = 92
)

func newCallsPage(u *UI) *callsPage {
	p := &callsPage{ui: u}
	p.choices = widgets.NewColumn(0)
	p.choices.Hide()
	u.window.calls = p // the rows of the history use it
	p.history = newHistoryPane(u)
	p.recent = p.history.root
	p.recentCaption = widgets.NewCaption(text.Say("Recent calls"))
	p.recentHead = widgets.NewRow(8, 0, p.recentCaption, p.makeLook())
	p.recentArea = container.New(sharedPlace{p}, p.recent, p.choices)
	p.lists = container.NewBorder(widgets.NewColumn(8, p.makeCalls(), p.recentHead), nil, nil, nil, p.recentArea)
	p.column = container.New(widgets.Footed{Gap: 8}, container.NewBorder(
		widgets.NewColumn(8, p.makeHeader(), p.makeEntry()), nil, nil, nil, p.lists), p.makeMessage())
	p.right = container.NewStack(u.window.side.root, u.window.keypad.root, u.window.help.root)
	p.root = container.New(layout.NewCustomPaddedLayout(10, 10, sidesGap, sidesGap),
		container.New(sides{p}, p.column, p.right))
	return p
}

func (p *callsPage) makeCalls() fyne.CanvasObject {
	p.list = widgets.NewColumn(0)
	p.scroll = container.NewVScroll(p.list)
	p.callsArea = container.NewStack(widgets.NewSurface(widgets.ColorCard, widgets.ColorEdge, 6), p.scroll)
	p.count = widgets.NewCaption(text.Say("Calls"))
	p.calls = widgets.NewColumn(4, p.count, p.callsArea)
	p.calls.Hide()
	return p.calls
}

// makeRoom makes room for a number of calls, at the expense of the history. What that moves ignores clicks for a
// moment: they were meant for what was there before.
func (p *callsPage) makeRoom(calls int) {
	rows := min(calls, max(callRows, p.subject+1))
	if p.room == rows {
		return
	}
	p.room = rows
	p.belowMoved()
	p.seen = rows
	p.scroll.SetMinSize(fyne.NewSize(0, float32(rows)*p.rowHeight()))
	widgets.Show(p.calls, rows > 0)
	p.lists.Refresh()
	p.fit()
}

// rowHeight returns the height of a call's row.
func (p *callsPage) rowHeight() float32 {
	if p.narrow {
		return narrowRowHeight
	}
	return callRowHeight
}

// fit hides the recent calls if the window is too low for them, so that it does not grow beyond a small screen:
// calls and message come first. The colleagues, whom the narrow form shows while the user says whom to call, come before
// all calls but one.
func (p *callsPage) fit() {
	if p.root == nil || p.ui.window.window == nil {
		return
	}
	before := p.recentArea.Visible()
	p.recentArea.Show()
	p.recentHead.Show()
	height := p.ui.window.window.Canvas().Size().Height
	others := p.root.MinSize().Height - float32(p.seen)*p.rowHeight()
	fits := func(rows int) bool {
		return height <= 0 || len(p.ui.window.choices) > 0 || others+float32(rows)*p.rowHeight() <= height
	}
	rows := p.room
	for p.instead && rows > 1 && !fits(rows) {
		rows--
	}
	room := fits(rows)
	if !room {
		rows = p.room
	}
	widgets.Show(p.recentArea, room)
	widgets.Show(p.recentHead, room)
	if !room && rows > callRows { // the window must not grow
		others = p.root.MinSize().Height - float32(p.seen)*p.rowHeight()
		rows = max(callRows, min(rows, int((height-others)/p.rowHeight())))
	}
	if rows != p.seen {
		p.see(rows)
	}
	if before != room {
		p.belowMoved()
		p.root.Refresh()
	}
}

// see shows this many calls without scrolling.
func (p *callsPage) see(rows int) {
	p.seen = rows
	p.allMoved()
	p.scroll.SetMinSize(fyne.NewSize(0, float32(rows)*p.rowHeight()))
	p.lists.Refresh()
	p.keepInView(0)
}

// keepInView scrolls to an offset, or as little further as shows the call that the keys act on. At the offset 0 there is the
// call that F2 answers.
func (p *callsPage) keepInView(at float32) {
	if top := float32(p.subject) * p.rowHeight(); p.subject >= 0 {
		at = max(0, top-float32(p.seen-1)*p.rowHeight(), min(at, top))
	}
	before := p.scroll.Offset
	p.scroll.ScrollToOffset(fyne.NewPos(0, at))
	if p.scroll.Offset != before {
		p.allMoved()
	}
}

// maxWindowCalls is how many calls the window lists at most.
const maxWindowCalls = 12

func (p *callsPage) render() {
	u := p.ui
	s := u.state
	widgets.SetIcon(p.icon, trayIcon(s))
	p.status.Set(headline(s, u.settings.Device))
	if why := u.silences(); len(why) > 0 { // more important than the account
		p.account.SetIn(text.Capital(strings.Join(why, " · ")), theme.ColorNameWarning)
	} else {
		p.account.SetIn(accountLine(u.settings, u.cfg.Demo), widgets.ColorMuted)
	}
	p.renderReason()
	keyring := errors.Is(s.Err, account.ErrKeyringLocked) || errors.Is(s.Err, account.ErrKeyringUnavailable)
	widgets.Show(p.retry, (s.Status == csta.Offline || keyring) && u.cfg.Retry != nil && !needsAccount(u.settings))
	p.renderQuiet()

	p.renderMessage()
	if p.entry.Text != u.window.number {
		p.entry.SetText(u.window.number)
	}
	p.renderChoices()

	p.renderTarget()
	p.renderCalls()
	p.history.render()
	p.fit()
	u.tickSoon()
}

// renderCalls gives every call a row. It keeps that wherever it moves, and so does the keyboard, if it is on one of the
// row's buttons: it never acts on another call. A row that has moved ignores clicks for a moment.
func (p *callsPage) renderCalls() {
	u := p.ui
	subject, _ := u.subject()
	calls := listed(u.state.Calls, subject.ID)
	rows, free := make([]*callRow, len(calls)), slices.Clone(p.rows)
	for i, c := range calls {
		if n := slices.IndexFunc(free, func(r *callRow) bool { return r.place >= 0 && r.call.ID == c.ID }); n >= 0 {
			rows[i] = free[n]
			free = slices.Delete(free, n, n+1)
		}
	}
	for i := range rows {
		switch {
		case rows[i] != nil:
		case len(free) > 0:
			rows[i], free = free[0], free[1:]
			rows[i].leave()
			rows[i].releaseKeyboard() // which may have been below a question when its last call went
		default:
			rows[i] = newCallRow(p)
		}
	}
	p.rows = append(rows, free...)
	before, anew := p.subject, false
	p.subject = -1
	for i, r := range p.rows {
		if i >= len(calls) {
			anew = r.leave() || anew
			continue
		}
		if calls[i].ID == subject.ID {
			p.subject = i
		}
		r.set(calls[i], len(calls) > 1 && i == p.subject)
		anew = r.stand(i) || anew
	}
	switch {
	case anew:
		p.list.Objects = nil
		for _, r := range p.rows {
			p.list.Add(r.box)
		}
		p.makeRoom(len(calls))
		p.list.Refresh()
		p.keepInView(0)
	case p.subject != before:
		p.keepInView(p.scroll.Offset.Y)
	}
	if p.count.Set(text.Say("Calls")); len(calls) > callRows { // some are out of view
		p.count.Set(text.Say("Calls ({{.Count}})", "Count", strconv.Itoa(len(calls))))
	}
}

// listed returns the calls that the window lists: those that ring, as they are to be answered, and then the others, oldest
// first. However many there are, the subject is among them.
func listed(calls []csta.Call, subject csta.ConnectionID) []csta.Call {
	list := csta.Waiting(calls)
	for _, c := range calls {
		if c.Phase != csta.Ringing && c.Phase != csta.Ended {
			list = append(list, c)
		}
	}
	if n := slices.IndexFunc(list, func(c csta.Call) bool { return c.ID == subject }); n >= maxWindowCalls {
		list[maxWindowCalls-1] = list[n]
	}
	return list[:min(len(list), maxWindowCalls)]
}
