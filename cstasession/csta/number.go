package csta

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SameNumber compares the last digits of two numbers: the PBX may write a dialled number in another form, with
// or without the country code. An unknown number matches any number.
func SameNumber(a, b string) bool {
	a, b = Digits(a), Digits(b)
	n := min(len(a), len(b), 8)
	return n == 0 || a[len(a)-n:] == b[len(b)-n:]
}

// Digits are the digits of a number, with * and #.
func Digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '*' || r == '#' {
			return r
		}
		return -1
	}, s)
}

// withheld are the words for a number that is not disclosed, in lower case and reduced to their letters: values
// of ECMA-269 §12.3.21, the display name of SIP's privacy (RFC 3323 §4.1), and words that PBXs were seen to
// write.
var withheld = map[string]bool{
	"anonymous": true, "anonymousinvalid": true, "restricted": true, "unavailable": true, "notavailable": true, "private": true, "privatenumber": true,
	"withheld": true, "numberwithheld": true, "hidden": true, "blocked": true, "nonumber": true, "unknown": true, "unknownnumber": true,
	"unknowncaller": true, "notknown": true, "notrequired": true, "notspecified": true, "hemmeligtnummer": true, "skjultnummer": true,
}

// Withheld reports whether a device or a name stands for an undisclosed one: "anonymous",
// "sip:anonymous@anonymous.invalid", "Restricted".
func Withheld(s string) bool {
	letters := make([]byte, 0, 32) // longer than any of the words; called for each device of each event
	for _, r := range userPart(s) {
		if !unicode.IsLetter(r) {
			continue
		}
		if letters = utf8.AppendRune(letters, unicode.ToLower(r)); len(letters) > 28 {
			return false
		}
	}
	return withheld[string(letters)]
}

// userPart returns a device identifier without what may surround it: a display name and angle brackets, a
// scheme, a host, parameters, percent escapes. (RFC 3966, RFC 3261 §19.1)
func userPart(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.IndexByte(s, '<'); i >= 0 {
		s, _, _ = strings.Cut(s[i+1:], ">")
	}
	if scheme, rest, ok := strings.Cut(s, ":"); ok {
		switch strings.ToLower(strings.TrimSpace(scheme)) {
		case "tel", "sip", "sips", "callto":
			s = strings.TrimPrefix(rest, "//")
		}
	}
	if i := strings.IndexAny(s, ";@?>"); i >= 0 {
		s = s[:i]
	}
	if plain, err := url.PathUnescape(s); err == nil {
		s = plain
	}
	return strings.TrimSpace(s)
}

// leastWritten is the fewest digits of a number in which punctuation is removed: an extension may itself
// contain such characters.
const leastWritten = 7

// bare returns a number without the punctuation that people and PBXs write between its digits: +45-22-33-44-55.
// Anything else is returned unchanged.
func bare(s string) string {
	number := Digits(s)
	if strings.HasPrefix(s, "+") {
		number = "+" + number
	}
	if len(Digits(s)) < leastWritten || strings.Trim(s, "+0123456789 -.()/\u00a0") != "" || strings.LastIndexByte(s, '+') > 0 {
		return s
	}
	return number
}
