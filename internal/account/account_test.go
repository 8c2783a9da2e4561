package account

import (
	"errors"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	if err := good.Check(); err != nil {
		t.Errorf("good settings: %v", err)
	}
	for _, tt := range []struct {
		name  string
		set   func(*Settings)
		field Field // "" for none
		want  string
	}{
		{"tcp", func(s *Settings) { s.URL = "tcp://10.0.0.1:7000" }, "", ""},
		{"IPv6", func(s *Settings) { s.URL = "tls://[2001:db8::1]:7001" }, "", ""},
		{"https", func(s *Settings) { s.URL = "https://csta.example.dk/csta?x=1" }, "", ""},
		{"http with port", func(s *Settings) { s.URL = "http://localhost:5000/csta" }, "", ""},
		{"capitals", func(s *Settings) { s.URL = "TLS://CSTA.example.dk:7001/" }, "", ""},
		{"no trunk", func(s *Settings) { s.TrunkID = "" }, "", ""},
		{"popup by default", func(s *Settings) { s.Popup = "" }, "", ""},

		{"no address", func(s *Settings) { s.URL = "" }, FieldURL, "missing"},
		{"no scheme", func(s *Settings) { s.URL = "csta.example.dk:7001" }, FieldURL, "write"},
		{"no scheme, no port", func(s *Settings) { s.URL = "csta.example.dk" }, FieldURL, "begin with tcp://"},
		{"other scheme", func(s *Settings) { s.URL = "ftp://csta.example.dk" }, FieldURL, "begins with something else"},
		{"opaque", func(s *Settings) { s.URL = "tcp:csta.example.dk:7001" }, FieldURL, "cannot be read"},
		{"no host", func(s *Settings) { s.URL = "tls://:7001" }, FieldURL, "no host"},
		{"no host, http", func(s *Settings) { s.URL = "https:///csta" }, FieldURL, "no host"},
		{"host with a blank", func(s *Settings) { s.URL = "https://csta example.dk/" }, FieldURL, "cannot be read"},
		{"host of dots", func(s *Settings) { s.URL = "https://a..b/" }, FieldURL, "no host"},
		{"tcp without port", func(s *Settings) { s.URL = "tcp://csta.example.dk" }, FieldURL, "needs a port"},
		{"empty port", func(s *Settings) { s.URL = "tls://csta.example.dk:" }, FieldURL, "needs a port"},
		{"port 0", func(s *Settings) { s.URL = "tls://csta.example.dk:0" }, FieldURL, "65535"},
		{"port too high", func(s *Settings) { s.URL = "tls://csta.example.dk:65536" }, FieldURL, "65535"},
		{"port of letters", func(s *Settings) { s.URL = "tls://csta.example.dk:abc" }, FieldURL, "cannot be read"},
		{"path on tls", func(s *Settings) { s.URL = "tls://csta.example.dk:7001/csta" }, FieldURL, "Nothing may follow"},
		{"query on tcp", func(s *Settings) { s.URL = "tcp://csta.example.dk:7001?x" }, FieldURL, "Nothing may follow"},
		{"fragment", func(s *Settings) { s.URL = "https://csta.example.dk/#x" }, FieldURL, "#"},
		{"blank behind", func(s *Settings) { s.URL = "tls://csta.example.dk:7001 " }, FieldURL, "cannot be read"},
		{"line feed", func(s *Settings) { s.URL = "https://csta.example.dk/\n" }, FieldURL, "cannot be read"},
		{"password", func(s *Settings) { s.URL = "https://user:canary@csta.example.dk/" }, FieldURL, "must not hold a user"},
		{"password, unreadable", func(s *Settings) { s.URL = "https://user:canary@csta.example.dk:x/" }, FieldURL, "cannot be read"},

		{"no user", func(s *Settings) { s.UserID = " " }, FieldUserID, "missing"},
		{"user with blank", func(s *Settings) { s.UserID = "user " }, FieldUserID, "blank"},
		{"user with control", func(s *Settings) { s.UserID = "us\x00er" }, FieldUserID, "characters"},
		{"no domain", func(s *Settings) { s.PBXDomain = "" }, FieldPBXDomain, "missing"},
		{"domain as address", func(s *Settings) { s.PBXDomain = "https://x.dk" }, FieldPBXDomain, "without https://"},
		{"domain of one label", func(s *Settings) { s.PBXDomain = "12345678" }, FieldPBXDomain, "not a domain"},
		{"domain with blank", func(s *Settings) { s.PBXDomain = "1 2.pbx.dk" }, FieldPBXDomain, "not a domain"},
		{"trunk as domain", func(s *Settings) { s.TrunkID = "12345678.pbx.dk" }, FieldTrunkID, "leave it empty"},
		{"no extension", func(s *Settings) { s.Device = "" }, FieldDevice, "missing"},
		{"extension of letters", func(s *Settings) { s.Device = "u-12345678-200" }, FieldDevice, "digits"},
		{"extension with blank", func(s *Settings) { s.Device = "200 " }, FieldDevice, "digits"},
		{"no pin", func(s *Settings) { s.Pin, s.PinnedFor = "", "" }, "", ""},
		{"pin in small letters", func(s *Settings) { s.Pin = strings.ToLower(pin) }, "", ""},
		{"pin too short", func(s *Settings) { s.Pin = pin[3:] }, FieldPin, "32 pairs"},
		{"pin too long", func(s *Settings) { s.Pin += ":00" }, FieldPin, "32 pairs"},
		{"pin without colons", func(s *Settings) { s.Pin = strings.ReplaceAll(pin, ":", "") }, FieldPin, "32 pairs"},
		{"pin with blanks", func(s *Settings) { s.Pin = strings.ReplaceAll(pin, ":", " ") }, FieldPin, "32 pairs"},
		{"pin of other letters", func(s *Settings) { s.Pin = strings.Replace(pin, "E3", "G3", 1) }, FieldPin, "32 pairs"},
		{"pin with a blank behind", func(s *Settings) { s.Pin += " " }, FieldPin, "32 pairs"},
		{"pin of another hash", func(s *Settings) { s.Pin = "sha256/" + pin }, FieldPin, "32 pairs"},
		{"popup", func(s *Settings) { s.Popup = "maybe" }, FieldPopup, "auto, on or off"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := good
			tt.set(&s)
			err := s.Check()
			if tt.field == "" {
				if err != nil {
					t.Errorf("got %v, want no error", err)
				}
				return
			}
			var all FieldErrors
			var one *FieldError
			if !errors.As(err, &all) || !errors.As(err, &one) || len(all) != 1 || one.Field != tt.field {
				t.Fatalf("got %#v, want one error of %s", err, tt.field)
			}
			if !strings.Contains(one.Why, tt.want) || !strings.HasSuffix(one.Why, ".") || all.Field(tt.field) != one.Why {
				t.Errorf("got %q, want a sentence with %q", one.Why, tt.want)
			}
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("%q repeats the password of the address", err)
			}
		})
	}
}

