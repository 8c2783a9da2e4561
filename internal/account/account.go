// Package account holds who the user is and where: the settings file, and the password in the operating
// system's keyring.
//
// The settings are a small TOML file in the user's configuration folder. The password is never in it: it is
// kept in the keyring and, during a run, in memory. Errors are sentences that name the field, or the file and
// the line.
package account

import (
	"errors"
	"net/url"
	"os"
	"strings"
	"time"
)

// Settings is what the application keeps between runs. The zero Settings is an account that has not been set
// up.
type Settings struct {
	// URL is the gateway's address: tcp://host:port or tls://host:port for XML, http://host/path or
	// https://host/path for JSON over SignalR.
	URL string `toml:"url"`
	// UserID is the user's name at the PBX.
	UserID string `toml:"user_id"`
	// PBXDomain is the PBX's name: 12345678.pbx.one-connect.dk.
	PBXDomain string `toml:"pbx_domain"`
	// TrunkID is the PBX's number. "" takes the first label of PBXDomain.
	TrunkID string `toml:"trunk_id"`
	// Device is the extension to monitor, in its short form: 200.
	Device string `toml:"device"`
	// DeclareVendorData makes the login declare the prefix vendorData, for servers that process XML namespaces.
	DeclareVendorData bool `toml:"declare_vendor_data"`
	// PlainAcceptedFor is the address (see Address) for which the user agreed that the password travels
	// unencrypted. For another address the user is asked again.
	PlainAcceptedFor string `toml:"plain_accepted_for"`
	// Pin is the SHA-256 fingerprint of the only certificate that the user trusts for the address PinnedFor
	// (see Address): pairs of hex digits separated by colons, as csta.Fingerprint writes them. It does not
	// apply to another address: use PinFor.
	Pin       string `toml:"pin"`
	PinnedFor string `toml:"pinned_for"`
	// TrustedHost is the host, other than the address's own, to which the server at the address TrustedHostFor
	// (see Address) may redirect the login, with the user's consent. It does not apply to another address: use
	// TrustedHosts.
	TrustedHost    string `toml:"trusted_host"`
	TrustedHostFor string `toml:"trusted_host_for"`
	// Proxy is "system" (or ""), "none", or the address of the proxy for reaching the PBX: http://host:port,
	// https://host:port or socks5://host:port.
	Proxy string `toml:"proxy"`
	// HistoryDays is how many days calls are kept: 0 means DefaultHistoryDays, HistoryForEver for ever.
	HistoryDays int `toml:"history_days"`
	// Private stops the recording of calls from now on.
	Private bool `toml:"private"`
	// Page is the address of the page about a caller, as parsed by webpage.Address; "" for none.
	Page string `toml:"page"`
	// PageWhen says when it opens automatically: PageNever, PageRinging or PageAnswered. "" counts as
	// PageNever.
	PageWhen string `toml:"page_when"`
	// Rules are the automatic actions on calls, one per line, as parsed by rules.Parse.
	Rules string `toml:"rules"`
	// Where to look up numbers that are in no contacts, as in contacts.Directory; "" for nowhere. LookupHeaders
	// may contain {secret}, which stands for the secret in the keyring.
	LookupURL     string `toml:"lookup_url"`
	LookupName    string `toml:"lookup_name"`
	LookupCompany string `toml:"lookup_company"`
	LookupHeaders string `toml:"lookup_headers"`
	// Popup says when the incoming-call popup is used: PopupAuto, PopupOn or PopupOff.
	Popup string `toml:"popup"`
	// NoCallPanel makes the popup disappear when its call is answered, instead of staying as that call's panel.
	NoCallPanel bool `toml:"no_call_panel"`
	// How a ringing call may disturb the user, depending on who calls and on what the user is doing: see
	// package attention.
	AlertDirect       string `toml:"alert_direct"`
	AlertQueue        string `toml:"alert_queue"`
	AlertInternal     string `toml:"alert_internal"`
	AlertExternal     string `toml:"alert_external"`
	AlertInCall       string `toml:"alert_in_call"`
	AlertFullScreen   string `toml:"alert_full_screen"`
	AlertLocked       string `toml:"alert_locked"`
	AlertShared       string `toml:"alert_shared"`
	AlertFocus        string `toml:"alert_focus"`
	AlertOutsideHours string `toml:"alert_outside_hours"`
	AlertQueueAfter   int    `toml:"alert_queue_after"` // in seconds
	AlertOnce         bool   `toml:"alert_once"`
	AlertSound        bool   `toml:"alert_sound"`
	PauseMusic        bool   `toml:"pause_music"` // while the user is talking: see package music
	AlertNames        bool   `toml:"alert_names"` // also on a locked screen, or one that others can see
	// WorkHours are the working hours of a day, as parsed by the function WorkHours; "" for none. WorkDays is
	// ToFriday, ToSaturday or EveryDay.
	WorkHours string `toml:"work_hours"`
	WorkDays  string `toml:"work_days"`
	// Language is the language of every sentence: Auto, which is the computer's, "da" or "en". "" counts as
	// Auto.
	Language string `toml:"language"`
	// Theme is Auto, which is the desktop's, "light" or "dark". "" counts as Auto.
	Theme string `toml:"theme"`
	// Autostart says whether Calltray starts when the user logs in: "on" or "off". "" leaves it as the desktop
	// has it. It is applied once: what the user then changes in the desktop's own settings stands.
	Autostart string `toml:"autostart"`

	// How numbers are parsed, displayed and dialled: see Plan, and dialplan.Plan for what each is.
	Country             string `toml:"country"`
	AreaCode            string `toml:"area_code"`
	InternalLength      string `toml:"internal_length"` // "3", "3-4" or "3, 5"; "" derives it from the colleagues
	OutsidePrefix       string `toml:"outside_prefix"`
	InternationalPrefix string `toml:"international_prefix"`
	ShortNumbers        string `toml:"short_numbers"` // separated by spaces or commas
	PBXForm             bool   `toml:"pbx_form"`
	DialRules           string `toml:"dial_rules"` // one per line, as parsed by dialplan.ParseRules
	ShowRules           string `toml:"show_rules"`

	// The keys that work while another program has the keyboard, as package hotkey writes them; HotkeyOff for
	// none. "" also means none, except for HotkeyDial, where it means DefaultHotkeyDial.
	HotkeyDial   string `toml:"hotkey_dial"` // the selected number, or else the clipboard's
	HotkeyAnswer string `toml:"hotkey_answer"`
	HotkeyHangUp string `toml:"hotkey_hang_up"`
	HotkeyShow   string `toml:"hotkey_show"`
	// DialWithoutAsking makes HotkeyDial dial ordinary numbers at once.
	DialWithoutAsking bool `toml:"dial_without_asking"`
}

