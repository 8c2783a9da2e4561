package account

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zalando/go-keyring"
)

// fake is a keyring whose answers the test gives.
type fake struct {
	calls   atomic.Int32
	answer  func(call int) (string, error) // of get; may block
	absent  error
	locked  atomic.Bool
	known   bool
	written map[string]string
}

func (f *fake) ring() *ring {
	f.written = map[string]string{}
	return newRing(ring{
		get: func(service, user string) (string, error) {
			return f.answer(int(f.calls.Add(1)))
		},
		set: func(service, user, password string) error {
			_, err := f.answer(int(f.calls.Add(1)))
			if err == nil {
				f.written[service+" "+user] = password
			}
			return err
		},
		del: func(service, user string) error {
			_, err := f.answer(int(f.calls.Add(1)))
			return err
		},
		present: func() error { return f.absent },
		locked:  func() (bool, bool) { return f.locked.Load(), f.known },
	})
}

var (
	errUnlock  = errors.New("failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'")
	errService = errors.New("dbus: The name org.freedesktop.secrets was not provided by any .service files")
)

func TestPasswordErrors(t *testing.T) {
	for _, tt := range []struct {
		name   string
		err    error
		absent error
		want   error
		calls  int
	}{
		{"not found", keyring.ErrNotFound, nil, ErrNoPassword, 1},
		{"no service", errService, nil, ErrKeyringUnavailable, 1},
		{"stays locked", errUnlock, nil, ErrKeyringLocked, 1},
		{"no bus", nil, errNoBus, ErrKeyringUnavailable, 0},
		{"too big", keyring.ErrSetDataTooBig, nil, ErrKeyringUnavailable, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &fake{absent: tt.absent, answer: func(int) (string, error) { return "", tt.err }}
			r := f.ring()
			cause := tt.err
			if cause == nil {
				cause = tt.absent
			}
			if _, err := r.password(t.Context(), good); !errors.Is(err, tt.want) || !errors.Is(err, cause) || int(f.calls.Load()) != tt.calls {
				t.Errorf("password: %v after %d calls, want %v after %d", err, f.calls.Load(), tt.want, tt.calls)
			}
			f.calls.Store(0)
			if err := r.setPassword(t.Context(), good, "canary"); !errors.Is(err, tt.want) || int(f.calls.Load()) != tt.calls || strings.Contains(err.Error(), "canary") {
				t.Errorf("setPassword: %v after %d calls, want %v after %d", err, f.calls.Load(), tt.want, tt.calls)
			}
			f.calls.Store(0)
			err := r.deletePassword(t.Context(), good)
			if tt.want == ErrNoPassword {
				if err != nil {
					t.Errorf("deletePassword: %v", err)
				}
			} else if !errors.Is(err, tt.want) || int(f.calls.Load()) != tt.calls {
				t.Errorf("deletePassword: %v after %d calls, want %v after %d", err, f.calls.Load(), tt.want, tt.calls)
			}
		})
	}
}

func TestPasswordOfNobody(t *testing.T) {
	f := &fake{answer: func(int) (string, error) { return "", nil }}
	r := f.ring()
	for _, s := range []Settings{{}, {UserID: "u"}, {URL: "tcp://h:1"}, {URL: "://", UserID: "u"}} {
		if _, err := r.password(t.Context(), s); !errors.Is(err, ErrNoPassword) {
			t.Errorf("%+v: %v", s, err)
		}
		if err := r.setPassword(t.Context(), s, "x"); err == nil {
			t.Errorf("%+v: a password was stored for nobody", s)
		}
		if err := r.deletePassword(t.Context(), s); err != nil {
			t.Errorf("%+v: %v", s, err)
		}
	}
	if f.calls.Load() != 0 {
		t.Errorf("the keyring was asked %d times", f.calls.Load())
	}
}

