package app

import (
	"strings"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/support"
	"calltray/internal/text"
)

// woken makes the session check its link: the computer slept, or its network changed.
func (a *App) woken(reason string) {
	a.log.Info("the link is looked at", "because", reason)
	if s, err := a.Session(); err == nil {
		s.Wake()
	}
}

// show passes a state on to everything that shows it, with the user's own names in it. It never blocks for
// long.
func (a *App) show(st csta.State) {
	a.telling.Lock()
	defer a.telling.Unlock()
	a.mu.Lock()
	if st.Status != a.state.Status || len(a.links) == 0 {
		a.links = append(a.links, support.LinkEvent{At: time.Now(), What: strings.TrimSuffix(st.Status.String()+": "+linkWords(st), ": ")})
		a.links = a.links[max(0, len(a.links)-linksKept):]
	}
	a.state = st
	a.mu.Unlock()
	a.tell(st)
}

// linkWords describes a link: why there is none, or how it reaches the gateway.
func linkWords(st csta.State) string {
	if st.Status == csta.Online {
		return text.Way(st.Path)
	}
	return text.Explain(st.Err)
}

// tell publishes a state. The caller holds telling.
func (a *App) tell(st csta.State) {
	st = a.seen(st)
	a.journal.Follow(st)
	a.dialling.follow(st)
	a.attention.follow(st)
	a.ui.Show(st)
	a.notes.Show(st)
	a.events.follow(st)
	a.music.Follow(st)
	a.people.ask(st, a.ui.Internal)
}

// State returns the latest state of the session, with the user's own names.
func (a *App) State() csta.State {
	a.mu.Lock()
	st := a.state
	a.mu.Unlock()
	return a.seen(st)
}
