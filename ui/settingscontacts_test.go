package ui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

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
	note := func(what string) func(context.Context, string, string, string) (string, error) {
		return func(_ context.Context, address, user, password string) (string, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.asked = append(b.asked, strings.Join([]string{what, address, user, password}, " "))
			if b.refuse == nil && what == "add" {
				b.list = append(b.list, Source{Address: address, About: "7 contacts, read today 14:05"})
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
	switch o := o.(type) {
	case *widgets.Line:
		return []string{o.Text}
	case *widgets.Lines:
		return []string{o.Text}
	case *fyne.Container:
		for _, child := range o.Objects {
			list = append(list, saidIn(child)...)
		}
	}
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
