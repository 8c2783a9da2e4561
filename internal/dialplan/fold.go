package dialplan

import (
	"strings"
	"unicode"
)

// invisible stands for invisible characters, which are dropped everywhere.
const invisible = '\u200b'

// fold returns the ASCII character that a character in a written number stands for: digits of every script, all
// dashes, spaces, dots, slashes, brackets, and the full-width characters of East Asian keyboards. Line ends
// become '\n', and so do tabs: in a table they separate numbers. Everything else is returned unchanged.
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
	case unicode.Is(unicode.Pd, r), r == '−': // U+2212, the minus sign, is not a dash in Unicode
		return '-'
	}
	switch r {
	case '\u00ad', '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', // soft hyphen, zero-width characters
		'\u200e', '\u200f', '\u061c', // marks for the writing direction,
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

// digit returns the ASCII digit for a decimal digit of any script. Unicode keeps the ten digits of a script
// together and in order, and the ranges in package unicode begin with a zero (a test verifies that).
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
