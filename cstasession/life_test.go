package cstasession

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/transport"
	"calltray/pbxsim"
)

// inBubble runs a test in fake time, against a PBX over an in-memory pipe. dials counts the links
// that were made.
func inBubble(t *testing.T, cfg pbxsim.Config, test func(t *testing.T, pbx *pbxsim.PBX, c *client, dials *atomic.Int32)) {
	synctest.Test(t, func(t *testing.T) {
		pbx := pbxsim.New(cfg)
		c := &client{t: t, news: make(chan struct{}, 1)}
		conf := config("tcp://pbx:7000")
		conf.Backoff = func(int) time.Duration { return 100 * time.Millisecond }
		conf.OnChange = func(st csta.State) {
			c.mu.Lock()
			c.states = append(c.states, st)
			c.mu.Unlock()
		}
		s, err := New(conf)
		if err != nil {
			t.Fatal(err)
		}
		var dials atomic.Int32
		s.dial = func(_ context.Context, opts *transport.Options) (transport.Conn, error) {
			dials.Add(1)
			ours, theirs := net.Pipe()
			go pbx.ServeTCP(theirs)
			return overConn(ours, opts)
		}
		c.Session = s
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { s.Run(ctx); close(ended) }()
		synctest.Wait()
		test(t, pbx, c, &dials)
		stop()
		<-ended
		pbx.Close()
	})
}

// now is the last state.
func (c *client) now() csta.State {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.states[len(c.states)-1]
}

// gaps counts the times that the session was not online after it first was.
func (c *client) gaps() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was := false
	for _, st := range c.states {
		if was && st.Status == csta.Offline {
			n++
		}
		was = was || st.Status == csta.Online
	}
	return n
}

func TestRenewedSessionLivesForHours(t *testing.T) {
	inBubble(t, pbxsim.Config{Behaviour: pbxsim.Behaviour{Timer: "terminate", Reset: "supported"}}, func(t *testing.T, pbx *pbxsim.PBX, c *client, dials *atomic.Int32) {
		time.Sleep(4 * time.Hour) // of sessions of two minutes
		if st := c.now(); st.Status != csta.Online || dials.Load() != 1 {
			t.Errorf("after four hours: %v, %d links, want online over the first", st.Status, dials.Load())
		}
	})
}

// Where the timer cannot be reset, the first end of a session is a surprise; from then on a successor
// takes over before it, and no call is lost, doubled, or rung again.
func TestSuccessorTakesOverWithoutAGap(t *testing.T) {
	for _, timer := range []string{"terminate", "close"} {
		for _, reset := range []string{"error", "silence"} {
			t.Run(timer+"/"+reset, func(t *testing.T) {
				inBubble(t, pbxsim.Config{Behaviour: pbxsim.Behaviour{Timer: timer, Reset: reset}}, func(t *testing.T, pbx *pbxsim.PBX, c *client, dials *atomic.Int32) {
					time.Sleep(5 * time.Minute)
					c.now()
					first := c.gaps()
					if first != 1 {
						t.Errorf("gaps in the first five minutes: got %d, want the one that taught it", first)
					}
					call, err := pbx.Call("22334455", "200", "Ærø Bageri")
					if err != nil {
						t.Fatal(err)
					}
					synctest.Wait()
					call.Answer("200")
					before := c.now().Calls
					time.Sleep(time.Hour)
					st := c.now()
					if st.Status != csta.Online || c.gaps() != first {
						t.Errorf("after an hour: %v, %d new gaps, want none", st.Status, c.gaps()-first)
					}
					if len(st.Calls) != 1 || len(before) != 1 || st.Calls[0] != before[0] {
						t.Errorf("calls: got %+v, want %+v unchanged", st.Calls, before)
					}
					if n := dials.Load(); n < 30 || n > 45 {
						t.Errorf("links in 65 minutes of 120 s sessions: got %d", n)
					}
				})
			})
		}
	}
}

