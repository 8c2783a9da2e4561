package app

import (
	"context"
	"maps"
	"slices"
	"sync"

	"calltray/cstasession/csta"
	"calltray/internal/account"
)

// names holds the user's own names for the extensions of one PBX. Its methods may be called from any goroutine.
type names struct {
	inMemory bool // the file is not used: the demonstration's extensions do not exist

	changing sync.Mutex // held while the file is read or written, which may take a while
	domain   string     // guarded by changing

	mu       sync.Mutex
	byNumber account.Names // never modified, but replaced
}

// load reads the names for a PBX. If it fails, there are none.
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

// set names an extension, or removes its name if that is "", and stores the change.
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

// known returns the names; the caller must not modify them.
func (n *names) known() account.Names {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.byNumber
}

// rename does what the window needs when the user names an extension. Calls on display are renamed, too.
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

// lasting returns a state to publish again, without the calls that have ended, which are published only once.
func lasting(st csta.State) csta.State {
	st.Calls = slices.DeleteFunc(slices.Clone(st.Calls), func(c csta.Call) bool { return c.Phase == csta.Ended })
	return st
}
