package command

import (
	"context"
	"slices"
	"sync"

	"calltray/cstasession/csta"
)

// The bounds of an eventQueue.
const (
	maxWaiting = 5000 // waiting events, and calls in them, beyond which outdated ones are dropped
	maxEnded   = 1000 // ended calls kept from the dropped events
)

// eventQueue carries events from a session, which must not be delayed, to a reader that may be slow or stopped
// (a pager, a pipe): a State, a Colleague or a Queue, in order. If too many wait, only the newest of each is
// kept: the state, each colleague, each queue. Ended calls are kept, since they are reported only once.
type eventQueue struct {
	mu     sync.Mutex
	events []any
	weight int           // of the events
	bound  int           // of the weight
	err    error         // why there will be no more
	more   chan struct{} // holds one token if there may be events
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
			q.bound = max(maxWaiting, 2*q.weight) // otherwise each further event would filter them all again
		}
	})
}

// weight is roughly how much memory an event uses: a state contains every call.
func weight(event any) int {
	if st, ok := event.(csta.State); ok {
		return 1 + len(st.Calls)
	}
	return 1
}

// end makes next return err after all events have been read.
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

// next waits for the next event and returns it. Only one goroutine may call it.
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

// newest returns the newest event about each subject, in order. The newest state receives the calls that ended
// in the others.
func newest(events []any) []any {
	type about struct {
		kind   string
		device csta.DeviceID
	}
	seen := map[about]bool{}
	var kept []any
	var ended []csta.Call
	at := -1 // index of the newest state in kept
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
