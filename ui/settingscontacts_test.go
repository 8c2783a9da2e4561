package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calltray/internal/contacts"
	"calltray/ui/widgets"
)

// books are the sources of a test.
type books struct {
	mu     sync.Mutex // what is below is used by the window's goroutines
	list   []Source
	asked  []string
	refuse error
}

// with does something with the sources as they are.
func (b *books) with(do func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	do()
}

// requests is what was asked.
func (b *books) requests() (asked []string) {
	b.with(func() { asked = slices.Clone(b.asked) })
	return asked
}

func (b *books) config(c *Config) {
	note := func(what string) func(context.Context, NewSource) (string, error) {
		return func(_ context.Context, s NewSource) (string, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			asked := []string{what, s.Address, s.User, s.Password}
			if s.Layout != nil {
				asked = append(asked, fmt.Sprintf("%q", *s.Layout))
			}
			b.asked = append(b.asked, strings.Join(asked, " "))
			if b.refuse == nil && what == "add" {
				b.list = append(b.list, Source{Address: s.Address, About: "7 contacts, read today 14:05", Table: contacts.IsTable(s.Address)})
			}
			return "Read 7 of 7 contacts.", b.refuse
		}
	}
	c.Sources = &Sources{
		List: func(context.Context) ([]Source, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			return slices.Clone(b.list), nil
		},
		Table: func(_ context.Context, address string) (*contacts.Table, error) {
			if !contacts.IsTable(address) {
				return nil, nil
			}
			data, err := os.ReadFile(address)
			if err != nil {
				return nil, err
			}
			table, err := contacts.ReadTable(data)
			return &table, err
		},
		Move: func(_ context.Context, address string, by int) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.asked = append(b.asked, fmt.Sprint("move ", address, " ", by))
			at := slices.IndexFunc(b.list, func(s Source) bool { return s.Address == address })
			b.list[at], b.list[at+by] = b.list[at+by], b.list[at]
			return nil
		},
		Try: note("try"), Add: note("add"),
		Remove: func(_ context.Context, address string) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.asked = append(b.asked, "remove "+address)
			b.list = slices.DeleteFunc(b.list, func(s Source) bool { return s.Address == address })
			return b.refuse
		},
		Refresh: func(context.Context) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.asked = append(b.asked, "refresh")
			return b.refuse
		},
	}
}

// sourcesOf returns the control, with the settings open at it.
func (f *fixture) sourcesOf() *sourcesControl {
	p := f.openSettings()
	for i, tab := range p.tabs {
		for _, row := range tab.rows {
			if c, ok := row.control.(*sourcesControl); ok {
				p.choose(i)
				f.until("the sources are listed", func() bool { return len(c.lines.Objects) > 0 })
				return c
			}
		}
	}
	f.t.Fatal("the settings have no sources")
	return nil
}

// said are the lines of text in an object.
func saidIn(o fyne.CanvasObject) (list []string) {
	visible(o, func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case *widgets.Line:
			list = append(list, o.Text)
		case *widgets.Lines:
			list = append(list, o.Text)
		}
	})
	return list
}

// Sources are tried, added, read again and removed, and what goes wrong is told and loses nothing that was typed.
func TestSettingsOfContacts(t *testing.T) {
	b := &books{}
	f := newFixture(t, b.config)
	c := f.sourcesOf()
	press := func(label string) {
		t.Helper()
		for _, button := range c.buttons {
			if button.Text == label {
				test.Tap(button)
			}
		}
		f.until("it is done", func() bool { return !c.busy })
		f.settle()
	}
	press("Add")
	if len(b.requests()) != 0 || !strings.Contains(c.page.result.Text, "Type the name") {
		t.Errorf("asked %q, and it says %q", b.requests(), c.page.result.Text)
	}
	c.address.SetText(" https://cloud.example.dk/ ")
	c.user.SetText("anna")
	c.password.SetText(" hemmelig ")
	press("Test the source")
	if want := []string{"try https://cloud.example.dk/ anna  hemmelig "}; !slices.Equal(b.requests(), want) || c.page.result.Text != "Read 7 of 7 contacts." {
		t.Errorf("asked %q, and it says %q", b.requests(), c.page.result.Text)
	}
	b.with(func() { b.refuse = errors.New("the server says no") })
	press("Add")
	if c.address.Text == "" || c.password.Text == "" || c.page.result.Text == "Read 7 of 7 contacts." {
		t.Errorf("after a refusal: %q, and it says %q", c.address.Text, c.page.result.Text)
	}
	b.with(func() { b.refuse = nil })
	press("Add")
	if c.address.Text != "" || c.user.Text != "" || c.password.Text != "" {
		t.Errorf("after it was added: %q %q", c.address.Text, c.user.Text)
	}
	f.until("it is listed", func() bool {
		return slices.Equal(saidIn(c.lines), []string{"https://cloud.example.dk/", "7 contacts, read today 14:05"})
	})
	press("Read all again")
	c.remove(b.list[0])
	if len(b.list) != 1 {
		t.Error("it is removed without a question")
	}
	f.settle()
	b.with(func() { b.list = nil })
	c.look()
	f.until("none is left", func() bool { return slices.Equal(saidIn(c.lines), []string{"None yet"}) })
	if last := b.requests()[len(b.requests())-1]; last != "refresh" {
		t.Errorf("asked %q", b.requests())
	}
}

