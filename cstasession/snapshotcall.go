package cstasession

import (
	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
	"context"
	"errors"
	"strings"
	"time"
)

// Participant is one party of a call, as SnapshotCall tells it.
type Participant struct {
	Device csta.DeviceID
	ID     csta.ConnectionID // its leg
	Phase  csta.Phase        // of that leg
}

// SnapshotCall asks who is in a call. The vendor does not document it. (ECMA-269 §16.1.2) Errors:
// ErrOffline, ErrNoAnswer, *ServiceError.
func (s *Session) SnapshotCall(ctx context.Context, c csta.ConnectionID) ([]Participant, error) {
	m, err := s.request(ctx, snapshotCall(c))
	if err != nil {
		return nil, err
	}
	return readParticipants(m), nil
}

func snapshotCall(c csta.ConnectionID) wire.Element {
	return wire.Node("SnapshotCall", wire.Connection("snapshotObject", c))
}

// readParticipants reads a SnapshotCallResponse. It returns nil where that tells of nobody, as a PBX may answer
// that has the service in name only. (ECMA-323 §14.1)
func readParticipants(m wire.Message) (list []Participant) {
	data := m.Body.Find("snapshotData")
	if data == nil {
		return nil
	}
	for i := range data.Children {
		info := &data.Children[i]
		p := Participant{Device: wire.ReadDevice(info.Child("deviceOnCall")), ID: wire.ReadConnection(info.Child("callIdentifier"))}
		if !strings.EqualFold(info.Name, "snapshotCallResponseInfo") || p.Device == "" && p.ID.IsZero() {
			continue
		}
		item := wire.SnapshotItem{}
		if state := info.Value("localConnectionInfo"); state != "" {
			item.States = []string{strings.ToLower(state)}
		}
		if list == nil {
			list = []Participant{}
		}
		if phase, lives := snapshotPhase(item); lives {
			p.Phase = phase
			list = append(list, p)
		}
	}
	return list
}

// inquire asks about the calls that nobody vouches for since the link came back. A switching function that
// has SnapshotCall settles the doubt; one that has not is asked once for each link.
func (l *link) inquire(ctx context.Context) error {
	s := l.s
	var doubted []csta.ConnectionID
	if !l.consult(func() { doubted = s.table.uncertain() }) {
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
	if s.table.testify(id, readParticipants(m), gone(m), time.Now()) {
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
