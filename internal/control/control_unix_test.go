//go:build !windows

package control

import (
	"errors"
	"fmt"
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

// Whatever somebody else has put in the way of a folder, Calltray finds one of its own, and all its programs the
// same one.
func TestFallbackFolder(t *testing.T) {
	long := filepath.Join(t.TempDir(), strings.Repeat("x", 120))
	for name, tt := range map[string]struct {
		spoil func(t *testing.T, runtime, state, tmp string)
		want  string // the folder it is found in
	}{
		"nothing in the way":     {func(*testing.T, string, string, string) {}, "runtime"},
		"no folder of the login": {func(t *testing.T, runtime, state, tmp string) { os.RemoveAll(runtime) }, "state"},
		"a file for the login's folder": {func(t *testing.T, runtime, state, tmp string) {
			os.RemoveAll(runtime)
			must(t, os.WriteFile(runtime, nil, 0o600))
		}, "state"},
		"a link in the folder's place": {func(t *testing.T, runtime, state, tmp string) {
			must(t, os.Symlink(t.TempDir(), filepath.Join(runtime, "calltray")))
		}, "state"},
		"a file in the folder's place": {func(t *testing.T, runtime, state, tmp string) {
			must(t, os.WriteFile(filepath.Join(runtime, "calltray"), nil, 0o600))
		}, "state"},
		"no folder, and the shared one taken": {func(t *testing.T, runtime, state, tmp string) {
			os.RemoveAll(runtime)
			must(t, os.Symlink(t.TempDir(), filepath.Join(tmp, fmt.Sprintf("calltray-%d", os.Getuid()))))
		}, "state"},
		"no folder, and none in the home": {func(t *testing.T, runtime, state, tmp string) {
			os.RemoveAll(runtime)
			must(t, os.WriteFile(filepath.Join(state, "calltray"), nil, 0o600))
		}, "tmp"},
		"none anywhere": {func(t *testing.T, runtime, state, tmp string) {
			os.RemoveAll(runtime)
			must(t, os.WriteFile(filepath.Join(state, "calltray"), nil, 0o600))
			must(t, os.Symlink(t.TempDir(), filepath.Join(tmp, fmt.Sprintf("calltray-%d", os.Getuid()))))
		}, ""},
		"a long path to the login's folder": {func(t *testing.T, runtime, state, tmp string) {
			must(t, os.MkdirAll(long, 0o700))
			t.Setenv("XDG_RUNTIME_DIR", long)
			xdg.Reload()
		}, "state"},
	} {
		t.Run(name, func(t *testing.T) {
			root, err := os.MkdirTemp("", "c") // short, as sockets want it
			must(t, err)
			t.Cleanup(func() { os.RemoveAll(root) })
			folders := map[string]string{}
			for env, name := range map[string]string{"XDG_RUNTIME_DIR": "runtime", "XDG_STATE_HOME": "state", "TMPDIR": "tmp"} {
				folders[name] = filepath.Join(root, name)
				must(t, os.Mkdir(folders[name], 0o700))
				t.Setenv(env, folders[name])
			}
			xdg.Reload()
			t.Cleanup(xdg.Reload)
			tt.spoil(t, folders["runtime"], folders["state"], folders["tmp"])
			p, err := placeOf("test")
			if tt.want == "" {
				var told interface{ Sentence() string }
				if !errors.As(err, &told) {
					t.Fatalf("got %s, %v, want a sentence", p, err)
				}
				if err := acquire(t, echo).Unreachable(); err == nil {
					t.Error("it says that it can be reached")
				}
				return
			}
			if !strings.HasPrefix(string(p), folders[tt.want]+"/") || err != nil {
				t.Fatalf("got %s, %v, want a place in %s", p, err, tt.want)
			}
			if err := acquire(t, echo).Unreachable(); err != nil {
				t.Error(err)
			}
			if _, err := Acquire("test", echo); !errors.Is(err, ErrRunning) {
				t.Errorf("a second instance: %v", err)
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
