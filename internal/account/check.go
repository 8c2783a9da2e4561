package account

import (
	"crypto/sha256"
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"calltray/internal/rules"
	"calltray/internal/webpage"
)

// FieldError says what is wrong with one field.
type FieldError struct {
	Field Field
	Why   string // a sentence for the user: what is wrong, and what to write instead
}

// Error returns the sentence.
func (e *FieldError) Error() string { return e.Why }

// FieldErrors is what Check found, in the order of the fields. errors.As finds the first *FieldError.
type FieldErrors []*FieldError

// Error returns the sentences, one after the other.
func (e FieldErrors) Error() string {
	var s []string
	for _, f := range e {
		s = append(s, f.Why)
	}
	return strings.Join(s, " ")
}

// Unwrap returns the individual errors.
func (e FieldErrors) Unwrap() []error {
	var errs []error
	for _, f := range e {
		errs = append(errs, f)
	}
	return errs
}

// Field returns the error of a field, "" if there is none.
func (e FieldErrors) Field(f Field) string {
	for _, err := range e {
		if err.Field == f {
			return err.Why
		}
	}
	return ""
}

// Check returns what prevents the settings from being used: nil, or a FieldErrors. It does no I/O.
func (s Settings) Check() error {
	var errs FieldErrors
	for _, c := range []struct {
		field Field
		why   string
	}{
		{FieldURL, checkURL(s.URL)},
		{FieldUserID, checkUserID(s.UserID)},
		{FieldPBXDomain, checkDomain(s.PBXDomain)},
		{FieldTrunkID, checkTrunk(s.TrunkID)},
		{FieldDevice, checkDevice(s.Device)},
		{FieldPin, checkPin(s.Pin)},
		{FieldProxy, checkProxy(s.Proxy)},
		{FieldPopup, oneOf(s.Popup, "The popup can be auto, on or off.", PopupAuto, PopupOn, PopupOff)},
		{FieldLanguage, oneOf(s.Language, "The language can be auto, da or en.", Auto, "da", "en")},
		{FieldTheme, oneOf(s.Theme, "The theme can be auto, light or dark.", Auto, "light", "dark")},
		{FieldAutostart, oneOf(s.Autostart, "The start at login can be on or off.", "on", "off")},
		{FieldPage, checkPage(s.Page)},
		{FieldPageWhen, oneOf(s.PageWhen, "The page can open never, ringing or answered.", PageNever, PageRinging, PageAnswered)},
		{FieldRules, checkCallRules(s.Rules)},
		{FieldLookupURL, checkLookup(s.LookupURL)},
		{FieldLookupName, checkPlace(s.LookupName)},
		{FieldLookupCompany, checkPlace(s.LookupCompany)},
		{FieldLookupHeaders, checkHeaders(s.LookupHeaders)},
		{FieldCountry, checkCountry(s.Country)},
		{FieldAreaCode, checkDigits(s.AreaCode)},
		{FieldInternalLength, checkLengths(s.InternalLength)},
		{FieldOutsidePrefix, checkDigits(s.OutsidePrefix)},
		{FieldInternationalPrefix, checkDigits(strings.TrimPrefix(s.InternationalPrefix, "+"))},
		{FieldShortNumbers, checkShort(s.ShortNumbers)},
		{FieldDialRules, checkRules(s.DialRules)},
		{FieldShowRules, checkRules(s.ShowRules)},
		{FieldHotkeyDial, s.checkHotkey(FieldHotkeyDial)},
		{FieldHotkeyAnswer, s.checkHotkey(FieldHotkeyAnswer)},
		{FieldHotkeyHangUp, s.checkHotkey(FieldHotkeyHangUp)},
		{FieldHotkeyShow, s.checkHotkey(FieldHotkeyShow)},
	} {
		if c.why != "" {
			errs = append(errs, &FieldError{c.field, c.why})
		}
	}
	if errs = append(errs, s.checkAlerts()...); errs == nil {
		return nil
	}
	return errs
}

