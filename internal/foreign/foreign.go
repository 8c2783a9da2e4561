// Package foreign makes text of other people fit to stand in a line of ours: names and words of the PBX, of
// callers and of other programs, all of which may hold what moves a cursor, turns the writing direction or
// cannot be seen.
//
// All functions are pure and may be called from any goroutine.
package foreign

import (
	"strings"
	"unicode"
)

// The isolates that this package puts around a text, and that a line may hold. (UAX #9, 2.4)
const (
	firstStrongIsolate = '\u2068'
	popIsolate         = '\u2069'
)

// Line returns one line of a text, of at most limit characters: no control characters, none that turn the
// writing direction or cannot be seen, one blank for blanks of every kind. What is cut off is "…".
func Line(s string, limit int) string {
	var b strings.Builder
	n, blank := 0, false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			blank = b.Len() > 0
			continue
		case !visible(r):
			continue
		}
		if n >= limit {
			return b.String() + "…"
		}
		if blank {
			b.WriteByte(' ')
			n++
		}
		b.WriteRune(r)
		blank = false
		n++
	}
	return b.String()
}

// Columns is Line for a terminal, where columns are made of blanks: every blank stays, as one ' '.
func Columns(s string, limit int) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			r = ' '
		case !visible(r):
			continue
		}
		if n++; n > limit {
			return b.String() + "…"
		}
		b.WriteRune(r)
	}
	return b.String()
}

// visible reports whether a character can be seen, or joins one that can.
func visible(r rune) bool {
	return r != unicode.ReplacementChar && unicode.IsGraphic(r) && !unicode.In(r, unicode.Cf, unicode.Co)
}

// Isolate returns a text that was cleaned by [Line], so that it can stand beside words and numbers of ours:
// a name that is written from right to left would reverse the number behind it. Any other text, and one that
// holds an isolate already, is returned as it is, since a font may show the isolates as boxes.
func Isolate(s string) string {
	if !strings.ContainsFunc(s, rightToLeft) || strings.ContainsRune(s, firstStrongIsolate) {
		return s
	}
	return string(firstStrongIsolate) + s + string(popIsolate)
}

// rightToLeft reports whether a character is of a script that is written from right to left. (The blocks
// that Unicode reserves for them, UAX #9 3.2)
func rightToLeft(r rune) bool {
	return r >= 0x0590 && r <= 0x08FF || r >= 0xFB1D && r <= 0xFDFF || r >= 0xFE70 && r <= 0xFEFF ||
		r >= 0x10800 && r <= 0x10FFF || r >= 0x1E800 && r <= 0x1EFFF
}

// Isolates keeps the isolates of a text that [Isolate] made part of a sentence, and cleans the rest with
// clean, piece by piece: those that are not in pairs are dropped.
func Isolates(s string, clean func(string) string) string {
	before, rest, opened := strings.Cut(s, string(firstStrongIsolate))
	inside, after, closed := strings.Cut(rest, string(popIsolate))
	if !opened || !closed || strings.ContainsRune(inside, firstStrongIsolate) {
		return clean(s)
	}
	lead, trail := "", ""
	if strings.HasSuffix(before, " ") {
		lead = " "
	}
	if strings.HasPrefix(after, " ") {
		trail = " "
	}
	if before = clean(before); before == "" {
		lead = ""
	}
	if after = Isolates(after, clean); after == "" {
		trail = ""
	}
	return before + lead + Isolate(clean(inside)) + trail + after
}
