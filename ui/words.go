package ui

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"calltray/cstasession/csta"
	"calltray/internal/dialplan"
)

// translations holds en.json and da.json. The key of a sentence is the sentence in English.
//
//go:embed translations
var translations embed.FS

var (
	translated sync.Once
	keys       map[string]string // the English sentences; not changed after translated
)

// addTranslations makes the languages known. The user's locale chooses one.
func addTranslations() {
	translated.Do(func() {
		if err := lang.AddTranslationsFS(translations, "translations"); err != nil {
			fyne.LogError("the translations cannot be read", err)
		}
		en, err := translations.ReadFile("translations/en.json")
		if err == nil {
			err = json.Unmarshal(en, &keys)
		}
		if err != nil {
			fyne.LogError("the translations cannot be read", err)
		}
	})
}

// say returns a sentence of the translations in the user's language. Pairs of a name and a value fill
// its places: say("Dialling {{.Number}}", "Number", n). A sentence is always a literal: text from the
// network would be a template.
func say(sentence string, pairs ...string) string { return Translate(sentence, pairs...) }

// Translate is say for other packages, and for any goroutine. Their sentences, too, are literals, and among
// the translations.
func Translate(sentence string, pairs ...string) string {
	addTranslations()
	if len(pairs) == 0 {
		return lang.L(sentence)
	}
	data := make(map[string]string, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		data[pairs[i]] = pairs[i+1]
	}
	return lang.L(sentence, data)
}

// Describe tells in a line how a call came, and for whom, or when it was missed. What is from the network
// in it is cleaned.
func Describe(c csta.Call) string {
	words := arrival(c)
	switch {
	case c.Phase != csta.Ended:
	case c.Began.IsZero():
		words = say("Missed call")
	default:
		words = say("Missed call at {{.Time}}", "Time", timeOfDay(c.Began))
	}
	if via := viaLine(c); via != "" {
		words += " " + via
	}
	return words
}

// sayKnown translates a sentence that another package made, if the translations have it.
func sayKnown(sentence string) string {
	addTranslations()
	if _, ok := keys[sentence]; ok && !strings.Contains(sentence, "{{") {
		return lang.L(sentence)
	}
	return sentence
}

// The longest texts of the network that are shown: a name of forty characters fills the popup.
const (
	maxName  = 80
	maxWords = 120
)

// plain makes one line of a text from the network: no control characters, none that turn the writing
// direction around or cannot be seen, no runs of blanks, at most limit characters.
func plain(s string, limit int) string {
	var b strings.Builder
	n, blank := 0, false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			blank = b.Len() > 0
			continue
		case r == unicode.ReplacementChar, unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), !unicode.IsGraphic(r):
			continue
		}
		if n >= limit {
			return b.String() + "…"
		}
		if blank {
			b.WriteByte(' ')
			n++
		}
		b.WriteRune(r)
		blank = false
		n++
	}
	return b.String()
}

// shownNumber returns a number as the user reads it, "" if it is not known.
func shownNumber(number string) string {
	return plain(dialplan.Format(csta.DeviceID(number).Number()), 40)
}

// who returns the two lines that tell a caller: what is known best, and the number, if that is not it.
func who(p csta.Party) (first, second string) {
	name, number := plain(p.Name, maxName), shownNumber(p.Number)
	switch {
	case name != "" && number != "" && name != number && name != p.Number:
		return name, number
	case number != "":
		return number, ""
	case name != "":
		return name, ""
	default:
		return say("Number withheld"), ""
	}
}

// whoInLine returns the caller in one line.
func whoInLine(p csta.Party) string {
	first, second := who(p)
	if second != "" {
		return first + " · " + second
	}
	return first
}

// clock returns a running time: 0:07, 12:34, 1:02:03.
func clock(d time.Duration) string {
	s := int(max(d, 0) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// viaLine tells for whom a call is, when it is not for this extension itself: with what name to greet.
func viaLine(c csta.Call) string {
	via, name := shownNumber(c.Via), plain(c.ViaName, maxName)
	switch {
	case via == "":
		return ""
	case name == "" || name == via || name == c.Via:
		return say("for {{.Via}}", "Via", via)
	default:
		return say("for {{.Name}} ({{.Via}})", "Name", name, "Via", via)
	}
}

// arrival tells how a call came here. (ECMA-323 EventCause)
func arrival(c csta.Call) string {
	is := func(causes ...csta.Cause) bool { return slices.ContainsFunc(causes, c.Cause.Is) }
	switch {
	case is("consultation"):
		return say("A colleague asks")
	case is("transfer", "singleStepTransfer"):
		return say("Transferred call")
	case is("recall", "recallBusy", "recallNoAnswer", "recallForwarded", "recallResourcesNotAvailable"):
		return say("The call comes back")
	case is("redirected", "callForward", "callForwardImmediate", "callForwardBusy", "callForwardNoAnswer"):
		return say("Forwarded call")
	default:
		return say("Incoming call")
	}
}

// phaseWord tells what a call is doing.
func phaseWord(c csta.Call) string {
	switch c.Phase {
	case csta.Ringing:
		return say("Ringing")
	case csta.Calling:
		return say("Calling")
	case csta.Active:
		switch {
		case c.Conference:
			return say("Conference")
		case !c.Consults.IsZero():
			return say("Asking")
		}
		return say("Talking")
	case csta.Held:
		return say("On hold")
	default:
		return say("Ended")
	}
}

// statusWord names the state of the session.
func statusWord(s csta.Status) string {
	switch s {
	case csta.Online:
		return say("Online")
	case csta.Connecting:
		return say("Connecting")
	default:
		return say("Offline")
	}
}

// outcomeWord tells how a call ended.
func outcomeWord(c csta.Call) string {
	switch c.Outcome {
	case csta.Answered:
		return say("Talked {{.Time}}", "Time", clock(c.Since.Sub(c.Answered)))
	case csta.Missed:
		return say("Missed")
	case csta.AnsweredElsewhere:
		return say("Answered elsewhere")
	case csta.DivertedAway:
		return say("Diverted")
	case csta.Rejected:
		return say("Rejected")
	case csta.Busy:
		return say("Busy")
	case csta.NoAnswer:
		return say("No answer")
	case csta.Cancelled:
		return say("Cancelled")
	case csta.FailedCall:
		return say("Failed")
	case csta.Transferred:
		return say("Transferred")
	case csta.EndedOffline:
		return say("Ended while offline")
	default:
		return say("Ended")
	}
}

// capital begins a text with a capital letter.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// unreached tells why somebody who was called was not reached, "" for a call that ended in another way.
func unreached(c csta.Call, who string) string {
	switch {
	case c.Phase != csta.Ended || c.Direction != csta.Outgoing:
		return ""
	case c.Outcome == csta.Busy:
		return say("{{.Who}} is busy: try again later.", "Who", who)
	case c.Outcome == csta.NoAnswer:
		return say("{{.Who}} did not answer: try again later.", "Who", who)
	case c.Outcome == csta.FailedCall:
		return say("{{.Who}} cannot be reached: look at the number, or try again later.", "Who", who)
	}
	return ""
}

// timeOfDay returns hours and minutes, which every language that we have writes with a colon.
func timeOfDay(t time.Time) string { return t.Local().Format("15:04") }
