package ui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calltray/assets"
	"calltray/cstasession/csta"
	"calltray/internal/journal"
)

// A call that the user passed on is no call that went away by itself, whichever is told first: that the service is
// done, or that the call has ended.
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
		{"passed on too late", nil, ended("1", csta.Missed, "22334455", "Ærø Bageri"), "Missed"},
	} {
		for _, endFirst := range []bool{false, true} {
			f := newFixture(t)
			f.openWindow()
			f.phone.err = c.fails
			f.online(call("1", csta.Ringing, "22334455", "Ærø Bageri"))
			f.ui.pass("203", false)
			f.asked()
			if endFirst {
				f.online(c.ends)
			}
			f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
			if !endFirst {
				f.online(c.ends)
			}
			f.past("Ærø Bageri", c.want)
		}
	}
}

// A click on a row of the history whose call has just changed, or that was just moved, dials nobody.
func TestHistoryRowThatHasJustMoved(t *testing.T) {
	f := newFixture(t)
	f.openWindow()
	f.online(call("1", csta.Ringing, "201", ""))
	f.online(ended("1", csta.Missed, "201", ""))
	row := f.past("201", "Missed")
	row.moved, f.ui.window.calls.grown = time.Time{}, time.Time{}
	f.online(call("2", csta.Ringing, "202", ""))
	f.online(ended("2", csta.Missed, "202", ""))
	f.until("another call is in its place", func() bool { return row.number() == "202" })
	lasting(t, &row.moved)
	test.Tap(row.dial)
	f.notAsked("a click on a row whose call has just changed")
	row.moved = time.Time{}
	one, two := call("3", csta.Active, "203", ""), call("4", csta.Held, "204", "")
	f.online(one, two)
	lasting(t, &f.ui.window.calls.grown)
	test.Tap(row.dial)
	f.notAsked("a click on a row that was just moved")
	f.ui.window.calls.grown = time.Time{}
	test.Tap(row.dial)
	if got := f.asked(); got != "call 202" {
		t.Errorf("the phone was asked to %q", got)
	}
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
}

// A missed call is on the tray until somebody has looked, and open until it is settled.
func TestMissedCallIsTold(t *testing.T) {
	f := newFixture(t)
	f.ui.tray.looks = make(chan trayLook, 1)
	f.online(ended("1", csta.Missed, "22334455", "Ærø Bageri"))
	f.until("the tray tells it", func() bool { return f.ui.tray.look.missed == 1 })
	if tip := f.ui.tray.look.tip; !strings.Contains(tip, "1 missed call: Ærø Bageri") {
		t.Errorf("the tooltip is %q", tip)
	}
	f.openWindow()
	f.until("it was looked at", func() bool { return f.ui.tray.look.missed == 0 })
	reason := f.ui.window.calls.reason
	row := f.past("Ærø Bageri", "Missed")
	if !row.red || !strings.Contains(reason.Text, "1 missed call: Ærø Bageri") {
		t.Errorf("an open call looks like a settled one; the header says %q", reason.Text)
	}
	f.calls.Settle(row.item.row.ID, true)
	f.until("none is left to tell of", func() bool { return reason.Text == "Calls to this telephone are shown." })
	if row = f.past("Ærø Bageri", "Missed, done"); row.red {
		t.Error("a settled call looks like an open one")
	}
	f.calls.Settle(row.item.row.ID, false)
	f.past("Ærø Bageri", "Missed")
	out := ended("2", csta.Answered, "+4522334455", "")
	out.Direction, out.Answered = csta.Outgoing, out.Began
	f.online(out)
	f.until("it is settled", func() bool {
		return len(f.ui.history.rows) == 2 && strings.Contains(f.ui.history.rows[1].OutcomeWords(), "called back")
	})
}

// The header tells of a missed call until it is called back, also while the window is open, and of none that was there
// when the window was closed.
func TestMissedCallIsCalledBack(t *testing.T) {
	f := newFixture(t)
	reason := f.openWindow().reason
	f.online(ended("1", csta.Missed, "22334455", "Ærø Bageri"))
	f.until("the header tells it", func() bool { return strings.HasPrefix(reason.Text, "1 missed call: Ærø Bageri") })
	f.online(ended("3", csta.Missed, "203", "Bo"))
	f.until("the header counts both", func() bool { return strings.HasPrefix(reason.Text, "2 missed calls, the last: Bo") })
	f.calls.Settle(f.past("Bo", "Missed").item.row.ID, true)
	f.until("one is settled", func() bool { return strings.HasPrefix(reason.Text, "1 missed call: Ærø Bageri") })
	out := ended("2", csta.Answered, "+4522334455", "")
	out.Direction, out.Answered = csta.Outgoing, out.Began
	f.online(out)
	f.until("the header is silent", func() bool { return reason.Text == "Calls to this telephone are shown." })
	f.online(ended("4", csta.Missed, "203", "Bo"))
	f.until("the header tells the next", func() bool { return strings.HasPrefix(reason.Text, "1 missed call: Bo") })
	f.ui.window.close()
	f.openWindow()
	f.until("what was seen is told no more", func() bool { return !strings.Contains(reason.Text, "missed") })
}

