package app

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"time"

	"calltray/internal/command"
	"calltray/internal/contacts"
	"calltray/internal/control"
	"calltray/internal/journal"
	"calltray/internal/store"
	"calltray/internal/text"
	"calltray/ui"
)

// refreshEvery is how often the sources are looked at.
const refreshEvery = 15 * time.Minute

// refresh reads the sources that have changed, now and again and again, until ctx ends.
func (a *App) refresh(ctx context.Context) {
	again := time.NewTicker(refreshEvery)
	defer again.Stop()
	for {
		changed, err := a.book.Refresh(ctx, false)
		if err != nil && ctx.Err() == nil {
			a.log.Warn("the contacts are not refreshed", "err", err)
		}
		if changed {
			a.people.anew()
			a.known()
		}
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}

// Contacts carries out a command about the contacts, in the running application or in its file.
func Contacts(ctx context.Context, args ...string) (command.Response, error) {
	r, err := command.NewRequest(command.Contacts, args...)
	if err != nil {
		return command.Response{}, err
	}
	answer, err := Ask(ctx, r)
	if errors.Is(err, control.ErrNotRunning) {
		s := store.Open(ctx, store.Path())
		defer s.Close()
		if !s.Kept() {
			return command.Response{}, s.Trouble()
		}
		return serveContacts(ctx, &contacts.Book{Ready: func(context.Context) (*store.Store, error) { return s, nil }}, r.Args)
	}
	if err == nil && !answer.OK {
		err = &text.Error{Message: answer.Message}
	}
	return answer, err
}

// changeContacts is Contacts in the running application.
func (a *App) changeContacts(ctx context.Context, args []string) (command.Response, error) {
	answer, err := serveContacts(ctx, a.book, args)
	if err == nil && args[0] != command.Find && args[0] != command.List {
		a.people.anew()
		a.known()
	}
	return answer, err
}

// mostFound is how many contacts a search lists.
const mostFound = 1000

// serveContacts does what a command asks of a book.
func serveContacts(ctx context.Context, book *contacts.Book, args []string) (r command.Response, err error) {
	what := ""
	if len(args) > 1 {
		what = args[1]
	}
	r.OK = true
	switch args[0] {
	case command.Import:
		report, err := book.AddSource(ctx, what)
		if err != nil {
			return r, sourceError(what, err)
		}
		r.Message = Imported(what, report)
	case command.Remove:
		sources, err := book.Sources(ctx)
		if err != nil {
			return r, unreadableContacts(err)
		}
		for _, s := range sources {
			if s.Address == what {
				r.Message = text.New("source-removed", "Removed: the {{.Count}} contacts from {{.File}}.", "Count", strconv.Itoa(s.Count), "File", text.Plain(what, 200))
				return r, book.RemoveSource(ctx, s.ID)
			}
		}
		return r, text.Errorf("no-source", "No contacts come from {{.File}}: “calltray contacts list” lists the files.", "File", text.Plain(what, 200))
	case command.Refresh:
		if _, err := book.Refresh(ctx, true); err != nil {
			return r, unreadableContacts(err)
		}
		r.List, err = command.SourceLines(ctx, book)
		return r, err
	case command.List:
		r.List, err = command.SourceLines(ctx, book)
		return r, err
	case command.Find:
		found, err := book.Find(ctx, what, mostFound)
		if err != nil {
			return r, unreadableContacts(err)
		}
		r.List, err = command.ContactLines(found)
		return r, err
	}
	return r, nil
}

// Imported says what became of a file of contacts.
func Imported(file string, report contacts.Report) text.Message {
	m := text.New("imported", "Read {{.Kept}} of {{.Read}} contacts from {{.File}}.", "Kept", strconv.Itoa(report.Kept), "Read", strconv.Itoa(report.Read), "File", text.Plain(file, 200))
	for _, d := range []struct {
		why  contacts.Reason
		said string
	}{
		{contacts.NoNumber, "Left out without a number: {{.Count}}."}, {contacts.NoName, "Left out without a name: {{.Count}}."},
		{contacts.Fax, "Left out fax numbers: {{.Count}}."}, {contacts.NotANumber, "Left out what is no number: {{.Count}}."},
		{contacts.Unreadable, "Left out unreadable: {{.Count}}."}, {contacts.IsGroup, "Left out groups: {{.Count}}."}, {contacts.TooMany, "Left out as too many: {{.Count}}."},
	} {
		if n := report.Dropped[d.why]; n > 0 {
			m = m.And(text.Message{Code: "left-out", English: d.said, Values: map[string]string{"Count": strconv.Itoa(n)}})
		}
	}
	return m
}

// sourceError is the sentence about a file that gives no contacts.
func sourceError(file string, err error) error {
	said := text.New("source-unreadable", "The contacts cannot be read from {{.File}} ({{.Cause}}): look at the file.", "File", text.Plain(file, 200), "Cause", text.Plain(err.Error(), text.MaxWords))
	switch {
	case errors.Is(err, contacts.ErrNoColumns), errors.Is(err, contacts.ErrNoCards):
		said = text.New("source-unreadable", "{{.File}} holds no contacts: export them as CSV with a line of headings, or as vCard.", "File", text.Plain(file, 200))
	case errors.Is(err, os.ErrNotExist):
		said = text.New("source-missing", "There is no file {{.File}}.", "File", text.Plain(file, 200))
	}
	return &text.Error{Err: err, Message: said}
}

func unreadableContacts(err error) error {
	return &text.Error{Err: err, Message: text.New("contacts-unreadable", "The contacts cannot be read: {{.Cause}}.", "Cause", text.Plain(err.Error(), text.MaxWords))}
}

// saveContact keeps the name that the user gives a number.
func (a *App) saveContact(ctx context.Context, number, name, company string) error {
	_, err := a.book.Save(ctx, contacts.Contact{Name: name, Company: company, Numbers: []contacts.Number{{Number: number}}})
	if errors.Is(err, contacts.ErrIncomplete) {
		return text.Errorf("contact-incomplete", "A contact needs a name: type one.")
	}
	if err != nil {
		return unreadableContacts(err)
	}
	a.people.anew()
	a.known()
	return nil
}

// findContacts lists the numbers of the contacts that a text names, for the window.
func (a *App) findContacts(ctx context.Context, words string) ([]ui.Found, error) {
	const most = 50
	found, err := a.book.Find(ctx, words, most)
	if err != nil {
		return nil, unreadableContacts(err)
	}
	var list []ui.Found
	for _, c := range found {
		for _, n := range c.Numbers {
			list = append(list, ui.Found{Name: c.Shown(), Company: c.Company, Label: labelWord(n.Label), Number: n.Number})
		}
	}
	return list, nil
}

// who answers command.Who.
func who(ctx context.Context, book *contacts.Book, lastNote func(context.Context, string) (string, error), number string) (command.Response, error) {
	found, err := book.Lookup(ctx, number)
	if err != nil {
		return command.Response{}, unreadableContacts(err)
	}
	note, err := lastNote(ctx, number)
	if err != nil {
		return command.Response{}, unreadable(err)
	}
	line, err := json.Marshal(command.WhoLine{Name: nameOf(found), Company: found.Company, Note: note})
	return command.Response{OK: err == nil, List: line}, err
}

// Who is what the contacts and the history know of a number: those of the running application, else of the file. What
// cannot be read is not known.
func Who(ctx context.Context, number string) (known command.WhoLine) {
	answer, err := Ask(ctx, command.Request{Command: command.Who, Args: []string{number}})
	if errors.Is(err, control.ErrNotRunning) {
		if _, err := os.Stat(store.Path()); err != nil {
			return known // nothing was ever kept
		}
		s := store.Open(ctx, store.Path())
		defer s.Close()
		book := &contacts.Book{Ready: func(context.Context) (*store.Store, error) { return s, nil }}
		answer, err = who(ctx, book, func(ctx context.Context, number string) (string, error) { return journal.LastNote(ctx, s, number) }, number)
	}
	if err == nil {
		_ = json.Unmarshal(answer.List, &known) // a refusal knows nobody
	}
	return known
}