// fileOf writes a file of a test.
func fileOf(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// choices are the drop-down lists in an object.
func choices(o fyne.CanvasObject) (list []*widgets.Selection) {
	visible(o, func(o fyne.CanvasObject) {
		if s, ok := o.(*widgets.Selection); ok {
			list = append(list, s)
		}
	})
	return list
}

const customers = "Who;Dial;Where;What\nAnna Holm;20304050;Ærø Bageri;vip\nBo Lund;62521011;;\n"

// A table is previewed before it is added: the user says what its columns hold, sees what would be read, and adds it
// with Enter. Esc adds nothing. What was chosen can be changed later.
func TestColumnsAreChosen(t *testing.T) {
	b := &books{}
	f := newFixture(t, b.config)
	c := f.sourcesOf()
	file := fileOf(t, "kunder.csv", customers)
	c.address.SetText(file)
	q := &f.ui.window.question
	preview := func() []*widgets.Selection {
		t.Helper()
		c.add()
		f.until("the preview is shown", q.open)
		f.settle()
		return choices(q.over.Content)
	}
	f.ui.window.window.Canvas().Focus(c.address)
	list := preview()
	if len(list) != 4 || list[0].Selected != "Name" || list[1].Selected != "Number" || list[2].Selected != "Company" || list[3].Selected != "Not used" {
		t.Fatalf("the preview: %+v", list)
	}
	if said := strings.Join(saidIn(q.over.Content), "|"); !strings.Contains(said, "Who|Anna Holm · Bo Lund|Dial|20304050 · 62521011|") {
		t.Errorf("the preview says %q", said)
	}
	f.press(fyne.KeyEscape)
	if q.open() || strings.Contains(strings.Join(b.requests(), "\n"), "add ") {
		t.Errorf("after Esc: %q", b.requests())
	}
	list = preview()
	list[1].SetSelected("Not used")
	if said := saidIn(q.over.Content); !slices.Contains(said, "Choose a column with numbers, and one with names or companies.") {
		t.Errorf("without numbers: %q", said)
	}
	list[1].SetSelected("Number: mobile")
	list[3].SetSelected("Note")
	f.until("it is counted", func() bool { return slices.Contains(saidIn(q.over.Content), "Read 7 of 7 contacts.") })
	f.ui.window.window.Canvas().Focus(f.question().button("Add the contacts"))
	f.press(fyne.KeyReturn)
	f.until("it is added", func() (added bool) {
		b.with(func() { added = len(b.list) == 1 && !c.busy })
		return added
	})
	want := "add " + file + `   {["Who" "Dial" "Where" "What"] ["name" "mobile" "company" "note"]}`
	if asked := b.requests(); asked[len(asked)-1] != want || c.address.Text != "" {
		t.Errorf("asked %q, want %q", asked, want)
	}
	f.until("it is listed", func() bool { return len(saidIn(c.lines)) == 2 })
	part{t, "the list", c.lines}.press("Columns")
	f.until("the preview is shown again", q.open)
	f.question().button("Read the table again")
	f.press(fyne.KeyEscape)
}

// A file is chosen with the keyboard alone; folders are opened, and what is no address book is not listed.
func TestFileIsChosen(t *testing.T) {
	b := &books{}
	f := newFixture(t, b.config)
	c := f.sourcesOf()
	file := fileOf(t, "kunder.csv", customers)
	for _, name := range []string{"Arkiv/x.vcf", "billede.png", ".skjult.csv", "aa.VCF"} {
		path := filepath.Join(filepath.Dir(file), name)
		_ = os.MkdirAll(filepath.Dir(path), 0o700)
		_ = os.WriteFile(path, nil, 0o600)
	}
	c.address.SetText(filepath.Join(filepath.Dir(file), "nothing.csv"))
	c.browse()
	choice := f.ui.chooseFile(filepath.Dir(file), func(path string) { c.address.SetText(path) })
	f.until("the folder is listed", func() bool { return len(choice.files) > 0 })
	var names []string
	for _, f := range choice.files {
		names = append(names, f.name)
	}
	if want := []string{"The folder above", "Arkiv", "aa.VCF", "kunder.csv"}; !slices.Equal(names, want) {
		t.Errorf("listed %q, want %q", names, want)
	}
	f.press(fyne.KeyDown)
	f.press(fyne.KeyReturn)
	f.until("the folder is opened", func() bool { return len(choice.files) == 2 })
	f.press(fyne.KeyReturn)
	f.until("the folder above is opened", func() bool { return len(choice.files) == 4 })
	f.typed("k")
	f.press(fyne.KeyReturn)
	if c.address.Text != file || f.ui.window.question.open() {
		t.Errorf("chosen: %q", c.address.Text)
	}
	choice = f.ui.chooseFile(filepath.Join(filepath.Dir(file), "nowhere"), nil)
	f.until("the folder above is listed", func() bool { return len(choice.files) == 4 })
	f.press(fyne.KeyEscape)
	if f.ui.window.question.open() {
		t.Error("Esc does not close it")
	}
}

// The order of the sources is changed, and the keyboard stays with the one that moves.
func TestSourcesAreMoved(t *testing.T) {
	b := &books{list: []Source{{Address: "one"}, {Address: "two"}, {Address: "three"}}}
	f := newFixture(t, b.config)
	c := f.sourcesOf()
	order := func(want ...string) {
		t.Helper()
		f.until("the order is "+strings.Join(want, " "), func() bool {
			return slices.Equal(slices.DeleteFunc(saidIn(c.lines), func(s string) bool { return s == "" }), want)
		})
	}
	order("one", "two", "three")
	c.move(Source{Address: "three"}, -1)
	order("one", "three", "two")
	f.press(fyne.KeyReturn)
	order("three", "one", "two")
	f.press(fyne.KeyReturn) // now at its other button
	order("one", "three", "two")
	if want := []string{"move three -1", "move three -1", "move three 1"}; !slices.Equal(b.requests(), want) {
		t.Errorf("asked %q", b.requests())
	}
}
