//go:build !windows && !darwin

package app

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adrg/xdg"

	"calltray/internal/account"
)

// A wish is carried out once. What the user then changes in the desktop's own settings stands, until the wish is
// another one.
func TestAutostartIsCarriedOutOnce(t *testing.T) {
	home := t.TempDir()
	for _, name := range []string{"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CONFIG_DIRS"} {
		t.Setenv(name, filepath.Join(home, name))
	}
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	file := filepath.Join(xdg.ConfigHome, "autostart", ID+".desktop")
	a := New(Config{Logger: slog.New(slog.DiscardHandler)})

	a.carryOut("")
	if Autostarts() {
		t.Fatal("it starts, and nobody wished that")
	}
	a.carryOut("on")
	entry, err := os.ReadFile(file)
	if !Autostarts() || err != nil || !strings.Contains(string(entry), " --hidden\n") {
		t.Fatalf("%v: %s", err, entry)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	a.carryOut("on")
	if Autostarts() {
		t.Error("what the user removed is there again")
	}
	if got := account.LoadRemembered().Autostart; got != "on" {
		t.Errorf("remembered is %q", got)
	}
	a.carryOut("off")
	a.carryOut("on")
	if !Autostarts() {
		t.Error("a new wish is not carried out")
	}
}
