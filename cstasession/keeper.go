package cstasession

import (
	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
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

	monitorEvery = time.Minute      // a monitor that the switching function forgot is started again within this
	monitorPause = 5 * time.Second  // or at once when it is known to be lost, but no more often than this
	linkEvery    = 10 * time.Minute // or, where that is refused or doubles events, by a fresh link
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
	l.inReader(func() { l.looked = true })
	err = l.attend(ctx, snapshots)
	if over := time.Since(l.began); errors.Is(err, csta.ErrOffline) && over > l.granted-time.Second && over < l.granted+quietLimit {
		l.s.noteExpiry() // it fell when its time was over
	}
	return err
}

// attend does what a session needs while it lives: its time is renewed, or a successor logs in before
// it is over; a quiet peer gives signs of life; the monitor is started again now and then.
func (l *link) attend(ctx context.Context, snapshots bool) error {
	s := l.s
	renewal, retried := l.began.Add(l.granted/2), false
	monitored := time.Now()
	remonitor := monitored.Add(monitorEvery)
	relogin := l.began.Add(l.granted - lead(l.granted))
	afresh := time.Now().Add(linkEvery)
	trunk := afresh            // to be monitored again
	var pause <-chan time.Time // between questions about others
	l.announce()               // a predecessor may have left some
	blind := false             // events are known to be lost, until something is done about it
	for {
		known := s.known()
		wait := quietLimit - l.silence()
		if !known.noRenewal && l.sessionID != "" {
			wait = min(wait, time.Until(renewal))
		}
		if !known.noRemonitor {
			wait = min(wait, time.Until(remonitor))
		} else {
			wait = min(wait, time.Until(afresh))
		}
		if known.noRenewal && known.expires {
			wait = min(wait, time.Until(relogin))
		}
		if l.trunk && !known.noRemonitor {
			wait = min(wait, time.Until(trunk))
		}
		if blind {
			wait = min(wait, time.Until(monitored.Add(monitorPause)))
		}
		limit := time.Duration(0) // for a sign of life; 0 if none is wanted
		survey := l.survey
		if pause != nil || l.silence() >= doubtAfter { // first the peer has to show that it lives
			survey = nil
		}
		select {
		case <-time.After(max(wait, 0)):
			if l.silence() >= quietLimit {
				limit = signLimit
			}
		case <-l.poke:
			limit = doubtLimit
		case <-survey:
			more, err := l.askNext(ctx)
			if err != nil {
				return err
			}
			if more {
				l.announce()
			}
			pause = time.After(phoneEvery)
		case <-pause:
			pause = nil
		case <-s.wake:
			limit = doubtLimit
		case <-l.blind:
			blind = true
		case <-l.done:
			return fmt.Errorf("%w: %w", csta.ErrOffline, l.err)
		case <-l.retire:
			l.stop()
			return errRetired
		case <-ctx.Done():
			return ctx.Err()
		}
		now := time.Now()
		lost := blind && now.Sub(monitored) >= monitorPause
		switch {
		case limit > 0:
			if err := l.sign(ctx, limit, snapshots); err != nil {
				return err
			}
		case !known.noRenewal && l.sessionID != "" && !now.Before(renewal):
			renewed, again := l.renew(ctx)
			switch {
			case renewed:
				l.began, retried = now, false
				renewal = now.Add(l.granted / 2)
			case again && !retried:
				renewal, retried = l.began.Add(l.granted*3/4), true
			default:
				s.learn(func(w *ways) { w.noRenewal = true })
			}
			relogin = l.began.Add(l.granted - lead(l.granted))
		case !known.noRemonitor && (lost || !now.Before(remonitor)):
			monitored, remonitor = now, now.Add(monitorEvery)
			if err := l.monitor(ctx, signLimit); err != nil {
				var refusal *csta.ServiceError
				if !errors.As(err, &refusal) {
					return err
				}
				s.cfg.Logger.Info("the monitor cannot be started again here", "err", err)
				s.learn(func(w *ways) { w.noRemonitor = true })
				break // and if events are lost, by a fresh link at once
			}
			if blind {
				blind, trunk = false, now
				l.forgetOffice()
				if err := l.lookAtOurPhone(ctx); err != nil {
					return err
				}
			}
		case l.trunk && !known.noRemonitor && !now.Before(trunk):
			trunk = now.Add(linkEvery)
			if err := l.monitorTrunk(ctx); err != nil {
				return err
			}
		case known.noRemonitor && (lost || !now.Before(afresh)):
			if blind {
				blind = false
				l.forgetOffice()
			}
			monitored, afresh = now, now.Add(linkEvery)
			if err := l.succeed(ctx, snapshots); err != nil {
				return err
			}
		case known.noRenewal && known.expires && !now.Before(relogin):
			relogin = now.Add(l.granted) // once for each link
			if err := l.succeed(ctx, snapshots); err != nil {
				return err
			}
		}
	}
}

