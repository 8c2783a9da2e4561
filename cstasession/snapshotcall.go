package cstasession

import (
	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
	"context"
	"errors"
	"slices"
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
	list, _ := readParticipants(m)
	return list, nil
}

func snapshotCall(c csta.ConnectionID) wire.Element {
	return wire.Node("SnapshotCall", wire.Connection("snapshotObject", c))
}

// readParticipants reads a SnapshotCallResponse. known is false where it tells of nobody, as a switching
// function may answer that has the service in name only. (ECMA-323 §14.1)
func readParticipants(m wire.Message) (list []Participant, known bool) {
	data := m.Body.Find("snapshotData")
	if data == nil {
		return nil, false
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
		known = true
		if phase, lives := snapshotPhase(item); lives {
			p.Phase = phase
			list = append(list, p)
		}
	}
	return list, known
}

// inquire asks about the calls that nobody vouches for since the link came back. A switching function that
// has SnapshotCall settles the doubt; one that has not is asked once for each link.
func (l *link) inquire(ctx context.Context) error {
	s := l.s
	var doubted []csta.ConnectionID
	if !l.consult(func() {
		for _, c := range s.table.calls {
			if c.Uncertain {
				doubted = append(doubted, c.ID)
			}
		}
	}) {
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
	i := slices.IndexFunc(s.table.calls, func(c *csta.Call) bool { return c.ID == id && c.Uncertain })
	if i < 0 {
		return // an event was quicker
	}
	c, now := s.table.calls[i], time.Now()
	list, known := readParticipants(m)
	switch ours := slices.IndexFunc(list, func(p Participant) bool { return s.table.ours(p.Device) || p.ID == id }); {
	case ours >= 0:
		s.table.vouch(c)
		// Our leg is connected while the other party's telephone rings, too.
		answered := slices.ContainsFunc(list, func(p Participant) bool {
			return p.ID != list[ours].ID && (p.Phase == csta.Active || p.Phase == csta.Held)
		})
		phase := list[ours].Phase
		if phase == csta.Ringing && c.Direction == csta.Outgoing {
			phase = csta.Calling // our own telephone, to be lifted
		}
		if phase != csta.Active || c.Phase != csta.Calling || answered {
			s.table.enter(c, phase, now)
		}
		c.Conference = len(list) > 2
	case gone(m) || known:
		s.table.giveUp(c, now)
	default:
		return
	}
	s.table.schedule(now)
	s.update()
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
