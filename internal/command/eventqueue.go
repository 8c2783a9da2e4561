package command

import (
	"context"
	"slices"
	"sync"

	"calltray/cstasession/csta"
)

// The bounds of an eventQueue.
const (
	maxWaiting = 5000 // events, and calls in them, that wait before those that were overtaken are dropped
	maxEnded   = 1000 // calls that ended in the events that are dropped
)

// eventQueue carries events from a session, which must not be kept waiting, to a reader that may be slow or
// stopped (a pager, a pipe): a State, a Colleague or a Queue, in order. When too many wait, only the newest of
// each is kept: the state, each colleague, each queue. A call that ended stays, since that is told once.
type eventQueue struct {
	mu     sync.Mutex
	events []any
	weight int           // of the events
	bound  int           // of the weight
	err    error         // why no more will come
	more   chan struct{} // holds one token when there may be events
}

func newEventQueue() *eventQueue {
	return &eventQueue{more: make(chan struct{}, 1), bound: maxWaiting}
}

func (q *eventQueue) put(event any) {
	q.change(func() {
		q.events = append(q.events, event)
		if q.weight += weight(event); q.weight > q.bound {
			q.events, q.weight = newest(q.events), 0
			for _, event := range q.events {
				q.weight += weight(event)
			}
			q.bound = max(maxWaiting, 2*q.weight) // or each further one would sift them all
		}
	})
}

// weight is about how much memory an event takes: a state holds every call.
func weight(event any) int {
	if st, ok := event.(csta.State); ok {
		return 1 + len(st.Calls)
	}
	return 1
}

// end has next return err when all events are read.
func (q *eventQueue) end(err error) { q.change(func() { q.err = err }) }

func (q *eventQueue) change(how func()) {
	q.mu.Lock()
	how()
	q.mu.Unlock()
	select {
	case q.more <- struct{}{}:
	default:
	}
}

// next returns the next event, as soon as there is one. One goroutine may call it.
func (q *eventQueue) next(ctx context.Context) (any, error) {
	for {
		q.mu.Lock()
		if len(q.events) > 0 {
			event := q.events[0]
			q.events[0] = nil
			q.events = q.events[1:]
			q.weight -= weight(event)
			q.mu.Unlock()
			return event, nil
		}
		err := q.err
		q.mu.Unlock()
		if err != nil {
			return nil, err
		}
		select {
		case <-q.more:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// newest returns the newest event about each thing, in order. The newest state gets the calls that ended in the
// others.
func newest(events []any) []any {
	type about struct {
		kind   string
		device csta.DeviceID
	}
	seen := map[about]bool{}
	var kept []any
	var ended []csta.Call
	at := -1 // of the newest state in kept
	for _, event := range slices.Backward(events) {
		var key about
		switch event := event.(type) {
		case csta.State:
			if at >= 0 {
				ended = append(endedCalls(event.Calls), ended...)
				continue
			}
			at = len(kept)
		case csta.Colleague:
			key = about{"colleague", event.Device}
		case csta.Queue:
			key = about{"queue", event.Device}
		}
		if !seen[key] {
			seen[key] = true
			kept = append(kept, event)
		}
	}
	if at >= 0 && len(ended) > 0 {
		st := kept[at].(csta.State)
		st.Calls = append(ended[max(0, len(ended)-maxEnded):], st.Calls...)
		kept[at] = st
	}
	slices.Reverse(kept)
	return kept
}

func endedCalls(calls []csta.Call) (ended []csta.Call) {
	for _, c := range calls {
		if c.Phase == csta.Ended {
			ended = append(ended, c)
		}
	}
	return ended
}