// Auto leaves a choice to the computer.
const Auto = "auto"

// The values of Settings.Popup. "" counts as PopupAuto.
const (
	PopupAuto = "auto" // if the desktop lets a program place a window without taking the focus
	PopupOn   = "on"
	PopupOff  = "off"
)

// The values of Settings.PageWhen.
const (
	PageNever    = "never" // only when the user asks for it
	PageRinging  = "ringing"
	PageAnswered = "answered"
)

// How long calls are kept by default, and the value for keeping them for ever.
const (
	DefaultHistoryDays = 90
	HistoryForEver     = -1
)

// KeepHistory returns how long to keep calls; 0 is for ever.
func (s Settings) KeepHistory() time.Duration {
	switch {
	case s.HistoryDays < 0:
		return 0
	case s.HistoryDays == 0:
		return DefaultHistoryDays * 24 * time.Hour
	}
	return time.Duration(min(s.HistoryDays, 36500)) * 24 * time.Hour
}

// Field names a field of Settings, by its key in the settings file.
type Field string

// The fields of Settings.
const (
	FieldURL         Field = "url"
	FieldUserID      Field = "user_id"
	FieldPBXDomain   Field = "pbx_domain"
	FieldTrunkID     Field = "trunk_id"
	FieldDevice      Field = "device"
	FieldPin         Field = "pin"
	FieldProxy       Field = "proxy"
	FieldPopup       Field = "popup"
	FieldNoCallPanel Field = "no_call_panel"
	FieldLanguage    Field = "language"
	FieldTheme       Field = "theme"
	FieldAutostart   Field = "autostart"

	FieldPage     Field = "page"
	FieldPageWhen Field = "page_when"
	FieldRules    Field = "rules"

	FieldLookupURL     Field = "lookup_url"
	FieldLookupName    Field = "lookup_name"
	FieldLookupCompany Field = "lookup_company"
	FieldLookupHeaders Field = "lookup_headers"

	FieldHistoryDays Field = "history_days"
	FieldPrivate     Field = "private"

	FieldAlertDirect       Field = "alert_direct"
	FieldAlertQueue        Field = "alert_queue"
	FieldAlertInternal     Field = "alert_internal"
	FieldAlertExternal     Field = "alert_external"
	FieldAlertInCall       Field = "alert_in_call"
	FieldAlertFullScreen   Field = "alert_full_screen"
	FieldAlertLocked       Field = "alert_locked"
	FieldAlertShared       Field = "alert_shared"
	FieldAlertFocus        Field = "alert_focus"
	FieldAlertOutsideHours Field = "alert_outside_hours"
	FieldAlertQueueAfter   Field = "alert_queue_after"
	FieldAlertOnce         Field = "alert_once"
	FieldAlertSound        Field = "alert_sound"
	FieldPauseMusic        Field = "pause_music"
	FieldAlertNames        Field = "alert_names"
	FieldWorkHours         Field = "work_hours"
	FieldWorkDays          Field = "work_days"

	FieldCountry             Field = "country"
	FieldAreaCode            Field = "area_code"
	FieldInternalLength      Field = "internal_length"
	FieldOutsidePrefix       Field = "outside_prefix"
	FieldInternationalPrefix Field = "international_prefix"
	FieldShortNumbers        Field = "short_numbers"
	FieldPBXForm             Field = "pbx_form"
	FieldDialRules           Field = "dial_rules"
	FieldShowRules           Field = "show_rules"

	FieldHotkeyDial        Field = "hotkey_dial"
	FieldHotkeyAnswer      Field = "hotkey_answer"
	FieldHotkeyHangUp      Field = "hotkey_hang_up"
	FieldHotkeyShow        Field = "hotkey_show"
	FieldDialWithoutAsking Field = "dial_without_asking"
)

