//go:build !windows

package control

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adrg/xdg"
)

func TestOthersCannotEnter(t *testing.T) {
	dir := runtimeDir(t)
	acquire(t, echo)
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "test.lock"): 0o600, filepath.Join(dir, "test.sock"): 0o600} {
		if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want %v", path, fi.Mode(), err, want)
		}
	}
}

// Where the system gives no lock or no channel, the program runs all the same, and says what is missing.
func TestRunsWithoutAChannel(t *testing.T) {
	for name, break_ := range map[string]func(dir string) error{
		"a link in the folder's place": func(dir string) error { return os.Symlink(t.TempDir(), dir) },
		"a file in the folder's place": func(dir string) error { return os.WriteFile(dir, nil, 0o600) },
		"a folder in the lock's place": func(dir string) error { return os.MkdirAll(filepath.Join(dir, "test.lock"), 0o700) },
		"a folder in the socket's place": func(dir string) error {
			return os.MkdirAll(filepath.Join(dir, "test.sock", "full"), 0o700)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := runtimeDir(t)
			if err := break_(dir); err != nil {
				t.Fatal(err)
			}
			i := acquire(t, echo)
			if err := i.Unreachable(); err == nil {
				t.Error("it says that it can be reached")
			}
			if _, err := ask(t, "show"); !errors.Is(err, ErrNotRunning) && !errors.Is(err, ErrNoAnswer) {
				t.Errorf("a request: %v", err)
			}
			if err := i.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A socket's name has about a hundred bytes; the path to it may have more.
func TestRunsWithALongPath(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", filepath.Join(t.TempDir(), strings.Repeat("x", 120)))
	if err := os.Mkdir(os.Getenv("XDG_RUNTIME_DIR"), 0o700); err != nil {
		t.Fatal(err)
	}
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	if err := acquire(t, echo).Unreachable(); err == nil {
		t.Error("it says that it can be reached")
	}
	if _, err := Acquire("test", echo); !errors.Is(err, ErrRunning) {
		t.Errorf("the second: %v", err)
	}
}

func TestFolderForOthers(t *testing.T) {
	dir := runtimeDir(t)
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := acquire(t, echo).Unreachable(); err != nil {
		t.Error(err)
	}
	if fi, err := os.Stat(dir); err != nil || fi.Mode().Perm() != 0o700 {
		t.Errorf("others can enter: %v, %v", fi.Mode(), err)
	}
}

func TestFallbackFolder(t *testing.T) {
	runtimeDir(t)
	tmp := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", filepath.Join(tmp, "nobody", "made", "it"))
	t.Setenv("TMPDIR", tmp)
	xdg.Reload()
	p, err := placeOf("test")
	if err != nil || filepath.Dir(filepath.Dir(string(p))) != filepath.Clean(tmp) {
		t.Errorf("got %s, %v", p, err)
	}
}
