//go:build !windows && !darwin

package account

import (
	"context"
	"errors"
	"time"

	"github.com/godbus/dbus/v5"

	"calltray/internal/sessionbus"
)

// errNoBus: the Secret Service needs a session bus.
var errNoBus = errors.New("there is no D-Bus session")

// present returns errNoBus if a call to the keyring would be pointless.
func present() error {
	if !sessionbus.Present() {
		return errNoBus
	}
	return nil
}

// locked reports whether the collection that go-keyring uses is locked, over a connection of its own:
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
