package account

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestErrorsNeverQuoteTheFile: whatever is wrong with a settings file, the error names a key or a line. A
// password that somebody wrote there must not reach a terminal or a log.
func TestErrorsNeverQuoteTheFile(t *testing.T) {
	const canary = "hunter2canary"
	for _, text := range []string{
		"password = " + canary, "password = '" + canary, "password = \"" + canary, "password " + canary, canary, "= " + canary,
		"user_id = " + canary, "device = [" + canary, "device = {a = " + canary + "}", "device = \"\\" + canary + "\"",
		"[" + canary, "[[" + canary, "device = 20" + canary, "device = \"\"\"" + canary, "device = '''" + canary, "url = 2026-13-" + canary,
		"device = \"1\" " + canary, "password = \"" + canary + "\"\npassword = \"" + canary + "\"", "password = { x = \"" + canary + "\", x = 1 }",
		"device = \"\x01" + canary + "\"", "device = \"\xff" + canary + "\"", "url = \"a\" = \"" + canary + "\"", "user_id = true" + canary,
	} {
		path := home(t)
		write(t, path, "# mine\n"+text+"\n")
		_, err := Load()
		for e := err; e != nil; e = errors.Unwrap(e) {
			if strings.Contains(fmt.Sprintf("%v %+v %#v", e, e, e), canary) {
				t.Errorf("%q: %v holds what is written there", text, e)
			}
		}
		var fe *FileError
		if !errors.As(err, &fe) || fe.Line == 0 && !strings.HasPrefix(text, canary) {
			t.Errorf("%q: %v, want an error that names a line", text, err)
		}
		if strings.HasPrefix(text, "device") || strings.HasPrefix(text, "user_id") {
			key, _, _ := strings.Cut(text, " ")
			if fe != nil && !strings.Contains(fe.Why, key) {
				t.Errorf("%q: %q does not name the key", text, fe.Why)
			}
		}
	}
}

// TestHostileSettings: what is no settings file is refused, with little memory.
func TestHostileSettings(t *testing.T) {
	many := func(line string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, line, i)
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"90,000 unknown keys":  many("key%d = 1\n", 90_000),
		"1 MB of [":            strings.Repeat("[", 1<<20),
		"[ in lines":           "a = " + strings.Repeat("[\n", 1<<19),
		"1 MB of {":            "a = " + strings.Repeat("{a=", 1<<18),
		"1 MB of a dotted key": strings.Repeat("a.", 1<<19-8) + "a = 1",
		"dotted keys":          many(strings.Repeat("a%[1]d.", 100)+"b = 1\n", 1500),
		"tables":               many("[t%d]\n", 60_000),
		"tables of tables":     many("[[t%d]]\nx=1\n", 50_000),
		"2 MB":                 strings.Repeat("# comment\n", 200_000),
		"one long line":        "device = \"" + strings.Repeat("x", 900_000) + "\"",
		"zeros":                strings.Repeat("\x00", 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			path := home(t)
			write(t, path, text)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Load()
			runtime.ReadMemStats(&after)
			var fe *FileError
			if !errors.As(err, &fe) || errors.Is(err, ErrIgnored) || len(err.Error()) > 500 {
				t.Errorf("got %.200v, want a refusal", err)
			}
			if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 64 {
				t.Errorf("reading it took %d MB", took)
			}
			if err := good.Save(); err != nil { // the broken file is set aside
				t.Errorf("Save: %v", err)
			}
		})
	}
}

// TestOrdinarySettings: what a person may write is well within the limits.
func TestOrdinarySettings(t *testing.T) {
	path := home(t)
	write(t, path, strings.Repeat("# a remark, www.example.dk\n", 200)+"device = \"200\"\n"+strings.Repeat("x.y = 1\n", 1))
	if s, err := Load(); s.Device != "200" || err != nil && !errors.Is(err, ErrIgnored) {
		t.Errorf("got %+v, %v", s, err)
	}
}

// TestUnfinishedFilesAreRemoved: programs that were killed while they saved leave nothing for ever, and one that
// saves now is not disturbed.
func TestUnfinishedFilesAreRemoved(t *testing.T) {
	path := home(t)
	if err := good.Save(); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	make := func(name string, at time.Time) string {
		t.Helper()
		p := filepath.Join(filepath.Dir(path), name)
		if err := os.WriteFile(p, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(p, at, at); err != nil {
			t.Fatal(err)
		}
		return p
	}
	for i := range 67 {
		make(fmt.Sprintf("settings.toml.tmp-%d", i), old)
	}
	kept := []string{make("settings.toml.tmp-now", time.Now()), make("other.tmp-1", old), make("settings.toml.bad-1", old)}
	if _, err := Load(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != len(kept)+1 {
		t.Errorf("left are %v, %v; want %v and the settings", left, err, kept)
	}
	for _, p := range kept {
		if _, err := os.Stat(p); err != nil {
			t.Error(err)
		}
	}
}
