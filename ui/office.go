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

// officePause is the minimum time between two drawings of the office: nobody reads faster, and a PBX with thousands
// of extensions sends hundreds of events a second.
const officePause = 100 * time.Millisecond

// office holds what is known about colleagues and queues. Updates arrive on any goroutine. While the office is not on
// the screen, an update costs one map entry; otherwise many are drawn at once. Sorting, whose cost grows with the
// office, is redone only when somebody joins, leaves or is renamed.
type office struct {
	ui *UI

	mu       sync.Mutex         // guards the fields below
	targets  map[string]*target // by number, without removed queues
	queues   map[string]*target // the targets that are queues
	names    map[string]string  // the user's names for them, by number
	sorted   []*target          // all targets, by name; nil when somebody has joined or left
	unsorted bool               // a name has changed since sorting
	edition  int                // counts the sorts
	watched  bool               // the office is on the screen
	waiting  bool               // a drawing is scheduled
}

// target is an extension or a queue that calls can be transferred to. office.mu guards it.
type target struct {
	number    string
	told      string // the PBX's name for it
	name      string // as shown: the user's name, else the PBX's; "" if there is none
	key       string // to sort by
	words     string // the text to search in
	isQueue   bool
	colleague csta.Colleague // as last reported
	queue     csta.Queue     // as last reported, for queues only
	isOwn     bool           // the user's own extension
	isCaller  bool           // not in the office: somebody from a recent call
	about     string         // for a contact: the company, and which of its numbers this is
	stale     bool           // no report since the connection was lost
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

// forget empties the office, which may have been another PBX's, and takes the user's names for the new one.
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

// target returns the target with a number, created if missing, and sets the PBX's name for it. The caller holds mu.
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

// call sets a target's name, and the fields derived from it. The caller holds mu.
func (o *office) call(t *target) { t.call(o.names[t.number]) }

// call names a target own, the user's name for it, or the PBX's if that is "".
func (t *target) call(own string) {
	t.name = text.Plain(cmp.Or(own, t.told), text.MaxName)
	t.key = sortKey(t.name)
	t.words = fold(t.number + " " + t.name)
}

// follow marks everybody as stale when the connection is lost.
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

// watch sets whether the office is on the screen.
func (o *office) watch(on bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.watched = on
}

// renderSoon redraws the office after officePause, if it is on the screen.
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

// name returns the user's name for an extension or a queue, else the PBX's, "" if there is none. It may be called
// from any goroutine.
func (o *office) name(number string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if t := o.targets[number]; t != nil {
		return t.name
	}
	return text.Plain(o.names[number], text.MaxName)
}

// rename sets the user's name for an extension, "" for none.
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

// notKnown says why it is not known what a target does, "" if it is known.
func (t *target) notKnown(s csta.State) string {
	switch {
	case s.Status != csta.Online:
		return text.Say("Not known while offline")
	case t.stale && s.Trunk == csta.Off:
		return text.Say("Not known: the PBX does not tell this account")
	case t.stale:
		return text.Say("Not known since the connection was lost")
	}
	return ""
}

// ringing returns the call ringing at an extension that can be picked up; of several, the one that has rung longest.
func (o *office) ringing(number string) (csta.ConnectionID, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if t := o.targets[number]; t != nil {
		return o.toPickUp(t)
	}
	return csta.ConnectionID{}, false
}

// toPickUp returns the target's call that can be picked up, never one that the user makes. The caller holds mu.
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

// arrange updates the order and returns its edition: while that stays the same, find returns the same targets for a
// text. A changed name moves a target only if moving is true, so that no row slips away under the pointer.
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

// lengths returns the different lengths of the colleagues' numbers, in digits; nil while nobody is known.
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

// knows reports whether a number belongs to somebody in the office.
func (o *office) knows(number string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.targets[number] != nil
}

// waitingCalls returns how many calls wait in the user's queues, or in all queues if the user is in none.
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