func TestBlackHoleIsNoticed(t *testing.T) {
	t.Run("while nothing is pending", func(t *testing.T) {
		inBubble(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, c *client, _ *atomic.Int32) {
			time.Sleep(3 * time.Second)
			silence(pbx, true)
			cut := time.Now()
			for c.now().Status == csta.Online {
				time.Sleep(100 * time.Millisecond)
			}
			if took := time.Since(cut); took > 20*time.Second {
				t.Errorf("noticed after %v, want 20 s at most", took)
			}
			silence(pbx, false)
			time.Sleep(time.Minute)
			if st := c.now(); st.Status != csta.Online {
				t.Errorf("a minute later: %v (%v)", st.Status, st.Err)
			}
		})
	})
	t.Run("while a request is pending", func(t *testing.T) {
		inBubble(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, c *client, _ *atomic.Int32) {
			silence(pbx, true)
			cut := time.Now()
			_, err := c.MakeCall(t.Context(), "22334455")
			if took := time.Since(cut); !errors.Is(err, csta.ErrOffline) && !errors.Is(err, csta.ErrNoAnswer) || took > 10*time.Second {
				t.Errorf("MakeCall: got %v after %v", err, took)
			}
			if c.now().Status == csta.Online {
				t.Error("still online")
			}
		})
	})
}

func silence(pbx *pbxsim.PBX, on bool) {
	pbx.Set(func(b *pbxsim.Behaviour) { b.Silence = on })
}

// A server that answers everything but one service is not cut off.
func TestUnansweredServiceIsNoCut(t *testing.T) {
	inBubble(t, pbxsim.Config{Behaviour: pbxsim.Behaviour{DropAnswers: "AnswerCall", DropEvents: "Established"}}, func(t *testing.T, pbx *pbxsim.PBX, c *client, dials *atomic.Int32) {
		pbx.Call("22334455", "200", "")
		ringing := c.now().Calls[0]
		if err := c.AnswerCall(t.Context(), ringing.ID); !errors.Is(err, csta.ErrNoAnswer) {
			t.Errorf("AnswerCall: got %v, want %v", err, csta.ErrNoAnswer)
		}
		if c.now().Status != csta.Online || dials.Load() != 1 {
			t.Errorf("%v after %d links, want the first one still online", c.now().Status, dials.Load())
		}
	})
}

func TestForgottenMonitorIsStartedAgain(t *testing.T) {
	inBubble(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, c *client, dials *atomic.Int32) {
		time.Sleep(10 * time.Second)
		pbx.Forget()
		time.Sleep(monitorEvery + time.Second)
		pbx.Call("22334455", "200", "")
		if st := c.now(); len(st.Calls) != 1 || dials.Load() != 1 {
			t.Errorf("calls: got %+v over %d links, want the new one over the first", st.Calls, dials.Load())
		}
	})
}

// With full snapshots, a call that came while the monitor was lost is found as well.
func TestSnapshotFindsACallThatNoEventTold(t *testing.T) {
	for _, shape := range []string{"vendor", "ecma"} {
		t.Run(shape, func(t *testing.T) {
			inBubble(t, pbxsim.Config{Behaviour: pbxsim.Behaviour{Snapshot: shape}}, func(t *testing.T, pbx *pbxsim.PBX, c *client, _ *atomic.Int32) {
				pbx.Forget()
				pbx.Call("22334455", "200", "")
				time.Sleep(quietLimit + time.Second)
				st := c.now()
				if len(st.Calls) != 1 || st.Calls[0].Phase != csta.Ringing {
					t.Errorf("calls: got %+v, want one that rings", st.Calls)
				}
			})
		})
	}
}

