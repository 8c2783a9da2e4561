package cstasession

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/transport"
	"calltray/pbxsim"
)

// The bounds that the session promises.
const (
	quietBound   = 20 * time.Second                                     // to notice a cut while nothing is pending
	idleBound    = idleSlower*quietLimit + 2*signLimit                  // and when nothing has happened at the telephone for long
	pendingBound = 10 * time.Second                                     // to notice it when a request is pending
	returnBound  = 30*time.Second + 3*transport.DialLimit               // from the end of a fault to online: a back-off, and an attempt that the fault spoilt
	monitorBound = idleSlower*monitorEvery + signLimit                  // to start a forgotten monitor again
	agreeBound   = monitorBound + 3*idleSlower*quietLimit + 2*signLimit // to agree with the PBX again about calls that events were lost of
)

// offlineAfter is how long after at the session said that it is not online; false if it has not.
func (b *bubble) offlineAfter(at time.Time) (time.Duration, bool) {
	synctest.Wait()
	b.c.mu.Lock()
	defer b.c.mu.Unlock()
	for _, st := range b.c.states {
		if st.Status != csta.Online && !st.Since.Before(at) {
			return st.Since.Sub(at), true
		}
	}
	return 0, false
}

// agree fails unless the session is online and says of the calls what the PBX knows.
func (b *bubble) agree(when string) {
	b.t.Helper()
	st := b.c.now()
	if st.Status != csta.Online {
		b.t.Errorf("%s: %v (%v), want online", when, st.Status, st.Err)
		return
	}
	if got, want := told(st), truth(b.pbx, "200"); !slices.Equal(got, want) {
		b.t.Errorf("%s: the session's calls are\n%q\nand the PBX's\n%q", when, got, want)
	}
}

// call places a call that must succeed.
func (b *bubble) call(from, to string) *pbxsim.Call {
	b.t.Helper()
	c, err := b.pbx.Call(from, to, "Ærø & Søn")
	if err != nil {
		b.t.Fatal(err)
	}
	synctest.Wait()
	return c
}

// Each fault of the network, over each gateway, with and without a request on its way: a cut is noticed
// within its bound, what is only slow is no cut, and when the fault is over the session comes back and
// agrees with the PBX about the calls that went on, ended and began meanwhile.
func TestFaultsOfTheNetwork(t *testing.T) {
	for _, fault := range []struct {
		name string
		set  func(w *weather)
		then func(b *bubble) // beside the weather
		cut  bool
	}{
		{name: "delay", set: func(w *weather) { w.delay = time.Second }},
		{name: "five bytes at a time", set: func(w *weather) { w.piece = 5 }},
		{name: "black hole", set: func(w *weather) { w.hole = true }, cut: true},
		{name: "the peer stops reading", set: func(w *weather) { w.stalled, w.lost = true, true }, cut: true},
		{name: "half-open", set: func(w *weather) { w.halfOpen, w.refused = true, true }, then: func(b *bubble) { b.pbx.Drop() }, cut: true},
		{name: "reset, then refused", set: func(w *weather) { w.refused = true }, then: func(b *bubble) { b.net.drop() }, cut: true},
		{name: "reset, then nothing", set: func(w *weather) { w.lost = true }, then: func(b *bubble) { b.net.drop() }, cut: true},
		{name: "cut within a frame", set: func(w *weather) { w.tear, w.refused = true, true }, then: func(b *bubble) { b.pbx.InjectUnknown() }, cut: true},
	} {
		for _, pending := range []bool{false, true} {
			for _, kind := range kinds {
				name := fmt.Sprintf("%s/pending=%v/%s", fault.name, pending, kind)
				t.Run(name, func(t *testing.T) {
					inFakeTime(t, kind, pbxsim.Config{Behaviour: pbxsim.Behaviour{Snapshot: "vendor"}}, nil, func(b *bubble) {
						t := b.t
						time.Sleep(7 * time.Second)
						stays, ends := b.call("22334455", "200"), b.call("33445566", "200")
						stays.Answer("200")
						synctest.Wait()
						b.agree("before")

						at := time.Now()
						b.net.set(fault.set)
						if fault.then != nil {
							fault.then(b)
						}
						var service sync.WaitGroup
						bound := quietBound
						if pending {
							bound = pendingBound
							service.Go(func() {
								_, err := b.c.MakeCall(t.Context(), "44556677")
								if broken := errors.Is(err, csta.ErrOffline) || errors.Is(err, csta.ErrNoAnswer); broken != fault.cut {
									t.Errorf("MakeCall: got %v", err)
								}
								if took := time.Since(at); took > pendingBound {
									t.Errorf("MakeCall returned after %v", took)
								}
							})
						}
						time.Sleep(bound)
						after, noticed := b.offlineAfter(at)
						if noticed != fault.cut || after > bound {
							t.Errorf("not online after %v (%v), want within %v: %v", after, noticed, bound, fault.cut)
						}
						service.Wait()
						ends.Clear("33445566")
						b.call("55667788", "200")
						time.Sleep(time.Minute)
						if !fault.cut && b.dials.Load() != 1 {
							t.Errorf("%d links, want one", b.dials.Load())
						}
						b.net.set(func(w *weather) { *w = weather{} })
						time.Sleep(returnBound)
						b.agree("after")
						stays.Clear("200")
						b.agree("when the call has ended")
						if wrong := history(b.c.states); wrong != "" {
							t.Error(wrong)
						}
					})
				})
			}
		}
	}
}

