//go:build linux

// Package desktoptest provides a Linux desktop without a screen, and a person to use it: an X display (Xvfb), a
// session bus, an unlocked keyring, a window manager, a panel with a tray, a notification daemon; and xdotool,
// xclip and the tray's own D-Bus menu in the person's place. All of it is the real thing, from the
// distribution's packages, private to one Desktop, and gone after Close.
//
// It is not part of Calltray: only tests and tools use it. It is Linux only.
package desktoptest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// Desktop is one running desktop. Its methods may be called from one goroutine at a time; Close from
// any.
type Desktop struct {
	// Home is the HOME of every program on this desktop: a temporary folder, removed by Close.
	Home string
	// Shots is the folder that Screenshot writes to.
	Shots string
	// Patience is how long a wait lasts before it is an error. 0 is half a minute.
	Patience time.Duration

	display string
	address string // of the session bus
	bus     *dbus.Conn
	x       *xgb.Conn
	root    xproto.Window
	atoms   map[string]xproto.Atom
	posts   *noticeBoard

	mu    sync.Mutex
	procs []*Process
}

// patience is how long to wait for the desktop's own parts before that is an error. They take a second or two
// on an idle machine; a test machine may be busy compiling.
const patience = time.Minute

// WithoutOpenGL are display arguments for a screen like that of many virtual machines and remote desktops.
var WithoutOpenGL = []string{"-extension", "GLX"}

// Start starts a desktop. shots is the folder for screenshots, created when needed; display are further
// arguments for Xvfb. The desktop ends with Close, not with ctx: ctx limits only the start.
func Start(ctx context.Context, shots string, display ...string) (_ *Desktop, err error) {
	xgb.Logger.SetOutput(io.Discard) // it logs every closed connection, and a missing .Xauthority
	home, err := os.MkdirTemp("", "desk")
	if err != nil {
		return nil, err
	}
	d := &Desktop{Home: home, Shots: shots, atoms: map[string]xproto.Atom{}}
	defer func() {
		if err != nil {
			d.Close()
		}
	}()
	for _, dir := range []string{shots, d.path("run"), d.path(".config"), d.path(".cache"), d.path(".local/share"), d.path(".local/state"), d.path("log")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	if err := d.configure(); err != nil {
		return nil, err
	}
	if err := d.startDisplay(ctx, display); err != nil {
		return nil, err
	}
	if err := d.startBus(ctx); err != nil {
		return nil, err
	}
	keyring := d.Command("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	keyring.Stdin = strings.NewReader("throw-away")
	for _, c := range []*exec.Cmd{
		keyring,
		d.Command("xfwm4", "--compositor=off"),
		d.Command("xfce4-panel", "--disable-wm-check"),
		d.Command(notifyDaemon()),
	} {
		if _, err := d.Run(c); err != nil {
			return nil, err
		}
	}
	return d, errors.Join(
		d.Until(ctx, "the keyring to answer", func() bool { return d.owned("org.freedesktop.secrets") }),
		d.Until(ctx, "the window manager to manage the panel", func() bool { return d.windowManager() != "" && len(d.numbers(d.root, "_NET_CLIENT_LIST")) > 0 }),
		d.Until(ctx, "the panel's tray", d.trayHost),
		d.Until(ctx, "the notification daemon", func() bool { return d.owned("org.freedesktop.Notifications") }),
	)
}

func (d *Desktop) path(name string) string { return filepath.Join(d.Home, name) }

// Env returns the environment of a program on this desktop. It has PATH and GOCOVERDIR from ours, and nothing
// else: no display, bus or setting of the machine can leak in.
func (d *Desktop) Env() []string {
	env := []string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + d.Home,
		"LANG=C.UTF-8",
		"DISPLAY=" + d.display,
		"DBUS_SESSION_BUS_ADDRESS=" + d.address,
		"XDG_RUNTIME_DIR=" + d.path("run"),
		"XDG_CONFIG_HOME=" + d.path(".config"),
		"XDG_CACHE_HOME=" + d.path(".cache"),
		"XDG_DATA_HOME=" + d.path(".local/share"),
		"XDG_STATE_HOME=" + d.path(".local/state"),
		"XDG_CURRENT_DESKTOP=XFCE",
		"XDG_SESSION_TYPE=x11",
		"GSETTINGS_BACKEND=memory",
		"NO_AT_BRIDGE=1", // no accessibility bus: nothing here would use it
		"GTK_THEME=Adwaita",
		"LIBGL_ALWAYS_SOFTWARE=1",
		marker + "=" + d.Home,
	}
	if dir := os.Getenv("GOCOVERDIR"); dir != "" {
		env = append(env, "GOCOVERDIR="+dir)
	}
	return env
}

// marker is in the environment of every program on a desktop, including those that the session bus starts, so
// that Close can find them.
const marker = "CALLTRAY_DESKTOP"

// Until waits for a condition, checking it every 40 ms. The error says what was waited for and, if a program on
// this desktop has died, its last output.
func (d *Desktop) Until(ctx context.Context, what string, condition func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(d.Patience, patience))
	defer cancel()
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	for {
		if condition() {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited in vain for %s%s", what, d.deaths())
		case <-tick.C:
		}
	}
}

