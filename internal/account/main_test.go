package account

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/adrg/xdg"

	"calltray/internal/leaktest"
)

// TestMain fails when a test leaves a goroutine of this package behind.
func TestMain(m *testing.M) {
	leaktest.Main(m)
}

// home gives the test a user and a computer of its own, and returns the path of the settings file.
func home(t *testing.T) string {
	t.Helper()
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(t.TempDir(), "config"))
	t.Setenv("XDG_STATE_HOME", filepath.Join(t.TempDir(), "state"))
	t.Setenv("XDG_CONFIG_DIRS", t.TempDir())
	t.Setenv("ProgramData", t.TempDir())
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	return Path()
}

// write puts a settings file in place.
func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// pin is a fingerprint as csta.Fingerprint writes it.
const pin = "E3:B0:C4:42:98:FC:1C:14:9A:FB:F4:C8:99:6F:B9:24:27:AE:41:E4:64:9B:93:4C:A4:95:99:1B:78:52:B8:55"

var good = Settings{
	URL: "tls://csta.example.dk:7001", UserID: "user@example.dk", PBXDomain: "12345678.pbx.one-connect.dk", TrunkID: "12345678",
	Device: "200", DeclareVendorData: true, PlainAcceptedFor: "tcp://csta.example.dk:7000", Popup: PopupOn, NoCallPanel: true,
	Pin: pin, PinnedFor: "tls://csta.example.dk:7001",
	TrustedHost: "hub.example.net", TrustedHostFor: "tls://csta.example.dk:7001",
	Language: "da", Theme: "dark", Autostart: "on", HistoryDays: 30, Private: true,
	Country: "DE", AreaCode: "30", InternalLength: "2-3", OutsidePrefix: "0", InternationalPrefix: "00", ShortNumbers: "118",
	Page: "https://crm.example.dk/search?q={e164}", PageWhen: PageAnswered, Rules: "missed => post https://crm.example.dk/calls {\"text\": \"{name}\"}\n# no more",
	LookupURL: "https://who.example.dk/{e164}", LookupName: "data.0.name", LookupCompany: "data.0.firm", LookupHeaders: "Authorization: Bearer {secret}",
	AlertDirect: "popup", AlertQueue: "tray", AlertInternal: "notification", AlertExternal: "popup", AlertInCall: "tray", AlertFullScreen: "tray",
	AlertLocked: "nothing", AlertShared: "nothing", AlertFocus: "tray", AlertOutsideHours: "nothing", AlertQueueAfter: 10, AlertOnce: true,
	AlertSound: true, PauseMusic: true, AlertNames: true, WorkHours: "08:00-16:00", WorkDays: "mon-sat",
	PBXForm: true, DialRules: "^0045 => +45", ShowRules: "^0 => ",
	HotkeyDial: "Ctrl+Alt+D", HotkeyAnswer: "F8", HotkeyHangUp: "off", HotkeyShow: "Super+C", DialWithoutAsking: true,
	Proxy: "http://proxy.example.dk:8080",
}
