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
	c, err := s.perform(ctx, callLimit, wire.Node("MakeCall",
		wire.Leaf("callingDevice", s.cfg.Device.Number()),
		wire.Leaf("calledDirectoryNumber", number),
		wire.Leaf("autoOriginate", "doNotPrompt"),
	), func(x any) bool {
		c, ok := x.(csta.Call)
		// The PBX may show another number than was dialled, as for a short code, and say that it is of our request.
		return ok && c.Direction == csta.Outgoing && !c.Began.Before(asked) && (csta.SameNumber(c.Remote.Number, number) || c.ID.CallID == s.made)
	})
	if err != nil {
		return csta.ConnectionID{}, err
	}
	return c.(csta.Call).ID, nil
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

// perform sends a request and waits for the change that shows its effect: a Call, a Phone or a Queue.
func (s *Session) perform(ctx context.Context, limit time.Duration, body wire.Element, effect func(changed any) bool) (any, error) {
	l, err := s.current()
	if err != nil {
		return nil, err
	}
	w := s.watch(effect) // first: events may overtake the answer
	defer s.unwatch(w)
	answered := func(m wire.Message) {
		if m.Failure(body.Name) == nil {
			s.settleKnown() // what is so already has no event
		} else {
			s.unwatch(w) // what comes after it is somebody else's doing
		}
	}
	_, c, err := l.requestOr(ctx, answerLimit, body, answered, w.seen)
	if c != nil {
		return c, nil
	}
	if err != nil {
		select {
		case c := <-w.seen: // no answer, or a late refusal, but done
			return c, nil
		default:
		}
		var refusal *csta.ServiceError
		if errors.As(err, &refusal) {
			l.noteRefusal(refusal)
		}
		return nil, err
	}
	limited, cancel := context.WithTimeoutCause(ctx, limit, &csta.RequestError{Service: body.Name, Err: csta.ErrNoEffect})
	defer cancel()
	for {
		select {
		case c := <-w.seen:
			return c, nil
		case <-limited.Done():
			return nil, context.Cause(limited)
		case <-l.done:
			lost := fmt.Errorf("%w: %w", csta.ErrOffline, l.err)
			if l, err = s.current(); err != nil || !errors.Is(lost, errRetired) {
				return nil, lost
			}
		}
	}
}

// settleKnown tells the services that wait for an effect how things are, in the reader.
func (s *Session) settleKnown() {
	for _, c := range s.table.Calls() {
		s.settle(c)
	}
	s.settle(s.state.Telephone)
	for _, q := range s.office.EveryQueue() {
		s.settle(q)
	}
}

// request sends a request whose answer is all that comes of it.
func (s *Session) request(ctx context.Context, body wire.Element) (wire.Message, error) {
	l, err := s.current()
	if err != nil {
		return wire.Message{}, err
	}
	m, err := l.request(ctx, answerLimit, body, nil)
	var refusal *csta.ServiceError
	if errors.As(err, &refusal) {
		l.noteRefusal(refusal)
	}
	return m, err
}

// noteRefusal remembers a service that the PBX says it does not have; not where that may have
// been said of another.
func (l *link) noteRefusal(e *csta.ServiceError) {
	if e.Uncorrelated {
		return
	}
	if !notSupported(e) {
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
