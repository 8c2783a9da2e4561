package contacts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"calltray/internal/store"
)

func newBook(t testing.TB) *Book {
	s := store.Open(t.Context(), "")
	t.Cleanup(func() { s.Close() })
	return &Book{Ready: func(context.Context) (*store.Store, error) { return s, nil }}
}

func (b *Book) must(t testing.TB, list ...Contact) {
	t.Helper()
	if _, err := b.Add(t.Context(), list); err != nil {
		t.Fatal(err)
	}
}

func person(name, company string, numbers ...string) Contact {
	c := Contact{Name: name, Company: company}
	for _, n := range numbers {
		label, number, ok := strings.Cut(n, " ")
		if !ok {
			label, number = "", n
		}
		c.Numbers = append(c.Numbers, Number{label, number})
	}
	return c
}

// Whose number it is, in the notations of PBXs and people.
func TestLookup(t *testing.T) {
	b := newBook(t)
	b.must(t,
		person("Anna Holm", "Ærø Bageri", "mobile 20304050", "work 62521011"),
		person("Bo Lund", "Ærø Bageri", "work 62521011"),
		person("Cecilie", "", "home +46 70 123 45 67"),
		person("Dan", "", "203"),
		person("Eva", "Eva ApS", "+45 33 44 55 66"), person("Finn", "Finn ApS", "33445566"), person("Gerda", "", "33445566"),
		person("Hans", "", "0701234999"),
	)
	for number, want := range map[string]Known{
		"20304050": {Name: "Anna Holm", Company: "Ærø Bageri", Label: "mobile"}, "+4520304050": {Name: "Anna Holm", Company: "Ærø Bageri", Label: "mobile"},
		"004520304050": {Name: "Anna Holm", Company: "Ærø Bageri", Label: "mobile"}, "4520304050": {Name: "Anna Holm", Company: "Ærø Bageri", Label: "mobile"},
		"62521011":     {Company: "Ærø Bageri"},
		"+46701234567": {Name: "Cecilie", Label: "home"}, "0701234567": {Name: "Cecilie", Label: "home"}, "701234567": {Name: "Cecilie", Label: "home"},
		"+47701234567": {}, "1234567": {Name: "Cecilie", Label: "home"}, "234567": {},
		"203": {Name: "Dan"}, "12345203": {}, "0203": {}, "20203": {},
		"33445566":     {Name: "Eva", Others: 2},
		"+46701234999": {Name: "Hans"},
		"":             {}, "anonymous": {}, "20304051": {}, "+4620304050": {},
	} {
		if want != (Known{}) {
			want.Source = "own"
		}
		if got, err := b.Lookup(t.Context(), number); err != nil || got != want {
			t.Errorf("%q: got %+v, %v, want %+v", number, got, err, want)
		}
	}
}

func TestFind(t *testing.T) {
	b := newBook(t)
	b.must(t, person("Søren Ågård", "Ærø Bageri", "20304050"), person("Anna Holm", "Bo & Søn", "62521011", "203"))
	for text, want := range map[string]int{"soeren": 1, "sore": 1, "aero": 1, "son": 1, "so": 2, "2030": 1, "20 30 40": 1, "203": 2, "anna bo": 1, "x": 0, "%": 0, "": 2} {
		if got, err := b.Find(t.Context(), text, 10); err != nil || len(got) != want {
			t.Errorf("%q finds %q, %v, want %d", text, said(got), err, want)
		}
	}
}

func TestOwnBook(t *testing.T) {
	b := newBook(t)
	id, err := b.Save(t.Context(), person("Anna", "", "20304050"))
	if err != nil {
		t.Fatal(err)
	}
	changed := person("Anna Holm", "Ærø", "mobile 20304050")
	changed.ID = id
	if id, err = b.Save(t.Context(), changed); err != nil {
		t.Fatal(err)
	}
	if list, err := b.Of(t.Context(), Own); err != nil || !slices.Equal(said(list), []string{"Anna Holm @ Ærø, mobile 20304050"}) {
		t.Errorf("%q, %v", said(list), err)
	}
	if _, err := b.Save(t.Context(), person("Nobody", "")); !errors.Is(err, ErrIncomplete) {
		t.Error(err)
	}
	if n, err := b.Add(t.Context(), []Contact{changed, person("Bo", "", "203")}); n != 1 || err != nil {
		t.Errorf("%d added, %v", n, err)
	}
	if err := b.Delete(t.Context(), id); err != nil {
		t.Error(err)
	}
	if k, err := b.Lookup(t.Context(), "20304050"); k != (Known{}) || err != nil {
		t.Errorf("deleted, and found: %+v, %v", k, err)
	}
}

