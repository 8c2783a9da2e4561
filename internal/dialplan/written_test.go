package dialplan

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestWritten reads numbers as people of several countries write them, alone or among other things. Where
// there are two, the user chooses; a click dials only what stands alone.
func TestWritten(t *testing.T) {
	for _, tt := range []struct {
		text string
		want []string
	}{
		// Denmark: what follows eight digits is something else.
		{"22 33 44 55 (8-16)", []string{"22334455"}},
		{"22 33 44 55 (212)", []string{"22334455"}},
		{"22 33 44 55 (10-16)", []string{"22334455"}},
		{"22 33 44 55 (kontor) 33 44 55 66 (privat)", []string{"22334455", "33445566"}},
		{"+45 22 33 44 55 (8-16)", []string{"+4522334455"}},
		{"+45 22 33 44 55 8-16", []string{"+4522334455"}},
		{"+45 22 33 44 55 8000 Aarhus", []string{"+4522334455"}},
		{"+45 22 33 44 55, 8000 Aarhus", []string{"+4522334455"}},
		{"+45 22.33.44.55", []string{"+4522334455"}},
		{"+45.22.33.44.55", []string{"+4522334455"}},
		{"+45-22-33-44-55", []string{"+4522334455"}},
		{"+4522334455x12", []string{"+4522334455"}},
		{"22334455x12", []string{"22334455"}},
		{"22334455 x12", []string{"22334455"}},
		{"22 33 44 55 ext. 12", []string{"22334455"}},
		{"22 33 44 55, lok. 201", []string{"22334455"}},
		{"33 12 34 56 lokal 201", []string{"33123456"}},
		{"Ring 22334455lok201", []string{"22334455"}},
		{"+(45) 22 33 44 55", []string{"+4522334455"}},
		{"00 45 22 33 44 55 (212)", []string{"004522334455"}},
		{"+45 2233 44556", nil},
		{"+45 2233445", nil},
		{"+4522334455123", nil},
		{"Servicenummer: 70 10 20 30", []string{"70102030"}},
		{"Servicenummer 70102030", []string{"70102030"}},
		{"Opkaldsnummer: 22334455", []string{"22334455"}},
		{"Opkaldsnr. 22 33 44 55", []string{"22334455"}},
		{"Hovednummer: 33 12 34 56", []string{"33123456"}},
		{"Kontornummer: 33123456", []string{"33123456"}},
		{"Kundeservicenummer: 70 10 20 30", []string{"70102030"}},
		{"Privatnr.: 22 33 44 55", []string{"22334455"}},
		{"Lægevagtnummer: 70 11 30 31", []string{"70113031"}},
		{"Booking: 33 12 34 56", []string{"33123456"}},
		{"Reservation 33 12 34 56", []string{"33123456"}},
		{"Support: 70102030", []string{"70102030"}},
		{"Booking: 33123456", nil},
		{"Bookingnummer: 33 12 34 56", nil},
		{"Support ID 22334455", nil},
		{"Kundenummer: 22 33 44 55", nil},
		{"Kontonummer: 22 33 44 55", nil},
		{"Registreringsnummer: 22334455", nil},
		{"Ordre: +45 22 33 44 55", []string{"+4522334455"}},
		{"CVR 12345678, tlf. 22 33 44 55", []string{"22334455"}},

		// Sweden.
		{"+46 70 123 45 67 (8-16)", []string{"+46701234567"}},
		{"+46 70 123 45 67 8-16", []string{"+46701234567"}},
		{"+46 (0)70 123 45 67 (8-16)", []string{"+46701234567"}},
		{"Tel: +46 8 123 456 78 113 50 Stockholm", []string{"+46812345678"}},
		{"Tel: +46 8 123 456 78, 113 50 Stockholm", []string{"+46812345678"}},
		{"+46 8 123 456 113 50 Stockholm", []string{"+468123456"}},
		{"+46 31 12 34 56 411 04 Göteborg", []string{"+4631123456"}},
		{"+46.70.123.45.67", []string{"+46701234567"}},
		{"+46-70-123 45 67", []string{"+46701234567"}},
		{"+46701234567, +46701234568", []string{"+46701234567", "+46701234568"}},
		{"+46 70 123 45 678", nil},
		{"070-123 45 67", []string{"0701234567"}},
		{"Växel 08-123 456 78", nil}, // without its country code it cannot be distinguished from anything else

		// Norway, Finland, Iceland, the Faroes, Greenland.
		{"+47.22.123.456", []string{"+4722123456"}},
		{"+47 22 12 34 56 0150 Oslo", []string{"+4722123456"}},
		{"+47 221 23 456 (08-16)", []string{"+4722123456"}},
		{"+47 911 23 456 x 12", []string{"+4791123456"}},
		{"Kundeservice: +47 22 12 34 56", []string{"+4722123456"}},
		{"+358 9 1234 5678", []string{"+358912345678"}},
		{"+358 50 123 4567 (9-17)", []string{"+358501234567"}},
		{"+354 555 1234", []string{"+3545551234"}},
		{"+298 31 24 56 (8-16)", []string{"+298312456"}},
		{"+299 12 34 56 3900 Nuuk", []string{"+299123456"}},

		// Germany, Austria, Switzerland: a number may go on where it could end.
		{"+49 30 111234-5678", []string{"+49301112345678"}},
		{"+49 (0)30 123456", []string{"+4930123456"}},
		{"+49 30 / 123 456 - 0", []string{"+4930123456", "+49301234560"}},
		{"+49 30 123456 (12)", []string{"+4930123456", "+493012345612"}},
		{"+49 30 123456 (8-16)", []string{"+4930123456"}},
		{"+49 30 123456 8-16 Uhr", []string{"+4930123456"}},
		{"+49 30 123456 10115 Berlin", []string{"+4930123456", "+493012345610115"}},
		{"+49 30 12345678, 10115 Berlin", []string{"+493012345678"}},
		{"Rufnummer: +49 171 1234567", []string{"+491711234567"}},
		{"Tel. +49.30.123456", []string{"+4930123456"}},
		{"+43 1 234567-89", []string{"+43123456789"}},
		{"+41 44 123 45 67 8001 Zürich", []string{"+41441234567"}},

		// Britain, Ireland.
		{"+44.207.123.4567", []string{"+442071234567"}},
		{"+44 20 7123 4567 (9am)", []string{"+442071234567"}},
		{"+44 (0)20 7123 4567 ext 204", []string{"+442071234567"}},
		{"+44 (20) 7123-4567", []string{"+442071234567"}},
		{"+44 7700 900123 9-5", []string{"+447700900123"}},
		{"+353 1 234 5678", []string{"+35312345678"}},
		{"020 7123 4567", []string{"02071234567"}},

		// America.
		{"+1.212.555.0100", []string{"+12125550100"}},
		{"+1 212-555-0100x204", []string{"+12125550100"}},
		{"+1 212-555-0100 x204", []string{"+12125550100"}},
		{"+1 (212) 555-0100 ext. 204", []string{"+12125550100"}},
		{"+1 (212) 555-0100 10001 New York", []string{"+12125550100"}},
		{"+1 212 555 0100 204", []string{"+12125550100"}},
		{"+1-212-555-0100", []string{"+12125550100"}},
		{"+1 212 555 010", nil},

		// Others.
		{"+33.1.23.45.67.89", []string{"+33123456789"}},
		{"+33 1 23 45 67 89 (9-17)", []string{"+33123456789"}},
		{"+33 (0)1 23 45 67 89", []string{"+33123456789"}},
		{"+31 20 123 4567 10-12", []string{"+31201234567"}},
		{"+32 2 123 45 67 8-16", []string{"+3221234567"}},
		{"+39 06 1234 5678", []string{"+390612345678"}},
		{"+34 912 345 678 28001 Madrid", []string{"+34912345678"}},
		{"+48 22 123 45 67 00-001 Warszawa", []string{"+48221234567"}},
		{"0033 1 23 45 67 89 (212)", []string{"0033123456789"}},

		// "+" is no sign of a number everywhere.
		{"12+34567890", nil},
		{"ole+4522334455@example.dk", nil},
		{"https://example.dk/?q=+4522334455", nil},
		{"2026-11-22T12:30:45+01:00", nil},
		{"kr. +22.334.455", nil},
		{"C++ 22334455", []string{"22334455"}},
	} {
		var got []string
		for _, n := range Find(tt.text) {
			got = append(got, n.Dial)
			if dial, err := Dialable(n.Dial); dial != n.Dial || err != nil {
				t.Errorf("%q: %q is found, and dialled as %q, %v", tt.text, n.Dial, dial, err)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("Find(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

// TestDialableEnds is what a person typed or pasted: what may belong to the number or not is an offer.
func TestDialableEnds(t *testing.T) {
	for _, tt := range []struct{ in, dial, offer string }{
		{"22 33 44 55 (212)", "", "22334455"},
		{"22334455 (12)", "", "22334455"},
		{"22 33 44 55 66", "", "22334455"},
		{"22334455-12", "", "22334455"},
		{"2233 4455 12", "", "22334455"},
		{"22334455x12", "", "22334455"},
		{"22334455 ext. 12", "", "22334455"},
		{"22 33 44 55, lok. 201", "", "22334455"},
		{"+45 22 33 44 55 66", "", "+4522334455"},
		{"0045 22334455 66", "", "004522334455"},
		{"+4522334455667", "", ""},
		{"+46 70 123 45 67 (8-16)", "", "+46701234567"},
		{"+46 70 123 45 67 8", "", "+46701234567"},
		{"+46 8 123 456 78 113", "", "+46812345678"},
		{"+1 212-555-0100x204", "", "+12125550100"},
		{"+1 212-555-0100 204", "", "+12125550100"},
		{"+49 30 123456 (12)", "", "+4930123456"},
		{"+44 20 7123 4567 (12)", "", "+442071234567"},

		{"45 22 33 44 55", "4522334455", ""},
		{"9 22 33 44 55", "922334455", ""},
		{"0 22 33 44 55", "022334455", ""},
		{"(33) 12-34-56", "33123456", ""},
		{"+49 30 111234-5678", "+49301112345678", ""},
		{"+49 (30) 123456", "+4930123456", ""},
		{"030 / 123 456-78", "03012345678", ""},
		{"+999 12345678", "+99912345678", ""},
		{"070-123 45 67", "0701234567", ""},
		{"*21*22334455#", "*21*22334455#", ""},
	} {
		got, err := Dialable(tt.in)
		var e *Error
		if got != tt.dial || tt.dial == "" && (!errors.As(err, &e) || e.Offer != tt.offer) {
			t.Errorf("Dialable(%q) = %q, %v, want %q or the offer %q", tt.in, got, err, tt.dial, tt.offer)
		}
	}
}

func TestKindOf(t *testing.T) {
	for dial, want := range map[string]Kind{
		"22334455": Mobile, "+4522334455": Mobile, "33123456": National, "201": Internal, "112": Emergency, "900": Internal, "1813": Short, "116117": Short,
		"+46701234567": International, "+442071234567": International, "09123456": Ordinary, "114": Short, "118": Short,
		"*21*90123456#": FeatureCode, "*21*22334455#": FeatureCode, "#31#22334455": FeatureCode, "**21*201#": FeatureCode, "*31": FeatureCode,
		"90123456": Premium, "+4590123456": Premium, "004590123456": Premium, "4590123456": Premium,
		"+46900123456": Premium, "+46939123456": Premium, "+4782912345": Premium, "+358600123456": Premium, "+49900123456": Premium,
		"0900123456": Premium, "+449061234567": Premium, "+19002345678": Premium, "+33891234567": Premium, "+979123456789": Premium, "+881612345678": Premium,
	} {
		if got := KindOf(dial); got != want || got.ByHand() != (want == FeatureCode || want == Premium) {
			t.Errorf("KindOf(%q) = %d, want %d", dial, got, want)
		}
	}
	for _, text := range []string{"*21*90123456#", `<a href="tel:*21*90123456%23">Ring</a>`, "Ring 90 12 34 56 nu", "+46 900 123 456"} {
		if found := Find(text); len(found) != 1 || !found[0].Kind.ByHand() {
			t.Errorf("Find(%q) = %+v: a click must not dial it", text, found)
		}
	}
}

func TestNumberingPlans(t *testing.T) {
	for _, row := range numberingPlans {
		for _, prefix := range strings.Fields(row.prefixes) {
			country, goesOn, _ := strings.Cut(prefix, "-")
			p := plans()[country+goesOn]
			if strings.Trim(country+goesOn, "0123456789") != "" || len(country+goesOn) > longestPrefix || p.country != len(country) {
				t.Errorf("%q is no prefix", prefix)
			}
			if p.lengths == 0 || p.lengths&7 != 0 || p.lengths>>(maxDigits-len(country)+1) != 0 {
				t.Errorf("%s: numbers of %q digits", prefix, row.digits)
			}
		}
	}
}

// TestFindIsLinear counts the characters examined, since a clock would measure the machine.
func TestFindIsLinear(t *testing.T) {
	for _, s := range []string{"1 ", "12345678 ", "22-11-2026 ", "a@b ", "Tlf. 22 33 44 55 kr. 100 ", "1.", "xnr 123", "+45 (0) ", "<a ", "aa", "12:30 ", "1:", "a:", ":",
		"DK50 0040 ", "ordre nr 123 ", "+1 1 1 1 ", "0", "(", "( 1", "+", "+4", "nr ", "nr-", "tel:", "tel:1 ", "http://a ", "www.", "a-", "@", "@@a", "a.", "1-1 ", "22 33 44 55 (", "00 4 4 ", "x1", "1x1", "AA11 AAAA ", "%%%", "     1"} {
		steps := func(n int) int {
			f := newFinder(strings.Repeat(s, n/len(s)))
			f.find()
			return f.steps
		}
		if few, many := steps(maxText/8), steps(maxText); many > 9*few+1000 || many > 60*maxText {
			t.Errorf("%q: %d characters looked at in %d, %d in %d", s, few, maxText/8, many, maxText)
		}
	}
}

func BenchmarkFindHostile(b *testing.B) {
	for _, s := range []string{"1 ", "22-11-2026 ", "a@b ", "12:30 ", "ordre nr 123 ", "+45 (0) ", "22 33 44 55 "} {
		text := strings.Repeat(s, maxText/len(s))
		b.Run(s, func(b *testing.B) {
			b.SetBytes(maxText)
			for b.Loop() {
				Find(text)
			}
		})
	}
}
