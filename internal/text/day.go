package text

import (
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"
)

// Day returns a time's day as people say it: today, yesterday, Monday 23 November; with the year if it differs
// from now's.
func Day(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	midnight := func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, time.UTC)
	}
	switch days := int(midnight(now).Sub(midnight(t)) / (24 * time.Hour)); {
	case days == 0:
		return Say("today")
	case days == 1:
		return Say("yesterday")
	}
	weekday := [...]string{Say("Sunday"), Say("Monday"), Say("Tuesday"), Say("Wednesday"), Say("Thursday"), Say("Friday"), Say("Saturday")}[t.Weekday()]
	month := [...]string{Say("January"), Say("February"), Say("March"), Say("April"), Say("May"), Say("June"), Say("July"), Say("August"),
		Say("September"), Say("October"), Say("November"), Say("December")}[t.Month()-1]
	words := Say("{{.Weekday}} {{.Day}} {{.Month}}", "Weekday", weekday, "Day", strconv.Itoa(t.Day()), "Month", month)
	if t.Year() != now.Year() {
		words += " " + strconv.Itoa(t.Year())
	}
	return words
}

// Lower changes the first letter of a text to lower case.
func Lower(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToLower(first)) + text[size:]
}