// FromEnv returns the settings with values from the environment: CALLTRAY_URL, CALLTRAY_USER,
// CALLTRAY_PBX_DOMAIN and CALLTRAY_DEVICE; the password from CALLTRAY_PASSWORD; and whether any of the five was
// set. An empty variable counts as not set.
//
// CALLTRAY_PASSWORD is removed from the environment, so that no program started from here inherits it: a second
// call does not see it. Call FromEnv once, before starting anything.
func FromEnv(s Settings) (settings Settings, password string, fromEnv bool) {
	for key, field := range map[string]*string{
		"CALLTRAY_URL":        &s.URL,
		"CALLTRAY_USER":       &s.UserID,
		"CALLTRAY_PBX_DOMAIN": &s.PBXDomain,
		"CALLTRAY_DEVICE":     &s.Device,
	} {
		if v := strings.TrimSpace(os.Getenv(key)); v != "" {
			*field, fromEnv = v, true
		}
	}
	if strings.TrimSpace(os.Getenv("CALLTRAY_PBX_DOMAIN")) != "" {
		s.TrunkID = "" // the file's trunk belongs to the file's PBX
	}
	if v := os.Getenv("CALLTRAY_PASSWORD"); v != "" {
		password, fromEnv = v, true
		_ = os.Unsetenv("CALLTRAY_PASSWORD")
	}
	return s, password, fromEnv
}

// errNotReady is returned by the keyring functions for settings without a user or a host: there can be no
// password for them.
var errNotReady = errors.New("the account has no user ID or no address yet")

// key is the user name under which the keyring has the password: "user@host". It includes the host, so that an
// address that was changed without the user's knowledge does not get another's password.
func (s Settings) key() (string, error) {
	u, err := url.Parse(s.URL)
	if err != nil || s.UserID == "" || u.Hostname() == "" {
		return "", errNotReady
	}
	return s.UserID + "@" + strings.ToLower(u.Hostname()), nil
}

// login returns the part of the settings that determines a session.
func (s Settings) login() Settings {
	return Settings{URL: s.URL, UserID: s.UserID, PBXDomain: s.PBXDomain, TrunkID: s.TrunkID, Device: s.Device,
		DeclareVendorData: s.DeclareVendorData, PlainAcceptedFor: s.PlainAcceptedFor, Pin: s.Pin, PinnedFor: s.PinnedFor,
		TrustedHost: s.TrustedHost, TrustedHostFor: s.TrustedHostFor, Proxy: s.Proxy}
}

// SameLogin reports whether two settings log in the same way: they differ only in what this computer shows and
// does.
func (s Settings) SameLogin(other Settings) bool { return s.login() == other.login() }
