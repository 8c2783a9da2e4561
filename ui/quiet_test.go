package ui

import (
	"strings"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/account"
)

func TestQuietChoices(t *testing.T) {
	at := func(hour, minute int) time.Time { return time.Date(2026, 3, 2, hour, minute, 0, 0, time.Local) }
	for _, c := range []struct {
		now  time.Time
		want []string // in hours and minutes, with the day; "" for never
	}{
		{at(9, 0), []string{"2 09:30", "2 10:00", "2 12:00", "3 08:00", ""}},
		{at(11, 55), []string{"2 12:25", "2 12:55", "3 08:00", ""}},
		{at(23, 50), []string{"3 00:20", "3 00:50", "3 08:00", ""}},
	} {
		var got []string
		for _, q := range quietChoices(c.now) {
			if q.until.IsZero() {
				got = append(got, "")
			} else {
				got = append(got, q.until.Format("2 15:04"))
			}
		}
		if strings.Join(got, ",") != strings.Join(c.want, ",") {
			t.Errorf("at %s: %q, want %q", c.now.Format("15:04"), got, c.want)
		}
	}
}

// Do-not-disturb ends when its time has come, also if that was while the program did not run; and an end is forgotten
// when somebody switches it off before.
func TestQuietEnds(t *testing.T) {
	tell := func(f *fixture, s csta.Switch) {
		f.tell(csta.State{Status: csta.Online, Telephone: csta.Telephone{DoNotDisturb: s}})
		f.settle()
	}
	f := newFixture(t)
	f.openWindow()
	tell(f, csta.Off)
	f.ui.quietFor(time.Now().Add(time.Hour))
	if got := f.asked(); got != "do-not-disturb true" {
		t.Fatalf("the phone was asked to %q", got)
	}
	f.until("the service is over", func() bool { return len(f.ui.telephone.changing) == 0 })
	tell(f, csta.On)
	if got, want := f.ui.window.calls.account.Text, "Do not disturb until "+time.Now().Add(time.Hour).Format("15:04"); got != want {
		t.Errorf("the window says %q, want %q", got, want)
	}
	f.notAsked("before the time has come")
	tell(f, csta.Off)
	if !f.ui.quietUntil().IsZero() {
		t.Error("an end is remembered though it is over")
	}
	tell(f, csta.On)
	f.notAsked("a second time, without an end")

	f.ui.remember(func(r *account.Remembered) { r.QuietUntil = time.Now().Add(-time.Minute).Unix() }) // of an earlier run
	tell(f, csta.On)
	if got := f.asked(); got != "do-not-disturb false" {
		t.Errorf("the phone was asked to %q", got)
	}
}
