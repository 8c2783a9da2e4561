// Package text contains every sentence that people read, in English and Danish: about calls and errors, and the
// words that the window, the notifications and the command line share.
package text

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"calltray/cstasession/csta"
	"calltray/internal/dialplan"
	"calltray/internal/foreign"
)

// Say returns a translated sentence in the user's language. Pairs of a name and a value replace its
// placeholders: Say("Dialling {{.Number}}", "Number", n). The sentence must be a literal: text from the network
// would be a template. A right-to-left value is isolated from the words around it. Any goroutine may call it.
func Say(sentence string, pairs ...string) string {
	return fill(translated(sentence), values(pairs))
}

// Describe says in one line how a call arrived, and for whom, or when it was missed. Network text in it is
// cleaned.
func Describe(c csta.Call) string {
	words := Arrival(c)
	switch {
	case c.Phase != csta.Ended:
	case c.Began.IsZero():
		words = Say("Missed call")
	default:
		words = Say("Missed call at {{.Time}}", "Time", TimeOfDay(c.Began))
	}
	if via := ViaLine(c); via != "" {
		words += " " + via
	}
	return words
}

// SayKnown translates a sentence without placeholders from another package, if there is a translation.
func SayKnown(sentence string) string {
	if known(sentence) && !strings.Contains(sentence, "{{") {
		return translated(sentence)
	}
	return sentence
}

// The maximum lengths of text from the network: a name of forty characters fills the popup.
const (
	MaxName  = 80
	MaxWords = 120
)

// Plain turns a text from the network into one line, see [foreign.Line].
func Plain(s string, limit int) string { return foreign.Line(s, limit) }

// showing is how to display numbers, nil for dialplan.Format.
var showing atomic.Pointer[func(string) string]

// ShowNumbers sets how callers' numbers are displayed from now on. Any goroutine may call it.
func ShowNumbers(show func(number string) string) { showing.Store(&show) }

// ShownNumber returns a number for display, "" if it is not known. It is for callers and called parties: a
// number to be dialled is displayed with dialplan.Format, which changes nothing.
func ShownNumber(number string) string {
	show := dialplan.Format
	if own := showing.Load(); own != nil {
		show = *own
	}
	return Plain(show(csta.DeviceID(number).Number()), 40)
}

// forwardedTo is what a PBX may say in place of a number that calls are forwarded to. (vendor page getForwarding)
var forwardedTo = map[string]string{"busy": "the busy tone"}

// ForwardedTo returns where calls are forwarded to, for display: a number, or the PBX's word, which is quoted if it
// is not known here.
func ForwardedTo(to string) string {
	shown := ShownNumber(to)
	switch words, known := forwardedTo[strings.ToLower(shown)]; {
	case known:
		return SayKnown(words)
	case strings.ContainsFunc(shown, unicode.IsLetter):
		return Quote(shown)
	}
	return shown
}

// Who returns the two lines that identify a caller: the best information, and the number unless that is it.
func Who(p csta.Party) (first, second string) {
	name, number := Plain(p.Name, MaxName), ShownNumber(p.Number)
	switch {
	case name != "" && number != "" && name != number && name != p.Number:
		return name, number
	case number != "":
		return number, ""
	case name != "":
		return name, ""
	default:
		return Say("Number withheld"), ""
	}
}

// WhoInLine returns the caller in one line.
func WhoInLine(p csta.Party) string {
	first, second := Who(p)
	if second != "" {
		return foreign.Isolate(first) + " · " + second
	}
	return first
}

// Person returns the name of a call's other party, for a sentence: "Ærø Bageri (22 33 44 55)"; "" if nothing is
// known.
func Person(p csta.Party) string {
	name, number := Plain(p.Name, MaxName), ShownNumber(p.Number)
	switch {
	case name == "":
		return number
	case number == "" || name == number || name == p.Number:
		return name
	}
	return name + " (" + number + ")"
}

