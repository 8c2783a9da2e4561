//go:build linux && desktop

package desktoptest_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"calltray/internal/desktoptest"
)

// TestDesktopSettings sets an account up in the settings window, by keyboard alone. The password is in
// the keyring afterwards, and in no file.
func TestDesktopSettings(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "settings")
	d.start()
	d.until("the window", func() bool { _, ok := d.WindowByTitle(desktoptest.MainTitle); return ok })
	window, _ := d.WindowByTitle(desktoptest.MainTitle)
	d.until("the window to have the keyboard", func() bool { w, ok := d.FocusedWindow(); return ok && w.ID == window.ID })
	d.shot("empty")
	d.must(d.TypeAccount(d.pbx, device))
	d.shot("filled")
	d.must(d.Key("Return"))
	d.must(d.pbx.Saw(d.ctx, 0, "monitor u-12345678-"+device))
	d.must(d.app.Says(d.ctx, "online"))
	d.shot("saved")

	out, err := d.Command("secret-tool", "search", "--all", "service", "Calltray").CombinedOutput()
	d.must(err)
	if !bytes.Contains(out, []byte("secret = "+d.pbx.Password+"\n")) || !bytes.Contains(out, []byte(d.pbx.User+"@127.0.0.1")) {
		t.Errorf("the keyring holds:\n%s", out)
	}
	d.must(filepath.WalkDir(d.Home, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || strings.Contains(path, "keyrings") {
			return nil // a file that went away; the keyring's own, which is encrypted
		}
		b, err := os.ReadFile(path)
		if err == nil && bytes.Contains(b, []byte(d.pbx.Password)) && filepath.Base(path) != filepath.Base(d.program)+".log" {
			t.Errorf("%s holds the password: %q", path, b)
		}
		return nil
	}))
	settings, err := os.ReadFile(filepath.Join(d.Home, ".config", "calltray", "settings.toml"))
	if err != nil || !bytes.Contains(settings, []byte(device)) {
		t.Errorf("the settings: %s, %v", settings, err)
	}
	if fi, err := os.Stat(filepath.Join(d.Home, ".config", "calltray", "settings.toml")); err == nil && fi.Mode().Perm() != 0o600 {
		t.Errorf("the settings can be read by others: %v", fi.Mode())
	}

	// The next start asks nothing, and ends on SIGTERM as on Quit.
	d.quit()
	mark := d.pbx.Mark()
	d.start()
	d.must(d.app.Says(d.ctx, "online"))
	if _, ok := d.WindowByTitle(desktoptest.MainTitle); ok {
		t.Error("the window is open without having been asked for")
	}
	d.must(d.app.Signal(syscall.SIGTERM))
	d.must(d.app.Ended())
	d.must(d.pbx.Saw(d.ctx, mark, "logout"))
	d.healthy()
}
