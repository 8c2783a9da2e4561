//go:build !windows && !darwin

package autostart

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adrg/xdg"
)

// desktop gives the test a user and a computer of its own.
func desktop(t *testing.T) (user, computer string) {
	user, computer = t.TempDir(), t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", user)
	t.Setenv("XDG_CONFIG_DIRS", computer)
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	return user, computer
}

func enabled(t *testing.T, want bool) {
	t.Helper()
	if got, err := entry.Enabled(); got != want || err != nil {
		t.Errorf("enabled: %v, %v; want %v", got, err, want)
	}
}

func TestOneUser(t *testing.T) {
	user, _ := desktop(t)
	enabled(t, false)
	for range 2 {
		if err := entry.Enable(); err != nil {
			t.Fatal(err)
		}
		enabled(t, true)
	}
	got, err := os.ReadFile(filepath.Join(user, "autostart", "dk.calltray.Test.desktop"))
	const want = `[Desktop Entry]
Type=Application
Name=Calltray Test
Exec="/opt/Call & tray/calltray" --hidden
TryExec=/opt/Call & tray/calltray
Icon=dk.calltray.Test
Terminal=false
X-GNOME-Autostart-enabled=true
`
	if string(got) != want || err != nil {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	for range 2 {
		if err := entry.Disable(); err != nil {
			t.Fatal(err)
		}
		enabled(t, false)
	}
	if left, _ := os.ReadDir(filepath.Join(user, "autostart")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// What the computer has for everybody, the user can switch off, and on again.
func TestEveryUser(t *testing.T) {
	user, computer := desktop(t)
	if err := os.Mkdir(filepath.Join(computer, "autostart"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(entry.path(computer), []byte(entry.desktopEntry()), 0o644); err != nil {
		t.Fatal(err)
	}
	enabled(t, true)
	if err := entry.Disable(); err != nil {
		t.Fatal(err)
	}
	enabled(t, false)
	if _, err := os.Stat(entry.path(user)); err != nil {
		t.Error(err)
	}
	if err := entry.Enable(); err != nil {
		t.Fatal(err)
	}
	enabled(t, true)
}

// What other programs write into the entry: GNOME Tweaks, KDE, Xfce's session settings.
func TestHidden(t *testing.T) {
	for text, want := range map[string]bool{
		"":                                     false,
		"[Desktop Entry]\nHidden=true\n":       true,
		"[Desktop Entry]\r\nHidden = true\r\n": true,
		"[Desktop Entry]\nHidden=false\n":      false,
		"[Desktop Entry]\nX-GNOME-Autostart-enabled=false": true,
		"[Desktop Action x]\nHidden=true\n":                false,
		"# Hidden=true\n[Desktop Entry]\nName=Hidden=true": false,
	} {
		if got := hidden(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestQuote(t *testing.T) {
	for arg, want := range map[string]string{
		"/usr/bin/calltray": "/usr/bin/calltray",
		"":                  `""`,
		"/home/Søren/x":     "/home/Søren/x",
		"a b":               `"a b"`,
		"50%":               "50%%",
		"$HOME":             `"\$HOME"`,
		"a`b`":              "\"a\\`b\\`\"",
		`say "hi"`:          `"say \"hi\""`,
		`back\slash`:        `"back\\slash"`,
	} {
		if got := quote(arg); got != want {
			t.Errorf("%s: %s, want %s", arg, got, want)
		}
	}
	e := entry
	e.Command = []string{`/opt/back\slash`}
	if text := e.desktopEntry(); !strings.Contains(text, "\nExec=\"/opt/back\\\\\\\\slash\"\n") || !strings.Contains(text, "\nTryExec=/opt/back\\\\slash\n") {
		t.Error(text) // a backslash is escaped once as part of an argument, and once as part of a value
	}
}

// A folder that cannot be written is an error, not a switch that stays where it was put.
func TestCannotBeWritten(t *testing.T) {
	user, _ := desktop(t)
	if err := os.WriteFile(filepath.Join(user, "autostart"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := entry.Enable(); err == nil {
		t.Error("enabled in a file")
	}
	if _, err := entry.Enabled(); err == nil {
		t.Error("read in a file")
	}
}
