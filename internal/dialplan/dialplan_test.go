package dialplan

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"unicode"
)

func TestDialable(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
	}{
		{"extension", "201", "201"},
		{"Danish", "22334455", "22334455"},
		{"pairs", "22 33 44 55", "22334455"},
		{"plus", "+45 22 33 44 55", "+4522334455"},
		{"00", "0045 22334455", "004522334455"},
		{"blanks around", "  22334455\r\n", "22334455"},
		{"tab", "+45\t33123456", "+4533123456"},
		{"non-breaking", "22\u00a033\u202f44\u200755", "22334455"},
		{"ideographic space", "22\u30003344\u200955", "22334455"},
		{"dots", "22.33.44.55", "22334455"},
		{"middle dots", "22·33•44․55", "22334455"},
		{"dashes of all kinds", "22-33‐44‑5‒5", "22334455"},
		{"longer dashes", "22–33—44―5−5", "22334455"},
		{"full-width dash", "22－33－44－55", "22334455"},
		{"slash", "030/123456", "030123456"},
		{"brackets", "(33) [12] 34-56", "33123456"},
		{"country code in brackets", "(+45) 22334455", "+4522334455"},
		{"full width", "＋４５（２２）３３４４５５", "+4522334455"},
		{"arabic-indic", "٢٢٣٣٤٤٥٥", "22334455"},
		{"devanagari", "२२३३४४५५", "22334455"},
		{"mathematical", "𝟚𝟚𝟛𝟛𝟜𝟜𝟝𝟝", "22334455"},
		{"direction marks", "\u202a+45 22334455\u202c", "+4522334455"},
		{"zero-width and soft hyphen", "22\u200b33\u00ad44\ufeff55", "22334455"},
		{"feature code", "*21*22334455#", "*21*22334455#"},
		{"full-width feature code", "＊２１＊200＃", "*21*200#"},
		{"tel", "tel:+45-22-33-44-55", "+4522334455"},
		{"tel, capitals", "TEL:22334455", "22334455"},
		{"tel, blank", "Tel: 22 33 44 55", "22334455"},
		{"tel with slashes", "tel://22334455", "22334455"},
		{"callto", "callto:+4522334455", "+4522334455"},
		{"escapes", "tel:%2B45%2022%2033%2044%2055", "+4522334455"},
		{"escaped non-breaking space", "tel:22%C2%A0334455", "22334455"},
		{"escaped code", "tel:*31%23", "*31#"},
		{"harmless parameters", "tel:+4522334455;isub=12;user=phone", "+4522334455"},
		{"context of a global number", "tel:+4522334455;phone-context=example.dk", "+4522334455"},
		{"zero in brackets without a country", "(0)30 123456", "030123456"},
		{"zero in brackets later", "+45 2233 (0) 44", "+452233044"},
		{"Italy", "+39 (0)6 12345678", "+390612345678"},
		{"zero alone", "0", "0"},
		{"as long as can be", "+49" + strings.Repeat("4", maxDigits-2), "+49" + strings.Repeat("4", maxDigits-2)},
		{"slashes of a link", "tel://22334455", "22334455"},
		{"slash behind", "22334455/", "22334455"},
		{"international with slashes", "0049/30/12345678", "00493012345678"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Dialable(tt.in)
			if got != tt.want || err != nil {
				t.Errorf("Dialable(%q) = %q, %v, want %q", tt.in, got, err, tt.want)
			}
		})
	}
}

func TestDialableRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, in, why, offer string
	}{
		{"empty", "", "no number", ""},
		{"blanks", " \u00a0\t", "no number", ""},
		{"punctuation", "()-./", "no number", ""},
		{"hash alone", "#", "no number", ""},
		{"plus alone", "+", "no number", ""},
		{"plus and star", "+*21*200#", "country code", ""},
		{"two plus", "+45+22334455", "plus sign", ""},
		{"plus inside", "22+334455", "plus sign", ""},
		{"letters", "0800 FLOWERS", "letters", ""},
		{"Danish letters", "Ærø 22334455", "letters", ""},
		{"a label", "Tlf. 22334455", "letters", ""},
		{"letter O", "22 33 44 5O", "letters", ""},
		{"fullwidth letter", "22334455Ａ", "letters", ""},
		{"superscript", "2233445²", `"²"`, ""},
		{"circled", "2233445⑤", `"⑤"`, ""},
		{"comma", "22334455,12", `","`, ""},
		{"semicolon", "22334455;12", `";"`, ""},
		{"colon", "22:33:44:55", `":"`, ""},
		{"NUL", "2233\x004455", "character", ""},
		{"escape", "2233\x1b[4455", "character", ""},
		{"invalid UTF-8", "2233\xff4455", "character", ""},
		{"SIP", "sip:201@pbx.example.dk", "SIP", ""},
		{"SIP without host", "sips:201", "SIP", ""},
		{"other scheme", "http://22334455", "letters", ""},
		{"damaged escape", "tel:22%3", "damaged", ""},
		{"escape outside a link", "22%2033", `"%"`, ""},
		{"escaped letter", "tel:22%4133", "letters", ""},
		{"too long", strings.Repeat("1", maxDigits+1), "at most", ""},
		{"too long abroad", "00" + strings.Repeat("4", maxDigits+1), "at most", ""},
		{"feature code, too long", strings.Repeat("*1", MaxLength), "at most", ""},
		{"two numbers", "22334455 33445566", "at most", ""},
		{"two numbers, slash", "22334455/33445566", "slash", "22334455"},
		{"number and a second ending", "+46 70 123 45 67/68", "slash", "+46701234567"},
		{"two numbers as one", strings.Repeat("22334455 ", 5), "at most", ""},
		{"extension of a link", "tel:+4522334455;ext=12", `"12"`, "+4522334455"},
		{"extension, capitals", "tel:22334455;EXT=9", `"9"`, "22334455"},
		{"local number of a link", "tel:22334455;phone-context=+46", `"+46"`, "22334455"},
		{"trunk zero", "+45 (0) 20 12 34 56", "(0)", "+4520123456"},
		{"trunk zero, 00", "0049(0)30/123456", "(0)", "004930123456"},
		{"trunk zero, square", "+46 [0] 70 123 45 67", "(0)", "+46701234567"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Dialable(tt.in)
			var e *Error
			if got != "" || !errors.Is(err, ErrNotDialable) || !errors.As(err, &e) {
				t.Fatalf("Dialable(%q) = %q, %v, want an *Error", tt.in, got, err)
			}
			quoted := strings.ReplaceAll(strings.ReplaceAll(e.Why, "'", `"`), `\"`, `"`)
			if !strings.Contains(quoted, tt.why) || e.Offer != tt.offer {
				t.Errorf("Dialable(%q): %q, offers %q; want %q, %q", tt.in, e.Why, e.Offer, tt.why, tt.offer)
			}
			if !strings.HasSuffix(e.Why, ".") || strings.ContainsFunc(err.Error(), unicode.IsControl) {
				t.Errorf("Dialable(%q): %q is no sentence for a screen", tt.in, err)
			}
		})
	}
}

