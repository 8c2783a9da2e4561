package contacts

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"calltray/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

// written is a text in an encoding.
func written(t *testing.T, e encoding.Encoding, text string) []byte {
	t.Helper()
	data, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// said tells contacts in lines.
func said(list []Contact) (lines []string) {
	for _, c := range list {
		line := c.Name
		if c.Company != "" {
			line += " @ " + c.Company
		}
		for _, n := range c.Numbers {
			line += ", " + strings.TrimSpace(n.Label+" "+n.Number)
		}
		lines = append(lines, line)
	}
	return lines
}

const anna = "Anna Ågård @ Ærø Bageri, work 62 52 10 11, mobile 20304050"

// The files that people have, as their programs write them: what is in them, and what is dropped and said.
func TestFiles(t *testing.T) {
	utf16le, utf16be := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	bare := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	const outlookEN = "\"First Name\",\"Middle Name\",\"Last Name\",\"Company\",\"Business Fax\",\"Business Phone\",\"Mobile Phone\",\"E-mail Address\"\r\n\"Anna\",\"\",\"Ågård\",\"Ærø Bageri\",\"62521012\",\"62 52 10 11\",\"20304050\",\"anna@example.dk\"\r\n"
	const outlookDA = "\"Fornavn\";\"Mellemnavn\";\"Efternavn\";\"Firma\";\"Faxnummer (arbejde)\";\"Telefon, arbejde\";\"Mobiltelefon\";\"E-mail-adresse\"\r\n\"Anna\";\"\";\"Ågård\";\"Ærø Bageri\";\"62521012\";\"62 52 10 11\";\"20304050\";\"anna@example.dk\"\r\n"
	const google2024 = "First Name,Middle Name,Last Name,Organization Name,Labels,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value\nAnna,,Ågård,Ærø Bageri,* myContacts,a@example.dk,Work,62 52 10 11,Mobile,20304050\n"
	const google2019 = "Name,Given Name,Family Name,Phone 1 - Type,Phone 1 - Value,Phone 2 - Type,Phone 2 - Value,Organization 1 - Name\nAnna Ågård,Anna,Ågård,Work,62 52 10 11,Mobile,20304050,Ærø Bageri\n"
	const googleDA = "Fornavn,Efternavn,Organisationsnavn,Telefon 1 – Etiket,Telefon 1 – Værdi,Telefon 2 – Etiket,Telefon 2 – Værdi\nAnna,Ågård,Ærø Bageri,Arbejde,62 52 10 11,Mobil,20304050\n"
	card := func(lines ...string) string {
		return "BEGIN:VCARD\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VCARD\r\n"
	}
	v3 := card("VERSION:3.0", "N:Ågård;Anna;;;", "FN:Anna Ågård", "ORG:Ærø Bageri;Salg", "TEL;TYPE=WORK,VOICE:62 52 10 11", "TEL;TYPE=CELL:20304050")
	v21 := card("VERSION:2.1", "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=85g=C3=A5rd;Anna", "ORG;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:=C3=86r=C3=B8 Bageri", "TEL;WORK;VOICE:62 52 10 11", "TEL;CELL:20304050")
	one := map[Reason]int{Fax: 1}
	for _, c := range []struct {
		name string
		data []byte
		want []string
		lost map[Reason]int
	}{
		{"Outlook, English, UTF-8 with BOM", []byte("\ufeff" + outlookEN), []string{anna}, one},
		{"Outlook, English, Windows-1252", written(t, charmap.Windows1252, outlookEN), []string{anna}, one},
		{"Outlook, Danish, semicolon, Windows-1252", written(t, charmap.Windows1252, outlookDA), []string{anna}, one},
		{"Outlook, Danish, semicolon, UTF-8", []byte(outlookDA), []string{anna}, one},
		{"Google, English, 2024", []byte(google2024), []string{anna}, nil},
		{"Google, English, 2019", []byte(google2019), []string{anna}, nil},
		{"Google, Danish", []byte(googleDA), []string{anna}, nil},
		{"Google, UTF-16 with BOM", written(t, utf16le, google2024), []string{anna}, nil},
		{"UTF-16, big-endian, tab", written(t, utf16be, strings.ReplaceAll(google2024, ",", "\t")), []string{anna}, nil},
		{"UTF-16 without BOM", written(t, bare, outlookDA), []string{anna}, one},
		{"Google, two numbers in a field", []byte("Name,Organization Name,Phone 1 - Label,Phone 1 - Value\nAnna Ågård,Ærø Bageri,Work,62 52 10 11 ::: 62521099\n"), []string{"Anna Ågård @ Ærø Bageri, work 62 52 10 11, work 62521099"}, nil},
		{"Excel, with sep=", []byte("sep=;\r\nNavn;Firma;Telefon arbejde;Mobil\r\nAnna Ågård;Ærø Bageri;62 52 10 11;20304050\r\n"), []string{anna}, nil},
		{"a title above the headings", []byte("Telefonliste 2026;;;\n;;;\nNavn;Firma;Tlf. arbejde;Mobil\nAnna Ågård;Ærø Bageri;62 52 10 11;20304050\n"), []string{anna}, nil},
		{"bar, and blanks", []byte("Navn | Firma | Kontor telefon | Mobil\nAnna Ågård | Ærø Bageri | 62 52 10 11 | 20304050\n"), []string{anna}, nil},
		{"no headings", []byte("Bo Lund;Ny Vej 3;20304051\nIda;Gade 1;+45 20 30 40 52\n"), []string{"Bo Lund @ Ny Vej 3, 20304051", "Ida @ Gade 1, +45 20 30 40 52"}, nil},
		{"numbers as Excel formulas", []byte("Name,Phone\nBo,\"=\"\"004520304051\"\"\"\nIda,'+4520304052\n"), []string{"Bo, 004520304051", "Ida, +4520304052"}, nil},
		{"lines in a field, quotes inside", []byte("Name,Notes,Phone\n\"Bo \"\"B\"\" Lund\",\"first\nsecond; third\",20304051\n"), []string{`Bo "B" Lund, 20304051`}, nil},
		{"a stray quote, short lines", []byte("Name;Phone;Company\nBo 5\" rør;20304051\nIda\n;;\n"), []string{`Bo 5" rør, 20304051`}, map[Reason]int{NoNumber: 1}},
		{"words in the number's column", []byte("Name,Phone\nBo,ring til Ida\nIda,20304052\n"), []string{"Ida, 20304052"}, map[Reason]int{NotANumber: 1, NoNumber: 1}},
		{"companies alone", []byte("Company,Main phone\nÆrø Bageri,62521011\n"), []string{" @ Ærø Bageri, main 62521011"}, nil},
		{"a list of extensions", []byte("Navn;Lokalnummer\nBo;203\n"), []string{"Bo, 203"}, nil},

		{"vCard 3.0", []byte(v3), []string{anna}, nil},
		{"vCard 3.0, LF, BOM", []byte("\ufeff" + strings.ReplaceAll(v3, "\r\n", "\n")), []string{anna}, nil},
		{"vCard 3.0, Windows-1252", written(t, charmap.Windows1252, v3), []string{anna}, nil},
		{"vCard 3.0, UTF-16", written(t, utf16le, v3), []string{anna}, nil},
		{"vCard 3.0, folded", []byte(strings.Replace(v3, "FN:Anna Ågård", "FN:Anna\r\n  Ågård", 1)), []string{anna}, nil},
		{"vCard 3.0, Apple's groups", []byte(card("VERSION:3.0", "N:Ågård;Anna;;;", "FN:Anna Ågård", "ORG:Ærø Bageri;", "item1.TEL:62 52 10 11", "item1.X-ABLabel:_$!<Work>!$_", "item2.TEL;type=pref:20304050", "item2.X-ABLabel:Sommerhus")),
			[]string{"Anna Ågård @ Ærø Bageri, work 62 52 10 11, Sommerhus 20304050"}, nil},
		{"vCard 2.1, Outlook, quoted-printable", []byte(v21), []string{anna}, nil},
		{"vCard 2.1, soft line breaks", []byte(strings.Replace(v21, "=C3=86r=C3=B8 Bageri", "=C3=86r=\r\n=C3=B8 Bageri", 1)), []string{anna}, nil},
		{"vCard 2.1, Latin-1", []byte(strings.NewReplacer("=C3=85", "=C5", "=C3=A5", "=E5", "=C3=86", "=C6", "=C3=B8", "=F8", "UTF-8", "ISO-8859-1").Replace(v21)), []string{anna}, nil},
		{"vCard 2.1, a photo and an agent", []byte(strings.Replace(v21, "TEL;WORK", "PHOTO;ENCODING=BASE64;JPEG:\r\n /9j/4AAQSkZJRgABAQEASABIAAD\r\n /2wBD\r\n\r\nAGENT:\r\nBEGIN:VCARD\r\nFN:Nobody\r\nTEL:1234\r\nEND:VCARD\r\nTEL;WORK", 1)), []string{anna}, nil},
		{"vCard 4.0, tel: values", []byte(card("VERSION:4.0", "FN:Anna Ågård", "ORG:Ærø Bageri", "TEL;VALUE=uri;TYPE=\"voice,work\":tel:+45-62-52-10-11;ext=5", "TEL;VALUE=uri;TYPE=cell:tel:+4520304050")),
			[]string{"Anna Ågård @ Ærø Bageri, work +45-62-52-10-11, mobile +4520304050"}, nil},
		{"vCard 4.0, a group", []byte(card("VERSION:4.0", "KIND:group", "FN:Venner", "MEMBER:urn:uuid:1") + v3), []string{anna}, map[Reason]int{IsGroup: 1}},
		{"several cards, one broken", []byte(v3 + "BEGIN:VCARD\r\nVERSION:3.0\r\nFN Bo\r\n:::\r\nEND:VCARD\r\n" + strings.ReplaceAll(v3, "Anna", "Ida")), []string{anna, strings.ReplaceAll(anna, "Anna", "Ida")}, map[Reason]int{NoNumber: 1}},
		{"cut off", []byte(v3 + "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bo\r\nTEL:203"), []string{anna, "Bo, 203"}, nil},
		{"a fax", []byte(card("VERSION:3.0", "FN:Bo", "TEL;TYPE=FAX,WORK:62521012", "TEL:203")), []string{"Bo, 203"}, one},
		{"names with markup and controls", []byte(card("VERSION:3.0", "FN:<b>Bo</b>\\n\u202eLund\x07", "TEL:203")), []string{"<b>Bo</b> Lund, 203"}, nil},
		{"N without FN, a company's card", []byte(card("VERSION:3.0", "N:Lund;Bo;Erik;Dr.;", "TEL:203") + card("VERSION:3.0", "FN:Ærø Bageri", "ORG:Ærø Bageri", "TEL:62521011")), []string{"Dr. Bo Erik Lund, 203", " @ Ærø Bageri, 62521011"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			list, report, err := Read(c.data)
			if err != nil {
				t.Fatal(err)
			}
			if got := said(list); !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			if !maps.Equal(report.Dropped, c.lost) {
				t.Errorf("dropped %v, want %v", report.Dropped, c.lost)
			}
			t.Logf("| %s | %s | %d | %d | %v |", c.name, report.Format, report.Read, report.Kept, report.Dropped)
		})
	}
}

// What is no address book is said to be none.
func TestNoAddressBook(t *testing.T) {
	for name, data := range map[string]string{"nothing": "", "a letter": "Dear Bo,\nthanks for the cake.\nAnna\n", "numbers alone": "20304050\n20304051\n", "a picture": "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "zeros": strings.Repeat("\x00", 100)} {
		if list, _, err := Read([]byte(data)); err == nil {
			t.Errorf("%s: %q", name, said(list))
		}
	}
}

// A card of ten megabytes, and one that never ends, cost no more than they are worth.
func TestLargeCards(t *testing.T) {
	large := "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bo\r\nTEL:203\r\nX-LONG:" + strings.Repeat("x", 10<<20) + "\r\n" + strings.Repeat("TEL:20304050\r\n", 100000) + "END:VCARD\r\n"
	list, _, err := Read([]byte(large))
	if err != nil || len(list) > 1 {
		t.Errorf("%d contacts, %v", len(list), err)
	}
	if _, _, err := Read([]byte(strings.Repeat("BEGIN:VCARD\r\n", 100000))); err != nil {
		t.Error(err)
	}
}

func TestRoundTrip(t *testing.T) {
	want := []Contact{{Name: "Anna Ågård", Company: "Ærø, Bageri A/S", Numbers: []Number{{Mobile, "+4520304050"}, {Work, "62521011"}, {"", "203"}}}, {Company: "Bo & Søn", Numbers: []Number{{Main, "33445566"}}}}
	var b strings.Builder
	if err := WriteVCards(&b, want); err != nil {
		t.Fatal(err)
	}
	got, _, err := Read([]byte(b.String()))
	if err != nil || fmt.Sprint(said(got)) != fmt.Sprint(said(want)) {
		t.Errorf("%v\ngot  %q\nwant %q\n%s", err, said(got), said(want), b.String())
	}
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("Navn;Telefon\nBo;20304050\n"))
	f.Add([]byte("sep=,\nName,Phone 1 - Type,Phone 1 - Value\n\"x\"\"y\",Fax,1 ::: 2\n"))
	f.Add([]byte("\xff\xfea\x00;\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		sound(t, data, func(data []byte) ([]Contact, Report, error) { return ReadCSV(data, nil) })
		if table, err := ReadTable(data); err == nil && table.Usable() { // what the preview shows can be read
			sound(t, data, func(data []byte) ([]Contact, Report, error) { return ReadCSV(data, &table.Layout) })
			table.WithHeadings(table.Headings == nil).Usable()
		}
	})
}