func TestCheckNamesEveryField(t *testing.T) {
	var all FieldErrors
	if err := (Settings{}).Check(); !errors.As(err, &all) || len(all) != 4 {
		t.Fatalf("empty settings: %v", err)
	}
	for _, f := range []Field{FieldURL, FieldUserID, FieldPBXDomain, FieldDevice} {
		if all.Field(f) == "" {
			t.Errorf("%s is missing, and nothing is said", f)
		}
	}
}

func TestPlainAsksForEveryAddress(t *testing.T) {
	for url, want := range map[string]bool{
		"tcp://csta.example.dk:7000":      true,
		"http://csta.example.dk/csta":     true,
		"TCP://csta.example.dk:7000":      true,
		"tcp://192.168.1.1:7000":          true,
		"tcp://localhost.example.dk:7000": true,
		"tcp://[2001:db8::1]:7000":        true,
		"tls://csta.example.dk:7001":      false,
		"https://csta.example.dk/csta":    false,
		"tcp://localhost:7000":            false,
		"tcp://LocalHost.:7000":           false,
		"http://pbx.localhost/csta":       false,
		"tcp://127.0.0.1:7000":            false,
		"tcp://127.9.9.9:7000":            false,
		"http://[::1]:7080/":              false,
		"tcp://[::ffff:127.0.0.1]:7000":   false,
		"":                                false,
		"://":                             false,
	} {
		s := Settings{URL: url}
		if s.Plain() != want || s.NeedsConsent() != want {
			t.Errorf("%q: Plain %v, NeedsConsent %v, want %v", url, s.Plain(), s.NeedsConsent(), want)
		}
		if s.AcceptPlain().NeedsConsent() {
			t.Errorf("%q: asks again after the consent", url)
		}
	}
	s := Settings{URL: "http://csta.example.dk/csta"}.AcceptPlain()
	for url, again := range map[string]bool{
		"http://CSTA.example.dk:80/other": false,
		"http://csta.example.dk:8080/":    true,
		"tcp://csta.example.dk:80":        true,
		"http://csta2.example.dk/csta":    true,
	} {
		s.URL = url
		if s.NeedsConsent() != again {
			t.Errorf("consent for %s: at %s asks again: %v, want %v", s.PlainAcceptedFor, url, !again, again)
		}
	}
}

func TestPinHoldsForItsAddressAlone(t *testing.T) {
	s := Settings{URL: "https://csta.example.dk/csta"}.WithPin(pin)
	if s.Pin != pin || s.PinnedFor != "https://csta.example.dk:443" {
		t.Fatalf("pinned %q for %q", s.Pin, s.PinnedFor)
	}
	for url, want := range map[string]string{
		"https://csta.example.dk/csta":      pin,
		"https://CSTA.example.dk:443/other": pin,
		"https://csta.example.dk:8443/csta": "",
		"https://csta2.example.dk/csta":     "",
		"https://csta.example.dk.evil.dk/":  "",
		"tls://csta.example.dk:443":         "",
		"http://csta.example.dk:443/csta":   "",
		"":                                  "",
		"://":                               "",
	} {
		s.URL = url
		if got := s.PinFor(); got != want {
			t.Errorf("pinned for %s: at %q the pin is %q, want %q", s.PinnedFor, url, got, want)
		}
	}
	s.URL = "https://csta.example.dk/csta"
	if s = s.WithPin(""); s != (Settings{URL: s.URL}) {
		t.Errorf("taken back: %+v", s)
	}
	if got := (Settings{Pin: pin}).PinFor(); got != "" {
		t.Errorf("no address, pinned for none: %q", got)
	}
}

