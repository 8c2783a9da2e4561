package journal

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/foreign"
	"calltray/internal/store"
)

// Filter selects a kind of rows.
type Filter string

// The filters.
const (
	Everything Filter = ""
	Missed     Filter = "missed"
	Open       Filter = "open" // missed calls that nobody has returned yet
	Incoming   Filter = "incoming"
	Outgoing   Filter = "outgoing"
	WithNote   Filter = "with note"
)

// conditions are the filters in SQL; Row.in must agree with them.
var conditions = map[Filter]string{
	Everything: "1",
	Missed:     "outcome = 'missed'",
	Open:       "outcome = 'missed' AND settled = 0",
	Incoming:   "direction = 'incoming' AND kind = 'call'",
	Outgoing:   "direction = 'outgoing'",
	WithNote:   "note != ''",
}

// in reports whether a row passes a filter.
func (r *Row) in(f Filter) bool {
	switch f {
	case Missed:
		return r.Outcome == csta.Missed
	case Open:
		return r.IsOpen()
	case Incoming:
		return r.Kind == Call && r.Direction == csta.Incoming
	case Outgoing:
		return r.Kind == Call && r.Direction == csta.Outgoing
	case WithNote:
		return r.Note != ""
	}
	return true
}

// Query is what List searches for.
type Query struct {
	Filter Filter
	Text   string    // every word of it must be in the number, a name, the company or the note; "" for all
	Over   bool      // no active calls
	Since  time.Time // calls that began at that time or later; zero for all
	Before *Row      // rows older than this one; nil for the newest
	Limit  int       // 0 for all
}

// has reports whether a row matches the query.
func (q Query) has(r *Row) bool {
	if q.Over && r.Kind == Call && r.Ended.IsZero() && !r.Unknown {
		return false
	}
	if !r.in(q.Filter) || r.Began.Before(q.Since) || q.Before != nil && !older(*r, *q.Before) {
		return false
	}
	words := r.words() + " " + foreign.Fold(r.Note)
	return !slices.ContainsFunc(foreign.Words(q.Text), func(w string) bool { return !strings.Contains(words, w) })
}

// older reports whether a comes after b in a list.
func older(a, b Row) bool {
	return millis(a.Began) < millis(b.Began) || millis(a.Began) == millis(b.Began) && a.ID < b.ID
}

const columns = `id, kind, linkage, call_id, device, direction, number, name, company, via, via_name, dialled, first, began, answered, ended,
	outcome, attempts, by_number, by_name, passed_to, settled, settled_how, settled_by, settled_name, note`

// List returns rows, newest first, including those not yet written to the disk.
func (j *Journal) List(ctx context.Context, q Query) ([]Row, error) {
	st, err := j.Ready(ctx)
	if err != nil {
		return nil, err
	}
	j.mu.Lock() // before the file is read: what is written meanwhile is in both, and is returned once
	overlay := map[int64]Row{}
	for id, r := range j.unsaved {
		if !r.gone {
			overlay[id] = *r
		}
	}
	j.mu.Unlock()
	rows, err := list(ctx, st.DB(), q)
	if err != nil || len(overlay) == 0 {
		return rows, err
	}
	rows = slices.DeleteFunc(rows, func(r Row) bool { _, newer := overlay[r.ID]; return newer })
	end := Row{}
	if whole := q.Limit == 0 || len(rows) < q.Limit; !whole {
		end = rows[len(rows)-1] // older rows belong to the next page
	}
	for _, r := range overlay {
		if q.has(&r) && !older(r, end) {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b Row) int {
		if older(a, b) {
			return 1
		}
		return -1
	})
	return rows, nil
}

// Read lists rows of a file for which no journal is running.
func Read(ctx context.Context, s *store.Store, q Query) ([]Row, error) { return list(ctx, s.DB(), q) }

func list(ctx context.Context, db *sql.DB, q Query) ([]Row, error) {
	where, args := []string{conditions[q.Filter]}, []any{}
	for _, w := range foreign.Words(q.Text) {
		where = append(where, `(words LIKE ? ESCAPE '\' OR note_words LIKE ? ESCAPE '\')`)
		pattern := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(w) + "%"
		args = append(args, pattern, pattern)
	}
	if q.Over {
		where = append(where, "(ended != 0 OR kind != 'call')")
	}
	if !q.Since.IsZero() {
		where = append(where, "began >= ?")
		args = append(args, millis(q.Since))
	}
	if q.Before != nil {
		where = append(where, "(began, id) < (?, ?)")
		args = append(args, millis(q.Before.Began), q.Before.ID)
	}
	sentence := "SELECT " + columns + " FROM calls WHERE " + strings.Join(where, " AND ") + " ORDER BY began DESC, id DESC"
	if q.Limit > 0 {
		sentence += " LIMIT ?"
		args = append(args, q.Limit)
	}
	return query(ctx, db, sentence, args...)
}

// query reads rows.
func query(ctx context.Context, db *sql.DB, sentence string, args ...any) (rows []Row, err error) {
	found, err := db.QueryContext(ctx, sentence, args...)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	for found.Next() {
		var r Row
		var device, direction, outcome string
		var first, began, answered, ended, settled int64
		if err := found.Scan(&r.ID, &r.Kind, &r.Linkage, &r.Leg.CallID, &device, &direction, &r.Number, &r.Name, &r.Company, &r.Via, &r.ViaName,
			&r.Dialled, &first, &began, &answered, &ended, &outcome, &r.Attempts, &r.By.Number, &r.By.Name, &r.PassedTo,
			&settled, &r.SettledHow, &r.SettledBy.Number, &r.SettledBy.Name, &r.Note); err != nil {
			return nil, err
		}
		r.Leg.DeviceID = csta.DeviceID(device)
		switch direction {
		case csta.Outgoing.String():
			r.Direction = csta.Outgoing
		case csta.UnknownDirection.String():
			r.Direction = csta.UnknownDirection
		}
		r.Outcome = outcomes[outcome]
		r.First, r.Began, r.Answered, r.Ended, r.Settled = moment(first), moment(began), moment(answered), moment(ended), moment(settled)
		r.Unknown = ended < 0
		rows = append(rows, r)
	}
	return rows, found.Err()
}

