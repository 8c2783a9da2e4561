package cstasession

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/transport"
	"calltray/pbxsim"
)

// ghost has the PBX tell of a call that it does not have: one whose end was lost.
func ghost(b *bubble, answered bool) {
	ev := func(name, connection, subject, info, status string) string {
		return fmt.Sprintf(`<%sEvent><monitorCrossRefID>u-12345678-200</monitorCrossRefID><%s><callID>SIP/ghost</callID><deviceID>200</deviceID></%s><%s><deviceIdentifier>200</deviceIdentifier></%s>`+
			`<callingDevice><deviceIdentifier>22334455</deviceIdentifier></callingDevice><calledDevice><deviceIdentifier>200</deviceIdentifier></calledDevice><localConnectionInfo>%s</localConnectionInfo><cause>newCall</cause>`+
			`<callLinkageData><globalCallData><globalCallLinkageId>ghost</globalCallLinkageId></globalCallData></callLinkageData><privateData><callDirection>Inbound</callDirection><localStatus>%s</localStatus><remoteUser>22334455</remoteUser></privateData></%sEvent>`,
			name, connection, connection, subject, subject, info, status, name)
	}
	b.pbx.Inject([]byte(ev("Delivered", "connection", "alertingDevice", "alerting", "Alerting") + "\x00"))
	if answered {
		b.pbx.Inject([]byte(ev("Established", "establishedConnection", "answeringDevice", "connected", "Active") + "\x00"))
	}
}

// busily lets time pass while a colleague's telephone has an event every second.
func busily(b *bubble, seconds int) {
	for i := range seconds {
		b.pbx.Inject([]byte(fmt.Sprintf("<DoNotDisturbEvent><device><deviceIdentifier>201</deviceIdentifier></device><doNotDisturbOn>%v</doNotDisturbOn></DoNotDisturbEvent>\x00", i%2 == 0)))
		time.Sleep(time.Second)
	}
}

// TestGhosts: a call whose end was lost goes within half a minute where snapshots are honest, whatever else
// arrives. Where nothing tells, it is marked as not confirmed after three minutes, and no popup claims it.
func TestGhosts(t *testing.T) {
	for _, test := range []struct {
		snapshot, unsupported string
		answered              bool
		gone                  int // after so many seconds; 0 for never
		marked                int
	}{
		{"vendor", "SnapshotCall", false, 30, 0},
		{"vendor", "SnapshotCall", true, 30, 0},
		{"empty", "", false, 30, 0}, // SnapshotCall tells
		{"empty", "", true, 30, 0},
		{"empty", "SnapshotCall", false, 10*60 + 10, 3*60 + 10},
		{"empty", "SnapshotCall", true, 0, 0},
	} {
		for _, busy := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s snapshots, without %q, answered %v, busy %v", test.snapshot, test.unsupported, test.answered, busy), func(t *testing.T) {
				cfg := pbxsim.Config{Behaviour: pbxsim.Behaviour{Snapshot: test.snapshot, Unsupported: test.unsupported}}
				inFakeTime(t, "tcp", cfg, func(c *Config) { c.OnColleague = func(csta.Colleague) {} }, func(b *bubble) {
					if test.snapshot == "vendor" {
						ringing := b.call("33445566", "200")
						time.Sleep(25 * time.Second)
						must(b.t, "Answer", ringing.Answer("200"))
						time.Sleep(25 * time.Second)
						must(b.t, "Clear", ringing.Clear("33445566"))
					}
					pass := func(seconds int) {
						if busy {
							busily(b, seconds)
						} else {
							time.Sleep(time.Duration(seconds) * time.Second)
						}
					}
					ghost(b, test.answered)
					passed := 0
					until := func(seconds int) []csta.Call { pass(seconds - passed); passed = seconds; return b.c.now().Calls }
					if list := until(1); len(list) != 1 || list[0].Uncertain {
						b.t.Errorf("at first: %+v", list)
						return
					}
					if test.marked > 0 {
						if list := until(test.marked); len(list) != 1 || !list[0].Uncertain {
							b.t.Errorf("after %d s: %+v, want it marked as not confirmed", test.marked, list)
						}
					}
					if test.gone > 0 {
						if list := until(test.gone); len(list) != 0 {
							b.t.Errorf("after %d s: %+v, want it gone", test.gone, list)
						}
					} else if list := until(20 * 60); len(list) != 1 {
						b.t.Errorf("after 20 minutes: %d calls, want the one that nothing contradicts", len(list))
					}
				})
			})
		}
	}
}

