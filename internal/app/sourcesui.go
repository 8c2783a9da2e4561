package app

import (
	"context"
	"strconv"
	"strings"
	"time"

	"calltray/internal/command"
	"calltray/internal/contacts"
	"calltray/internal/text"
	"calltray/ui"
)

// sources is where contacts come from, for the settings; the demonstration has none.
func (a *App) sources() *ui.Sources {
	if a.demo {
		return nil
	}
	return &ui.Sources{
		List: a.listSources,
		Try: func(ctx context.Context, address, user, password string) (string, error) {
			return a.readSource(ctx, address, user, password, (*contacts.Book).Try)
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
	}
}

// listSources tells of each source how it is.
func (a *App) listSources(ctx context.Context) ([]ui.Source, error) {
	sources, err := a.book.Sources(ctx)
	if err != nil {
		return nil, unreadableContacts(err)
	}
	var list []ui.Source
	for _, s := range sources {
		about := text.Say("{{.Count}} contacts, read {{.When}}", "Count", strconv.Itoa(s.Count),
			"When", text.Day(s.Refreshed, time.Now())+" "+text.TimeOfDay(s.Refreshed))
		if s.Err != nil {
			about += ". " + text.Explain(sourceError(s.Address, s.Err))
		}
		list = append(list, ui.Source{Address: s.Address, About: about, Wrong: s.Err != nil})
	}
	return list, nil
}

// addSource makes a source of an address, and puts its password into the keyring if it is accepted.
func (a *App) addSource(ctx context.Context, address, user, password string) (string, error) {
	said, err := a.readSource(ctx, address, user, password, (*contacts.Book).AddSource)
	if err != nil {
		return "", err
	}
	a.people.anew()
	a.known()
	if password == "" {
		return said, nil
	}
	return said, KeepServerPassword(ctx, withUser(address, user), password)
}

// readSource reads a source with a password, "" for the keyring's.
func (a *App) readSource(ctx context.Context, address, user, password string, read func(*contacts.Book, context.Context, string) (contacts.Report, error)) (string, error) {
	address = withUser(address, user)
	book := &contacts.Book{Ready: a.book.Ready, Servers: a.book.Servers}
	if password != "" {
		book.Servers.Password = func(context.Context, string, string) (string, error) { return password, nil }
	}
	report, err := read(book, ctx, address)
	if err != nil {
		return "", sourceError(address, err)
	}
	return Imported(address, report).String(), nil
}

// withUser puts a user into the address of a server. Who has a user means a server, also without https://.
func withUser(address, user string) string {
	if user == "" {
		return address
	}
	if !contacts.IsServer(address) && !strings.Contains(address, "://") {
		address = "https://" + address
	}
	s, err := contacts.ParseServer(address)
	if err != nil {
		return address // which says what is wrong with it, when it is read
	}
	s.User = user
	return s.Address()
}
