package app

import (
	"context"
	"maps"
	"slices"
	"sync"

	"calltray/cstasession/csta"
	"calltray/internal/account"
)

// names is what the user calls the extensions of one PBX. Its methods may be called from any
// goroutine.
type names struct {
	inMemory bool // the file is not touched: the demonstration's extensions are nobody's

	changing sync.Mutex // held while the file is read or written, which may take its time
	domain   string     // guarded by changing

	mu       sync.Mutex
	byNumber account.Names // never changed: another takes its place
}

// load takes the names of a PBX. With an error there are none.
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

// rename is what the window does when the user gives an extension a name. The calls that are shown get it
// too.
func (a *App) rename(_ context.Context, number, name string) error {
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