func checkPage(s string) string {
	if s == "" {
		return ""
	}
	switch err := webpage.Check(s); {
	case errors.Is(err, webpage.ErrScheme):
		return "The page must begin with https:// or http://, for example https://crm.example.dk/search?q={e164}."
	case errors.Is(err, webpage.ErrHost):
		return "The page must name its server, which cannot depend on the call, and no user: for example https://crm.example.dk/search?q={e164}."
	case errors.Is(err, webpage.ErrWord):
		return "The page can have {number}, {e164}, {name}, {company}, {direction}, {queue}, {outcome}, {seconds} and {linkage}, and no other braces."
	}
	return ""
}

// checkLookup returns what is wrong with the address for looking up numbers.
func checkLookup(s string) string {
	if s == "" {
		return ""
	}
	if webpage.Check(s) != nil || !strings.Contains(s, "{e164}") || (Settings{URL: s}).Plain() {
		return "The look-up must begin with https:// and have {e164} where the number goes: for example https://who.example.dk/search?q={e164}."
	}
	return ""
}

// checkPlace returns what is wrong with a path in JSON.
func checkPlace(s string) string {
	if len(s) > 200 || strings.ContainsFunc(s, unicode.IsControl) {
		return "Write where it is in the answer, with dots between: for example data.0.name."
	}
	return ""
}

// checkHeaders never quotes a header: it may contain a password.
func checkHeaders(s string) string {
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		token := name != "" && !strings.ContainsFunc(name, func(r rune) bool {
			return r != '-' && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
		})
		if !ok || !token || len(s) > 2000 || strings.ContainsFunc(value, unicode.IsControl) || strings.ContainsAny(strings.ReplaceAll(value, "{secret}", ""), "{}") {
			return "Write one header a line, such as Authorization: Bearer {secret}. The secret itself belongs in the keyring."
		}
	}
	return ""
}

// checkCallRules returns what is wrong with the rules about calls.
func checkCallRules(s string) string {
	_, err := rules.Parse(s)
	for of, why := range map[error]string{
		rules.ErrForm:     "A rule is written as: ended external => post https://crm.example.dk/calls. Quotes must be in pairs.",
		rules.ErrWhen:     "A rule begins with rings, answered, ended, missed or dialled.",
		rules.ErrWho:      "Whose calls a rule is about can be external, internal, incoming, outgoing, queue, or source: and the name of a source.",
		rules.ErrAction:   "After => a rule has open and an address, run and a program, or post and an address.",
		rules.ErrProgram:  "Write the program of a rule with its whole path, which cannot depend on the call: C:\\Tools\\log.exe, in quotes if there is a blank in it.",
		rules.ErrBatch:    "A rule cannot run a batch file or cmd: a caller's name could become a command there. Run a program.",
		rules.ErrShell:    "A shell would take a caller's name for a command: run a script, or have it read CALLTRAY_NAME from the environment.",
		rules.ErrBody:     "What a rule sends must be JSON, with {name} and the like in its texts: {\"text\": \"{name} called\"}.",
		rules.ErrTooMany:  "These are too many rules: there can be 30, of 3900 characters.",
		webpage.ErrScheme: "The address of a rule must begin with https:// or http://, for example https://crm.example.dk/search?q={e164}.",
		webpage.ErrHost:   "The address of a rule must name its server, which cannot depend on the call, and no user.",
		webpage.ErrWord:   "A rule can have {number}, {e164}, {name}, {company}, {direction}, {queue}, {outcome}, {seconds} and {linkage}, and no other braces.",
	} {
		if errors.Is(err, of) {
			return why
		}
	}
	return ""
}

// checkProxy never quotes the address: it may contain a password.
func checkProxy(s string) string {
	if s == "" || s == "system" || s == "none" {
		return ""
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "socks5":
		return "The proxy can be system, none, or an address such as http://proxy.example.dk:8080."
	case u.User != nil:
		return "The proxy’s address must not hold a user or a password: they are asked for below it, and kept in the keyring."
	}
	return ""
}

