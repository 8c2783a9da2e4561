package app

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/command"
	"calltray/internal/contacts"
	"calltray/internal/journal"
	"calltray/internal/text"
	"calltray/ui"
)

// people caches what the contacts and the history know about numbers: whose they are, and what was last said.
// Its methods may be called from any goroutine, and never wait for the disk.
type people struct {
	book    *contacts.Book
	journal *journal.Journal
	unknown *contacts.Unknown
	e164    func(number string) string // the international form
	changed func()                     // something became known; called on a goroutine of its own

	mu      sync.Mutex
	known   map[string]ui.Known        // by number
	asked   map[string]bool            // those whose entry is up to date
	waiting []string                   // those of them that still have to be looked up
	looking int                        // goroutines looking numbers up
	calls   map[csta.ConnectionID]bool // whose numbers were looked up at the address
	life    context.Context            // of the application; nil before
	looks   sync.WaitGroup             // look-ups at the address in progress
}

const (
	mostKnown   = 1000 // numbers that are remembered
	mostWaiting = 200  // waiting look-ups
	mostLooking = 2    // concurrent look-ups
)

// lookupLimit is how long the disk may take.
const lookupLimit = 10 * time.Second

// of returns what is known about a number, and starts a look-up of the rest.
func (p *people) of(number string) ui.Known {
	if number == "" {
		return ui.Known{}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.life != nil && !p.asked[number] {
		if len(p.asked) >= mostKnown {
			clear(p.asked)
			clear(p.known)
		}
		p.asked[number] = true
		if !slices.Contains(p.waiting, number) {
			p.waiting = append(p.waiting, number)
		}
		if len(p.waiting) > mostWaiting { // the oldest must be requested again
			delete(p.asked, p.waiting[0])
			p.waiting = slices.Delete(p.waiting, 0, 1)
		}
		if p.looking < mostLooking {
			p.looking++
			p.looks.Go(p.lookAll)
		}
	}
	return p.known[number]
}

// lookAll looks numbers up until none is waiting. The newest goes first: its call rings now, while the others
// may have ended.
func (p *people) lookAll() {
	for {
		p.mu.Lock()
		last, life := len(p.waiting)-1, p.life
		if last < 0 || life == nil {
			p.waiting = nil
			p.looking--
			p.mu.Unlock()
			return
		}
		number := p.waiting[last]
		p.waiting = p.waiting[:last]
		p.mu.Unlock()
		p.look(life, number)
	}
}

// ask looks up callers that are in no contacts at the address in the settings. Results are published later. Not
// looked up: numbers that the user dials, colleagues' numbers, withheld ones, and those of earlier calls.
func (p *people) ask(st csta.State, internal func(number string) bool) {
	if p.unknown == nil || p.unknown.Directory().Address == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	calls := map[csta.ConnectionID]bool{}
	for _, c := range st.Calls {
		number := csta.DeviceID(c.Remote.Number).Number()
		calls[c.ID] = p.calls[c.ID] || number != "" // the number may arrive later than the call
		if p.life == nil || p.calls[c.ID] || c.Phase == csta.Ended || !looksUp(c, internal) {
			continue
		}
		life := p.life
		p.looks.Go(func() {
			found, err := p.book.Lookup(life, number)
			if err != nil || found.Name != "" || found.Company != "" {
				return
			}
			e164 := p.e164(number)
			if k, err := p.unknown.Ask(life, e164); err == nil && k != (contacts.Known{}) {
				p.look(life, number)
			}
		})
	}
	p.calls = calls
}

// looksUp reports whether a caller may be looked up: not a colleague, not a caller who withholds the number,
// and nobody whom the user calls.
func looksUp(c csta.Call, internal func(number string) bool) bool {
	number := csta.DeviceID(c.Remote.Number).Number()
	return c.Direction == csta.Incoming && number != "" && !internal(number)
}

// stranger returns who is calling if no contact knows the number, from the address in the settings; it waits
// for the answer as long as a look-up may take.
func (p *people) stranger(ctx context.Context, c csta.Call, internal func(number string) bool) contacts.Known {
	if p.unknown == nil || p.unknown.Directory().Address == "" || !looksUp(c, internal) {
		return contacts.Known{}
	}
	k, _ := p.unknown.Ask(ctx, p.e164(csta.DeviceID(c.Remote.Number).Number())) // if it fails, the PBX's name remains
	return k
}

// live enables look-ups until ctx ends.
func (p *people) live(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.life = ctx
	clear(p.asked)
}

// wait waits until no look-up is in progress, and prevents new ones.
func (p *people) wait() {
	p.mu.Lock()
	p.life = nil
	p.mu.Unlock()
	p.looks.Wait()
}

// look queries the contacts and the history for a number.
func (p *people) look(ctx context.Context, number string) {
	ctx, cancel := context.WithTimeout(ctx, lookupLimit)
	defer cancel()
	found, err := p.book.Lookup(ctx, number)
	if found.Name == "" && found.Company == "" && p.unknown != nil {
		found = p.unknown.Recall(p.e164(number))
	}
	k := ui.Known{Name: nameOf(found), Company: found.Company, Label: labelWord(found.Label)}
	if k.Name == k.Company {
		k.Company = ""
	}
	if last, ok, e := p.journal.Last(ctx, number); e == nil && ok {
		k.Last = last.LastWords(time.Now())
	} else {
		err = cmp.Or(err, e)
	}
	note, e := p.journal.LastNote(ctx, number)
	if k.Note = note; cmp.Or(err, e) != nil {
		return // the earlier entry stays
	}
	p.mu.Lock()
	before := p.known[number]
	p.known[number] = k
	p.mu.Unlock()
	if before != k {
		p.changed()
	}
}

// anew makes everything be looked up again when next requested: the contacts or the history have changed.
func (p *people) anew() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.asked)
}