func TestTrayBadge(t *testing.T) {
	for _, c := range []struct {
		icon         assets.Icon
		missed, want int
	}{{assets.Online, 0, 0}, {assets.Online, 3, 3}, {assets.Online, 40, 10}, {assets.Ringing, 3, 0}, {assets.InCall, 3, 0}, {assets.Offline, 1, 1}} {
		if got := trayBadge(c.icon, c.missed); got != c.want {
			t.Errorf("%s with %d: %d, want %d", c.icon, c.missed, got, c.want)
		}
	}
	if got := missedLine(journal.Unseen{Count: 2, Last: csta.Party{Name: "Bo", Number: "203"}, Began: time.Date(2026, 1, 1, 9, 5, 0, 0, time.Local)}, false); got != "2 missed calls, the last: Bo 09:05" {
		t.Errorf("it says %q", got)
	}
}

// What is typed narrows the list, what is chosen too; and what is found is all there is.
func TestSearchTheCalls(t *testing.T) {
	f := newFixture(t)
	p := f.openWindow().history
	for n := range 250 {
		c := ended(fmt.Sprint(n), csta.Answered, fmt.Sprint(20000000+n), "")
		c.Began = time.Now().Add(time.Duration(n-300) * time.Minute)
		f.tell(csta.State{Status: csta.Online, Calls: []csta.Call{c}})
	}
	f.online(ended("x", csta.Missed, "22334455", "Søren Ågård"))
	f.past("Søren Ågård", "Missed")
	for range 10 { // to the end, as far as there is one
		p.list.Scroll.ScrollToBottom()
		p.list.Draw()
		f.until("older ones are there", func() bool { return !f.ui.history.extending && !f.ui.history.loading })
	}
	if got := len(f.ui.history.rows); got != 251 {
		t.Errorf("scrolled to the end, the list has %d calls", got)
	}
	p.text.SetText("soeren")
	f.until("he is found", func() bool { return len(f.ui.history.rows) == 1 && !f.ui.history.loading })
	p.text.SetText("")
	p.filter.SetSelected("Missed")
	f.until("the missed call is found", func() bool { return len(f.ui.history.rows) == 1 && !f.ui.history.loading })
	p.filter.SetSelected("With a note")
	f.until("no note is found", func() bool { return len(f.ui.history.rows) == 0 && p.nothing.Text == "No call is found." })
	p.filter.SetSelected("All calls")
	row := f.past("Søren Ågård", "Missed")
	p.writeNote(row.item.row)
	p.editor.entry.SetText("ring igen")
	p.editor.done()
	f.past("Søren Ågård", "Missed · ring igen")
	if !p.bar.Visible() || p.editor.box.Visible() {
		t.Error("the search is not back")
	}
}

// A long company hides neither the number nor the outcome, in either form: it gives way first.
func TestCompanyGivesWay(t *testing.T) {
	f := newFixture(t)
	p := f.openWindow()
	missed := journal.Row{ID: 1, Kind: journal.Call, Number: "22334455", Name: "Anna Holm", Company: "Ærøskøbing Bageri og Konditori på torvet i den gamle by ApS", Outcome: csta.Missed}
	noted := missed
	noted.Note = "ringer igen, når hun har talt med bogholderen om den gamle regning og den nye"
	short := missed
	short.Company = "Ærø"
	for _, width := range []float32{narrowWidth, windowSize.Width} {
		f.drag(width, windowSize.Height)
		row := newHistoryRow(p.history)
		row.box.Resize(fyne.NewSize(p.history.root.Size().Width-2, historyRowHeight))
		for _, c := range []struct {
			row          journal.Row
			begins, ends string
		}{
			{missed, "Ærøskøbing", "… · 22 33 44 55 · Missed"},
			{noted, "22 33 44 55 · Missed · ringer igen", "den nye"},
			{short, "Ærø · 22", "Ærø · 22 33 44 55 · Missed"},
		} {
			row.set(historyItem{row: c.row})
			if got := row.second.Text; !strings.HasPrefix(got, c.begins) || !strings.HasSuffix(got, c.ends) {
				t.Errorf("%v wide, the row says %q", width, got)
			}
			if row.first.Cut() || row.second.Cut() && c.row.Note == "" {
				t.Errorf("%v wide, %q, %q is cut", width, row.first.Text, row.second.Text)
			}
		}
	}
}

// A call that began before the login may be neither incoming nor outgoing, and so is its picture.
func TestHistoryGlyph(t *testing.T) {
	for _, c := range []struct {
		direction csta.Direction
		outcome   csta.Outcome
		want      assets.Glyph
	}{
		{csta.Incoming, csta.Answered, assets.Incoming},
		{csta.Incoming, csta.Missed, assets.Missed},
		{csta.Outgoing, csta.Answered, assets.Outgoing},
		{csta.UnknownDirection, csta.Answered, assets.Answer},
	} {
		if got, _ := historyGlyph(journal.Row{Kind: journal.Call, Direction: c.direction, Outcome: c.outcome}); got != c.want {
			t.Errorf("%v, %v: the picture is %q, want %q", c.direction, c.outcome, got, c.want)
		}
	}
}