// A stray signal on go-keyring's bus connection looks like a failed unlock: of a keyring that is open, once is
// no failure.
func TestPasswordRetriesOnce(t *testing.T) {
	f := &fake{known: true, answer: func(call int) (string, error) {
		if call == 1 {
			return "", errUnlock
		}
		return "secret", nil
	}}
	if p, err := f.ring().password(t.Context(), good); p != "secret" || err != nil {
		t.Errorf("got %q, %v", p, err)
	}
}

// The user cancels the keyring's prompt: it does not come again, neither at once nor later, until somebody has
// unlocked the keyring, or asks for it.
func TestCancelledPromptComesOnce(t *testing.T) {
	for _, known := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			f := &fake{known: known, answer: func(int) (string, error) { return "", errUnlock }}
			f.locked.Store(known)
			r := f.ring()
			if _, err := r.password(t.Context(), good); !errors.Is(err, ErrKeyringLocked) || f.calls.Load() != 1 {
				t.Errorf("known %v: %v after %d prompts, want 1", known, err, f.calls.Load())
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			if _, err := r.waitPassword(ctx, good, nil); !errors.Is(err, ErrKeyringLocked) || f.calls.Load() != 2 {
				t.Errorf("known %v, waiting for an hour: %v after %d prompts, want 2", known, err, f.calls.Load())
			}
		})
	}
}

func TestErrorNeverHoldsThePassword(t *testing.T) {
	f := &fake{answer: func(int) (string, error) { return "", errors.New("cannot store canary") }}
	err := f.ring().setPassword(t.Context(), good, "canary")
	if !errors.Is(err, ErrKeyringUnavailable) || strings.Contains(err.Error(), "canary") {
		t.Errorf("got %v", err)
	}
}

func TestHungKeyring(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		prompt := make(chan string)
		f := &fake{answer: func(int) (string, error) { return <-prompt, nil }}
		r := f.ring()
		start := time.Now()
		_, err := r.password(t.Context(), good)
		if !errors.Is(err, ErrKeyringLocked) || time.Since(start) != patience {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		if _, err := r.password(ctx, good); !errors.Is(err, ErrKeyringLocked) || time.Since(start) != time.Second {
			t.Errorf("with a context, after %v: %v", time.Since(start), err)
		}
		// What would put up a second prompt waits for the first, and is not done after its time.
		if err := r.setPassword(ctx, good, "late"); !errors.Is(err, ErrKeyringLocked) {
			t.Errorf("setPassword: %v", err)
		}
		if f.calls.Load() != 1 {
			t.Errorf("the user was asked %d times", f.calls.Load())
		}
		got := make(chan string)
		for range 2 {
			go func() {
				p, _ := r.password(t.Context(), good)
				got <- p
			}()
		}
		synctest.Wait()
		prompt <- "secret" // the user has unlocked it
		if a, b := <-got, <-got; a != "secret" || b != "secret" {
			t.Errorf("got %q and %q", a, b)
		}
		if f.calls.Load() != 1 || len(f.written) != 0 {
			t.Errorf("asked %d times, wrote %v", f.calls.Load(), f.written)
		}
		// The next question is a new one.
		go func() { prompt <- "changed" }()
		if p, err := r.password(t.Context(), good); p != "changed" || err != nil {
			t.Errorf("got %q, %v", p, err)
		}
	})
}

func TestSetPasswordHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		prompt := make(chan string)
		f := &fake{answer: func(int) (string, error) { return <-prompt, nil }}
		r := f.ring()
		if err := r.setPassword(t.Context(), good, "p"); !errors.Is(err, ErrKeyringLocked) {
			t.Errorf("got %v", err)
		}
		prompt <- ""
		synctest.Wait()
		if f.written["Calltray user@example.dk@csta.example.dk"] != "p" {
			t.Errorf("unlocked later: %v is stored", f.written)
		}
	})
}

