// Package sessionbus answers whether there is a D-Bus session bus, for all packages that connect to it.
package sessionbus

import (
	"fmt"
	"os"
	"path/filepath"
)

// Present reports whether there is a session bus, by looking where godbus looks: DBUS_SESSION_BUS_ADDRESS, and
// the folder /run/user/<uid>. It does not connect. Ask before a library connects: if godbus finds no bus, it
// starts one with dbus-launch, which has no services and which nobody stops. Any goroutine may call it.
func Present() bool {
	if a := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); a != "" && a != "autolaunch:" {
		return true
	}
	dir := fmt.Sprintf("/run/user/%d", os.Getuid())
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}
