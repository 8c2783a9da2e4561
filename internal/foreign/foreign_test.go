package foreign

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestLine(t *testing.T) {
	for _, tt := range []struct {
		in    string
		limit int
		want  string
	}{
		{"Ærø Bageri", 80, "Ærø Bageri"},
		{"  a\t b\u00a0\u2003c  ", 80, "a b c"},
		{"a\r\nb\u2028c\u0085d", 80, "a b c d"},
		{"x\x1b[31my\u009b", 80, "x [31my"},
		{"a\u202eb\u2066c\u2068d\u2069\u200e\u200f\u061c\ufeff", 80, "abcd"},
		{"a\u200b\u200d\u00ad\U000e0041\ue000b\xff", 80, "ab"},
		{"שלום 田中 🍕", 80, "שלום 田中 🍕"},
		{strings.Repeat("æ", 9), 8, "ææææææææ…"},
		{"", 8, ""},
	} {
		if got := Line(tt.in, tt.limit); got != tt.want {
			t.Errorf("Line(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
}

func TestColumns(t *testing.T) {
	for _, tt := range []struct {
		in    string
		limit int
		want  string
	}{
		{"202   Bo\tringing", 80, "202   Bo ringing"},
		{"a\nringing  Your Bank\r\x1b[2K", 80, "a ringing  Your Bank [2K"},
		{"a\u202eb\u009bc\U000e0041\u200f\u061c\ufeff", 80, "abc"},
		{strings.Repeat("æ", 9), 8, "ææææææææ…"},
	} {
		if got := Columns(tt.in, tt.limit); got != tt.want {
			t.Errorf("Columns(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
}

func TestIsolate(t *testing.T) {
	for in, want := range map[string]string{
		"Ærø": "Ærø", "": "", "22 33 44 55": "22 33 44 55", "田中": "田中",
		"שלום": "\u2068שלום\u2069", "محمد": "\u2068محمد\u2069", "Ole שלום": "\u2068Ole שלום\u2069",
	} {
		if got := Isolate(in); got != want {
			t.Errorf("Isolate(%q) = %q, want %q", in, got, want)
		}
	}
	clean := func(s string) string { return Line(s, 100) }
	for in, want := range map[string]string{
		"Call for \u2068שלום\u2069 (400)":             "Call for \u2068שלום\u2069 (400)",
		"\u2068שלום\u2069 · 22 · \u2068שלום\u2069":    "\u2068שלום\u2069 · 22 · \u2068שלום\u2069",
		"\u2068Ole\u2069 (400)":                       "Ole (400)",
		"\u2068שלום (400)":                            "שלום (400)",
		"שלום\u2069 (400)":                            "שלום (400)",
		"\u2068a\u2068שלום\u2069\u2069 (400)":         "aשלום (400)",
		"\u2068שלום\u202e\u2069 (400)":                "\u2068שלום\u2069 (400)",
		"a\u202e\u2067b":                              "ab",
		"\u2069\u2068\u2069\u2068שלום\u2069 \u2069 x": "\u2068שלום\u2069 x",
	} {
		if got := Isolates(in, clean); got != want {
			t.Errorf("Isolates(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzIsolates(f *testing.F) {
	for _, s := range []string{"", "\u2068שלום\u2069 (400)", "\u2069\u2068\u202e", "a \u2068b\u2069 c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Isolates(s, func(s string) string { return Line(s, 100) })
		depth := 0
		for _, r := range got {
			switch r {
			case firstStrongIsolate:
				depth++
			case popIsolate:
				depth--
			default:
				if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
					t.Fatalf("%q: %U", got, r)
				}
			}
			if depth < 0 || depth > 1 {
				t.Fatalf("%q from %q: isolates that are not in pairs", got, s)
			}
		}
		if depth != 0 || !utf8.ValidString(got) {
			t.Fatalf("%q from %q", got, s)
		}
	})
}
