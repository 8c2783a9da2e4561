package ui

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"calltray/cstasession/csta"
	"calltray/internal/dialplan"
	"calltray/internal/text"
)

// The entries of the tray menu, in order. They are created once and changed in place, because an open menu must not
// be rebuilt; so they keep their identifiers on the bus.
const (
	entryStatus = iota
	entryFirstCall
	entryMore     = entryFirstCall + trayCalls*perCall
	entryDial     = entryMore + 1
	entryClip     = entryDial + 1
	entryQuiet    = entryClip + 1
	entryForward  = entryQuiet + 1
	entryOpen     = entryForward + 1
	entrySettings = entryOpen + 1
	entryQuit     = entrySettings + 1
	entries       = entryQuit + 1
)

// trayCalls is how many calls the menu shows, each with a line; Answer; Hold or Resume; Hang up. What a call does not
// allow is disabled, not hidden: when a call is answered, no other entry may move under a pointer on its way to
// "Answer".
const (
	trayCalls = 3
	perCall   = 4
)

// entry is what a menu entry shows and does. An entry without a title is hidden.
type entry struct {
	title    string
	disabled bool
	checked  bool // only for entries that can be checked
	verb     verb
	call     csta.ConnectionID
	number   string
}

// verb is what an entry does.
type verb int

const (
	doNothing verb = iota
	doAnswer
	doHangUp
	doHold
	doResume
	doQuiet   // toggles
	doForward // toggles
	doOpen
	doDial
	doClip
	doSettings
	doQuit
)

// acts reports whether the verb does more than open a window.
func (v verb) acts() bool {
	switch v {
	case doAnswer, doHangUp, doHold, doResume, doQuiet, doForward, doDial:
		return true
	}
	return false
}

// means reports whether clicking e does the same as clicking other.
func (e entry) means(other entry) bool {
	return e.title == other.title && e.verb == other.verb && e.call == other.call && e.number == other.number && e.checked == other.checked
}

// trayMenu returns the menu, as a pure function of its arguments. numbers are those on the clipboard, shown as they
// will be dialled.
func trayMenu(s csta.State, places [trayCalls]csta.ConnectionID, device string, numbers []dialplan.Number, busy map[doing]bool, forwardTo string, nameless bool) [entries]entry {
	var m [entries]entry
	m[entryStatus] = entry{title: strings.Join(append([]string{headline(s, device)}, silences(s)...), " · "), disabled: true}
	calls := living(s)
	offline := s.Status != csta.Online
	for i, place := range places {
		n := slices.IndexFunc(calls, func(c csta.Call) bool { return c.ID == place })
		if n < 0 {
			continue
		}
		c := calls[n]
		at := entryFirstCall + i*perCall
		m[at] = entry{title: callLine(c, nameless), disabled: true}
		can := map[callAction]bool{}
		for _, o := range options(c, s, busy) {
			can[o.action] = o.why == ""
		}
		m[at+1] = entry{title: text.Say("Answer"), verb: doAnswer, call: c.ID, disabled: !can[actAnswer]}
		m[at+2] = entry{title: text.Say("Hold"), verb: doHold, call: c.ID, disabled: !can[actHold]}
		if c.Phase == csta.Held {
			m[at+2] = entry{title: text.Say("Resume"), verb: doResume, call: c.ID, disabled: !can[actResume] && !can[actSwap]}
		}
		m[at+3] = entry{title: text.Say("Hang up"), verb: doHangUp, call: c.ID, disabled: !can[actHangUp]}
	}
	if more := len(calls) - trayCalls; more > 0 {
		m[entryMore] = entry{title: moreCalls(more), verb: doOpen}
	}
	m[entryDial] = entry{title: text.Say("Dial…"), verb: doOpen}
	m[entryClip] = entry{title: text.Say("Dial from clipboard…"), verb: doClip}
	if len(numbers) == 1 && !numbers[0].Kind.ByHand() {
		m[entryClip] = entry{title: text.Say("Dial {{.Number}}", "Number", numbers[0].Shown), verb: doDial, number: numbers[0].Dial, disabled: offline}
	}
	m[entryQuiet] = quietEntry(s)
	m[entryForward] = forwardEntry(s, forwardTo)
	m[entryOpen] = entry{title: text.Say("Open"), verb: doOpen}
	m[entrySettings] = entry{title: text.Say("Settings"), verb: doSettings}
	m[entryQuit] = entry{title: text.Say("Quit"), verb: doQuit}
	return m
}

