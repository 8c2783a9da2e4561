//go:build !windows && !darwin

package account

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/godbus/dbus/v5"
)

// errNoBus: asking the Secret Service needs a session bus. Where godbus finds none it starts one with
// dbus-launch, which would stay behind with no keyring on it: so it is not asked.
var errNoBus = errors.New("there is no D-Bus session")

// present looks for the session bus in the places where godbus does.
func present() error {
	if a := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); a != "" && a != "autolaunch:" {
		return nil
	}
	dir := fmt.Sprintf("/run/user/%d", os.Getuid())
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return nil
		}
	}
	return errNoBus
}

// locked reads whether the collection that go-keyring uses is locked, over a connection of its own:
// go-keyring waits for signals on the shared one. (Secret Service API, org.freedesktop.Secret.Collection)
func locked() (locked, known bool) {
	if present() != nil {
		return false, false
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return false, false
	}
	defer conn.Close()
	if conn.Auth(nil) != nil || conn.Hello() != nil {
		return false, false
	}
	for _, path := range []dbus.ObjectPath{"/org/freedesktop/secrets/collection/login", "/org/freedesktop/secrets/aliases/default"} {
		var v dbus.Variant
		err := conn.Object("org.freedesktop.secrets", path).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get",
			dbus.FlagNoAutoStart, "org.freedesktop.Secret.Collection", "Locked").Store(&v)
		if locked, ok := v.Value().(bool); err == nil && ok {
			return locked, true
		}
	}
	return false, false
}
