// Package music pauses the music on this computer while the user is talking on the telephone, and lets it play on
// afterwards. It does so where players can be controlled in one common way: over MPRIS, on Linux and similar
// systems (Supported). Elsewhere it does nothing.
package music

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"calltray/cstasession/csta"
)

// resumeAfter is how long the user must have stopped talking before the music plays on: between two calls in quick
// succession, or while one call takes the place of another, it would only start and stop.
const resumeAfter = time.Second

// pause pauses what is playing, and returns a function that ends the pause: it plays on what was paused, or leaves
// it as it is. Both return within a few seconds, whatever the players do; pause returns at once when ctx ends.
type pause func(ctx context.Context, log *slog.Logger) (end func(playOn bool))

// Pauser pauses the music while the user is talking. Its methods may be called from any goroutine. While the
// setting is off, or the user is not talking, it has no goroutine and no connection to anything.
type Pauser struct {
	log   *slog.Logger
	pause pause

	mu      sync.Mutex
	begun   context.Context // ends with End; nil before Begin
	stop    context.CancelFunc
	on      bool // the setting
	talking bool
	running bool          // run is
	changed chan struct{} // tells run that one of these has changed; holds one token
	done    sync.WaitGroup
}

// New returns a Pauser with the setting on or off. It does nothing until Begin.
func New(log *slog.Logger, on bool) *Pauser {
	return &Pauser{log: log, pause: pausePlayers, on: on, changed: make(chan struct{}, 1)}
}

// Begin lets it pause music until End.
func (p *Pauser) Begin() {
	p.set(func() { p.begun, p.stop = context.WithCancel(context.Background()) })
}

// End waits until nothing more happens, a few seconds at most. Music that is paused plays on only if the user is
// no longer talking. After that, Begin may be called again.
func (p *Pauser) End() {
	p.set(func() {
		if p.begun != nil {
			p.stop()
			p.begun = nil
		}
	})
	p.done.Wait()
}

// Set switches it on or off. Music that is paused then plays on.
func (p *Pauser) Set(on bool) { p.set(func() { p.on = on }) }

// Follow applies a state of the session. It does not block. While the session is not online, the user counts as
// talking if that was so before: nobody knows better, and music in the middle of a call is worse than silence.
func (p *Pauser) Follow(st csta.State) {
	if st.Status == csta.Online {
		p.set(func() { p.talking = talking(st.Calls) })
	}
}

// talking reports whether the user is in a call. A held call counts: the user is about to return to it. One that
// only rings, or is being set up, does not.
func talking(calls []csta.Call) bool {
	for _, c := range calls {
		if c.Phase == csta.Active || c.Phase == csta.Held {
			return true
		}
	}
	return false
}

// set applies a change, and starts run if there is something to do.
func (p *Pauser) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	on, talking, begun := p.on, p.talking, p.begun
	change()
	if on == p.on && talking == p.talking && begun == p.begun {
		return
	}
	switch {
	case p.running:
		select {
		case p.changed <- struct{}{}:
		default:
		}
	case p.due():
		p.running = true
		p.done.Go(p.run)
	}
}

// due reports whether music must be paused. The caller holds mu.
func (p *Pauser) due() bool { return p.begun != nil && p.on && p.talking }

// run pauses the music and lets it play on, until there is nothing to do.
func (p *Pauser) run() {
	for {
		p.mu.Lock()
		ctx := p.begun
		if !p.due() {
			p.running = false
			p.mu.Unlock()
			return
		}
		p.mu.Unlock()
		end := p.pause(ctx, p.log)
		end(p.wait())
	}
}

// wait returns when the pause must end, and whether the music then plays on.
func (p *Pauser) wait() (playOn bool) {
	for {
		p.mu.Lock()
		ended, on, talking := p.begun == nil, p.on, p.talking
		p.mu.Unlock()
		var silence <-chan time.Time
		switch {
		case !on:
			return true
		case ended:
			return !talking
		case !talking:
			silence = time.After(resumeAfter)
		}
		select {
		case <-p.changed:
		case <-silence:
			return true
		}
	}
}
