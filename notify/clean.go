package notify

import (
	"strings"
	"unicode/utf8"

	"calltray/internal/foreign"
)

const (
	maxText = 120 // characters of the longest text from a call
	maxBody = 240 // characters of the longest text
)

// Clean returns a text that no notifier can misread, however it handles it:
//
//   - no control characters, and no invisible ones that change the writing direction or hide text; line
//     ends and white space of every kind become one space;
//   - no '$', no backtick, no double quotes of any script: PowerShell expands a dollar sign in what
//     go-toast and Fyne wrap in double quotes, and takes “ and „ for a quote as well;
//   - no "]]>", which ends the CDATA section that go-toast writes;
//   - no leading dash, which a command line takes for an option;
//   - valid UTF-8, at most 120 characters.
//
// A name remains readable; nothing is put in place of what was dropped. Markup is not touched: whether "<"
// means anything is known only where the text is shown.
func Clean(s string) string { return clean(s, maxText) }

func clean(s string, limit int) string {
	if len(s) > 64*maxText { // a character is a few bytes, so the rest would be dropped anyway
		s = s[:64*maxText]
	}
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune("$＄﹩`｀\"“”„‟″‶＂«»〝〞〟", r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	s = foreign.Line(s, len(s))
	for strings.Contains(s, "]]>") { // removing one can create another
		s = strings.ReplaceAll(s, "]]>", "")
	}
	s = strings.Join(strings.Fields(s), " ")
	s = strings.TrimLeft(s, "-‐‑‒–—― ")
	return clip(s, limit)
}

// sentence cleans a text of ours that may contain names: their isolates stay, so that a right-to-left name does
// not reverse the number beside it.
func sentence(s string, limit int) string {
	isolated := foreign.Isolates(s, func(piece string) string { return clean(piece, limit) })
	if utf8.RuneCountInString(isolated) > limit {
		return clean(s, limit) // too long: cutting it could leave an isolate open
	}
	return strings.TrimLeft(isolated, "-‐‑‒–—― ")
}
