package notify

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
)

func TestSelfTest(t *testing.T) {
	refused := errors.New("refused")
	for _, tt := range []struct {
		name  string
		err   error         // of the desktop
		hang  time.Duration // of the desktop
		limit time.Duration // of the caller; 0 for none
		want  []error
		took  time.Duration
	}{
		{"accepted", nil, 0, 0, []error{nil}, 0},
		{"refused", refused, 0, 0, []error{refused}, 0},
		{"slow", nil, 2 * time.Second, 0, []error{nil}, 2 * time.Second},
		{"hung", nil, time.Hour, 0, []error{ErrNoAnswer}, testLimit},
		{"hung, the caller has less time", nil, time.Hour, time.Second, []error{ErrNoAnswer, context.DeadlineExceeded}, time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, d, _ := startFake(Config{})
				defer n.Close()
				d.set(nil, tt.err)
				if tt.hang > 0 {
					hang := make(chan struct{})
					d.set(hang, tt.err)
					time.AfterFunc(tt.hang, func() {
						d.set(nil, nil)
						close(hang)
					})
				}
				ctx := t.Context()
				if tt.limit > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.limit)
					defer cancel()
				}
				start := time.Now()
				err := n.Test(ctx)
				for _, want := range tt.want {
					if !errors.Is(err, want) {
						t.Errorf("got %v, want %v", err, want)
					}
				}
				if took := time.Since(start); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				time.Sleep(tt.hang)
			})
		})
	}
}

// A test that waits behind a hung call is not shown when nobody waits for it any more, and disturbs no
// call.
func TestSelfTestBehindOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, d, _ := startFake(Config{})
		hang := make(chan struct{})
		d.set(hang, nil)
		n.Show(online(call("a", csta.Ringing)))
		synctest.Wait()
		if err := n.Test(t.Context()); !errors.Is(err, ErrNoAnswer) {
			t.Errorf("got %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if err := n.Test(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, ErrNoAnswer) {
			t.Errorf("got %v", err)
		}
		answer := make(chan error, 1)
		go func() { answer <- n.Test(t.Context()) }()
		synctest.Wait()
		d.set(nil, nil)
		close(hang)
		expect(t, "it lives again", d.took(), "show a 1", "show test 2")
		if err := <-answer; err != nil {
			t.Error(err)
		}
		d.emit(event{acted, 2, actionOpen}) // nothing to do for it
		n.Show(online())
		expect(t, "goes by itself", d.took(), "close 1")

		d.set(make(chan struct{}), nil)
		go func() { answer <- n.Test(t.Context()) }()
		synctest.Wait()
		n.Close()
		if err := <-answer; !errors.Is(err, ErrClosed) {
			t.Errorf("closed while it waits: %v", err)
		}
		if err := n.Test(t.Context()); !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}
