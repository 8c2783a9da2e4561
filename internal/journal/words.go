package journal

import (
	"strconv"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/text"
)

// OutcomeWords says in the user's language how the call ended, and how a missed one was settled; of a gap, that
// calls were not seen.
func (r Row) OutcomeWords() string {
	by := func(p csta.Party) string { return text.Person(p) }
	words := text.OutcomeWord(r.Call())
	switch {
	case r.IsGap():
		return text.Say("Calls in this time were not seen.")
	case r.PassedTo != "" && r.Outcome == csta.DivertedAway:
		words = text.Say("Transferred to {{.Who}}", "Who", text.Plain(r.PassedTo, text.MaxName))
	case r.Outcome == csta.AnsweredElsewhere && by(r.By) != "":
		words = text.Say("Answered by {{.Who}}", "Who", by(r.By))
	case r.Outcome == csta.NotEnded && r.Unknown:
		words = text.Say("End not known")
	case r.Outcome == csta.NotEnded:
		words = text.Say("Goes on")
	case r.Outcome == csta.Missed && r.Attempts > 1:
		words = text.Say("Missed {{.Count}} times", "Count", strconv.Itoa(r.Attempts))
	}
	if r.Settled.IsZero() {
		return words
	}
	at := text.TimeOfDay(r.Settled)
	switch who := by(r.SettledBy); {
	case r.SettledHow == CalledBack:
		words += ", " + text.Say("called back {{.Time}}", "Time", at)
	case r.SettledHow == Reached:
		words += ", " + text.Say("called again and answered {{.Time}}", "Time", at)
	case r.SettledHow == Colleague && who != "":
		words += ", " + text.Say("answered by {{.Who}} {{.Time}}", "Who", who, "Time", at)
	case r.SettledHow == Colleague:
		words += ", " + text.Say("answered elsewhere {{.Time}}", "Time", at)
	default:
		words += ", " + text.Say("done")
	}
	return words
}

// GapWords describes a period in which no calls were seen.
func (r Row) GapWords() string {
	from, until := text.TimeOfDay(r.Began), text.Say("now")
	if !r.Ended.IsZero() {
		until = text.TimeOfDay(r.Ended)
	}
	if r.Ended.Sub(r.Began) >= 24*time.Hour {
		from, until = text.Day(r.Began, r.Ended)+" "+from, text.Day(r.Ended, r.Ended)+" "+until
	}
	switch {
	case r.Kind == NotRunning:
		return text.Say("Not running {{.From}} – {{.Until}}", "From", from, "Until", until)
	case until == from: // within the same minute
		return text.Say("Offline at {{.From}} for {{.Time}}", "From", from, "Time", text.Clock(r.Ended.Sub(r.Began)))
	}
	return text.Say("Offline {{.From}} – {{.Until}}", "From", from, "Until", until)
}

// LastWords describes an earlier call in one line: "Last: yesterday 14:05, you, 6 min".
func (r Row) LastWords(now time.Time) string {
	when := text.Day(r.Began, now) + " " + text.TimeOfDay(r.Began)
	who := text.Person(r.By)
	switch {
	case r.Outcome == csta.Answered || r.Outcome == csta.Transferred:
		minutes := max(1, int((r.Talked()+30*time.Second)/time.Minute))
		return text.Say("Last: {{.When}}, you, {{.Minutes}} min", "When", when, "Minutes", strconv.Itoa(minutes))
	case r.Outcome == csta.AnsweredElsewhere && who != "":
		return text.Say("Last: {{.When}}, {{.What}}", "When", when, "What", who)
	}
	return text.Say("Last: {{.When}}, {{.What}}", "When", when, "What", text.Lower(text.OutcomeWord(r.Call())))
}
