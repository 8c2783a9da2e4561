package wire

import (
	"strings"
	"unicode/utf8"
)

// Printable makes text of the network fit for a person and for a log: control characters, marks that
// reorder text are gone, broken UTF-8 is U+FFFD, blanks are trimmed, the length is bounded.
func Printable(s string) string {
	const most = 512
	clean := strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case r < 0x20, r >= 0x7f && r < 0xa0, r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1
		default:
			return r
		}
	}, s)
	clean = strings.TrimSpace(clean)
	if utf8.RuneCountInString(clean) > most {
		clean = string([]rune(clean)[:most])
	}
	return clean
}
