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

// link is a telephone link taken apart.
type link struct {
	number  string   // what stands for the number, decoded, as it was written
	params  []string // ";ext=12" without the semicolon, decoded
	changes []Change
}

// maxLink is how much of a link is read, in bytes. What is longer is none that a person made.
const maxLink = 1 << 10

// readLink takes a telephone link apart. why is a sentence if it cannot be done, and offer a number that may be
// meant. A text without a scheme is returned as it is.
//
// Programs write links in many ways: with "//" behind the scheme, with blanks, with a second scheme inside, in
// capitals, and with percent escapes, which are decoded once (RFC 3986 §2.4). A SIP address stands for a number
// if its user part is one (RFC 3261 §19.1.1, user=phone).
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
		rest, _, _ = strings.Cut(rest, "?") // what a browser or a program adds
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

// tidy takes off what surrounds a link or a number: blanks, and the brackets or quotes of RFC 3986 appendix C.
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

// cutScheme takes the scheme off a link, with the slashes behind it.
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
	if !at { // sip:22334455 is an address without a user to the standard, and a number to those who write it
		user, _, _ = strings.Cut(address, ";")
		if host, port, ok := strings.Cut(user, ":"); ok && strings.Trim(port, "0123456789") == "" {
			user = host
		}
	} else if name, _, ok := strings.Cut(user, ":"); ok {
		user = name // before the password, which nobody needs
	}
	if number, _, _ := strings.Cut(user, ";"); !sipNumber().MatchString(number) {
		return "", "The link names a person and no number: look the number up, and dial it."
	}
	return user, ""
}

// sipNumber is a user part that is a telephone number, in whatever spelling.
var sipNumber = lazy(`^[+\d*#(][\d*#().\-/ ]*$`)

// cutParams parts a number from the parameters of its link: ";ext=12". A semicolon before digits is a pause, as
// telephones write it, and part of the number.
func cutParams(s string) (number, params string) {
	if at := linkParam().FindStringIndex(s); at != nil {
		return s[:at[0]], s[at[0]+1:]
	}
	return strings.TrimRight(s, "; "), ""
}

var linkParam = lazy(`;\s*[A-Za-z]{2}[A-Za-z\-]*\s*(?:=|;|$)`)
