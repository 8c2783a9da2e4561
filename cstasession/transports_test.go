package cstasession

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
	"calltray/pbxsim"
)

// hubOf is the configuration of a PBX whose hub has these transports.
func hubOf(transports string) pbxsim.Config {
	return pbxsim.Config{Behaviour: pbxsim.Behaviour{Transports: transports, Snapshot: "ecma"}}
}

// Where a link cannot be made over WebSockets, it is made over what gets through: soon, and at once the second
// time. Calls are seen over each. The link says why it is so.
func TestTransports(t *testing.T) {
	for _, test := range []struct {
		name, offered string
		box           box
		want          csta.Transport
		obstacle      csta.Obstacle
		within        time.Duration // of the first login
	}{
		{"all", "", nil, csta.WebSockets, "", 0},
		{"no WebSockets offered", "ServerSentEvents,LongPolling", nil, csta.ServerSentEvents, csta.TransportNotOffered, 0},
		{"long polling alone", "LongPolling", nil, csta.LongPolling, csta.TransportNotOffered, 0},
		{"the upgrade is not forwarded", "", noUpgrade, csta.ServerSentEvents, csta.TransportRefused, 0},
		{"the upgrade is not forwarded, long polling alone", "WebSockets,LongPolling", noUpgrade, csta.LongPolling, csta.TransportRefused, 0},
		{"the upgrade is let hang", "", noAnswer, csta.ServerSentEvents, csta.TransportUnanswered, 5 * time.Second},
		{"the upgrade is cut", "", cutsUpgraded, csta.ServerSentEvents, csta.TransportBroken, 0},
		{"streams are buffered", "", buffers, csta.LongPolling, csta.TransportRefused, 5 * time.Second},
		{"requests are cut at 10 s", "WebSockets,LongPolling", cuts(10 * time.Second), csta.LongPolling, csta.TransportRefused, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			behind(t, "signalr", test.box, hubOf(test.offered), nil, func(b *bubble) {
				start := time.Now()
				st := b.until(online)
				began := time.Since(start)
				if st.Path.Transport != test.want || st.Path.Obstacle != test.obstacle {
					b.t.Errorf("it goes by %q (%s), want %q (%s)", st.Path.Transport, st.Path.Obstacle, test.want, test.obstacle)
				}
				if began > test.within {
					b.t.Errorf("the first login took %v, want %v", began, test.within)
				}
				core(b)
				b.pbx.Drop()
				b.until(func(st csta.State) bool { return st.Status != csta.Online })
				b.until(online)
				core(b)
				if again := b.lastLogin(); again > 0 {
					b.t.Errorf("the second login took %v", again)
				}
			})
		})
	}
}

// core is a call that is seen to ring, is answered, put on hold, and hung up; and one that is made.
func core(b *bubble) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := b.pbx.Call("22334455", "200", "Ærø Bageri"); err != nil {
		b.t.Fatal(err)
	}
	phase := func(want csta.Phase) (id csta.ConnectionID) {
		b.until(func(st csta.State) bool {
			for _, c := range st.Calls {
				if c.Phase == want && !c.Uncertain {
					id = c.ID
					return true
				}
			}
			return false
		})
		return id
	}
	id := phase(csta.Ringing)
	if err := b.c.AnswerCall(ctx, id); err != nil {
		b.t.Errorf("answer: %v", err)
	}
	if err := b.c.ClearConnection(ctx, phase(csta.Active)); err != nil {
		b.t.Errorf("hang up: %v", err)
	}
	id, err := b.c.MakeCall(ctx, "33445566")
	if err != nil {
		b.t.Fatalf("dial: %v", err)
	}
	if err := b.c.ClearConnection(ctx, id); err != nil {
		b.t.Errorf("hang up: %v", err)
	}
	b.until(func(st csta.State) bool { return len(st.Calls) == 0 })
}

// until waits for a state. It is not called twice for the same.
func (b *bubble) until(is func(csta.State) bool) csta.State {
	b.t.Helper()
	for range 120_000 {
		synctest.Wait()
		if st := b.c.State(); is(st) {
			return st
		}
		time.Sleep(time.Millisecond)
	}
	b.t.Fatalf("two minutes, and still %+v", b.c.State())
	return csta.State{}
}

// lastLogin is how long the last login took.
func (b *bubble) lastLogin() time.Duration {
	b.c.mu.Lock()
	defer b.c.mu.Unlock()
	var took time.Duration
	var from time.Time
	for _, st := range b.c.states {
		switch st.Status {
		case csta.Connecting:
			from = st.Since
		case csta.Online:
			took = st.Since.Sub(from)
		}
	}
	return took
}

// A better transport is tried again after a day, and after a change of network, beside the link that there is:
// without a gap.
func TestBetterTransport(t *testing.T) {
	for _, test := range []struct {
		name string
		wait time.Duration
		wake bool
	}{{"two hours instead of a day", 2 * time.Hour, false}, {"another network", time.Minute, true}} {
		t.Run(test.name, func(t *testing.T) {
			var open atomic.Bool
			door := func(forward http.Handler) http.Handler {
				shut := noAnswer(forward)
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if open.Load() {
						forward.ServeHTTP(w, r)
						return
					}
					shut.ServeHTTP(w, r)
				})
			}
			behind(t, "signalr", door, hubOf(""), nil, func(b *bubble) {
				b.until(online)
				open.Store(true)
				time.Sleep(test.wait - time.Minute)
				if p := b.c.State().Path; p.Transport != csta.ServerSentEvents {
					b.t.Errorf("it goes by %v too early", p)
				}
				if test.wake {
					b.place.Store("home")
					b.c.Wake()
				}
				st := b.until(func(st csta.State) bool { return st.Path.Transport == csta.WebSockets })
				if st.Path.Obstacle != "" || st.Status != csta.Online {
					b.t.Errorf("got %+v", st)
				}
				time.Sleep(time.Minute)
				core(b)
				gaps := 0
				b.c.mu.Lock()
				for _, st := range b.c.states {
					if st.Status == csta.Offline {
						gaps++
					}
				}
				b.c.mu.Unlock()
				if gaps > 0 || b.dials.Load() != 2 {
					b.t.Errorf("%d gaps, %d links", gaps, b.dials.Load())
				}
			})
		})
	}
}

// What the hub itself refuses is not tried over another transport.
func TestHubThatRefuses(t *testing.T) {
	for name, refuse := range map[string]http.HandlerFunc{
		"401": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
		"404": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNotFound) },
	} {
		t.Run(name, func(t *testing.T) {
			var others atomic.Int32
			behind(t, "signalr", func(forward http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					switch {
					case upgrades(r):
						refuse(w, r)
					case strings.HasSuffix(r.URL.Path, "/negotiate"):
						forward.ServeHTTP(w, r)
					default:
						others.Add(1)
					}
				})
			}, hubOf(""), nil, func(b *bubble) {
				time.Sleep(time.Minute)
				if st := b.c.State(); st.Err == nil || others.Load() > 0 {
					b.t.Errorf("got %v, and %d requests for another transport", st.Err, others.Load())
				}
			})
		})
	}
}

// A load balancer finds the node of every request by its cookie.
func TestAffinityOverEachTransport(t *testing.T) {
	for _, transport := range []string{"WebSockets", "ServerSentEvents", "LongPolling"} {
		cfg := hubOf(transport)
		cfg.Behaviour.Cookie = true
		inFakeTime(t, "signalr", cfg, nil, func(b *bubble) {
			b.until(online)
			core(b)
			if n := b.dials.Load(); n != 1 {
				b.t.Errorf("%s: %d tries", transport, n)
			}
		})
	}
}
