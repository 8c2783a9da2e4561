package cstasession

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/transport"
	"calltray/pbxsim"
)

// Limits and waits, in fake time. What keeps a session alive is in life_test.go.

func TestServicesThatNothingComesOf(t *testing.T) {
	type asked func(t *testing.T, pbx *pbxsim.PBX, c *client) error
	dial := func(t *testing.T, pbx *pbxsim.PBX, c *client) error {
		_, err := c.MakeCall(t.Context(), "999")
		return err
	}
	ringing := func(then func(*client, csta.ConnectionID) error) asked {
		return func(t *testing.T, pbx *pbxsim.PBX, c *client) error {
			if _, err := pbx.Call("22334455", "200", ""); err != nil {
				t.Fatal(err)
			}
			return then(c, c.now().Calls[0].ID)
		}
	}
	answer := ringing(func(c *client, id csta.ConnectionID) error { return c.AnswerCall(context.Background(), id) })
	hangUp := ringing(func(c *client, id csta.ConnectionID) error { return c.ClearConnection(context.Background(), id) })
	for _, test := range []struct {
		name  string
		how   pbxsim.Behaviour
		do    asked
		want  error
		after time.Duration
	}{
		{"MakeCall without an event", pbxsim.Behaviour{BusyAs: "silent"}, dial, csta.ErrNoEffect, callLimit},
		{"MakeCall without an answer", pbxsim.Behaviour{BusyAs: "silent", DropAnswers: "MakeCall"}, dial, csta.ErrNoAnswer, answerLimit},
		{"MakeCall without an answer, but done", pbxsim.Behaviour{DropAnswers: "MakeCall"}, dial, nil, -1},
		{"trap 27: AnswerCall at a phone that cannot be made to", pbxsim.Behaviour{}, answer, csta.ErrNoEffect, effectLimit},
		{"AnswerCall without an answer", pbxsim.Behaviour{DropAnswers: "AnswerCall"}, answer, csta.ErrNoAnswer, answerLimit},
		{"ClearConnection without an event", pbxsim.Behaviour{DropEvents: "ConnectionCleared"}, hangUp, csta.ErrNoEffect, effectLimit},
		{"ClearConnection without an answer, but done", pbxsim.Behaviour{DropAnswers: "ClearConnection"}, hangUp, nil, -1},
		{"ClearConnection", pbxsim.Behaviour{}, hangUp, nil, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := pbxsim.Config{Behaviour: test.how, Outside: pbxsim.Demo, Extensions: []pbxsim.Extension{{Number: "200"}, {Number: "201"}}}
			inBubble(t, cfg, func(t *testing.T, pbx *pbxsim.PBX, c *client, dials *atomic.Int32) {
				began := time.Now()
				err := test.do(t, pbx, c)
				took := time.Since(began)
				if !errors.Is(err, test.want) {
					t.Errorf("got %v, want %v", err, test.want)
				}
				if test.after >= 0 && took != test.after || took > answerLimit && test.after < 0 {
					t.Errorf("it took %v, want %v", took, test.after)
				}
				if st := c.now(); st.Status != csta.Online || dials.Load() != 1 {
					t.Errorf("it cost the link: %v, %d links", st.Status, dials.Load())
				}
			})
		})
	}
}

func TestCallEndsBeforeTheAnswer(t *testing.T) {
	inBubble(t, pbxsim.Config{Extensions: []pbxsim.Extension{{Number: "200"}}}, func(t *testing.T, pbx *pbxsim.PBX, c *client, _ *atomic.Int32) {
		call, err := pbx.Call("22334455", "200", "")
		if err != nil {
			t.Fatal(err)
		}
		id := c.now().Calls[0].ID
		time.AfterFunc(3*time.Second, func() { _ = call.Clear("22334455") })
		began := time.Now()
		if err := c.AnswerCall(t.Context(), id); !errors.Is(err, csta.ErrCallEnded) || time.Since(began) != 3*time.Second {
			t.Errorf("got %v after %v, want %v", err, time.Since(began), csta.ErrCallEnded)
		}
		if err := c.AnswerCall(t.Context(), id); err == nil {
			t.Error("a call that is gone was answered")
		}
	})
}

