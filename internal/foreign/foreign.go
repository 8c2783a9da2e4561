// Package foreign makes text from others safe to show in a line of ours: names and words from the PBX, from
// callers and from other programs, any of which may contain characters that move a cursor, change the writing
// direction or are invisible.
//
// All functions are pure and may be called from any goroutine.
package foreign

import (
	"strings"
	"unicode"
)

// The isolates that this package puts around a text, and that a line may contain. (UAX #9, 2.4)
const (
	firstStrongIsolate = '\u2068'
	popIsolate         = '\u2069'
)

// Line returns a text as one line of at most limit characters: no control characters, none that change the
// writing direction or are invisible, and a single space for white space of every kind. "…" marks where it was
// cut.
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

// Columns is Line for a terminal, where columns consist of spaces: every white space character stays, as one '
// '.
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

// visible reports whether a character is visible, or joins one that is.
func visible(r rune) bool {
	return r != unicode.ReplacementChar && unicode.IsGraphic(r) && !unicode.In(r, unicode.Cf, unicode.Co)
}

// Isolate returns a text cleaned by [Line] in a form that can stand beside words and numbers of ours: a
// right-to-left name would otherwise reverse the number after it. Any other text, and one that already contains
// an isolate, is returned unchanged, since a font may show isolates as boxes.
func Isolate(s string) string {
	if !strings.ContainsFunc(s, rightToLeft) || strings.ContainsRune(s, firstStrongIsolate) {
		return s
	}
	return string(firstStrongIsolate) + s + string(popIsolate)
}

// rightToLeft reports whether a character belongs to a right-to-left script. (The blocks that Unicode reserves
// for them, UAX #9 3.2)
func rightToLeft(r rune) bool {
	return r >= 0x0590 && r <= 0x08FF || r >= 0xFB1D && r <= 0xFDFF || r >= 0xFE70 && r <= 0xFEFF ||
		r >= 0x10800 && r <= 0x10FFF || r >= 0x1E800 && r <= 0x1EFFF
}

// Isolates keeps the isolates of a text that [Isolate] made part of a sentence, and cleans the rest with clean,
// piece by piece: unpaired ones are dropped.
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
