package app

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/attention"
)

// ring is a state in which calls ring.
func ring(calls ...csta.Call) csta.State {
	for i := range calls {
		calls[i].Phase, calls[i].Direction, calls[i].Since = csta.Ringing, csta.Incoming, time.Now()
		calls[i].ID.CallID = string(rune('a' + i))
	}
	return csta.State{Status: csta.Online, Calls: calls}
}

// newAttentive makes one with settings, whose desktop is as around says; news counts what is told.
func newAttentive(ctx context.Context, s account.Settings, around *atomic.Pointer[attention.Desktop], news *atomic.Int32) *attentive {
	a := &attentive{settings: s, internal: func(n string) bool { return len(n) == 3 }, popup: func(string) bool { return true }, changed: func() { news.Add(1) }}
	a.desktop = func(ctx context.Context, _ bool) attention.Desktop {
		if around == nil {
			<-ctx.Done() // it hangs
			return attention.Desktop{}
		}
		return *around.Load()
	}
	a.live(ctx)
	return a
}

// The desktop is asked while a call rings, and a call is shown as soon as that is right.
func TestAttentionFollowsTheDesktop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		var around atomic.Pointer[attention.Desktop]
		around.Store(&attention.Desktop{FullScreen: true})
		var news atomic.Int32
		a := newAttentive(ctx, account.Settings{AlertFullScreen: account.AlertTray}, &around, &news)
		st := ring(csta.Call{})
		a.follow(st)
		if got := a.of(st.Calls[0]); got != (attention.Channels{Tray: true, Asking: true}) {
			t.Errorf("before the desktop has told: %+v", got)
		}
		time.Sleep(lookAgain / 2)
		if got := a.of(st.Calls[0]); got.Popup || got.Notification || !got.Tray {
			t.Errorf("in full screen: %+v", got)
		}
		around.Store(&attention.Desktop{})
		before := news.Load()
		time.Sleep(lookAgain)
		if got := a.of(st.Calls[0]); !got.Popup || news.Load() != before+1 {
			t.Errorf("after it: %+v, told %d times", got, news.Load()-before)
		}
		time.Sleep(10 * lookAgain)
		if news.Load() != before+1 {
			t.Errorf("while nothing changes it is told %d times", news.Load()-before-1)
		}
		a.follow(csta.State{Status: csta.Online})
		time.Sleep(2 * lookAgain)
		if a.mu.Lock(); a.watching {
			t.Error("the desktop is looked at though nothing rings")
		}
		a.mu.Unlock()
		stop()
		a.wait()
	})
}

// A call that comes when another has just ended is shown at once, and not at the next look.
func TestAttentionToOneCallAfterAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		var around atomic.Pointer[attention.Desktop]
		around.Store(&attention.Desktop{})
		var news atomic.Int32
		a := newAttentive(ctx, account.Settings{}, &around, &news)
		for i := range 5 {
			st, before := ring(csta.Call{}), news.Load()
			a.follow(st)
			synctest.Wait() // no time passes
			if got := a.of(st.Calls[0]); !got.Popup || news.Load() != before+1 {
				t.Errorf("call %d: %+v, told %d times", i, got, news.Load()-before)
			}
			a.follow(csta.State{Status: csta.Online})
		}
		stop()
		a.wait()
	})
}

// A desktop that does not answer holds no call back for longer than a second.
func TestAttentionWhereTheDesktopHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		var news atomic.Int32
		a := newAttentive(ctx, account.Settings{AlertLocked: account.AlertNothing}, nil, &news)
		st := ring(csta.Call{})
		a.follow(st)
		time.Sleep(desktopLimit + time.Millisecond)
		if got := a.of(st.Calls[0]); !got.Popup || news.Load() == 0 {
			t.Errorf("%+v, told %d times", got, news.Load())
		}
		stop()
		a.wait()
	})
}

// A queue's call is shown when it has rung for as long as the settings say; a colleague's and one during a call as they
// say, and nothing is asked of the desktop for it.
func TestAttentionByCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		var news atomic.Int32
		a := newAttentive(ctx, account.Settings{AlertQueueAfter: 5, AlertInternal: account.AlertNotification, AlertInCall: account.AlertTray, AlertNames: true}, nil, &news)
		st := ring(csta.Call{Via: "400"}, csta.Call{Remote: csta.Party{Number: "203"}}, csta.Call{Remote: csta.Party{Number: "22334455"}})
		a.follow(st)
		for i, want := range []attention.Channels{{Tray: true}, {Notification: true, Tray: true}, {Popup: true, Notification: true, Tray: true}} {
			if got := a.of(st.Calls[i]); got != want {
				t.Errorf("call %d: %+v, want %+v", i, got, want)
			}
		}
		time.Sleep(6 * time.Second)
		if got := a.of(st.Calls[0]); !got.Popup || news.Load() == 0 {
			t.Errorf("a queue's call after six seconds: %+v, told %d times", got, news.Load())
		}
		st.Calls = append(st.Calls, csta.Call{ID: csta.ConnectionID{CallID: "z"}, Phase: csta.Active})
		a.follow(st)
		if got := a.of(st.Calls[2]); got != (attention.Channels{Tray: true}) {
			t.Errorf("during a call: %+v", got)
		}
		stop()
		a.wait()
	})
}