func TestServicesHeedTheirContext(t *testing.T) {
	inBubble(t, pbxsim.Config{Behaviour: pbxsim.Behaviour{BusyAs: "silent"}, Outside: pbxsim.Demo}, func(t *testing.T, pbx *pbxsim.PBX, c *client, _ *atomic.Int32) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		began := time.Now()
		errs := make(chan error)
		for range 3 { // one call is made at a time: two wait for the first
			go func() { _, err := c.MakeCall(ctx, "999"); errs <- err }()
		}
		for range 3 {
			if err := <-errs; !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 3*time.Second {
				t.Errorf("got %v after %v", err, time.Since(began))
			}
		}
	})
}

func TestFullJitter(t *testing.T) {
	for attempt, ceiling := range []time.Duration{1, 2, 4, 8, 16, 30, 30, 30} {
		ceiling *= time.Second
		var sum, least, most time.Duration = 0, ceiling, 0
		const n = 4000
		for range n {
			wait := fullJitter(attempt)
			sum += wait
			least, most = min(least, wait), max(most, wait)
		}
		// Spread over the whole width: were it narrower, one of these would fail for certain.
		if least > ceiling/20 || most < ceiling*19/20 || most > ceiling || sum/n < ceiling*2/5 || sum/n > ceiling*3/5 {
			t.Errorf("attempt %d: %v to %v, mean %v; want up to %v", attempt, least, most, sum/n, ceiling)
		}
	}
	if wait := fullJitter(1 << 30); wait < 0 || wait > 30*time.Second {
		t.Errorf("after very many attempts: %v", wait)
	}
}

// redialling runs a session whose dials fail, and notes when they were made.
func redialling(t *testing.T, test func(s *Session, dials func() []time.Duration, fail *atomic.Bool, cut func())) {
	synctest.Test(t, func(t *testing.T) {
		pbx := pbxsim.New(pbxsim.Config{})
		cfg := config("tcp://pbx:7000")
		cfg.Backoff = func(attempt int) time.Duration { return min(time.Second<<attempt, 30*time.Second) }
		s, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		var mu sync.Mutex
		var at []time.Duration
		var fail atomic.Bool
		fail.Store(true)
		var line net.Conn
		s.dial = func(ctx context.Context, opts *transport.Options) (transport.Conn, error) {
			mu.Lock()
			at = append(at, time.Since(began))
			mu.Unlock()
			if fail.Load() {
				return nil, errors.New("no route to host")
			}
			near, far := net.Pipe()
			line = near
			go pbx.ServeTCP(far)
			return overConn(near, opts)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { _ = s.Run(ctx); close(done) }()
		test(s, func() []time.Duration {
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(at)
		}, &fail, func() { line.Close() })
		stop()
		<-done
		pbx.Close()
	})
}

func TestBackoffGrowsAndStartsAfresh(t *testing.T) {
	redialling(t, func(s *Session, dials func() []time.Duration, fail *atomic.Bool, cut func()) {
		time.Sleep(2 * time.Minute)
		var want []time.Duration
		for _, second := range []time.Duration{0, 1, 3, 7, 15, 31, 61, 91} {
			want = append(want, second*time.Second)
		}
		if got := dials(); !slices.Equal(got, want) {
			t.Fatalf("dialled at %v, want %v", got, want)
		}
		fail.Store(false)
		time.Sleep(time.Minute)
		if got := dials(); len(got) != len(want)+1 {
			t.Fatalf("dialled at %v", got)
		}
		fail.Store(true)
		cut()
		synctest.Wait()
		before := len(dials())
		time.Sleep(1100 * time.Millisecond)
		if got := dials(); len(got) != before+1 {
			t.Errorf("after a session that was complete: dialled at %v, want another a second later", got)
		}
	})
}

func TestWakeCutsTheWait(t *testing.T) {
	redialling(t, func(s *Session, dials func() []time.Duration, fail *atomic.Bool, cut func()) {
		time.Sleep(32 * time.Second) // the next would be at 61 s
		before := len(dials())
		fail.Store(false)
		s.Wake()
		s.Wake()
		time.Sleep(officeWakes)
		if got := dials(); len(got) != before+1 {
			t.Errorf("dialled at %v, want one within %v of the wake at 32 s", got, officeWakes)
		}
		if _, err := s.current(); err != nil {
			t.Error(err)
		}
	})
}

// TestLeaving: StopApplicationSession goes out, and a peer that does not answer it holds nobody up.
func TestLeaving(t *testing.T) {
	for name, behaviour := range map[string]pbxsim.Behaviour{
		"answered": {}, "silence": {DropAnswers: "StopApplicationSession"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				pbx := pbxsim.New(pbxsim.Config{Behaviour: behaviour})
				said := make(chan string, 1000)
				unwatch := pbx.Watch(func(line string) { said <- line })
				cfg := config("tcp://pbx:7000")
				s, err := New(cfg)
				if err != nil {
					t.Fatal(err)
				}
				s.dial = func(_ context.Context, opts *transport.Options) (transport.Conn, error) {
					near, far := net.Pipe()
					go pbx.ServeTCP(far)
					return overConn(near, opts)
				}
				ctx, stop := context.WithCancel(t.Context())
				ran := make(chan error)
				go func() { ran <- s.Run(ctx) }()
				time.Sleep(time.Second)
				began := time.Now()
				stop()
				if err := <-ran; !errors.Is(err, context.Canceled) {
					t.Errorf("Run: got %v", err)
				}
				if took := time.Since(began); took > stopLimit {
					t.Errorf("leaving took %v, want at most %v", took, stopLimit)
				}
				synctest.Wait()
				unwatch()
				close(said)
				logout := false
				for line := range said {
					logout = logout || slices.Contains(strings.Fields(line), "logout")
				}
				if !logout {
					t.Error("the PBX was not told")
				}
				pbx.Close()
			})
		})
	}
}