func TestErrorIsShort(t *testing.T) {
	_, err := Dialable(strings.Repeat("x", 10_000))
	if n := len(err.Error()); n > 200 {
		t.Errorf("an error of %d bytes", n)
	}
}

func TestFormat(t *testing.T) {
	for in, want := range map[string]string{
		"22334455":      "22 33 44 55",
		"+4522334455":   "+45 22 33 44 55",
		"004522334455":  "0045 22 33 44 55",
		"201":           "201",
		"":              "",
		"112":           "112",
		"12345678":      "12345678", // not a Danish number
		"02334455":      "02334455",
		"+4512345678":   "+4512345678",
		"+46701234567":  "+46 70 123 45 67",
		"+452233445":    "+452233445",
		"22 33 44 55":   "22 33 44 55",
		"*21*22334455#": "*21*22334455#",
		"anonymous":     "anonymous",
		"2233445a":      "2233445a",
		"２２３３４４５５":      "２２３３４４５５",
	} {
		if got := Format(in); got != want {
			t.Errorf("Format(%q) = %q, want %q", in, got, want)
		}
	}
}

// Every range of decimal digits must be made of whole scripts of ten, the first of which is a zero.
func TestDigitRanges(t *testing.T) {
	n := 0
	check := func(lo, hi, stride rune) {
		if stride != 1 || (hi-lo+1)%10 != 0 {
			t.Errorf("range %U to %U, stride %d", lo, hi, stride)
		}
		n += int(hi - lo + 1)
	}
	for _, r := range unicode.Nd.R16 {
		check(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	for _, r := range unicode.Nd.R32 {
		check(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	if n < 600 {
		t.Errorf("%d digits: the tables have changed", n)
	}
	for r, want := range map[rune]rune{'٠': '0', '٩': '9', '๓': '3', '０': '0', '𝟎': '0', '𝟗': '9', '𝟘': '0', '𝟿': '9'} {
		if got := digit(r); got != want {
			t.Errorf("digit(%c) = %c, want %c", r, got, want)
		}
	}
}

// subsequence reports whether the digits of dial stand in text in this order.
func subsequence(dial, text string) bool {
	for _, r := range text {
		if dial != "" && r == rune(dial[0]) {
			dial = dial[1:]
		}
	}
	return dial == ""
}

func checkDial(t *testing.T, in, dial string) {
	t.Helper()
	if dial == "" || len(dial) > MaxLength || strings.Trim(dial, "+0123456789*#") != "" || strings.LastIndexByte(dial, '+') > 0 {
		t.Fatalf("%q: %q is no number", in, dial)
	}
	decoded, err := url.PathUnescape(in)
	if !subsequence(dial, foldString(in)) && (err != nil || !subsequence(dial, foldString(decoded))) {
		t.Fatalf("%q: the digits of %q are not in it", in, dial)
	}
	if again, err := Dialable(Format(dial)); again != dial || err != nil {
		t.Fatalf("%q: %q is formatted as %q, which dials %q, %v", in, dial, Format(dial), again, err)
	}
}

var seeds = []string{"", "+45 22 33 44 55", "tel:+45%2022;ext=1", "+45 (0) 20 12 34 56", "*21*200#", "＋４５ ２２", "Tlf. 22 33 44 55 (kontor)",
	"22-11-2026", "<a href=\"tel:200\">x</a>", "30 22 33 44 55", "(((+(0)", "tel:", "00000000000", "&#43;4522334455", "\xff22334455", "22 33 44 55,66,-"}

func FuzzDialable(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		dial, err := Dialable(s)
		if err == nil {
			checkDial(t, s, dial)
			return
		}
		var e *Error
		if dial != "" || !errors.As(err, &e) || e.Why == "" {
			t.Fatalf("%q: %q, %v", s, dial, err)
		}
		if e.Offer != "" {
			checkDial(t, s, e.Offer)
		}
	})
}

func FuzzFormat(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := strings.ReplaceAll(Format(s), " ", ""); got != strings.ReplaceAll(s, " ", "") {
			t.Fatalf("Format(%q) = %q: more than blanks changed", s, got)
		}
	})
}
