package cstasession

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

// current returns the link that services use; nothing is queued for a later one.
func (s *Session) current() (*link, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.link == nil {
		return nil, csta.ErrOffline
	}
	return s.link, nil
}

// perform sends a request and returns the change that shows its effect: a csta.Call, csta.Telephone or
// csta.Queue as it was published, or, if no event reports the service, the positive answer (a wire.Message).
// All services go through it. effect is run by the reader; limit is the time allowed after the answer.
func perform[T any](ctx context.Context, s *Session, limit time.Duration, body wire.Element, effect func(changed T) bool) (changed T, _ error) {
	l, err := s.current()
	if err != nil {
		return changed, err
	}
	w := s.watch(func(x any) bool { now, ok := x.(T); return ok && effect(now) }) // before sending: events may overtake the answer
	defer s.unwatch(w)
	answered := func(m wire.Message) {
		if m.Failure(body.Name) == nil {
			s.offer(w, m)
			s.offerKnown(w) // what is already in effect causes no event
		} else {
			s.unwatch(w) // later changes are somebody else's doing
		}
	}
	_, err = l.request(ctx, request{body: body, limit: answerLimit, inStream: answered, effect: w.seen})
	select {
	case <-w.seen: // whatever the answer was, the effect is there
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

// positive is the effect of a service that no event reports.
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

// settle offers a change to all watches, in the reader, which therefore runs their conditions.
func (s *Session) settle(changed any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := range s.watches {
		s.offerLocked(w, changed)
	}
}

// offer offers a change to one watch, in the reader.
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

// offerKnown offers the present state to a watch, in the reader.
func (s *Session) offerKnown(w *watch) {
	for _, c := range s.table.Calls() {
		s.offer(w, c)
	}
	s.offer(w, s.state.Telephone)
	for _, q := range s.office.EveryQueue() {
		s.offer(w, q)
	}
}

// noteRefusal records a service that the PBX says it does not have, unless that may have been said about
// another.
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
// ASP.NET Core's message for a method that a hub does not have.
func notSupported(e *csta.ServiceError) bool {
	return slices.ContainsFunc([]string{"serviceNotSupported", "Method does not exist", "Unknown hub method"}, func(words string) bool { return strings.Contains(e.Value, words) })
}
