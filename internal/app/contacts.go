package app

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"time"

	"calltray/internal/account"
	"calltray/internal/command"
	"calltray/internal/contacts"
	"calltray/internal/control"
	"calltray/internal/journal"
	"calltray/internal/store"
	"calltray/internal/text"
	"calltray/ui"
)

// refreshEvery is how often the sources are checked.
const refreshEvery = 15 * time.Minute

// refresh reads the sources that have changed, at intervals, until ctx ends.
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

// Contacts executes a command about contacts, in the running application or on its file.
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
		saved, _ := account.Load() // a caller that needs more than the proxy reports what is wrong with it
		book := &contacts.Book{Ready: func(context.Context) (*store.Store, error) { return s, nil }, Servers: servers(func() account.Settings { return saved })}
		return serveContacts(ctx, book, r.Args)
	}
	if err == nil && !answer.OK {
		err = &text.Error{Message: answer.Message}
	}
	return answer, err
}

// changeContacts is Contacts in the running application.
func (a *App) changeContacts(ctx context.Context, args []string) (command.Response, error) {
	answer, err := serveContacts(ctx, a.book, args)
	if err == nil && args[0] != command.Find && args[0] != command.List && args[0] != command.Test {
		a.people.anew()
		a.known()
	}
	return answer, err
}

// mostFound is how many contacts a search lists.
const mostFound = 1000

// serveContacts executes a command on a book.
func serveContacts(ctx context.Context, book *contacts.Book, args []string) (r command.Response, err error) {
	what := ""
	if len(args) > 1 {
		what = args[1]
	}
	r.OK = true
	switch args[0] {
	case command.Import:
		report, err := book.AddSource(ctx, what, nil)
		if err != nil {
			return r, sourceError(what, err)
		}
		r.Message = Imported(what, report)
	case command.Test:
		report, err := book.Try(ctx, what, nil)
		if err != nil {
			return r, sourceError(what, err)
		}
		r.Message = Imported(what, report)
	case command.Remove:
		if user, err := ServerUser(what); err != nil {
			return r, err
		} else if s, err := contacts.ParseServer(what); user != "" && err == nil {
			what = s.Address()
		}
		sources, err := book.Sources(ctx)
		if err != nil {
			return r, unreadableContacts(err)
		}
		for _, s := range sources {
			if s.Address == what {
				r.Message = text.New("source-removed", "Removed: the {{.Count}} contacts from {{.File}}.", "Count", strconv.Itoa(s.Count), "File", text.Plain(what, 200))
				if err := book.RemoveSource(ctx, s.ID); err != nil {
					return r, unreadableContacts(err)
				}
				return r, forgetServer(ctx, book, what)
			}
		}
		return r, text.Errorf("no-source", "No contacts come from {{.File}}: “calltray contacts list” shows from where they come.", "File", text.Plain(what, 200))
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

// saveContact stores the name that the user gives a number.
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

// findContacts returns the numbers of the contacts that match a text, for the window.
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

// Who returns what the contacts and the history know about a number: those of the running application, or else
// of the file. Whatever cannot be read counts as unknown.
func Who(ctx context.Context, number string) (known command.WhoLine) {
	answer, err := Ask(ctx, command.Request{Command: command.Who, Args: []string{number}})
	if errors.Is(err, control.ErrNotRunning) {
		if _, err := os.Stat(store.Path()); err != nil {
			return known // there was never a file
		}
		s := store.Open(ctx, store.Path())
		defer s.Close()
		book := &contacts.Book{Ready: func(context.Context) (*store.Store, error) { return s, nil }}
		answer, err = who(ctx, book, func(ctx context.Context, number string) (string, error) { return journal.LastNote(ctx, s, number) }, number)
	}
	if err == nil {
		_ = json.Unmarshal(answer.List, &known) // a refusal contains nobody
	}
	return known
}