// TestGhostAfterALostAnswer: one SnapshotCall without an answer does not end the asking; a PBX that never answers it is
// asked twice.
func TestGhostAfterALostAnswer(t *testing.T) {
	for _, test := range []struct {
		lost int32
		gone bool
	}{{1, true}, {100, false}} {
		inFakeTime(t, "tcp", pbxsim.Config{Behaviour: pbxsim.Behaviour{Snapshot: "empty"}}, nil, func(b *bubble) {
			var asked atomic.Int32
			meddle := func(_ context.Context, _ int32, c transport.Conn) (transport.Conn, error) {
				return meddled{c, func(service string) bool { return service == "SnapshotCall" && asked.Add(1) <= test.lost }}, nil
			}
			b.meddle.Store(&meddle)
			b.pbx.Drop()
			time.Sleep(returnBound)
			ghost(b, true)
			time.Sleep(50 * time.Second)
			if calls := b.c.now().Calls; (len(calls) == 0) != test.gone {
				b.t.Errorf("%d answers lost, after 50 s: %v", test.lost, told(b.c.now()))
			}
			time.Sleep(time.Hour)
			if n := asked.Load(); n != ignoredAfter {
				b.t.Errorf("%d answers lost: asked %d times in an hour, want %d", test.lost, n, ignoredAfter)
			}
		})
	}
}

// TestRealCallsThatLast: asking about a real call neither drops nor marks it.
func TestRealCallsThatLast(t *testing.T) {
	cfg := pbxsim.Config{Behaviour: pbxsim.Behaviour{Snapshot: "vendor"}}
	inFakeTime(t, "tcp", cfg, func(c *Config) { c.OnColleague = func(csta.Colleague) {} }, func(b *bubble) {
		call := b.call("22334455", "200")
		busily(b, 5*60)
		if list := b.c.now().Calls; len(list) != 1 || list[0].Phase != csta.Ringing || list[0].Uncertain {
			b.t.Errorf("it still rings: %+v", list)
			return
		}
		must(b.t, "Answer", call.Answer("200"))
		busily(b, 20*60)
		if list := b.c.now().Calls; len(list) != 1 || list[0].Phase != csta.Active || list[0].Uncertain {
			b.t.Errorf("they still talk: %+v", list)
		}
	})
}

// TestCallOverAShortLoss: a call continues while the link is lost, and snapshots list nothing, as uni-tel
// documents. The call stays, marked as not confirmed; its end is reported.
func TestCallOverAShortLoss(t *testing.T) {
	cfg := pbxsim.Config{Behaviour: pbxsim.Behaviour{Unsupported: "SnapshotCall"}}
	for _, held := range []bool{false, true} {
		inFakeTime(t, "tcp", cfg, nil, func(b *bubble) {
			call := b.call("22334455", "200")
			must(b.t, "Answer", call.Answer("200"))
			if held {
				must(b.t, "Hold", call.Hold("200"))
			}
			time.Sleep(time.Second)
			b.pbx.Drop()
			time.Sleep(time.Hour)
			if list := b.c.now().Calls; len(list) != 1 || !list[0].Uncertain {
				b.t.Errorf("an hour later: %+v, want the call, not confirmed\n%s", list, story(b.c.states))
				return
			}
			must(b.t, "Clear", call.Clear("22334455"))
			time.Sleep(time.Second)
			if list := b.c.now().Calls; len(list) != 0 {
				b.t.Errorf("after its end: %+v", list)
			}
		})
	}
}

// TestUncertainCallIsContradicted: who talks in another call does not talk in one that nothing confirms.
func TestUncertainCallIsContradicted(t *testing.T) {
	cfg := pbxsim.Config{Behaviour: pbxsim.Behaviour{Unsupported: "SnapshotCall"}}
	inFakeTime(t, "tcp", cfg, nil, func(b *bubble) {
		ghost(b, true)
		time.Sleep(time.Second)
		b.pbx.Drop()
		time.Sleep(time.Minute)
		call := b.call("22334455", "200")
		must(b.t, "Answer", call.Answer("200"))
		time.Sleep(time.Minute)
		if list := b.c.now().Calls; len(list) != 1 || list[0].Uncertain || list[0].Remote.Number != "22334455" {
			b.t.Errorf("got %+v, want the real call alone", list)
		}
	})
}

