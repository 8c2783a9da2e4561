package main

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"calltray/cstasession/csta"
	"calltray/internal/account"
)

// names is what the user calls the extensions of one exchange. Its methods may be called from any
// goroutine.
type names struct {
	inMemory bool // the file is not touched: the demonstration's extensions are nobody's

	changing sync.Mutex // held while the file is read or written, which may take its time
	domain   string     // guarded by changing

	mu       sync.Mutex
	byNumber account.Names // never changed: another takes its place
}

// load takes the names of an exchange. With an error there are none.
func (n *names) load(pbxDomain string) (err error) {
	n.changing.Lock()
	defer n.changing.Unlock()
	next := account.Names{}
	switch {
	case !n.inMemory:
		next, err = account.LoadNames(pbxDomain)
	case n.domain == pbxDomain:
		next = n.known()
	}
	n.domain = pbxDomain
	n.become(next)
	return err
}

// set gives an extension a name, or with "" none, and keeps it.
func (n *names) set(number, name string) (err error) {
	n.changing.Lock()
	defer n.changing.Unlock()
	var next account.Names
	if n.inMemory {
		next = maps.Clone(n.known())
		if next[number] = name; name == "" {
			delete(next, number)
		}
	} else if next, err = account.Rename(n.domain, number, name); err != nil {
		return err
	}
	n.become(next)
	return nil
}

func (n *names) become(next account.Names) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.byNumber = next
}

// known returns the names; the caller does not change them.
func (n *names) known() account.Names {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.byNumber
}

// overlay puts the user's own names of extensions before those that the exchange told.
func overlay(st csta.State, names account.Names) csta.State {
	st.Calls = overlayCalls(st.Calls, names)
	return st
}

// overlayCalls returns the calls with the user's names; the given ones belong to others.
func overlayCalls(calls []csta.Call, names account.Names) []csta.Call {
	if len(names) == 0 || len(calls) == 0 {
		return calls
	}
	calls = slices.Clone(calls)
	for i := range calls {
		c := &calls[i]
		c.Remote.Name = cmp.Or(mine(names, c.Remote.Number), c.Remote.Name)
		c.ViaName = cmp.Or(mine(names, c.Via), c.ViaName)
	}
	return calls
}

// overlayColleague does the same for a colleague, overlayQueue for a queue.
func overlayColleague(c csta.Colleague, names account.Names) csta.Colleague {
	c.Name, c.Calls = cmp.Or(mine(names, string(c.Device)), c.Name), overlayCalls(c.Calls, names)
	return c
}

func overlayQueue(q csta.Queue, names account.Names) csta.Queue {
	q.Name, q.Calls = cmp.Or(mine(names, string(q.Device)), q.Name), overlayCalls(q.Calls, names)
	return q
}

// ownNames are the user's names for a command, which does not fail for want of them.
func ownNames(pbxDomain string, log *slog.Logger) account.Names {
	names, err := account.LoadNames(pbxDomain)
	if err != nil {
		log.Warn("names", "err", err)
	}
	return names
}

// mine is the user's own name for a device in whichever form, "" for none; a withheld number has none.
func mine(names account.Names, device string) string {
	number := csta.DeviceID(device).Number()
	if number == "" {
		return ""
	}
	return names[number]
}

// rename is what the window does when the user gives an extension a name. The calls that are shown get it
// too.
func (a *app) rename(_ context.Context, number, name string) error {
	if err := a.names.set(number, name); err != nil {
		return err
	}
	a.telling.Lock()
	defer a.telling.Unlock()
	a.mu.Lock()
	st := a.state
	a.mu.Unlock()
	a.tell(lasting(st))
	return nil
}

// lasting is a state to be told once more: without the calls that have ended, which is told once.
func lasting(st csta.State) csta.State {
	st.Calls = slices.DeleteFunc(slices.Clone(st.Calls), func(c csta.Call) bool { return c.Phase == csta.Ended })
	return st
}
