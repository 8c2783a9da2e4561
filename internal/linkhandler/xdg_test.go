//go:build !windows && !darwin

package linkhandler

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adrg/xdg"
)

var handler = Handler{ID: "dk.calltray.Test", Name: "Calltray Test", Command: []string{"/opt/Call & tray/calltray"}}

// desktop gives the test a user of its own.
func desktop(t *testing.T) (config, data string) {
	home := t.TempDir()
	config, data = filepath.Join(home, "config"), filepath.Join(home, "data")
	for name, value := range map[string]string{"XDG_CONFIG_HOME": config, "XDG_DATA_HOME": data, "XDG_CONFIG_DIRS": filepath.Join(home, "none"),
		"XDG_DATA_DIRS": filepath.Join(home, "system"), "XDG_CURRENT_DESKTOP": "", "HOME": home} {
		t.Setenv(name, value)
	}
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	return config, data
}

func files(t *testing.T, dirs ...string) (list []string) {
	for _, dir := range dirs {
		_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				list = append(list, path)
			}
			return nil
		})
	}
	return list
}

func state(t *testing.T, want State) {
	t.Helper()
	if got, err := handler.State(); got != want || err != nil {
		t.Errorf("state: %+v, %v; want %+v", got, err, want)
	}
}

// Registering and taking it back leaves nothing.
func TestRegister(t *testing.T) {
	config, data := desktop(t)
	state(t, State{})
	for range 2 {
		if err := handler.Register(); err != nil {
			t.Fatal(err)
		}
		state(t, State{Registered: true, Default: true})
	}
	if tool, err := exec.LookPath("desktop-file-validate"); err == nil {
		if out, err := exec.Command(tool, handler.entryPath()).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("desktop-file-validate: %v\n%s", err, out)
		}
	}
	if tool, err := exec.LookPath("xdg-mime"); err == nil {
		if out, _ := exec.Command(tool, "query", "default", "x-scheme-handler/callto").Output(); strings.TrimSpace(string(out)) != handler.entry() {
			t.Logf("xdg-mime says %q", out) // it looks for the program, too, which is not there
		}
	}
	for range 2 {
		if err := handler.Unregister(); err != nil {
			t.Fatal(err)
		}
		state(t, State{})
	}
	if left := files(t, config, data); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// What the user has chosen otherwise stays in the list, behind and after us.
func TestRegisterBeforeOthers(t *testing.T) {
	config, data := desktop(t)
	const list = "[Added Associations]\nx-scheme-handler/tel=a.desktop;\n\n[Default Applications]\ntext/plain=vi.desktop\nx-scheme-handler/tel=other.desktop;\n\n[Removed Associations]\nx=y\n"
	for path, text := range map[string]string{filepath.Join(config, "mimeapps.list"): list, filepath.Join(data, "applications/other.desktop"): "[Desktop Entry]\nName=Other Phone\n"} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	state(t, State{Other: "Other Phone"})
	if err := handler.Register(); err != nil {
		t.Fatal(err)
	}
	state(t, State{Registered: true, Default: true})
	got, _ := os.ReadFile(filepath.Join(config, "mimeapps.list"))
	for _, want := range []string{"x-scheme-handler/tel=dk.calltray.Test.links.desktop;other.desktop;\n", "x-scheme-handler/sip=dk.calltray.Test.links.desktop;\n", "text/plain=vi.desktop\n", "[Removed Associations]\nx=y\n", "x-scheme-handler/tel=a.desktop;\n"} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if err := handler.Unregister(); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(config, "mimeapps.list")); string(got) != list || err != nil {
		t.Errorf("the list is\n%s, %v; want\n%s", got, err, list)
	}
	state(t, State{Other: "Other Phone"})
}

// The entry in the packages takes the same links.
func TestEntryOfThePackages(t *testing.T) {
	entry, err := os.ReadFile("../../assets/package/dk.calltray.Calltray.desktop")
	if err != nil {
		t.Fatal(err)
	}
	for _, scheme := range Schemes {
		if !strings.Contains(string(entry), mimeType(scheme)+";") {
			t.Errorf("it does not name %s", scheme)
		}
	}
	if !strings.Contains(string(entry), "\nExec=calltray %u\n") {
		t.Error("it does not hand over the link")
	}
}
