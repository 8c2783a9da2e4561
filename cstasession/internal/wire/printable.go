package wire

import (
	"strings"
	"unicode/utf8"
)

// Printable makes text from the network safe to show and to log: it removes control characters and marks that
// reorder text, replaces broken UTF-8 by U+FFFD, trims white space, and limits the length.
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
