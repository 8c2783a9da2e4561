package ui

import (
	"context"
	"strings"
	"testing"
	"time"

	"calltray/assets"
	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/journal"
	"calltray/internal/text"
)

// A time in which no call was seen has its line among the recent calls, from its beginning.
func TestGapInTheWindow(t *testing.T) {
	f := newFixture(t)
	f.openWindow()
	since := time.Now().Add(-time.Hour)
	f.tell(csta.State{Status: csta.Online, Since: since})
	f.tell(csta.State{Status: csta.Offline, Since: since.Add(3 * time.Minute), Err: csta.ErrNoAnswer})
	if row := f.past("Offline "+text.TimeOfDay(since.Add(3*time.Minute))+" – now", "were not seen"); row.dial.Visible() {
		t.Error("the gap can be dialled")
	}
	f.tell(csta.State{Status: csta.Online, Since: since.Add(38 * time.Minute)})
	want := "Offline " + text.TimeOfDay(since.Add(3*time.Minute)) + " – " + text.TimeOfDay(since.Add(38*time.Minute))
	f.past(want, "Calls in this time were not seen.")
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
	if got := trayTip(f.ui.state, journal.Unseen{}, "200", false, false); !strings.Contains(got, "Not confirmed: ") || strings.Contains(got, "is calling") {
		t.Errorf("the tray says %q", got)
	}
}

func TestSelfTestPage(t *testing.T) {
	fail := error(nil)
	f := newFixture(t, func(c *Config) {
		c.Check = func(_ context.Context, _ account.Settings, _, _ string, report func(Step)) error {
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
