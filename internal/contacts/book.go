package contacts

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"sync"

	"calltray/internal/foreign"
	"calltray/internal/store"
)

// Own is the source of the contacts that the user wrote.
const Own int64 = 0

// Book is the contacts in a store. Its methods may be called from any goroutine, and wait for the disk.
type Book struct {
	// Ready waits until the store is open, and returns it.
	Ready func(context.Context) (*store.Store, error)
	// Servers says how to reach servers with contacts.
	Servers Servers

	refreshing sync.Mutex // one at a time
}

// Known is what is known about whose number it is. The zero Known is nobody.
type Known struct {
	Name    string // "" if several people share the number who do not all work for one company
	Company string
	Label   string
	Source  string // the address of the source that has it; "own" for a contact of the user's own
	Others  int    // how many share the number, apart from the one named
}

// Lookup finds whose number it is: in the first source, in order, that has it.
func (b *Book) Lookup(ctx context.Context, number string) (Known, error) {
	digits := digitsOf(number)
	if digits == "" {
		return Known{}, nil
	}
	s, err := b.Ready(ctx)
	if err != nil {
		return Known{}, err
	}
	const sentence = `SELECT c.id, c.source, coalesce(s.address, 'own'), coalesce(s.position, -1), c.name, c.company, n.label, n.number FROM numbers n JOIN contacts c ON c.id = n.contact
		LEFT JOIN sources s ON s.id = c.source WHERE n.ending = ? ORDER BY c.source != 0, s.position, c.source, c.id, n.place LIMIT 500`
	rows, err := s.DB().QueryContext(ctx, sentence, ending(digits))
	if err != nil {
		return Known{}, err
	}
	defer rows.Close()
	type hit struct {
		Contact
		label string
		from  string
		fits  int
	}
	var hits []hit
	for rows.Next() {
		var h hit
		var position int
		var written string
		if err := rows.Scan(&h.ID, &h.Source, &h.from, &position, &h.Name, &h.Company, &h.label, &written); err != nil {
			return Known{}, err
		}
		if h.fits = match(number, written); h.fits > 0 {
			hits = append(hits, h)
		}
	}
	if err := rows.Err(); err != nil || len(hits) == 0 {
		return Known{}, err
	}
	source, best := hits[0].Source, 0
	for _, h := range hits {
		if h.Source == source {
			best = max(best, h.fits)
		}
	}
	var same []hit
	for _, h := range hits {
		double := slices.ContainsFunc(same, func(o hit) bool { return o.ID == h.ID || o.Name == h.Name && o.Company == h.Company })
		if h.Source == source && h.fits == best && !double {
			same = append(same, h)
		}
	}
	first := same[0]
	k := Known{Name: first.Name, Company: first.Company, Label: first.label, Source: first.from}
	if len(same) == 1 {
		return k, nil
	}
	k.Others, k.Label = len(same)-1, ""
	for _, h := range same[1:] {
		if h.Company != first.Company {
			k.Company = ""
		}
	}
	if k.Company != "" { // the company's main number
		k.Name, k.Others = "", 0
	}
	return k, nil
}

// Find lists at most limit contacts with every word of a text in a name, the company or a number.
func (b *Book) Find(ctx context.Context, text string, limit int) ([]Contact, error) {
	where, args := []string{"1"}, []any{}
	for _, w := range foreign.Words(text) {
		where, args = append(where, "instr(words, ?) > 0"), append(args, w) // both are case-folded already: LIKE would do it again
	}
	return b.query(ctx, "WHERE "+strings.Join(where, " AND ")+" ORDER BY source != 0, words LIMIT ?", append(args, limit)...)
}

// query reads contacts with their numbers.
func (b *Book) query(ctx context.Context, where string, args ...any) ([]Contact, error) {
	s, err := b.Ready(ctx)
	if err != nil {
		return nil, err
	}
	return read(ctx, s.DB(), where, args...)
}

// querier is a database, or a transaction in it.
type querier interface {
	QueryContext(ctx context.Context, sentence string, args ...any) (*sql.Rows, error)
}