// A locked screen does not show who is calling, unless the settings say so; when it is unlocked, it shows it at
// once.
func TestNamesOnALockedScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		var around atomic.Pointer[attention.Desktop]
		around.Store(&attention.Desktop{Locked: true})
		var news atomic.Int32
		a := newAttentive(ctx, account.Settings{}, &around, &news)
		st := ring(csta.Call{})
		a.follow(st)
		if got := a.of(st.Calls[0]); got.Popup || got.Notification {
			t.Errorf("before the desktop has told: %+v", got)
		}
		synctest.Wait()
		if got := a.of(st.Calls[0]); !got.Popup || !got.Notification || !got.Nameless || !a.nameless() {
			t.Errorf("locked: %+v", got)
		}
		around.Store(&attention.Desktop{})
		before := news.Load()
		time.Sleep(lookAgain)
		synctest.Wait()
		if got := a.of(st.Calls[0]); !got.Popup || got.Nameless || a.nameless() || news.Load() != before+1 {
			t.Errorf("unlocked: %+v, told %d times", got, news.Load()-before)
		}
		around.Store(&attention.Desktop{Shared: true})
		time.Sleep(lookAgain)
		synctest.Wait()
		if got := a.of(st.Calls[0]); !got.Nameless {
			t.Errorf("shared: %+v", got)
		}
		st.Calls[0].Phase = csta.Active
		a.follow(st)
		time.Sleep(lookAgain)
		synctest.Wait()
		if got := a.of(st.Calls[0]); !got.Nameless {
			t.Errorf("shared, and answered: %+v", got)
		}
		a.set(account.Settings{AlertNames: true})
		if got := a.of(st.Calls[0]); got.Nameless || a.nameless() {
			t.Errorf("shared, and the settings tell who calls: %+v", got)
		}
		stop()
		a.wait()
	})
}

// While others see the screen, nobody's name is in the tray: also not when the call is over, until they see it no more.
func TestNamesOnASharedScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		var around atomic.Pointer[attention.Desktop]
		around.Store(&attention.Desktop{Shared: true})
		var news atomic.Int32
		a := newAttentive(ctx, account.Settings{}, &around, &news)
		st := ring(csta.Call{})
		hidden := func(when string, want bool) {
			t.Helper()
			if got := a.shared(); got != want {
				t.Errorf("%s: %v, want %v", when, got, want)
			}
		}
		hidden("before", false)
		a.follow(st)
		hidden("while the desktop is asked", true)
		synctest.Wait()
		hidden("while it rings", true)
		a.follow(csta.State{Status: csta.Online})
		time.Sleep(time.Minute)
		hidden("a minute later", true)
		around.Store(&attention.Desktop{Locked: true})
		before := news.Load()
		time.Sleep(lookLater)
		synctest.Wait()
		hidden("not shared any more", false)
		if news.Load() != before+1 {
			t.Errorf("told %d times that names may be shown again", news.Load()-before)
		}
		if a.mu.Lock(); a.watching {
			t.Error("the desktop is looked at though nothing depends on it")
		}
		a.mu.Unlock()
		around.Store(&attention.Desktop{})
		a.follow(st)
		synctest.Wait()
		hidden("the next call", false)
		around.Store(&attention.Desktop{Shared: true})
		st.Calls[0].Phase = csta.Active
		a.follow(st)
		time.Sleep(lookLater + lookAgain)
		synctest.Wait()
		hidden("shared during the call", true)
		a.set(account.Settings{AlertNames: true})
		hidden("with names", false)
		stop()
		a.wait()
	})
}

// A desktop that does not answer holds a call back for a fifth of a second, where only its name depends on it.
func TestNamesWhereTheDesktopHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		var news atomic.Int32
		a := newAttentive(ctx, account.Settings{}, nil, &news)
		st := ring(csta.Call{})
		a.follow(st)
		time.Sleep(namesLimit + time.Millisecond)
		if got := a.of(st.Calls[0]); !got.Popup || got.Nameless || news.Load() == 0 {
			t.Errorf("%+v, told %d times", got, news.Load())
		}
		stop()
		a.wait()
	})
}
