package store

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"calltray/internal/leaktest"
)

// TestMain lets a test start a process that has the file open until its input ends.
func TestMain(m *testing.M) {
	if path := os.Getenv("CALLTRAY_TEST_HOLDS"); path != "" {
		s := Open(context.Background(), path)
		os.Stdout.WriteString("open\n")
		os.Stdin.Read(make([]byte, 1))
		s.Close()
		os.Exit(0)
	}
	leaktest.Main(m)
}

// filled makes a file with one fact in it.
func filled(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "æ ?#%", "calltray.db")
	s := Open(t.Context(), path)
	if s.Trouble() != nil || !s.Kept() {
		t.Fatal(s.Trouble())
	}
	if _, err := s.DB().Exec("REPLACE INTO facts VALUES ('a', 'b')"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// works reports whether a store takes what it is given, and what it had.
func works(t *testing.T, s *Store) (had string) {
	t.Helper()
	if err := s.DB().QueryRow("SELECT value FROM facts WHERE name = 'a'").Scan(&had); err != nil && !errors.Is(err, sql.ErrNoRows) {
		t.Error(err)
	}
	if _, err := s.DB().Exec("REPLACE INTO facts VALUES ('c', 'd')"); err != nil {
		t.Error(err)
	}
	return had
}

func kindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return -1
}

func TestFile(t *testing.T) {
	path := filled(t)
	s := Open(t.Context(), path)
	if had := works(t, s); had != "b" || s.Trouble() != nil {
		t.Errorf("it has %q, %v", had, s.Trouble())
	}
	if runtime.GOOS != "windows" {
		names, _ := filepath.Glob(path + "*")
		for _, name := range names {
			if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s has the mode %v, %v", name, info.Mode(), err)
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// A problem with the file costs neither calls nor the file.
func TestTrouble(t *testing.T) {
	content := func(path string) string { b, _ := os.ReadFile(path); return string(b) }
	overwrite := func(t *testing.T, path string, at int64, with string) {
		t.Helper()
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err == nil {
			_, err = f.WriteAt([]byte(with), at)
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		harm func(t *testing.T, path string)
		kind Kind
		kept bool
	}{
		{"no database", func(t *testing.T, path string) { overwrite(t, path, 0, strings.Repeat("no database ", 50)) }, Damaged, true},
		{"a page overwritten", func(t *testing.T, path string) { overwrite(t, path, 4096, strings.Repeat("x", 4096)) }, Damaged, true},
		{"cut short", func(t *testing.T, path string) {
			if err := os.Truncate(path, 5000); err != nil {
				t.Fatal(err)
			}
		}, Damaged, true},
		{"newer", func(t *testing.T, path string) {
			s := Open(t.Context(), path)
			if _, err := s.DB().Exec("PRAGMA user_version = 99"); err != nil {
				t.Fatal(err)
			}
			s.Close()
		}, Newer, false},
		{"a folder of that name", func(t *testing.T, path string) {
			if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o700)); err != nil {
				t.Fatal(err)
			}
		}, Unusable, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filled(t)
			c.harm(t, path)
			before := content(path)
			s := Open(t.Context(), path)
			defer s.Close()
			if works(t, s); kindOf(s.Trouble()) != c.kind || s.Kept() != c.kept {
				t.Errorf("trouble %v, kept %v", s.Trouble(), s.Kept())
			}
			var e *Error
			if errors.As(s.Trouble(), &e) && c.kind == Damaged && content(e.Aside) != before {
				t.Error("the damaged file is not what it was")
			}
			if c.kind == Newer && content(path) != before {
				t.Error("the newer file was changed")
			}
		})
	}
}

// A folder that cannot be written, tried as a user who is not root: a file stands where the folder should be.
func TestNoFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := Open(t.Context(), filepath.Join(file, "calltray.db"))
	defer s.Close()
	if works(t, s); s.Trouble() == nil || s.Kept() {
		t.Error(s.Trouble())
	}
}

func TestHeldByAnother(t *testing.T) {
	path := filled(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CALLTRAY_TEST_HOLDS="+path)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	s := Open(t.Context(), path)
	if works(t, s); kindOf(s.Trouble()) != Held || s.Kept() {
		t.Errorf("trouble %v", s.Trouble())
	}
	s.Close()
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	s = Open(t.Context(), path)
	defer s.Close()
	if had := works(t, s); had != "b" || s.Trouble() != nil {
		t.Errorf("afterwards it has %q, %v", had, s.Trouble())
	}
}

// A file of an older version is copied before it is changed.
func TestBackup(t *testing.T) {
	path := filled(t)
	s := Open(t.Context(), path)
	defer s.Close()
	copied := path + ".before-2"
	if err := backup(t.Context(), s.DB(), copied); err != nil {
		t.Fatal(err)
	}
	if err := backup(t.Context(), s.DB(), copied); err != nil { // a migration that was interrupted
		t.Fatal(err)
	}
	old := Open(t.Context(), copied)
	defer old.Close()
	if had := works(t, old); had != "b" || old.Trouble() != nil {
		t.Errorf("the copy has %q, %v", had, old.Trouble())
	}
}

func TestInMemory(t *testing.T) {
	s := Open(t.Context(), "")
	defer s.Close()
	if works(t, s); s.Trouble() != nil || s.Kept() {
		t.Error(s.Trouble())
	}
}

// A file that is not opened in time is no reason to do without any.
func TestTooLate(t *testing.T) {
	late, cancel := context.WithCancel(t.Context())
	cancel()
	s := Open(late, filled(t))
	defer s.Close()
	if works(t, s); s.Kept() || s.Trouble() == nil {
		t.Error(s.Trouble())
	}
}
