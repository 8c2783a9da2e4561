package cstasession

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"calltray/cstasession/internal/transport"
	"calltray/pbxsim"
)

// If a live PBX does not answer some services, that costs neither the link nor a call: the session learns it.
// (For a gateway that hangs, see TestBlackHoleIsNoticed.)
func TestServicesIgnoredFromTheSecondTimeOn(t *testing.T) {
	for _, services := range []string{"MonitorStart", "SnapShotDevice", "ResetApplicationSessionTimer", "MonitorStart,SnapShotDevice",
		"MonitorStart,SnapShotDevice,ResetApplicationSessionTimer"} {
		for _, kind := range kinds {
			t.Run(services+"/"+kind, func(t *testing.T) {
				inFakeTime(t, kind, pbxsim.Config{Behaviour: pbxsim.Behaviour{IgnoredAgain: services}}, nil, func(b *bubble) {
					time.Sleep(time.Hour)
					if n, gaps := b.dials.Load(), b.c.gaps(); n > 1+int32(time.Hour/linkEvery) || gaps > 0 {
						b.t.Errorf("in an hour: %d links and %d gaps, want at most %d links and no gap", n, gaps, 1+time.Hour/linkEvery)
					}
					b.call("22334455", "200")
					b.agree("after an hour")
				})
			})
		}
	}
}

// A PBX that is silent for a moment, and so leaves one question out and answers the next, ignores no service: what
// happened meanwhile is still found by a snapshot.
func TestSilenceOfAMomentTeachesNothing(t *testing.T) {
	for _, lasts := range []time.Duration{1500 * time.Millisecond, 2500 * time.Millisecond, 4 * time.Second} {
		for _, kind := range kinds {
			t.Run(fmt.Sprint(lasts, "/", kind), func(t *testing.T) {
				inFakeTime(t, kind, pbxsim.Config{Behaviour: pbxsim.Behaviour{Snapshot: "vendor"}}, nil, func(b *bubble) {
					time.Sleep(quietLimit - time.Second) // the next sign of life is asked for in a second
					silence(b.pbx, true)
					b.call("22334455", "200")
					time.Sleep(lasts)
					silence(b.pbx, false)
					time.Sleep(agreeBound)
					b.agree("some time later")
				})
			})
		}
	}
}

// Nor does a first snapshot without an answer: the next one lists the calls.
func TestFirstSnapshotWithoutAnAnswer(t *testing.T) {
	for _, kind := range kinds {
		inFakeTime(t, kind, pbxsim.Config{Behaviour: pbxsim.Behaviour{Snapshot: "vendor"}}, nil, func(b *bubble) {
			var asked atomic.Int32
			meddle := func(_ context.Context, _ int32, c transport.Conn) (transport.Conn, error) {
				return meddled{c, func(service string) bool { return service == "SnapShotDevice" && asked.Add(1) == 1 }}, nil
			}
			b.meddle.Store(&meddle)
			b.net.set(func(w *weather) { w.refused = true })
			b.pbx.Drop()
			time.Sleep(time.Second)
			b.call("22334455", "200") // of which no event can tell
			b.net.set(func(w *weather) { w.refused = false })
			time.Sleep(returnBound + 2*quietLimit)
			b.agree(kind)
		})
	}
}

// Only silence ends a link: a PBX that reports calls is alive, however late its answers are.
func TestSlowAnswersBetweenEvents(t *testing.T) {
	for _, delay := range []time.Duration{6 * time.Second, 9 * time.Second, 30 * time.Second} {
		for _, every := range []time.Duration{time.Second, 4 * time.Second} {
			t.Run(fmt.Sprint(delay, " ", every), func(t *testing.T) {
				inFakeTime(t, "tcp", pbxsim.Config{}, nil, func(b *bubble) {
					b.pbx.Set(func(w *pbxsim.Behaviour) { w.AnswerDelay = delay })
					time.Sleep(11 * time.Second)
					for range 5 * time.Minute / every {
						b.pbx.InjectUnknown()
						time.Sleep(every)
					}
					if n, gaps := b.dials.Load(), b.c.gaps(); n > 1 || gaps > 0 {
						b.t.Errorf("%d links, %d gaps", n, gaps)
					}
				})
			})
		}
	}
}

// A PBX that says that it has too much to do is asked less than one that has not.
func TestOverloadedPBXIsAskedLess(t *testing.T) {
	inFakeTime(t, "tcp", pbxsim.Config{}, nil, func(b *bubble) {
		var asked atomic.Int32
		meddle := func(_ context.Context, _ int32, c transport.Conn) (transport.Conn, error) {
			return meddled{c, func(string) bool { asked.Add(1); return false }}, nil // our answers as well
		}
		b.meddle.Store(&meddle)
		count := func(during func()) int32 {
			b.pbx.Drop()
			time.Sleep(30 * time.Second)
			before := asked.Load()
			during()
			time.Sleep(4 * time.Minute) // what is said holds for five
			return asked.Load() - before
		}
		normal := count(func() {})
		overloaded := count(func() {
			if err := b.pbx.SystemStatus("overloadReached"); err != nil {
				b.t.Fatal(err)
			}
		})
		if overloaded*2 > normal {
			b.t.Errorf("%d messages in four minutes of overload, %d in four without", overloaded, normal)
		}
	})
}
