package dialplan

import (
	"strings"
	"unicode"
)

// invisible stands for characters that nobody sees: they are dropped wherever they stand.
const invisible = '\u200b'

// fold returns the ASCII character that a character of a written number stands for: digits of every
// script, all dashes, blanks, dots, slashes, brackets, and the full-width signs of East Asian
// keyboards. Line ends become '\n', tabs too: in a table they part numbers. Everything else is
// returned as it is.
func fold(r rune) rune {
	switch {
	case r >= '0' && r <= '9':
		return r
	case r == '\t', r == '\n', r == '\v', r == '\f', r == '\r', r == '\u0085', r == '\u2028', r == '\u2029':
		return '\n'
	case r < 0x80:
		if r == '[' {
			return '('
		}
		if r == ']' {
			return ')'
		}
		return r
	case unicode.IsDigit(r):
		return digit(r)
	case unicode.IsSpace(r):
		return ' '
	case unicode.Is(unicode.Pd, r), r == '−': // U+2212, the minus sign, is not a dash to Unicode
		return '-'
	}
	switch r {
	case '\u00ad', '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', // soft hyphen, zero-width characters
		'\u200e', '\u200f', '\u061c', // marks of the writing direction,
		'\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069':
		return invisible
	case '．', '·', '•', '․', '‧', '・':
		return '.'
	case '／', '⁄', '∕':
		return '/'
	case '（', '［':
		return '('
	case '）', '］':
		return ')'
	case '＋', '﹢':
		return '+'
	case '＊', '∗':
		return '*'
	case '＃', '﹟':
		return '#'
	}
	return r
}

// digit returns the ASCII digit of a decimal digit of any script. Unicode keeps the ten digits of a
// script together and in order, and package unicode's ranges begin with a zero (a test looks).
func digit(r rune) rune {
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return '0' + (r-rune(t.Lo))%10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return '0' + (r-rune(t.Lo))%10
		}
	}
	return r
}

// foldString folds every character and drops the invisible ones.
func foldString(s string) string {
	return strings.Map(func(r rune) rune {
		if r = fold(r); r == invisible {
			return -1
		}
		return r
	}, s)
}
