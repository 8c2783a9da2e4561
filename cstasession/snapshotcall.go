package cstasession

import (
	"context"
	"errors"
	"strings"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/calls"
	"calltray/cstasession/internal/wire"
)

// SnapshotCall returns the participants of a call. The vendor does not document it. (ECMA-269 §16.1.2) Errors:
// ErrOffline, ErrNoAnswer, *ServiceError.
func (s *Session) SnapshotCall(ctx context.Context, c csta.ConnectionID) ([]csta.Participant, error) {
	m, err := perform(ctx, s, answerLimit, snapshotCall(c), positive)
	if err != nil {
		return nil, err
	}
	return calls.ReadParticipants(m), nil
}

func snapshotCall(c csta.ConnectionID) wire.Element {
	return wire.Node("SnapshotCall", wire.Connection("snapshotObject", c))
}

// askAboutCalls tells the keeper to ask about calls.
func (l *link) askAboutCalls() {
	select {
	case l.unsure <- struct{}{}:
	default:
	}
}

// confirmCalls asks about calls that nothing has been heard of for some time: with a device snapshot, and then
// about each that raises a question. Only the loss of the link is an error.
func (k *keeper) confirmCalls(ctx context.Context) error {
	l := k.l
	if !k.ignores("SnapShotDevice") {
		asked := time.Now()
		_, err := l.request(ctx, request{body: l.s.snapshotRequest(), limit: signLimit, inStream: func(m wire.Message) { l.refresh(m, asked) }})
		switch err := unlessRefused(err); {
		case err == nil:
			delete(k.unanswered, "SnapShotDevice")
		case !errors.Is(err, csta.ErrNoAnswer):
			return err
		case l.silence() < signLimit:
			k.noteUnanswered("SnapShotDevice")
		}
	}
	return l.inquire(ctx)
}

// inquire asks about the calls that are in doubt, or whose direction is not known. A PBX that supports SnapshotCall
// settles it; one that refuses it is asked once per link, and one that does not answer it, twice.
func (l *link) inquire(ctx context.Context) error {
	s := l.s
	if l.noSnapshotCall >= ignoredAfter {
		return nil
	}
	var questions []csta.ConnectionID
	if !l.consult(func() { questions = s.table.Questions() }) {
		return nil
	}
	for _, id := range questions {
		m, err := l.request(ctx, request{body: snapshotCall(id), limit: signLimit, inStream: func(m wire.Message) {
			if m.Failure("SnapshotCall") == nil {
				s.testify(id, m)
			}
		}})
		switch refusal := refusalIn(err); {
		case err == nil:
			l.noSnapshotCall = 0
		case refusal != nil && refusal.Uncorrelated: // perhaps refusing a service that the user requested
		case refusal != nil && gone(m):
			l.noSnapshotCall = 0
			l.consult(func() { s.testify(id, m) })
		case refusal != nil, errors.Is(err, csta.ErrNoAnswer):
			s.cfg.Logger.Info("not told by this PBX", "service", "SnapshotCall", "err", err)
			if l.noSnapshotCall++; refusal != nil {
				l.noSnapshotCall = ignoredAfter
			}
			return nil
		default:
			return err
		}
	}
	return nil
}

// testify applies the answer about a call, in the reader.
func (s *Session) testify(id csta.ConnectionID, m wire.Message) {
	said := calls.ReadTestimony(m)
	said.Gone = gone(m)
	if s.table.Testify(id, said, time.Now()) {
		s.update()
	}
}

// gone reports whether a refusal says that the call does not exist. (ECMA-323 UniversalFailure)
func gone(m wire.Message) bool {
	f := m.Failure("SnapshotCall")
	return f != nil && saysGone(f.Category, f.Value)
}

func saysGone(category, value string) bool {
	if strings.EqualFold(category, wire.HubError) {
		_, value = wire.HubReason(value)
	}
	switch strings.ToLower(value) {
	case "invalidcallid", "invalidconnectionid", "objectnotknown", "noactivecall", "invalidconnectionidforactivecall":
		return true
	}
	return false
}

// refuted reports whether the result of a service shows that a doubted call is over, in which case it ends: a
// refusal that says that the call does not exist, or a hang-up without effect.
func (s *Session) refuted(c csta.ConnectionID, service string, err error) (over bool) {
	refusal := refusalIn(err)
	switch {
	case refusal != nil && !refusal.Uncorrelated && saysGone(refusal.Category, refusal.Value):
	case service == "ClearConnection" && errors.Is(err, csta.ErrNoEffect):
	default:
		return false
	}
	s.consult(func() {
		if over = s.table.IsUncertain(c) && s.table.Testify(c, calls.Testimony{Gone: true}, time.Now()); over {
			s.update()
		}
	})
	return over
}
