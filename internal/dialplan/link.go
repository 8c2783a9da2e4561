package dialplan

import (
	"net/url"
	"slices"
	"strings"
)

// linkSchemes are the schemes of telephone links: RFC 3966, RFC 3261 and, for callto, what programs write.
var linkSchemes = []string{"tel", "callto", "sip", "sips"}

// IsLink reports whether a text begins with the scheme of a telephone link.
func IsLink(s string) bool {
	_, _, ok := cutScheme(tidy(s))
	return ok
}

// link is a parsed telephone link.
type link struct {
	number  string   // the part for the number, decoded, as it was written
	params  []string // ";ext=12" without the semicolon, decoded
	changes []Change
}

// maxLink is how much of a link is read, in bytes. Nobody writes a longer one.
const maxLink = 1 << 10

// readLink parses a telephone link. If that is impossible, why is a sentence, and offer a number that may be
// meant. A text without a scheme is returned unchanged.
//
// Programs write links in many ways: with "//" after the scheme, with spaces, with a second scheme inside, in
// upper case, and with percent escapes, which are decoded once (RFC 3986 §2.4). A SIP address stands for a
// number if its user part is one (RFC 3261 §19.1.1, user=phone).
func readLink(s string) (l link, why, offer string) {
	rest := tidy(s)
	for range 3 {
		scheme, behind, ok := cutScheme(rest)
		if !ok {
			break
		}
		if rest = behind; len(l.changes) == 0 {
			decoded, err := url.PathUnescape(rest)
			if err != nil {
				return l, "The link is damaged (a % sign without its code): type the number.", ""
			}
			l.changes = append(l.changes, Change{What: LinkRead})
			if decoded != rest {
				l.changes = append(l.changes, Change{What: EscapesDecoded})
			}
			rest = tidy(decoded)
		}
		rest, _, _ = strings.Cut(rest, "?") // added by a browser or a program
		if scheme == "sip" || scheme == "sips" {
			if rest, why = sipUser(rest); why != "" {
				return l, why, ""
			}
		}
	}
	if len(l.changes) == 0 {
		l.number = rest
		return l, "", ""
	}
	l.number, rest = cutParams(rest)
	for p := range strings.SplitSeq(rest, ";") {
		if p = strings.TrimSpace(p); p != "" {
			l.params = append(l.params, p)
		}
	}
	return l, "", ""
}

// tidy removes what surrounds a link or a number: spaces, and the brackets or quotes of RFC 3986 appendix C.
func tidy(s string) string {
	if len(s) > maxLink {
		s = s[:maxLink]
	}
	s = strings.ToValidUTF8(s, " ")
	around := func(r rune) bool {
		c := fold(r)
		return c == ' ' || c == '\n' || c == invisible || c == '"' || c == '<' || c == '>'
	}
	return strings.TrimFunc(s, around)
}

// cutScheme removes the scheme of a link, and the slashes after it.
func cutScheme(s string) (scheme, rest string, ok bool) {
	scheme, rest, ok = strings.Cut(s, ":")
	scheme = strings.ToLower(strings.TrimSpace(scheme))
	if !ok || !slices.Contains(linkSchemes, scheme) {
		return "", s, false
	}
	return scheme, strings.TrimLeft(rest, "/ "), true
}

// sipUser returns the user part of a SIP address, if it is a number.
func sipUser(address string) (number, why string) {
	user, _, at := strings.Cut(address, "@")
	if !at { // according to the standard, sip:22334455 is an address without a user; those who write it mean a number
		user, _, _ = strings.Cut(address, ";")
		if host, port, ok := strings.Cut(user, ":"); ok && strings.Trim(port, "0123456789") == "" {
			user = host
		}
	} else if name, _, ok := strings.Cut(user, ":"); ok {
		user = name // without the password, which nobody needs
	}
	if number, _, _ := strings.Cut(user, ";"); !sipNumber().MatchString(number) {
		return "", "The link names a person and no number: look the number up, and dial it."
	}
	return user, ""
}

// sipNumber matches a user part that is a telephone number, in any notation.
var sipNumber = lazy(`^[+\d*#(][\d*#().\-/ ]*$`)

// cutParams separates a number from the parameters of its link: ";ext=12". A semicolon before digits is a
// pause, as telephones write it, and part of the number.
func cutParams(s string) (number, params string) {
	if at := linkParam().FindStringIndex(s); at != nil {
		return s[:at[0]], s[at[0]+1:]
	}
	return strings.TrimRight(s, "; "), ""
}

var linkParam = lazy(`;\s*[A-Za-z]{2}[A-Za-z\-]*\s*(?:=|;|$)`)
