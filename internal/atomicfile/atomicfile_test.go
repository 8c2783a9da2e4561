package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"
)

func TestWrite(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a [folder]")
	path := filepath.Join(folder, "out.txt")
	if err := Write(path, []byte("x")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a folder: %v", err)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"first", "second", ""} {
		if err := Write(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("got %q, %v; want %q", got, err, text)
		}
		if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
	}
	if got := names(t, folder); !slices.Equal(got, []string{"out.txt"}) {
		t.Errorf("left behind: %v", got)
	}
}

// A write that fails leaves the old file and nothing else.
func TestWriteThatFails(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "out.txt")
	if err := errors.Join(os.Mkdir(path, 0o700), os.WriteFile(filepath.Join(path, "kept"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, []byte("x")); err == nil {
		t.Error("a folder was replaced")
	}
	if got := names(t, folder); !slices.Equal(got, []string{"out.txt"}) {
		t.Errorf("left behind: %v", got)
	}
}

// A link that somebody else has laid out is replaced; its target is not written to.
func TestWriteOverALink(t *testing.T) {
	folder := t.TempDir()
	path, target := filepath.Join(folder, "out.txt"), filepath.Join(folder, "target")
	if err := os.WriteFile(target, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, path); err != nil {
		if runtime.GOOS == "windows" {
			return // needs a right that users do not have
		}
		t.Fatal(err)
	}
	if err := Write(path, []byte("secret")); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(target); err != nil || string(got) != "mine" {
		t.Errorf("the target holds %q, %v", got, err)
	}
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestRemoveLeftovers(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a [folder]")
	if runtime.GOOS == "windows" {
		folder = t.TempDir()
	} else if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "out.txt")
	for name, age := range map[string]time.Duration{"out.txt": time.Hour, "out.txt.tmp-1": time.Hour, "out.txt.tmp-2": 0, "other.tmp-1": time.Hour} {
		file, at := filepath.Join(folder, name), time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Chtimes(file, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	RemoveLeftovers(path)
	if got, want := names(t, folder), []string{"other.tmp-1", "out.txt", "out.txt.tmp-2"}; !slices.Equal(got, want) {
		t.Errorf("left: %v, want %v", got, want)
	}
}

func names(t *testing.T, folder string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}
