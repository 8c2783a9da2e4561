package cstasession

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
	"calltray/pbxsim"
)

// box is something on the way to a hub that meddles with HTTP. It gets what forwards as it should.
type box func(forward http.Handler) http.Handler

// forwarding is a reverse proxy before a hub, over pipes.
func forwarding(hub http.Handler) (forward http.Handler, end func()) {
	inner := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	quiet := log.New(io.Discard, "", 0)
	server := &http.Server{Handler: hub, ErrorLog: quiet}
	done := make(chan struct{})
	go func() { _ = server.Serve(inner); close(done) }()
	way := &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		select {
		case inner.conns <- far:
			return near, nil
		case <-inner.done:
			return nil, net.ErrClosed
		}
	}}
	proxy := &httputil.ReverseProxy{Transport: way, ErrorLog: quiet, Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host = "http", "hub"
	}}
	return proxy, func() { server.Close(); <-done }
}

func upgrades(r *http.Request) bool { return r.Header.Get("Upgrade") != "" }

// noUpgrade does not forward what asks for a WebSocket, as nginx does not unless it is told to.
func noUpgrade(forward http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Upgrade")
		r.Header.Del("Connection")
		forward.ServeHTTP(w, r)
	})
}

// noAnswer lets what asks for a WebSocket hang.
func noAnswer(forward http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if upgrades(r) {
			<-r.Context().Done()
			return
		}
		forward.ServeHTTP(w, r)
	})
}

// cutsUpgraded takes the upgrade, and hangs up.
func cutsUpgraded(forward http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if upgrades(r) {
			panic(http.ErrAbortHandler)
		}
		forward.ServeHTTP(w, r)
	})
}

// buffers passes an answer's header on at once, and its content when it is whole. It knows no WebSockets.
func buffers(forward http.Handler) http.Handler {
	return noUpgrade(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		whole := &buffered{ResponseWriter: w}
		forward.ServeHTTP(whole, r)
		_, _ = w.Write(whole.content)
	}))
}

type buffered struct {
	http.ResponseWriter
	content []byte
}

func (b *buffered) WriteHeader(code int) {
	b.ResponseWriter.WriteHeader(code)
	_ = http.NewResponseController(b.ResponseWriter).Flush()
}

func (b *buffered) Write(p []byte) (int, error) {
	b.content = append(b.content, p...)
	return len(p), nil
}

// FlushError is for who wants the content passed on.
func (b *buffered) FlushError() error { return nil }

// cuts ends every request after so long: with a 504, or in the middle of its answer. It knows no WebSockets.
func cuts(after time.Duration) box {
	return func(forward http.Handler) http.Handler {
		return noUpgrade(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx, cancel := context.WithTimeout(r.Context(), after)
			defer cancel()
			begun := &noted{ResponseWriter: w}
			forward.ServeHTTP(begun, r.WithContext(ctx))
			if ctx.Err() != nil && begun.code.Load() == http.StatusOK {
				panic(http.ErrAbortHandler)
			}
		}))
	}
}

// noted is an answer of which the code is known. A request that was cut gets no 502.
type noted struct {
	http.ResponseWriter
	code atomic.Int64
}

func (n *noted) WriteHeader(code int) {
	if n.code.Store(int64(code)); code == http.StatusBadGateway {
		code = http.StatusGatewayTimeout
	}
	n.ResponseWriter.WriteHeader(code)
}

func (n *noted) Unwrap() http.ResponseWriter { return n.ResponseWriter }

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

// An hour over long polling through a proxy that cuts every request: one login, every call seen. Polls that are
// renewed in time are never cut; the first that is cut earlier than that is a gap, and told as one.
func TestLongPollingThroughACuttingProxy(t *testing.T) {
	for _, test := range []struct {
		after time.Duration
		calls int // one a minute
		gaps  int
	}{{10 * time.Second, 60, 0}, {30 * time.Second, 5, 0}, {time.Minute, 5, 0}, {5 * time.Second, 5, 1}, {2 * time.Second, 5, 1}} {
		t.Run(test.after.String(), func(t *testing.T) {
			cfg := hubOf("LongPolling")
			cfg.PingInterval = 40 * time.Second
			behind(t, "signalr", cuts(test.after), cfg, nil, func(b *bubble) {
				b.until(online)
				seen := 0
				for range test.calls {
					time.Sleep(time.Minute - 100*time.Millisecond)
					call := b.call("22334455", "200")
					time.Sleep(50 * time.Millisecond)
					for _, c := range b.c.State().Calls {
						if c.Phase == csta.Ringing && !c.Uncertain {
							seen++
						}
					}
					_ = call.Clear("200")
					time.Sleep(50 * time.Millisecond)
					if n := len(b.c.State().Calls); n > 0 {
						b.t.Errorf("%d calls after the end", n)
					}
				}
				gaps := 0
				b.c.mu.Lock()
				for _, st := range b.c.states {
					if errors.Is(st.Err, csta.ErrGap) {
						gaps++
					}
				}
				b.c.mu.Unlock()
				if n := b.dials.Load(); n != 1 || seen != test.calls || gaps != test.gaps {
					b.t.Errorf("%d logins, %d of %d calls seen, %d gaps told of, want %d", n, seen, test.calls, gaps, test.gaps)
				}
			})
		})
	}
}

// What a poll would have brought that was cut off is found by asking, and told as a gap.
func TestWhatACutPollLoses(t *testing.T) {
	var lose atomic.Bool
	loses := func(forward http.Handler) http.Handler {
		return noUpgrade(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet && lose.Load() {
				forward.ServeHTTP(&buffered{ResponseWriter: deaf{}}, r)
				lose.Store(false)
				w.WriteHeader(http.StatusGatewayTimeout)
				return
			}
			forward.ServeHTTP(w, r)
		}))
	}
	behind(t, "signalr", loses, hubOf("LongPolling"), nil, func(b *bubble) {
		b.until(online)
		lose.Store(true)
		time.Sleep(10 * time.Second) // until a poll is under way that will be lost
		lose.Store(true)
		time.Sleep(10 * time.Second)
		b.call("22334455", "200")
		b.until(func(st csta.State) bool {
			return st.Status == csta.Online && len(st.Calls) == 1 && st.Calls[0].Phase == csta.Ringing && !lose.Load()
		})
		b.c.mu.Lock()
		defer b.c.mu.Unlock()
		for _, st := range b.c.states {
			if errors.Is(st.Err, csta.ErrGap) {
				return
			}
		}
		b.t.Error("the gap was not told")
	})
}

// deaf is a client that does not get its answer.
type deaf struct{}

func (deaf) Header() http.Header         { return http.Header{} }
func (deaf) Write(p []byte) (int, error) { return len(p), nil }
func (deaf) WriteHeader(int)             {}

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
