package ui

import (
	"errors"
	"testing"

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
		{"passed on", nil, over, "Passed on to 203"},
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
