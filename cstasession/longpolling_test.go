package cstasession

import (
	"bytes"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"calltray/cstasession/csta"
)

// An hour over long polling through a proxy that cuts every request: one login, every call seen. Polls that are
// renewed in time are never cut; the first that is cut earlier than that is a gap, and reported as one.
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

// What was lost with a poll that was cut off is found by asking, and reported as a gap.
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

// A call whose end was lost with a poll is in doubt as soon as that is known: no popup may claim that it rings.
func TestEndThatACutPollLoses(t *testing.T) {
	var lose atomic.Bool
	loses := func(forward http.Handler) http.Handler {
		return noUpgrade(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				forward.ServeHTTP(w, r)
				return
			}
			poll := httptest.NewRecorder()
			forward.ServeHTTP(poll, r)
			if lose.Swap(false) {
				poll = &httptest.ResponseRecorder{Code: http.StatusGatewayTimeout, Body: &bytes.Buffer{}}
			}
			maps.Copy(w.Header(), poll.Header())
			w.WriteHeader(poll.Code)
			_, _ = w.Write(poll.Body.Bytes())
		}))
	}
	cfg := hubOf("LongPolling")
	cfg.Behaviour.Unsupported = "SnapshotCall"
	behind(t, "signalr", loses, cfg, nil, func(b *bubble) {
		b.until(online)
		call := b.call("22334455", "200")
		b.until(func(st csta.State) bool { return len(st.Calls) == 1 && st.Calls[0].Alerts() })
		lose.Store(true)
		must(b.t, "Clear", call.Clear("22334455"))
		b.until(func(st csta.State) bool { return online(st) && len(st.Calls) == 1 && st.Calls[0].Uncertain })
	})
}

// deaf is a client that does not get its answer.
type deaf struct{}

func (deaf) Header() http.Header { return http.Header{} }

func (deaf) Write(p []byte) (int, error) { return len(p), nil }

func (deaf) WriteHeader(int) {}
