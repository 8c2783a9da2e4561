package cstasession

import (
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
	quietLimit    = 10 * time.Second // of silence, after which the peer is asked for a sign of life
	signLimit     = 8 * time.Second  // for that sign
)

// keep makes a fresh link into a session: login, monitor, snapshot, with ordinary requests. Then it
// keeps it: renewal at half of the granted duration, a sign of life when the peer is quiet. It returns
// why it stopped: the refusal of a request, silence, the link's end, or ctx, after it said goodbye.
func (l *link) keep(ctx context.Context) error {
	sessionID, granted, err := l.login(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if ctx.Err() != nil {
			l.stop(sessionID)
		}
	}()
	if err := l.monitor(ctx); err != nil {
		return err
	}
	sign, err := l.firstSnapshot(ctx)
	if err != nil {
		return err
	}
	renew := sessionID != ""
	nextRenewal := time.Now().Add(granted / 2)
	for {
		wait := quietLimit - l.silence()
		if !sign {
			wait = time.Hour
		}
		if renew {
			wait = min(wait, time.Until(nextRenewal))
		}
		forced := false
		select {
		case <-time.After(max(wait, 0)):
		case <-l.s.wake:
			forced = true
		case <-l.done:
			return fmt.Errorf("%w: %w", ErrOffline, l.err)
		case <-ctx.Done():
			return ctx.Err()
		}
		if renew && time.Until(nextRenewal) <= 0 {
			granted, renew = l.renew(ctx, sessionID, granted)
			nextRenewal = time.Now().Add(granted / 2)
		}
		if sign && (forced || l.silence() >= quietLimit) {
			// A snapshot changes nothing and every gateway that answered one answers it again.
			if _, err := l.request(ctx, signLimit, l.s.snapshotRequest(), nil); errors.Is(err, ErrNoAnswer) {
				return err
			}
		}
	}
}

// login is StartApplicationSession. Its duration is what was granted, in whole seconds; what was asked
// for, where the answer says nothing. (ECMA-354 §6.1)
func (l *link) login(ctx context.Context) (sessionID string, granted time.Duration, err error) {
	cfg := &l.s.cfg
	m, err := l.request(ctx, answerLimit, loginRequest(cfg, strconv.Itoa(int(cfg.Duration/time.Second))), nil)
	var refusal *ServiceError
	switch {
	case errors.As(err, &refusal):
		if passing(refusal) {
			return "", 0, err
		}
		refusal.Value = hubWords(refusal.Value)
		return "", 0, loginError{refusal}
	case errors.Is(err, ErrOffline) && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)):
		return "", 0, fmt.Errorf("%w (%v)", ErrClosedAtLogin, err)
	case err != nil:
		return "", 0, err
	}
	granted = cfg.Duration
	if seconds, err := strconv.Atoi(m.body.value("actualSessionDuration")); err == nil && seconds > 0 {
		granted = time.Duration(seconds) * time.Second
	}
	return printable(m.body.value("sessionID")), granted, nil
}

// passing tells a login that fails for now from one that is refused: only what the server says of
// itself counts, everything else is about the account. (ECMA-354, ECMA-323 UniversalFailure; the words
// of a hub method that threw are ASP.NET Core's)
func passing(e *ServiceError) bool {
	switch strings.ToLower(e.Category) {
	case "systemresourceavailibility", "systemresourceavailability", "subscribedresourceavailability", "performancemanagement":
		return true
	case "definederror":
		return is(e.Value, "serverResourcesBusy") || is(e.Value, "maxNumberSessions")
	case hubError:
		return strings.HasPrefix(e.Value, "An unexpected error occurred") && !strings.Contains(e.Value, hubException)
	}
	return false
}

const hubException = "HubException: "

// hubWords are the server's own words in the error of a hub method.
func hubWords(s string) string {
	if _, words, found := strings.Cut(s, hubException); found {
		return words
	}
	return s
}

// monitor is MonitorStart for our device. The cross reference is noted by the reader, before it sees
// the events that follow the answer.
func (l *link) monitor(ctx context.Context) error {
	s := l.s
	_, err := l.request(ctx, answerLimit, node("MonitorStart", node("monitorObject", leaf("deviceObject", s.object))), func(m message) {
		if m.failure("MonitorStart") == nil {
			s.crossRef = m.body.value("monitorCrossRefID")
		}
	})
	return err
}

func (s *Session) snapshotRequest() element {
	return node("SnapShotDevice", leaf("snapshotObject", s.object)) // the vendor's spelling
}

// firstSnapshot asks for the calls that are there already, and completes the session. The reader makes
// the calls agree with the answer in its place among the events. A gateway that has no snapshot is as
// good as one that says there are no calls; answers says whether it may be asked again.
func (l *link) firstSnapshot(ctx context.Context) (answers bool, err error) {
	s := l.s
	done := false // owned by the reader
	complete := func(items []snapshotItem) {
		done = true
		ended := s.table.reconcile(items, time.Now())
		s.online(l) // publishes the calls as well
		if ended {
			s.table.drop()
			s.publish()
		}
	}
	_, err = l.request(ctx, snapshotLimit, s.snapshotRequest(), func(m message) {
		if m.failure("SnapShotDevice") != nil {
			complete(nil)
			return
		}
		complete(readSnapshot(m))
	})
	var refusal *ServiceError
	if err != nil && !errors.As(err, &refusal) && !errors.Is(err, ErrNoAnswer) {
		return false, err
	}
	if errors.Is(err, ErrNoAnswer) {
		l.inReader(func() {
			if !done {
				complete(nil)
			}
		})
		return false, nil
	}
	return true, nil
}

// renew is ResetApplicationSessionTimer. The vendor documents no renewal: an error or silence, once,
// means that this server has none, and it is not asked again on this link. (ECMA-354 §6.3)
func (l *link) renew(ctx context.Context, sessionID string, granted time.Duration) (time.Duration, bool) {
	m, err := l.request(ctx, answerLimit, node("ResetApplicationSessionTimer", leaf("sessionID", sessionID),
		number("requestedSessionDuration", strconv.Itoa(int(l.s.cfg.Duration/time.Second)))), nil)
	if err != nil {
		l.s.cfg.Logger.Info("the session's timer cannot be reset here", "err", err)
		return granted, false
	}
	if seconds, err := strconv.Atoi(m.body.value("actualSessionDuration")); err == nil && seconds > 0 {
		granted = time.Duration(seconds) * time.Second
	}
	return granted, true
}

// stop says goodbye: StopApplicationSession, with a short wait for its answer. (ECMA-354 §6.2)
func (l *link) stop(sessionID string) {
	ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	_, err := l.request(ctx, stopLimit, node("StopApplicationSession", leaf("sessionID", sessionID),
		node("sessionEndReason", leaf("definedEndReason", "normal"))), nil)
	if err != nil {
		l.s.cfg.Logger.Debug("no answer to the goodbye", "err", err)
	}
}
