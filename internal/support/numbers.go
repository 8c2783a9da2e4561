package support

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// leastDigits is the least number of digits of a telephone number: extensions have three.
const leastDigits = 3

// numbers replaces what could be a telephone number by a name, the same for the same number in any notation, so
// that a call can still be followed through a log. The zero value is ready to use.
//
// If in doubt, it replaces: what remains cannot be a telephone number in its context (kept). The names contain
// no digits, so that the name of the two hundredth number does not look like an extension.
type numbers struct {
	names map[string]string // by the digits without the country code
}

// hide returns the text with every number replaced by a name.
func (n *numbers) hide(text string) string {
	var out strings.Builder
	keep := certain(text)
	for i := 0; i < len(text); {
		if len(keep) > 0 && i == keep[0].from {
			out.WriteString(text[i:keep[0].to])
			i, keep = keep[0].to, keep[1:]
			continue
		}
		limit := len(text)
		if len(keep) > 0 {
			limit = keep[0].from
		}
		r, size := decode(text[i:limit])
		end := i + size
		if r == '+' || unicode.IsDigit(r) {
			digits, last, stop := number(text, i, limit)
			if len(digits) >= leastDigits {
				out.WriteString(n.name(digits))
				i = last
				continue
			}
			end = stop // and no number begins before that
		}
		out.WriteString(text[i:end])
		i = end
	}
	return out.String()
}

// number parses the digits that belong together from i on, whatever may separate the digits of a number. It
// returns where the last of them ends, and where it stopped looking for more. A comma or a semicolon ends a
// number that is long enough: it separates list items.
func number(text string, i, limit int) (digits string, last, stop int) {
	var found []byte
	part := 0
	for stop = i; stop < limit; {
		r, size := decode(text[stop:limit])
		switch {
		case unicode.IsDigit(r):
			found = append(found, '0'+value(r))
			part++
			last = stop + size
		case r == ',' || r == ';':
			if part >= leastDigits {
				return string(found), last, stop
			}
			part = 0
		case !between(r):
			return string(found), last, stop
		}
		stop += size
	}
	return string(found), last, stop
}

// between reports whether the character may occur between the digits of one number.
func between(r rune) bool {
	if r == '\n' || r == '\r' {
		return false
	}
	return unicode.IsSpace(r) || unicode.In(r, unicode.Pd, unicode.Cf) || strings.ContainsRune(`.:/\()_*#+~'’·•−⁄`, r)
}

// value returns the value of a decimal digit of any script: every script has its ten in a row.
func value(r rune) byte {
	var n byte
	for ; unicode.IsDigit(r - 1 - rune(n)); n++ {
	}
	return n % 10
}

// name returns the name for a number. A Danish number with the prefix 45 has the same name as without it.
func (n *numbers) name(digits string) string {
	key := strings.TrimPrefix(digits, "00")
	if len(key) == 10 {
		key = strings.TrimPrefix(key, "45")
	}
	if name, ok := n.names[key]; ok {
		return name
	}
	if n.names == nil {
		n.names = map[string]string{}
	}
	name := "[number " + letters(len(n.names)) + "]"
	n.names[key] = name
	return name
}

// letters counts A, B .. Z, AA, AB and so on, from 0.
func letters(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return letters(i/26-1) + string(rune('A'+i%26))
}

// lazy returns a regular expression that is compiled when first needed, rather than when the program starts.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// escaped matches one character as encoded in XML, JSON, Go or a URL, possibly encoded again by an outer
// format.
var escaped = lazy(`^(?:%(?:25)*([0-9A-Fa-f]{2})|&(?:amp;)*#([0-9]{1,7});|&(?:amp;)*#[xX]([0-9A-Fa-f]{1,6});|` +
	`&(?:amp;)*(nbsp|plus);|\\+u([0-9A-Fa-f]{4})|\\+x([0-9A-Fa-f]{2})|\\+(t))`)

