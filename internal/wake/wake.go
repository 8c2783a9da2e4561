// Package wake reports when the machine woke from sleep or its network changed: the two moments at which a link
// that looks alive may be dead, and a pause before the next attempt is time lost.
//
// Timers do not help: on Linux and macOS they stop while the machine sleeps, so that a wait of 30 s continues
// where it stopped. What is watched:
//
//   - everywhere the clocks (see watchClock), which also reveal that the program was stopped;
//   - Linux: PrepareForSleep of systemd-logind, and rtnetlink for addresses, routes and links;
//   - Windows: PowerRegisterSuspendResumeNotification and NotifyUnicastIpAddressChange;
//   - macOS: a routing socket.
//
// A sign is a hint, not a proof: the receiver checks whether the link is still alive.
package wake

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// The reasons passed to wake. Both in one call are joined by " and ".
const (
	Slept   = "the computer woke from sleep"
	Changed = "the network changed"
)

// pause is how long signs are collected before wake is called: a network arrives with a burst of them (link,
// address, routes), and one check of the link is enough.
const pause = time.Second

// Watch calls wake when the machine woke from sleep or its network came, went or changed. It blocks until ctx
// ends, and returns when everything it started has ended. wake is called on Watch's goroutine, so never
// concurrently, about a second after the first sign; signs that arrive while it runs lead to one more call. A
// source that is not available (no system bus, no permission for a socket) is logged once, and the others
// continue: Watch never fails. log may be nil.
func Watch(ctx context.Context, log *slog.Logger, wake func(reason string)) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel() // also if wake panics: nothing outlives Watch

	s := newSigns(log)
	wg.Go(func() { watchClock(ctx, readClock, s) })
	for _, watch := range sources {
		wg.Go(func() { watch(ctx, log, s) })
	}
	s.gather(ctx, wake)
}

// signs collects what the sources report. Its methods never block, and may be called from any thread.
type signs struct {
	log            *slog.Logger
	slept, changed chan struct{} // at most one pending sign each: a second one adds nothing
}

func newSigns(log *slog.Logger) *signs {
	return &signs{log, make(chan struct{}, 1), make(chan struct{}, 1)}
}

// woke is called by a source that detected the end of a sleep; how is for the log.
func (s *signs) woke(how string) { s.mark(s.slept, Slept, how) }

// network is called by a source that detected a change of network; how is for the log.
func (s *signs) network(how string) { s.mark(s.changed, Changed, how) }

func (s *signs) mark(pending chan struct{}, what, how string) {
	select {
	case pending <- struct{}{}:
		s.log.Debug(what, "sign", how)
	default:
	}
}

// gather turns signs into calls of wake until ctx ends.
func (s *signs) gather(ctx context.Context, wake func(reason string)) {
	for {
		slept, changed := false, false
		select {
		case <-ctx.Done():
			return
		case <-s.slept:
			slept = true
		case <-s.changed:
			changed = true
		}
		calm := time.NewTimer(pause)
		for gathering := true; gathering; {
			select {
			case <-ctx.Done():
				calm.Stop()
				return
			case <-s.slept:
				slept = true
			case <-s.changed:
				changed = true
			case <-calm.C:
				gathering = false
			}
		}
		var reasons []string
		if slept {
			reasons = append(reasons, Slept)
		}
		if changed {
			reasons = append(reasons, Changed)
		}
		wake(strings.Join(reasons, " and "))
	}
}
