// Package attention decides how a ringing call asks for the user's attention: by the popup, by a notification,
// by the tray icon alone, or not at all. It is pure: its input is who calls, what the user is doing and what
// the settings say, and its output is what to show.
package attention

import (
	"time"

	"calltray/internal/account"
)

// Level is how much a call may disturb. The zero Level is the popup: without a rule, everything is shown.
type Level int

// The levels, from the most to the least.
const (
	Popup        Level = iota // the popup and a notification
	Notification              // a notification only
	Tray                      // the tray icon only
	Nothing                   // not even that: the call is only in the menu and in the window
)

// levelOf parses a setting. Any other value is rejected elsewhere, and counts as Popup.
func levelOf(setting string) Level {
	switch setting {
	case account.AlertNotification:
		return Notification
	case account.AlertTray:
		return Tray
	case account.AlertNothing:
		return Nothing
	}
	return Popup
}

// Rules is what the user has chosen. The zero Rules shows everything.
type Rules struct {
	Direct, Queue, Internal, External Level // by who calls whom

	InCall       Level // while the user is in another call
	FullScreen   Level // while a program fills the screen
	Locked       Level // while the screen is locked
	Shared       Level // while others see the screen
	Focus        Level // while the desktop's own do-not-disturb is on
	OutsideHours Level // outside working hours

	QueueAfter time.Duration // a call from a queue is only in the tray until it has rung for this long
	Once       bool          // the popup if it can be shown, else the notification; neither while the window has the keyboard
	Sound      bool          // a short one, if the level is Popup or Notification
	Names      bool          // show who calls even where others may read it: on a locked screen, and on one that others can see
}

// RulesOf returns the rules in the settings.
func RulesOf(s account.Settings) Rules {
	return Rules{
		Direct: levelOf(s.AlertDirect), Queue: levelOf(s.AlertQueue), Internal: levelOf(s.AlertInternal), External: levelOf(s.AlertExternal),
		InCall: levelOf(s.AlertInCall), FullScreen: levelOf(s.AlertFullScreen), Locked: levelOf(s.AlertLocked), Shared: levelOf(s.AlertShared),
		Focus: levelOf(s.AlertFocus), OutsideHours: levelOf(s.AlertOutsideHours),
		QueueAfter: time.Duration(max(0, s.AlertQueueAfter)) * time.Second, Once: s.AlertOnce, Sound: s.AlertSound,
		Names: s.AlertNames,
	}
}

// AskDesktop reports whether how a call is shown depends on the desktop, so that a Desktop is required. Without
// Names, whether to show who calls depends on it, too.
func (r Rules) AskDesktop() bool {
	return r.FullScreen != Popup || r.Locked != Popup || r.Shared != Popup || r.Focus != Popup
}

// Desktop is what the desktop reports about what the user is doing. What it cannot report is false.
type Desktop struct {
	FullScreen bool // a program fills the screen
	Locked     bool // the screen is locked
	Shared     bool // others see the screen
	Focus      bool // the desktop's own do-not-disturb is on
}

// Situation is everything that matters when a call rings.
type Situation struct {
	Queue    bool          // it came through a queue or another number
	Internal bool          // a colleague calls
	Rung     time.Duration // how long it has been ringing
	Desktop
	InCall       bool // the user is in another call
	OutsideHours bool
	PopupShows   bool // the popup is enabled, and the desktop can show it
	WindowActive bool // Calltray's window has the keyboard
}

// Channels is how a call is shown.
type Channels struct {
	Popup, Notification, Tray, Sound bool
	Nameless                         bool // popup and notification say that somebody calls, but not who
	Asking                           bool // the desktop has not answered yet: the popup may follow
}

// Nameless reports whether to hide who is calling.
func (r Rules) Nameless(d Desktop) bool { return !r.Names && (d.Locked || d.Shared) }

// Decide applies the rules to a situation: of all that apply, the quietest wins.
func (r Rules) Decide(s Situation) Channels {
	level := Popup
	quiet := func(applies bool, most Level) {
		if applies {
			level = max(level, most)
		}
	}
	quiet(!s.Queue, r.Direct)
	quiet(s.Queue, r.Queue)
	quiet(s.Internal, r.Internal)
	quiet(!s.Internal, r.External)
	quiet(s.InCall, r.InCall)
	quiet(s.FullScreen, r.FullScreen)
	quiet(s.Locked, r.Locked)
	quiet(s.Shared, r.Shared)
	quiet(s.Focus, r.Focus)
	quiet(s.OutsideHours, r.OutsideHours)
	quiet(s.Queue && s.Rung < r.QueueAfter, Tray)

	c := Channels{
		Popup:        level == Popup && s.PopupShows,
		Notification: level <= Notification,
		Tray:         level <= Tray,
		Sound:        level <= Notification && r.Sound,
		Nameless:     r.Nameless(s.Desktop),
	}
	switch {
	case r.Once && s.WindowActive: // the call's row in the window shows it
		c.Popup, c.Notification = false, false
	case r.Once && c.Popup:
		c.Notification = false
	}
	return c
}

// OutsideHours reports whether a time is outside the working hours in the settings. Without working hours, no
// time is.
func OutsideHours(s account.Settings, now time.Time) bool {
	from, to, ok := account.WorkHours(s.WorkHours)
	if !ok {
		return false
	}
	switch day := now.Weekday(); {
	case day == time.Sunday && s.WorkDays != account.EveryDay:
		return true
	case day == time.Saturday && s.WorkDays != account.EveryDay && s.WorkDays != account.ToSaturday:
		return true
	}
	minute := time.Duration(now.Hour())*time.Hour + time.Duration(now.Minute())*time.Minute
	if from <= to {
		return minute < from || minute >= to
	}
	return minute < from && minute >= to // past midnight
}
