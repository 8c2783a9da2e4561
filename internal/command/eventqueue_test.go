package command

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"calltray/cstasession/csta"
)

// A reader that stopped costs a bounded number of events: the newest of each kind, and every call that ended.
func TestEventQueueIsBounded(t *testing.T) {
	q := newEventQueue()
	const colleagues, rounds = 300, 200
	for round := range rounds {
		q.put(csta.State{Status: csta.Online, Calls: []csta.Call{{Linkage: fmt.Sprint(round), Phase: csta.Ended}, {Linkage: "live", Phase: csta.Active}}})
		for i := range colleagues {
			q.put(csta.Colleague{Device: csta.DeviceID(fmt.Sprint(i)), Name: fmt.Sprint(round)})
		}
		if n := len(q.events); n > maxWaiting {
			t.Fatalf("%d events wait after %d rounds", n, round)
		}
	}
	q.end(context.Canceled)
	ended, names := map[string]bool{}, map[csta.DeviceID]string{}
	for {
		event, err := q.next(t.Context())
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			break
		}
		switch event := event.(type) {
		case csta.State:
			for _, c := range event.Calls {
				if c.Phase == csta.Ended && ended[c.Linkage] {
					t.Errorf("call %s ended twice", c.Linkage)
				}
				ended[c.Linkage] = ended[c.Linkage] || c.Phase == csta.Ended
			}
		case csta.Colleague:
			names[event.Device] = event.Name
		}
	}
	if len(ended) != rounds+1 || ended["live"] {
		t.Errorf("%d calls, want %d", len(ended), rounds+1)
	}
	for i := range colleagues {
		if got, want := names[csta.DeviceID(fmt.Sprint(i))], fmt.Sprint(rounds-1); got != want {
			t.Fatalf("colleague %d is as in round %s, want %s", i, got, want)
		}
	}
}

// As long as the reader keeps up it gets every event, in order.
func TestEventQueueKeepsOrder(t *testing.T) {
	q := newEventQueue()
	for i := range 10 * maxWaiting {
		q.put(csta.Colleague{Device: "201", Name: fmt.Sprint(i)})
		event, err := q.next(t.Context())
		if c, ok := event.(csta.Colleague); !ok || c.Name != fmt.Sprint(i) || err != nil {
			t.Fatalf("%d: %v, %v", i, event, err)
		}
	}
}

// A state of many calls counts for what it holds: a few of them wait, not a thousand.
func TestEventQueueCountsCalls(t *testing.T) {
	q := newEventQueue()
	calls := make([]csta.Call, maxWaiting/3)
	for range 1000 {
		q.put(csta.State{Status: csta.Online, Calls: calls})
		if n := len(q.events); n > 3 {
			t.Fatalf("%d states of %d calls wait", n, len(calls))
		}
	}
}