// decode returns the first character of the text, unescaped, and its length in the text.
func decode(text string) (rune, int) {
	if strings.IndexByte(`%&\`, text[0]) < 0 {
		return utf8.DecodeRuneInString(text)
	}
	m := escaped().FindStringSubmatch(text[:min(len(text), 64)])
	if m == nil {
		return rune(text[0]), 1
	}
	var r rune
	switch {
	case m[1] != "":
		return percent(text, m)
	case m[4] == "nbsp" || m[7] != "":
		r = ' '
	case m[4] == "plus":
		r = '+'
	case m[2] != "":
		r = code(m[2], 10)
	default:
		r = code(m[3]+m[5]+m[6], 16)
	}
	return r, len(m[0])
}

func code(s string, base int) rune {
	n, _ := strconv.ParseInt(s, base, 32) // this does not fail: the pattern allows only a few digits
	return rune(n)
}

// percent returns a character whose bytes are each encoded as %XX.
func percent(text string, m []string) (rune, int) {
	first := byte(code(m[1], 16))
	b, size := []byte{first}, len(m[0])
	for first >= utf8.RuneSelf && len(b) < utf8.UTFMax && !utf8.FullRune(b) {
		next := escaped().FindStringSubmatch(text[size:min(len(text), size+64)])
		if next == nil || next[1] == "" {
			break
		}
		b, size = append(b, byte(code(next[1], 16))), size+len(next[0])
	}
	if r, n := utf8.DecodeRune(b); r != utf8.RuneError && n == len(b) {
		return r, size
	}
	return rune(first), len(m[0])
}

type span struct{ from, to int }

// kept are forms that are not telephone numbers in their context. Group 1 is what is kept. A bare one must
// stand alone, without a digit next to it or after a character that may join digits.
var kept = []struct {
	shape func() *regexp.Regexp
	bare  bool
	sure  func(text string, s span) bool
}{
	// A date with a time. A date alone is written like a number: 2026-11-22.
	{lazy(`\b((?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[T ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?` +
		`(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d| [+-](?:0\d|1[0-4])[0-5]0 [A-Z]{2,5})?)\b`), true, nil},
	{lazy(`\b((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.(?:\d{9}|\d{6}|\d{3}))?)?)\b`), true, nil},
	{lazy(`\b((?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?)\b`), true, isAddress},
	// A Go duration.
	{lazy(`\b((?:\d{1,4}h)?(?:\d{1,2}m)?\d{1,3}\.\d{1,9}(?:ns|µs|us|ms|s)|\d{1,3}(?:ns|µs|us|ms))\b`), true, nil},
	// A call: Asterisk's name for a channel ends in a counter.
	{lazy(`\b[A-Za-z]{2,10}(?:\\*/|%2[Ff])[\w.]{1,60}-(000[0-9A-Fa-f]{5})\b`), false, nil},
	// The port of a server.
	{lazy(`\b(?:tcp|tls|https?|wss?)://[^\s/:@"'\\<>]{1,253}:(\d{2,5})\b`), false, isPort},
	// The trace of a crash.
	{lazy(`\w\.(?:go|s):(\d{1,5})\b`), false, nil},
	{lazy(`\bgoroutine (\d{1,9}) \[`), false, nil},
	{lazy(`\b(0x[0-9a-fA-F]{1,16})\b`), false, nil},
	// An answer of HTTP.
	{lazy(`\bHTTP(?:/\d(?:\.\d)?)? ([1-5]\d\d)\b`), false, nil},
	{lazy(`\bstatus code ([1-5]\d\d)\b`), false, nil},
}

// certain returns the spans of the text that are kept, in order.
func certain(text string) []span {
	var all []span
	for _, k := range kept {
		for _, m := range k.shape().FindAllStringSubmatchIndex(text, -1) {
			s := span{m[2], m[3]}
			if (k.bare && !alone(text, s)) || (k.sure != nil && !k.sure(text, s)) {
				continue
			}
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b span) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return b.to - a.to
	})
	end := 0
	return slices.DeleteFunc(all, func(s span) bool { // one that begins within another
		if s.from < end {
			return true
		}
		end = s.to
		return false
	})
}

// alone reports whether no digit or plus sign joins the span on either side.
func alone(text string, s span) bool {
	joins := func(r rune) bool { return strings.ContainsRune(".:-+/_", r) }
	before, size := utf8.DecodeLastRuneInString(text[:s.from])
	further, _ := utf8.DecodeLastRuneInString(text[:s.from-size])
	if unicode.IsDigit(before) || before == '+' || joins(before) && unicode.IsDigit(further) {
		return false
	}
	after, size := utf8.DecodeRuneInString(text[s.to:])
	further, _ = utf8.DecodeRuneInString(text[s.to+size:])
	return !unicode.IsDigit(after) && !(joins(after) && unicode.IsDigit(further))
}

// isAddress reports whether four numbers with dots are certainly an address: one of a private network, or one
// with a port and not written like a Danish number in pairs.
func isAddress(text string, s span) bool {
	host, _, port := strings.Cut(text[s.from:s.to], ":")
	a, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	if a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified() {
		return true
	}
	pairs := true
	for _, part := range strings.Split(host, ".") {
		pairs = pairs && len(part) == 2
	}
	return port && !pairs
}

// isPort reports whether the digits after a server's name end there: in tls://user:20.2@host they are the
// beginning of a secret that may be a number.
func isPort(text string, s span) bool {
	const ends = "/ \t\"'<>?#)],:"
	rest := text[s.to:]
	if rest == "" || strings.HasPrefix(rest, `\"`) {
		return true
	}
	next, _ := utf8.DecodeRuneInString(strings.TrimLeft(rest, ends))
	return strings.IndexByte(ends, rest[0]) >= 0 && next != '+' && !unicode.IsDigit(next)
}
