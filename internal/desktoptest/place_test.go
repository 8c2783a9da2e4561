//go:build linux && desktop

package desktoptest_test

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"calltray/internal/desktoptest"
)

// TestDesktopWindowPlace: the window comes up where it was when it was closed, also after a restart; and on the screen,
// when the screen on which it was has gone.
func TestDesktopWindowPlace(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "place")
	// An account of the user's own: of one in the environment nothing is remembered.
	settings := filepath.Join(d.Home, ".config/calltray")
	d.must(os.MkdirAll(settings, 0o700))
	d.must(os.WriteFile(filepath.Join(settings, "settings.toml"), fmt.Appendf(nil, "url = %q\nuser_id = %q\npbx_domain = %q\ndevice = %q\n", d.pbx.TCP, d.pbx.User, d.pbx.Domain, device), 0o600))
	password := d.command(nil, "settings", "password")
	password.Stdin = strings.NewReader(d.pbx.Password)
	d.must(password.Run())

	d.start()
	d.must(d.app.Says(d.ctx, "online"))
	w := d.window()
	d.must(d.Command("xdotool", "windowmove", strconv.Itoa(int(w.ID)), "150", "55").Run())
	var was image.Rectangle
	d.until("the window to be moved", func() bool {
		now, ok := d.WindowByTitle(desktoptest.MainTitle)
		was = now.Rect
		return ok && was.Min != w.Rect.Min
	})
	hide := func() {
		t.Helper()
		d.must(d.Again(d.ctx, func() error { return d.Key("Escape") }, func() bool { _, ok := d.WindowByTitle(desktoptest.MainTitle); return !ok }))
	}
	same := func(when string) {
		t.Helper()
		if now := d.window().Rect; now != was {
			t.Errorf("%s the window is at %v, and was at %v", when, now, was)
		}
	}
	hide()
	same("shown again")
	d.quit()
	d.start()
	same("after a restart")
	hide()
	d.quit()

	path := filepath.Join(d.Home, ".local/state/calltray/remembered.toml")
	kept, err := os.ReadFile(path)
	d.must(err)
	gone := strings.Replace(string(kept), "x = "+strconv.Itoa(was.Min.X), "x = 5000", 1)
	if gone == string(kept) {
		t.Fatalf("the place is not kept:\n%s", kept)
	}
	d.must(os.WriteFile(path, []byte(gone), 0o600))
	d.start()
	if now := d.window().Rect; !now.In(d.WorkArea()) {
		t.Errorf("the window is at %v, outside of the screen", now)
	}
	d.quit()
}
