package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/adrg/xdg"

	"calltray/cstasession/csta"
	"calltray/internal/command"
	"calltray/internal/control"
	"calltray/internal/journal"
	"calltray/internal/store"
	"calltray/internal/support"
	"calltray/internal/text"
)

// newJournal returns the journal of an application.
func (a *App) newJournal(cfg Config) *journal.Journal {
	return journal.New(journal.Config{
		Open:     func(ctx context.Context) *store.Store { return store.Open(ctx, cfg.History) },
		OnChange: func() { a.people.anew(); a.ui.JournalChanged() },
		Company:  func(number string) string { return a.people.of(number).Company },
		Keep:     cfg.Settings.KeepHistory(),
		Private:  cfg.Settings.Private,
		Logger:   cfg.Logger,
	})
}

// colleague passes on what the PBX reports about another extension.
func (a *App) colleague(c csta.Colleague) {
	a.journal.Colleague(command.NameColleague(c, a.names.known()))
	a.ui.Colleague(c)
}

// history answers command.History.
func (a *App) history(ctx context.Context, r command.Request) (command.Response, error) {
	rows, err := a.journal.List(ctx, command.HistoryQuery(r.Args))
	if err != nil {
		return command.Response{}, unreadable(err)
	}
	return command.HistoryPageOf(rows)
}

// note answers command.Note.
func (a *App) note(words string) (command.Response, error) {
	row, ok := a.journal.Current()
	if !ok {
		return command.Response{}, text.Errorf("no-call", "There is no call to write a note about.")
	}
	a.journal.Note(row.ID, words)
	return command.Response{OK: true, Message: text.New("noted", "Noted: {{.Who}}.").Person("Who", row.Party())}, nil
}

func unreadable(err error) error {
	return &text.Error{Err: err, Message: text.New("history-unreadable", "The call history cannot be read: {{.Cause}}.", "Cause", text.Plain(err.Error(), text.MaxWords))}
}

// History lists past calls a page at a time, newest first: those of the running application, or else of the
// file. It stops if page returns an error, and returns that.
func History(ctx context.Context, filter journal.Filter, since time.Time, page func([]journal.Row) error) error {
	next := func(r command.Request) (command.Response, error) { return Ask(ctx, r) }
	var last *journal.Row
	for {
		request, err := command.NewRequest(command.History, command.HistoryArgs(filter, since, last)...)
		if err != nil {
			return err
		}
		answer, err := next(request)
		if errors.Is(err, control.ErrNotRunning) && last == nil {
			s := store.Open(ctx, store.Path())
			defer s.Close()
			if trouble := s.Trouble(); trouble != nil {
				return trouble
			}
			next = func(r command.Request) (command.Response, error) {
				rows, err := journal.Read(ctx, s, command.HistoryQuery(r.Args))
				if err != nil {
					return command.Response{}, unreadable(err)
				}
				return command.HistoryPageOf(rows)
			}
			answer, err = next(request)
		}
		switch {
		case err != nil:
			return err
		case !answer.OK:
			return &text.Error{Message: answer.Message}
		}
		rows, err := command.HistoryRows(answer)
		if err != nil {
			return err
		}
		if err := page(rows); err != nil || len(rows) < command.HistoryPage {
			return err
		}
		last = &rows[len(rows)-1]
	}
}

// export writes the calls that match a query to a new file in the user's downloads folder.
func (a *App) export(ctx context.Context, q journal.Query) (string, error) {
	rows, err := a.journal.List(ctx, q)
	if err != nil {
		return "", unreadable(err)
	}
	content, err := command.HistoryCSV(rows)
	if err != nil {
		return "", err
	}
	return writeExport(".csv", content)
}

// writeExport writes a new file in the user's downloads folder, and returns its name.
func writeExport(extension string, content []byte) (file string, err error) {
	folder := xdg.UserDirs.Download
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		folder = xdg.Home
	}
	file = filepath.Join(folder, "calltray-"+time.Now().Format("2006-01-02-150405")+extension)
	return file, support.WriteFile(file, content)
}
