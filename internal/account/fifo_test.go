//go:build !windows

package account

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestSettingsThatAreNoFile: what waits for a writer, or never ends, is refused at once.
func TestSettingsThatAreNoFile(t *testing.T) {
	for name, make := range map[string]func(path string) error{
		"a FIFO":              func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a link to /dev/zero": func(path string) error { return os.Symlink("/dev/zero", path) },
		"a link to a FIFO": func(path string) error {
			if err := syscall.Mkfifo(path+".fifo", 0o600); err != nil {
				return err
			}
			return os.Symlink(path+".fifo", path)
		},
		"a folder": func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			path := home(t)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := make(path); err != nil {
				t.Fatal(err)
			}
			var fe *FileError
			if _, err := Load(); !errors.As(err, &fe) || !errors.Is(err, errNotRegular) {
				t.Errorf("Load: %v, want a refusal", err)
			}
			if err := good.Save(); !errors.As(err, &fe) {
				t.Errorf("Save: %v, want a refusal", err)
			}
		})
	}
}