// checkURL never quotes the address: it may contain a password. Its sentences are whole, so that they have translations.
func checkURL(s string) string {
	if s == "" {
		return "The address is missing: write for example tls://csta.example.dk:7001 or https://csta.example.dk/csta."
	}
	u, err := url.Parse(s)
	if err != nil || u.Opaque != "" || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return "The address cannot be read: write for example tls://csta.example.dk:7001 or https://csta.example.dk/csta."
	}
	switch u.Scheme {
	case "tcp", "tls", "http", "https":
	case "":
		return "The address must begin with tcp://, tls://, http:// or https://, for example tls://csta.example.dk:7001 or https://csta.example.dk/csta."
	default:
		return "The address begins with something else than tcp://, tls://, http:// or https://: write for example tls://csta.example.dk:7001 or https://csta.example.dk/csta."
	}
	switch port, err := strconv.ParseUint(u.Port(), 10, 16); {
	case u.User != nil:
		return "The address must not hold a user or a password: they have fields of their own."
	case !hostname(u.Hostname()):
		return "The address names no host: write for example tls://csta.example.dk:7001 or https://csta.example.dk/csta."
	case u.Port() != "" && (err != nil || port == 0):
		return "The port of the address must be a number from 1 to 65535."
	case u.Scheme[0] == 'h':
		if u.Fragment != "" {
			return "The address must not hold a # sign."
		}
	case u.Port() == "":
		return "The address needs a port, for example tls://csta.example.dk:7001."
	case u.Path != "" && u.Path != "/", u.RawQuery != "", u.Fragment != "":
		return "Nothing may follow the port of a tls:// or tcp:// address."
	}
	return ""
}

func checkUserID(s string) string {
	switch {
	case strings.TrimSpace(s) == "":
		return "The user ID is missing."
	case s != strings.TrimSpace(s):
		return "The user ID begins or ends with a blank: delete it."
	case len(s) > 254 || strings.ContainsFunc(s, unicode.IsControl):
		return "The user ID holds characters that cannot be part of it: type it again."
	}
	return ""
}

func checkDomain(s string) string {
	switch {
	case s == "":
		return "The PBX domain is missing: write for example 12345678.pbx.one-connect.dk."
	case strings.Contains(s, "/") || strings.Contains(s, "@"):
		return "The PBX domain is a name alone, without https:// or a user: for example 12345678.pbx.one-connect.dk."
	case !strings.Contains(s, ".") || !hostname(s):
		return "The PBX domain is not a domain name: write for example 12345678.pbx.one-connect.dk."
	}
	return ""
}

func checkTrunk(s string) string {
	if s != "" && (strings.Contains(s, ".") || !hostname(s)) {
		return "The trunk ID holds something else than letters, digits and dashes: leave it empty to take it from the PBX domain."
	}
	return ""
}

func checkDevice(s string) string {
	switch {
	case s == "":
		return "The extension is missing: write its short number, for example 200."
	case strings.Trim(s, "0123456789") != "" || len(s) > 15:
		return "The extension must be written in digits alone, for example 200."
	}
	return ""
}

// checkPin accepts either case: people write fingerprints both ways, and the comparison ignores case.
func checkPin(s string) string {
	const pairs = sha256.Size
	pin := strings.Split(s, ":")
	malformed := len(pin) != pairs
	for _, p := range pin {
		malformed = malformed || len(p) != 2 || strings.Trim(p, "0123456789abcdefABCDEF") != ""
	}
	if s != "" && malformed {
		return "The fingerprint of the pinned certificate must be 32 pairs of hex digits with colons between: delete pin and pinned_for from the settings file, and trust the certificate again."
	}
	return ""
}

// oneOf returns why, unless a setting has one of the values or is not set.
func oneOf(s, why string, values ...string) string {
	if s == "" || slices.Contains(values, s) {
		return ""
	}
	return why
}

// hostname reports whether s is a host name of letters, digits and dashes (RFC 1123), or an IP address.
func hostname(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	if len(s) == 0 || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(s, "."), ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, r := range label {
			if r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				return false
			}
		}
	}
	return true
}