// TestHangUpOfAnUncertainCall: hanging up a call that ended unnoticed removes it, whether the PBX refuses,
// knows no such call, or accepts and nothing happens. A refusal that says nothing about the call keeps it.
func TestHangUpOfAnUncertainCall(t *testing.T) {
	for _, test := range []struct {
		name      string
		behaviour pbxsim.Behaviour
		gone      bool
		within    time.Duration
	}{
		{"the PBX knows no such call", pbxsim.Behaviour{}, true, time.Second},
		{"invalidConnectionID", pbxsim.Behaviour{Refused: "ClearConnection", RefusedWith: "invalidConnectionID"}, true, time.Second},
		{"no effect", pbxsim.Behaviour{NoEffect: "ClearConnection"}, true, effectLimit},
		{"refused for another reason", pbxsim.Behaviour{Refused: "ClearConnection", RefusedWith: "privilegeViolationSpecifiedDevice"}, false, time.Second},
	} {
		for _, kind := range kinds {
			inFakeTime(t, kind, pbxsim.Config{Behaviour: pbxsim.Behaviour{Unsupported: "SnapshotCall"}}, nil, func(b *bubble) {
				call := b.call("22334455", "200")
				must(b.t, "Answer", call.Answer("200"))
				time.Sleep(time.Second)
				b.pbx.Set(func(now *pbxsim.Behaviour) { now.DropEvents = "ConnectionCleared" })
				must(b.t, "Clear", call.Clear("22334455"))
				b.pbx.Drop()
				time.Sleep(10 * time.Minute)
				b.pbx.Set(func(now *pbxsim.Behaviour) { *now = test.behaviour })
				list := b.c.now().Calls
				if len(list) != 1 || !list[0].Uncertain {
					b.t.Errorf("%s, %s: before it: %+v", kind, test.name, list)
					return
				}
				began := time.Now()
				err := b.c.ClearConnection(b.t.Context(), list[0].ID)
				if took := time.Since(began); took > test.within {
					b.t.Errorf("%s, %s: took %v", kind, test.name, took)
				}
				synctest.Wait()
				if left := len(b.c.now().Calls); (err == nil) != test.gone || (left == 0) != test.gone {
					b.t.Errorf("%s, %s: %v, %d calls left", kind, test.name, err, left)
				}
			})
		}
	}
}

// TestHangUpOfACallThatIsGivenUp: a ringing call that nothing confirms is dropped after a while. That does not
// make a ClearConnection successful that the PBX has not answered.
func TestHangUpOfACallThatIsGivenUp(t *testing.T) {
	for _, kind := range kinds {
		inFakeTime(t, kind, pbxsim.Config{Behaviour: pbxsim.Behaviour{Snapshot: "empty", Unsupported: "SnapshotCall", Ignored: "ClearConnection"}}, nil, func(b *bubble) {
			b.call("22334455", "200")
			for len(b.c.now().Calls) == 1 {
				list := b.c.now().Calls
				if err := b.c.ClearConnection(b.t.Context(), list[0].ID); err == nil {
					b.t.Errorf("%s: hung up after %v, and the PBX has not been told", kind, time.Since(list[0].Since))
				}
			}
		})
	}
}

// TestAnswerOfAnUncertainCall: a call that the PBX does not know is gone at once, and said to be.
func TestAnswerOfAnUncertainCall(t *testing.T) {
	for _, kind := range kinds {
		inFakeTime(t, kind, pbxsim.Config{Behaviour: pbxsim.Behaviour{Unsupported: "SnapshotCall"}}, nil, func(b *bubble) {
			call := b.call("22334455", "200")
			b.pbx.Set(func(now *pbxsim.Behaviour) { now.DropEvents = "ConnectionCleared" })
			must(b.t, "Clear", call.Clear("22334455"))
			time.Sleep(4 * time.Minute)
			list := b.c.now().Calls
			if len(list) != 1 || !list[0].Uncertain {
				b.t.Errorf("%s: before it: %+v", kind, list)
				return
			}
			if err := b.c.AnswerCall(b.t.Context(), list[0].ID); !errors.Is(err, csta.ErrCallEnded) {
				b.t.Errorf("%s: %v, want %v", kind, err, csta.ErrCallEnded)
			}
			synctest.Wait()
			if list := b.c.now().Calls; len(list) != 0 {
				b.t.Errorf("%s: still there: %+v", kind, list)
			}
		})
	}
}

