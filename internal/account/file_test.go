package account

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

func TestLoadNothing(t *testing.T) {
	home(t)
	if s, err := Load(); s != (Settings{}) || err != nil {
		t.Errorf("no file: %+v, %v", s, err)
	}
}

func TestSaveAndLoad(t *testing.T) {
	path := home(t)
	if err := good.Save(); err != nil {
		t.Fatal(err)
	}
	if s, err := Load(); s != good || err != nil {
		t.Errorf("got %+v, %v, want %+v", s, err, good)
	}
	if err := (Settings{}).Save(); err != nil {
		t.Fatal(err)
	}
	if s, err := Load(); s != (Settings{}) || err != nil {
		t.Errorf("emptied: got %+v, %v", s, err)
	}
	entries, _ := os.ReadDir(filepath.Dir(path))
	if len(entries) != 1 {
		t.Errorf("more than the file is left: %v", entries)
	}
	if runtime.GOOS != "windows" {
		for p, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700 | os.ModeDir} {
			if fi, err := os.Stat(p); err != nil || fi.Mode() != want {
				t.Errorf("%s: mode %v, want %v", p, fi.Mode(), want)
			}
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		line       int
		want       string
		unknown    bool
	}{
		{"syntax", "url = \"tls://h:1\"\ndevice = \n", 2, `device = "…"`, false},
		{"no quotes", "# mine\n\ndevice = abc\n", 3, `device = "…"`, false},
		{"twice", "device = \"1\"\ndevice = \"2\"\n", 2, "once", false},
		{"wrong type", "url = \"tls://h:1\"\n\ndevice = 200\n", 3, `device = "…"`, false},
		{"not UTF-8", "device = \"\xff\"\n", 1, `device = "…"`, false},
		{"binary", "\x00\x01\x02", 1, "", false},
		{"typing error", "device = \"200\"\nurll = \"x\"\n", 2, `"urll"`, true},
		{"password", "password = \"canary\"\n", 1, "keyring", true},
		{"a table of another version", "device = \"200\"\n[forward]\nto = \"201\"\n", 2, `"forward"`, true},
		{"a dotted key", "forward.to = \"201\"\n", 1, `"forward"`, true},
		{"two", "b = 1\na = 2\n", 1, `"b"`, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := home(t)
			write(t, path, tt.text)
			s, err := Load()
			var fe *FileError
			if !errors.As(err, &fe) {
				t.Fatalf("got %v, want a *FileError", err)
			}
			if fe.Path != path || fe.Line != tt.line || !strings.Contains(fe.Why, tt.want) || !strings.HasPrefix(err.Error(), path+":") {
				t.Errorf("got %s line %d: %q, want line %d: %q", fe.Path, fe.Line, fe.Why, tt.line, tt.want)
			}
			if errors.Is(err, ErrIgnored) != tt.unknown {
				t.Errorf("ErrIgnored: %v, want %v", !tt.unknown, tt.unknown)
			}
			if !tt.unknown && s != (Settings{}) {
				t.Errorf("settings of a broken file: %+v", s)
			}
			if tt.unknown && strings.Contains(tt.text, "200") && s.Device != "200" {
				t.Errorf("what is known was not read: %+v", s)
			}
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("%q repeats the value", err)
			}
		})
	}
}

func TestLoadReadsWhatEditorsWrite(t *testing.T) {
	path := home(t)
	write(t, path, "\ufeff# from Windows\r\nurl = 'tls://h:1'\r\nDevice = \"200\"\r\n")
	if s, err := Load(); s.URL != "tls://h:1" || s.Device != "200" || err != nil {
		t.Errorf("got %+v, %v", s, err)
	}
}

func TestLoadUnreadable(t *testing.T) {
	path := home(t)
	if err := os.MkdirAll(path, 0o700); err != nil { // a folder in the file's place
		t.Fatal(err)
	}
	var fe *FileError
	if _, err := Load(); !errors.As(err, &fe) || fe.Line != 0 {
		t.Errorf("Load: %v", err)
	}
	if err := good.Save(); !errors.As(err, &fe) {
		t.Errorf("Save: %v, want a refusal", err)
	}
}

func TestSaveKeepsUnknownKeys(t *testing.T) {
	path := home(t)
	write(t, path, "device = \"1\"\nfuture = [1, 2]\n\n[forward]\nto = \"201\"\nwhen = 2026-11-22\n\n[[rule]]\nx = 1.5\n")
	if err := good.Save(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, unknown, err := parse(path, data)
	if got != good || !errors.Is(err, ErrIgnored) || len(unknown) != 3 {
		t.Fatalf("got %+v, %v, %v", got, unknown, err)
	}
	if to := unknown["forward"].(map[string]any)["to"]; to != "201" {
		t.Errorf("forward.to = %v", to)
	}
	// Again: nothing is lost or doubled.
	if err := good.Save(); err != nil {
		t.Fatal(err)
	}
	again, err := os.ReadFile(path)
	if err != nil || string(again) != string(data) {
		t.Errorf("saved twice:\n%s\nthen\n%s", data, again)
	}
}

func TestSaveKeepsABrokenFile(t *testing.T) {
	path := home(t)
	const broken = "device = \"200\"\nurl = tls://h:1\n"
	write(t, path, broken)
	if err := good.Save(); err != nil {
		t.Fatal(err)
	}
	if s, err := Load(); s != good || err != nil {
		t.Errorf("got %+v, %v", s, err)
	}
	kept, _ := filepath.Glob(path + ".bad-*")
	if len(kept) != 1 {
		t.Fatalf("kept: %v", kept)
	}
	if data, err := os.ReadFile(kept[0]); string(data) != broken || err != nil {
		t.Errorf("kept %q, %v", data, err)
	}
}

func TestSaveThroughALink(t *testing.T) {
	path := home(t)
	target := filepath.Join(t.TempDir(), "dotfiles.toml")
	write(t, target, "device = \"1\"\n")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	if err := good.Save(); err != nil {
		t.Fatal(err)
	}
	if fi, err := os.Lstat(path); err != nil || fi.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link was replaced by a file: %v", fi.Mode())
	}
	if s, err := Load(); s != good || err != nil {
		t.Errorf("got %+v, %v", s, err)
	}
}

// The file holds every field of Settings, so that nothing the user set is lost.
func TestEveryFieldIsSaved(t *testing.T) {
	v := reflect.ValueOf(good)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("the test's settings leave %s empty", v.Type().Field(i).Name)
		}
		if v.Type().Field(i).Tag.Get("toml") == "" {
			t.Errorf("%s has no key", v.Type().Field(i).Name)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "url = \"x\"", "url = 1", "a.b = 1\n[c]\n", "[[url]]\n", "device = \"\"\"\n1\"\"\"", "\ufeff", "x = 2026-11-22", "URL = 'a'\nurl = 'b'", "[password]\nx=1"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, unknown, err := parse("settings.toml", data)
		var fe *FileError
		if err != nil && (!errors.As(err, &fe) || fe.Line < 0 || fe.Line > strings.Count(string(data), "\n")+1) {
			t.Fatalf("%q: %v", data, err)
		}
		if err != nil && !errors.Is(err, ErrIgnored) {
			return
		}
		// What could be read can be written, and read again: or it is refused, and stays as it is.
		out, err := encode(s, nil, unknown)
		if err != nil {
			return
		}
		got, kept, err := parse("settings.toml", out)
		if got != s || err != nil && !errors.Is(err, ErrIgnored) || len(kept) != len(unknown) {
			t.Fatalf("%q became %q: %+v, %v", data, out, got, err)
		}
	})
}
