//go:build !windows && !darwin

package sessionbus

import (
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

// The answer is godbus's own: where it says that there is none, godbus finds none either, and the other way round.
func TestPresentAgreesWithGodbus(t *testing.T) {
	for _, address := range []string{"", "autolaunch:", "unix:path=/nonexistent/bus"} {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
		t.Setenv("XDG_RUNTIME_DIR", t.TempDir()) // godbus does not look there
		present := Present()
		conn, err := dbus.SessionBusPrivateNoAutoStartup()
		if conn != nil {
			conn.Close()
		}
		if found := err == nil || !strings.Contains(err.Error(), "couldn't determine address"); present != found {
			t.Errorf("%q: Present is %v, godbus says %v", address, present, err)
		}
	}
}
