package csta

import "strings"

// SameNumber compares the last digits of two numbers: the switching function may write what was
// dialled in another form, with or without the country. A number that is not told is any number.
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