// Each of the PBX's own faults, over each gateway, while a call goes on, one ends and one begins.
// within is how long the session may need to agree; 0 is at once.
func TestFaultsOfThePBX(t *testing.T) {
	set := func(change func(*pbxsim.Behaviour)) func(*bubble) {
		return func(b *bubble) { b.pbx.Set(change) }
	}
	for _, fault := range []struct {
		name   string
		do     func(b *bubble)
		within time.Duration
		links  int32 // that are needed; 0 is at least two
	}{
		{"no fault", func(*bubble) {}, 0, 1},
		{"restart", func(b *bubble) {
			b.net.set(func(w *weather) { w.refused = true })
			b.pbx.Restart(context.Background(), 5*time.Second)
			b.net.set(func(w *weather) { w.refused = false })
		}, returnBound, 0},
		{"every link is dropped", func(b *bubble) { b.pbx.Drop() }, returnBound, 0},
		{"a black hole for half a minute", func(b *bubble) { silence(b.pbx, true); time.Sleep(30 * time.Second); silence(b.pbx, false) }, returnBound, 0},
		{"the monitor is forgotten", func(b *bubble) { b.pbx.Forget() }, agreeBound, 1},
		{"busy at the next login", func(b *bubble) {
			b.pbx.Set(func(w *pbxsim.Behaviour) { w.RefuseLogins, w.RefuseAs = 1, "close" })
			b.pbx.Drop()
		}, returnBound, 0},
		{"silent at the next login", func(b *bubble) {
			b.pbx.Set(func(w *pbxsim.Behaviour) { w.RefuseLogins, w.RefuseAs = 1, "silence" })
			b.pbx.Drop()
		}, returnBound, 0},
		{"wrong answers", set(func(w *pbxsim.Behaviour) { w.WrongAnswers = "MakeCall,AnswerCall,ClearConnection,SnapShotDevice" }), 0, 1},
		{"answers out of order", set(func(w *pbxsim.Behaviour) { w.OutOfOrder = true }), 0, 1},
		{"events before answers", set(func(w *pbxsim.Behaviour) { w.EventsFirst = true }), 0, 1},
		{"everything twice", set(func(w *pbxsim.Behaviour) { w.Duplicates = true }), 0, 1},
		{"answers without a requestID", set(func(w *pbxsim.Behaviour) { w.NoRequestID = true }), 0, 1},
		{"unknown messages", func(b *bubble) { b.pbx.InjectUnknown() }, 0, 1},
		{"malformed messages", func(b *bubble) { b.pbx.InjectMalformed() }, 0, 1},
		{"a storm", func(b *bubble) {
			for range 500 {
				if c, err := b.pbx.Call("22334455", "200", ""); err != nil || c.Clear("22334455") != nil {
					b.t.Error("a call of the storm failed")
				}
			}
		}, 0, 1},
		{"an answer after its time limit", set(func(w *pbxsim.Behaviour) {
			w.AnswerDelay, w.Delayed = 12*time.Second, "MakeCall,AnswerCall,ClearConnection"
		}), 0, 1},
		{"slow answers", set(func(w *pbxsim.Behaviour) { w.AnswerDelay = 3 * time.Second }), 0, 1},
		{"five bytes at a time", set(func(w *pbxsim.Behaviour) { w.Chunk = 5 }), 0, 1},
		{"many messages in one write", set(func(w *pbxsim.Behaviour) { w.Coalesce = 100 * time.Millisecond }), 100 * time.Millisecond, 1},
	} {
		for _, kind := range kinds {
			t.Run(fault.name+"/"+kind, func(t *testing.T) {
				inFakeTime(t, kind, pbxsim.Config{Behaviour: pbxsim.Behaviour{Snapshot: "vendor"}}, nil, func(b *bubble) {
					t := b.t
					time.Sleep(time.Second)
					stays, ends := b.call("22334455", "200"), b.call("33445566", "200")
					stays.Answer("200")
					b.agree("before")
					fault.do(b)
					ends.Clear("33445566")
					stays.Hold("200")
					rings := b.call("55667788", "200")
					time.Sleep(fault.within)
					b.agree("after")

					// The services still work: the effect counts, whatever the answer was.
					for _, c := range b.c.now().Calls {
						if c.Remote.Number == "55667788" {
							if err := b.c.AnswerCall(t.Context(), c.ID); err != nil {
								t.Errorf("AnswerCall: %v", err)
							}
						}
					}
					time.Sleep(fault.within)
					b.agree("after answering")
					made, err := b.c.MakeCall(t.Context(), "44556677")
					if err != nil {
						t.Errorf("MakeCall: %v", err)
					}
					if err := b.c.ClearConnection(t.Context(), made); err != nil {
						t.Errorf("ClearConnection: %v", err)
					}
					rings.Clear("55667788")
					time.Sleep(10 * time.Minute)
					b.agree("ten minutes later")
					if n := b.dials.Load(); fault.links == 1 && n != 1 || fault.links == 0 && n < 2 {
						t.Errorf("%d links", n)
					}
					if wrong := history(b.c.states); wrong != "" {
						t.Error(wrong)
					}
				})
			})
		}
	}
}

