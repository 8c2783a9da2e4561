package cstasession

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/transport"
	"calltray/pbxsim"
)

// requestLog counts what is asked over the links of a bubble that are dialled from now on.
type requestLog struct {
	mu    sync.Mutex
	times []time.Time
}

func (r *requestLog) meddle(_ context.Context, _ int32, c transport.Conn) (transport.Conn, error) {
	return meddled{c, func(service string) bool {
		if !strings.HasSuffix(service, "Response") { // to what the PBX asks
			r.mu.Lock()
			r.times = append(r.times, time.Now())
			r.mu.Unlock()
		}
		return false
	}}, nil
}

// between is how many were asked from a moment on, for a while.
func (r *requestLog) between(from time.Time, during time.Duration) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, at := range r.times {
		if !at.Before(from) && at.Before(from.Add(during)) {
			n++
		}
	}
	return n
}

// TestCutWhileIdle: a telephone at which nothing has happened for hours is asked about less often, and a cut is still
// noticed within the bound that Intervals states; soon again after an event, or when the computer wakes.
func TestCutWhileIdle(t *testing.T) {
	for _, test := range []struct {
		name  string
		then  func(*bubble)
		bound time.Duration
	}{
		{"still", func(*bubble) {}, idleSlower*quietLimit + signLimit},
		{"after a call", func(b *bubble) { b.call("22334455", "200").Clear("22334455") }, quietLimit + signLimit},
		{"after a wake", func(b *bubble) { b.c.Wake() }, quietLimit + signLimit},
	} {
		for _, kind := range kinds {
			t.Run(test.name+"/"+kind, func(t *testing.T) {
				inFakeTime(t, kind, pbxsim.Config{}, nil, func(b *bubble) {
					time.Sleep(time.Hour + 17*time.Second)
					test.then(b)
					time.Sleep(2 * time.Second) // what it asked is answered
					cut := time.Now()
					b.net.set(func(w *weather) { w.hole = true })
					time.Sleep(time.Minute)
					if after, noticed := b.offlineAfter(cut); !noticed || after > test.bound {
						b.t.Errorf("noticed %v, after %v, want within %v", noticed, after, test.bound)
					}
				})
			})
		}
	}
}

// TestRequestsOfAnHour: what a client costs the PBX. Where events flow it asks for little more than its renewal.
func TestRequestsOfAnHour(t *testing.T) {
	idle := func(*bubble) { time.Sleep(time.Hour) }
	busy := func(b *bubble) { // somebody calls every five seconds, and gives up
		for range int(time.Hour / (5 * time.Second)) {
			call, err := b.pbx.Call("22334455", "200", "")
			if err != nil {
				b.t.Fatal(err)
			}
			_ = call.Clear("22334455")
			time.Sleep(5 * time.Second)
		}
	}
	for _, test := range []struct {
		name      string
		intervals Intervals
		hour      func(*bubble)
		most      int
	}{
		{"idle", Intervals{}, idle, 225},
		{"idle, with longer intervals", Intervals{Sign: 30 * time.Second, Monitor: 10 * time.Minute}, idle, 190},
		{"busy", Intervals{}, busy, 75},
	} {
		for _, kind := range kinds {
			t.Run(test.name+"/"+kind, func(t *testing.T) {
				inFakeTime(t, kind, pbxsim.Config{}, func(c *Config) { c.Intervals = test.intervals }, func(b *bubble) {
					asked := &requestLog{}
					meddle := asked.meddle
					b.meddle.Store(&meddle)
					b.pbx.Drop()
					time.Sleep(time.Minute)
					began := time.Now()
					test.hour(b)
					n := asked.between(began, time.Hour)
					t.Logf("%d requests in an hour", n)
					if n > test.most || n < 30 { // the renewals at least
						b.t.Errorf("%d requests in an hour, want at most %d", n, test.most)
					}
				})
			})
		}
	}
}

// TestSurveyIsSpread: in a large office a login is followed by few questions at a time, and all are asked in
// the end.
func TestSurveyIsSpread(t *testing.T) {
	change := func(c *Config) { c.OnColleague = func(csta.Colleague) {} }
	inFakeTime(t, "tcp", pbxsim.Config{Extensions: pbxsim.Office(300).Extensions}, change, func(b *bubble) {
		asked := &requestLog{}
		meddle := asked.meddle
		b.meddle.Store(&meddle)
		b.pbx.Drop()
		began := time.Now()
		time.Sleep(10 * time.Minute)
		first, all := asked.between(began, 30*time.Second), asked.between(began, 5*time.Minute)
		t.Logf("%d requests in the first half minute, %d in five minutes", first, all)
		if first > 250 || all < 598 {
			b.t.Errorf("%d requests in the first half minute and %d in five minutes, want at most 250, and two for each colleague", first, all)
		}
	})
}
