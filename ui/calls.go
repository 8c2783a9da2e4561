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
	preview             *widgets.Line // what would be dialled
	paste               *widgets.Action
	dial, ask, transfer *widgets.Action // with the target: see target
	message             *widgets.Lines
	messageBox          *fyne.Container // hidden while there is none

	rows    []*callRow
	count   *widgets.Line // above the calls
	history *historyPane
	list    *fyne.Container // of the rows
	listed  int             // calls, when the list was last laid out
	scroll  *container.Scroll
	calls   *fyne.Container // all of that; hidden while there is none
	room    int             // rows that the calls have room for
	grown   time.Time       // when that changed, and so where the history is

	lists                 *fyne.Container   // of both areas
	callsArea, recentArea fyne.CanvasObject // what the lists lie in
	recent                fyne.CanvasObject // gives way to the choices
	recentCaption         *widgets.Line
	column                *fyne.Container   // all but the side, above the message
	right                 fyne.CanvasObject // the side, and what lies over it

	choices *fyne.Container
	offered []dialplan.Number
}

// callRows is how many calls are seen in the window at a time. More than that are scrolled.
const (
	callRows      = 3
	callRowHeight = 72
)

func newCallsPage(u *UI) *callsPage {
	p := &callsPage{ui: u}
	p.choices = widgets.NewColumn(0)
	p.choices.Hide()
	u.window.calls = p // which the rows of the history belong to
	p.history = newHistoryPane(u)
	p.recent = p.history.root
	p.recentCaption = widgets.NewCaption(text.Say("Recent calls"))
	p.recentArea = container.NewStack(p.recent, p.choices)
	p.lists = container.NewBorder(widgets.NewColumn(8, p.makeCalls(), p.recentCaption), nil, nil, nil, p.recentArea)
	p.column = container.New(widgets.Footed{Gap: 8}, container.NewBorder(
		widgets.NewColumn(8, p.makeHeader(), p.makeEntry()), nil, nil, nil, p.lists), p.makeMessage())
	p.right = container.NewStack(u.window.side.root, u.window.keypad.root, u.window.help.root)
	p.root = container.New(layout.NewCustomPaddedLayout(10, 10, 16, 16),
		container.New(widgets.Weighted{Gap: 16, Weights: []float32{1, 1}, Fill: true}, p.column, p.right))
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

// makeRoom gives the calls room for so many of them, which they take from the history: what that moves cannot be clicked for
// a moment, since it was meant for what was there before.
func (p *callsPage) makeRoom(rows int) {
	rows = min(rows, callRows)
	if p.room == rows {
		return
	}
	p.room, p.grown = rows, time.Now()
	p.scroll.SetMinSize(fyne.NewSize(0, float32(rows)*callRowHeight))
	widgets.Show(p.calls, rows > 0)
	p.lists.Refresh()
	p.fit()
}

// fit takes the recent calls off a window that is too low for them, so that it does not grow below the edge of a small screen:
// calls and message come first.
func (p *callsPage) fit() {
	if p.root == nil || p.ui.window.window == nil {
		return
	}
	before := p.recentArea.Visible()
	p.recentArea.Show()
	p.recentCaption.Show()
	height := p.ui.window.window.Canvas().Size().Height
	room := height <= 0 || len(p.ui.window.choices) > 0 || p.root.MinSize().Height <= height
	widgets.Show(p.recentArea, room)
	widgets.Show(p.recentCaption, room)
	if before != room {
		p.grown = time.Now()
		p.root.Refresh()
	}
}

// maxWindowCalls is how many calls the window lists at the same time.
const maxWindowCalls = 12

func (p *callsPage) render() {
	u := p.ui
	s := u.state
	widgets.SetIcon(p.icon, trayIcon(s))
	p.status.Set(headline(s, u.settings.Device))
	if why := u.silences(); len(why) > 0 { // it matters more than whose account this is
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
	p.makeRoom(len(calls))
	if anew {
		p.list.Refresh()
	}
	if p.count.Set(text.Say("Calls")); len(calls) > callRows { // some are scrolled
		p.count.Set(text.Say("Calls ({{.Count}})", "Count", strconv.Itoa(len(calls))))
	}
	p.history.render()
	p.fit()
	u.tickSoon()
}