// The same network over real sockets, for what pipes do not have: resets, refusals, the kernel's buffers.
func TestFaultsOnSockets(t *testing.T) {
	for _, fault := range []struct {
		name string
		set  func(w *weather)
		then func(n *network, pbx *pbxsim.PBX)
	}{
		{"reset", nil, func(n *network, _ *pbxsim.PBX) { n.drop() }},
		{"reset, and refused for a while", func(w *weather) { w.refused = true }, func(n *network, _ *pbxsim.PBX) { n.drop() }},
		{"cut within a frame", func(w *weather) { w.tear = true }, func(_ *network, pbx *pbxsim.PBX) { pbx.InjectUnknown() }},
		{"restart", nil, func(_ *network, pbx *pbxsim.PBX) { pbx.Restart(context.Background(), 50*time.Millisecond) }},
		{"one byte at a time, then reset", func(w *weather) { w.piece = 1 }, func(n *network, pbx *pbxsim.PBX) { pbx.InjectUnknown(); n.drop() }},
	} {
		t.Run(fault.name, func(t *testing.T) {
			overBoth(t, pbxsim.Config{Behaviour: pbxsim.Behaviour{Snapshot: "vendor"}}, func(t *testing.T, pbx *pbxsim.PBX, address string) {
				u, err := url.Parse(address)
				if err != nil {
					t.Fatal(err)
				}
				server := u.Host
				n := &network{cables: map[*cable]bool{}, server: func() (net.Conn, error) { return net.Dial("tcp", server) }}
				u.Host = n.listen(t)
				c := start(t, config(u.String()))
				c.await("online", online)
				stays, _ := pbx.Call("22334455", "200", "")
				ends, _ := pbx.Call("33445566", "200", "")
				c.await("two calls", func(st csta.State) bool { return len(st.Calls) == 2 })
				for range 3 {
					if fault.set != nil {
						n.set(fault.set)
					}
					fault.then(n, pbx)
					c.await("not online", func(st csta.State) bool { return st.Status != csta.Online })
					ends.Clear("33445566")
					n.set(func(w *weather) { w.refused = false })
					c.await("agreement", func(st csta.State) bool { return online(st) && slices.Equal(told(st), truth(pbx, "200")) })
					n.set(func(w *weather) { *w = weather{} })
					ends, _ = pbx.Call("33445566", "200", "")
					c.await("the next call", func(st csta.State) bool { return len(st.Calls) == 2 && slices.Equal(told(st), truth(pbx, "200")) })
				}
				stays.Answer("200")
				c.await("an answered call", func(st csta.State) bool { return slices.Equal(told(st), truth(pbx, "200")) })
				c.mu.Lock()
				defer c.mu.Unlock()
				if wrong := history(c.states); wrong != "" {
					t.Error(wrong)
				}
			})
		})
	}
}