func TestReturnAfterAGap(t *testing.T) {
	for _, test := range []struct {
		name        string
		snapshot    string
		unsupported string
		during      func(call *pbxsim.Call)
		want        func(before csta.Call, st csta.State) bool
	}{
		{"it lives on, told by a snapshot", "vendor", "SnapshotCall", func(*pbxsim.Call) {}, func(before csta.Call, st csta.State) bool {
			return len(st.Calls) == 1 && st.Calls[0] == before
		}},
		{"it ended, told by a snapshot", "vendor", "SnapshotCall", func(call *pbxsim.Call) { call.Clear("22334455") }, func(_ csta.Call, st csta.State) bool {
			return len(st.Calls) == 0
		}},
		{"it lives on, told by a snapshot of the call", "empty", "", func(*pbxsim.Call) {}, func(before csta.Call, st csta.State) bool {
			return len(st.Calls) == 1 && st.Calls[0] == before
		}},
		{"it was held, told by a snapshot of the call", "empty", "", func(call *pbxsim.Call) { call.Hold("200") }, func(before csta.Call, st csta.State) bool {
			return len(st.Calls) == 1 && st.Calls[0].ID == before.ID && st.Calls[0].Phase == csta.Held && !st.Calls[0].Uncertain
		}},
		{"it ended, told by a snapshot of the call", "empty", "", func(call *pbxsim.Call) { call.Clear("22334455") }, func(_ csta.Call, st csta.State) bool {
			return len(st.Calls) == 0
		}},
		{"nothing tells", "empty", "SnapshotCall", func(*pbxsim.Call) {}, func(before csta.Call, st csta.State) bool {
			before.Uncertain = true
			return len(st.Calls) == 1 && st.Calls[0] == before
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, pbxsim.Config{Behaviour: pbxsim.Behaviour{Snapshot: test.snapshot, Unsupported: test.unsupported}}, func(t *testing.T, pbx *pbxsim.PBX, c *client, dials *atomic.Int32) {
				call, err := pbx.Call("22334455", "200", "Ærø Bageri")
				if err != nil {
					t.Fatal(err)
				}
				call.Answer("200")
				time.Sleep(quietLimit + time.Second) // a snapshot that lists a conversation is seen: from now on one without counts
				before := c.now().Calls[0]
				pbx.Drop()
				test.during(call)
				time.Sleep(5 * time.Second)
				if st := c.now(); st.Status != csta.Online || dials.Load() != 2 || !test.want(before, st) {
					t.Errorf("got %s over link %d", story([]csta.State{st}), dials.Load())
				}
			})
		})
	}
}

func TestUncertainCallIsSettled(t *testing.T) {
	inBubble(t, pbxsim.Config{Behaviour: pbxsim.Behaviour{Unsupported: "SnapshotCall"}}, func(t *testing.T, pbx *pbxsim.PBX, c *client, _ *atomic.Int32) {
		talking, _ := pbx.Call("22334455", "200", "")
		talking.Answer("200")
		c.now()
		pbx.Drop()
		time.Sleep(time.Second)
		if st := c.now(); len(st.Calls) != 1 || !st.Calls[0].Uncertain {
			t.Fatalf("after the gap: %s", story([]csta.State{st}))
		}
		talking.Hold("200")
		if st := c.now(); st.Calls[0].Uncertain || st.Calls[0].Phase != csta.Held {
			t.Errorf("after an event: %s", story([]csta.State{st}))
		}
		pbx.Drop()
		time.Sleep(time.Hour)
		if st := c.now(); len(st.Calls) != 1 || !st.Calls[0].Uncertain {
			t.Errorf("a call that nothing contradicts: %s", story([]csta.State{st}))
		}
		talking.Retrieve("200")
		if st := c.now(); st.Calls[0].Uncertain || st.Calls[0].Phase != csta.Active {
			t.Errorf("after an event: %s", story([]csta.State{st}))
		}
		pbx.Drop()
		c.now()
		talking.Clear("22334455")
		time.Sleep(time.Second)
		ringing, _ := pbx.Call("33445566", "200", "")
		c.now()
		ringing.Answer("200")
		time.Sleep(time.Minute)
		if st := c.now(); len(st.Calls) != 1 || st.Calls[0].Remote.Number != "33445566" {
			t.Errorf("a call that another one contradicts: %s", story([]csta.State{st}))
		}
		ended := 0
		for _, st := range c.states {
			for _, call := range st.Calls {
				if call.Outcome == csta.EndedOffline {
					ended++
				}
			}
		}
		if ended != 1 {
			t.Errorf("states with the ended call: got %d, want 1", ended)
		}
	})
}

// TestEndedInOneState: a call that ended while the link was down is published once, like any other.
func TestEndedInOneState(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			inFakeTime(t, kind, pbxsim.Config{Behaviour: pbxsim.Behaviour{Snapshot: "vendor"}}, nil, func(b *bubble) {
				call := b.call("22334455", "200")
				must(b.t, "Answer", call.Answer("200"))
				time.Sleep(2 * quietLimit) // it is seen in a snapshot
				b.pbx.Drop()
				synctest.Wait()
				must(b.t, "Clear", call.Clear("22334455"))
				time.Sleep(returnBound)
				b.c.now()
				b.c.mu.Lock()
				defer b.c.mu.Unlock()
				told := 0
				for _, st := range b.c.states {
					for _, c := range st.Calls {
						if c.Phase == csta.Ended {
							told++
						}
					}
				}
				if told != 1 {
					b.t.Errorf("the call's end was told %d times", told)
				}
			})
		})
	}
}
