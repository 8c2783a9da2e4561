//go:build linux && desktop

package desktoptest_test

import (
	"strings"
	"testing"
)

// upstreamRace reports whether a report of the race detector is about systray, or the D-Bus package
// under it, and nothing of ours: both accesses are in their code. Known in the version in go.mod: an icon
// is replaced in place while the bus may be sending the old one, and the menu's revision is counted
// without a lock. Neither can be cured from outside.
func upstreamRace(report string) bool {
	if !strings.Contains(report, "WARNING: DATA RACE") {
		return false
	}
	accesses := 0
	for stack := range strings.SplitSeq(report, "\n\n") {
		if !strings.Contains(stack, " at 0x") || !strings.Contains(stack, " by ") {
			continue // where the goroutines were created
		}
		accesses++
		for line := range strings.Lines(stack) {
			frame := strings.TrimSpace(line)
			if strings.HasPrefix(frame, "main.") {
				return false
			}
			module, _, found := strings.Cut(frame, "/")
			if !found || module != "calltray" && !strings.Contains(module, ".") {
				continue // the header, a file, or the standard library
			}
			if !strings.HasPrefix(frame, "fyne.io/systray") && !strings.HasPrefix(frame, "github.com/godbus/") {
				return false
			}
			break
		}
	}
	return accesses == 2
}

// TestDesktopUpstreamRace keeps upstreamRace from hiding races of ours.
func TestDesktopUpstreamRace(t *testing.T) {
	report := func(first, second string) string {
		return "WARNING: DATA RACE\nWrite at 0x01 by goroutine 74:\n  " + first + "\n      /x/y.go:1 +0x1\n\nPrevious read at 0x01 by goroutine 72:\n  reflect.Value.Uint()\n      /x/y.go:1\n  " +
			second + "\n      /x/y.go:2 +0x2\n\nGoroutine 74 (running) created at:\n  calltray/ui.New()\n"
	}
	for want, reports := range map[bool][]string{
		true:  {report("fyne.io/systray.refresh()", "fyne.io/systray.(*tray).GetLayout()"), report("fyne.io/systray.argbForImage()", "github.com/godbus/dbus/v5.(*encoder).encode()")},
		false: {report("calltray/ui.(*UI).show()", "fyne.io/systray.refresh()"), report("fyne.io/fyne/v2/widget.x()", "calltray/ui.y()"), report("main.(*app).show()", "main.(*app).show()"), "no race"},
	} {
		for _, r := range reports {
			if got := upstreamRace(r); got != want {
				t.Errorf("%v for\n%s", got, r)
			}
		}
	}
}