// name fills in the contacts' names in the calls of a state: they take precedence over the PBX's, and the
// user's own names over them.
func (p *people) name(st csta.State, own func(number string) string) csta.State {
	calls := make([]csta.Call, len(st.Calls))
	for i, c := range st.Calls {
		if number := csta.DeviceID(c.Remote.Number).Number(); own(number) == "" {
			c.Remote.Name = cmp.Or(p.of(number).Name, c.Remote.Name)
		}
		calls[i] = c
	}
	st.Calls = calls
	return st
}

// describe returns the text of a notification below the name: how a call arrived and, while it rings, the
// company, the number's label, the last call and the last note, as far as they are known by now.
func (a *App) describe(c csta.Call) string {
	words := []string{text.Describe(c)}
	if number := csta.DeviceID(c.Remote.Number).Number(); c.Phase == csta.Ringing {
		k := a.people.of(number)
		for _, more := range []string{text.Plain(k.Company, text.MaxName), text.Plain(k.Label, text.MaxName), k.Memory()} {
			if more != "" && more != c.Remote.Name {
				words = append(words, more)
			}
		}
	}
	return strings.Join(words, " · ")
}

// nameOf returns the name for a number; if several contacts share it, the first one's.
func nameOf(found contacts.Known) string {
	name := cmp.Or(found.Name, found.Company)
	switch {
	case found.Others == 1:
		return text.Say("{{.Name}} or 1 other", "Name", name)
	case found.Others > 1:
		return text.Say("{{.Name}} or {{.Count}} others", "Name", name, "Count", strconv.Itoa(found.Others))
	}
	return name
}

// labelWord translates a label into the user's language.
func labelWord(label string) string {
	switch label {
	case contacts.Mobile:
		return text.Say("mobile")
	case contacts.Work:
		return text.Say("work")
	case contacts.Home:
		return text.Say("home")
	case contacts.Main:
		return text.Say("main number")
	}
	return label
}

// seen returns a state with the names that are displayed.
func (a *App) seen(st csta.State) csta.State {
	names := a.names.known()
	return a.people.name(command.NameState(st, names), func(number string) string { return names[number] })
}

// known is called when more is known about a number.
func (a *App) known() {
	a.telling.Lock()
	defer a.telling.Unlock()
	a.mu.Lock()
	st := a.state
	a.mu.Unlock()
	a.tell(lasting(st))
	a.ui.KnownChanged()
}
