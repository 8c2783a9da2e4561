//go:build linux && desktop

package desktoptest_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"calltray/internal/desktoptest"
)

// built is the program as users have it; with CALLTRAY_RACE set, the race detector watches it, which takes seven times the
// processor.
var built = sync.OnceValues(func() (string, error) {
	name, flags := "calltray", []string{"build"}
	if os.Getenv("CALLTRAY_RACE") != "" {
		name, flags = "calltray-race", append(flags, "-race")
	}
	program, err := filepath.Abs(filepath.Join("..", "..", "out", name))
	if err != nil {
		return "", err
	}
	if out, err := exec.Command("go", append(flags, "-o", program, "calltray")...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return program, nil
})

// desk is a desktop with a PBX, a Calltray, and somebody who writes a letter.
type desk struct {
	*testing.T
	*desktoptest.Desktop
	ctx     context.Context
	program string
	name    string // begins the names of the pictures
	shots   int
	pbx     *desktoptest.PBX
	app     *desktoptest.App
	pad     *desktoptest.Notepad
}

// device is the extension that the tests are about: a member of the queue 400, as its colleague 202.
const device = "201"

// newDesk starts a desktop, and a PBX of the program.
func newDesk(t *testing.T, name string, display ...string) *desk {
	t.Helper()
	program, err := built()
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{T: t, ctx: t.Context(), program: program, name: name}
	d.Desktop, err = desktoptest.Start(d.ctx, filepath.Join("..", "..", "out", "desktop"), display...)
	d.must(err)
	t.Cleanup(func() { d.Desktop.Close() })
	d.pbx, err = d.StartPBX(d.ctx, program)
	d.must(err)
	return d
}

// must ends the test on an error, with a picture of the screen.
func (d *desk) must(err error) {
	d.Helper()
	if err == nil {
		return
	}
	if d.Desktop != nil {
		shot, _ := d.Screenshot(d.name + "-failed")
		d.Logf("the screen then: %s", shot)
	}
	if d.app != nil {
		d.Logf("Calltray said:\n%s", d.app.Log())
		d.Logf("the tray: %q %q", d.app.ToolTip(), d.app.Labels())
	}
	if d.pbx != nil {
		d.Logf("the PBX said:\n%s", d.pbx.Said(40))
	}
	d.Fatal(err)
}

// until waits for a condition.
func (d *desk) until(what string, condition func() bool) {
	d.Helper()
	d.must(d.Until(d.ctx, what, condition))
}

// shot takes a picture of a state that is reached.
func (d *desk) shot(state string) {
	d.Helper()
	d.shots++
	_, err := d.Screenshot(fmt.Sprintf("%s-%02d-%s", d.name, d.shots, state))
	d.must(err)
}

// account is the environment of an account at the PBX.
func (d *desk) account(url string) []string {
	return []string{"CALLTRAY_URL=" + url, "CALLTRAY_USER=" + d.pbx.User, "CALLTRAY_PASSWORD=" + d.pbx.Password,
		"CALLTRAY_PBX_DOMAIN=" + d.pbx.Domain, "CALLTRAY_DEVICE=" + device}
}

func (d *desk) command(env []string, args ...string) *exec.Cmd {
	c := d.Command(d.program, args...)
	c.Env = append(append(c.Env, "GORACE=atexit_sleep_ms=0 exitcode=0"), env...)
	return c
}

// start starts Calltray.
func (d *desk) start(env ...string) {
	d.Helper()
	var err error
	d.app, err = d.StartApp(d.ctx, d.command(env))
	d.must(err)
}

func (d *desk) write(title string) {
	d.Helper()
	var err error
	d.pad, err = d.OpenNotepad(title)
	d.must(err)
	d.Cleanup(d.pad.Close)
	d.must(d.pad.TakeFocus(d.Context()))
}

// ring lets somebody call, and waits until he is on the screen: popup, notification and tray.
func (d *desk) ring(from, to, name, shown string) desktoptest.Notification {
	d.Helper()
	d.must(d.pbx.Do(fmt.Sprintf("call %s %s %q", from, to, name)))
	d.must(d.pbx.Leg(d.ctx, device, "Alerting"))
	d.until("the popup", d.app.Rings)
	var note desktoptest.Notification
	d.until("the notification", func() bool {
		var ok bool
		note, ok = d.Notification(shown)
		return ok && note.Category == "call.incoming"
	})
	d.must(d.app.Offers(d.ctx, "Answer"))
	return note
}

// quiet waits until nothing rings any more, anywhere on the screen.
func (d *desk) quiet() {
	d.Helper()
	d.until("the popup to show no call that rings", func() bool { return !d.app.Rings() })
	d.until("the notification of the incoming call to go", func() bool {
		return !slices.ContainsFunc(d.Notifications(), func(n desktoptest.Notification) bool { return n.Open && n.Category == "call.incoming" })
	})
	d.until("the tray to stop ringing", func() bool { return !d.app.Can("Answer") })
}

// over waits until the PBX and the tray know of no call.
func (d *desk) over() {
	d.Helper()
	d.must(d.pbx.Idle(d.ctx))
	d.quiet()
	d.until("the popup to go", func() bool { _, ok := d.app.Popup(); return !ok })
	d.until("the call to leave the tray", func() bool { return !d.app.Has("Hang up") })
}

func (d *desk) missed() int {
	n := 0
	for _, note := range d.Notifications() {
		if note.Open && note.Category != "call.incoming" {
			n++
		}
	}
	return n
}

// healthy checks what Calltray said on standard error: no data race, no call of Fyne from a wrong
// goroutine, no error, no password.
func (d *desk) healthy() {
	d.Helper()
	d.sound(d.app.Log())
}

// sound checks what a Calltray said, as healthy does.
func (d *desk) sound(log string) {
	d.Helper()
	var said strings.Builder
	for report := range strings.SplitSeq(log, "==================\n") {
		if !upstreamRace(report) {
			said.WriteString(report)
		}
	}
	for _, bad := range []string{"DATA RACE", "Error in Fyne call thread", "panic", "level=ERROR", d.pbx.Password} {
		if strings.Contains(said.String(), bad) {
			d.Errorf("Calltray said %q:\n%s", bad, said.String())
		}
	}
}