func TestSilentLogin(t *testing.T) {
	inBubble(t, pbxsim.Config{Behaviour: pbxsim.Behaviour{DropAnswers: "StartApplicationSession"}}, func(t *testing.T, pbx *pbxsim.PBX, c *client, dials *atomic.Int32) {
		time.Sleep(answerLimit + time.Millisecond)
		if st := c.now(); st.Status != csta.Offline || !errors.Is(st.Err, csta.ErrNoAnswer) {
			t.Errorf("got %v %v, want offline, %v", st.Status, st.Err, csta.ErrNoAnswer)
		}
		pbx.Set(func(b *pbxsim.Behaviour) { b.DropAnswers = "" })
		time.Sleep(time.Second)
		if st := c.now(); st.Status != csta.Online {
			t.Errorf("later: %v %v", st.Status, st.Err)
		}
	})
}

// TestClosedLogin: a link that is closed instead of an answer may be a refusal, or a restart: it is tried
// again, and said what it is.
func TestClosedLogin(t *testing.T) {
	inBubble(t, pbxsim.Config{Behaviour: pbxsim.Behaviour{RefuseLogins: 3, RefuseAs: "close"}}, func(t *testing.T, pbx *pbxsim.PBX, c *client, dials *atomic.Int32) {
		if st := c.now(); st.Status != csta.Offline || !errors.Is(st.Err, csta.ErrClosedAtLogin) || errors.Is(st.Err, csta.ErrLoginRefused) {
			t.Errorf("got %v %v, want offline, %v", st.Status, st.Err, csta.ErrClosedAtLogin)
		}
		time.Sleep(time.Minute)
		if st := c.now(); st.Status != csta.Online || dials.Load() != 4 {
			t.Errorf("later: %v %v, %d links", st.Status, st.Err, dials.Load())
		}
	})
}

// TestSnapshotShapes: the calls that were there before us, in each shape that a gateway may send.
func TestSnapshotShapes(t *testing.T) {
	for shape, want := range map[string]int{"empty": 0, "vendor": 1, "ecma": 1} {
		t.Run(shape, func(t *testing.T) {
			pbx := pbxsim.New(pbxsim.Config{Behaviour: pbxsim.Behaviour{Snapshot: shape}})
			t.Cleanup(func() { pbx.Close() })
			for _, g := range gateways {
				url, err := g.listen(pbx)
				if err != nil {
					t.Fatal(err)
				}
				call, err := pbx.Call("22334455", "200", "")
				if err != nil {
					t.Fatal(err)
				}
				c := start(t, config(url))
				st := c.await("online", online)
				if len(st.Calls) != want || want > 0 && (st.Calls[0].Phase != csta.Ringing || st.Calls[0].Remote.Number != "22334455") {
					t.Errorf("%s: got %+v, want %d ringing", g.name, st.Calls, want)
				}
				c.stop()
				if err := call.Clear("22334455"); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// TestLeavingManyTimes: the signalr package panicked, in a goroutine of its own, when a link ended while
// it was handing on the answer to the goodbye.
func TestLeavingManyTimes(t *testing.T) {
	overBoth(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		for range 100 {
			if err := Try(within(t), config(url)); err != nil {
				t.Fatal(err)
			}
		}
	})
}
