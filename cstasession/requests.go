package cstasession

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

// pending is a request waiting for its answer.
type pending struct {
	id      string
	service string
	// inStream is run by the reader with the answer, in its place among the events.
	inStream func(wire.Message)
	asked    time.Time
	answer   chan wire.Message // buffered
	guessed  bool              // the answer may belong to another request; set before it is sent
	late     bool              // it was answered after it had been abandoned
}

// take removes and returns the request that an answer belongs to. The vendor's requestID decides; without one,
// the rules are inferred: the oldest request whose answer has this name or, for an error, the oldest of all.
// nil means that no request is waiting for it.
func (l *link) take(m wire.Message) *pending {
	l.mu.Lock()
	defer l.mu.Unlock()
	match := func(fits func(*pending) bool) *pending {
		for i, p := range l.pending {
			if fits(p) {
				l.pending = append(l.pending[:i:i], l.pending[i+1:]...)
				return p
			}
		}
		return nil
	}
	if m.RequestID != "" {
		if p := match(func(p *pending) bool { return p.id == m.RequestID }); p != nil || strings.HasSuffix(m.RequestID, l.s.tag) {
			return p // nil: the answer to an abandoned request
		}
	}
	if p := match(func(p *pending) bool {
		return strings.EqualFold(m.Name, wire.AnswerName(p.service)) || strings.EqualFold(m.Name, p.service+"NegResponse")
	}); p != nil {
		return p
	}
	if m.Failure("") != nil {
		p := match(func(p *pending) bool { p.guessed = len(l.pending) > 1; return true })
		if p != nil && p.guessed && l.owed[p.service].IsZero() {
			l.owed[p.service] = p.asked
		}
		return p
	}
	return nil
}

// since is the earliest time at which the answer's content may have been requested: if a refusal was matched to
// a request by guess, the answer of that request may have come now and been matched to a later one.
func (l *link) since(m wire.Message, service string, asked time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	earlier, owed := l.owed[service]
	if m.RequestID != "" || !owed {
		return asked
	}
	delete(l.owed, service)
	if earlier.Before(asked) {
		return earlier
	}
	return asked
}

// forget abandons a request. Its answer may still come, and is then recognised.
func (l *link) forget(p *pending) {
	const most = 16
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.pending {
		if l.pending[i] == p {
			l.pending = append(l.pending[:i:i], l.pending[i+1:]...)
			l.givenUp = append(l.givenUp[max(0, len(l.givenUp)-most+1):], p)
			return
		}
	}
}

// takeLate finds the request that a late answer belongs to. Only the vendor's requestID identifies it.
func (l *link) takeLate(m wire.Message) *pending {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.givenUp {
		if m.RequestID == p.id && !p.late {
			p.late = true
			return p
		}
	}
	return nil
}

// late reports whether the last abandoned request for a service was answered after all.
func (l *link) late(service string) (late bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.givenUp {
		if p.service == service {
			late = p.late
		}
	}
	return late
}

// request is a request to the PBX.
type request struct {
	body     wire.Element
	limit    time.Duration      // for the answer
	inStream func(wire.Message) // may be nil; run by the reader with the answer, in its place among the events
	effect   <-chan struct{}    // may be nil; closed when waiting for the answer is no longer necessary
}

// errEffect is request's error if the effect came before the answer.
var errEffect = errors.New("the effect came before the answer")

// request sends a request and waits for its answer, but no longer than its limit, ctx, or the link's life. All
// requests go out here. A negative answer is a *ServiceError.
func (l *link) request(ctx context.Context, r request) (wire.Message, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, r.limit, &csta.RequestError{Service: r.body.Name, Err: csta.ErrNoAnswer})
	defer cancel()
	l.s.mu.Lock()
	l.s.counter++
	id := fmt.Sprintf("%d-%s", l.s.counter, l.s.tag)
	l.s.mu.Unlock()
	p := &pending{id: id, service: r.body.Name, inStream: r.inStream, asked: time.Now(), answer: make(chan wire.Message, 1)}
	l.mu.Lock()
	l.pending = append(l.pending, p)
	l.mu.Unlock()
	forget := func() { l.forget(p) }
	defer func() { forget() }()
	if err := l.t.Send(ctx, wire.Request{ID: id, Body: r.body}); err != nil {
		select {
		case m := <-p.answer: // the answer came, and sending was interrupted after it
			return l.judge(m, p)
		default:
		}
		if ctx.Err() != nil {
			return wire.Message{}, context.Cause(ctx)
		}
		return wire.Message{}, fmt.Errorf("%w: %w", csta.ErrOffline, err)
	}
	doubt := time.After(doubtAfter)
	for {
		select {
		case m := <-p.answer:
			return l.judge(m, p)
		case <-r.effect:
			// The answer may still come: without a requestID, it must not be matched to another request.
			forget = func() { time.AfterFunc(r.limit, func() { l.forget(p) }) }
			return wire.Message{}, errEffect
		case <-doubt:
			l.doubt()
		case <-ctx.Done():
			return wire.Message{}, context.Cause(ctx)
		case <-l.done:
			return wire.Message{}, fmt.Errorf("%w: %w", csta.ErrOffline, l.err)
		}
	}
}

// doubt demands a sign of life from the keeper if the peer has been silent since a request went out.
func (l *link) doubt() {
	if l.silence() < doubtAfter {
		return
	}
	select {
	case l.poke <- struct{}{}:
	default:
	}
}

func (l *link) judge(m wire.Message, p *pending) (wire.Message, error) {
	if f := m.Failure(p.service); f != nil {
		f.Uncorrelated = p.guessed
		f.Category, f.Value = l.s.secret.Clean(f.Category), l.s.secret.Clean(f.Value)
		if strings.EqualFold(f.Category, wire.HubError) && p.service != "StartApplicationSession" { // there, passing decides first
			f.Category, f.Value = wire.HubReason(f.Value)
		}
		return m, f
	}
	return m, nil
}

// refusalIn returns the PBX's negative answer if err is one, else nil.
func refusalIn(err error) *csta.ServiceError {
	var refusal *csta.ServiceError
	errors.As(err, &refusal)
	return refusal
}

// unlessRefused returns err unless it is a negative answer, which proves that the PBX is alive; then nil.
func unlessRefused(err error) error {
	if refusalIn(err) != nil {
		return nil
	}
	return err
}