// lead is how long before the end of a session that cannot be renewed its successor logs in.
func lead(granted time.Duration) time.Duration {
	return min(max(granted/8, 2*time.Second), 15*time.Second)
}

// succeed dials a second link, and hands it to the reader, which runs both until the second is
// complete. A failure is no harm: when this link falls, the session redials. This one has to show first
// that it lives: else events were lost on it, and the second would hide that.
func (l *link) succeed(ctx context.Context, snapshots bool) error {
	if err := l.sign(ctx, signLimit, snapshots); err != nil {
		return err
	}
	t, err := l.s.dial(ctx, l.s.gateway())
	if err != nil {
		l.s.cfg.Logger.Warn("no second link before the session's time is over", "err", err)
		return nil
	}
	select {
	case l.s.successor <- t:
	case <-l.done:
		t.Close()
	}
	return nil
}

// sign asks the peer for a sign of life, and notes how long it took. A refusal is one as well. The
// request changes nothing: a snapshot, or where there is none, the monitor that is there already.
func (l *link) sign(ctx context.Context, limit time.Duration, snapshots bool) error {
	asked := time.Now()
	var err error
	if snapshots {
		_, err = l.request(ctx, limit, l.s.snapshotRequest(), func(m wire.Message) { l.refresh(m, asked) })
	} else {
		err = l.monitor(ctx, limit)
	}
	var refusal *csta.ServiceError
	if err != nil && !errors.As(err, &refusal) {
		return err
	}
	l.s.mu.Lock()
	l.s.health.RoundTrip, l.s.health.Checked = time.Since(asked), time.Now()
	l.s.mu.Unlock()
	return nil
}

// login is StartApplicationSession. (ECMA-354 §6.1)
func (l *link) login(ctx context.Context) error {
	cfg := &l.s.cfg
	l.began = time.Now()
	m, err := l.request(ctx, answerLimit, wire.LoginRequest(cfg.UserID, cfg.Password, cfg.PBXDomain, strconv.Itoa(int(cfg.Duration/time.Second))), nil)
	var refusal *csta.ServiceError
	switch {
	case errors.As(err, &refusal):
		if passing(refusal) {
			return err
		}
		refusal.Value = wire.HubWords(refusal.Value)
		return csta.LoginError{ServiceError: refusal}
	case errors.Is(err, csta.ErrOffline) && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)):
		return fmt.Errorf("%w (%v)", csta.ErrClosedAtLogin, err)
	case err != nil:
		return err
	}
	l.sessionID = wire.Printable(m.Body.Value("sessionID"))
	l.grant(m)
	return nil
}

// grant notes the duration that an answer grants: the one asked for, where it says nothing.
func (l *link) grant(m wire.Message) {
	l.granted = l.s.cfg.Duration
	if seconds, err := strconv.Atoi(m.Body.Value("actualSessionDuration")); err == nil && seconds > 0 {
		l.granted = time.Duration(seconds) * time.Second
	}
	l.s.mu.Lock()
	l.s.health.Duration = l.granted
	l.s.mu.Unlock()
}

// passing tells a login that fails for now from one that is refused: only what the server says of
// itself counts, everything else is about the account. (ECMA-354, ECMA-323 UniversalFailure; the words
// of a hub method that threw are ASP.NET Core's)
func passing(e *csta.ServiceError) bool {
	switch strings.ToLower(e.Category) {
	case "systemresourceavailibility", "systemresourceavailability", "subscribedresourceavailability", "performancemanagement":
		return true
	case "definederror":
		return strings.EqualFold(e.Value, "serverResourcesBusy") || strings.EqualFold(e.Value, "maxNumberSessions")
	case wire.HubError:
		return strings.HasPrefix(e.Value, "An unexpected error occurred") && !strings.Contains(e.Value, wire.HubException)
	}
	return false
}

