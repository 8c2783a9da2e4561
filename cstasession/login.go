package cstasession

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

// The requests that turn a link into a session and maintain it.

// login is StartApplicationSession. (ECMA-354 §6.1)
func (l *link) login(ctx context.Context) error {
	cfg := &l.s.cfg
	l.began = time.Now()
	m, err := l.request(ctx, request{body: wire.LoginRequest(cfg.UserID, cfg.Password, cfg.PBXDomain, strconv.Itoa(int(cfg.Duration/time.Second))), limit: answerLimit})
	refusal := refusalIn(err)
	switch {
	case refusal != nil:
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

// No PBX means to be asked for a renewal many times a second, or never: a granted duration is clamped to these.
const (
	shortestSession = 5 * time.Second
	longestSession  = 24 * time.Hour
)

// grant records the duration that an answer grants, or the requested one if the answer contains none that can
// be parsed.
func (l *link) grant(m wire.Message) {
	l.granted = l.s.cfg.Duration
	if seconds, err := strconv.Atoi(m.Body.Value("actualSessionDuration")); err == nil && seconds > 0 {
		seconds = min(seconds, int(longestSession/time.Second)) // clamp before multiplying
		l.granted = max(time.Duration(seconds)*time.Second, shortestSession)
	}
	l.s.mu.Lock()
	l.s.health.Duration = l.granted
	l.s.mu.Unlock()
}

// passing tells a login that fails for now from one that is refused: only what the server says about itself
// counts, everything else is about the account. (ECMA-354, ECMA-323 UniversalFailure; the messages of a hub
// method that threw are ASP.NET Core's)
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

// monitor is MonitorStart for our device. The reader records the cross reference before it sees the events that
// follow the answer. Repeating it changes nothing at the vendor's PBX, whose cross references are names; where
// each start returns a new one, the older monitor is stopped. (ECMA-269 §15.1.2)
func (l *link) monitor(ctx context.Context, limit time.Duration) error {
	s := l.s
	var old string
	body := wire.Node("MonitorStart", wire.Node("monitorObject", wire.Leaf("deviceObject", s.object)))
	_, err := l.request(ctx, request{body: body, limit: limit, inStream: func(m wire.Message) {
		l.monitors++
		if ref := m.Body.Value("monitorCrossRefID"); m.Failure("MonitorStart") == nil && ref != "" && !strings.EqualFold(ref, l.crossRef) {
			old, l.crossRef = l.crossRef, ref
		}
	}})
	if err == nil && old != "" {
		_, _ = l.request(ctx, request{body: monitorStop(old), limit: limit})
	}
	return err
}

func monitorStop(crossRef string) wire.Element {
	return wire.Node("MonitorStop", wire.Leaf("monitorCrossRefID", crossRef))
}

func (s *Session) snapshotRequest() wire.Element {
	return wire.Node("SnapShotDevice", wire.Leaf("snapshotObject", s.object)) // the vendor's spelling
}

// firstSnapshot asks for the calls that exist already, and completes the session. The reader reconciles the
// calls with the answer in its place among the events. A gateway without snapshots is treated like one without
// calls; listed is false if it did not answer.
func (l *link) firstSnapshot(ctx context.Context) (listed bool, err error) {
	s := l.s
	asked, done := time.Now(), false // done is owned by the reader
	complete := func(items []wire.SnapshotItem) {
		done = true
		if s.state.Status == csta.Online { // alongside the link that it takes over from: nothing was missed
			s.online(l)
			return
		}
		s.table.Reconcile(items, asked, time.Now())
		s.online(l) // publishes the calls as well
		s.follow()
	}
	_, err = l.request(ctx, request{body: s.snapshotRequest(), limit: snapshotLimit, inStream: func(m wire.Message) {
		refused := m.Failure("SnapShotDevice") != nil
		switch {
		case !done && refused:
			complete(nil)
		case !done:
			complete(wire.ReadSnapshot(m))
		case !refused: // after the session was completed without it
			if changed, _ := s.table.Refresh(wire.ReadSnapshot(m), asked, time.Now()); changed {
				s.update()
			}
		}
	}})
	if err := unlessRefused(err); err != nil && !errors.Is(err, csta.ErrNoAnswer) {
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

// refresh applies a later snapshot, in the reader.
func (l *link) refresh(m wire.Message, asked time.Time) {
	s := l.s
	if m.Failure("SnapShotDevice") != nil {
		return
	}
	items := wire.ReadSnapshot(m)
	changed, news := s.table.Refresh(items, l.since(m, "SnapShotDevice", asked), time.Now())
	if changed {
		s.update()
	}
	if news {
		s.cfg.Logger.Info("a snapshot tells of calls that no event told of")
		l.lost()
	}
}

// renew is ResetApplicationSessionTimer. The vendor documents no renewal: an error, or silence from a live
// peer, means that this server has none. again is true if it may work a little later. (ECMA-354 §6.3)
func (l *link) renew(ctx context.Context) (renewed, again bool) {
	m, err := l.request(ctx, request{limit: doubtLimit, body: wire.Node("ResetApplicationSessionTimer", wire.Leaf("sessionID", l.sessionID),
		wire.Number("requestedSessionDuration", strconv.Itoa(int(l.s.cfg.Duration/time.Second))))})
	refusal := refusalIn(err)
	switch {
	case err == nil:
		l.grant(m)
		return true, false
	case refusal != nil:
		l.s.cfg.Logger.Info("the session's timer cannot be reset here", "err", err)
		return false, passing(refusal)
	case errors.Is(err, csta.ErrNoAnswer):
		l.s.cfg.Logger.Info("no answer to the reset of the session's timer", "err", err)
		return false, l.silence() >= doubtLimit // perhaps the peer is dead, rather than the service missing
	default:
		return false, true
	}
}

// stop says goodbye: StopApplicationSession, with a short wait for its answer. (ECMA-354 §6.2)
func (l *link) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	_, err := l.request(ctx, request{limit: stopLimit, body: wire.Node("StopApplicationSession", wire.Leaf("sessionID", l.sessionID),
		wire.Node("sessionEndReason", wire.Leaf("definedEndReason", "normal")))})
	if err != nil {
		l.s.cfg.Logger.Debug("no answer to the goodbye", "err", err)
	}
}
