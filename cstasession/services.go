package cstasession

import (
	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	effectLimit = 10 * time.Second // for the event that shows a service's effect
	callLimit   = 30 * time.Second // for the first event of a call that we make: the user may have to lift the handset
)

// current is the link that services use; nothing is queued for a later one.
func (s *Session) current() (*link, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.link == nil {
		return nil, csta.ErrOffline
	}
	return s.link, nil
}

// MakeCall has our device call a number, and returns the connection of our leg once an event showed
// it: the answer itself names none (vendor page makeCall). One call is made at a time. The number goes
// out as it is given. Errors: ErrOffline, ErrNoAnswer, ErrNoEffect, *ServiceError.
func (s *Session) MakeCall(ctx context.Context, number string) (csta.ConnectionID, error) {
	if err := dialable(number); err != nil {
		return csta.ConnectionID{}, err
	}
	select {
	case s.making <- struct{}{}:
		defer func() { <-s.making }()
	case <-ctx.Done():
		return csta.ConnectionID{}, ctx.Err()
	}
	asked := time.Now()
	c, err := perform(ctx, s, callLimit, wire.Node("MakeCall",
		wire.Leaf("callingDevice", s.cfg.Device.Number()),
		wire.Leaf("calledDirectoryNumber", number),
		wire.Leaf("autoOriginate", "doNotPrompt"),
	), func(c csta.Call) bool {
		// The PBX may show another number than was dialled, as for a short code, and say that it is of our request.
		return c.Direction == csta.Outgoing && !c.Began.Before(asked) && (csta.SameNumber(c.Remote.Number, number) || c.ID.CallID == s.made)
	})
	return c.ID, err
}

// dialable reports a number that no message can carry as it is: XML has no control characters, and would have
// another number in its place.
func dialable(number string) error {
	if number == "" || strings.ContainsFunc(number, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
		return fmt.Errorf("%w: %q is no number", csta.ErrConfig, number)
	}
	return nil
}

// AnswerCall answers a ringing call, and returns once an event showed it. Phones without auto-answer
// do nothing: that is ErrNoEffect. Errors: also ErrOffline, ErrNoAnswer, ErrCallEnded, *ServiceError.
// (vendor page answerCall)
func (s *Session) AnswerCall(ctx context.Context, c csta.ConnectionID) error {
	return s.until(ctx, wire.Node("AnswerCall", wire.Connection("callToBeAnswered", c)), c, csta.Active)
}

// ClearConnection hangs up our leg of a call, ringing or connected, and returns once it has ended.
// Errors: ErrOffline, ErrNoAnswer, ErrNoEffect, *ServiceError. (vendor page clearConnection)
func (s *Session) ClearConnection(ctx context.Context, c csta.ConnectionID) error {
	// The reader has to know before the event comes: the end is our own doing, not a miss.
	clearing := func(is bool) {
		if l, err := s.current(); err == nil {
			l.inReader(func() { s.table.Clearing(c.CallID, is) })
		}
	}
	clearing(true)
	err := s.until(ctx, wire.Node("ClearConnection", wire.Connection("connectionToBeCleared", c)), c, csta.Ended)
	if err != nil {
		clearing(false)
	}
	return err
}

// perform sends a request and returns the change that shows its effect: a csta.Call, csta.Telephone or csta.Queue
// as it was published, or where no event tells of the service, the positive answer (a wire.Message). All services
// go through it. effect is run by the reader; limit is for the time after the answer.
func perform[T any](ctx context.Context, s *Session, limit time.Duration, body wire.Element, effect func(changed T) bool) (changed T, _ error) {
	l, err := s.current()
	if err != nil {
		return changed, err
	}
	w := s.watch(func(x any) bool { now, ok := x.(T); return ok && effect(now) }) // first: events may overtake the answer
	defer s.unwatch(w)
	answered := func(m wire.Message) {
		if m.Failure(body.Name) == nil {
			s.offer(w, m)
			s.offerKnown(w) // what is so already has no event
		} else {
			s.unwatch(w) // what comes after it is somebody else's doing
		}
	}
	_, err = l.request(ctx, request{body: body, limit: answerLimit, inStream: answered, effect: w.seen})
	select {
	case <-w.seen: // whatever the answer was, it is done
		return w.changed.(T), nil
	default:
	}
	if err != nil {
		l.noteRefusal(refusalIn(err))
		return changed, err
	}
	limited, cancel := context.WithTimeoutCause(ctx, limit, &csta.RequestError{Service: body.Name, Err: csta.ErrNoEffect})
	defer cancel()
	for {
		select {
		case <-w.seen:
			return w.changed.(T), nil
		case <-limited.Done():
			return changed, context.Cause(limited)
		case <-l.done:
			lost := fmt.Errorf("%w: %w", csta.ErrOffline, l.err)
			if l, err = s.current(); err != nil || !errors.Is(lost, errRetired) {
				return changed, lost
			}
		}
	}
}

// positive is the effect of a service of which no event tells.
func positive(wire.Message) bool { return true }

// watch waits for a change that shows the effect of a service.
type watch struct {
	match   func(changed any) bool // run by the reader
	seen    chan struct{}          // closed when changed is set
	changed any
}

func (s *Session) watch(match func(any) bool) *watch {
	w := &watch{match: match, seen: make(chan struct{})}
	s.mu.Lock()
	s.watches[w] = true
	s.mu.Unlock()
	return w
}

func (s *Session) unwatch(w *watch) {
	s.mu.Lock()
	delete(s.watches, w)
	s.mu.Unlock()
}

// settle offers a change to all who wait for one, in the reader, which so runs their conditions.
func (s *Session) settle(changed any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := range s.watches {
		s.offerLocked(w, changed)
	}
}

// offer offers a change to one of them, in the reader.
func (s *Session) offer(w *watch, changed any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offerLocked(w, changed)
}

func (s *Session) offerLocked(w *watch, changed any) {
	if s.watches[w] && w.match(changed) {
		w.changed = changed
		close(w.seen)
		delete(s.watches, w)
	}
}

// offerKnown offers how things are, in the reader.
func (s *Session) offerKnown(w *watch) {
	for _, c := range s.table.Calls() {
		s.offer(w, c)
	}
	s.offer(w, s.state.Telephone)
	for _, q := range s.office.EveryQueue() {
		s.offer(w, q)
	}
}

// noteRefusal remembers a service that the PBX says it does not have; not where that may have
// been said of another.
func (l *link) noteRefusal(e *csta.ServiceError) {
	if e == nil || e.Uncorrelated || !notSupported(e) {
		return
	}
	s := l.s
	l.inReader(func() {
		if _, known := s.state.Refused[e.Service]; known {
			return
		}
		refused := map[string]string{e.Service: e.Value}
		for service, why := range s.state.Refused {
			refused[service] = why
		}
		s.state.Refused = refused
		s.publish()
	})
}

// notSupported reports whether a refusal says that the PBX does not have the service: the standard's value, or
// ASP.NET Core's words for a method that a hub does not have.
func notSupported(e *csta.ServiceError) bool {
	return slices.ContainsFunc([]string{"serviceNotSupported", "Method does not exist", "Unknown hub method"}, func(words string) bool { return strings.Contains(e.Value, words) })
}