// Quote returns what somebody typed, for a sentence: “on”, cleaned and cut.
func Quote(s string) string { return "“" + Plain(s, MaxName) + "”" }

// Clock formats a duration: 0:07, 12:34, 1:02:03.
func Clock(d time.Duration) string {
	s := int(max(d, 0) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// ViaLine says for whom a call is, if it is not for this extension itself: with which name to answer.
func ViaLine(c csta.Call) string {
	via, name := ShownNumber(c.Via), Plain(c.ViaName, MaxName)
	switch {
	case via == "":
		return ""
	case name == "" || name == via || name == c.Via:
		return Say("for {{.Via}}", "Via", via)
	default:
		return Say("for {{.Name}} ({{.Via}})", "Name", name, "Via", via)
	}
}

// Arrival says how a call came here. (ECMA-323 EventCause)
func Arrival(c csta.Call) string {
	is := func(causes ...csta.Cause) bool { return slices.ContainsFunc(causes, c.Cause.Is) }
	switch {
	case is("consultation"):
		return Say("A colleague asks")
	case is("transfer", "singleStepTransfer"):
		return Say("Transferred call")
	case is("recall", "recallBusy", "recallNoAnswer", "recallForwarded", "recallResourcesNotAvailable"):
		return Say("The call comes back")
	case is("redirected", "callForward", "callForwardImmediate", "callForwardBusy", "callForwardNoAnswer"):
		return Say("Forwarded call")
	default:
		return Say("Incoming call")
	}
}

// PhaseWord names the phase of a call.
func PhaseWord(c csta.Call) string {
	switch c.Phase {
	case csta.Ringing:
		return Say("Ringing")
	case csta.Calling:
		return Say("Calling")
	case csta.Active:
		switch {
		case c.Conference:
			return Say("Conference")
		case !c.Consults.IsZero():
			return Say("Asking")
		}
		return Say("Talking")
	case csta.Held:
		return Say("On hold")
	default:
		return Say("Ended")
	}
}

// StatusWord names the state of the session.
func StatusWord(s csta.Status) string {
	switch s {
	case csta.Online:
		return Say("Online")
	case csta.Connecting:
		return Say("Connecting")
	default:
		return Say("Offline")
	}
}

// OutcomeWord says how a call ended.
func OutcomeWord(c csta.Call) string {
	switch c.Outcome {
	case csta.Answered:
		if c.Answered.IsZero() { // the time is not known
			return Say("Answered")
		}
		return Say("Talked {{.Time}}", "Time", Clock(c.Since.Sub(c.Answered)))
	case csta.Missed:
		return Say("Missed")
	case csta.AnsweredElsewhere:
		return Say("Answered elsewhere")
	case csta.DivertedAway:
		return Say("Diverted")
	case csta.Rejected:
		return Say("Declined")
	case csta.Busy:
		return Say("Busy")
	case csta.NoAnswer:
		return Say("No answer")
	case csta.Cancelled:
		return Say("Cancelled")
	case csta.FailedCall:
		return Say("Failed")
	case csta.Transferred:
		return Say("Transferred")
	case csta.EndedOffline:
		return Say("Ended while offline")
	default:
		return Say("Ended")
	}
}

// Capital changes the first letter of a text to upper case.
func Capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// Unreached says why a called party was not reached, "" for a call that ended in another way.
func Unreached(c csta.Call, who string) string {
	switch {
	case c.Phase != csta.Ended || c.Direction != csta.Outgoing:
		return ""
	case c.Outcome == csta.Busy:
		return Say("{{.Who}} is busy: try again later.", "Who", who)
	case c.Outcome == csta.NoAnswer:
		return Say("{{.Who}} did not answer: try again later.", "Who", who)
	case c.Outcome == csta.FailedCall:
		return Say("{{.Who}} cannot be reached: look at the number, or try again later.", "Who", who)
	}
	return ""
}

// TimeOfDay returns hours and minutes, which all our languages write with a colon.
func TimeOfDay(t time.Time) string { return t.Local().Format("15:04") }
