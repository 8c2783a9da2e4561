package ui

import (
	"errors"
	"slices"
	"testing"
	"time"

	"calltray/cstasession/csta"
)

// A call that the user passed on is no call that went away by itself, whichever is told first: that the
// service is done, or that the call has ended.
func TestPassedOnIsRemembered(t *testing.T) {
	over := ended("1", csta.DivertedAway, "22334455", "Ærø Bageri")
	for _, c := range []struct {
		name  string
		fails error
		ends  csta.Call
		want  string
	}{
		{"passed on", nil, over, "Transferred to 203"},
		{"refused, and forwarded by the PBX", errors.New("no"), over, "Diverted"},
		{"passed on too late", nil, ended("1", csta.Missed, "22334455", ""), "Missed"},
	} {
		for _, endFirst := range []bool{false, true} {
			f := newFixture(t)
			f.phone.err = c.fails
			f.online(call("1", csta.Ringing, "22334455", "Ærø Bageri"))
			f.ui.pass("203", false)
			f.asked()
			end := func() { f.online(c.ends) }
			if endFirst {
				end()
			}
			f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
			if !endFirst {
				end()
			}
			if got := f.ui.recent[0].outcome(); got != c.want {
				t.Errorf("%s, the end first %v: %q, want %q", c.name, endFirst, got, c.want)
			}
			if n := len(f.ui.passed); n > 0 {
				t.Errorf("%s, the end first %v: %d are still waited for", c.name, endFirst, n)
			}
			f.online(ended("1", csta.Missed, "5", ""))
			if got := f.ui.recent[0].outcome(); got != "Missed" {
				t.Errorf("%s: another call of that name: %q", c.name, got)
			}
		}
	}
}

// A queue rings us again and again with one call: that is one line, which says what became of it.
func TestAttemptsOfOneCall(t *testing.T) {
	attempt := func(callID, linkage string, outcome csta.Outcome) csta.Call {
		c := ended(callID, outcome, "22334455", "")
		c.Linkage = linkage
		return c
	}
	for _, c := range []struct {
		name  string
		calls []csta.Call
		want  []string // the newest first
	}{
		{"three attempts", []csta.Call{attempt("1", "l", csta.Missed), attempt("2", "l", csta.Missed), attempt("3", "l", csta.Missed)}, []string{"missed"}},
		{"answered in the end", []csta.Call{attempt("1", "l", csta.Missed), attempt("2", "l", csta.Answered)}, []string{"answered"}},
		{"by a colleague", []csta.Call{attempt("1", "l", csta.Missed), attempt("2", "l", csta.AnsweredElsewhere)}, []string{"answered elsewhere"}},
		{"not told in the end", []csta.Call{attempt("1", "l", csta.Missed), attempt("2", "l", csta.EndedOffline)}, []string{"ended while offline", "missed"}},
		{"handed back after a talk", []csta.Call{attempt("1", "l", csta.Answered), attempt("2", "l", csta.Missed)}, []string{"missed", "answered"}},
		{"two calls", []csta.Call{attempt("1", "l", csta.Missed), attempt("2", "m", csta.Missed)}, []string{"missed", "missed"}},
		{"two calls, another between", []csta.Call{attempt("1", "l", csta.Missed), attempt("2", "m", csta.Answered), attempt("3", "l", csta.Missed)}, []string{"missed", "answered"}},
		{"no linkage, a callID used again", []csta.Call{attempt("1", "1", csta.Missed), attempt("1", "1", csta.Missed)}, []string{"missed", "missed"}},
	} {
		var list []past
		for i, call := range c.calls {
			call.Began = time.Date(2026, 11, 22, 14, i, 0, 0, time.UTC)
			list = remember(list, csta.State{Status: csta.Online, Calls: []csta.Call{call}})
		}
		var got []string
		for _, p := range list {
			got = append(got, p.call.Outcome.String())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if last := c.calls[len(c.calls)-1]; list[0].call.ID != last.ID {
			t.Errorf("%s: the newest line is of %v, want %v", c.name, list[0].call.ID, last.ID)
		}
	}
}
