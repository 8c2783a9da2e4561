package dialplan

import (
	"html"
	"slices"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"the example", "Tlf.: +45 22 33 44 55 (kontor)", []string{"+4522334455"}},
		{"plain", "22334455", []string{"22334455"}},
		{"pairs", "Ring til mig på 22 33 44 55 i morgen", []string{"22334455"}},
		{"fours", "Tlf. 2233 4455", []string{"22334455"}},
		{"two and threes", "mobil 22 334 455", []string{"22334455"}},
		{"dots", "Tel. 22.33.44.55", []string{"22334455"}},
		{"dots alone", "22.33.44.55", []string{"22334455"}},
		{"dotted pairs that begin like a date", "22.11.22.33", []string{"22112233"}},
		{"dashes", "22-33-44-55", []string{"22334455"}},
		{"non-breaking spaces", "Tlf.\u00a022\u00a033\u00a044\u00a055", []string{"22334455"}},
		{"narrow spaces and figure spaces", "+45\u202f22\u200733\u202f44\u200755", []string{"+4522334455"}},
		{"full width", "電話 ＋４５ ２２３３４４５５", []string{"+4522334455"}},
		{"arabic-indic digits", "٢٢٣٣٤٤٥٥", []string{"22334455"}},
		{"copied with direction marks", "\u202a+45 22 33 44 55\u202c", []string{"+4522334455"}},
		{"00", "Fax 0045 2233 4455", []string{"004522334455"}},
		{"00 apart", "00 45 22 33 44 55", []string{"004522334455"}},
		{"country code in brackets", "(+45) 22 33 44 55", []string{"+4522334455"}},
		{"country code in brackets, no plus", "Tlf (45) 22 33 44 55", []string{"22334455"}},
		{"area in brackets", "(33) 12-34-56", []string{"33123456"}},
		{"label glued", "tlf22334455", []string{"22334455"}},
		{"label with colon", "Tel:22334455", []string{"22334455"}},
		{"label with colon and groups", "Tel:2233 4455", []string{"22334455"}},
		{"label with dash", "Mobil-22334455", []string{"22334455"}},
		{"label with dot", "Tlf.22334455.", []string{"22334455"}},
		{"telefonnummer", "Telefonnummer: 22334455", []string{"22334455"}},
		{"tlf.nr.", "Tlf.nr.: 22334455", []string{"22334455"}},
		{"nr alone", "nr. 22334455", []string{"22334455"}},
		{"tel link", "tel:+45-22-33-44-55", []string{"+4522334455"}},
		{"tel link, escapes", "tel:+45%2022%2033%2044%2055", []string{"+4522334455"}},
		{"tel link with extension", "tel:+4522334455;ext=12", []string{"+4522334455"}},
		{"callto link", "callto://+4522334455", []string{"+4522334455"}},
		{"link to an extension", "tel:200", []string{"200"}},
		{"markdown", "[ring](tel:+4522334455)", []string{"+4522334455"}},
		{"html, the same number twice", `<a href="tel:+4522334455">22 33 44 55</a>`, []string{"+4522334455"}},
		{"html, two numbers", `<td>22&nbsp;33&nbsp;44&nbsp;55</td><td>&#43;45 33 44 55 66</td>`, []string{"22334455", "+4533445566"}},
		{"html, numbers of attributes", `<img width="22334455" height=33445566> 44 55 66 77`, []string{"44556677"}},
		{"list", "22 33 44 55 / 33 44 55 66", []string{"22334455", "33445566"}},
		{"list with slashes", "33 15 20 10/33 15 20 11/33152012", []string{"33152010", "33152011", "33152012"}},
		{"list, the first with its country", "+45 22334455/33445566", []string{"+4522334455", "33445566"}},
		{"case number", "Vores 2026/22334455", nil},
		{"German, slash", "Tel.: +49 (0)30 / 123 456-78", []string{"+493012345678"}},
		{"Swedish, short second", "+46 70 123 45 67/68", []string{"+46701234567"}},
		{"list with commas", "22334455,33445566, 44556677", []string{"22334455", "33445566", "44556677"}},
		{"list with dash", "22 33 44 55 - 33 44 55 66", []string{"22334455", "33445566"}},
		{"range", "22334455-33445566", []string{"22334455", "33445566"}},
		{"side by side", "22334455 33445566", []string{"22334455", "33445566"}},
		{"table", "Ole\t22334455\tIda\t33445566", []string{"22334455", "33445566"}},
		{"lines", "201\n22334455\n33 44 55 66\n", []string{"22334455", "33445566"}},
		{"the same twice", "22334455 og +45 22 33 44 55", []string{"22334455"}},
		{"two with country codes", "+45 22 33 44 55 +45 33 44 55 66", []string{"+4522334455", "+4533445566"}},
		{"country code, then without", "+45 22 33 44 55 33 44 55 66", []string{"+4522334455", "33445566"}},
		{"Sweden", "Ring +46 70 123 45 67.", []string{"+46701234567"}},
		{"trunk zero", "+46 (0)70-123 45 67", []string{"+46701234567"}},
		{"trunk zero, Denmark's neighbour", "Zentrale: +49 (0) 30 123456", []string{"+4930123456"}},
		{"Italy keeps its zero", "+39 (0)6 1234 5678", []string{"+390612345678"}},
		{"Faroes", "+298 312456", []string{"+298312456"}},
		{"two in fours", "2233 4455 3344 5566", []string{"22334455", "33445566"}},
		{"Faroes alone", "31 24 56", []string{"312456"}},
		{"national foreign, alone", "070-123 45 67", []string{"0701234567"}},
		{"German, alone", "030/123456", []string{"030123456"}},
		{"export without plus, alone", "4522334455", []string{"4522334455"}},
		{"house number before", "Storegade 12 22 33 44 55", []string{"22334455"}},
		{"postcode before", "8000 Aarhus C, 22334455", []string{"22334455"}},
		{"postcode side by side", "8000 22334455", []string{"22334455"}},
		{"two ways to read", "30 22 33 44 55", []string{"30223344", "22334455"}},
		{"a local number behind", "33 12 34 56 lok. 201", []string{"33123456"}},
		{"signature", "Med venlig hilsen\nÆrø Bageri\nVestergade 4, 5970 Ærøskøbing\nTlf.: 62 52 10 00 · Mobil: 22 33 44 55\nCVR 12345678\nmail@example.dk", []string{"62521000", "22334455"}},
		{"extension alone", "201", []string{"201"}},
		{"extension alone, blanks around", "  201\n", []string{"201"}},
		{"short number", "112", []string{"112"}},
		{"feature code", "*21*22334455#", []string{"*21*22334455#"}},
		{"feature code with hash", "#31#22334455", []string{"#31#22334455"}},
		{"eight digits, first is 1, alone", "12345678", []string{"12345678"}},

		{"empty", "", nil},
		{"words", "hej med dig", nil},
		{"one digit", "7", nil},
		{"extension in a text", "Ring til 201", nil},
		{"two extensions", "201 202", nil},
		{"two extensions on two lines", "201\n202", nil},
		{"date", "22-11-2026", nil},
		{"date with dots", "d. 22.11.2026", nil},
		{"date with slashes", "22/11/2026", nil},
		{"ISO date", "2026-11-22", nil},
		{"ISO date and time", "2026-11-22T12:30:45.123Z", nil},
		{"short date", "22.11.26", nil},
		{"dates from to", "22-11-2026 - 24-11-2026", nil},
		{"time", "kl. 12.30", nil},
		{"time with seconds", "12:30:45", nil},
		{"opening hours", "Åbent 20.30-22.00", nil},
		{"IP address", "192.168.1.100", nil},
		{"IP address and port", "10.20.30.40:8080", nil},
		{"IP address of pairs with its word", "IP: 22.33.44.55", nil},
		{"IPv6", "fe80::2233:4455", nil},
		{"MAC", "22:33:44:55:66:77", nil},
		{"IBAN", "DK50 0040 0440 1162 43", nil},
		{"IBAN in one", "DK5000400440116243", nil},
		{"account", "Reg. 1234 konto 22334455", nil},
		{"CPR", "221126-1234", nil},
		{"CPR in a text", "cpr 221126-1234", nil},
		{"CPR with a blank", "221126 1234", nil},
		{"CPR in one", "2211261234", nil},
		{"CVR", "CVR 22334455", nil},
		{"CVR-nr", "CVR-nr.: 22 33 44 55", nil},
		{"VAT", "DK22334455", nil},
		{"SE", "SE-nr. 22334455", nil},
		{"CVR, then a number", "CVR 12345678 22334455", []string{"22334455"}},
		{"EAN", "EAN 5790001234567", nil},
		{"EAN alone", "5790001234567", nil},
		{"order", "Ordre nr. 22334455", nil},
		{"order in one word", "Ordrenummer: 22334455", nil},
		{"case", "sagsnr. 22334455", nil},
		{"invoice", "Invoice 22334455", nil},
		{"invoice no", "invoice no. 22334455", nil},
		{"customer number", "Kundenr. 22334455", nil},
		{"member number", "bestillingsnummer 22334455", nil},
		{"hash", "#22334455", nil},
		{"part of a word", "INV-22334455", nil},
		{"UUID", "550e8400-e29b-41d4-a716-446655440000", nil},
		{"amount", "22.334.455,00 kr.", nil},
		{"amount before", "kr. 22334455", nil},
		{"amount in euro", "€ 22.334.455", nil},
		{"amount after", "22334455 DKK", nil},
		{"amount with dash", "22334455,-", nil},
		{"percent", "22334455%", nil},
		{"decimal", "22334455,75", nil},
		{"decimal point", "22334455.5", nil},
		{"e-mail", "22334455@example.dk", nil},
		{"SIP", "sip:22334455@example.dk", nil},
		{"web", "https://example.dk/22334455", nil},
		{"web, no scheme", "www.example.dk/22334455", nil},
		{"a PBX domain", "22334455.pbx.one-connect.dk", nil},
		{"too short after +45", "+45 2233445", nil},
		{"card", "Visa 4111 1111 1111 1111", nil},
		{"order with zeros", "0012345678 x", nil},
		{"plus alone", "+", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, n := range Find(tt.text) {
				got = append(got, n.Dial)
				if n.Shown != Format(n.Dial) {
					t.Errorf("%q: shown as %q, dialled is %q", tt.text, n.Shown, n.Dial)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("Find(%q) = %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

func TestFindLimits(t *testing.T) {
	var b strings.Builder
	for range 50 {
		b.WriteString("22334455\n")
	}
	if n := len(Find(b.String())); n != 1 {
		t.Errorf("the same number fifty times: found %d", n)
	}
	b.Reset()
	for i := range 50 {
		b.WriteString("223344" + string(rune('0'+i/10)) + string(rune('0'+i%10)) + "\n")
	}
	if n := len(Find(b.String())); n != maxFound {
		t.Errorf("fifty numbers: found %d, want %d", n, maxFound)
	}
	if n := Find(strings.Repeat(" ", maxText) + "22334455"); n != nil {
		t.Errorf("behind the limit: found %v", n)
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		numbers := Find(s)
		if len(numbers) > maxFound {
			t.Fatalf("%d numbers", len(numbers))
		}
		for _, n := range numbers {
			// What is looked at is the text after the HTML entities: &#50; is a 2.
			checkDial(t, html.UnescapeString(strings.ToValidUTF8(s, "\n")), n.Dial)
			if n.Shown != Format(n.Dial) {
				t.Fatalf("%q: %q is shown as %q", s, n.Dial, n.Shown)
			}
		}
	})
}

func BenchmarkFind(b *testing.B) {
	text := strings.Repeat("Med venlig hilsen Ærø Bageri, Vestergade 4, 5970 Ærøskøbing. Tlf.: 62 52 10 00, CVR 12345678.\n", 20)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if len(Find(text)) != 1 {
			b.Fatal("not found")
		}
	}
}
