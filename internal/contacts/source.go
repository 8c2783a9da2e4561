package contacts

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Source is where contacts come from: a file, a folder of files, or a server. It is never written to.
type Source struct {
	ID        int64
	Address   string       // the path, or a server's address for ParseServer
	Refreshed time.Time    // when it was last read; zero if never
	Err       *SourceError // why it could not be read the last time; nil if it was
	Count     int          // its contacts
	Layout    *Layout      // the user's choice of columns; nil if there is none
}

// Try reads a file, a folder or a server, and stores nothing. layout, which may be nil, says what the columns
// of a table contain. Errors are a *SourceError.
func (b *Book) Try(ctx context.Context, address string, layout *Layout) (Report, error) {
	address, err := canonical(address)
	if err != nil {
		return Report{}, err
	}
	_, report, _, err := b.read(ctx, address, "", layout)
	return report, err
}

// Table returns the beginning of a table, with the columns that the user has chosen if it is a source; nil for
// a folder, a server and a file with cards. Errors are a *SourceError.
func (b *Book) Table(ctx context.Context, address string) (*Table, error) {
	address, err := canonical(address)
	if err != nil || IsServer(address) {
		return nil, err
	}
	if info, err := os.Stat(address); err == nil && info.IsDir() {
		return nil, nil
	}
	data, err := contents(address)
	if err == nil && isCards(data) {
		return nil, nil
	}
	var t Table
	if err == nil {
		t, err = ReadTable(data)
	}
	if err != nil {
		return nil, explain(err)
	}
	if chosen, err := b.layoutOf(ctx, address); err == nil && chosen != nil {
		t = t.WithHeadings(chosen.Headings != nil)
		t.choose(*chosen)
	}
	return &t, nil
}

// layoutOf returns the user's choice for the columns of a source; nil if there is none.
func (b *Book) layoutOf(ctx context.Context, address string) (*Layout, error) {
	s, err := b.Ready(ctx)
	if err != nil {
		return nil, err
	}
	kept := ""
	err = s.DB().QueryRowContext(ctx, "SELECT layout FROM sources WHERE address = ?", address).Scan(&kept)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return readLayout(kept), err
}

// AddSource adds a file, a folder or a server as the last source, and reads it. layout says what the columns of
// a table contain; nil keeps the previous choice. The error is a *SourceError if the source cannot be read, or
// else the store's.
func (b *Book) AddSource(ctx context.Context, address string, layout *Layout) (Report, error) {
	address, err := canonical(address)
	if err != nil {
		return Report{}, err
	}
	if layout == nil {
		if layout, err = b.layoutOf(ctx, address); err != nil {
			return Report{}, err
		}
	}
	list, report, mark, err := b.read(ctx, address, "", layout)
	if err != nil {
		return report, err
	}
	err = b.transact(ctx, func(tx *sql.Tx) error {
		var id int64
		err := tx.QueryRowContext(ctx, `INSERT INTO sources (kind, address, layout, position) VALUES (?, ?, ?, (SELECT coalesce(max(position), 0) + 1 FROM sources))
			ON CONFLICT (address) DO UPDATE SET layout = excluded.layout RETURNING id`, kindOf(address), address, layout.kept()).Scan(&id)
		if err != nil {
			return err
		}
		return fill(ctx, tx, id, mark, list)
	})
	return report, err
}

