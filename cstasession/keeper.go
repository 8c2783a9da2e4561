package cstasession

import (
	"context"
	"errors"
	"fmt"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

const (
	answerLimit   = 10 * time.Second // for the answer to a request
	snapshotLimit = 3 * time.Second  // for the first snapshot, which a gateway may not have
	stopLimit     = time.Second      // for the answer to StopApplicationSession

	// A cut is noticed within quietLimit + signLimit while nothing is pending, and within doubtAfter +
	// doubtLimit after a request that gets no answer.
	quietLimit = 10 * time.Second // of silence, after which the peer is asked for a sign of life
	signLimit  = 5 * time.Second  // for that sign; not more than doubtLimit: a request may be sent while it is awaited
	doubtAfter = 4 * time.Second  // of silence after a request
	doubtLimit = 5 * time.Second  // for the sign of life that is asked for then

	monitorEvery = time.Minute      // a monitor that the PBX forgot is started again within this
	monitorPause = 5 * time.Second  // or at once when it is known to be lost, but no more often than this
	linkEvery    = 10 * time.Minute // or, where that is refused or doubles events, by a fresh link
	succeedPause = 30 * time.Second // before a successor is tried again, when one failed
	overloaded   = 6                // times as long are these intervals while the PBX has too much to do
)

// errRetired is the keeper's last word on a link that a successor took over from.
var errRetired = errors.New("a successor has taken over")

// keep makes a fresh link into a session: login, monitor, snapshot, with ordinary requests. Then it
// keeps it. It returns why it stopped: the refusal of a request, silence, the link's end, a successor,
// or ctx, after it said goodbye.
func (l *link) keep(ctx context.Context) error {
	if err := l.login(ctx); err != nil {
		return err
	}
	l.s.progress("login")
	defer func() {
		if ctx.Err() != nil {
			l.stop()
		}
	}()
	if err := l.monitor(ctx, answerLimit); err != nil {
		return err
	}
	l.s.progress("monitor")
	snapshots, err := l.firstSnapshot(ctx)
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
	err = newKeeper(l, snapshots).run(ctx)
	if over := time.Since(l.began); errors.Is(err, csta.ErrOffline) && over > l.granted-time.Second && over < l.granted+quietLimit {
		l.s.noteExpiry() // it fell when its time was over
	}
	return err
}

// duty is something that the keeper does when it is due. do returns when it is due again, however it went: a
// duty that failed says so itself, and no other has to remember it. Its error ends the link.
type duty struct {
	due time.Time // zero: when something asks for it
	do  func(context.Context) (again time.Time, err error)
}

// keeper does what a session needs while its link lives: one duty at a time, the earliest first.
type keeper struct {
	l *link

	sign       duty // a quiet peer shows that it lives
	renewal    duty // the session's time is renewed
	monitoring duty // the monitor is started again now and then, or a fresh link brings another
	successor  duty // where a session cannot be renewed, the next one logs in before its time is over
	trunk      duty // the trunk's monitor is started again
	survey     duty // others are asked about

	demanded  time.Duration   // limit for a sign of life that something asked for; 0: nothing did
	snapshots bool            // are answered
	ignored   map[string]bool // services that were not answered by a peer that lives
	retried   bool            // the renewal, once
	monitored time.Time       // when the monitor was started last
	afresh    time.Time       // when a fresh link is wanted, where the monitor cannot be started again
	blind     bool            // events are known to be lost, until something is done about it
	rescued   bool            // by a successor, which is on its way
}

func newKeeper(l *link, snapshots bool) *keeper {
	now := time.Now()
	k := &keeper{l: l, snapshots: snapshots, ignored: map[string]bool{}, monitored: now, afresh: now.Add(linkEvery)}
	k.sign = duty{do: k.giveSign}
	k.renewal = duty{do: k.renew, due: l.began.Add(l.granted / 2)}
	k.monitoring = duty{do: k.monitor, due: now.Add(monitorEvery)}
	k.successor = duty{do: k.succeedInTime, due: l.began.Add(l.granted - lead(l.granted))}
	k.trunk = duty{do: k.monitorTrunk, due: now.Add(linkEvery)}
	k.survey = duty{do: k.askNext}
	if l.sessionID == "" {
		k.renewal.due = time.Time{}
	}
	return k
}

// next is the duty that is due first.
func (k *keeper) next() *duty {
	var first *duty
	for _, d := range []*duty{&k.sign, &k.renewal, &k.monitoring, &k.successor, &k.trunk, &k.survey} {
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
			k.sign.due = time.Now().Add(k.slower(quietLimit) - l.silence())
		}
		next := k.next()
		select {
		case <-time.After(max(0, time.Until(next.due))):
			again, err := next.do(ctx)
			if err != nil {
				return err
			}
			next.due = again
		case <-l.poke:
			k.demand(doubtLimit)
		case <-l.s.wake:
			k.demand(doubtLimit)
		case <-l.survey:
			if k.survey.due.IsZero() {
				k.survey.due = time.Now()
			}
		case <-l.blind:
			k.blind = true
			k.monitoring.due = later(time.Now(), k.monitored.Add(monitorPause))
		case err := <-l.again:
			k.tryAgain(err)
		case <-l.unsure:
			if err := l.confirmCalls(ctx, k.snapshots); err != nil {
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

// slower is an interval, longer while the PBX says that it has too much to do.
func (k *keeper) slower(d time.Duration) time.Duration {
	if k.l.s.known().busy() {
		return overloaded * d
	}
	return d
}

// tryAgain plans another successor: the last one failed.
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
	k.afresh = time.Now().Add(pause)
	if k.l.s.known().noRemonitor {
		k.monitoring.due = k.afresh
	}
	k.successor.due = time.Now().Add(soon)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (k *keeper) demand(limit time.Duration) { k.demanded, k.sign.due = limit, time.Now() }

// giveSign has the peer show that it lives, if it has been quiet or somebody doubts it.
func (k *keeper) giveSign(ctx context.Context) (again time.Time, err error) {
	limit := k.demanded
	k.demanded = 0
	if limit == 0 {
		if k.l.silence() < k.slower(quietLimit) {
			return again, nil
		}
		limit = signLimit
	}
	return again, k.prove(ctx, limit)
}

// prove asks the peer for a sign of life, and notes how long it took: a refusal is one, and so is whatever else
// it sends. One that does not answer one question is asked another before the time is over, since it may ignore
// that service. The questions change nothing.
func (k *keeper) prove(ctx context.Context, limit time.Duration) error {
	l := k.l
	asked := time.Now()
	questions := k.questions()
	var err error
	for i, question := range questions {
		if err = question.ask(ctx, limit/time.Duration(len(questions)), asked); err == nil {
			for _, other := range questions[:i] {
				if !l.late(other.service) {
					k.ignore(other.service)
				}
			}
			l.s.mu.Lock()
			l.s.health.RoundTrip, l.s.health.Checked = time.Since(asked), time.Now()
			l.s.mu.Unlock()
			return nil
		}
		if !errors.Is(err, csta.ErrNoAnswer) {
			return err
		}
		if l.silence() < time.Since(asked) {
			return nil // not what was asked for, but it lives
		}
	}
	return err
}

// signQuestion is what a peer is asked for a sign of life.
type signQuestion struct {
	service string
	ask     func(ctx context.Context, limit time.Duration, asked time.Time) error
}

// questions are those that the peer is not known to ignore.
func (k *keeper) questions() (list []signQuestion) {
	l := k.l
	all := []signQuestion{
		{"SnapShotDevice", func(ctx context.Context, limit time.Duration, asked time.Time) error {
			_, err := l.request(ctx, request{body: l.s.snapshotRequest(), limit: limit, inStream: func(m wire.Message) { l.refresh(m, asked) }})
			return unlessRefused(err)
		}},
		{"MonitorStart", func(ctx context.Context, limit time.Duration, _ time.Time) error {
			return unlessRefused(l.monitor(ctx, limit))
		}},
		{"GetDoNotDisturb", func(ctx context.Context, limit time.Duration, _ time.Time) error {
			_, err := l.request(ctx, request{body: wire.Node("GetDoNotDisturb", l.s.device()), limit: limit})
			return unlessRefused(err)
		}},
	}
	for _, q := range all {
		switch {
		case k.ignored[q.service], q.service == "SnapShotDevice" && !k.snapshots, q.service == "MonitorStart" && l.s.known().noRemonitor:
		default:
			list = append(list, q)
		}
	}
	if len(list) == 0 {
		return all[2:]
	}
	return list
}

// ignore learns that a peer that lives does not answer a service.
func (k *keeper) ignore(service string) {
	k.l.s.cfg.Logger.Info("a service is not answered any more", "service", service)
	k.ignored[service] = true
	if service == "MonitorStart" {
		k.l.s.learn(func(q *quirks) { q.noRemonitor = true })
	}
}

// renew renews the session's time, at half of it.
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

// monitor starts the monitor again, which changes nothing if the PBX has not forgotten it; or where that cannot
// be done, has a fresh link bring another.
func (k *keeper) monitor(ctx context.Context) (again time.Time, err error) {
	l := k.l
	now := time.Now()
	if !l.s.known().noRemonitor {
		if heard := l.s.Health().LastEvent; !k.blind && now.Sub(heard) < k.slower(monitorEvery) {
			return heard.Add(k.slower(monitorEvery)), nil // it was not forgotten
		}
		k.monitored = now
		err := l.monitor(ctx, signLimit)
		switch {
		case err == nil:
			return now.Add(k.slower(monitorEvery)), k.hears(ctx)
		case errors.Is(err, csta.ErrNoAnswer):
			k.ignored["MonitorStart"] = true // ask for something else
			if err := k.prove(ctx, signLimit); err != nil {
				return again, err
			}
			if l.silence() < signLimit && !l.late("MonitorStart") {
				k.ignore("MonitorStart")
			} else {
				delete(k.ignored, "MonitorStart")
			}
		case refusalIn(err) != nil:
			l.s.cfg.Logger.Info("the monitor cannot be started again here", "err", err)
			l.s.learn(func(q *quirks) { q.noRemonitor = true })
		default:
			return again, err
		}
		if k.blind {
			return time.Now(), nil // by a fresh link
		}
		return now.Add(k.slower(monitorEvery)), nil
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
		return time.Now().Add(monitorPause), nil
	case !succeeded:
		k.afresh = now.Add(succeedPause)
	default:
		if k.blind {
			k.blind, k.rescued = false, true
			l.forgetOffice()
		}
		k.afresh = now.Add(linkEvery)
	}
	return k.afresh, nil
}

// hears is called when the monitor was started again.
func (k *keeper) hears(ctx context.Context) error {
	if !k.blind {
		return nil
	}
	k.blind, k.trunk.due = false, time.Now()
	k.l.deafen(false)
	k.l.forgetOffice()
	return k.l.lookAtOurPhone(ctx)
}

// monitorTrunk starts the trunk's monitor again.
func (k *keeper) monitorTrunk(ctx context.Context) (again time.Time, err error) {
	if !k.l.trunk || k.l.s.known().noRemonitor {
		return time.Now().Add(linkEvery), nil
	}
	return time.Now().Add(linkEvery), k.l.monitorTrunk(ctx)
}

// succeedInTime has a successor log in before the time of a session that cannot be renewed is over.
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
		again = now.Add(time.Second)
	}
	return again, nil
}

// lead is how long before the end of a session that cannot be renewed its successor logs in.
func lead(granted time.Duration) time.Duration {
	return min(max(granted/8, 2*time.Second), 15*time.Second)
}

// askNext asks the office's next questions, once the peer has shown that it lives.
func (k *keeper) askNext(ctx context.Context) (again time.Time, err error) {
	if k.l.silence() >= doubtAfter {
		return time.Now().Add(time.Second), nil
	}
	more, err := k.l.askNext(ctx)
	if more {
		again = time.Now().Add(k.slower(phoneEvery))
	}
	return again, err
}

// succeed dials a second link, and hands it to the reader, which runs both until the second is
// complete. A failure is no harm: when this link falls, the session redials. This one has to show first
// that it lives: else events were lost on it, and the second would hide that. The dial ends with this link.
func (l *link) succeed(ctx context.Context, k *keeper) (succeeded bool, err error) {
	if err := k.prove(ctx, signLimit); err != nil {
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
	t, err := l.s.dial(ctx, l.s.gateway())
	if err != nil {
		l.s.cfg.Logger.Warn("no second link", "err", err)
		return false, nil
	}
	select {
	case l.s.successor <- t:
	case <-l.done:
		t.Close()
	}
	return true, nil
}
