package notify

import (
	"strings"
	"unicode/utf8"

	"calltray/internal/foreign"
)

const (
	maxText = 120 // characters of the longest text that has to do with a call
	maxBody = 240 // characters of the longest text
)

// Clean returns a text that no notifier can misread, whatever it does with it:
//
//   - no control characters, and no invisible ones that turn the writing direction or hide text; line
//     ends and blanks of every kind become one blank;
//   - no '$', no backtick, no double quotes of any script: PowerShell expands a dollar sign in what
//     go-toast and Fyne wrap in double quotes, and takes “ and „ for a quote as well;
//   - no "]]>", which ends the CDATA section that go-toast writes;
//   - no leading dash, which a command line takes for an option;
//   - valid UTF-8, at most 120 characters.
//
// What is left of a name is still readable; nothing is put in place of what was dropped. Markup is not
// touched: whether "<" means anything is known only where the text is shown.
func Clean(s string) string { return clean(s, maxText) }

func clean(s string, limit int) string {
	if len(s) > 64*maxText { // a character is a few bytes; more is only work
		s = s[:64*maxText]
	}
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune("$＄﹩`｀\"“”„‟″‶＂«»〝〞〟", r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	s = foreign.Line(s, len(s))
	for strings.Contains(s, "]]>") { // dropping one can make another
		s = strings.ReplaceAll(s, "]]>", "")
	}
	s = strings.Join(strings.Fields(s), " ")
	s = strings.TrimLeft(s, "-‐‑‒–—― ")
	return clip(s, limit)
}

// sentence cleans a text of ours that may hold names: their isolates stay, so that a name that is written
// from right to left does not reverse the number beside it.
func sentence(s string, limit int) string {
	isolated := foreign.Isolates(s, func(piece string) string { return clean(piece, limit) })
	if utf8.RuneCountInString(isolated) > limit {
		return clean(s, limit) // too long: no isolate must stay open
	}
	return strings.TrimLeft(isolated, "-‐‑‒–—― ")
}