// Sources are read again when they change; one that cannot be read keeps what it gave.
func TestSources(t *testing.T) {
	b := newBook(t)
	dir := t.TempDir()
	write := func(name, content string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	name := func(number, want string) {
		t.Helper()
		if k, err := b.Lookup(t.Context(), number); k.Name != want || err != nil {
			t.Errorf("%s is %q, %v, want %q", number, k.Name, err, want)
		}
	}
	refresh := func(want bool) {
		t.Helper()
		if changed, err := b.Refresh(t.Context(), false); changed != want || err != nil {
			t.Errorf("changed %v, %v, want %v", changed, err, want)
		}
	}
	file := write("list.csv", "Navn;Telefon\nAnna;20304050\n")
	write("cards/one.vcf", "BEGIN:VCARD\nVERSION:3.0\nFN:Bo\nTEL:20304051\nEND:VCARD\n")
	write("cards/sub/two.vcf", "BEGIN:VCARD\nVERSION:3.0\nFN:Anna of the cards\nTEL:20304050\nEND:VCARD\n")
	write("cards/broken.csv", "nothing")
	for _, path := range []string{file, filepath.Join(dir, "cards")} {
		if _, err := b.AddSource(t.Context(), path, nil); err != nil {
			t.Fatal(err)
		}
	}
	name("20304050", "Anna") // the first source
	name("20304051", "Bo")
	b.must(t, person("Anna mine", "", "+4520304050"))
	name("20304050", "Anna mine") // the own book
	refresh(false)
	write("list.csv", "Navn;Telefon\nAnna;20304050\nIda;20304052\n")
	refresh(true)
	name("20304052", "Ida")
	write("list.csv", "nothing that is a table any more")
	refresh(false)
	name("20304052", "Ida")
	sources, err := b.Sources(t.Context())
	if err != nil || len(sources) != 2 || sources[0].Err == nil || sources[0].Count != 2 || sources[1].Err != nil || sources[0].Refreshed.IsZero() {
		t.Errorf("%+v, %v", sources, err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	refresh(false)
	name("20304052", "Ida")
	if err := b.RemoveSource(t.Context(), sources[0].ID); err != nil {
		t.Error(err)
	}
	name("20304052", "")
	name("20304051", "Bo")
	if _, err := b.AddSource(t.Context(), filepath.Join(dir, "nowhere"), nil); err == nil {
		t.Error("what is not there is a source")
	}
}

// many makes a book of so many contacts. It is what the measurements are of.
func many(t testing.TB, count int) *Book {
	b := newBook(t)
	list := make([]Contact, count)
	for i := range list {
		list[i] = person(fmt.Sprintf("Person %d Ågård", i), fmt.Sprintf("Firma %d ApS", i/7), fmt.Sprint("mobile ", 20000000+i), fmt.Sprint("work ", 60000000+i/7))
	}
	b.must(t, list...)
	return b
}

func BenchmarkLookup(bench *testing.B) {
	b := many(bench, 50000)
	for i := 0; bench.Loop(); i++ {
		if k, err := b.Lookup(bench.Context(), fmt.Sprint("+45", 20000000+i%50000)); err != nil || k.Name == "" {
			bench.Fatal(k, err)
		}
	}
}

func BenchmarkFind(bench *testing.B) {
	b := many(bench, 50000)
	for bench.Loop() {
		if list, err := b.Find(bench.Context(), "agard 4999", 50); err != nil || len(list) == 0 {
			bench.Fatal(len(list), err)
		}
	}
}
