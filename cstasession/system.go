package cstasession

import (
	"context"
	"strings"
	"time"

	"calltray/cstasession/internal/transport"
	"calltray/cstasession/internal/wire"
)

// The system services, which go both ways. The vendor documents none of them; other PBXs begin a link with one
// and wait for the answer. (ECMA-269, system services; ECMA-323 SystemStatus)

// well are the states of a healthy PBX. (ECMA-323, SystemStatus)
var well = map[string]bool{"normal": true, "enabled": true, "overloadrelieved": true, "overloadimminent": true}

// systemStatus answers the PBX, in the reader. One that reports a problem is asked for a sign of life: it may
// have lost events, or be about to go down.
func (s *Session) systemStatus(l *link, m wire.Message) {
	answer := wire.Node(m.Name + "Response")
	if strings.EqualFold(m.Name, "RequestSystemStatus") {
		answer = wire.Node("RequestSystemStatusResponse", wire.Leaf("systemStatus", "normal"))
	} else if status := wire.Printable(strings.Join(wire.Leaves(m.Body.Child("systemStatus")), " ")); status != "" {
		s.heardOf(l, status)
	}
	if m.RequestID != "" {
		answer.Children = append(answer.Children, wire.Node("privateData", wire.Leaf("requestID", m.RequestID)))
	}
	l.reply(answer)
}

// busyFor is how long a PBX that reported overload, and nothing since, receives fewer requests.
const busyFor = 5 * time.Minute

// heardOf handles a status that the PBX reports. One that is overloaded receives fewer requests, and one with a
// problem is asked for a sign of life. (ECMA-323 SystemStatus)
func (s *Session) heardOf(l *link, status string) {
	busy := strings.EqualFold(status, "overloadReached")
	s.learn(func(q *quirks) {
		q.busyUntil = time.Time{}
		if busy {
			q.busyUntil = time.Now().Add(busyFor)
		}
	})
	if busy || well[strings.ToLower(status)] {
		s.cfg.Logger.Info("the PBX tells how it is", "systemStatus", s.secret.Clean(status))
		return
	}
	s.cfg.Logger.Warn("the PBX is not well", "systemStatus", s.secret.Clean(status))
	select {
	case l.poke <- struct{}{}:
	default:
	}
}

// reply queues the answer to a request of the PBX, and drops it if the PBX sends more requests than it reads
// answers. The reader does not wait for the write.
func (l *link) reply(answer wire.Element) {
	select {
	case l.replies <- answer:
	default:
	}
}

// replier writes the answers to the PBX's requests.
func (l *link) replier() {
	for {
		select {
		case answer := <-l.replies:
			ctx, cancel := context.WithTimeout(context.Background(), transport.WriteLimit)
			if err := l.t.Send(ctx, wire.Request{Body: answer, Reply: true}); err != nil {
				l.s.cfg.Logger.Debug("the PBX was not answered", "err", err)
			}
			cancel()
		case <-l.done:
			return
		}
	}
}
