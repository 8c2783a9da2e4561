package account

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const domain = "12345678.pbx.one-connect.dk"

// named gives an extension a name, and fails the test if that is not possible.
func named(t *testing.T, domain, number, name string) Names {
	t.Helper()
	names, err := Rename(domain, number, name)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func wantNames(t *testing.T, domain string, want Names) {
	t.Helper()
	if got, err := LoadNames(domain); err != nil || !maps.Equal(got, want) {
		t.Errorf("%s: got %q, %v; want %q", domain, got, err, want)
	}
}

func TestNames(t *testing.T) {
	dir := filepath.Dir(home(t))
	wantNames(t, domain, Names{})
	named(t, domain, "201", "Bo")
	named(t, domain, "202", "  Ærø \t\"Æ\"\nBageri\x1b ")
	if got, want := named(t, "other.example.dk", "201", "Karla"), (Names{"201": "Karla"}); !maps.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	wantNames(t, domain, Names{"201": "Bo", "202": `Ærø "Æ" Bageri`})
	wantNames(t, strings.ToUpper(domain), Names{"201": "Bo", "202": `Ærø "Æ" Bageri`})
	wantNames(t, "nobody.example.dk", Names{})
	named(t, strings.ToUpper(domain), "201", "")
	named(t, domain, "203", "") // which has none
	wantNames(t, domain, Names{"202": `Ærø "Æ" Bageri`})
	wantNames(t, "other.example.dk", Names{"201": "Karla"})
	entries, _ := os.ReadDir(dir)
	if len(entries) != 1 {
		t.Errorf("more than the file is left: %v", entries)
	}
	if fi, err := os.Stat(NamesPath()); err != nil || runtime.GOOS != "windows" && fi.Mode() != 0o600 {
		t.Errorf("mode %v, %v", fi.Mode(), err)
	}
}

func TestRenameRefuses(t *testing.T) {
	for _, tt := range []struct {
		name                 string
		domain, number, text string
		want                 string
	}{
		{"no PBX", "", "201", "Bo", "The PBX domain is missing"},
		{"no extension", domain, "", "Bo", "The extension is missing"},
		{"too long", domain, "201", strings.Repeat("æ", maxName+1), "write a shorter one."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			home(t)
			if _, err := Rename(tt.domain, tt.number, tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if _, err := os.Stat(NamesPath()); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("a file was written: %v", err)
			}
		})
	}
	home(t)
	longest := strings.Repeat("æ", maxName)
	if got := named(t, domain, "201", longest); got["201"] != longest {
		t.Errorf("got %q", got)
	}
}

// What the file has beside names is kept, whoever wrote it; where it cannot be, nothing is written.
func TestNamesOfOthersAreKept(t *testing.T) {
	const table = `["` + domain + `"]` + "\n"
	for _, tt := range []struct {
		name, text string
		names      Names  // that are read
		kept       string // is in the file after 201 got a name
		err        string // or why it got none
	}{
		{name: "by hand", text: "# mine\n" + table + "201 = 'Karl'\n202 = 'Bo'\n", names: Names{"201": "Karl", "202": "Bo"}, kept: `202 = "Bo"`},
		{name: "Windows' editor", text: "\ufeff" + table + "202 = 'Bo'\r\n", names: Names{"202": "Bo"}, kept: `202 = "Bo"`},
		{name: "a key of another version", text: "version = 2\n" + table + "202 = 'Bo'\n", names: Names{"202": "Bo"}, kept: "version = 2"},
		{name: "a table of another version", text: "[colours]\nx = [1, 2.5, 2026-11-22]\n", names: Names{}, kept: "2026-11-22"},
		{name: "a record in the place of another name", text: table + "202 = {name = 'Bo', photo = 'bo.png'}\n", names: Names{}, kept: `photo = "bo.png"`},
		{name: "a record in the place of the name", text: table + "201 = {name = 'Bo'}\n", names: Names{}, err: "something else than a name"},
		{name: "no table", text: "'" + domain + "' = 'x'\n", names: Names{}, err: "something else than a table"},
		{name: "syntax", text: table + "201 = Bo\n", err: "names.toml:2: The names of extensions cannot be read:"},
		{name: "twice", text: table + "201 = 'a'\n201 = 'b'\n", err: "names.toml:3: The names"},
		{name: "binary", text: "\x00\x01\x02", err: "cannot be read"},
		{name: "too large", text: strings.Repeat("#", maxFile+1), err: "larger than"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			home(t)
			write(t, NamesPath(), tt.text)
			if tt.names != nil {
				wantNames(t, domain, tt.names)
			} else if names, err := LoadNames(domain); err == nil || names == nil || len(names) > 0 || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("reading: got %q, %v; want %q", names, err, tt.err)
			}
			_, err := Rename(domain, "201", "Ida")
			after, _ := os.ReadFile(NamesPath())
			if tt.err != "" {
				var fe *FileError
				if !errors.As(err, &fe) || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("writing: got %v, want %q", err, tt.err)
				}
				if string(after) != tt.text {
					t.Errorf("the file was changed to %q", after)
				}
				return
			}
			if err != nil || !strings.Contains(string(after), tt.kept) || !strings.Contains(string(after), `201 = "Ida"`) {
				t.Errorf("got %v, and the file\n%s\nwithout %q", err, after, tt.kept)
			}
		})
	}
}

func TestNamesThroughALink(t *testing.T) {
	dir := filepath.Dir(home(t))
	elsewhere := filepath.Join(t.TempDir(), "mine.toml")
	write(t, elsewhere, "")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, NamesPath()); err != nil {
		t.Fatal(err)
	}
	named(t, domain, "201", "Bo")
	if fi, err := os.Lstat(NamesPath()); err != nil || fi.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", fi.Mode(), err)
	}
	if text, err := os.ReadFile(elsewhere); err != nil || !strings.Contains(string(text), "Bo") {
		t.Errorf("got %q, %v", text, err)
	}
}