// deaths returns which programs have failed, and the last lines of their output.
func (d *Desktop) deaths() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var s strings.Builder
	for _, p := range d.procs {
		select {
		case <-p.done:
			if p.err == nil {
				continue
			}
			lines := strings.Split(strings.TrimSpace(p.Log()), "\n")
			fmt.Fprintf(&s, "; %s has ended (%v): %s", p.name, p.err, strings.Join(lines[max(0, len(lines)-5):], " | "))
		default:
		}
	}
	return s.String()
}

func (d *Desktop) startDisplay(ctx context.Context, more []string) error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	c := d.Command("Xvfb", append([]string{"-displayfd", "3", "-screen", "0", "1280x800x24", "-dpi", "96", "-nolisten", "tcp", "-noreset",
		"-r"}, more...)...) // no auto-repeat: on a busy machine a key that xdotool presses would count twice
	c.ExtraFiles = []*os.File{w}
	_, err = d.Run(c)
	w.Close()
	if err != nil {
		return err
	}
	number, err := firstLine(ctx, r)
	if err != nil {
		return fmt.Errorf("the display does not start: %w%s", err, d.deaths())
	}
	d.display = ":" + number
	if err := d.Until(ctx, "the display", func() bool {
		d.x, err = xgb.NewConnDisplay(d.display)
		return err == nil
	}); err != nil {
		return err
	}
	return d.preparePicture()
}

func (d *Desktop) startBus(ctx context.Context) error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	c := d.Command("dbus-daemon", "--session", "--nofork", "--nopidfile", "--address=unix:path="+d.path("run/bus"), "--print-address=3")
	c.ExtraFiles = []*os.File{w}
	// Services started by the bus inherit the bus's environment.
	c.Env = append(c.Env, "DBUS_SESSION_BUS_ADDRESS=unix:path="+d.path("run/bus"))
	_, err = d.Run(c)
	w.Close()
	if err != nil {
		return err
	}
	if d.address, err = firstLine(ctx, r); err != nil {
		return fmt.Errorf("the session bus does not start: %w%s", err, d.deaths())
	}
	if d.bus, err = dbus.Connect(d.address); err != nil {
		return err
	}
	d.posts, err = watchNotifications(d.address)
	return err
}

// firstLine reads one line, for as long as patience lasts.
func firstLine(ctx context.Context, r *os.File) (string, error) {
	stop := context.AfterFunc(ctx, func() { _ = r.SetReadDeadline(time.Now()) })
	defer stop()
	_ = r.SetReadDeadline(time.Now().Add(patience))
	var line []byte
	one := make([]byte, 1)
	for {
		if _, err := io.ReadFull(r, one); err != nil {
			return "", err
		}
		if one[0] == '\n' {
			return string(line), nil
		}
		line = append(line, one[0])
	}
}

func (d *Desktop) owned(name string) bool {
	var yes bool
	err := d.bus.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, name).Store(&yes)
	return err == nil && yes
}

// Close ends every program on this desktop, including those that the session bus started, and removes Home. It
// may be called twice.
func (d *Desktop) Close() error {
	d.mu.Lock()
	procs := d.procs
	d.procs = nil
	d.mu.Unlock()
	if d.posts != nil {
		d.posts.close()
	}
	if d.bus != nil {
		_ = d.bus.Close()
	}
	if d.x != nil {
		d.x.Close()
	}
	for _, p := range procs {
		_ = syscall.Kill(-p.Process.Pid, syscall.SIGKILL)
		<-p.done
	}
	for _, pid := range d.stragglers() {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	return os.RemoveAll(d.Home)
}

// stragglers returns the processes with this desktop's marker in their environment.
func (d *Desktop) stragglers() (pids []int) {
	want := []byte(marker + "=" + d.Home + "\x00")
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		env, err := os.ReadFile("/proc/" + e.Name() + "/environ")
		if err == nil && bytes.Contains(env, want) {
			pids = append(pids, pid)
		}
	}
	return pids
}
