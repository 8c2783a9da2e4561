package ui

import (
	"time"

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

// waitingShown is how many of a queue's waiting calls have their own line; its space is reserved.
const waitingShown = 3

// queueCard shows a queue that the user is an agent of.
type queueCard struct {
	page *queuesPage
	now  queueNow
	box  *fyne.Container

	name, number, words *widgets.Line
	sign                *widgets.Action
	figures             [5]*widgets.Line
	callers, clocks     [waitingShown]*widgets.Line
	since               [waitingShown]time.Time // when the clocks started; zero for an empty one
	changed             time.Time               // when the button's label last changed
}

func newQueueCard(p *queuesPage) *queueCard {
	c := &queueCard{page: p,
		name:   widgets.NewLine(theme.TextSize()+1, true, theme.ColorNameForeground),
		number: widgets.NewLine(theme.TextSize(), false, widgets.ColorMuted),
		words:  widgets.NewLine(theme.TextSize()-1, false, widgets.ColorMuted),
	}
	c.number.Least, c.number.Align = "00000", fyne.TextAlignTrailing
	c.sign = p.ui.window.action(widget.MediumImportance, c.switchOver,
		widgets.Face{Label: text.Say("Sign in")}, widgets.Face{Label: text.Say("Sign out")}, widgets.Face{Label: "…"})

	table := container.NewGridWithColumns(len(c.figures))
	for i, title := range []string{text.Say("Calls"), text.Say("Answered"), text.Say("Missed"), text.Say("Avg. wait"), text.Say("Avg. talk")} {
		above := widgets.NewLine(theme.CaptionTextSize(), false, widgets.ColorMuted)
		above.Set(title)
		c.figures[i] = widgets.NewLine(theme.TextSize(), true, theme.ColorNameForeground)
		table.Add(widgets.NewColumn(0, above, c.figures[i]))
	}
	calls := widgets.NewColumn(1)
	for i := range c.callers {
		c.callers[i] = widgets.NewLine(theme.TextSize()-1, false, theme.ColorNameForeground)
		c.clocks[i] = widgets.NewLine(theme.TextSize()-1, false, widgets.ColorMuted)
		c.clocks[i].Least, c.clocks[i].Align = "0:00:00", fyne.TextAlignTrailing
		calls.Add(widgets.NewRow(8, 0, c.callers[i], c.clocks[i]))
	}
	c.box = container.NewStack(container.New(layout.NewCustomPaddedLayout(8, 8, 14, 14), widgets.NewColumn(4,
		widgets.NewRow(10, 0, c.name, c.number, c.sign), c.words, table, calls)),
		container.NewBorder(nil, widgets.Divider(), nil, nil))
	return c
}

func (c *queueCard) set(q queueNow) {
	c.now = q
	state := c.page.ui.state
	online := state.Status == csta.Online
	c.name.Set(q.title())
	c.number.Set("")
	if q.name != "" {
		c.number.Set(text.ShownNumber(q.number))
	}
	c.words.Set(q.words(state))
	for i, figure := range q.statistics(online) {
		c.figures[i].Set(figure)
	}
	for i := range c.callers {
		c.since[i] = time.Time{}
		words := ""
		if calls := q.queue.Calls; i < len(calls) && online && !q.stale {
			words, c.since[i] = c.page.ui.named(calls[i].Remote), calls[i].Since
		}
		c.callers[i].Set(words)
	}
	if more := len(q.queue.Calls) - waitingShown; more > 0 && online && !q.stale {
		c.since[waitingShown-1] = time.Time{}
		c.callers[waitingShown-1].Set(moreCalls(more + 1))
	}
	c.tick()

	importance, shown := widget.HighImportance, widgets.Face{Label: text.Say("Sign in")}
	if q.me.SignedIn() {
		importance, shown = widget.MediumImportance, widgets.Face{Label: text.Say("Sign out")}
	}
	c.sign.SetImportance(importance)
	if c.page.working[q.number] {
		shown = widgets.Face{Label: "…"}
	}
	if c.sign.Text != shown.Label {
		c.changed = time.Now()
	}
	c.sign.Set(shown)
	switch reason, refused := state.Refused["SetQueueMember"]; {
	case !online || q.stale:
		c.sign.Forbid(text.Explain(csta.ErrOffline))
	case refused:
		c.sign.Forbid(text.RefusedWords("SetQueueMember", reason))
	case c.page.working[q.number]:
		c.sign.Forbid("")
	default:
		c.sign.Allow()
	}
}

// switchOver signs the user in or out, unless the button has only just changed: the second click of a double click
// must not undo the first.
func (c *queueCard) switchOver() {
	if time.Since(c.changed) >= tapGuard {
		c.page.signIn(c.now, !c.now.me.SignedIn())
	}
}

func (c *queueCard) tick() {
	for i, since := range c.since {
		words := ""
		if !since.IsZero() {
			words = text.Clock(time.Since(since))
		}
		c.clocks[i].Set(words)
	}
}

// queueLine shows a queue that the user is not an agent of.
type queueLine struct {
	box                 *fyne.Container
	name, number, words *widgets.Line
}

func newQueueLine() *queueLine {
	l := &queueLine{
		name:   widgets.NewLine(theme.TextSize(), false, theme.ColorNameForeground),
		number: widgets.NewLine(theme.TextSize(), false, widgets.ColorMuted),
		words:  widgets.NewLine(theme.TextSize()-2, false, widgets.ColorMuted),
	}
	l.number.Least, l.number.Align = "00000", fyne.TextAlignTrailing
	picture := widget.NewIcon(widgets.Icon(assets.Queue))
	l.box = container.NewStack(widgets.Spacer(colleagueRowHeight), container.New(layout.NewCustomPaddedLayout(0, 0, 14, 14),
		widgets.NewRow(12, 1, picture, widgets.NewColumn(0, l.name, l.words), l.number)))
	return l
}

func (l *queueLine) set(q queueNow, s csta.State) {
	l.name.Set(q.title())
	l.number.Set("")
	if q.name != "" {
		l.number.Set(text.ShownNumber(q.number))
	}
	l.words.Set(q.words(s))
}
