//go:build desktop && linux

package notify

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/godbus/dbus/v5"

	"calltray/cstasession/csta"
)

// TestXfce shows notifications through xfce4-notifyd on a screen, stops the daemon, and kills it.
func TestXfce(t *testing.T) {
	xdotool, err := exec.LookPath("xdotool")
	if err != nil {
		t.Fatalf("the test needs xdotool: %v", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	xvfb := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "800x600x24", "-nolisten", "tcp", "-noreset")
	xvfb.ExtraFiles = []*os.File{w}
	if err := xvfb.Start(); err != nil {
		t.Fatalf("the test needs Xvfb: %v", err)
	}
	_ = w.Close()
	t.Cleanup(func() {
		_ = xvfb.Process.Kill()
		_ = xvfb.Wait()
	})
	display, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DISPLAY", ":"+strings.TrimSpace(display))
	dir, err := os.MkdirTemp("", "ct")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for _, key := range []string{"HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"} {
		path := filepath.Join(dir, key)
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		t.Setenv(key, path)
	}
	// The usual configuration: the bus starts the daemon when it is first asked for.
	bus := exec.Command("dbus-daemon", "--session", "--nofork", "--print-address=1")
	out, err := bus.StdoutPipe()
	if err == nil {
		err = bus.Start()
	}
	if err != nil {
		t.Fatalf("the test needs dbus-daemon: %v", err)
	}
	t.Cleanup(func() {
		_ = bus.Process.Kill() // the daemons leave with it
		_ = bus.Wait()
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimSpace(address))
	t.Setenv("PATH", dir) // no notify-send

	conn := connect(t)
	pid := func() int { // of the daemon, 0 when there is none
		var pid uint32
		_ = conn.BusObject().Call(busName+".GetConnectionUnixProcessID", dbus.FlagNoAutoStart, service).Store(&pid)
		return int(pid)
	}
	t.Cleanup(func() {
		if p := pid(); p != 0 {
			_ = syscall.Kill(p, syscall.SIGKILL)
		}
	})
	windows := func() int {
		out, _ := exec.Command(xdotool, "search", "--onlyvisible", "--class", "notifyd").Output()
		return len(strings.Fields(string(out)))
	}

	n, log := start(t, Config{AppName: "Calltray", OnAnswer: func(csta.ConnectionID) {}, OnHangUp: func(csta.ConnectionID) {}})
	n.Show(online(call("a", csta.Ringing)))
	until(t, "no notification on the screen", func() bool { return windows() == 1 })
	n.Show(online())
	until(t, "the notification stays on the screen", func() bool { return windows() == 0 })

	// The daemon hangs while a call rings, and the call ends.
	hung := pid()
	if hung == 0 {
		t.Fatal("the daemon has left")
	}
	n.Show(online(call("b", csta.Ringing)))
	until(t, "no second notification on the screen", func() bool { return windows() == 1 })
	if err := syscall.Kill(hung, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	n.Show(online(call("c", csta.Ringing)))
	until(t, "nothing is said about it", func() bool { return strings.Contains(log.String(), "does not answer") })
	n.Show(online())
	if err := syscall.Kill(hung, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	until(t, "a notification of a call that is over stays on the screen", func() bool {
		return windows() == 0 && strings.Contains(log.String(), "answers again")
	})

	// The daemon crashes while a call rings.
	n.Show(online(call("d", csta.Ringing)))
	until(t, "no third notification on the screen", func() bool { return windows() == 1 })
	if err := syscall.Kill(hung, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	until(t, "not shown by the next daemon", func() bool {
		p := pid()
		return p != 0 && p != hung && windows() == 1
	})
	n.Show(online())
	until(t, "the notification stays at the next daemon", func() bool { return windows() == 0 })

	if err := n.Test(t.Context()); err != nil {
		t.Error(err)
	}
	until(t, "the test is not on the screen", func() bool { return windows() == 1 })
	until(t, "the test does not go by itself", func() bool { return windows() == 0 })
}