func FuzzVCard(f *testing.F) {
	f.Add([]byte("BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=\n=85;B\nTEL;CELL:1\nEND:VCARD\n"))
	f.Add([]byte("BEGIN:VCARD\r\nitem1.TEL;TYPE=\"a,b\":tel:+1;ext=2\r\nitem1.X-ABLabel:_$!<Work>!$_\r\nEND:VCARD"))
	f.Fuzz(func(t *testing.T, data []byte) { sound(t, data, ReadVCards) })
}

// sound reads what may be anything: contacts that can be shown, or an error.
func sound(t *testing.T, data []byte, read func([]byte) ([]Contact, Report, error)) {
	list, report, err := read(data)
	if err != nil {
		return
	}
	if report.Kept != len(list) || report.Read < report.Kept {
		t.Errorf("%d contacts, reported %+v", len(list), report)
	}
	for _, c := range list {
		if c.Shown() == "" || len(c.Numbers) == 0 || len(c.Numbers) > maxNumbers || strings.ContainsAny(c.Name+c.Company, "\n\r\x00\x1b") {
			t.Errorf("%+v", c)
		}
		for _, n := range c.Numbers {
			if digitsOf(n.Number) == "" {
				t.Errorf("%q is no number", n.Number)
			}
		}
	}
}
