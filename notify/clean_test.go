package notify

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"calltray/cstasession/csta"
)

func TestClean(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"a name", "Ærø Bageri", "Ærø Bageri"},
		{"accents, apostrophe, markup", "O'Brien & Søn <Café>", "O'Brien & Søn <Café>"},
		{"other scripts", "田中 Иванов שלום", "田中 Иванов שלום"},
		{"combining", "A\u030ase", "A\u030ase"},
		{"emoji", "Pizza 🍕", "Pizza 🍕"},
		{"blanks", "  a\t b\u00a0\u2003c  ", "a b c"},
		{"lines", "a\r\nb\u2028c\u0085d", "a b c d"},
		{"control", "x\x01\x00\x1b[31my\x7f\u009b", "x [31my"},
		{"PowerShell", "x $(Start-Process calc) `n", "x (Start-Process calc) n"},
		{"quotes", `a"b“c”d„e‟f＂g″h`, "abcdefgh"},
		{"full-width dollar and backtick", "＄(x)｀", "(x)"},
		{"CDATA", "a]]>b", "ab"},
		{"CDATA in CDATA", "a]]]]>>b", "ab"},
		{"CDATA with a control character", "a]\x01]>b", "a] ]>b"},
		{"here-string's end", "a\n\"@\nb", "a @ b"},
		{"bidi", "a\u202eb\u2066c\u200f\u061c", "abc"},
		{"zero width", "a\u200b\u200d\ufeff\u00adb", "ab"},
		{"tags and private use", "a\U000e0041\ue000b", "ab"},
		{"invalid UTF-8", "a\xff\xc3b", "ab"},
		{"option", "--help", "help"},
		{"option behind blanks and a quote", " \"-h", "h"},
		{"only dropped", "\"$`", ""},
		{"long", strings.Repeat("æ", 200), strings.Repeat("æ", 119) + "…"},
		{"as long as can be", strings.Repeat("æ", 120), strings.Repeat("æ", 120)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Clean(tt.in); got != tt.want {
				t.Errorf("Clean(%q) = %q, want %q", tt.in, got, tt.want)
			}
			checkClean(t, tt.in)
		})
	}
}

func checkClean(t *testing.T, in string) {
	t.Helper()
	got := Clean(in)
	if !utf8.ValidString(got) || utf8.RuneCountInString(got) > maxText {
		t.Fatalf("Clean(%q) = %q: %d characters, valid %v", in, got, utf8.RuneCountInString(got), utf8.ValidString(got))
	}
	if strings.ContainsAny(got, "$`\"“”„‟＂＄｀\n\r") || strings.Contains(got, "]]>") || strings.HasPrefix(got, "-") || strings.TrimSpace(got) != got {
		t.Fatalf("Clean(%q) = %q", in, got)
	}
	for _, r := range got {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || unicode.Is(unicode.Cf, r) {
			t.Fatalf("Clean(%q) = %q: %U", in, got, r)
		}
	}
	if again := Clean(got); again != got {
		t.Fatalf("Clean(%q) = %q, and once more %q", in, got, again)
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "Ærø Bageri", "x\x01 $(calc)", "a]]]]>>b", "\u202e\"", "- -", strings.Repeat("a", 119) + " -b", strings.Repeat("\u0301", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkClean(t, s) })
}

// A name of the other writing direction is isolated, and stays so on its way; what is not in pairs is gone.
func TestIsolatedNames(t *testing.T) {
	b := notices{cfg: Config{}.complete()}
	c := call("a", csta.Ringing, named("שלום\u202e"), func(c *csta.Call) { c.Via, c.ViaName = "400", "מכירות" })
	n := b.describe(c)
	if want := "\u2068שלום\u2069 · 22334455"; n.title != want {
		t.Errorf("title %q, want %q", n.title, want)
	}
	if want := "Incoming call for \u2068מכירות\u2069 (400)"; n.body != want {
		t.Errorf("body %q, want %q", n.body, want)
	}
	for in, want := range map[string]string{
		"\u2068שלום\u2069 · 22334455":                  "\u2068שלום\u2069 · 22334455",
		"\u2068שלום · 22334455":                        "שלום · 22334455",
		"\u202eשלום\u2069 $(x)":                        "שלום (x)",
		"\u2068" + strings.Repeat("ש", 200) + "\u2069": strings.Repeat("ש", 119) + "…",
	} {
		if got := sentence(in, maxText); got != want {
			t.Errorf("sentence(%q) = %q, want %q", in, got, want)
		}
	}
}
