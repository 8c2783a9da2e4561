package app

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adrg/xdg"

	"calltray/cstasession"
	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/leaktest"
	"calltray/internal/text"
	"calltray/pbxsim"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

// A settings file that cannot be read keeps nobody from starting: the state says which line, diagnostics are
// written, and saving sets the file aside and logs in.
func TestUnreadableSettings(t *testing.T) {
	home := t.TempDir()
	for name, value := range map[string]string{"XDG_CONFIG_HOME": home, "XDG_STATE_HOME": home, "XDG_RUNTIME_DIR": home,
		"DBUS_SESSION_BUS_ADDRESS": "unix:path=" + home + "/no-bus", "CALLTRAY_URL": "", "LC_ALL": "C"} {
		t.Setenv(name, value)
	}
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	if err := os.MkdirAll(filepath.Dir(account.Path()), 0o700); err != nil {
		t.Fatal(err)
	}
	const broken = "user_id = \"anna\"\nurl = tcp://no quotes\n"
	if err := os.WriteFile(account.Path(), []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	facts, err := Diagnostics(t.Context(), true)
	if err != nil || !strings.Contains(facts, "settings.toml:2") {
		t.Errorf("diagnostics: %v\n%s", err, facts)
	}

	cfg := configure()
	cfg.Logger = slog.New(slog.DiscardHandler)
	a := New(cfg)
	defer a.Begin(t.Context())()
	wait := func(what string, is func(csta.State) bool) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); !is(a.State()); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("in vain: %s; the state is %+v", what, a.State())
			}
		}
	}
	wait("the state names file and line", func(st csta.State) bool { return strings.Contains(text.Explain(st.Err), "settings.toml:2: ") })

	user := pbxsim.User{UserID: "anna@example.dk", Password: "hemmelig"}
	pbx := pbxsim.New(pbxsim.Config{Users: []pbxsim.User{user}})
	defer pbx.Close()
	url, err := pbx.ListenTCP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	settings := account.Settings{URL: url, UserID: user.UserID, PBXDomain: pbx.Domain(), Device: "200"}.AcceptPlain()
	if err := a.save(t.Context(), settings, user.Password, true); err != nil {
		t.Fatal(err)
	}
	wait("online with the saved account", func(st csta.State) bool { return st.Status == csta.Online })
	aside, _ := filepath.Glob(account.Path() + ".bad-*")
	if len(aside) != 1 {
		t.Fatalf("set aside: %v", aside)
	}
	if b, err := os.ReadFile(aside[0]); string(b) != broken || err != nil {
		t.Errorf("set aside is %q, %v", b, err)
	}
}