func read(ctx context.Context, q querier, where string, args ...any) ([]Contact, error) {
	rows, err := q.QueryContext(ctx, "SELECT c.id, c.source, c.name, c.company, c.note, n.label, n.number FROM (SELECT * FROM contacts "+where+") c JOIN numbers n ON n.contact = c.id ORDER BY c.source != 0, c.words, c.id, n.place", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Contact
	for rows.Next() {
		var c Contact
		var n Number
		if err := rows.Scan(&c.ID, &c.Source, &c.Name, &c.Company, &c.Note, &n.Label, &n.Number); err != nil {
			return nil, err
		}
		if last := len(list) - 1; last >= 0 && list[last].ID == c.ID {
			list[last].Numbers = append(list[last].Numbers, n)
		} else {
			c.Numbers = []Number{n}
			list = append(list, c)
		}
	}
	return list, rows.Err()
}

// Of lists the contacts of a source.
func (b *Book) Of(ctx context.Context, source int64) ([]Contact, error) {
	return b.query(ctx, "WHERE source = ?", source)
}

// Save stores a contact in the user's own book, replacing the one with its ID, and returns its ID. A contact
// from a source is not changed: a copy goes into the user's own book, which takes precedence.
func (b *Book) Save(ctx context.Context, c Contact) (id int64, err error) {
	var report Report
	list := report.take(nil, c)
	if len(list) == 0 {
		return 0, ErrIncomplete
	}
	err = b.transact(ctx, func(tx *sql.Tx) error {
		if c.ID != 0 && c.Source == Own {
			if _, err := tx.ExecContext(ctx, "DELETE FROM contacts WHERE id = ? AND source = 0", c.ID); err != nil {
				return err
			}
		}
		id, err = insert(ctx, tx, Own, list[0])
		return err
	})
	return id, err
}

// ErrIncomplete: the contact has no name, or no number.
var ErrIncomplete = errors.New("contacts: a contact needs a name and a number")

// Delete deletes a contact from the user's own book.
func (b *Book) Delete(ctx context.Context, id int64) error {
	return b.transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM contacts WHERE id = ? AND source = 0", id)
		return err
	})
}

// Add adds contacts to the user's own book, except those already in it.
func (b *Book) Add(ctx context.Context, list []Contact) (added int, err error) {
	has, err := b.Of(ctx, Own)
	if err != nil {
		return 0, err
	}
	known := map[string]bool{}
	key := func(c Contact) string {
		k := c.Name + "\n" + c.Company
		for _, n := range c.Numbers {
			k += "\n" + digitsOf(n.Number)
		}
		return k
	}
	for _, c := range has {
		known[key(c)] = true
	}
	err = b.transact(ctx, func(tx *sql.Tx) error {
		for _, c := range list {
			if known[key(c)] {
				continue
			}
			known[key(c)] = true
			if _, err := insert(ctx, tx, Own, c); err != nil {
				return err
			}
			added++
		}
		return nil
	})
	return added, err
}

func (b *Book) transact(ctx context.Context, do func(*sql.Tx) error) error {
	s, err := b.Ready(ctx)
	if err != nil {
		return err
	}
	tx, err := s.DB().BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

func insert(ctx context.Context, tx *sql.Tx, source int64, c Contact) (int64, error) {
	r, err := tx.ExecContext(ctx, "INSERT INTO contacts (source, name, company, note, words) VALUES (?,?,?,?,?)", source, c.Name, c.Company, c.Note, c.words())
	if err != nil {
		return 0, err
	}
	id, err := r.LastInsertId()
	for i, n := range c.Numbers {
		if err != nil {
			break
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO numbers VALUES (?,?,?,?,?)", id, i, n.Label, n.Number, ending(digitsOf(n.Number)))
	}
	return id, err
}

// Count returns the number of contacts.
func (b *Book) Count(ctx context.Context) (n int, err error) {
	s, err := b.Ready(ctx)
	if err == nil {
		err = s.DB().QueryRowContext(ctx, "SELECT count(*) FROM contacts").Scan(&n)
	}
	return n, err
}
