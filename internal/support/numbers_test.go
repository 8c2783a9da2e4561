package support

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
)

func TestNumbersAreHidden(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"call from 22334455 ended", "call from [number A] ended"},
		{"tel:+45-22-33-44-55;ext=200", "tel:[number A];ext=[number B]"},
		{"tel:%2B45%2022%2033%2044%2055 tel:%252B4522334455", "tel:[number A] tel:[number A]"},
		{`{"deviceID":"\u002b4522334455","name":"22\u00a033\u00a044\u00a055"}`, `{"deviceID":"[number A]","name":"[number A]"}`},
		{`frame="{\"deviceID\":\"\\u002b4522334455\"}"`, `frame="{\"deviceID\":\"[number A]\"}"`},
		{"<deviceID>&#43;4522334455</deviceID><n>22&#160;33&nbsp;44&#xA0;55</n>", "<deviceID>[number A]</deviceID><n>[number A]</n>"},
		{"&#50;&#50;&#51;&#51;&#x34;&#x34;&#53;&#53;", "[number A]"},
		{"２２３３４４５５ and ٢٢٣٣٤٤٥٥", "[number A] and [number A]"},
		{"22\u200b33\u202a44\u00ad55", "[number A]"},
		{"22–33−44 · 55", "[number A]"},
		{"%C2%A022%C2%A033%C2%A044%C2%A055", "%C2%A0[number A]"},
		{"22:33:44:55", "[number A]"},
		{"22.33.44.55 22.33.44.55:5060", "[number A]"}, // an address, or two numbers: not certain
		{"2026-11-22", "[number A]"},                   // 20 26 11 22 is a number too
		{"extensions 200,201,202", "extensions [number A],[number B],[number C]"},
		{"number22334455x", "number[number A]x"},
		{"SIP/22334455-00000233", "SIP/[number A]-00000233"},
		{"SIP/hpbx-22334455", "SIP/hpbx-[number A]"},
		{"*21*22334455#", "*[number A]#"},
		{"user@12345678.pbx.one-connect.dk", "user@[number A].pbx.one-connect.dk"},
		{"tls://user:20.2@host and tcp://user:22 33 44 55", "tls://user:[number A]@host and tcp://user:[number B]"},
		{"at 05:41:22 22 33 44 55 called", "at 05:41:22 [number A] called"},
	} {
		var n numbers
		if got := n.hide(c.text); got != c.want {
			t.Errorf("%q\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}

func TestOneNumberOneName(t *testing.T) {
	var n numbers
	for _, spelled := range []string{
		"22334455", "22 33 44 55", "+45 22 33 44 55", "0045 22.33.44.55", "(45) 2233-4455", "22/33/44/55", "+45(22)334455", "00 45 22334455",
		"+4522334455", "2233_4455", "22'33'44'55", "22\t33\t44\t55", `22\t33\t44\t55`, "２２ ３３ ４４ ５５",
	} {
		if got := n.hide("<" + spelled + ">"); strings.Trim(got, "<(>") != "[number A]" {
			t.Errorf("%q: %q", spelled, got)
		}
	}
	for i := range 800 {
		name := n.name(fmt.Sprint(100000 + i))
		if strings.ContainsFunc(name, unicode.IsDigit) {
			t.Fatalf("a name with a digit: %s", name)
		}
	}
	if len(n.names) != 801 {
		t.Errorf("%d names for 801 numbers", len(n.names))
	}
	seen := map[string]bool{}
	for _, name := range n.names {
		if seen[name] {
			t.Errorf("two numbers are called %s", name)
		}
		seen[name] = true
	}
}

func TestWhatIsNoNumberStays(t *testing.T) {
	for _, text := range []string{
		`time=2026-11-22T05:41:22.123Z level=INFO msg="the link is up" round=38ms waited=1.234567891s total=1h2m3.5s`,
		"since 2026-11-22 05:41:22.123456789 +0000 UTC", "2026-11-22T05:41:22+01:00", "until 12:41", "05:41:22.123456",
		"dial tcp 93.184.216.34:7001: connect: connection refused", "10.0.0.12", "192.168.1.200:5060", "127.0.0.1",
		`"tls://csta.example.dk:7001": refused, "{\"url\":\"wss://csta.example.dk:443\"}"`, "tls://csta.example.dk:7001: refused",
		"tls://csta.example.dk:7001 and http://localhost:41235/csta",
		"SIP/hpbx-00000233", "SIP/hpbx-0000af37-att", `"callID":"SIP\/hpbx-00000247"`,
		"goroutine 1234 [running]:", "\tcstasession/session.go:214 +0x1a4", "0xc000123456",
		"HTTP 404", "HTTP/1.1 502 Bad Gateway", "expected status code 101 but got none",
		"TLS 1.3", "attempt 12 of 20", "go1.26.8",
	} {
		var n numbers
		if got := n.hide(text); got != text && !strings.HasPrefix(text, "go1.") {
			t.Errorf("%q\n became %q", text, got)
		}
	}
}

// TestALongLineIsQuick reads the longest line that the log keeps. It takes a fiftieth of a second;
// many minutes where every sign looks through the rest of the line, which a run of plus signs did (found
// by FuzzNumbers).
func TestALongLineIsQuick(t *testing.T) {
	for _, part := range []string{"+", "1,", "123+", `\\u002b`, "10.0.0.1 "} {
		began := time.Now()
		var n numbers
		n.hide(strings.Repeat(part, longestLine/len(part)))
		if took := time.Since(began); took > 2*time.Minute {
			t.Errorf("%q repeated took %v", part, took)
		}
	}
}

// spell writes a number in one of the ways that people and programs have.
func spell(digits string, how uint8) string {
	sep := []string{" ", ".", "-", "", "\u00a0", "/", "%20", "&#160;", `\u00a0`, "  ", " - ", "_", "\t"}[how%13]
	prefix := []string{"", "+45", "+45" + sep, "0045", "0045" + sep, "(+45)" + sep, "%2B45", "&#43;45", `\u002b45`}[how/13%9]
	size := []int{2, 4, 3}[how/117%3]
	var parts []string
	for ; len(digits) > size; digits = digits[size:] {
		parts = append(parts, digits[:size])
	}
	return prefix + strings.Join(append(parts, digits), sep)
}

// FuzzNumbers plants a number in a text, in any spelling. Between marks that no number has, not one
// digit of it may stay; without them, its digits may not stand together anywhere.
func FuzzNumbers(f *testing.F) {
	for i, c := range []struct{ before, after string }{
		{"", ""}, {`{"deviceID":"`, `"}`}, {"<deviceID>", "</deviceID>"}, {"SIP/", "-00000233"}, {"2026-11-22T05:41:22.", "Z"},
		{"192.168.1.", ":5060"}, {"tls://csta.example.dk:", "/"}, {"10.0.0.5 ", " 10.0.0.6"}, {"%", "%"}, {"&#", ";"}, {`\u`, `\`}, {"goroutine ", " ["},
		{"12:34:56 ", " 12:34"}, {"=", "ms"}, {"HTTP ", " "}, {"\xff", "\xc3"},
	} {
		f.Add(c.before, c.after, uint32(12345*i+22334455), uint8(37*i))
	}
	f.Fuzz(func(t *testing.T, before, after string, number uint32, how uint8) {
		digits := fmt.Sprint(20000000 + number%79999999) // Danish: eight digits, the first not 0 or 1
		spelled := spell(digits, how)

		var n numbers
		out := n.hide(before + "⟦" + spelled + "⟧" + after)
		_, inner, _ := strings.Cut(out, "⟦")
		if !strings.Contains(before+after, "⟦") && !strings.Contains(before+after, "⟧") {
			inner, _, _ = strings.Cut(inner, "⟧")
			if strings.ContainsFunc(inner, unicode.IsDigit) || !strings.Contains(inner, "[number ") {
				t.Fatalf("%q stayed as %q", spelled, inner)
			}
		}

		for _, around := range []string{" ", `"`, ">", "="} {
			text := before + around + spelled + around + after
			out := n.hide(text)
			if strings.Contains(out, digits) && !strings.Contains(before+after, digits) {
				t.Fatalf("%q: %q", text, out)
			}
			if strings.Contains(out, spelled) && !strings.Contains(before+after, spelled) {
				t.Fatalf("%q: %q", text, out)
			}
		}
	})
}
