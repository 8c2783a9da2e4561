package main

import (
	"context"
	"math/rand/v2"
	"time"

	"calltray/cstasession/csta"
)

// work makes calls at a client, one after the other and some concurrently, until ctx ends.
func (s *client) work(ctx context.Context, pace time.Duration, begun func() bool) {
	tick := time.NewTicker(pace)
	defer tick.Stop()
	places := make(chan struct{}, 4)
	for {
		select {
		case <-ctx.Done():
			for range cap(places) { // the calls that go on
				places <- struct{}{}
			}
			return
		case <-tick.C:
		}
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			continue
		}
		if !begun() {
			<-places
			continue
		}
		go func() { defer func() { <-places }(); s.call(ctx) }()
	}
}

// act does one thing at the PBX, except during a comparison.
func (s *client) act(do func() error) error {
	s.pause.RLock()
	defer s.pause.RUnlock()
	return do()
}

func (s *client) callsNow() []csta.Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.Calls
}

// call makes one call, from its beginning to its end.
func (s *client) call(ctx context.Context) {
	think := func() { time.Sleep(time.Duration(20+rand.IntN(200)) * time.Millisecond) }
	number := []string{"22334455", "33445566", "44556677"}[rand.IntN(3)]
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	if rand.IntN(4) == 0 { // the user calls
		id, err := s.session.MakeCall(limited, number)
		if err != nil {
			return // offline, or lost in transit: the outside party gives up after a while
		}
		think()
		_ = s.act(func() error { return s.session.ClearConnection(limited, id) })
		return
	}
	to := s.device
	if rand.IntN(5) == 0 {
		to = "400"
	}
	c, err := s.pbx.Call(number, to, "Ærø & Søn")
	if err != nil {
		return
	}
	think()
	switch rand.IntN(6) {
	case 0: // the caller gives up
	case 1: // the user answers, on the screen
		for _, known := range s.callsNow() {
			if known.Linkage == c.Linkage() && known.Phase == csta.Ringing {
				_ = s.session.AnswerCall(limited, known.ID)
			}
		}
	case 2: // the user refuses
		for _, known := range s.callsNow() {
			if known.Linkage == c.Linkage() {
				_ = s.session.ClearConnection(limited, known.ID)
			}
		}
	case 3: // a conversation with a hold
		_ = s.act(func() error { return c.Answer(s.device) })
		think()
		_ = s.act(func() error { return c.Hold(s.device) })
		think()
		_ = s.act(func() error { return c.Retrieve(s.device) })
	case 4: // sent to a colleague
		_ = s.act(func() error { return c.Deflect(s.device, "203") })
	case 5: // answered, then transferred
		_ = s.act(func() error { return c.Answer(s.device) })
		think()
		_ = s.act(func() error { return c.Transfer(s.device, "202") })
	}
	think()
	_ = s.act(func() error { return c.Clear(number) }) // or it has ended already
}
