//go:build linux && desktop

package desktoptest_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"calltray/internal/desktoptest"
)

// TestDesktopSleep: the computer sleeps for longer than Fyne remembers what it has drawn. After that, the window on the
// screen shows a call, as the popup does.
func TestDesktopSleep(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "sleep")
	d.start(append(d.account(d.pbx.TCP), "FYNE_CACHE=1s")...)
	d.must(d.app.Says(d.ctx, "online"))
	calls := d.window().Rect
	calls.Max.X = calls.Min.X + calls.Dx()/2
	for n := range 2 { // what was forgotten is missed when it is to change
		before, err := d.Still(d.ctx, calls)
		d.must(err)
		d.must(d.app.Signal(syscall.SIGSTOP))
		time.Sleep(stood)
		d.must(d.pbx.Do(fmt.Sprintf("call 2233445%d %s", n, device)))
		d.must(d.app.Signal(syscall.SIGCONT))
		d.until("the popup", func() bool { _, ok := d.app.Popup(); return ok })
		d.until("the call in the window", func() bool {
			now, err := d.Picture()
			return err == nil && desktoptest.Different(before, now, calls)
		})
		d.must(d.pbx.Do(fmt.Sprintf("clear 2233445%d", n)))
		d.until("the popup to go", func() bool { _, ok := d.app.Popup(); return !ok })
	}
	d.quit()
}

// stood is longer than Fyne waits between two looks for what it may forget.
const stood = 11 * time.Second
