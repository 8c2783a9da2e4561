package ui

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/text"
)

// officePause is the least time between two drawings of the office: nobody reads faster, and an exchange
// of thousands tells hundreds of events a second.
const officePause = 100 * time.Millisecond

// office is what is known of the colleagues and queues. News come in on any goroutine. While nobody looks
// they cost an item of a map; else the screen is told of many at once. What takes as long as the office
// is large, its order, is made anew only when somebody joins it or gets another name.
type office struct {
	ui *UI

	mu       sync.Mutex         // guards what follows
	targets  map[string]*target // by number; a removed queue is gone
	queues   map[string]*target // those of them that are queues
	names    map[string]string  // what the user calls them, by number
	sorted   []*target          // all of targets, by name; nil when somebody has joined or left
	unsorted bool               // a name has changed since
	edition  int                // counts the orders that there were
	watched  bool               // the screen shows the office
	waiting  bool               // a drawing is on its way
}

// target is an extension or a queue: whoever calls can be handed to. office.mu guards it.
type target struct {
	number    string
	told      string // the name that the exchange told
	name      string // shown: the user's, else the exchange's; "" if there is none
	key       string // its place in the order
	words     string // what a search looks at
	isQueue   bool
	colleague csta.Colleague // as last told
	queue     csta.Queue     // as last told, of a queue
	isOwn     bool           // the user's own extension
	isCaller  bool           // not of the office: somebody in a recent call
	about     string         // of a contact: its company, and which of its numbers it is
	stale     bool           // not heard of since the link was lost
}

func (o *office) init(u *UI) {
	o.ui = u
	o.targets, o.queues = map[string]*target{}, map[string]*target{}
	o.forget(u.cfg.Names)
}

func (o *office) colleague(c csta.Colleague) {
	o.mu.Lock()
	t := o.target(c.Device.Number(), c.Name)
	t.colleague, t.stale, t.isQueue = c, false, false
	o.mu.Unlock()
	o.renderSoon()
}

func (o *office) queue(q csta.Queue) {
	number := q.Device.Number()
	o.mu.Lock()
	if q.Removed {
		delete(o.targets, number)
		delete(o.queues, number)
		o.sorted = nil
	} else {
		t := o.target(number, q.Name)
		t.queue, t.stale, t.isQueue = q, false, true
		o.queues[number] = t
	}
	o.mu.Unlock()
	o.renderSoon()
}

// forget empties the office: who was in it may be of another exchange, where the user has other names.
func (o *office) forget(names map[string]string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.targets)
	clear(o.queues)
	o.sorted = nil
	if o.names = maps.Clone(names); o.names == nil {
		o.names = map[string]string{}
	}
}

// target returns the one with a number and takes the name that is told now. The caller holds mu.
func (o *office) target(number, told string) *target {
	t := o.targets[number]
	switch {
	case t == nil:
		t = &target{number: number, told: told}
		o.targets[number] = t
		o.sorted = nil
	case t.told == told:
		return t
	default:
		t.told = told
		o.unsorted = true
	}
	o.call(t)
	return t
}

// call gives a target its name, and what follows from it. The caller holds mu.
func (o *office) call(t *target) { t.call(o.names[t.number]) }

// call gives a target the user's name for it, else the one that was told.
func (t *target) call(own string) {
	t.name = text.Plain(cmp.Or(own, t.told), text.MaxName)
	t.key = sortKey(t.name)
	t.words = fold(t.number + " " + t.name)
}

// follow doubts what is known of everybody when the link is lost.
func (o *office) follow(before, now csta.State) {
	if before.Status != csta.Online || now.Status == csta.Online {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, t := range o.targets {
		t.stale = true
	}
}

// watch says whether the screen shows the office.
func (o *office) watch(on bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.watched = on
}

// renderSoon has the screen show the office, a moment later.
func (o *office) renderSoon() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.waiting || !o.watched {
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

// name is what the user, else the exchange, calls an extension or a queue; "" if nobody does. It may be
// called from any goroutine.
func (o *office) name(number string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if t := o.targets[number]; t != nil {
		return t.name
	}
	return text.Plain(o.names[number], text.MaxName)
}

// rename has the user's name for an extension, "" for none, from now on.
func (o *office) rename(number, name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.names[number] = name; name == "" {
		delete(o.names, number)
	}
	if t := o.targets[number]; t != nil {
		o.call(t)
		o.unsorted = true
	}
}

// ringing returns the call that rings at an extension and could be picked up, the one that has rung longest.
func (o *office) ringing(number string) (csta.ConnectionID, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if t := o.targets[number]; t != nil {
		return o.toPickUp(t)
	}
	return csta.ConnectionID{}, false
}

// toPickUp is the call of a target that could be picked up: none that the user makes. The caller holds mu.
func (o *office) toPickUp(t *target) (csta.ConnectionID, bool) {
	me := csta.DeviceID(o.ui.settings.Device).Number()
	for _, c := range t.colleague.Calls {
		if c.Phase == csta.Ringing && !t.isQueue && !t.stale && csta.DeviceID(c.Remote.Number).Number() != me {
			return c.ID, true
		}
	}
	return csta.ConnectionID{}, false
}

func (t *target) ringing() (csta.Call, bool) {
	for _, c := range t.colleague.Calls {
		if c.Phase == csta.Ringing && !t.isQueue {
			return c, true
		}
	}
	return csta.Call{}, false
}

// arrange brings the order up to date, and returns its number: as long as that stays, so do the targets
// that find returns for a text. A name that was learnt moves a target only if moving says so, because a
// row must not slip away under the pointer.
func (o *office) arrange(moving bool) (edition int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sorted != nil && !(moving && o.unsorted) {
		return o.edition
	}
	o.sorted = slices.SortedFunc(maps.Values(o.targets), func(a, b *target) int {
		if (a.name == "") != (b.name == "") { // those without a name come last
			return cmp.Compare(len(b.name), len(a.name))
		}
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(len(a.number), len(b.number)), cmp.Compare(a.number, b.number))
	})
	o.unsorted = false
	o.edition++
	return o.edition
}

// lengths lists how many digits the colleagues' numbers have, nil while nobody is known.
func (o *office) lengths() (list []int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for number := range o.targets {
		if n := len(number); n < 7 && strings.Trim(number, "0123456789") == "" && !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	slices.Sort(list)
	return list
}

// knows reports whether somebody in the office has a number.
func (o *office) knows(number string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.targets[number] != nil
}

// waitingCalls is how many calls wait in the user's queues; in all, if the user is in none.
func (o *office) waitingCalls() (count int) {
	me := csta.DeviceID(o.ui.settings.Device)
	o.mu.Lock()
	defer o.mu.Unlock()
	ours, all := false, 0
	for _, t := range o.queues {
		if t.stale {
			continue
		}
		n := max(t.queue.Waiting, len(t.queue.Calls))
		all += n
		if _, in := t.queue.Member(me); in {
			ours = true
			count += n
		}
	}
	if !ours {
		return all
	}
	return count
}