// outcomes are the values of csta.Outcome by name; the names must not change.
var outcomes = func() map[string]csta.Outcome {
	m := map[string]csta.Outcome{}
	for o := csta.NotEnded; o <= csta.EndedOffline; o++ {
		m[o.String()] = o
	}
	return m
}()

// Last returns the newest ended call with a number, except the given ones; false if there is none.
func (j *Journal) Last(ctx context.Context, number string, but ...int64) (Row, bool, error) {
	tail := Tail(number)
	st, err := j.Ready(ctx)
	if err != nil || tail == "" {
		return Row{}, false, err
	}
	rows, err := query(ctx, st.DB(), "SELECT "+columns+" FROM calls WHERE tail = ? AND tail != '' AND outcome != '' ORDER BY began DESC LIMIT ?", tail, len(but)+1)
	for _, r := range rows {
		if !slices.Contains(but, r.ID) {
			return r, true, err
		}
	}
	return Row{}, false, err
}

// LastNote returns the newest note about a number, "" if there is none.
func (j *Journal) LastNote(ctx context.Context, number string) (string, error) {
	s, err := j.Ready(ctx)
	if err != nil {
		return "", err
	}
	return LastNote(ctx, s, number)
}

// LastNote is Journal.LastNote for a file for which no journal is running.
func LastNote(ctx context.Context, s *store.Store, number string) (note string, err error) {
	tail := Tail(number)
	if tail == "" {
		return "", nil
	}
	err = s.DB().QueryRowContext(ctx, "SELECT note FROM calls WHERE tail = ? AND tail != '' AND note != '' ORDER BY began DESC LIMIT 1", tail).Scan(&note)
	if err == sql.ErrNoRows {
		err = nil
	}
	return note, err
}

// Of returns the row of a call that is active or has just ended; false if it is not kept.
func (j *Journal) Of(leg csta.ConnectionID) (Row, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for r := range j.inMemory() {
		if r.Kind == Call && r.Leg == leg && !r.gone {
			return *r, true
		}
	}
	return Row{}, false
}

// Current returns the row for a note without a number: that of the active call, or else of the one that ended
// last; false if there is none.
func (j *Journal) Current() (Row, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i := len(j.live) - 1; i >= 0; i-- {
		if r := j.live[i]; !r.gone && (!r.Answered.IsZero() || len(j.live) == 1) {
			return *r, true
		}
	}
	for _, list := range [][]*Row{j.live, j.recent} {
		for _, r := range list {
			if !r.gone {
				return *r, true
			}
		}
	}
	return Row{}, false
}

// Unseen is what the tray shows about missed calls.
type Unseen struct {
	Count int
	Last  csta.Party // the last caller
	Began time.Time  // the time of that call
}

// Unseen returns the open missed calls that the user has not seen.
func (j *Journal) Unseen() Unseen {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.unseen
}

func unseen(ctx context.Context, db *sql.DB) (u Unseen, err error) {
	var began int64
	const sentence = `SELECT count(*) OVER (), number, name, began FROM calls WHERE outcome = 'missed' AND settled = 0
		AND ended > (SELECT coalesce(max(value + 0), 0) FROM facts WHERE name = 'looked') ORDER BY began DESC, id DESC LIMIT 1`
	err = db.QueryRowContext(ctx, sentence).Scan(&u.Count, &u.Last.Number, &u.Last.Name, &began)
	if err == sql.ErrNoRows {
		return Unseen{}, nil
	}
	u.Began = moment(began)
	return u, err
}

// recalled is what a journal knows about the last run.
type recalled struct {
	id           int64 // the highest
	recent, lost []*Row
	seen         time.Time // when the program is last known to have run; zero if never
}

func recall(ctx context.Context, db *sql.DB) (last recalled, err error) {
	var seen int64
	const newest = `SELECT coalesce((SELECT max(id) FROM calls), 0), max(coalesce((SELECT max(began) FROM calls), 0),
		coalesce((SELECT max(ended) FROM calls), 0), coalesce((SELECT value + 0 FROM facts WHERE name = 'seen'), 0))` // each from an index
	if err := db.QueryRowContext(ctx, newest).Scan(&last.id, &seen); err != nil {
		return last, err
	}
	last.seen = moment(seen)
	if _, err := db.ExecContext(ctx, "UPDATE calls SET ended = -1 WHERE kind = 'call' AND ended = 0"); err != nil {
		return last, err
	}
	if _, err := db.ExecContext(ctx, "UPDATE calls SET ended = ? WHERE kind != 'call' AND ended = 0", seen); err != nil {
		return last, err
	}
	rows, err := query(ctx, db, "SELECT "+columns+" FROM calls WHERE kind = 'call' ORDER BY began DESC, id DESC LIMIT ?", maxRecent)
	for _, r := range rows {
		if r.Outcome == csta.NotEnded && time.Since(r.Began) < turnsUp {
			last.lost = append(last.lost, &r)
		} else if r.Outcome != csta.NotEnded {
			last.recent = append(last.recent, &r)
		}
	}
	return last, err
}
