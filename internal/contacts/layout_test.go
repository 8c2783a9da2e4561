package contacts

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// What the preview of a table shows: its headings, the first lines, and what its columns seem to hold.
func TestTablePreview(t *testing.T) {
	for name, c := range map[string]struct {
		file     string
		headings []string
		columns  []Column
		rows     int
	}{
		"Outlook's":                   {"\"Fornavn\";\"Efternavn\";\"Firma\";\"Mobiltelefon\";\"Faxnummer (arbejde)\"\r\n\"Anna\";\"Holm\";\"\";\"20304050\";\"1\"\r\n", []string{"Fornavn", "Efternavn", "Firma", "Mobiltelefon", "Faxnummer (arbejde)"}, []Column{FirstColumn, LastColumn, CompanyColumn, MobileColumn, Unused}, 1},
		"Google's":                    {"Name,Phone 1 - Type,Phone 1 - Value\nAnna,Mobile,20304050\n", []string{"Name", "Phone 1 - Type", "Phone 1 - Value"}, []Column{NameColumn, LabelColumn, NumberColumn}, 1},
		"headings that nobody knows":  {"Who;Dial\nAnna;20304050\nBo;20304051\n", []string{"Who", "Dial"}, []Column{NameColumn, NumberColumn}, 2},
		"no headings":                 {"Anna;20304050\nBo;20304051\n", nil, []Column{NameColumn, NumberColumn}, 2},
		"a title above the headings":  {"Customers 2026\n\nName;Phone\nAnna;20304050\n", []string{"Name", "Phone"}, []Column{NameColumn, NumberColumn}, 1},
		"nothing that looks a number": {"Who;Dial\nAnna;none\n", []string{"Who", "Dial"}, []Column{Unused, Unused}, 1},
	} {
		table, err := ReadTable([]byte(c.file))
		if err != nil || !slices.Equal(table.Headings, c.headings) || !slices.Equal(table.Columns, c.columns) || len(table.Rows) != c.rows {
			t.Errorf("%s: %q, %v", name, table, err)
		}
	}
	for _, empty := range []string{"", "\n\n", "\ufeff"} {
		if table, err := ReadTable([]byte(empty)); err == nil {
			t.Errorf("%q is %+v", empty, table)
		}
	}
	table, err := ReadTable([]byte("Who;Dial\nAnna;20304050\n"))
	if without := table.WithHeadings(false); err != nil || without.Headings != nil || len(without.Rows) != 2 || without.WithHeadings(true).Headings == nil {
		t.Errorf("%+v, %v", without, err)
	}
}

// Columns that the user has chosen are read so: also when they stand elsewhere later, and not when they are gone, which
// empties nothing.
func TestColumnsOfTheUser(t *testing.T) {
	b := newBook(t)
	file := filepath.Join(t.TempDir(), "kunder.csv")
	write := func(content string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	is := func(want ...string) {
		t.Helper()
		sources, err := b.Sources(t.Context())
		if err != nil || len(sources) != 1 {
			t.Fatal(sources, err)
		}
		list, err := b.Of(t.Context(), sources[0].ID)
		if got := said(list); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	refresh := func() (failed *SourceError) {
		t.Helper()
		if _, err := b.Refresh(t.Context(), false); err != nil {
			t.Error(err)
		}
		sources, err := b.Sources(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return sources[0].Err
	}
	write("Kunde;Chef;Nr;Nr\nÆrø Bageri;Anna;62521011;20304050\n")
	chosen := &Layout{Headings: []string{"Kunde", "Chef", "Nr", "Nr"}, Columns: []Column{CompanyColumn, NameColumn, WorkColumn, MobileColumn}}
	report, err := b.AddSource(t.Context(), file, chosen)
	if err != nil || report.Kept != 1 {
		t.Fatal(report, err)
	}
	is("Anna @ Ærø Bageri, work 62521011, mobile 20304050")
	if table, err := b.Table(t.Context(), file); err != nil || !slices.Equal(table.Columns, chosen.Columns) {
		t.Errorf("chosen before: %+v, %v", table, err)
	}
	write("Nr;New;Nr;Chef;Kunde\n62521011;x;20304050;Anna;Bageriet\n")
	if failed := refresh(); failed != nil {
		t.Error(failed)
	}
	is("Anna @ Bageriet, work 62521011, mobile 20304050")
	write("Navn;Telefon\nIda;20304052\n")
	if failed := refresh(); failed == nil || failed.Trouble != OtherTable {
		t.Errorf("other columns: %v", failed)
	}
	is("Anna @ Bageriet, work 62521011, mobile 20304050")
	if _, err := b.AddSource(t.Context(), file, nil); !errors.Is(err, ErrOtherColumns) {
		t.Errorf("imported again: %v", err)
	}
	if _, err := b.AddSource(t.Context(), file, &Layout{Columns: []Column{NameColumn, HomeColumn}}); err != nil {
		t.Error(err)
	}
	is("Ida, home 20304052")
	for _, other := range []string{t.TempDir(), "https://cloud.example.dk/"} {
		if table, err := b.Table(t.Context(), other); table != nil || err != nil {
			t.Errorf("%s is a table: %+v, %v", other, table, err)
		}
	}
	if _, err := b.Table(t.Context(), filepath.Join(t.TempDir(), "nowhere.csv")); err == nil {
		t.Error("what is not there is a table")
	}
}

// The name of the upper source is shown, whichever that is.
func TestMove(t *testing.T) {
	b := newBook(t)
	dir := t.TempDir()
	for _, name := range []string{"one", "two", "three"} {
		file := filepath.Join(dir, name+".csv")
		if err := os.WriteFile(file, []byte("Navn;Telefon\n"+name+";20304050\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := b.AddSource(t.Context(), file, nil); err != nil {
			t.Fatal(err)
		}
	}
	move := func(place, by int, want string) {
		t.Helper()
		sources, err := b.Sources(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Move(t.Context(), sources[place].ID, by); err != nil {
			t.Error(err)
		}
		if k, err := b.Lookup(t.Context(), "20304050"); k.Name != want || err != nil {
			t.Errorf("%q, %v, want %q", k.Name, err, want)
		}
	}
	move(0, 1, "two")
	move(2, -2, "three")
	move(0, -1, "three")
	move(2, 1, "three")
	move(0, 2, "two")
	if err := b.Move(t.Context(), 99, 1); err != nil {
		t.Error(err)
	}
}
