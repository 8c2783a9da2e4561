package cstasession

import (
	"context"
	"errors"
	"fmt"
	"time"

	"calltray/cstasession/csta"
)

// errRetired is the keeper's final error on a link that was replaced by a successor.
var errRetired = errors.New("a successor has taken over")

// keep turns a fresh link into a session with ordinary requests: login, monitor, snapshot. Then it maintains
// the session. It returns why it stopped: a refused request, silence, the link's end, a successor, or ctx,
// after saying goodbye.
func (l *link) keep(ctx context.Context) error {
	if err := l.login(ctx); err != nil {
		return err
	}
	l.s.progress("login", csta.Path{})
	defer func() {
		if ctx.Err() != nil {
			l.stop()
		}
	}()
	if err := l.monitor(ctx, answerLimit); err != nil {
		return err
	}
	l.s.progress("monitor", csta.Path{})
	listed, err := l.firstSnapshot(ctx)
	if err != nil {
		return err
	}
	if err := l.inquire(ctx); err != nil {
		return err
	}
	if err := l.look(ctx); err != nil {
		return err
	}
	l.inReader(func() { l.ready = true })
	err = newKeeper(l, listed).run(ctx)
	if over := time.Since(l.began); errors.Is(err, csta.ErrOffline) && over > l.granted-time.Second && over < l.granted+l.s.cfg.Intervals.Sign {
		l.s.noteExpiry() // the link fell when its session expired
	}
	return err
}

// duty is something that the keeper does when it is due. do returns when it is due again, whatever the result:
// a duty that failed says so itself, so no other has to remember it. Its error ends the link.
type duty struct {
	due time.Time // zero: only on demand
	do  func(context.Context) (again time.Time, err error)
}

// keeper does what a session needs while its link is up: one duty at a time, the earliest first.
type keeper struct {
	l *link

	sign       duty // a silent peer is asked for a sign of life
	renewal    duty // the session is renewed
	monitoring duty // the monitor is restarted from time to time, or replaced by that of a fresh link
	successor  duty // if a session cannot be renewed, the next one logs in before it expires
	trunk      duty // the trunk's monitor is restarted
	survey     duty // colleagues and queues are asked about
	better     duty // a better transport is tried

	surveyed   int            // how many of them were asked about
	demanded   time.Duration  // limit for a sign of life that was demanded; 0: none was
	unanswered map[string]int // how many times in a row a live peer did not answer a service
	retried    bool           // the renewal was retried once
	used       time.Time      // when something other than an event last showed that somebody is there
	monitored  time.Time      // when the monitor was last started
	afresh     time.Time      // when to set up a fresh link, if the monitor cannot be restarted
	blind      bool           // events are known to be lost, and nothing has been done about it yet
	rescued    bool           // by a successor that is being set up
	notBefore  time.Time      // the server asked not to be dialled before then
}

// newKeeper returns the keeper of a link that is complete. listed says that its first snapshot was answered.
func newKeeper(l *link, listed bool) *keeper {
	now := time.Now()
	k := &keeper{l: l, unanswered: map[string]int{}, used: now, monitored: now, afresh: now.Add(l.s.cfg.Intervals.Link)}
	k.sign = duty{do: k.giveSign}
	k.renewal = duty{do: k.renew, due: l.began.Add(l.granted / 2)}
	k.monitoring = duty{do: k.monitor, due: now.Add(l.s.cfg.Intervals.Monitor)}
	k.successor = duty{do: k.succeedInTime, due: l.began.Add(l.granted - lead(l.granted))}
	k.trunk = duty{do: k.monitorTrunk, due: now.Add(l.s.cfg.Intervals.Link)}
	k.survey = duty{do: k.askNext}
	if !listed {
		k.unanswered["SnapShotDevice"] = 1 // the network may just have been slow
	}
	k.better = duty{do: k.tryBetter, due: l.betterDue()}
	if l.sessionID == "" {
		k.renewal.due = time.Time{}
	}
	return k
}

// next returns the duty that is due first.
func (k *keeper) next() *duty {
	var first *duty
	for _, d := range []*duty{&k.sign, &k.renewal, &k.monitoring, &k.successor, &k.trunk, &k.survey, &k.better} {
		if !d.due.IsZero() && (first == nil || d.due.Before(first.due)) {
			first = d
		}
	}
	return first
}

// run does the duties until the link ends, is retired, or ctx ends.
func (k *keeper) run(ctx context.Context) error {
	l := k.l
	for {
		if k.demanded == 0 {
			k.sign.due = time.Now().Add(k.slower(l.s.cfg.Intervals.Sign) - l.silence())
		}
		next := k.next()
		select {
		case <-time.After(min(max(0, time.Until(next.due)), l.s.cfg.Intervals.Sign)):
			if time.Now().Before(next.due) { // recompute: an event may have ended an idle period
				continue
			}
			again, err := next.do(ctx)
			if err != nil {
				return err
			}
			next.due = again
		case <-l.poke:
			k.demand(doubtLimit)
		case <-l.s.wake:
			k.demand(doubtLimit)
			k.better.due = l.betterDue() // perhaps in another network
		case <-l.survey:
			if k.survey.due.IsZero() {
				k.survey.due = time.Now()
			}
		case <-l.blind:
			k.blind = true
			k.monitoring.due = later(time.Now(), k.monitored.Add(monitorPause))
		case <-l.gaps:
			if err := k.bridge(ctx); err != nil {
				return err
			}
		case err := <-l.again:
			k.tryAgain(err)
		case <-l.unsure:
			if err := k.confirmCalls(ctx); err != nil {
				return err
			}
		case <-l.done:
			return fmt.Errorf("%w: %w", csta.ErrOffline, l.err)
		case <-l.retire:
			l.stop()
			return errRetired
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// slower returns an interval, longer while the PBX reports overload or nobody uses the telephone.
func (k *keeper) slower(d time.Duration) time.Duration {
	switch {
	case k.l.s.known().busy():
		return overloaded * d
	case time.Since(later(k.used, k.l.s.Health().LastEvent)) >= idleAfter:
		return idleSlower * d
	}
	return d
}

// tryAgain schedules another successor after one failed.
func (k *keeper) tryAgain(err error) {
	pause, soon := succeedPause, time.Second
	if k.rescued {
		k.rescued, k.blind = false, true
		k.l.deafen(true)
		pause = monitorPause
	}
	if errors.Is(err, csta.ErrLoginRefused) {
		pause, soon = refusedPause, refusedPause
	}
	k.heed(err)
	k.afresh = later(time.Now().Add(pause), k.notBefore)
	if k.l.s.known().noRemonitor {
		k.monitoring.due = k.afresh
	}
	k.successor.due = later(time.Now().Add(soon), k.notBefore)
}

// heed records how long a server that did not accept a second link asks clients to wait.
func (k *keeper) heed(err error) { k.notBefore = time.Now().Add(csta.RetryAfter(err)) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (k *keeper) demand(limit time.Duration) {
	k.used = time.Now()
	k.demanded, k.sign.due = limit, k.used
}
