package app

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/adrg/xdg"

	"calltray/internal/command"
	"calltray/internal/contacts"
	"calltray/internal/text"
	"calltray/ui"
)

// sources gives the settings access to the sources of contacts; the demonstration has none.
func (a *App) sources() *ui.Sources {
	if a.demo {
		return nil
	}
	return &ui.Sources{
		List:  a.listSources,
		Table: a.tableOf,
		Try: func(ctx context.Context, s ui.NewSource) (string, error) {
			return a.readSource(ctx, s, (*contacts.Book).Try)
		},
		Add: a.addSource,
		Remove: func(ctx context.Context, address string) error {
			_, err := a.changeContacts(ctx, []string{command.Remove, address})
			return err
		},
		Refresh: func(ctx context.Context) error {
			_, err := a.changeContacts(ctx, []string{command.Refresh})
			return err
		},
		Move:   a.moveSource,
		Folder: xdg.UserDirs.Download,
	}
}

// tableOf returns the beginning of a table; nil for any other source.
func (a *App) tableOf(ctx context.Context, address string) (*contacts.Table, error) {
	t, err := a.book.Table(ctx, address)
	if err != nil {
		return nil, sourceError(address, err)
	}
	return t, nil
}

// moveSource moves a source by a number of places. Displayed names follow.
func (a *App) moveSource(ctx context.Context, address string, by int) error {
	sources, err := a.book.Sources(ctx)
	if err != nil {
		return unreadableContacts(err)
	}
	for _, s := range sources {
		if s.Address == address {
			if err := a.book.Move(ctx, s.ID, by); err != nil {
				return unreadableContacts(err)
			}
		}
	}
	a.people.anew()
	a.known()
	return nil
}

// listSources returns the state of each source.
func (a *App) listSources(ctx context.Context) ([]ui.Source, error) {
	sources, err := a.book.Sources(ctx)
	if err != nil {
		return nil, unreadableContacts(err)
	}
	var list []ui.Source
	for _, s := range sources {
		when := text.Day(s.Refreshed, time.Now()) + " " + text.TimeOfDay(s.Refreshed)
		about := text.Say("{{.Count}} contacts, read {{.When}}", "Count", strconv.Itoa(s.Count), "When", when)
		if s.Count == 1 {
			about = text.Say("1 contact, read {{.When}}", "When", when)
		}
		if s.Err != nil {
			about += ". " + text.Explain(sourceError(s.Address, s.Err))
		}
		list = append(list, ui.Source{Address: s.Address, About: about, Wrong: s.Err != nil, Table: contacts.IsTable(s.Address)})
	}
	return list, nil
}

// addSource adds the source at an address, and stores its password in the keyring if it is accepted.
func (a *App) addSource(ctx context.Context, s ui.NewSource) (string, error) {
	said, err := a.readSource(ctx, s, (*contacts.Book).AddSource)
	if err != nil {
		return "", err
	}
	a.people.anew()
	a.known()
	if s.Password == "" {
		return said, nil
	}
	return said, KeepServerPassword(ctx, withUser(s.Address, s.User), s.Password)
}

// readSource reads a source with a password, or the keyring's if that is "".
func (a *App) readSource(ctx context.Context, s ui.NewSource, read func(*contacts.Book, context.Context, string, *contacts.Layout) (contacts.Report, error)) (string, error) {
	address := withUser(s.Address, s.User)
	book := &contacts.Book{Ready: a.book.Ready, Servers: a.book.Servers}
	if s.Password != "" {
		book.Servers.Password = func(context.Context, string, string) (string, error) { return s.Password, nil }
	}
	report, err := read(book, ctx, address, s.Layout)
	if err != nil {
		return "", sourceError(address, err)
	}
	return Imported(address, report).String(), nil
}

// withUser adds a user to the address of a server. An address with a user means a server, even without
// https://.
func withUser(address, user string) string {
	if user == "" {
		return address
	}
	if !contacts.IsServer(address) && !strings.Contains(address, "://") {
		address = "https://" + address
	}
	s, err := contacts.ParseServer(address)
	if err != nil {
		return address // reading it will report what is wrong with it
	}
	s.User = user
	return s.Address()
}
