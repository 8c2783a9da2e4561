//go:build desktop && linux

package account

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

const soon = 15 * time.Second

// run starts a program that the test kills at its end.
func run(t *testing.T, stdin, name string, args ...string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatalf("the test needs %s: %v", name, err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd, bufio.NewReader(out)
}

// bus makes a session of the test's own: home, runtime folder, and a bus that starts no service.
// go-keyring keeps its connection for as long as it lives: it ends with the bus.
func bus(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("", "ct") // short, for the sockets in it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for key, name := range map[string]string{"HOME": "home", "XDG_RUNTIME_DIR": "run", "XDG_DATA_HOME": "data"} {
		path := filepath.Join(dir, name)
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		t.Setenv(key, path)
	}
	t.Setenv("DISPLAY", "")
	t.Setenv("GNOME_KEYRING_CONTROL", "")
	config := filepath.Join(dir, "bus.conf")
	if err := os.WriteFile(config, []byte(`<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:dir=`+dir+`</listen><auth>EXTERNAL</auth><servicedir>`+dir+`</servicedir>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`), 0o600); err != nil {
		t.Fatal(err)
	}
	_, out := run(t, "", "dbus-daemon", "--config-file="+config, "--nofork", "--print-address=1")
	address, err := out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimSpace(address))
}

