package journal

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/store"
)

// desk is a journal that follows a session of the test's.
type desk struct {
	testing.TB
	*Journal
	path    string
	changed chan struct{}
	state   csta.State
}

func newDesk(t testing.TB) *desk {
	d := &desk{TB: t, path: filepath.Join(t.TempDir(), "calltray.db")}
	d.start()
	t.Cleanup(func() { d.Journal.Close() })
	return d
}

// start is a start of the program.
func (d *desk) start() {
	d.changed = make(chan struct{}, 1)
	changed := d.changed
	d.Journal = New(Config{
		Open: func(ctx context.Context) *store.Store { return store.Open(ctx, d.path) },
		OnChange: func() {
			select {
			case changed <- struct{}{}:
			default:
			}
		}})
	d.Journal.Start()
	d.state = csta.State{}
}

func (d *desk) restart() {
	d.Journal.Close()
	d.start()
}

// online follows a state with calls.
func (d *desk) online(calls ...csta.Call) {
	if d.state.Status != csta.Online {
		d.state.Since = time.Now()
	}
	d.state.Status, d.state.Calls = csta.Online, calls
	d.Follow(d.state)
}

// over follows a call's end.
func (d *desk) over(c csta.Call, outcome csta.Outcome) csta.Call {
	c.Phase, c.Outcome, c.Since = csta.Ended, outcome, c.Began.Add(time.Minute)
	if outcome == csta.Answered && c.Answered.IsZero() {
		c.Answered = c.Began.Add(5 * time.Second)
	}
	d.online(c)
	d.online()
	return c
}

var day = time.Now().Add(-2 * time.Hour).Truncate(time.Second)

func incoming(id, linkage, number, name string, minute int) csta.Call {
	return csta.Call{ID: csta.ConnectionID{CallID: id, DeviceID: "200"}, Linkage: linkage, Phase: csta.Ringing, Direction: csta.Incoming,
		Remote: csta.Party{Number: number, Name: name}, Began: day.Add(time.Duration(minute) * time.Minute)}
}

func outgoing(id, number string, minute int) csta.Call {
	c := incoming(id, "l"+id, number, "", minute)
	c.Direction, c.Phase = csta.Outgoing, csta.Calling
	return c
}

// fromBefore is a call that was answered before the login: the PBX does not say who made it.
func fromBefore(id, number string, minute int) csta.Call {
	c := outgoing(id, number, minute)
	c.Direction, c.Phase, c.Answered = csta.UnknownDirection, csta.Active, c.Began
	return c
}

// rows lists what a query finds, when all is on the disk.
func (d *desk) rows(q Query) []Row {
	d.Helper()
	limit := time.Now().Add(10 * time.Second)
	for {
		d.mu.Lock()
		written := d.open && len(d.queue) == 0
		d.mu.Unlock()
		if written {
			break
		}
		if time.Now().After(limit) {
			d.Fatal("the rows are not written")
		}
		time.Sleep(time.Millisecond)
	}
	rows, err := d.List(d.Context(), q)
	if err != nil {
		d.Fatal(err)
	}
	return rows
}

// lines tells rows in words.
func (d *desk) lines(q Query) (lines []string) {
	for _, r := range d.rows(q) {
		l := fmt.Sprintf("%s %s %s", r.Direction, r.Number, r.Outcome)
		if r.IsGap() {
			l = string(r.Kind)
		}
		if r.Attempts > 1 {
			l += fmt.Sprintf(" x%d", r.Attempts)
		}
		if r.Unknown {
			l += " end not known"
		}
		if r.By.Number != "" {
			l += " by " + r.By.Number + " " + r.By.Name
		}
		if r.SettledHow != "" {
			l += ", " + string(r.SettledHow)
			if r.SettledBy.Number != "" {
				l += " by " + r.SettledBy.Number + " " + r.SettledBy.Name
			}
		}
		if r.Note != "" {
			l += ": " + r.Note
		}
		lines = append(lines, strings.TrimSpace(l))
	}
	return lines
}

func (d *desk) want(what string, q Query, want ...string) {
	d.Helper()
	if got := d.lines(q); !slices.Equal(got, want) {
		d.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

const anna = "22334455"
