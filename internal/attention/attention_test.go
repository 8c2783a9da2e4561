package attention

import (
	"testing"
	"time"

	"calltray/internal/account"
)

// What is shown, by what.
var (
	all    = Channels{Popup: true, Notification: true, Tray: true}
	notice = Channels{Notification: true, Tray: true}
	tray   = Channels{Tray: true}
	none   = Channels{}
)

// Each rule, at each level, in the situation that it is about, and in one that it is not about.
func TestEachRuleAtEachLevel(t *testing.T) {
	for _, c := range []struct {
		what    string
		rule    func(*Rules) *Level
		applies Situation
		not     Situation
	}{
		{"direct", func(r *Rules) *Level { return &r.Direct }, Situation{}, Situation{Queue: true}},
		{"queue", func(r *Rules) *Level { return &r.Queue }, Situation{Queue: true}, Situation{}},
		{"internal", func(r *Rules) *Level { return &r.Internal }, Situation{Internal: true}, Situation{}},
		{"external", func(r *Rules) *Level { return &r.External }, Situation{}, Situation{Internal: true}},
		{"in a call", func(r *Rules) *Level { return &r.InCall }, Situation{InCall: true}, Situation{}},
		{"full screen", func(r *Rules) *Level { return &r.FullScreen }, Situation{Desktop: Desktop{FullScreen: true}}, Situation{}},
		{"locked", func(r *Rules) *Level { return &r.Locked }, Situation{Desktop: Desktop{Locked: true}}, Situation{}},
		{"shared", func(r *Rules) *Level { return &r.Shared }, Situation{Desktop: Desktop{Shared: true}}, Situation{}},
		{"focus", func(r *Rules) *Level { return &r.Focus }, Situation{Desktop: Desktop{Focus: true}}, Situation{}},
		{"outside hours", func(r *Rules) *Level { return &r.OutsideHours }, Situation{OutsideHours: true}, Situation{}},
	} {
		c.applies.PopupShows, c.not.PopupShows = true, true
		for level, want := range map[Level]Channels{Popup: all, Notification: notice, Tray: tray, Nothing: none} {
			r := Rules{Names: true}
			*c.rule(&r) = level
			if got := r.Decide(c.applies); got != want {
				t.Errorf("%s at level %d: %+v, want %+v", c.what, level, got, want)
			}
			if got := r.Decide(c.not); got != all {
				t.Errorf("%s at level %d, where it does not apply: %+v", c.what, level, got)
			}
			r.Sound = true
			if got, want := r.Decide(c.applies).Sound, level <= Notification; got != want {
				t.Errorf("%s at level %d: heard %v, want %v", c.what, level, got, want)
			}
		}
	}
}

// The rest of the policy, a row each.
func TestDecide(t *testing.T) {
	shows := Situation{PopupShows: true}
	with := func(s Situation, change func(*Situation)) Situation { change(&s); return s }
	for _, c := range []struct {
		what string
		Rules
		Situation
		want Channels
	}{
		{"nothing is set", Rules{}, shows, all},
		{"nothing is set, and all is so", Rules{}, Situation{PopupShows: true, Queue: true, Internal: true, InCall: true, OutsideHours: true,
			WindowActive: true, Desktop: Desktop{true, true, true, true}}, all},
		{"no popup can show", Rules{}, Situation{}, notice},
		{"the quietest counts", Rules{Queue: Notification, InCall: Tray}, with(shows, func(s *Situation) { s.Queue, s.InCall = true, true }), tray},
		{"the quietest counts, the other way round", Rules{Queue: Tray, InCall: Notification}, with(shows, func(s *Situation) { s.Queue, s.InCall = true, true }), tray},
		{"a queue's call that has just come", Rules{QueueAfter: 10 * time.Second}, with(shows, func(s *Situation) { s.Queue, s.Rung = true, 9*time.Second }), tray},
		{"a queue's call that has waited", Rules{QueueAfter: 10 * time.Second}, with(shows, func(s *Situation) { s.Queue, s.Rung = true, 10*time.Second }), all},
		{"a queue's call that is to show nowhere", Rules{Queue: Nothing, QueueAfter: 10 * time.Second}, with(shows, func(s *Situation) { s.Queue = true }), none},
		{"a direct call does not wait", Rules{QueueAfter: 10 * time.Second}, shows, all},
		{"once", Rules{Once: true}, shows, Channels{Popup: true, Tray: true}},
		{"once, and no popup can show", Rules{Once: true}, Situation{}, notice},
		{"once, where a notification is wanted", Rules{Once: true, Direct: Notification}, shows, notice},
		{"once, while the window has the keyboard", Rules{Once: true}, with(shows, func(s *Situation) { s.WindowActive = true }), tray},
		{"heard, while the window has the keyboard", Rules{Once: true, Sound: true}, with(shows, func(s *Situation) { s.WindowActive = true }), Channels{Tray: true, Sound: true}},
		{"not heard in the first seconds of a queue's call", Rules{Sound: true, QueueAfter: time.Second}, with(shows, func(s *Situation) { s.Queue = true }), tray},
	} {
		c.Rules.Names = true // TestNameless is about them
		if got := c.Decide(c.Situation); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.what, got, c.want)
		}
	}
}

