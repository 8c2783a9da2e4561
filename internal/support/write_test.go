//go:build !windows

package support

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestWriteFile(t *testing.T) {
	for name, tt := range map[string]struct {
		make func(path string) error // what is there before
		want error
	}{
		"nothing there":     {func(string) error { return nil }, nil},
		"a file for others": {func(p string) error { return errors.Join(os.WriteFile(p, []byte("before"), 0o644), os.Chmod(p, 0o666)) }, nil},
		"a link to a file": {func(p string) error {
			return errors.Join(os.WriteFile(p+".target", []byte("mine"), 0o600), os.Symlink(p+".target", p))
		}, errLink},
		"a link to nothing": {func(p string) error { return os.Symlink(p+".target", p) }, errLink},
		"a folder":          {func(p string) error { return os.Mkdir(p, 0o700) }, errNoFile},
		"a FIFO":            {func(p string) error { return syscall.Mkfifo(p, 0o600) }, errNoFile},
		"a second name": {func(p string) error {
			return errors.Join(os.WriteFile(p+".target", []byte("mine"), 0o600), os.Link(p+".target", p))
		}, errForeign},
		"no such folder": {func(p string) error { return os.Remove(filepath.Dir(p)) }, os.ErrNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "shared")
			if err := os.Mkdir(dir, 0o777); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "out.txt")
			if err := tt.make(path); err != nil {
				t.Fatal(err)
			}
			err := WriteFile(path, []byte("secret"))
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if err == nil {
				info, statErr := os.Lstat(path)
				text, readErr := os.ReadFile(path)
				if statErr != nil || readErr != nil || string(text) != "secret" || !info.Mode().IsRegular() || info.Mode().Perm() != 0o600 {
					t.Errorf("%v %q, %v, %v", info.Mode(), text, statErr, readErr)
				}
			}
			if text, err := os.ReadFile(path + ".target"); err == nil && string(text) != "mine" {
				t.Errorf("the target holds %q", text)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "*.tmp-*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// A file of somebody else's in a shared folder, open for all, is not filled.
func TestWriteFileOfSomebodyElse(t *testing.T) {
	if os.Getuid() != 0 {
		if info, err := os.Stat("/etc/passwd"); err != nil || own(info) {
			t.Errorf("the system's file is ours: %v", err)
		}
		return
	}
	path := filepath.Join(t.TempDir(), "out.txt")
	if err := errors.Join(os.WriteFile(path, nil, 0o666), os.Chmod(path, 0o666), os.Chown(path, 12345, 12345)); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(path, []byte("secret")); !errors.Is(err, errForeign) {
		t.Errorf("got %v, want %v", err, errForeign)
	}
	if text, err := os.ReadFile(path); len(text) > 0 || err != nil {
		t.Errorf("it holds %q, %v", text, err)
	}
}
