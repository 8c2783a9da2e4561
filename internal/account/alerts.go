package account

import (
	"strings"
	"time"
)

// How a ringing call may disturb the user: the values of the settings alert_*. "" counts as AlertPopup.
const (
	AlertPopup        = "popup"        // the popup, and a notification
	AlertNotification = "notification" // only a notification
	AlertTray         = "tray"         // only the tray icon
	AlertNothing      = "nothing"
)

// The values of Settings.WorkDays. "" counts as ToFriday.
const (
	ToFriday   = "mon-fri"
	ToSaturday = "mon-sat"
	EveryDay   = "every day"
)

// WorkHours parses the working hours of a day, as in the settings: "08:00-16:30" or "8-16". It returns the
// times since midnight; ok is false for anything that cannot be parsed, and for "". Hours may extend past
// midnight.
func WorkHours(s string) (from, to time.Duration, ok bool) {
	first, last, both := strings.Cut(strings.ReplaceAll(s, "–", "-"), "-")
	from, okFrom := timeOfDay(first)
	to, okTo := timeOfDay(last)
	return from, to, both && okFrom && okTo && from != to
}

func timeOfDay(s string) (time.Duration, bool) {
	s = strings.ReplaceAll(strings.TrimSpace(s), ".", ":") // as Danes write it
	if s == "24:00" || s == "24" {
		return 24 * time.Hour, true
	}
	for _, layout := range []string{"15:04", "15"} {
		if t, err := time.Parse(layout, s); err == nil {
			return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, true
		}
	}
	return 0, false
}

// checkAlerts validates the settings of how calls may disturb the user.
func (s Settings) checkAlerts() (errs FieldErrors) {
	for _, c := range []struct {
		field Field
		value string
	}{
		{FieldAlertDirect, s.AlertDirect}, {FieldAlertQueue, s.AlertQueue}, {FieldAlertInternal, s.AlertInternal},
		{FieldAlertExternal, s.AlertExternal}, {FieldAlertInCall, s.AlertInCall}, {FieldAlertFullScreen, s.AlertFullScreen},
		{FieldAlertLocked, s.AlertLocked}, {FieldAlertShared, s.AlertShared}, {FieldAlertFocus, s.AlertFocus},
		{FieldAlertOutsideHours, s.AlertOutsideHours},
	} {
		if why := oneOf(c.value, "A call can be shown by popup, notification, tray or nothing.",
			AlertPopup, AlertNotification, AlertTray, AlertNothing); why != "" {
			errs = append(errs, &FieldError{c.field, why})
		}
	}
	if s.AlertQueueAfter < 0 || s.AlertQueueAfter > 300 {
		errs = append(errs, &FieldError{FieldAlertQueueAfter, "The wait for calls to a queue can be 0 to 300 seconds."})
	}
	if _, _, ok := WorkHours(s.WorkHours); !ok && strings.TrimSpace(s.WorkHours) != "" {
		errs = append(errs, &FieldError{FieldWorkHours, "Write the working hours as 08:00-16:00, or leave them empty."})
	}
	if why := oneOf(s.WorkDays, "The working days can be mon-fri, mon-sat or every day.", ToFriday, ToSaturday, EveryDay); why != "" {
		errs = append(errs, &FieldError{FieldWorkDays, why})
	}
	return errs
}