// monitor is MonitorStart for our device. The cross reference is noted by the reader, before it sees
// the events that follow the answer. Asked again it changes nothing at the vendor's, whose cross
// references are names; where they are tickets, the older monitor is stopped. (ECMA-269 §15.1.2)
func (l *link) monitor(ctx context.Context, limit time.Duration) error {
	s := l.s
	var old string
	_, err := l.request(ctx, limit, wire.Node("MonitorStart", wire.Node("monitorObject", wire.Leaf("deviceObject", s.object))), func(m wire.Message) {
		l.monitors++
		if ref := m.Body.Value("monitorCrossRefID"); m.Failure("MonitorStart") == nil && ref != "" && !strings.EqualFold(ref, l.crossRef) {
			old, l.crossRef = l.crossRef, ref
		}
	})
	if err == nil && old != "" {
		_, _ = l.request(ctx, limit, monitorStop(old), nil)
	}
	return err
}

func monitorStop(crossRef string) wire.Element {
	return wire.Node("MonitorStop", wire.Leaf("monitorCrossRefID", crossRef))
}

func (s *Session) snapshotRequest() wire.Element {
	return wire.Node("SnapShotDevice", wire.Leaf("snapshotObject", s.object)) // the vendor's spelling
}

// firstSnapshot asks for the calls that are there already, and completes the session. The reader makes
// the calls agree with the answer in its place among the events. A gateway that has no snapshot is as
// good as one that says there are no calls; answers says whether it may be asked again.
func (l *link) firstSnapshot(ctx context.Context) (answers bool, err error) {
	s := l.s
	done := false // owned by the reader
	complete := func(items []wire.SnapshotItem) {
		done = true
		now := time.Now()
		if s.state.Status == csta.Online { // beside the link that it takes over from: nothing was missed
			s.online(l)
			return
		}
		s.table.Reconcile(items, now)
		s.online(l) // publishes the calls as well
		s.follow()
	}
	_, err = l.request(ctx, snapshotLimit, s.snapshotRequest(), func(m wire.Message) {
		if m.Failure("SnapShotDevice") != nil {
			complete(nil)
			return
		}
		complete(wire.ReadSnapshot(m))
	})
	var refusal *csta.ServiceError
	if err != nil && !errors.As(err, &refusal) && !errors.Is(err, csta.ErrNoAnswer) {
		return false, err
	}
	if errors.Is(err, csta.ErrNoAnswer) {
		l.inReader(func() {
			if !done {
				complete(nil)
			}
		})
		return false, nil
	}
	return true, nil
}

// refresh takes in a later snapshot, in the reader.
func (l *link) refresh(m wire.Message, asked time.Time) {
	s := l.s
	if m.Failure("SnapShotDevice") != nil {
		return
	}
	items := wire.ReadSnapshot(m)
	changed, news := s.table.Refresh(items, asked, time.Now())
	if changed {
		s.update()
	}
	if news {
		s.cfg.Logger.Info("a snapshot tells of calls that no event told of")
		l.lost()
	}
}

// renew is ResetApplicationSessionTimer. The vendor documents no renewal: an error, or silence from a
// peer that is alive, means that this server has none. again is true when it may work a little later.
// (ECMA-354 §6.3)
func (l *link) renew(ctx context.Context) (renewed, again bool) {
	m, err := l.request(ctx, doubtLimit, wire.Node("ResetApplicationSessionTimer", wire.Leaf("sessionID", l.sessionID),
		wire.Number("requestedSessionDuration", strconv.Itoa(int(l.s.cfg.Duration/time.Second)))), nil)
	var refusal *csta.ServiceError
	switch {
	case err == nil:
		l.grant(m)
		return true, false
	case errors.As(err, &refusal):
		l.s.cfg.Logger.Info("the session's timer cannot be reset here", "err", err)
		return false, passing(refusal)
	case errors.Is(err, csta.ErrNoAnswer):
		l.s.cfg.Logger.Info("no answer to the reset of the session's timer", "err", err)
		return false, l.silence() >= doubtLimit // the peer may be dead, rather than the service
	default:
		return false, true
	}
}

// stop says goodbye: StopApplicationSession, with a short wait for its answer. (ECMA-354 §6.2)
func (l *link) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	_, err := l.request(ctx, stopLimit, wire.Node("StopApplicationSession", wire.Leaf("sessionID", l.sessionID),
		wire.Node("sessionEndReason", wire.Leaf("definedEndReason", "normal"))), nil)
	if err != nil {
		l.s.cfg.Logger.Debug("no answer to the goodbye", "err", err)
	}
}
