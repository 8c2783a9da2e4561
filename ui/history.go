package ui

import (
	"context"
	"slices"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/journal"
	"calltray/internal/text"
)

// history is what the window and the tray know about past calls. It is read from the journal off the drawing
// goroutine: a slow disk delays nothing.
type history struct {
	ui *UI

	recent  []journal.Row // the newest, whatever is searched: they give the names for numbers
	rows    []journal.Row // those in the list, as far as it has been scrolled
	query   journal.Query // what rows match
	whole   bool          // there are no older ones
	unseen  journal.Unseen
	owed    []journal.Row // missed calls in the window's header, newest first: open ones, unseen when it was opened or later
	trouble string        // why some calls are not kept

	loading, again bool // rows are being read, and are outdated already
	extending      bool // older rows are being read
	edition        int  // counts the loads
}

// historyPage is how many rows are read at a time.
const historyPage = 100

// historyLimit is how long the disk may take.
const historyLimit = 30 * time.Second

// JournalChanged notifies the UI that the rows of the journal have changed. Any goroutine may call it.
func (u *UI) JournalChanged() { u.post(u.history.reload) }

// reload reads the rows again.
func (h *history) reload() {
	j := h.ui.cfg.Journal
	if j == nil {
		return
	}
	if h.loading {
		h.again = true
		return
	}
	h.loading = true
	q := h.query
	q.Over, q.Limit = true, max(historyPage, len(h.rows))
	plain := q.Filter == journal.Everything && q.Text == "" && q.Limit == historyPage
	go func() {
		ctx, cancel := context.WithTimeout(h.ui.ctx, historyLimit)
		defer cancel()
		recent, err := j.List(ctx, journal.Query{Over: true, Limit: historyPage})
		rows := recent
		if err == nil && !plain {
			rows, err = j.List(ctx, q)
		}
		unseen, trouble := j.Unseen(), j.Trouble()
		h.ui.post(func() {
			h.loading = false
			h.unseen, h.trouble = unseen, ""
			if err == nil {
				err = trouble
			}
			if err != nil {
				h.trouble = text.Explain(err)
			} else {
				h.recent = recent
			}
			if trouble != nil {
				h.recent = recent
			}
			h.owe()
			if rows != nil || err == nil {
				h.take(q, rows)
			}
			if h.again {
				h.again = false
				h.reload()
			}
			h.ui.changed = true
		})
	}()
}

// take lists rows, if they still match the current query.
func (h *history) take(q journal.Query, rows []journal.Row) {
	if q.Filter != h.query.Filter || q.Text != h.query.Text {
		h.again = true
		return
	}
	h.rows, h.whole = rows, len(rows) < q.Limit
	h.edition++
}

// extend reads the next older rows.
func (h *history) extend() {
	j := h.ui.cfg.Journal
	if h.whole || h.extending || h.loading || len(h.rows) == 0 || j == nil {
		return
	}
	h.extending = true
	q, edition := h.query, h.edition
	last := h.rows[len(h.rows)-1]
	q.Over, q.Limit, q.Before = true, historyPage, &last
	go func() {
		ctx, cancel := context.WithTimeout(h.ui.ctx, historyLimit)
		defer cancel()
		rows, err := j.List(ctx, q)
		h.ui.post(func() {
			if h.extending = false; err != nil || edition != h.edition {
				return
			}
			h.rows, h.whole = append(h.rows, rows...), len(rows) < q.Limit
			h.edition++
			h.ui.changed = true
		})
	}()
}

// search lists the calls that match a filter and a text.
func (h *history) search(filter journal.Filter, words string) {
	if filter == h.query.Filter && words == h.query.Text {
		return
	}
	h.query = journal.Query{Filter: filter, Text: words}
	h.rows, h.edition = h.rows[:min(len(h.rows), historyPage)], h.edition+1
	h.reload()
}

// owe finds the missed calls for the header: those it already showed, unless settled since, and the unseen ones.
func (h *history) owe() {
	told, unseen := h.owed, h.unseen.Count
	h.owed = nil
	for _, r := range h.recent {
		if !r.IsOpen() {
			continue
		}
		if unseen--; unseen >= 0 || slices.ContainsFunc(told, func(t journal.Row) bool { return t.ID == r.ID }) {
			h.owed = append(h.owed, r)
		}
	}
}

// missed returns what the header says about missed calls.
func (h *history) missed() journal.Unseen {
	if len(h.owed) == 0 || h.unseen.Count > len(h.owed) { // more than are read at a time
		return h.unseen
	}
	return journal.Unseen{Count: len(h.owed), Last: h.owed[0].Party(), Began: h.owed[0].Began}
}

// looked tells the journal that the user has seen the missed calls.
func (h *history) looked() {
	if h.ui.cfg.OnLooked != nil {
		h.ui.cfg.OnLooked()
	}
	if h.unseen.Count > 0 && h.ui.cfg.Journal != nil {
		h.unseen = journal.Unseen{}
		h.ui.cfg.Journal.Looked()
	}
}

// notePassed records that the user passed on a ringing call. Its end may have been reported already, or come next.
func (u *UI) notePassed(c csta.ConnectionID, to string) {
	if u.cfg.Journal != nil {
		u.cfg.Journal.PassedOn(c, to)
	}
}

// living returns the calls of a state that have not ended, newest first.
func living(s csta.State) []csta.Call {
	calls := slices.DeleteFunc(slices.Clone(s.Calls), func(c csta.Call) bool { return c.Phase == csta.Ended })
	slices.Reverse(calls)
	return calls
}
