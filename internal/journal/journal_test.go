package journal

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/leaktest"
)

// TestMain lets a test start a process that writes until it is killed, and fails when a goroutine is left.
func TestMain(m *testing.M) {
	if path := os.Getenv("CALLTRAY_TEST_WRITES"); path != "" {
		writeForEver(path)
	}
	leaktest.Main(m)
}

// How a missed call is settled, depending on what happens next.
func TestMissedCallsBelongToSomebody(t *testing.T) {
	colleague := func(linkage, number string) csta.Colleague {
		c := incoming("77", linkage, number, "", 5)
		c.Phase, c.Answered = csta.Active, c.Began
		return csta.Colleague{Device: "203", Name: "Mette", Calls: []csta.Call{c}}
	}
	for _, c := range []struct {
		name string
		then func(*desk)
		want []string // the newest first
		open int
	}{
		{"nothing", func(*desk) {}, []string{"incoming 22334455 missed"}, 1},
		{"called back and reached", func(d *desk) { d.over(outgoing("2", "+45"+anna, 5), csta.Answered) }, []string{"outgoing +4522334455 answered", "incoming 22334455 missed, called back"}, 0},
		{"called back and not reached", func(d *desk) { d.over(outgoing("2", anna, 5), csta.NoAnswer) }, []string{"outgoing 22334455 no answer", "incoming 22334455 missed"}, 1},
		{"talked to, by whoever called", func(d *desk) { d.over(fromBefore("2", anna, 5), csta.Answered) }, []string{"unknown 22334455 answered", "incoming 22334455 missed"}, 1},
		{"talked to, and it was the user who called", func(d *desk) {
			c := fromBefore("2", anna, 5)
			d.online(c)
			c.Direction = csta.Outgoing
			d.over(c, csta.Answered)
		}, []string{"outgoing 22334455 answered", "incoming 22334455 missed, called back"}, 0},
		{"somebody else reached", func(d *desk) { d.over(outgoing("2", "22334456", 5), csta.Answered) }, []string{"outgoing 22334456 answered", "incoming 22334455 missed"}, 1},
		{"the caller tried again", func(d *desk) { d.over(incoming("2", "l2", anna, "", 5), csta.Answered) }, []string{"incoming 22334455 answered", "incoming 22334455 missed, reached"}, 0},
		{"ticked off", func(d *desk) { d.Settle(d.rows(Query{})[0].ID, true) }, []string{"incoming 22334455 missed, by hand"}, 0},
		{"ticked off and not", func(d *desk) { id := d.rows(Query{})[0].ID; d.Settle(id, true); d.Settle(id, false) }, []string{"incoming 22334455 missed"}, 1},
		{"a colleague took the same call", func(d *desk) { d.rows(Query{}); d.Colleague(colleague("l1", anna)) }, []string{"incoming 22334455 missed, colleague by 203 Mette"}, 0},
		{"a colleague talks to the caller", func(d *desk) { d.rows(Query{}); d.Colleague(colleague("l9", "004522334455")) }, []string{"incoming 22334455 missed, colleague by 203 Mette"}, 0},
		{"a colleague talks to somebody else", func(d *desk) { d.rows(Query{}); d.Colleague(colleague("l9", "22334456")) }, []string{"incoming 22334455 missed"}, 1},
		{"answered by a colleague, who is told first", func(d *desk) {
			d.rows(Query{})
			d.Colleague(colleague("l2", anna))
			d.over(incoming("2", "l2", anna, "", 5), csta.AnsweredElsewhere)
		}, []string{"incoming 22334455 answered elsewhere by 203 Mette", "incoming 22334455 missed, colleague by 203 Mette"}, 0},
		{"answered by a colleague, who is told last", func(d *desk) {
			d.rows(Query{})
			d.over(incoming("2", "l2", anna, "", 5), csta.AnsweredElsewhere)
			d.Colleague(colleague("l2", anna))
		}, []string{"incoming 22334455 answered elsewhere by 203 Mette", "incoming 22334455 missed, colleague by 203 Mette"}, 0},
		{"missed again", func(d *desk) { d.over(incoming("2", "l2", anna, "", 5), csta.Missed) }, []string{"incoming 22334455 missed", "incoming 22334455 missed"}, 2},
		{"the queue tried again", func(d *desk) { d.over(incoming("2", "l1", anna, "", 5), csta.Missed) }, []string{"incoming 22334455 missed x2"}, 1},
		{"the queue tried again after a restart", func(d *desk) {
			d.restart()
			d.over(incoming("2", "l1", anna, "", 5), csta.Missed)
			d.restart()
		}, []string{"incoming 22334455 missed x2"}, 1},
		{"the queue tried twice, and somebody else took it", func(d *desk) {
			d.over(incoming("2", "l1", anna, "", 5), csta.Missed)
			d.over(incoming("3", "l1", anna, "", 6), csta.AnsweredElsewhere)
		}, []string{"incoming 22334455 answered elsewhere x3"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.online(incoming("1", "l1", anna, "Anna", 0))
			d.over(incoming("1", "l1", anna, "Anna", 0), csta.Missed)
			c.then(d)
			got := slices.DeleteFunc(d.lines(Query{}), func(l string) bool { return l == string(NotRunning) })
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			if open := len(d.rows(Query{Filter: Open})); open != c.open || d.Unseen().Count != c.open {
				t.Errorf("%d are open and %d unseen, want %d", open, d.Unseen().Count, c.open)
			}
			d.restart() // memory and disk agree
			if again := slices.DeleteFunc(d.lines(Query{}), func(l string) bool { return l == string(NotRunning) }); !slices.Equal(again, c.want) {
				t.Errorf("after a restart: got %q\nwant %q", again, c.want)
			}
		})
	}
}

