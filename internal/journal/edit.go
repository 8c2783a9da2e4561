package journal

import (
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/foreign"
)

// upsert writes what the session reports about a row. What the user wrote, and who settled it, have statements
// of their own, so that neither overwrites the other.
const upsert = `INSERT INTO calls (id, kind, linkage, call_id, device, direction, number, tail, name, company, via, via_name, dialled,
	first, began, answered, ended, outcome, attempts, by_number, by_name, passed_to, words)
VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
ON CONFLICT (id) DO UPDATE SET linkage=excluded.linkage, call_id=excluded.call_id, device=excluded.device, direction=excluded.direction,
	number=excluded.number, tail=excluded.tail, name=excluded.name, company=excluded.company, via=excluded.via, via_name=excluded.via_name,
	dialled=excluded.dialled, first=excluded.first, began=excluded.began, answered=excluded.answered, ended=excluded.ended,
	outcome=excluded.outcome, attempts=excluded.attempts, by_number=excluded.by_number, by_name=excluded.by_name,
	passed_to=excluded.passed_to, words=excluded.words`

// save queues a row for writing. The caller holds mu.
func (j *Journal) save(r *Row) {
	if r.gone {
		return
	}
	ended := millis(r.Ended)
	if r.Unknown {
		ended = -1
	}
	j.put(r, write{sql: upsert, args: []any{r.ID, r.Kind, r.Linkage, r.Leg.CallID, string(r.Leg.DeviceID), r.Direction.String(), r.Number, Tail(r.Number),
		r.Name, r.Company, r.Via, r.ViaName, r.Dialled, millis(r.First), millis(r.Began), millis(r.Answered), ended, r.Outcome.String(), r.Attempts,
		r.By.Number, r.By.Name, r.PassedTo, r.words()}})
}

// remove deletes a row. The caller holds mu.
func (j *Journal) remove(r *Row) {
	r.gone = true
	delete(j.unsaved, r.ID)
	j.put(nil, write{sql: "DELETE FROM calls WHERE id = ?", args: []any{r.ID}})
}

// settle closes the missed calls from a number up to a time. An unknown number settles nothing. The caller
// holds mu.
func (j *Journal) settle(number string, at time.Time, how How, by csta.Party) {
	tail := Tail(number)
	if tail == "" {
		return
	}
	for r := range j.inMemory() {
		if r.IsOpen() && Tail(r.Number) == tail && !r.Began.After(at) {
			r.Settled, r.SettledHow, r.SettledBy = at, how, by
		}
	}
	j.put(nil, write{sql: settled + " AND tail = ? AND began <= ?", args: []any{millis(at), how, by.Number, by.Name, tail, millis(at)}})
}

// settled closes missed calls.
const settled = "UPDATE calls SET settled = ?, settled_how = ?, settled_by = ?, settled_name = ? WHERE outcome = 'missed' AND settled = 0"

// settledBy records who settled missed calls by answering a call elsewhere, which may become known only after
// that call has ended here. The caller holds mu.
func (j *Journal) settledBy(elsewhere *Row, by csta.Party) {
	tail := Tail(elsewhere.Number)
	for r := range j.inMemory() {
		if r.SettledHow == Colleague && r.SettledBy == (csta.Party{}) && r.Settled.Equal(elsewhere.Ended) && Tail(r.Number) == tail {
			r.SettledBy = by
		}
	}
	j.put(nil, write{sql: "UPDATE calls SET settled_by = ?, settled_name = ? WHERE settled_how = ? AND settled_by = '' AND settled = ? AND tail = ?",
		args: []any{by.Number, by.Name, Colleague, millis(elsewhere.Ended), tail}})
}

// settleRow closes one missed call. The caller holds mu.
func (j *Journal) settleRow(r *Row, at time.Time, how How, by csta.Party) {
	r.Settled, r.SettledHow, r.SettledBy = at, how, by
	j.put(r, write{sql: settled + " AND id = ?", args: []any{millis(at), how, by.Number, by.Name, r.ID}})
}

// Settle ticks off a missed call manually, or reopens it.
func (j *Journal) Settle(id int64, done bool) {
	j.edit(id, func(r *Row) {
		r.Settled, r.SettledHow, r.SettledBy = time.Time{}, "", csta.Party{}
		if done {
			r.Settled, r.SettledHow = time.Now(), ByHand
		}
	}, func() write {
		if done {
			return write{sql: settled + " AND id = ?", args: []any{millis(time.Now()), ByHand, "", "", id}}
		}
		return write{sql: "UPDATE calls SET settled = 0, settled_how = '', settled_by = '', settled_name = '' WHERE id = ?", args: []any{id}}
	})
}

// MaxNote is the length of the longest note, in characters.
const MaxNote = 500

// Note sets the note of a row, replacing the existing one; "" removes it.
func (j *Journal) Note(id int64, note string) {
	if runes := []rune(note); len(runes) > MaxNote {
		note = string(runes[:MaxNote])
	}
	j.edit(id, func(r *Row) { r.Note = note }, func() write { return writeNote(id, note) })
}

func writeNote(id int64, note string) write {
	return write{sql: "UPDATE calls SET note = ?, note_words = ? WHERE id = ?", args: []any{note, foreign.Fold(note), id}}
}

// edit changes a row in memory, and queues the same change for writing.
func (j *Journal) edit(id int64, change func(*Row), w func() write) {
	j.do(func() {
		r := j.row(id)
		if r != nil {
			change(r)
		}
		j.put(r, w())
	})
}

// Delete deletes one row.
func (j *Journal) Delete(id int64) { j.delete(func(r *Row) bool { return r.ID == id }, "id = ?", id) }

// DeleteNumber deletes every call with a number.
func (j *Journal) DeleteNumber(number string) {
	if tail := Tail(number); tail != "" {
		j.delete(func(r *Row) bool { return Tail(r.Number) == tail }, "tail = ?", tail)
	}
}

// DeleteAll deletes everything, including current calls.
func (j *Journal) DeleteAll() { j.delete(func(*Row) bool { return true }, "1") }

func (j *Journal) delete(which func(*Row) bool, where string, args ...any) {
	j.do(func() {
		for r := range j.inMemory() {
			if which(r) {
				r.gone = true
			}
		}
		for id, r := range j.unsaved {
			if r.gone {
				delete(j.unsaved, id)
			}
		}
		j.put(nil, write{sql: "DELETE FROM calls WHERE " + where, args: args})
	})
}

// Looked records that the user has seen which calls were missed.
func (j *Journal) Looked() {
	j.do(func() {
		if j.unseen.Count == 0 {
			return
		}
		j.unseen = Unseen{}
		j.put(nil, write{sql: "REPLACE INTO facts VALUES ('looked', ?)", args: []any{millis(time.Now())}})
	})
}
