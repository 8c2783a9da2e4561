package ui

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"calltray/cstasession"
)

// officePause is the least time between two drawings of the office: nobody reads faster, and an exchange
// of thousands tells hundreds of events a second.
const officePause = 100 * time.Millisecond

// office is what is known of the colleagues and queues. News come in on any goroutine. While nobody looks
// they cost an entry of a map; else the screen is told of many at once. What takes as long as the office
// is large, its order, is made anew only when somebody joins it or gets another name.
type office struct {
	ui *UI

	mu       sync.Mutex        // guards what follows
	entries  map[string]*entry // by number; a removed queue is gone
	queues   map[string]*entry // those of them that are queues
	names    map[string]string // what the user calls them, by number
	sorted   []*entry          // all of entries, by name; nil when somebody has joined or left
	unsorted bool              // a name has changed since
	edition  int               // counts the orders that there were
	watched  bool              // the screen shows the office
	waiting  bool              // a drawing is on its way
}

// entry is an extension or a queue: whoever calls can be handed to. office.mu guards it.
type entry struct {
	number    string
	told      string // the name that the exchange told
	name      string // shown: the user's, else the exchange's; "" if there is none
	key       string // its place in the order
	words     string // what a search looks at
	isQueue   bool
	colleague cstasession.Colleague // as last told
	queue     cstasession.Queue     // as last told, of a queue
	stale     bool                  // not heard of since the link was lost
}

func (o *office) init(u *UI) {
	o.ui = u
	o.entries, o.queues = map[string]*entry{}, map[string]*entry{}
	o.forget(u.cfg.Names)
}

func (o *office) colleague(c cstasession.Colleague) {
	o.mu.Lock()
	e := o.entry(c.Device.Number(), c.Name)
	e.colleague, e.stale, e.isQueue = c, false, false
	o.mu.Unlock()
	o.renderSoon()
}

func (o *office) queue(q cstasession.Queue) {
	number := q.Device.Number()
	o.mu.Lock()
	if q.Removed {
		delete(o.entries, number)
		delete(o.queues, number)
		o.sorted = nil
	} else {
		e := o.entry(number, q.Name)
		e.queue, e.stale, e.isQueue = q, false, true
		o.queues[number] = e
	}
	o.mu.Unlock()
	o.renderSoon()
}

// forget empties the office: who was in it may be of another exchange, where the user has other names.
func (o *office) forget(names map[string]string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.entries)
	clear(o.queues)
	o.sorted = nil
	if o.names = maps.Clone(names); o.names == nil {
		o.names = map[string]string{}
	}
}

// entry returns the one with a number and takes the name that is told now. The caller holds mu.
func (o *office) entry(number, told string) *entry {
	e := o.entries[number]
	switch {
	case e == nil:
		e = &entry{number: number, told: told}
		o.entries[number] = e
		o.sorted = nil
	case e.told == told:
		return e
	default:
		e.told = told
		o.unsorted = true
	}
	o.call(e)
	return e
}

// call gives an entry its name, and what follows from it. The caller holds mu.
func (o *office) call(e *entry) {
	e.name = plain(cmp.Or(o.names[e.number], e.told), maxName)
	e.key = sortKey(e.name)
	e.words = fold(e.number + " " + e.name)
}

// follow doubts what is known of everybody when the link is lost.
func (o *office) follow(before, now cstasession.State) {
	if before.Status != cstasession.Online || now.Status == cstasession.Online {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range o.entries {
		e.stale = true
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
	if e := o.entries[number]; e != nil {
		return e.name
	}
	return plain(o.names[number], maxName)
}

// rename has the user's name for an extension, "" for none, from now on.
func (o *office) rename(number, name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.names[number] = name; name == "" {
		delete(o.names, number)
	}
	if e := o.entries[number]; e != nil {
		o.call(e)
		o.unsorted = true
	}
}

// ringing returns the call that rings at an extension, the one that has rung longest.
func (o *office) ringing(number string) (cstasession.ConnectionID, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	e := o.entries[number]
	if e == nil || e.stale {
		return cstasession.ConnectionID{}, false
	}
	c, ok := e.ringing()
	return c.ID, ok
}

func (e *entry) ringing() (cstasession.Call, bool) {
	for _, c := range e.colleague.Calls {
		if c.Phase == cstasession.Ringing && !e.isQueue {
			return c, true
		}
	}
	return cstasession.Call{}, false
}

// arrange brings the order up to date, and returns its number: as long as that stays, so do the entries
// that find returns for a text. A name that was learnt moves an entry only if moving says so, because a
// row must not slip away under the pointer.
func (o *office) arrange(moving bool) (edition int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sorted != nil && !(moving && o.unsorted) {
		return o.edition
	}
	o.sorted = slices.SortedFunc(maps.Values(o.entries), func(a, b *entry) int {
		if (a.name == "") != (b.name == "") { // those without a name come last
			return cmp.Compare(len(b.name), len(a.name))
		}
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(len(a.number), len(b.number)), cmp.Compare(a.number, b.number))
	})
	o.unsorted = false
	o.edition++
	return o.edition
}

// find lists the entries that hold every word of a text in their name or number, in their order: first
// those in which a word begins with it.
func (o *office) find(text string) []*entry {
	words := strings.Fields(fold(text))
	if digits := strings.Join(words, ""); strings.Trim(digits, "0123456789") == "" && digits != "" {
		words = []string{digits} // "22 33" is one number
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	var first, second []*entry
	for _, e := range o.sorted {
		found, begins := true, true
		for _, w := range words {
			at := strings.Index(e.words, w)
			found = found && at >= 0
			begins = begins && (strings.HasPrefix(e.words, w) || strings.Contains(e.words, " "+w))
		}
		switch {
		case found && begins:
			first = append(first, e)
		case found:
			second = append(second, e)
		}
	}
	return append(first, second...)
}

// fold makes the same of texts that a search should not tell apart: capitals, and the two ways to write
// an å.
func fold(s string) string { return strings.ReplaceAll(strings.ToLower(s), "å", "aa") }

// danishOrder writes a lower-case name so that its bytes sort as a Danish directory does: æ, ø and å, which
// may be written aa, come after z, the byte before "{".
var danishOrder = strings.NewReplacer("æ", "{", "ä", "{", "ø", "|", "ö", "|", "å", "}", "aa", "}", "ü", "y", "é", "e")

func sortKey(name string) string { return danishOrder.Replace(strings.ToLower(name)) }

// waitingCalls is how many calls wait in the user's queues; in all, if the user is in none.
func (o *office) waitingCalls() (count int) {
	me := cstasession.DeviceID(o.ui.settings.Device)
	o.mu.Lock()
	defer o.mu.Unlock()
	ours, all := false, 0
	for _, e := range o.queues {
		if e.stale {
			continue
		}
		n := max(e.queue.Waiting, len(e.queue.Calls))
		all += n
		if _, in := e.queue.Member(me); in {
			ours = true
			count += n
		}
	}
	if !ours {
		return all
	}
	return count
}