func TestWaitPassword(t *testing.T) {
	for _, tt := range []struct {
		name     string
		absent   error
		answer   func(f *fake) (string, error)
		opens    time.Duration // when somebody unlocks it
		limit    time.Duration // of the context
		password string
		want     error
		reports  []error
		min, max time.Duration
		calls    int // at most
	}{
		{name: "there", answer: func(*fake) (string, error) { return "p", nil }, password: "p", calls: 1},
		{name: "no password", answer: func(*fake) (string, error) { return "", keyring.ErrNotFound }, want: ErrNoPassword, calls: 1},
		{name: "no bus", absent: errNoBus, want: ErrKeyringUnavailable},
		{
			name: "late", answer: func(f *fake) (string, error) {
				if f.calls.Load() < 4 {
					return "", errService
				}
				return "p", nil
			},
			password: "p", reports: []error{ErrKeyringUnavailable}, min: time.Second, max: 5 * time.Second, calls: 4,
		},
		{
			name: "never", answer: func(*fake) (string, error) { return "", errService },
			want: ErrKeyringUnavailable, reports: []error{ErrKeyringUnavailable}, min: grace, max: grace + longPause, calls: 9,
		},
		{
			name: "locked, the prompt dismissed, unlocked a minute later", answer: func(f *fake) (string, error) {
				if f.locked.Load() {
					return "", errUnlock
				}
				return "p", nil
			},
			opens: time.Minute, password: "p", reports: []error{ErrKeyringLocked}, min: time.Minute, max: time.Minute + longPause, calls: 2,
		},
		{
			name: "locked for good", answer: func(*fake) (string, error) { return "", errUnlock },
			limit: time.Hour, want: ErrKeyringLocked, reports: []error{ErrKeyringLocked}, min: time.Hour, max: time.Hour, calls: 1,
		},
		{
			name: "the prompt is open, and answered", answer: func(*fake) (string, error) { time.Sleep(time.Minute); return "p", nil },
			password: "p", reports: []error{ErrKeyringLocked}, min: time.Minute, max: time.Minute + longPause, calls: 1,
		},
		{
			name: "late, then locked, then there", answer: func(f *fake) (string, error) {
				switch f.calls.Load() {
				case 1:
					return "", errService
				case 2, 3:
					return "", errUnlock
				}
				return "p", nil
			},
			opens: 10 * time.Second, password: "p", reports: []error{ErrKeyringUnavailable, ErrKeyringLocked}, min: 9 * time.Second, max: 20 * time.Second, calls: 4,
		},
		{
			name: "the context ends while there is none", answer: func(*fake) (string, error) { return "", errService },
			limit: 3 * time.Second, want: context.DeadlineExceeded, reports: []error{ErrKeyringUnavailable}, min: 3 * time.Second, max: 3 * time.Second, calls: 5,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				if tt.limit > 0 {
					ctx, cancel = context.WithTimeout(t.Context(), tt.limit)
				}
				defer cancel()
				f := &fake{absent: tt.absent, known: true}
				f.locked.Store(true)
				f.answer = func(int) (string, error) { return tt.answer(f) }
				if tt.opens > 0 {
					time.AfterFunc(tt.opens, func() { f.locked.Store(false) })
				}
				var reports []error
				start := time.Now()
				p, err := f.ring().waitPassword(ctx, good, func(err error) { reports = append(reports, err) })
				if took := time.Since(start); p != tt.password || !errors.Is(err, tt.want) || took < tt.min || took > max(tt.max, tt.min) {
					t.Errorf("got %q, %v after %v; want %q, %v", p, err, took, tt.password, tt.want)
				}
				if int(f.calls.Load()) > tt.calls {
					t.Errorf("asked %d times, want %d at most", f.calls.Load(), tt.calls)
				}
				if len(reports) != len(tt.reports) {
					t.Fatalf("reports %v, want %v", reports, tt.reports)
				}
				for i := range reports {
					if !errors.Is(reports[i], tt.reports[i]) {
						t.Errorf("report %d: %v, want %v", i, reports[i], tt.reports[i])
					}
				}
			})
		})
	}
}
