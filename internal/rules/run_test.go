package rules

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// At most four actions run at once, none takes longer than ten seconds, a failing rule is reported once, and
// callers of Happened never wait.
func TestRunner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most, told atomic.Int32
		release := make(chan struct{})
		r := &Runner{
			Open: func(context.Context, *url.URL) error {
				most.Store(max(most.Load(), now.Add(1)))
				defer now.Add(-1)
				<-release
				return errors.New("no browser")
			},
			Failed: func(_ int, err error) {
				if !errors.Is(err, ErrStorm) {
					told.Add(1)
				}
			},
		}
		r.Set("rings => open https://crm.example.dk/{name}\nrings internal => open https://crm.example.dk/never")
		if !r.Wants(Rings) || r.Wants(Ended) {
			t.Error("wants what it has no rule for")
		}
		h := made
		h.Event = Rings
		began := time.Now()
		for range mostWaiting + 5 {
			r.Happened(t.Context(), Rings, func(context.Context, bool) Happening { time.Sleep(time.Second); return h })
		}
		if time.Since(began) != 0 {
			t.Errorf("telling takes %v", time.Since(began))
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if now.Load() != atOnce {
			t.Errorf("%d at once", now.Load())
		}
		close(release)
		r.Wait()
		if most.Load() != atOnce || told.Load() != 1 {
			t.Errorf("%d at once, told %d times", most.Load(), told.Load())
		}
		r.Happened(t.Context(), Rings, func(context.Context, bool) Happening { t.Error("after the end"); return h })
	})
}

// A flood is reported once, for a waiting rule; the report is waited for like everything else, and does not
// hide an error of that rule.
func TestStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var told []string
		release := make(chan struct{})
		r := &Runner{
			Open: func(context.Context, *url.URL) error { <-release; return errors.New("no browser") },
			Failed: func(line int, err error) {
				if errors.Is(err, ErrStorm) {
					time.Sleep(time.Second)
				}
				mu.Lock()
				defer mu.Unlock()
				told = append(told, fmt.Sprint(line, " ", err))
			},
		}
		r.Set("ended => open https://crm.example.dk/ended\nrings => open https://crm.example.dk/rings")
		h := made
		h.Event = Rings
		for range mostWaiting + 5 {
			r.Happened(t.Context(), Rings, func(context.Context, bool) Happening { return h })
		}
		close(release)
		r.Wait()
		slices.Sort(told)
		if want := []string{"2 " + ErrStorm.Error(), "2 no browser"}; len(told) != 2 || !slices.Contains(told, want[0]) || !slices.Contains(told, want[1]) {
			t.Errorf("told %q, want %q", told, want)
		}
	})
}