func TestTrustedHostHoldsForItsAddressAlone(t *testing.T) {
	s := Settings{URL: "https://csta.example.dk/csta"}.WithTrustedHost("hub.example.net")
	for url, want := range map[string]bool{
		"https://csta.example.dk/csta":      true,
		"https://CSTA.example.dk:443/other": true,
		"https://csta.example.dk:8443/csta": false,
		"https://csta2.example.dk/csta":     false,
		"http://csta.example.dk:443/csta":   false,
		"":                                  false,
	} {
		s.URL = url
		if got := s.TrustedHosts(); (len(got) == 1 && got[0] == "hub.example.net") != want || len(got) > 1 {
			t.Errorf("trusted for %s: at %q it is %q, want %v", s.TrustedHostFor, url, got, want)
		}
	}
	s.URL = "https://csta.example.dk/csta"
	if s = s.WithTrustedHost(""); s != (Settings{URL: s.URL}) {
		t.Errorf("taken back: %+v", s)
	}
	if got := (Settings{TrustedHost: "hub.example.net"}).TrustedHosts(); got != nil {
		t.Errorf("no address, trusted for none: %q", got)
	}
}

func TestFromEnv(t *testing.T) {
	keys := []string{"CALLTRAY_URL", "CALLTRAY_USER", "CALLTRAY_PASSWORD", "CALLTRAY_PBX_DOMAIN", "CALLTRAY_DEVICE"}
	for _, tt := range []struct {
		name     string
		env      map[string]string
		change   func(*Settings)
		password string
		from     bool
	}{
		{"nothing", nil, func(*Settings) {}, "", false},
		{"empty variables", map[string]string{"CALLTRAY_URL": "", "CALLTRAY_DEVICE": " ", "CALLTRAY_PASSWORD": "", "CALLTRAY_PBX_DOMAIN": " "}, func(*Settings) {}, "", false},
		{"one field", map[string]string{"CALLTRAY_DEVICE": "201"}, func(s *Settings) { s.Device = "201" }, "", true},
		{"password alone", map[string]string{"CALLTRAY_PASSWORD": " p w "}, func(*Settings) {}, " p w ", true},
		{"all", map[string]string{"CALLTRAY_URL": " tcp://h:1\n", "CALLTRAY_USER": "u", "CALLTRAY_PASSWORD": "p", "CALLTRAY_PBX_DOMAIN": "8.pbx.dk", "CALLTRAY_DEVICE": "9"},
			func(s *Settings) {
				s.URL, s.UserID, s.PBXDomain, s.TrunkID, s.Device = "tcp://h:1", "u", "8.pbx.dk", "", "9"
			}, "p", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, k := range keys {
				t.Setenv(k, tt.env[k])
			}
			want := good
			tt.change(&want)
			got, password, from := FromEnv(good)
			if got != want || password != tt.password || from != tt.from {
				t.Errorf("got %+v, %q, %v, want %+v, %q, %v", got, password, from, want, tt.password, tt.from)
			}
			if _, again, _ := FromEnv(good); again != "" {
				t.Error("the password is still in the environment, for every child to read")
			}
		})
	}
}

func TestSameLogin(t *testing.T) {
	base := Settings{URL: "tls://h:1", UserID: "u", PBXDomain: "p.example", TrunkID: "t", Device: "200", Popup: PopupAuto}
	for name, c := range map[string]struct {
		change func(*Settings)
		same   bool
	}{
		"nothing":    {func(*Settings) {}, true},
		"the popup":  {func(s *Settings) { s.Popup = PopupOff }, true},
		"address":    {func(s *Settings) { s.URL = "tls://h:2" }, false},
		"user":       {func(s *Settings) { s.UserID = "v" }, false},
		"domain":     {func(s *Settings) { s.PBXDomain = "q.example" }, false},
		"trunk":      {func(s *Settings) { s.TrunkID = "" }, false},
		"extension":  {func(s *Settings) { s.Device = "201" }, false},
		"vendorData": {func(s *Settings) { s.DeclareVendorData = true }, false},
		"the pin":    {func(s *Settings) { *s = s.WithPin("aa") }, false},
		"consent":    {func(s *Settings) { *s = s.AcceptPlain() }, false},
	} {
		other := base
		c.change(&other)
		if got := base.SameLogin(other); got != c.same {
			t.Errorf("%s has changed: SameLogin = %v", name, got)
		}
	}
}
