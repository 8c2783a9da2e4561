package cstasession

import (
	"calltray/cstasession/csta"
	"calltray/cstasession/internal/calls"
	"calltray/cstasession/internal/wire"
	"context"
	"errors"
	"strings"
	"time"
)

// SnapshotCall asks who is in a call. The vendor does not document it. (ECMA-269 §16.1.2) Errors:
// ErrOffline, ErrNoAnswer, *ServiceError.
func (s *Session) SnapshotCall(ctx context.Context, c csta.ConnectionID) ([]csta.Participant, error) {
	m, err := s.request(ctx, snapshotCall(c))
	if err != nil {
		return nil, err
	}
	return calls.ReadParticipants(m), nil
}

func snapshotCall(c csta.ConnectionID) wire.Element {
	return wire.Node("SnapshotCall", wire.Connection("snapshotObject", c))
}

// inquire asks about the calls that nobody vouches for since the link came back. A switching function that
// has SnapshotCall settles the doubt; one that has not is asked once for each link.
func (l *link) inquire(ctx context.Context) error {
	s := l.s
	var doubted []csta.ConnectionID
	if !l.consult(func() { doubted = s.table.Uncertain() }) {
		return nil
	}
	for _, id := range doubted {
		m, err := l.request(ctx, signLimit, snapshotCall(id), func(m wire.Message) { s.testify(id, m) })
		var refusal *csta.ServiceError
		if refused := errors.As(err, &refusal); refused && !gone(m) || errors.Is(err, csta.ErrNoAnswer) {
			s.cfg.Logger.Info("not told by this switching function", "service", "SnapshotCall", "err", err)
			return nil
		} else if err != nil && !refused {
			return err
		}
	}
	return nil
}

// testify takes what was said about a doubted call, in the reader.
func (s *Session) testify(id csta.ConnectionID, m wire.Message) {
	if s.table.Testify(id, calls.ReadParticipants(m), gone(m), time.Now()) {
		s.update()
	}
}

// gone reports whether a refusal says that there is no such call. (ECMA-323 UniversalFailure)
func gone(m wire.Message) bool {
	f := m.Failure("SnapshotCall")
	if f == nil {
		return false
	}
	if strings.EqualFold(f.Category, wire.HubError) {
		f.Category, f.Value = wire.HubReason(f.Value)
	}
	switch strings.ToLower(f.Value) {
	case "invalidcallid", "invalidconnectionid", "objectnotknown", "noactivecall", "invalidconnectionidforactivecall":
		return true
	}
	return false
}