// Move moves a source by the given number of places. If two sources know a number, the earlier one is used.
func (b *Book) Move(ctx context.Context, id int64, by int) error {
	sources, err := b.Sources(ctx)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(sources, func(s Source) bool { return s.ID == id })
	if at < 0 {
		return nil // it has been removed meanwhile
	}
	moved := sources[at]
	sources = slices.Delete(sources, at, at+1)
	sources = slices.Insert(sources, max(0, min(at+by, len(sources))), moved)
	return b.transact(ctx, func(tx *sql.Tx) error {
		for place, s := range sources {
			if _, err := tx.ExecContext(ctx, "UPDATE sources SET position = ? WHERE id = ?", place+1, s.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// kindOf returns the kind of a source, for the store.
func kindOf(address string) string {
	if IsServer(address) {
		return "server"
	}
	return "file"
}

// canonical returns the address of a source in the form in which it is stored.
func canonical(address string) (string, error) {
	if !IsServer(address) {
		return filepath.Abs(address)
	}
	server, err := ParseServer(address)
	if err != nil {
		return "", err
	}
	return server.Address(), nil
}

// read reads a source; if nothing has changed since mark, the error is errSame.
func (b *Book) read(ctx context.Context, address, mark string, layout *Layout) (list []Contact, report Report, next string, err error) {
	if IsServer(address) {
		return b.Servers.fetch(ctx, address, mark)
	}
	if now, err := markOf(address); err == nil && now == mark {
		return nil, report, mark, errSame
	}
	if list, report, next, err = readPath(address, layout); err != nil {
		err = explain(err)
	}
	return list, report, next, err
}

// RemoveSource removes a source and its contacts.
func (b *Book) RemoveSource(ctx context.Context, id int64) error {
	return b.transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM contacts WHERE source = ?1 AND ?1 != 0", id)
		if err == nil {
			_, err = tx.ExecContext(ctx, "DELETE FROM sources WHERE id = ?", id)
		}
		return err
	})
}

// fill replaces the stored contacts of a source by new ones, all or none. Unchanged ones are not touched.
func fill(ctx context.Context, tx *sql.Tx, id int64, mark string, list []Contact) error {
	had, err := read(ctx, tx, "WHERE source = ?", id)
	if err != nil {
		return err
	}
	stays := make(map[string][]int64, len(had))
	for _, c := range had {
		k := c.key()
		stays[k] = append(stays[k], c.ID)
	}
	fresh := list[:0:0]
	for _, c := range list {
		k := c.key()
		if ids := stays[k]; len(ids) > 0 {
			stays[k] = ids[1:]
			continue
		}
		fresh = append(fresh, c)
	}
	for _, ids := range stays {
		for _, gone := range ids {
			if _, err := tx.ExecContext(ctx, "DELETE FROM contacts WHERE id = ?", gone); err != nil {
				return err
			}
		}
	}
	for _, c := range fresh {
		if _, err := insert(ctx, tx, id, c); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, "UPDATE sources SET refreshed = ?, mark = ?, error = '' WHERE id = ?", time.Now().UnixMilli(), mark, id)
	return err
}

// key returns everything about a contact in one text, to recognise equal ones.
func (c Contact) key() string {
	var b strings.Builder
	for _, part := range []string{c.Name, c.Company, c.Note} {
		b.WriteString(part + "\n")
	}
	for _, n := range c.Numbers {
		b.WriteString(n.Label + "\t" + n.Number + "\n")
	}
	return b.String()
}

// Sources returns the sources in order.
func (b *Book) Sources(ctx context.Context) (list []Source, err error) {
	s, err := b.Ready(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.DB().QueryContext(ctx, "SELECT id, address, refreshed, error, layout, (SELECT count(*) FROM contacts WHERE source = sources.id) FROM sources ORDER BY position")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var src Source
		var refreshed int64
		var failed, layout string
		if err := rows.Scan(&src.ID, &src.Address, &refreshed, &failed, &layout, &src.Count); err != nil {
			return nil, err
		}
		src.Err, src.Layout = readError(failed), readLayout(layout)
		if refreshed > 0 {
			src.Refreshed = time.UnixMilli(refreshed)
		}
		list = append(list, src)
	}
	return list, rows.Err()
}

// Refresh reads the sources that have changed, or with all every one, and reports whether any contacts have
// changed. The contacts of a source are kept while it cannot be read; the reason is in its Err.
func (b *Book) Refresh(ctx context.Context, all bool) (changed bool, err error) {
	b.refreshing.Lock()
	defer b.refreshing.Unlock()
	sources, err := b.Sources(ctx)
	if err != nil {
		return false, err
	}
	for _, src := range sources {
		fresh, err := b.refresh(ctx, src, all)
		changed = changed || fresh
		if err != nil {
			return changed, err
		}
	}
	return changed, nil
}

// refresh reads one source if it has changed, or if again is set.
func (b *Book) refresh(ctx context.Context, src Source, again bool) (changed bool, err error) {
	var mark string
	s, err := b.Ready(ctx)
	if err == nil {
		err = s.DB().QueryRowContext(ctx, "SELECT mark FROM sources WHERE id = ?", src.ID).Scan(&mark)
	}
	if err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			err = nil // it has been removed meanwhile
		}
		return false, err
	}
	if again || src.Err != nil {
		mark = ""
	}
	list, _, next, failed := b.read(ctx, src.Address, mark, src.Layout)
	if failed == nil && len(list) == 0 && src.Count > 0 && IsServer(src.Address) {
		failed = &SourceError{Trouble: Emptied}
	}
	if ctx.Err() != nil { // otherwise that says nothing about the source
		return false, ctx.Err()
	}
	err = b.transact(ctx, func(tx *sql.Tx) (err error) {
		switch {
		case errors.Is(failed, errSame):
			_, err = tx.ExecContext(ctx, "UPDATE sources SET refreshed = ?, error = '' WHERE id = ?", time.Now().UnixMilli(), src.ID)
		case failed != nil:
			_, err = tx.ExecContext(ctx, "UPDATE sources SET error = ? WHERE id = ?", explain(failed).kept(), src.ID)
		default:
			var there bool
			if err = tx.QueryRowContext(ctx, "SELECT count(*) FROM sources WHERE id = ?", src.ID).Scan(&there); err == nil && there {
				err, changed = fill(ctx, tx, src.ID, next, list), true
			}
		}
		return err
	})
	return changed, err
}
