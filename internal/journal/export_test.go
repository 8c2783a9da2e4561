package journal

import (
	"strings"
	"testing"
	"time"
)

func TestExport(t *testing.T) {
	var b strings.Builder
	began := time.Date(2026, 11, 22, 14, 5, 0, 0, time.Local)
	h := Heading{Columns: []string{"Dato", "Tid", "Retning", "Nummer", "Navn", "Firma", "Til", "Udfald", "Sekunder", "Besvaret af", "Note"}, Words: func(Row) (string, string) { return "Indgående", "Besvaret" }}
	rows := []Row{
		{Number: "22334455", Name: "=cmd|' /C calc'!A0", Began: began, Answered: began, Ended: began.Add(time.Minute), Via: "400", ViaName: "Salg"},
		{Number: "+4522334455", Name: "-1", Company: "@x", Note: "a;b\n\"c\"", Began: began},
	}
	if err := Export(&b, h, rows); err != nil {
		t.Fatal(err)
	}
	const want = "\ufeffDato;Tid;Retning;Nummer;Navn;Firma;Til;Udfald;Sekunder;Besvaret af;Note\r\n" +
		"2026-11-22;14:05:00;Indgående;22334455;'=cmd|' /C calc'!A0;;400 Salg;Besvaret;60;;\r\n" +
		"2026-11-22;14:05:00;Indgående;'+4522334455;'-1;'@x;;Besvaret;0;;\"a;b\r\n\"\"c\"\"\"\r\n"
	if b.String() != want {
		t.Errorf("got  %q\nwant %q", b.String(), want)
	}
}
