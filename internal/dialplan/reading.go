package dialplan

import (
	"errors"
	"strings"
)

// Reading is the interpretation of a number that somebody wrote, before anything is dialled: the user sees it,
// and what is dialled is Dial, byte for byte.
type Reading struct {
	Input  string // as written, cleaned and cut to a length that can be displayed
	Number string // the number in it, before the rules of a Plan: [Dialable] returns it unchanged
	Dial   string // what to dial
	// Digits can be sent as DTMF once the call is answered, "" for none: what follows a pause in the number, or
	// an extension that cannot be dialled with it.
	Digits  string
	Kind    Kind
	Country string   // the country that Dial leads to (ISO 3166-1); "" if unknown or meaningless
	Changes []Change // what was changed in Input, in order
	// Doubt is a sentence that says why Input cannot be dialled unchanged, "" if it can. If set, Dial is the
	// closest number that can be dialled, and the user must be asked.
	Doubt string
}

// Change is one change to a written number.
type Change struct {
	What   What
	Detail string // of PartsIgnored, the names; of RuleApplied, the rule's name or pattern; else what was added or omitted
}

// What is a kind of Change.
type What int

// The changes.
const (
	LinkRead       What = iota // the scheme of a link was omitted
	EscapesDecoded             // %20 became a space
	SignsDropped               // spaces, brackets, dashes and the like were omitted
	PartsIgnored               // parameters of a link were omitted
	DigitsKept                 // digits after the number are not dialled, but offered once the call is answered
	ContextAdded               // the link specified the country code
	CountryLeftOut             // the PBX dials numbers of its country without the code
	AbroadWritten              // "+" became the prefix for calls abroad
	AreaAdded                  // the user's own area code was prepended
	OutsideAdded               // the prefix for an outside line was prepended
	RuleApplied                // one of the user's rules changed it
)

// Read parses a number as somebody wrote it, in a link, in a text, or by hand, and applies the plan to it. For
// a text that cannot be dialled unchanged, it returns a Reading with a Doubt if there is a number that may be
// meant, or else an error, which is an *[Error].
func (p Plan) Read(written string) (Reading, error) {
	r := Reading{Input: excerpt(tidy(written))}
	l, why, offer := readLink(written)
	if why != "" {
		return r, &Error{Input: r.Input, Why: why, Offer: offer}
	}
	r.Changes = l.changes
	number, digits := postDial(l.number)
	number = r.params(p, l.params, number)
	if digits != "" {
		r.Digits = digits
	}
	dial, err := Dialable(number)
	var in *Error
	switch {
	case err == nil:
	case errors.As(err, &in) && in.Offer != "":
		r.Doubt, dial = in.Why, in.Offer
		if m := extensionDigits().FindStringSubmatch(foldString(number)); m != nil && in.part && r.Digits == "" {
			r.Doubt, r.Digits = "", m[1]
		}
	default:
		in.Input = r.Input
		return r, in
	}
	if r.Digits != "" {
		r.Changes = append(r.Changes, Change{DigitsKept, r.Digits})
	}
	if r.Doubt == "" && dial != strings.TrimSpace(number) {
		r.Changes = append(r.Changes, Change{What: SignsDropped})
	}
	r.Number = dial
	p.apply(&r)
	if _, err := Dialable(r.Dial); r.Dial != r.Number && errors.As(err, &in) { // the prefixes made it too long
		in.Input = r.Input
		return r, in
	}
	return r, nil
}

// params applies the parameters of a tel: link (RFC 3966 §5), and returns the resulting number.
func (r *Reading) params(p Plan, params []string, number string) string {
	var ignored []string
	for _, param := range params {
		key, value, _ := strings.Cut(param, "=")
		key, value = strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
		switch key {
		case "ext", "postd":
			if digits := onlyDigits(value); digits != "" {
				r.Digits = digits
				continue
			}
		case "phone-context":
			bare, err := Dialable(number)
			context, global := strings.CutPrefix(value, "+")
			switch {
			case err != nil, strings.HasPrefix(bare, "+"), strings.ContainsAny(bare, "*#"), emergency(bare):
			case global && onlyDigits(context) == context && context != "" && context != p.countryCode():
				number = "+" + context + strings.TrimPrefix(bare, "0")
				r.Changes = append(r.Changes, Change{ContextAdded, "+" + context})
			}
			continue
		case "user", "transport":
			continue // a SIP parameter without a meaning here
		}
		if key != "" {
			ignored = append(ignored, excerpt(key))
		}
	}
	if len(ignored) > 0 {
		r.Changes = append(r.Changes, Change{PartsIgnored, strings.Join(ignored, ", ")})
	}
	return number
}

// pause separates a number from what to play after the answer: a comma or p is a pause, a semicolon or w a
// wait. (3GPP TS 22.101 A.20; telephones and address books write it so)
var pause = lazy(`^([^,;pPwW]*\d[^,;pPwW]*?)\s*([,;pPwW][\d*#,;pPwW\s]*)$`)

// extensionDigits finds the extension after a number.
var extensionDigits = lazy(`(?i)(?:x|ext|extension|lok|lokal|lokalnr|lokalnummer|local|dw|durchwahl|ankn|anknytning)[.:]{0,2} ?(\d{1,6})$`)

// postDial separates a number from the digits after its first pause. Two numbers separated by a comma are not
// such a number.
func postDial(s string) (number, digits string) {
	m := pause().FindStringSubmatch(foldString(s))
	if m == nil {
		return s, ""
	}
	digits = onlyDigits(m[2])
	marks := strings.Trim(m[2], "0123456789*# \n")
	if countDigits(m[1]) < 2 || digits == "" || len(digits) > MaxLength ||
		marks == "," && strings.Trim(digits, "*#") == digits && len(digits) >= enough && countDigits(m[1]) >= enough {
		return s, ""
	}
	return m[1], digits
}

// onlyDigits keeps the characters that can be played as DTMF.
func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '*' || r == '#' {
			return r
		}
		return -1
	}, s)
}