// A changed account at the same extension: the calls go on at the telephone, and in every state.
func TestSaveKeepsTheCallsOfTheExtension(t *testing.T) {
	home := t.TempDir()
	for name, value := range map[string]string{"XDG_CONFIG_HOME": home, "XDG_STATE_HOME": home, "XDG_RUNTIME_DIR": home,
		"DBUS_SESSION_BUS_ADDRESS": "unix:path=" + home + "/no-bus"} {
		t.Setenv(name, value)
	}
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	anna, bo := pbxsim.User{UserID: "anna@example.dk", Password: "hemmelig"}, pbxsim.User{UserID: "bo@example.dk", Password: "anden"}
	pbx := pbxsim.New(pbxsim.Config{Users: []pbxsim.User{anna, bo}, Behaviour: pbxsim.Behaviour{Snapshot: "empty"}})
	defer pbx.Close()
	url, err := pbx.ListenTCP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	settings := account.Settings{URL: url, UserID: anna.UserID, PBXDomain: pbx.Domain(), Device: "201"}.AcceptPlain()
	a := New(Config{Settings: settings, Password: anna.Password, Logger: slog.New(slog.DiscardHandler)})
	defer a.Begin(t.Context())()
	until := func(what string, is func(csta.State) bool) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); !is(a.State()); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("in vain: %s; the state is %+v", what, a.State())
			}
		}
	}
	until("online", func(st csta.State) bool { return st.Status == csta.Online })
	call, err := pbx.Call("22334455", "201", "Ærø")
	if err != nil {
		t.Fatal(err)
	}
	if err := call.Answer("201"); err != nil {
		t.Fatal(err)
	}
	active := func(st csta.State) bool {
		return len(st.Calls) == 1 && st.Calls[0].Phase == csta.Active && st.Calls[0].Linkage == call.Linkage() && st.Calls[0].Remote.Name == "Ærø"
	}
	until("the call", active)
	settings.UserID = bo.UserID
	if err := a.save(t.Context(), settings, bo.Password, true); err != nil {
		t.Fatal(err)
	}
	until("online as another user", func(st csta.State) bool {
		if !active(st) {
			t.Fatalf("the call is gone: %+v", st)
		}
		s, err := a.Session()
		return err == nil && s.State().Status == csta.Online && st.Status == csta.Online
	})
	settings.Device = "202"
	if err := a.save(t.Context(), settings, "", false); err != nil {
		t.Fatal(err)
	}
	until("online at another extension, without the call", func(st csta.State) bool { return st.Status == csta.Online && len(st.Calls) == 0 })
}

// Saving the settings with the same account does not log in again: the calls stay, and so does what is known
// about the office. Another account, or a typed password, does log in.
func TestSaveKeepsTheSessionOfTheSameAccount(t *testing.T) {
	home := t.TempDir()
	for name, value := range map[string]string{"XDG_CONFIG_HOME": home, "XDG_STATE_HOME": home, "XDG_RUNTIME_DIR": home,
		"DBUS_SESSION_BUS_ADDRESS": "unix:path=" + home + "/no-bus"} {
		t.Setenv(name, value)
	}
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	user := pbxsim.User{UserID: "anna@example.dk", Password: "hemmelig"}
	pbx := pbxsim.New(pbxsim.Config{Users: []pbxsim.User{user}})
	defer pbx.Close()
	url, err := pbx.ListenTCP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	settings := account.Settings{URL: url, UserID: user.UserID, PBXDomain: pbx.Domain(), Device: "201"}.AcceptPlain()
	a := New(Config{Settings: settings, Password: user.Password, Logger: slog.New(slog.DiscardHandler)})
	defer a.Begin(t.Context())()
	session := func(other func(*cstasession.Session) bool) *cstasession.Session {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
			if s, err := a.Session(); err == nil && other(s) {
				return s
			}
		}
		t.Fatal("in vain: a session")
		return nil
	}
	before := session(func(*cstasession.Session) bool { return true })
	for _, popup := range []string{settings.Popup, account.PopupOff} {
		settings.Popup = popup
		if err := a.save(t.Context(), settings, "", false); err != nil {
			t.Fatal(err)
		}
		if now, err := a.Session(); now != before || err != nil || a.settings.Popup != popup {
			t.Errorf("popup %q: the session is another one: %v, %v", popup, now != before, err)
		}
	}
	settings.Device = "202"
	if err := a.save(t.Context(), settings, "", false); err != nil {
		t.Fatal(err)
	}
	session(func(s *cstasession.Session) bool { return s != before })
}

// The address that was online last is remembered from one run to the next.
func TestOnlineIsRemembered(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	if wasOnline("csta.example.dk:7000") || wasOnline("") {
		t.Error("remembered before it was")
	}
	for _, address := range []string{"csta.example.dk:7000", "other.example.dk:7000"} {
		if err := rememberOnline(address); err != nil {
			t.Fatal(err)
		}
		if !wasOnline(address) || wasOnline("") {
			t.Errorf("%s is not remembered", address)
		}
	}
	if wasOnline("csta.example.dk:7000") {
		t.Error("two are remembered")
	}
}