// daemon starts gnome-keyring-daemon with an unlocked login keyring, and waits until it is on the bus.
func daemon(t *testing.T) *dbus.Conn {
	t.Helper()
	run(t, "master", "gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	conn := connect(t)
	for deadline := time.Now().Add(soon); ; time.Sleep(20 * time.Millisecond) {
		if l, known := locked(); known && !l {
			return conn
		}
		if time.Now().After(deadline) {
			t.Fatal("the keyring does not come")
		}
	}
}

func connect(t *testing.T) *dbus.Conn {
	t.Helper()
	conn, err := dbus.Connect(os.Getenv("DBUS_SESSION_BUS_ADDRESS"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

const (
	secrets    = "org.freedesktop.secrets"
	collection = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")
)

func lock(t *testing.T, conn *dbus.Conn) {
	t.Helper()
	err := conn.Object(secrets, "/org/freedesktop/secrets").Call("org.freedesktop.Secret.Service.Lock", 0, []dbus.ObjectPath{collection}).Err
	if l, known := locked(); err != nil || !l || !known {
		t.Fatalf("locking: %v, locked %v, %v", err, l, known)
	}
}

// unlock unlocks the keyring as the login does, without a prompt.
func unlock(conn *dbus.Conn) error {
	service := conn.Object(secrets, "/org/freedesktop/secrets")
	var output dbus.Variant
	var session dbus.ObjectPath
	if err := service.Call("org.freedesktop.Secret.Service.OpenSession", 0, "plain", dbus.MakeVariant("")).Store(&output, &session); err != nil {
		return err
	}
	type secret struct {
		Session    dbus.ObjectPath
		Parameters []byte
		Value      []byte
		Type       string
	}
	return service.Call("org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface.UnlockWithMasterPassword", 0,
		collection, secret{session, []byte{}, []byte("master"), "text/plain"}).Err
}

// report waits for what WaitPassword says.
func report(t *testing.T, ctx context.Context, reports <-chan error) error {
	t.Helper()
	select {
	case err := <-reports:
		return err
	case <-ctx.Done():
		t.Fatal("nothing is said about the keyring")
		return nil
	}
}

func TestRealKeyring(t *testing.T) {
	bus(t)
	conn := daemon(t)
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	if _, err := Password(ctx, good); !errors.Is(err, ErrNoPassword) {
		t.Errorf("empty: %v", err)
	}
	if err := DeletePassword(ctx, good); err != nil {
		t.Errorf("deleting nothing: %v", err)
	}
	const secret = "correct horse Ærø \"' $x"
	for _, p := range []string{"first", secret} {
		if err := SetPassword(ctx, good, p); err != nil {
			t.Fatal(err)
		}
	}
	if p, err := Password(ctx, good); p != secret || err != nil {
		t.Errorf("got %q, %v", p, err)
	}
	out, err := exec.Command("secret-tool", "lookup", "service", "Calltray", "username", "user@example.dk@csta.example.dk").Output()
	if string(out) != secret || err != nil {
		t.Errorf("secret-tool finds %q, %v", out, err)
	}

	// Locked, and the prompt cannot be shown: it is as if the user had dismissed it.
	lock(t, conn)
	if _, err := Password(ctx, good); !errors.Is(err, ErrKeyringLocked) {
		t.Errorf("locked: %v", err)
	}
	if err := SetPassword(ctx, good, "canary"); !errors.Is(err, ErrKeyringLocked) || strings.Contains(err.Error(), "canary") {
		t.Errorf("locked: %v", err)
	}
	reports := make(chan error, 10)
	type result struct {
		password string
		err      error
	}
	done := make(chan result, 1)
	go func() {
		p, err := WaitPassword(ctx, good, func(err error) { reports <- err })
		done <- result{p, err}
	}()
	if err := report(t, ctx, reports); !errors.Is(err, ErrKeyringLocked) {
		t.Errorf("says %v", err)
	}
	if err := unlock(conn); err != nil {
		t.Fatal(err)
	}
	if r := <-done; r.password != secret || r.err != nil {
		t.Errorf("after unlocking: %q, %v", r.password, r.err)
	}
	if len(reports) > 0 {
		t.Errorf("said more than once: %v", <-reports)
	}
	if err := DeletePassword(ctx, good); err != nil {
		t.Error(err)
	}
	if _, err := Password(ctx, good); !errors.Is(err, ErrNoPassword) {
		t.Errorf("after deleting: %v", err)
	}
}

// The application may be up before the keyring.
func TestRealKeyringComesLate(t *testing.T) {
	bus(t)
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	start := time.Now()
	if _, err := Password(ctx, good); !errors.Is(err, ErrKeyringUnavailable) || time.Since(start) > 5*time.Second {
		t.Errorf("no service: %v after %v", err, time.Since(start))
	}
	reports := make(chan error, 10)
	done := make(chan error, 1)
	go func() {
		_, err := WaitPassword(ctx, good, func(err error) { reports <- err })
		done <- err
	}()
	if err := report(t, ctx, reports); !errors.Is(err, ErrKeyringUnavailable) {
		t.Errorf("says %v", err)
	}
	daemon(t)
	if err := <-done; !errors.Is(err, ErrNoPassword) {
		t.Errorf("got %v, want the keyring's word that it has none", err)
	}
}

// The keyring asks for its own password, in a window; the user types it.
func TestRealKeyringPrompt(t *testing.T) {
	bus(t)
	conn := daemon(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*soon)
	defer cancel()
	if err := SetPassword(ctx, good, "secret"); err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	xvfb := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "800x600x24", "-nolisten", "tcp", "-noreset")
	xvfb.ExtraFiles = []*os.File{w}
	if err := xvfb.Start(); err != nil {
		t.Fatalf("the test needs Xvfb: %v", err)
	}
	t.Cleanup(func() {
		_ = xvfb.Process.Kill()
		_ = xvfb.Wait()
	})
	_ = w.Close()
	display, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DISPLAY", ":"+strings.TrimSpace(display))
	prompter := ""
	for _, p := range []string{"/usr/libexec/gcr-prompter", "/usr/lib/gcr/gcr-prompter", "/usr/lib/gcr-prompter"} {
		if _, err := os.Stat(p); err == nil {
			prompter = p
		}
	}
	if prompter == "" {
		t.Fatal("the test needs gcr-prompter")
	}
	run(t, "", prompter)
	for deadline := time.Now().Add(soon); ; time.Sleep(20 * time.Millisecond) {
		var has bool
		if conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.gnome.keyring.SystemPrompter").Store(&has); has {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the prompter does not come")
		}
	}
	lock(t, conn)

	short, stop := context.WithTimeout(ctx, time.Second)
	defer stop()
	if _, err := Password(short, good); !errors.Is(err, ErrKeyringLocked) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while it asks: %v", err)
	}
	reports := make(chan error, 10)
	done := make(chan string, 1)
	go func() {
		p, err := WaitPassword(ctx, good, func(err error) { reports <- err })
		done <- fmt.Sprint(p, " ", err)
	}()
	if err := report(t, ctx, reports); !errors.Is(err, ErrKeyringLocked) {
		t.Errorf("says %v", err)
	}
	windows, err := exec.Command("xdotool", "search", "--sync", "--onlyvisible", "--name", ".").Output()
	if err != nil || len(strings.Fields(string(windows))) > 1 {
		t.Errorf("prompts on the screen: %q, %v", windows, err)
	}
	if out, err := exec.Command("xdotool", "type", "--delay", "30", "master").CombinedOutput(); err != nil {
		t.Fatalf("xdotool: %v: %s", err, out)
	}
	if out, err := exec.Command("xdotool", "key", "Return").CombinedOutput(); err != nil {
		t.Fatalf("xdotool: %v: %s", err, out)
	}
	if got := <-done; got != "secret <nil>" {
		t.Errorf("got %s", got)
	}
}
