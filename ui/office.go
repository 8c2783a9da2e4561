package ui

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"calltray/cstasession"
)

// officePause is the least time between two drawings of the office: nobody reads faster, and an exchange
// of thousands tells hundreds of events a second.
const officePause = 100 * time.Millisecond

// office is what is known of the colleagues and queues. News come in on any goroutine and cost a map's
// entry; the screen is told of many at once.
type office struct {
	ui *UI

	mu         sync.Mutex
	colleagues map[string]cstasession.Colleague // by number
	queues     map[string]cstasession.Queue     // by number; a removed one is gone
	stale      map[string]bool                  // colleagues not heard of since the link was lost
	waiting    bool                             // a drawing is on its way
}

func (o *office) init(u *UI) {
	o.ui = u
	o.colleagues, o.queues, o.stale = map[string]cstasession.Colleague{}, map[string]cstasession.Queue{}, map[string]bool{}
}

func (o *office) colleague(c cstasession.Colleague) {
	o.mu.Lock()
	o.colleagues[c.Device.Number()] = c
	delete(o.stale, c.Device.Number())
	o.mu.Unlock()
	o.renderSoon()
}

func (o *office) queue(q cstasession.Queue) {
	o.mu.Lock()
	if o.queues[q.Device.Number()] = q; q.Removed {
		delete(o.queues, q.Device.Number())
	}
	o.mu.Unlock()
	o.renderSoon()
}

// forget empties the office: who was in it may be of another exchange.
func (o *office) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.colleagues)
	clear(o.queues)
	clear(o.stale)
}

// follow doubts what is known of everybody when the link is lost.
func (o *office) follow(before, now cstasession.State) {
	if before.Status != cstasession.Online || now.Status == cstasession.Online {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for number := range o.colleagues {
		o.stale[number] = true
	}
}

// renderSoon has the screen show the office, a moment later.
func (o *office) renderSoon() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.waiting {
		return
	}
	o.waiting = true
	time.AfterFunc(officePause, func() {
		o.mu.Lock()
		o.waiting = false
		o.mu.Unlock()
		o.ui.post(func() { o.ui.window.renderOffice() })
	})
}

// name is what the user, else the exchange, calls an extension or a queue; "" if nobody does.
func (o *office) name(number string) string {
	if name := o.ui.cfg.Names[number]; name != "" {
		return name
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if c := o.colleagues[number]; c.Name != "" {
		return c.Name
	}
	return o.queues[number].Name
}

// search lists the numbers of the colleagues whose name or number holds the text, in order of their
// numbers.
func (o *office) search(text string) []string {
	text = strings.ToLower(strings.TrimSpace(text))
	o.mu.Lock()
	var found []string
	for number, c := range o.colleagues {
		name := cmp.Or(o.ui.cfg.Names[number], c.Name)
		if text == "" || strings.Contains(number, text) || strings.Contains(strings.ToLower(name), text) {
			found = append(found, number)
		}
	}
	o.mu.Unlock()
	slices.SortFunc(found, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
	return found
}