// Each setting has its rule, and no other.
func TestRulesOf(t *testing.T) {
	settings := account.Settings{AlertDirect: "tray", AlertQueue: "notification", AlertInternal: "nothing", AlertExternal: "popup", AlertInCall: "tray",
		AlertFullScreen: "nothing", AlertLocked: "notification", AlertShared: "tray", AlertFocus: "nothing", AlertOutsideHours: "notification",
		AlertQueueAfter: 20, AlertOnce: true, AlertSound: true, AlertNames: true}
	want := Rules{Direct: Tray, Queue: Notification, Internal: Nothing, InCall: Tray, FullScreen: Nothing, Locked: Notification, Shared: Tray,
		Focus: Nothing, OutsideHours: Notification, QueueAfter: 20 * time.Second, Once: true, Sound: true, Names: true}
	if got := RulesOf(settings); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if RulesOf(account.Settings{}) != (Rules{}) {
		t.Error("settings that nobody has touched hold a rule")
	}
	for _, c := range []struct {
		Rules
		want bool
	}{{Rules{}, false}, {Rules{Direct: Tray, InCall: Tray, OutsideHours: Tray}, false}, {Rules{FullScreen: Tray}, true}, {Rules{Locked: Tray}, true},
		{Rules{Shared: Tray}, true}, {Rules{Focus: Tray}, true}} {
		if got := c.AskDesktop(); got != c.want {
			t.Errorf("%+v asks the desktop: %v", c.Rules, got)
		}
	}
}

func TestOutsideHours(t *testing.T) {
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 3, day, hour, minute, 0, 0, time.Local) } // the 2nd is a Monday
	for _, c := range []struct {
		hours, days string
		now         time.Time
		want        bool
	}{
		{"", "", at(1, 3, 0), false}, {"8-16", "", at(2, 7, 59), true}, {"8-16", "", at(2, 8, 0), false}, {"8-16", "", at(2, 15, 59), false},
		{"8-16", "", at(2, 16, 0), true}, {"08:30-16.15", "", at(6, 16, 14), false}, {"08:30-16.15", "", at(6, 16, 15), true},
		{"8-16", "", at(7, 12, 0), true}, {"8-16", account.ToSaturday, at(7, 12, 0), false}, {"8-16", account.ToSaturday, at(8, 12, 0), true},
		{"8-16", account.EveryDay, at(8, 12, 0), false}, {"22-6", "", at(3, 23, 0), false}, {"22-6", "", at(3, 5, 59), false}, {"22-6", "", at(3, 12, 0), true},
		{"0-24", "", at(2, 0, 0), false}, {"0-24", "", at(2, 23, 59), false}, {"nonsense", "", at(2, 3, 0), false},
	} {
		if got := OutsideHours(account.Settings{WorkHours: c.hours, WorkDays: c.days}, c.now); got != c.want {
			t.Errorf("%q %q at %s: outside %v", c.hours, c.days, c.now.Format("Mon 15:04"), got)
		}
	}
}

// Who calls is kept from a screen that is locked or that others see, unless the settings say otherwise.
func TestNameless(t *testing.T) {
	for _, c := range []struct {
		names bool
		Desktop
		want bool
	}{{false, Desktop{}, false}, {false, Desktop{Locked: true}, true}, {false, Desktop{Shared: true}, true}, {false, Desktop{FullScreen: true, Focus: true}, false},
		{true, Desktop{Locked: true, Shared: true}, false}} {
		if got := (Rules{Names: c.names}).Decide(Situation{Desktop: c.Desktop, PopupShows: true}); got.Nameless != c.want || !got.Popup {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}
