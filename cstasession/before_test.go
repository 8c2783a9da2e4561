package cstasession

import (
	"fmt"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/pbxsim"
)

// beforeUs is a call that 22334455 makes to us before we log in, or we to them.
func beforeUs(t *testing.T, pbx *pbxsim.PBX, ours bool) (call *pbxsim.Call, called string, direction csta.Direction) {
	t.Helper()
	caller, called, direction, name := "22334455", "200", csta.Incoming, "Ærø Bageri"
	if ours {
		caller, called, direction, name = called, caller, csta.Outgoing, "Astrid"
	}
	call, err := pbx.Call(caller, called, name)
	must(t, "Call", err)
	return call, called, direction
}

// only waits for a state whose only call is in that phase and goes that way.
func (c *client) only(p csta.Phase, d csta.Direction) csta.Call {
	c.t.Helper()
	return c.await(p.String()+", "+d.String(), func(st csta.State) bool {
		return len(st.Calls) == 1 && st.Calls[0].Phase == p && st.Calls[0].Direction == d
	}).Calls[0]
}

// TestCallFromBeforeTheLogin: a call that goes on at the login is not turned round, and our own name, which is the
// caller's if we called, is not the other party's. Who called is known from SnapshotCall, or from the first event that
// says so; until then neither is claimed.
func TestCallFromBeforeTheLogin(t *testing.T) {
	for _, shape := range []string{"vendor", "ecma"} {
		for _, without := range []string{"", "SnapshotCall"} {
			for _, ours := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s snapshots, without %q, ours %v", shape, without, ours), func(t *testing.T) {
					cfg := pbxsim.Config{Behaviour: pbxsim.Behaviour{Snapshot: shape, Unsupported: without}}
					overBoth(t, cfg, func(t *testing.T, pbx *pbxsim.PBX, url string) {
						call, called, direction := beforeUs(t, pbx, ours)
						must(t, "Answer", call.Answer(called))
						c := start(t, config(url))
						c.only(csta.Active, csta.UnknownDirection)
						if without == "" {
							c.only(csta.Active, direction)
						}
						must(t, "Hold", call.Hold("200"))
						c.only(csta.Held, direction)
						must(t, "Clear", call.Clear("22334455"))
						c.only(csta.Ended, direction)
						c.mu.Lock()
						defer c.mu.Unlock()
						for _, st := range c.states {
							for _, now := range st.Calls {
								if ours && now.Remote.Name != "" || now.Remote.Number != "22334455" || now.Direction != direction && now.Direction != csta.UnknownDirection ||
									now.Phase == csta.Ended && now.Outcome != csta.Answered {
									t.Errorf("told as %s with %+v, %s", now.Direction, now.Remote, now.Outcome)
								}
							}
						}
					})
				})
			}
		}
	}
}

// TestCallThatRingsAtTheLogin: it pops up, and only if it rings here.
func TestCallThatRingsAtTheLogin(t *testing.T) {
	for _, shape := range []string{"vendor", "ecma"} {
		for _, ours := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s snapshots, ours %v", shape, ours), func(t *testing.T) {
				overBoth(t, pbxsim.Config{Behaviour: pbxsim.Behaviour{Snapshot: shape}}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
					call, called, direction := beforeUs(t, pbx, ours)
					c := start(t, config(url))
					if now := c.await("online", online).Calls; len(now) != 1 || now[0].Alerts() == ours || now[0].Direction != direction || now[0].Remote.Number != "22334455" {
						t.Fatalf("the calls at the login are %+v", now)
					}
					must(t, "Clear", call.Clear("22334455"))
					if end := c.only(csta.Ended, direction); (end.Outcome == csta.Missed) == ours {
						t.Errorf("it ended as %s after it rang at %s", end.Outcome, called)
					}
				})
			})
		}
	}
}

// TestLateFirstSnapshot: the session does not wait for a slow answer to its first snapshot, and a call that it lists
// rings as soon as it comes.
func TestLateFirstSnapshot(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			slow := pbxsim.Config{Behaviour: pbxsim.Behaviour{Snapshot: "vendor", Unsupported: "SnapshotCall", AnswerDelay: snapshotLimit + 2*time.Second, Delayed: "SnapShotDevice"}}
			inFakeTime(t, kind, slow, nil, func(b *bubble) {
				time.Sleep(20 * time.Second)
				b.call("22334455", "200")
				time.Sleep(time.Second)
				b.pbx.Drop()
				time.Sleep(12 * time.Second)
				if st := b.c.now(); !online(st) || len(st.Calls) != 1 || !st.Calls[0].Alerts() {
					b.t.Errorf("%v, %+v: want it to ring", st.Status, st.Calls)
				}
			})
		})
	}
}
