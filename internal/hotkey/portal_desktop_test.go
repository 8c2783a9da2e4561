//go:build linux && desktop

package hotkey

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// portalService is the desktop's own program, of the package xdg-desktop-portal.
func portalService() string {
	const arch = "/usr/lib/xdg-desktop-portal"
	if _, err := os.Stat(arch); err == nil {
		return arch
	}
	return "/usr/libexec/xdg-desktop-portal"
}

// shortcut is what the portal returns about a key (XDG Desktop Portal, a(sa{sv})).
type shortcut struct {
	ID    string
	About map[string]dbus.Variant
}

// backend is the desktop-specific part of the portal: here it grants the keys that the test says.
type backend struct {
	give    func(wanted []shortcut) (code uint32, given []shortcut)
	session chan dbus.ObjectPath // of keys that were bound
	wanted  chan []shortcut
}

// CreateSession is called by the portal.
func (b *backend) CreateSession(_, session dbus.ObjectPath, app string, _ map[string]dbus.Variant) (uint32, map[string]dbus.Variant, *dbus.Error) {
	return 0, map[string]dbus.Variant{}, nil
}

// BindShortcuts is called by the portal.
func (b *backend) BindShortcuts(_, session dbus.ObjectPath, wanted []shortcut, _ string, _ map[string]dbus.Variant) (uint32, map[string]dbus.Variant, *dbus.Error) {
	code, given := b.give(wanted)
	b.wanted <- wanted
	b.session <- session
	return code, map[string]dbus.Variant{"shortcuts": dbus.MakeVariant(given)}, nil
}

// newPortal starts a session bus with the real portal, whose backend is b. It returns the backend's connection, and what
// ends the portal and starts another one.
func newPortal(t *testing.T, b *backend) (bus *dbus.Conn, restart func()) {
	t.Helper()
	dir := t.TempDir()
	start := func(wait bool, program string, args ...string) (address string, end func()) {
		cmd := exec.Command(program, args...)
		cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_RUNTIME_DIR="+dir, "XDG_CURRENT_DESKTOP=test", "XDG_DESKTOP_PORTAL_DIR="+dir, "GIO_USE_VFS=local", "GSETTINGS_BACKEND=memory")
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatalf("the test needs %s: %v", program, err)
		}
		end = func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }
		t.Cleanup(end)
		if wait {
			if address, err = bufio.NewReader(out).ReadString('\n'); err != nil {
				t.Fatal(program, err)
			}
		}
		return strings.TrimSpace(address), end
	}
	config := filepath.Join(dir, "bus.conf")
	for name, content := range map[string]string{
		config: `<busconfig><type>session</type><listen>unix:dir=` + dir + `</listen><auth>EXTERNAL</auth>
			<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`,
		filepath.Join(dir, "test.portal"):       "[portal]\nDBusName=org.freedesktop.impl.portal.desktop.test\nInterfaces=org.freedesktop.impl.portal.GlobalShortcuts\nUseIn=test\n",
		filepath.Join(dir, "test-portals.conf"): "[preferred]\ndefault=test\n", // for portals from 1.17 on
	} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	address, _ := start(true, "dbus-daemon", "--config-file="+config, "--nofork", "--print-address=1")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
	bus, err := dbus.ConnectSessionBus()
	if err == nil {
		t.Cleanup(func() { _ = bus.Close() })
		err = bus.Export(b, portalPath, "org.freedesktop.impl.portal.GlobalShortcuts")
	}
	if err == nil {
		_, err = bus.RequestName("org.freedesktop.impl.portal.desktop.test", dbus.NameFlagDoNotQueue)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, end := start(false, portalService())
	restart = func() {
		end()
		_, end = start(false, portalService())
	}
	portal := bus.Object(portalName, portalPath)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if _, err = portal.GetProperty(portalShortcuts + ".version"); err == nil {
			return bus, restart
		}
		if time.Now().After(deadline) {
			t.Fatal("the portal does not come: ", err)
		}
	}
}

// The keys of a desktop with Wayland: the real portal is asked for them, refused ones are reported, and key
// presses arrive, also from the portal that replaces this one after it has ended.
func TestPortal(t *testing.T) {
	b := &backend{session: make(chan dbus.ObjectPath, 1), wanted: make(chan []shortcut, 1)}
	b.give = func(wanted []shortcut) (uint32, []shortcut) { return 0, wanted[:1] }
	bus, restart := newPortal(t, b)
	dial, answer := Binding{ID: "dial", Key: Key{Ctrl: true, Alt: true, Name: "K"}, What: "Dial the selected number"}, Binding{ID: "answer", Key: Key{Super: true, Name: "PageUp"}, What: "Answer"}
	told, pressed, over := make(chan string, 10), make(chan string, 10), make(chan error, 1)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() {
		over <- watchPortal(ctx, []Binding{dial, answer}, func(b Binding, why error) { told <- fmt.Sprint(b.ID, " ", why) }, func(b Binding) { pressed <- b.ID })
	}()
	next := func(c chan string, want string) {
		t.Helper()
		select {
		case got := <-c:
			if got != want {
				t.Errorf("%q, want %q", got, want)
			}
		case err := <-over:
			t.Fatalf("it ends with %v, and not with %q", err, want)
		case <-time.After(time.Minute):
			t.Fatalf("waited in vain for %q", want)
		}
	}
	next(told, "dial <nil>")
	next(told, "answer "+ErrRefused.Error())
	wanted, session := <-b.wanted, <-b.session
	var asked []string
	for _, w := range wanted {
		trigger, what := w.About["preferred_trigger"].Value(), w.About["description"].Value()
		asked = append(asked, fmt.Sprint(w.ID, ": ", trigger, ", ", what))
	}
	if want := []string{"dial: CTRL+ALT+k, Dial the selected number", "answer: LOGO+Page_Up, Answer"}; !slices.Equal(asked, want) {
		t.Errorf("asked for %q, want %q", asked, want)
	}
	press := func(id string) {
		t.Helper()
		if err := bus.Emit(portalPath, "org.freedesktop.impl.portal.GlobalShortcuts.Activated", session, id, uint64(1), map[string]dbus.Variant{}); err != nil {
			t.Fatal(err)
		}
	}
	press("answer") // which it was not given
	press("dial")
	press("dial")
	next(pressed, "dial")
	next(pressed, "dial")
	restart()
	next(told, "dial <nil>")
	next(told, "answer "+ErrRefused.Error())
	<-b.wanted
	session = <-b.session
	press("dial")
	next(pressed, "dial")
	stop()
	if err := <-over; err != nil {
		t.Error(err)
	}
}

// Where the user refuses all keys, or the program ends, the portal is left in peace.
func TestPortalRefuses(t *testing.T) {
	b := &backend{session: make(chan dbus.ObjectPath, 2), wanted: make(chan []shortcut, 2)}
	var code atomic.Uint32
	code.Store(1)
	b.give = func(wanted []shortcut) (uint32, []shortcut) { return code.Load(), wanted }
	newPortal(t, b)
	binding := Binding{ID: "dial", Key: Key{Ctrl: true, Alt: true, Name: "K"}, What: "Dial"}
	if err := watchPortal(t.Context(), []Binding{binding}, func(Binding, error) {}, func(Binding) {}); !errors.Is(err, ErrRefused) {
		t.Errorf("refused: %v", err)
	}
	code.Store(0)
	ctx, stop := context.WithCancel(t.Context())
	if err := watchPortal(ctx, []Binding{binding}, func(Binding, error) { stop() }, func(Binding) {}); err != nil {
		t.Errorf("ended: %v", err)
	}
}
