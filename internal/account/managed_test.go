package account

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// managed puts the administrator's settings in place, and returns their path.
func managed(t *testing.T, text string) string {
	t.Helper()
	path := ManagedPaths()[0]
	write(t, path, text)
	return path
}

func TestManagedSettings(t *testing.T) {
	for _, tt := range []struct {
		name, managed, user string
		want                Settings
	}{
		{"none of the user's", "url = 'tls://a:1'\npbx_domain = 'a.dk'\n", "",
			Settings{URL: "tls://a:1", PBXDomain: "a.dk"}},
		{"the user's go over them", "url = 'tls://a:1'\npopup = 'off'\n", "url = 'tls://b:2'\nuser_id = 'u'\n",
			Settings{URL: "tls://b:2", UserID: "u", Popup: PopupOff}},
		{"a field that the user has not filled in", "url = 'tls://a:1'\n", "url = ''\ndevice = '200'\n",
			Settings{URL: "tls://a:1", Device: "200"}},
		{"a switch that the user put back", "declare_vendor_data = true\n", "declare_vendor_data = false\n",
			Settings{}},
		{"a switch that the user left alone", "declare_vendor_data = true\n", "device = '200'\n",
			Settings{Device: "200", DeclareVendorData: true}},
		{"locked", "url = 'tls://a:1'\nlocked = ['url', 'popup']\n", "url = 'tls://b:2'\npopup = 'on'\ndevice = '200'\n",
			Settings{URL: "tls://a:1", Device: "200"}},
		{"in capitals", "URL = 'tls://a:1'\n", "DEVICE = '200'\n", Settings{URL: "tls://a:1", Device: "200"}},
		{"from Windows' editor", "\ufeffurl = 'tls://a:1'\r\n", "\ufeffdevice = '200'\r\n", Settings{URL: "tls://a:1", Device: "200"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := home(t)
			managed(t, tt.managed)
			if tt.user != "" {
				write(t, path, tt.user)
			}
			if got, err := Load(); got != tt.want || err != nil {
				t.Errorf("got %+v, %v; want %+v", got, err, tt.want)
			}
		})
	}
}

// What the user did not change is the administrator's to change later, and nothing of the user's is lost.
func TestSaveLeavesManagedSettingsOut(t *testing.T) {
	path := home(t)
	write(t, path, "user_id = 'u'\npopup = 'on'\nfuture = 1\n")
	at := managed(t, "url = 'tls://a:1'\npbx_domain = 'a.dk'\npopup = 'off'\nlocked = ['popup']\n")
	s, err := Load()
	if !errors.Is(err, ErrIgnored) || s.Popup != PopupOff {
		t.Fatalf("got %+v, %v", s, err)
	}
	s.Device, s.PBXDomain = "200", "mine.dk"
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(path)
	_, text, _ := strings.Cut(string(got), "\n")
	const want = `user_id = "u"
pbx_domain = "mine.dk"
device = "200"
popup = "on"
future = 1
`
	if text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	write(t, at, "url = 'tls://b:2'\n")
	if got, err := Load(); got != (Settings{URL: "tls://b:2", UserID: "u", PBXDomain: "mine.dk", Device: "200", Popup: PopupOn}) || !errors.Is(err, ErrIgnored) {
		t.Errorf("with other managed settings: %+v, %v", got, err)
	}
}

// Whatever is wrong with the administrator's file, the user's own settings are there, and it is said.
func TestBrokenManagedFile(t *testing.T) {
	for name, text := range map[string]string{
		"syntax":          "url = \n",
		"wrong type":      "url = 1\n",
		"locked":          "locked = 'url'\n",
		"binary":          "\x00\x01",
		"unknown key":     "urll = 'tls://a:1'\n",
		"a password":      "password = 'x'\n",
		"unknown lock":    "locked = ['urll']\n",
		"larger than any": "# " + strings.Repeat("x", maxFile),
	} {
		t.Run(name, func(t *testing.T) {
			path := home(t)
			write(t, path, "device = '200'\n")
			at := managed(t, text)
			got, err := Load()
			if got.Device != "200" || !errors.Is(err, ErrIgnored) {
				t.Errorf("got %+v, %v", got, err)
			}
			var fe *FileError
			if !errors.As(err, &fe) || fe.Path != at || !strings.HasSuffix(fe.Why, ".") {
				t.Errorf("got %#v", err)
			}
			if err := got.Save(); err != nil {
				t.Error(err)
			}
		})
	}
	path := home(t)
	write(t, path, "device = '200'\n")
	at := managed(t, "")
	if err := os.Remove(at); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(at, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	if got, err := Load(); got.Device != "200" || !errors.Is(err, ErrIgnored) {
		t.Errorf("a folder in its place: %+v, %v", got, err)
	}
}

func FuzzManaged(f *testing.F) {
	for _, s := range []string{"", "url = 'x'\nlocked = ['url']", "locked = 1", "[locked]\nx=1", "LOCKED = ['URL']", "locked = ['']"} {
		f.Add([]byte(s), []byte("device = '200'"))
	}
	f.Fuzz(func(t *testing.T, admin, own []byte) {
		var m Managed
		if _, err := decode("managed", admin, &m); err != nil && !errors.Is(err, ErrIgnored) {
			return
		}
		m.Settings = overlay(Settings{}, m.Settings, keysOf(admin))
		user, unknown, err := parse("user", own)
		if err != nil && !errors.Is(err, ErrIgnored) {
			return
		}
		// What is saved right after it was read changes nothing.
		had := keysOf(own)
		s := m.with(user, had)
		kept, out := m.own(s, user, had)
		data, err := encode(kept, out, unknown)
		if err != nil {
			return
		}
		again, _, err := parse("user", data)
		if err != nil && !errors.Is(err, ErrIgnored) {
			t.Fatalf("%q: %v", data, err)
		}
		if got := m.with(again, keysOf(data)); got != s {
			t.Fatalf("%q over %q became %q: %+v, then %+v", own, admin, data, s, got)
		}
		if i := slices.Index(m.Locked, FieldURL); i >= 0 && s.URL != m.URL {
			t.Fatalf("locked, and %q", s.URL)
		}
	})
}
