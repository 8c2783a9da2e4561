//go:build linux && desktop

package desktoptest_test

import (
	"slices"
	"strings"
	"testing"

	"calltray/internal/desktoptest"
	"calltray/internal/text"
)

// TestDesktopCheck: on a desktop, calltray check goes on to the popup and a notification, and with --call
// places a call and hangs it up, which leaves nothing behind.
func TestDesktopCheck(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "check")
	for _, url := range []string{d.pbx.TCP, d.pbx.HTTP} {
		mark := d.pbx.Mark()
		p, err := d.Desktop.Run(d.command(d.account(url), "check", "--call", "22334455"))
		d.must(err)
		if err := p.Ended(); err != nil {
			t.Errorf("check ended with %v", err)
		}
		t.Logf("%s\n%s", url, p.Log())
		at := 0
		for _, want := range []string{text.StepAccount, text.StepNames["address"], text.StepNames["connection"], text.StepNames["login"], text.StepNames["monitor"], text.StepNames["call"],
			"The popup can be shown", "The desktop accepts notifications", "Everything works: calls would be seen and shown."} {
			i := strings.Index(p.Log()[at:], want)
			if i < 0 {
				t.Errorf("no %q, or not in its place", want)
				continue
			}
			at += i
		}
		if strings.Contains(p.Log(), "FAILED") {
			t.Error("a step failed")
		}
		d.must(d.pbx.Saw(d.ctx, mark, "service ClearConnection"))
		d.must(d.pbx.Saw(d.ctx, mark, "logout"))
		d.must(d.pbx.Idle(d.ctx))
	}
	d.until("the test's notification to go", func() bool {
		return !slices.ContainsFunc(d.Notifications(), func(n desktoptest.Notification) bool { return n.Open })
	})
}