// A withheld number is nobody's: another withheld call settles nothing.
func TestWithheld(t *testing.T) {
	d := newDesk(t)
	d.over(incoming("1", "l1", "", "", 0), csta.Missed)
	d.over(incoming("2", "l2", "anonymous", "", 1), csta.Answered)
	d.want("two strangers", Query{}, "incoming  answered", "incoming  missed")
}

// A call stays one row, whatever the link, the program and the PBX's names for it do.
func TestOneRow(t *testing.T) {
	c := incoming("1", "l1", anna, "Anna", 0)
	talks := func(c csta.Call) csta.Call { c.Phase, c.Answered = csta.Active, c.Began.Add(time.Second); return c }
	for _, tt := range []struct {
		name string
		do   func(*desk)
		want []string
	}{
		{"the link is lost for a moment", func(d *desk) {
			d.online(c)
			d.state.Status = csta.Offline
			d.Follow(d.state)
			d.online(talks(c))
			d.over(talks(c), csta.Answered)
		}, []string{"incoming 22334455 answered"}},
		{"another callID", func(d *desk) {
			d.online(c)
			moved := talks(c)
			moved.ID.CallID = "5"
			d.online(moved)
			d.over(moved, csta.Answered)
		}, []string{"incoming 22334455 answered"}},
		{"a restart, and it goes on", func(d *desk) {
			d.online(talks(c))
			d.rows(Query{})
			d.restart()
			again := talks(c)
			again.Began = c.Began.Add(time.Minute) // when the new session heard of it
			d.online(again)
			d.over(again, csta.Answered)
		}, []string{"incoming 22334455 answered"}},
		{"a restart, and nobody tells which way it goes", func(d *desk) {
			d.online(talks(outgoing("1", anna, 0)))
			d.rows(Query{})
			d.restart()
			d.over(fromBefore("1", anna, 1), csta.Answered)
			d.restart()
		}, []string{"outgoing 22334455 answered"}},
		{"it began before the login, and nobody tells which way it goes", func(d *desk) { d.over(fromBefore("1", anna, 0), csta.Answered); d.restart() },
			[]string{"unknown 22334455 answered"}},
		{"a restart, and nobody tells of it", func(d *desk) {
			d.online(talks(c))
			d.rows(Query{})
			d.restart()
			d.online()
		}, []string{"incoming 22334455  end not known"}},
		{"a restart, and the callID is somebody else's", func(d *desk) {
			d.online(talks(c))
			d.rows(Query{})
			d.restart()
			d.over(incoming("1", "l1", "33445566", "", 3), csta.Answered)
		}, []string{"incoming 33445566 answered", "incoming 22334455  end not known"}},
		{"it ends while the link is lost", func(d *desk) { d.online(talks(c)); d.over(talks(c), csta.EndedOffline) }, []string{"incoming 22334455 ended while offline end not known"}},
		{"told twice to have ended", func(d *desk) { d.online(c); e := d.over(c, csta.Missed); d.online(e) }, []string{"incoming 22334455 missed"}},
		{"private", func(d *desk) { d.SetPrivate(true); d.online(c); d.over(c, csta.Missed) }, nil},
		{"deleted while it goes on", func(d *desk) { d.online(c); d.DeleteNumber("+45" + anna); d.over(c, csta.Missed) }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			tt.do(d)
			got := slices.DeleteFunc(d.lines(Query{}), func(l string) bool { return l == string(NotRunning) })
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestGaps(t *testing.T) {
	d := newDesk(t)
	lost := func(since time.Time) { d.Follow(csta.State{Status: csta.Offline, Since: since}) }
	back := func(since time.Time) { d.Follow(csta.State{Status: csta.Online, Since: since}) }
	back(day)
	lost(day.Add(time.Minute))
	d.want("at once", Query{}, "offline")
	back(day.Add(time.Minute + time.Second))
	d.want("a moment", Query{})
	lost(day.Add(2 * time.Minute))
	back(day.Add(9 * time.Minute))
	if rows := d.rows(Query{}); len(rows) != 1 || rows[0].Ended.Sub(rows[0].Began) != 7*time.Minute {
		t.Errorf("%+v", rows)
	}
	d.restart()
	back(time.Now().Add(time.Hour))
	d.want("a night", Query{}, "not running", "offline")
}

func TestList(t *testing.T) {
	d := newDesk(t)
	for i, name := range []string{"Søren Ågård", "Anna Holm", "Ærø Bageri", "O'Brien 100%"} {
		c := incoming(fmt.Sprint(i), fmt.Sprint("l", i), fmt.Sprint("2233440", i), name, i)
		c.Via, c.ViaName = "400", "Salg"
		d.over(c, csta.Answered)
	}
	d.over(outgoing("9", "33445566", 9), csta.Busy)
	d.Note(d.rows(Query{Text: "anna"})[0].ID, "wants a cake; tror på øl")
	for text, want := range map[string]int{"soren": 1, "Soeren": 1, "SØREN": 1, "agaard": 1, "aero": 1, "ærø": 1, "cake": 1, "oel": 1, "22 33": 4, "+2233": 4, "salg": 4,
		"anna holm": 1, "holm anna": 1, "anna soren": 0, "100%": 1, "_": 0, "'": 1, "": 5, "33445566": 1} {
		if got := len(d.rows(Query{Text: text})); got != want {
			t.Errorf("%q finds %d, want %d", text, got, want)
		}
	}
	for filter, want := range map[Filter]int{Everything: 5, Incoming: 4, Outgoing: 1, WithNote: 1, Missed: 0} {
		if got := len(d.rows(Query{Filter: filter})); got != want {
			t.Errorf("%q: %d, want %d", filter, got, want)
		}
	}
	all, paged := d.rows(Query{}), []Row(nil)
	for {
		q := Query{Limit: 2}
		if len(paged) > 0 {
			q.Before = &paged[len(paged)-1]
		}
		page := d.rows(q)
		if len(page) == 0 {
			break
		}
		paged = append(paged, page...)
	}
	if !slices.EqualFunc(all, paged, func(a, b Row) bool { return a.ID == b.ID }) {
		t.Errorf("in pages: %d rows, of %d", len(paged), len(all))
	}
	d.DeleteNumber("+4522334400")
	d.Delete(all[0].ID)
	if got := len(d.rows(Query{})); got != 3 {
		t.Errorf("%d rows are left, want 3", got)
	}
	d.DeleteAll()
	d.want("all deleted", Query{})
}

func TestKeep(t *testing.T) {
	d := newDesk(t)
	old := incoming("1", "l1", anna, "", 0)
	old.Began = time.Now().AddDate(0, 0, -91)
	d.over(old, csta.Missed)
	d.over(incoming("2", "l2", anna, "", 0), csta.Missed)
	if d.SetKeep(90 * 24 * time.Hour); len(d.rows(Query{})) != 1 {
		t.Error("the old row is kept")
	}
}

func TestLast(t *testing.T) {
	d := newDesk(t)
	d.over(incoming("1", "l1", anna, "", 0), csta.Answered)
	d.Note(d.rows(Query{})[0].ID, "cake")
	d.over(incoming("2", "l2", "+45"+anna, "", 5), csta.Missed)
	d.rows(Query{})
	r, ok, err := d.Last(t.Context(), "0045"+anna)
	if err != nil || !ok || r.Outcome != csta.Missed {
		t.Errorf("%+v, %v", r, err)
	}
	if r, ok, err = d.Last(t.Context(), anna, r.ID); err != nil || !ok || r.Talked() != 55*time.Second {
		t.Errorf("before: %+v, %v", r, err)
	}
	if note, err := d.LastNote(t.Context(), anna); note != "cake" || err != nil {
		t.Errorf("%q, %v", note, err)
	}
	if _, ok, _ := d.Last(t.Context(), ""); ok {
		t.Error("a withheld number was met before")
	}
}
