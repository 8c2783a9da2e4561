package app

import (
	"context"
	"maps"
	"sync"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/attention"
)

// attentive decides how each ringing call asks for attention, and looks again every second while one rings: a screen
// is unlocked, another call ends, a queue's call has waited long enough. Where the settings show everything, it asks
// nothing at all. Its methods may be called from any goroutine, and never wait for the desktop.
type attentive struct {
	desktop  func(ctx context.Context, focus bool) attention.Desktop // may block
	internal func(number string) bool                                // it is a colleague's
	popup    func(setting string) bool                               // the popup can show
	changed  func()                                                  // a call is to be shown otherwise

	mu       sync.Mutex
	life     context.Context // of the application; nil before, and after
	settings account.Settings
	active   bool // the window has the keyboard
	ringing  []csta.Call
	inCall   bool
	around   attention.Desktop
	asked    bool // around is of now
	told     map[csta.ConnectionID]attention.Channels
	hidden   bool // told that others see the screen, and are not to read names
	watching bool
	again    chan struct{} // has the desktop looked at once; holds one
	watches  sync.WaitGroup
}

const (
	lookAgain    = time.Second
	lookLater    = 5 * time.Second // while nothing rings, but others see names
	desktopLimit = time.Second     // how long the desktop may take; nothing is held back for longer
	namesLimit   = time.Second / 5 // the same, where only names depend on it
)

// set takes the settings.
func (a *attentive) set(s account.Settings) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.settings = s
}

// activate takes whether the window has the keyboard.
func (a *attentive) activate(on bool) {
	a.mu.Lock()
	a.active = on
	tell := attention.RulesOf(a.settings).Once && len(a.ringing) > 0
	a.mu.Unlock()
	if tell {
		a.changed()
	}
}

// live has the desktop looked at from now on, until ctx ends.
func (a *attentive) live(ctx context.Context) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.life = ctx
}

// wait waits until nothing is looked at any more, which it is until the context of live ends.
func (a *attentive) wait() {
	a.mu.Lock()
	a.life = nil
	a.mu.Unlock()
	a.watches.Wait()
}

// follow takes a state.
func (a *attentive) follow(st csta.State) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ringing, a.inCall = a.ringing[:0:0], false
	for _, c := range st.Calls {
		switch {
		case c.Direction == csta.Incoming && c.Alerts():
			a.ringing = append(a.ringing, c)
		case c.Phase != csta.Ended && c.Phase != csta.Ringing:
			a.inCall = true
		}
	}
	if len(a.ringing) == 0 {
		a.asked, a.told = false, nil
		return
	}
	rules := attention.RulesOf(a.settings)
	changes := asks(rules) > 0 || rules.QueueAfter > 0 || rules.OutsideHours != attention.Popup
	switch {
	case !changes || a.life == nil:
	case !a.watching:
		a.watching, a.again = true, make(chan struct{}, 1)
		life, again := a.life, a.again
		a.watches.Go(func() { a.watch(life, again) })
	case !a.asked: // another call has only just ended: this one does not wait for the next look
		select {
		case a.again <- struct{}{}:
		default:
		}
	}
}

// asks is for how long the desktop is asked before a call is shown; 0 if it does not matter.
func asks(r attention.Rules) time.Duration {
	switch {
	case r.AskDesktop():
		return desktopLimit
	case !r.Names:
		return namesLimit
	}
	return 0
}

// nameless reports whether who called is kept from the screen, as far as the desktop told when it was last asked.
func (a *attentive) nameless() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return attention.RulesOf(a.settings).Nameless(a.around)
}

// shared reports whether others see the screen, and are not to read names there: as far as the desktop told, which is
// asked again for as long as it is so.
func (a *attentive) shared() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.hides()
}

// hides is shared for who holds mu. While the desktop is being asked about a call, it may be so.
func (a *attentive) hides() bool {
	asking := len(a.ringing) > 0 && !a.asked && a.life != nil
	return (a.around.Shared || asking) && !attention.RulesOf(a.settings).Names
}

// of decides about a call.
func (a *attentive) of(c csta.Call) attention.Channels {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.decide(c)
}

// decide is of for who holds mu.
func (a *attentive) decide(c csta.Call) attention.Channels {
	rules := attention.RulesOf(a.settings)
	if asks(rules) > 0 && !a.asked && a.life != nil {
		return attention.Channels{Tray: true, Nameless: rules.Nameless(a.around)} // the desktop is being asked, or nothing rings
	}
	now := time.Now()
	return rules.Decide(attention.Situation{
		Queue:        c.Via != "",
		Internal:     a.internal(csta.DeviceID(c.Remote.Number).Number()),
		Rung:         now.Sub(c.Since),
		Desktop:      a.around,
		InCall:       a.inCall,
		OutsideHours: attention.OutsideHours(a.settings, now),
		PopupShows:   a.popup(a.settings.Popup),
		WindowActive: a.active,
	})
}

// watch looks at the desktop and the clock for as long as something rings, or names are kept from who sees the screen.
func (a *attentive) watch(life context.Context, again <-chan struct{}) {
	for {
		a.mu.Lock()
		rules := attention.RulesOf(a.settings)
		limit, last := asks(rules), a.around
		a.mu.Unlock()
		var around attention.Desktop
		if limit > 0 {
			limited, cancel := context.WithTimeout(life, limit)
			around = a.desktop(limited, rules.Focus != attention.Popup)
			if limited.Err() != nil { // it did not tell everything: what was locked still is
				around.Locked, around.Shared = around.Locked || last.Locked, around.Shared || last.Shared
			}
			cancel()
		}
		next, news := a.look(around)
		if news {
			a.changed()
		}
		if next == 0 {
			return
		}
		select {
		case <-life.Done():
		case <-time.After(next):
		case <-again:
		}
		if life.Err() != nil {
			a.mu.Lock()
			a.watching = false
			a.mu.Unlock()
			return
		}
	}
}

// look takes what the desktop tells, and returns when it is to be asked next, 0 for never, and whether anything is to be
// shown otherwise than before.
func (a *attentive) look(around attention.Desktop) (next time.Duration, news bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.around, a.asked = around, true
	now := map[csta.ConnectionID]attention.Channels{}
	for _, c := range a.ringing {
		now[c.ID] = a.decide(c)
	}
	news = !maps.Equal(now, a.told) || a.hides() != a.hidden
	a.told, a.hidden = now, a.hides()
	if len(a.ringing) > 0 {
		return lookAgain, news
	}
	a.asked, a.told = false, nil
	if a.hidden || a.inCall && !attention.RulesOf(a.settings).Names {
		return lookLater, news
	}
	a.watching = false
	return 0, news
}
