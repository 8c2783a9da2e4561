package cstasession

import (
	"context"
	"errors"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/transport"
)

// renew renews the session when half of its time has passed.
func (k *keeper) renew(ctx context.Context) (again time.Time, err error) {
	l := k.l
	if l.s.known().noRenewal {
		return again, nil
	}
	asked := time.Now()
	renewed, later := l.renew(ctx)
	switch {
	case renewed:
		l.began, k.retried = asked, false
		k.successor.due = l.began.Add(l.granted - lead(l.granted))
		return asked.Add(l.granted / 2), nil
	case later && !k.retried:
		k.retried = true
		return l.began.Add(l.granted * 3 / 4), nil
	}
	l.s.learn(func(q *quirks) { q.noRenewal = true })
	return again, nil
}

// monitor starts the monitor again, which changes nothing unless the PBX has lost it. Where a monitor cannot be
// restarted, it sets up a fresh link with a new monitor.
func (k *keeper) monitor(ctx context.Context) (again time.Time, err error) {
	l := k.l
	now := time.Now()
	if !l.s.known().noRemonitor {
		if heard := l.s.Health().LastEvent; !k.blind && now.Sub(heard) < k.slower(l.s.cfg.Intervals.Monitor) {
			return heard.Add(k.slower(l.s.cfg.Intervals.Monitor)), nil // the monitor is still there
		}
		k.monitored = now
		err := l.monitor(ctx, signLimit)
		switch {
		case err == nil:
			delete(k.unanswered, "MonitorStart")
			return now.Add(k.slower(l.s.cfg.Intervals.Monitor)), k.hears(ctx)
		case errors.Is(err, csta.ErrNoAnswer):
			if err := k.prove(ctx, signLimit, "MonitorStart"); err != nil {
				return again, err
			}
			if l.silence() < signLimit {
				k.noteUnanswered("MonitorStart")
			}
		case refusalIn(err) != nil:
			l.s.cfg.Logger.Info("the monitor cannot be started again here", "err", err)
			l.s.learn(func(q *quirks) { q.noRemonitor = true })
		default:
			return again, err
		}
		if k.blind {
			return time.Now(), nil // try once more, or set up a fresh link
		}
		return now.Add(k.slower(l.s.cfg.Intervals.Monitor)), nil
	}
	if !k.blind && now.Before(k.afresh) {
		return k.afresh, nil
	}
	k.monitored = now
	succeeded, err := l.succeed(ctx, k)
	switch {
	case err != nil:
		return again, err
	case !succeeded && k.blind:
		l.deafen(true)
		return later(time.Now().Add(monitorPause), k.notBefore), nil
	case !succeeded:
		k.afresh = later(now.Add(succeedPause), k.notBefore)
	default:
		if k.blind {
			k.blind, k.rescued = false, true
			l.forgetOffice()
		}
		k.afresh = now.Add(l.s.cfg.Intervals.Link)
	}
	return k.afresh, nil
}

// hears is called after the monitor was restarted.
func (k *keeper) hears(ctx context.Context) error {
	if !k.blind {
		return nil
	}
	k.blind, k.trunk.due = false, time.Now()
	k.l.deafen(false)
	k.l.forgetOffice()
	return k.l.lookAtOurPhone(ctx)
}

// bridge asks for what may have been lost.
func (k *keeper) bridge(ctx context.Context) error {
	l := k.l
	deaf := false
	l.consult(func() { deaf = l.deaf })
	if deaf { // a successor or another monitor will end that
		return k.confirmCalls(ctx)
	}
	if _, err := l.firstSnapshot(ctx); err != nil {
		return err
	}
	k.trunk.due = time.Now()
	if l.s.known().noRemonitor { // on a fresh link, everybody is reported
		k.afresh, k.monitoring.due = time.Now(), time.Now()
	}
	l.forgetOffice()
	if err := l.inquire(ctx); err != nil {
		return err
	}
	return l.lookAtOurPhone(ctx)
}

// betterDue is when to try a better transport; zero if this is the best.
func (l *link) betterDue() time.Time { return l.s.memory.BetterDue(l.s.cfg.URL, l.t.Path()) }

// betterPause is the least time between two attempts at a better transport, whatever their results.
const betterPause = 10 * time.Minute

// tryBetter sets up a successor over a better transport.
func (k *keeper) tryBetter(ctx context.Context) (again time.Time, err error) {
	gateway := k.l.s.gateway()
	gateway.BetterThan = k.l.t.Path().Transport
	if _, err := k.l.succeedBy(ctx, k, gateway); err != nil {
		return again, err
	}
	return later(k.l.betterDue(), time.Now().Add(betterPause)), nil
}

// monitorTrunk restarts the trunk's monitor.
func (k *keeper) monitorTrunk(ctx context.Context) (again time.Time, err error) {
	if !k.l.trunk || k.l.s.known().noRemonitor {
		return time.Now().Add(k.l.s.cfg.Intervals.Link), nil
	}
	return time.Now().Add(k.l.s.cfg.Intervals.Link), k.l.monitorTrunk(ctx)
}

// succeedInTime logs a successor in before a session that cannot be renewed expires.
func (k *keeper) succeedInTime(ctx context.Context) (again time.Time, err error) {
	l := k.l
	now := time.Now()
	if due := l.began.Add(l.granted - lead(l.granted)); now.Before(due) {
		return due, nil // it was renewed
	}
	again = now.Add(l.granted) // once for each link
	if known := l.s.known(); !known.noRenewal || !known.expires {
		return again, nil
	}
	if succeeded, err := l.succeed(ctx, k); err != nil {
		return again, err
	} else if !succeeded {
		again = later(now.Add(time.Second), k.notBefore)
	}
	return again, nil
}

// lead is how long before a session that cannot be renewed expires its successor logs in.
func lead(granted time.Duration) time.Duration {
	return min(max(granted/8, 2*time.Second), 15*time.Second)
}

// askNext asks the office's next questions, if the peer was heard from recently.
func (k *keeper) askNext(ctx context.Context) (again time.Time, err error) {
	if k.l.silence() >= doubtAfter {
		return time.Now().Add(time.Second), nil
	}
	more, pause, err := k.l.askNext(ctx)
	if more {
		k.surveyed++
		again = time.Now().Add(max(pause, k.slower(k.l.s.cfg.Intervals.surveyPause(k.surveyed))))
	}
	return again, err
}

// succeed dials a second link and hands it to the reader, which reads both until the second is complete. A
// failure does no harm: when this link falls, the session redials. This link must first prove that it is alive:
// if it is not, events were lost on it, and the second link would hide that. The dial is cancelled if this link
// ends.
func (l *link) succeed(ctx context.Context, k *keeper) (succeeded bool, err error) {
	return l.succeedBy(ctx, k, l.s.gateway())
}

// succeedBy is succeed with dial options.
func (l *link) succeedBy(ctx context.Context, k *keeper, gateway *transport.Options) (succeeded bool, err error) {
	if err := k.prove(ctx, signLimit, ""); err != nil {
		return false, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-l.done:
			cancel()
		case <-ctx.Done():
		}
	}()
	t, err := l.s.dial(ctx, gateway)
	if err != nil {
		l.s.cfg.Logger.Warn("no second link", "err", err)
		k.heed(err)
		return false, nil
	}
	select {
	case l.s.successor <- t:
	case <-l.done:
		t.Close()
	}
	return true, nil
}
