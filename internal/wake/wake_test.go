package wake

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestSlept(t *testing.T) {
	for _, c := range []struct {
		name            string
		wall, monotonic time.Duration
		want            bool
	}{
		{"a look in time", tick, tick, false},
		{"a busy machine", tick + 2*time.Second, tick + 2*time.Second, false},
		{"a second corrected forward", tick + time.Second, tick, false},
		{"sleep, where the monotonic clock stands still", tick + time.Minute, tick, true},
		{"a short sleep", tick + 3*time.Second, tick, true},
		{"sleep, where it goes on", tick + time.Minute, tick + time.Minute, true},
		{"the program was stopped", 6 * time.Second, 6 * time.Second, true},
		{"the clock was set back while the program was stopped", -time.Hour, time.Minute, true},
		{"the clock was set back", -time.Hour, tick, false},
		{"the clock was set forward: a probe too many", time.Hour, tick, true},
	} {
		if got := slept(c.wall, c.monotonic); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

func TestClockIsWatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		start := time.Now()
		var jump atomic.Int64
		read := func() (wall, monotonic time.Duration) {
			return time.Since(start) + time.Duration(jump.Load()), time.Since(start)
		}
		s := newSigns(slog.New(slog.DiscardHandler))
		var ended atomic.Bool
		go func() { watchClock(ctx, read, s); ended.Store(true) }()

		time.Sleep(time.Hour) // of the bubble's time
		synctest.Wait()
		if len(s.slept) != 0 {
			t.Fatal("woke without a sleep")
		}
		jump.Store(int64(8 * time.Hour))
		time.Sleep(tick)
		synctest.Wait()
		if len(s.slept) != 1 {
			t.Fatal("a sleep of eight hours was not noticed at the next look")
		}
		<-s.slept
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(s.slept) != 0 {
			t.Fatal("one sleep was noticed twice")
		}
		cancel()
		synctest.Wait()
		if !ended.Load() {
			t.Fatal("goes on after its end")
		}
	})
}

func TestReadClock(t *testing.T) {
	wall, monotonic := readClock()
	later, goneOn := readClock()
	if now := time.Duration(time.Now().UnixNano()); now-wall > time.Minute || later < wall || goneOn < monotonic || monotonic <= 0 {
		t.Errorf("%v %v, then %v %v", wall, monotonic, later, goneOn)
	}
}

func TestSignsAreGathered(t *testing.T) {
	type call struct {
		at     time.Duration
		reason string
	}
	const ms = time.Millisecond
	for _, c := range []struct {
		name  string
		takes time.Duration // wake
		signs map[time.Duration]func(*signs)
		want  []call
	}{
		{"one sign", 0, map[time.Duration]func(*signs){0: network}, []call{{1000 * ms, Changed}}},
		{"a burst", 0, map[time.Duration]func(*signs){0: network, 10 * ms: network, 300 * ms: network, 900 * ms: network},
			[]call{{1000 * ms, Changed}}},
		{"both kinds", 0, map[time.Duration]func(*signs){0: network, 500 * ms: woke}, []call{{1000 * ms, Slept + " and " + Changed}}},
		{"one after the other", 0, map[time.Duration]func(*signs){0: woke, 1500 * ms: network}, []call{{1000 * ms, Slept}, {2500 * ms, Changed}}},
		{"while wake runs", time.Minute, map[time.Duration]func(*signs){0: woke, 10 * time.Second: network, 20 * time.Second: network},
			[]call{{1000 * ms, Slept}, {62 * time.Second, Changed}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				s := newSigns(slog.New(slog.DiscardHandler))
				start := time.Now()
				var got []call
				var running, ended bool
				go func() {
					s.gather(ctx, func(reason string) {
						if running {
							t.Error("called twice at once")
						}
						running = true
						got = append(got, call{time.Since(start), reason})
						time.Sleep(c.takes)
						running = false
					})
					ended = true
				}()
				for after, sign := range c.signs {
					time.AfterFunc(after, func() { sign(s); sign(s) })
				}
				time.Sleep(10 * time.Minute)
				synctest.Wait()
				if !slices.Equal(got, c.want) {
					t.Errorf("called %v, want %v", got, c.want)
				}
				network(s) // gathered, and not told any more
				synctest.Wait()
				cancel()
				synctest.Wait()
				if !ended || len(got) != len(c.want) {
					t.Errorf("ended: %t, called %v", ended, got)
				}
			})
		})
	}
}

func network(s *signs) { s.network("test") }
func woke(s *signs)    { s.woke("test") }

// TestWatchEnds starts everything there is on this system, whatever of it is to be had, and wants it
// all gone with the context; TestMain looks for goroutines left.
func TestWatchEnds(t *testing.T) {
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); Watch(ctx, nil, func(string) {}) }()
		cancel()
		select {
		case <-ended:
		case <-time.After(time.Minute):
			t.Fatal("goes on after its end")
		}
	}
}
