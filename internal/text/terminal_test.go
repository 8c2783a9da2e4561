package text

import (
	"strings"
	"testing"
	"unicode"

	"calltray/cstasession/csta"
)

// hostile is what a server or a caller may send: it clears the screen, forges a line, turns the direction, hides.
const hostile = "Eve\x1b[2J\x1b]0;x\x07\u009b31m\r\n12:00:00  Ringing  incoming  Your Bank\u202e\u2066\u200e\u200f\u061c\ufeff\U000e0041\ue000"

// Whatever is printed, each call makes one line that shows what it holds, and of bounded length.
func TestTerminalCleans(t *testing.T) {
	var out strings.Builder
	terminal := NewTerminal(&out)
	for _, line := range []string{hostile, "a" + hostile + "b", strings.Repeat("æ", 1<<20), New("x", "Hung up: {{.Who}}.").Person("Who", csta.Party{Name: hostile, Number: hostile}).String(),
		Explain(&csta.ServiceError{Service: "HoldCall", Value: hostile})} {
		out.Reset()
		if err := terminal.Line(line); err != nil {
			t.Fatal(err)
		}
		got, ended := strings.CutSuffix(out.String(), "\n")
		if !ended || len([]rune(got)) > maxLine+1 || strings.ContainsFunc(got, func(r rune) bool {
			return !unicode.IsGraphic(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r)
		}) {
			t.Errorf("%.60q is printed as %.200q", line, out.String())
		}
	}
	out.Reset()
	if n, err := terminal.Write([]byte("a\x1b[2Jb\nc\u202e\n")); n != 12 || err != nil || out.String() != "a[2Jb\nc\n" {
		t.Errorf("a text: %q, %d, %v", out.String(), n, err)
	}
}
