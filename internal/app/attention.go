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

// attentive decides how each ringing call asks for attention, and decides again every second while one rings: a
// screen is unlocked, another call ends, a queue's call has waited long enough. If the settings always show
// everything, it does not ask the desktop. Its methods may be called from any goroutine, and never wait for the
// desktop.
type attentive struct {
	desktop  func(ctx context.Context, focus bool) attention.Desktop // may block
	internal func(number string) bool                                // the number is a colleague's
	popup    func(setting string) bool                               // the popup can show
	changed  func()                                                  // a call must be shown differently

	mu       sync.Mutex
	life     context.Context // of the application; nil before and after
	settings account.Settings
	active   bool // the window has the keyboard
	ringing  []csta.Call
	inCall   bool
	around   attention.Desktop
	asked    bool // around is up to date
	told     map[csta.ConnectionID]attention.Channels
	hidden   bool // last reported: others see the screen and must not read names
	met      bool // the desktop has been asked for the first time, which takes longest
	watching bool
	again    chan struct{} // makes watch ask the desktop at once; holds one token
	watches  sync.WaitGroup
}

const (
	lookAgain    = time.Second
	lookLater    = 5 * time.Second // while nothing rings, but others can see names
	desktopLimit = time.Second     // how long the desktop may take; nothing is delayed any longer
	namesLimit   = time.Second / 5 // the same, if only names depend on it
)

// set applies the settings.
func (a *attentive) set(s account.Settings) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.settings = s
}

// activate records whether the window has the keyboard.
func (a *attentive) activate(on bool) {
	a.mu.Lock()
	a.active = on
	tell := attention.RulesOf(a.settings).Once && len(a.ringing) > 0
	a.mu.Unlock()
	if tell {
		a.changed()
	}
}

// live enables questions to the desktop until ctx ends.
func (a *attentive) live(ctx context.Context) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.life = ctx
}

// wait waits until no question to the desktop is pending, which is after the context of live ends.
func (a *attentive) wait() {
	a.mu.Lock()
	a.life = nil
	a.mu.Unlock()
	a.watches.Wait()
}

// follow applies a state.
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
	rules := attention.RulesOf(a.settings)
	if len(a.ringing) == 0 {
		if a.asked, a.told = false, nil; a.met || st.Status != csta.Online || asks(rules) == 0 {
			return
		}
	}
	a.met = true // before anything rings: the first call must not wait for the connections to the desktop
	changes := asks(rules) > 0 || rules.QueueAfter > 0 || rules.OutsideHours != attention.Popup
	switch {
	case !changes || a.life == nil:
	case !a.watching:
		a.watching, a.again = true, make(chan struct{}, 1)
		life, again := a.life, a.again
		a.watches.Go(func() { a.watch(life, again) })
	case !a.asked: // another call has only just ended: this one does not wait for the next round
		select {
		case a.again <- struct{}{}:
		default:
		}
	}
}

// asks returns how long to wait for the desktop before a call is shown; 0 if its answer does not matter.
func asks(r attention.Rules) time.Duration {
	switch {
	case r.AskDesktop():
		return desktopLimit
	case !r.Names:
		return namesLimit
	}
	return 0
}

// nameless reports whether to hide who is calling, according to the desktop's last answer.
func (a *attentive) nameless() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return attention.RulesOf(a.settings).Nameless(a.around)
}

// shared reports whether others see the screen and must not read names there, according to the desktop's last
// answer; while that is so, it is asked again regularly.
func (a *attentive) shared() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.hides()
}

// hides is shared for a caller that holds mu. While the desktop is being asked about a call, the answer is
// assumed to be yes.
func (a *attentive) hides() bool {
	asking := len(a.ringing) > 0 && !a.asked && a.life != nil
	return (a.around.Shared || asking) && !attention.RulesOf(a.settings).Names
}

// of decides how a call asks for attention.
func (a *attentive) of(c csta.Call) attention.Channels {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.decide(c)
}

// decide is of for a caller that holds mu.
func (a *attentive) decide(c csta.Call) attention.Channels {
	rules := attention.RulesOf(a.settings)
	if asks(rules) > 0 && !a.asked && a.life != nil {
		return attention.Channels{Tray: true, Nameless: rules.Nameless(a.around), Asking: true} // the desktop is being asked, or nothing rings
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

// watch follows the desktop and the clock while something rings, or while names are hidden from others who see
// the screen.
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
			if limited.Err() != nil { // the answer is incomplete: assume that what was locked still is
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

// look applies the desktop's answer, and returns when to ask it next, 0 for never, and whether anything must be
// shown differently than before.
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
