package ui

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"calltray/cstasession/csta"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// queuesPage shows the queues: those that the user is an agent of in full, the others in a line each.
type queuesPage struct {
	ui   *UI
	root *fyne.Container

	sentence *widgets.Lines
	list     *fyne.Container
	other    fyne.CanvasObject // the caption above the other queues
	own      map[string]*queueCard
	others   map[string]*queueLine
	drawn    []string        // the numbers in the list, in order; "" is the caption
	working  map[string]bool // by number: signing in or out is in progress
}

func newQueuesPage(u *UI) *queuesPage {
	p := &queuesPage{ui: u, own: map[string]*queueCard{}, others: map[string]*queueLine{}, working: map[string]bool{}}
	p.sentence = widgets.NewLines(3, theme.TextSize(), widgets.ColorMuted)
	p.list = widgets.NewColumn(0)
	p.other = container.New(layout.NewCustomPaddedLayout(12, 4, 14, 14), widgets.NewCaption(text.Say("Other queues")))
	p.root = container.NewStack(
		container.New(layout.NewCustomPaddedLayout(14, 0, 16, 16), widgets.NewColumn(0, p.sentence)), // as for the colleagues
		container.New(layout.NewCustomPaddedLayout(2, 2, 1, 1), container.NewVScroll(p.list)))
	return p
}

// queueNow is a snapshot of a queue, to be shown.
type queueNow struct {
	target
	me       csta.Member
	isAgent  bool
	signedIn int // how many agents
}

// queuesNow returns the queues, the user's first.
func (o *office) queuesNow() []queueNow {
	me := csta.DeviceID(o.ui.settings.Device)
	o.mu.Lock()
	var list []queueNow
	for t := range maps.Values(o.queues) {
		q := queueNow{target: *t}
		q.me, q.isAgent = t.queue.Member(me)
		for _, m := range t.queue.Members {
			if m.SignedIn() {
				q.signedIn++
			}
		}
		list = append(list, q)
	}
	o.mu.Unlock()
	slices.SortFunc(list, func(a, b queueNow) int {
		switch {
		case a.isAgent && !b.isAgent:
			return -1
		case b.isAgent && !a.isAgent:
			return 1
		case (a.name == "") != (b.name == ""): // those without a name come last
			return cmp.Compare(len(b.name), len(a.name))
		}
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.number, b.number))
	})
	return list
}

// render shows what has changed.
func (p *queuesPage) render() {
	queues := p.ui.office.queuesNow()
	if p.ui.state.Status == csta.Online && p.ui.state.Trunk == csta.Off {
		// Of those known from when permission was given, nothing can be said, and the sentence says why.
		queues = slices.DeleteFunc(queues, func(q queueNow) bool { return q.stale })
	}
	p.arrange(queues)
	for _, q := range queues {
		if q.isAgent {
			p.own[q.number].set(q)
		} else {
			p.others[q.number].set(q, p.ui.state)
		}
	}
	p.sentence.Set(p.explain(len(queues)), widgets.ColorMuted)
}

// arrange puts the cards and lines in order, and redraws the list if the order has changed.
func (p *queuesPage) arrange(queues []queueNow) {
	var order []string
	var objects []fyne.CanvasObject
	for _, q := range queues {
		if q.isAgent {
			if p.own[q.number] == nil {
				p.own[q.number] = newQueueCard(p)
			}
			order, objects = append(order, q.number), append(objects, p.own[q.number].box)
			continue
		}
		if p.others[q.number] == nil {
			p.others[q.number] = newQueueLine()
		}
		if !slices.Contains(order, "") {
			order, objects = append(order, ""), append(objects, p.other)
		}
		order, objects = append(order, q.number), append(objects, p.others[q.number].box)
	}
	if !slices.Equal(order, p.drawn) || len(objects) != len(p.list.Objects) {
		p.drawn, p.list.Objects = order, objects
		p.list.Refresh()
	}
}

// explain returns a sentence on why there are no queues, "" if there are some.
func (p *queuesPage) explain(queues int) string {
	s := p.ui.state
	switch {
	case queues > 0:
		return ""
	case s.Status != csta.Online:
		return text.Say("Queues are shown as soon as Calltray is online.")
	case s.Trunk == csta.Off:
		return text.Say("The PBX does not tell this account of queues: ask the administrator to allow the monitoring of the whole PBX (MonitorTrunk).")
	default:
		return text.Say("The PBX has told of no queue.")
	}
}

// tick updates the clocks.
func (p *queuesPage) tick() {
	for _, c := range p.own {
		c.tick()
	}
}

// signIn signs the user in to a queue, or out of it.
func (p *queuesPage) signIn(q queueNow, in bool) {
	u, number := p.ui, q.number
	if p.working[number] {
		return
	}
	p.working[number] = true
	p.render()
	u.ask(serviceLimit, func(ctx context.Context, phone Phone) error {
		return phone.SetQueueMember(ctx, q.queue.Device, in)
	}, func(err error) {
		delete(p.working, number)
		switch {
		case err != nil && in:
			u.tell(text.Say("You were not signed in to {{.Queue}}.", "Queue", q.title()) + " " + text.Explain(err))
		case err != nil:
			u.tell(text.Say("You were not signed out of {{.Queue}}.", "Queue", q.title()) + " " + text.Explain(err))
		}
		u.window.side.render()
	})
}

// title returns the queue's name, or its number if it has none.
func (q queueNow) title() string { return cmp.Or(q.name, text.ShownNumber(q.number)) }

// waiting returns how many calls wait.
func (q queueNow) waiting() int { return max(q.queue.Waiting, len(q.queue.Calls)) }

// words describes the queue in a line. The longest wait is as reported by the PBX, while the calls' clocks run on.
func (q queueNow) words(s csta.State) string {
	if why := q.notKnown(s); why != "" {
		return why
	}
	var parts []string
	if q.isAgent && q.me.SignedIn() {
		parts = append(parts, text.Say("You are signed in"))
	} else if q.isAgent {
		parts = append(parts, text.Say("You are signed out"))
	}
	if n := q.waiting(); n > 0 {
		parts = append(parts, text.Say("{{.Count}} waiting", "Count", strconv.Itoa(n)))
		if q.queue.LongestWait > 0 {
			parts = append(parts, text.Say("longest wait {{.Time}}", "Time", text.Clock(q.queue.LongestWait)))
		}
	} else {
		parts = append(parts, text.Say("nobody waits"))
	}
	if n := len(q.queue.Members); n > 0 {
		parts = append(parts, text.Say("{{.SignedIn}} of {{.Agents}} agents", "SignedIn", strconv.Itoa(q.signedIn), "Agents", strconv.Itoa(n)))
	}
	return strings.Join(parts, " · ")
}

// statistics returns the queue's figures, in the order of the columns. Figures not reported are dashes, not zeros.
func (q queueNow) statistics(online bool) [5]string {
	s := q.queue
	if !online || q.stale || s.Total == 0 && s.Answered == 0 && s.Missed == 0 {
		return [5]string{"–", "–", "–", "–", "–"}
	}
	table := [5]string{strconv.Itoa(s.Total), strconv.Itoa(s.Answered), strconv.Itoa(s.Missed), "–", "–"}
	if s.AverageWait > 0 {
		table[3] = text.Clock(s.AverageWait)
	}
	if s.AverageTalk > 0 {
		table[4] = text.Clock(s.AverageTalk)
	}
	return table
}