// TestReusedCallIDs: the next call may have the callID of one whose end was lost. The end is published before
// it begins: no state has two calls with the same callID.
func TestReusedCallIDs(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			inFakeTime(t, kind, pbxsim.Config{Behaviour: pbxsim.Behaviour{ReuseCallIDs: true}}, nil, func(b *bubble) {
				for _, end := range []func(*pbxsim.Call){
					func(c *pbxsim.Call) {},
					func(c *pbxsim.Call) { _ = c.Answer("200") },
				} {
					first := b.call("22334455", "200")
					end(first)
					b.pbx.Set(func(b *pbxsim.Behaviour) { b.LoseCleared = 2 }) // of both legs
					if err := first.Clear("200"); err != nil {
						b.t.Fatal(err)
					}
					b.pbx.Set(func(b *pbxsim.Behaviour) { b.LoseCleared = 0 })
					next := b.call("33445566", "200")
					b.agree("the next call")
					if calls := b.c.now().Calls; len(calls) != 1 || calls[0].Phase != csta.Ringing {
						b.t.Errorf("the calls are %v", told(b.c.now()))
					}
					if err := next.Clear("200"); err != nil {
						b.t.Fatal(err)
					}
					synctest.Wait()
				}
				for i, st := range b.c.states {
					if len(st.Calls) > 1 {
						b.t.Errorf("state %d has %d calls: %v", i, len(st.Calls), told(st))
					}
				}
			})
		})
	}
}

// TestRefusalOfAnotherService: where a PBX does not say which request it refuses, what it says of a service that the
// user asked for must not be taken to say that a call in doubt is over.
func TestRefusalOfAnotherService(t *testing.T) {
	cfg := pbxsim.Config{Behaviour: pbxsim.Behaviour{NoRequestID: true, Refused: "HoldCall", RefusedWith: "invalidConnectionID"}}
	inFakeTime(t, "tcp", cfg, nil, func(b *bubble) {
		meddle := func(_ context.Context, _ int32, c transport.Conn) (transport.Conn, error) {
			return meddled{c, func(service string) bool { return service == "SnapshotCall" }}, nil
		}
		b.meddle.Store(&meddle)
		b.pbx.Drop()
		time.Sleep(returnBound)
		b.call("22334455", "200")
		time.Sleep(19 * time.Second)
		for range 8 { // around the moment in which the call is asked about
			_ = b.c.HoldCall(b.t.Context(), b.c.now().Calls[0].ID) // refused, whichever request that is taken for
			time.Sleep(500 * time.Millisecond)
			if calls := b.c.now().Calls; len(calls) != 1 || calls[0].Phase != csta.Ringing {
				b.t.Fatalf("the call is gone: %v", told(b.c.now()))
			}
		}
	})
}

// TestSnapshotOwedAfterARefusal: where answers have no requestID, the refusal of a user's service is taken for that of a
// snapshot, and the snapshot's answer then for the next one's. A call that rang meanwhile must not go.
func TestSnapshotOwedAfterARefusal(t *testing.T) {
	cfg := pbxsim.Config{Behaviour: pbxsim.Behaviour{NoRequestID: true, Snapshot: "vendor"}}
	inFakeTime(t, "tcp", cfg, nil, func(b *bubble) {
		var mute atomic.Bool
		meddle := func(_ context.Context, _ int32, c transport.Conn) (transport.Conn, error) {
			return meddled{c, func(string) bool { return mute.Load() }}, nil
		}
		b.meddle.Store(&meddle)
		b.pbx.Drop()
		time.Sleep(returnBound)
		known := b.call("44556677", "200") // snapshots list calls that ring
		time.Sleep(25 * time.Second)
		must(b.t, "Clear", known.Clear("200"))
		time.Sleep(time.Second)
		mute.Store(true)
		b.c.Wake() // a snapshot is asked for
		synctest.Wait()
		b.call("22334455", "200")
		synctest.Wait()
		refused := make(chan error, 1)
		go func() { refused <- b.c.HoldCall(b.t.Context(), b.c.now().Calls[0].ID) }()
		time.Sleep(100 * time.Millisecond)
		b.pbx.Inject([]byte("<CSTAErrorCode><operation>invalidObjectState</operation></CSTAErrorCode>\x00"))
		b.c.Wake() // and another one
		time.Sleep(100 * time.Millisecond)
		b.pbx.Inject([]byte("<SnapshotDeviceResponse><crossRefIDorSnapshotData><snapshotData/></crossRefIDorSnapshotData></SnapshotDeviceResponse>\x00"))
		synctest.Wait()
		if calls := b.c.now().Calls; len(calls) != 1 {
			b.t.Errorf("got %v, want the call that rings", told(b.c.now()))
		}
		mute.Store(false)
		<-refused
	})
}