// quietEntry returns the entry that switches do-not-disturb.
func quietEntry(s csta.State) entry {
	e := entry{title: text.Say("Do not disturb"), verb: doQuiet, checked: s.Telephone.DoNotDisturb == csta.On}
	return e.unless(whyNot(s, s.Telephone.DoNotDisturb != csta.Unknown, "SetDoNotDisturb", "GetDoNotDisturb"))
}

// forwardEntry returns the entry that switches the forwarding of all calls, to the number last used: the PBX does not
// report that while forwarding is off.
func forwardEntry(s csta.State, to string) entry {
	e := entry{title: text.Say("Forward all calls…"), verb: doForward}
	if rule, ok := forwardsAll(s.Telephone); ok {
		e.checked = rule.Active
		to = cmp.Or(rule.To, to)
	}
	if to = text.ForwardedTo(to); to != "" {
		e.title = text.Say("Forward all calls to {{.Number}}", "Number", to)
	}
	return e.unless(whyNot(s, s.Telephone.Forwarding != nil, "SetForwarding", "GetForwarding"))
}

// unless disables the entry if there is a reason why, and puts the reason in its title: a menu has no other place
// for it.
func (e entry) unless(why string) entry {
	if why != "" {
		e.title, e.disabled = e.title+" ("+why+")", true
	}
	return e
}

// whyNot returns in a few words why a setting of the telephone cannot be switched, "" if it can.
func whyNot(s csta.State, known bool, set, get string) string {
	_, noSet := s.Refused[set]
	_, noGet := s.Refused[get]
	switch {
	case s.Status != csta.Online:
		return text.Say("offline")
	case noSet || noGet && !known:
		return text.Say("the PBX does not offer it")
	case !known:
		return text.Say("not known yet")
	default:
		return ""
	}
}

// forwardsAll returns the rule that forwards all calls immediately.
func forwardsAll(p csta.Telephone) (csta.Forwarding, bool) {
	for _, rule := range p.Forwarding {
		if rule.Is("forwardImmediate") {
			return rule, true
		}
	}
	return csta.Forwarding{}, false
}

// headline returns the state of the session in one line.
func headline(s csta.State, device string) string {
	if device == "" {
		return text.StatusWord(s.Status)
	}
	return text.Say("{{.Status}} · extension {{.Extension}}", "Status", text.StatusWord(s.Status), "Extension", device)
}

// silences returns the reasons why no call will ring although the session is online, usually none.
func silences(s csta.State) (words []string) {
	if s.Status != csta.Online {
		return nil
	}
	if s.Telephone.DoNotDisturb == csta.On {
		words = append(words, text.Say("do not disturb"))
	}
	if rule, ok := forwardsAll(s.Telephone); ok && rule.Active {
		words = append(words, text.Say("all calls go to {{.Number}}", "Number", text.ForwardedTo(rule.To)))
	}
	return words
}

// callLine describes a call in one line.
func callLine(c csta.Call, nameless bool) string {
	name := text.WhoInLine(c.Remote)
	switch {
	case nameless && c.Phase == csta.Ringing && !c.Uncertain:
		return text.Say("Incoming call")
	case nameless:
		return text.PhaseWord(c)
	case c.Uncertain:
		return text.Say("Not confirmed: {{.Who}}", "Who", name)
	case c.Phase == csta.Ringing:
		return text.Say("{{.Who}} is calling", "Who", name)
	case c.Phase == csta.Held:
		return text.Say("On hold: {{.Who}}", "Who", name)
	case !c.Consults.IsZero():
		return text.Say("Asking {{.Who}}", "Who", name)
	case c.Phase == csta.Calling:
		return text.Say("Calling {{.Who}}", "Who", name)
	case c.Conference:
		return text.Say("Conference with {{.Who}}", "Who", name)
	default:
		return text.Say("Talking to {{.Who}}", "Who", name)
	}
}

func moreCalls(n int) string {
	if n == 1 {
		return text.Say("one more call")
	}
	return text.Say("{{.Count}} more calls", "Count", strconv.Itoa(n))
}

// slots gives each living call a place in the menu, which it keeps until it ends: an open menu must not move
// "Hang up" from one call to another while the pointer is on its way.
func slots(before [trayCalls]csta.ConnectionID, s csta.State) (after [trayCalls]csta.ConnectionID) {
	waiting := living(s)
	for i, id := range before {
		for j, c := range waiting {
			if c.ID == id {
				after[i] = id
				waiting = append(waiting[:j:j], waiting[j+1:]...)
				break
			}
		}
	}
	for i := range after {
		if after[i] == (csta.ConnectionID{}) && len(waiting) > 0 {
			after[i], waiting = waiting[0].ID, waiting[1:]
		}
	}
	return after
}
