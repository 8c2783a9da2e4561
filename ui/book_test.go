package ui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
)

// ownBook is a book of a test.
type ownBook struct {
	mu     sync.Mutex // what is below is read by the window's goroutines
	list   []OwnContact
	refuse error
}

// refuses has everything go wrong from now on, or not any more.
func (b *ownBook) refuses(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refuse = err
}

// kept is what the book holds.
func (b *ownBook) kept() []OwnContact {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.list)
}

func (b *ownBook) config(c *Config) {
	c.OwnBook = &OwnBook{
		List: func(_ context.Context, words string) (list []OwnContact, err error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			for _, c := range b.list {
				if strings.Contains(c.Name, words) {
					list = append(list, c)
				}
			}
			return list, nil
		},
		Save: func(_ context.Context, c OwnContact) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			if b.refuse != nil {
				return b.refuse
			}
			b.list = slices.DeleteFunc(b.list, func(o OwnContact) bool { return o.ID == c.ID })
			if c.ID == 0 {
				c.ID = int64(len(b.list) + 1)
			}
			b.list = append(b.list, c)
			return nil
		},
		Delete: func(_ context.Context, id int64) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.list = slices.DeleteFunc(b.list, func(o OwnContact) bool { return o.ID == id })
			return b.refuse
		},
		Export: func(context.Context) (string, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			return "/home/anna/Hentet/calltray.vcf", b.refuse
		},
	}
}

// The user's own contacts are listed, searched, added, changed and deleted; what is refused stays in the entries.
func TestOwnBook(t *testing.T) {
	b := &ownBook{list: []OwnContact{{ID: 1, Name: "Anna", Company: "Ærø Bageri", Note: "kage", Numbers: []OwnNumber{{"mobile", "20304050"}, {"", "62521011"}}}}}
	f := newFixture(t, b.config)
	f.openWindow()
	f.ui.window.open(pageBook)
	p := f.ui.window.book
	f.until("one is listed", func() bool { return len(p.shown) == 1 })
	p.edit(p.shown[0])
	if p.numbers.Text != "20304050, 62521011" || p.name.Text != "Anna" {
		t.Errorf("the entries hold %q, %q", p.name.Text, p.numbers.Text)
	}
	p.name.SetText("Anna Holm")
	p.numbers.SetText("20304050;  +45 22 33 44 55, ")
	b.refuses(errors.New("the disk is full"))
	p.save()
	f.until("it is refused", func() bool { return p.result.Text != "" })
	if p.name.Text != "Anna Holm" || p.changes.ID != 1 {
		t.Errorf("after a refusal the entries hold %q of %d", p.name.Text, p.changes.ID)
	}
	b.refuses(nil)
	p.save()
	f.until("it is saved", func() bool { return p.changes.ID == 0 && p.name.Text == "" })
	want := OwnContact{ID: 1, Name: "Anna Holm", Company: "Ærø Bageri", Note: "kage", Numbers: []OwnNumber{{"mobile", "20304050"}, {"", "+45 22 33 44 55"}}}
	if len(b.kept()) != 1 || !slices.Equal(b.kept()[0].Numbers, want.Numbers) || b.kept()[0].Name != want.Name || b.kept()[0].Note != want.Note || b.kept()[0].ID != 1 {
		t.Errorf("kept %+v, want %+v", b.kept(), want)
	}
	p.name.SetText("Bo")
	p.numbers.SetText("203")
	p.save()
	f.until("two are listed", func() bool { return len(p.shown) == 2 })
	p.search.SetText("Bo")
	f.until("one is found", func() bool { return len(p.shown) == 1 && p.shown[0].Name == "Bo" })
	p.remove(p.shown[0])
	if f.settle(); len(b.kept()) != 2 {
		t.Error("it is deleted without a question")
	}
	f.ui.window.question.close()
	f.ui.window.escape()
	if f.ui.window.page != pageCalls {
		t.Error("Escape does not lead back to the calls")
	}
}
