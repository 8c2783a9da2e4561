package ui

import (
	"context"
	"strings"
	"testing"
	"time"

	"calltray/assets"
	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/text"
)

// A time in which no call was seen has its line among the recent calls, from its beginning.
func TestGapsAreKept(t *testing.T) {
	start := time.Date(2026, 11, 22, 12, 0, 0, 0, time.Local)
	state := func(status csta.Status, minutes float64) csta.State {
		return csta.State{Status: status, Since: start.Add(time.Duration(minutes * float64(time.Minute)))}
	}
	type gap struct{ from, until string }
	for _, c := range []struct {
		name   string
		states []csta.State
		want   []gap
	}{
		{"never online", []csta.State{state(csta.Connecting, 0), state(csta.Offline, 1), state(csta.Connecting, 2)}, nil},
		{"lost", []csta.State{state(csta.Online, 0), state(csta.Offline, 3), state(csta.Connecting, 4)}, []gap{{"12:03", ""}}},
		{"lost and back", []csta.State{state(csta.Online, 0), state(csta.Offline, 3), state(csta.Connecting, 4),
			state(csta.Offline, 5), state(csta.Connecting, 40), state(csta.Online, 41)}, []gap{{"12:03", "12:41"}}},
		{"a blink", []csta.State{state(csta.Online, 0), state(csta.Offline, 3), state(csta.Online, 3.01)}, nil},
		{"twice", []csta.State{state(csta.Online, 0), state(csta.Offline, 3), state(csta.Online, 4),
			state(csta.Offline, 6), state(csta.Online, 7)}, []gap{{"12:06", "12:07"}, {"12:03", "12:04"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var list []past
			before := csta.State{}
			for _, s := range c.states {
				list = followGaps(list, before, s)
				before = s
			}
			var got []gap
			for _, p := range list {
				g := gap{from: text.TimeOfDay(p.lost)}
				if !p.ended.IsZero() {
					g.until = text.TimeOfDay(p.ended)
				}
				got = append(got, g)
			}
			if len(got) != len(c.want) {
				t.Fatalf("got %v, want %v", got, c.want)
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("got %v, want %v", got, c.want)
				}
			}
		})
	}
}

func TestGapInTheWindow(t *testing.T) {
	f := newFixture(t)
	p := f.openWindow()
	since := time.Now().Add(-time.Hour)
	f.ui.Show(csta.State{Status: csta.Online, Since: since})
	f.ui.Show(csta.State{Status: csta.Offline, Since: since.Add(3 * time.Minute), Err: csta.ErrNoAnswer})
	f.settle()
	if row := p.past[0]; !row.box.Visible() || !strings.HasSuffix(row.first.Text, "now") || row.dial.Visible() {
		t.Errorf("the gap reads %q, want one that lasts and cannot be dialled", row.first.Text)
	}
	f.ui.Show(csta.State{Status: csta.Online, Since: since.Add(38 * time.Minute)})
	f.settle()
	want := "Offline " + text.TimeOfDay(since.Add(3*time.Minute)) + " – " + text.TimeOfDay(since.Add(38*time.Minute))
	if row := p.past[0]; row.first.Text != want || row.second.Text != "Calls in this time were not seen." {
		t.Errorf("the gap reads %q, %q, want %q", row.first.Text, row.second.Text, want)
	}
}

// Nobody is rung for a call of which nobody knows whether it is still there; the window says so.
func TestUncertainCall(t *testing.T) {
	f := newFixture(t)
	p := f.openWindow()
	c := call("1", csta.Ringing, "22334455", "")
	c.Uncertain = true
	f.ui.Show(csta.State{Status: csta.Online, Calls: []csta.Call{c}})
	f.settle()
	if f.ui.popup.shown {
		t.Error("the popup rings for a call that may be over")
	}
	if got := p.rows[0].second.Text; !strings.Contains(got, "Not confirmed") {
		t.Errorf("the row says %q", got)
	}
	if hangUp := p.rows[0].buttons[callButtons-1]; !hangUp.Visible() || hangUp.Disabled() {
		t.Error("the call cannot be hung up")
	}
	if got := trayIcon(f.ui.state); got != assets.Online {
		t.Errorf("the tray shows %v, want %v", got, assets.Online)
	}
	if got := trayTip(f.ui.state, "200", false); !strings.Contains(got, "Not confirmed: ") || strings.Contains(got, "is calling") {
		t.Errorf("the tray says %q", got)
	}
}

func TestSelfTestPage(t *testing.T) {
	fail := error(nil)
	f := newFixture(t, func(c *Config) {
		c.Check = func(_ context.Context, _ account.Settings, _ string, report func(Step)) error {
			report(Step{Name: "The server can be reached", Took: 12 * time.Millisecond})
			report(Step{Name: "The PBX accepts the login", Err: fail})
			return fail
		}
	})
	f.openSettings()
	p := f.ui.window.check
	p.run()
	f.until("all is well", func() bool { return strings.HasPrefix(p.end.Text, "All is well") })
	if !p.rows[1].box.Visible() || p.rows[2].box.Visible() || p.rows[0].took.Text != "12 ms" {
		t.Errorf("rows %v %v, the first took %q", p.rows[1].box.Visible(), p.rows[2].box.Visible(), p.rows[0].took.Text)
	}
	fail = csta.ErrLoginRefused
	p.run()
	f.until("it says why not", func() bool { return p.end.Text == text.Explain(csta.ErrLoginRefused) })
}
