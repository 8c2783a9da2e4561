package notify

import (
	"strings"
	"unicode"
	"unicode/utf8"
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
	var b strings.Builder
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			r = ' '
		case r == utf8.RuneError, !unicode.IsGraphic(r): // control, format, private use, unassigned
			continue
		case strings.ContainsRune("$＄﹩`｀\"“”„‟″‶＂«»〝〞〟", r):
			continue
		}
		b.WriteRune(r)
	}
	s = b.String()
	for strings.Contains(s, "]]>") { // dropping one can make another
		s = strings.ReplaceAll(s, "]]>", "")
	}
	s = strings.Join(strings.Fields(s), " ")
	s = strings.TrimLeft(s, "-‐‑‒–—― ")
	return clip(s, limit)
}
