package cstasession

import (
	"calltray/cstasession/csta"
	"slices"
	"strings"
	"time"
)

// callTable is the calls of the monitored device: a fold of events. It does no I/O, has no clock and
// no lock of its own; the session's reader owns it.
type callTable struct {
	device csta.DeviceID
	calls  []*csta.Call
	// gone remembers for a while the callIDs that were cleared on this link, so that a late event cannot
	// raise the dead. Not for ever: a switching function that names whole calls by callID may bring one
	// back to us.
	gone []goneLeg
	// settling fires when the next call that nobody vouches for is given up. nil while there is none.
	settling <-chan time.Time
	// clearing are the legs that our own side asked to clear: their end is a choice, not a miss.
	clearing map[string]bool
	// doubted are the calls that were there before the link was lost, by when it came back.
	doubted map[*csta.Call]time.Time
	// asking is the consultation that a service has asked for, until it is seen.
	asking *asking
	// picked are the legs that a DirectedPickupCall brought, where the switching function tells such
	// things; typed is whether it was seen to tell them of any call.
	picked map[string]bool
	typed  bool
	// last is the last event of a call that is known.
	last event
	// parties are the devices of our conferences, where they were told.
	parties map[*csta.Call]string
	// elsewhere are the calls that ring here and that somebody else was seen to answer.
	elsewhere map[*csta.Call]bool
}

type goneLeg struct {
	callID, linkage string
	at              time.Time
}

const goneFor = 10 * time.Second

// comesBack are the causes with which a switching function brings a call back to a device that it has
// left a moment ago, under its old identifier. (ECMA-323 EventCause)
var comesBack = map[string]bool{
	"recall": true, "recallbusy": true, "recallnoanswer": true, "recallforwarded": true, "recallresourcesnotavailable": true,
	"redirected": true, "callforward": true, "callforwardnoanswer": true, "callforwardbusy": true, "transfer": true, "singlesteptransfer": true,
}

// mostCalls bounds what a server without an end can make us remember; no telephone has as many.
const mostCalls = 1000

func newCallTable(device csta.DeviceID) *callTable {
	return &callTable{device: device, clearing: map[string]bool{}, picked: map[string]bool{}, parties: map[*csta.Call]string{}, doubted: map[*csta.Call]time.Time{}, elsewhere: map[*csta.Call]bool{}}
}

// ours reports whether the device is the monitored one, in whichever form it is written.
func (t *callTable) ours(d csta.DeviceID) bool {
	return d != "" && (strings.EqualFold(string(d), string(t.device)) || strings.EqualFold(d.Number(), t.device.Number()))
}

// newLink forgets what holds for one link only: call identifiers may be used again by a switching
// function that was restarted.
func (t *callTable) newLink() {
	t.gone, t.asking = nil, nil
	clear(t.clearing)
	clear(t.picked)
}

// apply folds one event, which arrived at now, into the table. It returns the call that it changed,
// nil if none. A call that ended is in the table until drop.
func (t *callTable) apply(ev event, now time.Time) *csta.Call {
	c := t.find(ev)
	phase, says := t.phase(ev, c)
	t.noteRequest(ev)
	if c == nil {
		switch {
		case !says, ev.leg.CallID == "" && ev.linkage == "", len(t.calls) >= mostCalls:
			return nil
		case t.isGone(ev, now) && !comesBack[ev.cause.Fold()]:
			return nil
		case phase == csta.Ended:
			t.bury(ev.leg, ev.linkage, now) // of a call that we never saw
			return nil
		}
		c = t.add(ev, phase, now)
		return c
	}
	before := *c
	if !says && (strings.EqualFold(ev.name, "ConnectionCleared") || strings.EqualFold(ev.name, "Diverted")) {
		if t.leaves(c, ev); *c == before {
			return nil // of another leg: it tells nothing of ours
		}
		return c
	}
	t.vouch(c)
	if t.taken(ev, c) {
		t.elsewhere[c] = true
	}
	t.learn(c, ev)
	if says {
		t.enter(c, phase, now)
	}
	switch {
	case strings.EqualFold(ev.name, "Conferenced"):
		if c.ID.CallID != ev.leg.CallID {
			t.bury(ev.leg, ev.linkage, now)
		}
		t.endPartner(c, ev, csta.Answered, now)
	case strings.EqualFold(ev.name, "Established") && before.Phase == csta.Active && c.Phase == csta.Active && ev != t.last:
		c.Conference = false // told again who the other party is: one is left (inferred)
	}
	t.last = ev
	if c.Phase == csta.Ended && before.Phase != csta.Ended {
		c.Outcome = t.outcome(c, ev, before.Cause)
		t.bury(c.ID, c.Linkage, now)
		t.bury(ev.leg, ev.linkage, now)
		if c.Outcome == csta.Transferred {
			t.endPartner(c, ev, csta.Transferred, now)
		}
	}
	if *c == before {
		return nil
	}
	return c
}

// find is the call that an event is about: by the callID of our leg, else by the linkage that all legs
// share. A consultation leg ("-att", vendor page consultationCall) is a call of its own beside the one
// it consults about.
func (t *callTable) find(ev event) *csta.Call {
	for _, c := range t.calls {
		if ev.leg.CallID != "" && c.ID.CallID == ev.leg.CallID {
			return c
		}
	}
	for _, id := range []string{ev.secondary.CallID, ev.newCallID} { // of calls that were joined we may know only one
		for _, c := range t.calls {
			if id != "" && c.ID.CallID == id {
				return c
			}
		}
	}
	if ev.linkage == "" || isConsultation(ev.leg.CallID) {
		return nil
	}
	for _, c := range t.calls {
		if c.Linkage == ev.linkage && !isConsultation(c.ID.CallID) {
			return c
		}
	}
	return nil
}

// consultation ends the callID of a leg that asks about another call. (vendor page consultationCall)
const consultation = "-att"

func isConsultation(callID string) bool { return strings.HasSuffix(callID, consultation) }

// mine reports whether an event is about a leg of ours. In the vendor's HeldEvent the connection names
// the other party, beside our callID: there, who holds decides.
func (t *callTable) mine(ev event) bool {
	switch {
	case ev.leg.DeviceID == "" || t.ours(ev.leg.DeviceID):
		return true
	case strings.EqualFold(ev.name, "Held") || strings.EqualFold(ev.name, "Retrieved"):
		return t.ours(ev.subject)
	}
	return false
}

// taken reports whether an event shows that somebody else answered a call that rings here: where a
// callID names the whole call, the other phones' legs are told as well. (ECMA-269 §17.2.8)
func (t *callTable) taken(ev event, c *csta.Call) bool {
	return strings.EqualFold(ev.name, "Established") && !t.mine(ev) && !t.ours(ev.subject) &&
		c.Phase == csta.Ringing && c.Answered.IsZero() && ev.info != "connected"
}

// phase is what an event says of our leg: from localStatus, the vendor's richest word, then from
// localConnectionInfo, then from the event's name. says is false where it says nothing.
func (t *callTable) phase(ev event, c *csta.Call) (p csta.Phase, says bool) {
	name := strings.ToLower(ev.name)
	mine := t.mine(ev)
	// A leg joined by linkage only: a second phone of ours that rang, or the queue's next attempt.
	another := c != nil && c.ID.CallID != "" && ev.leg.CallID != "" && ev.leg.CallID != c.ID.CallID
	switch name {
	case "connectioncleared":
		// Where callIDs name the whole call, as in the standard, another party's leg may end under ours.
		return csta.Ended, !another && (mine || c != nil && ev.leg.CallID != "" && ev.info == "null")
	case "diverted":
		return csta.Ended, !another && (mine || t.ours(ev.subject))
	case "transfered", "transferred":
		return csta.Ended, t.ours(ev.subject) || ev.info == "null" || ev.subject == "" && mine
	case "established":
		if c != nil && t.taken(ev, c) {
			return csta.Ended, ev.info == "null"
		}
	}
	outgoing := t.direction(ev, c) == csta.Outgoing
	alerting := csta.Ringing
	if outgoing {
		alerting = csta.Calling // our own phone rings first, to be lifted
	}
	var found bool
	if mine { // localStatus is of the event's own leg; localConnectionInfo is always of ours
		switch ev.status {
		case "alerting":
			p, found = alerting, true
		case "ringing", "ringing_attendedtransfer":
			p, found = csta.Calling, true
		case "active", "active_attendedtransfer":
			p, found = csta.Active, true
		case "held":
			p, found = csta.Held, true
		}
	}
	if !found {
		switch ev.info {
		case "alerting":
			p, found = alerting, true
		case "initiated":
			p, found = csta.Calling, true
		case "hold", "held":
			p, found = csta.Held, true
		case "null":
			p, found = csta.Ended, true
		case "connected":
			switch {
			case name == "delivered" || name == "failed" || name == "originated" || name == "networkreached":
				p, found = csta.Calling, outgoing
			case name == "held":
				// somebody else put us on hold: our own leg stays as it is
			default:
				p, found = csta.Active, true
			}
		}
	}
	if !found {
		switch name {
		case "delivered":
			p, found = alerting, true
		case "established", "retrieved", "conferenced":
			p, found = csta.Active, true
		case "held":
			p, found = csta.Held, ev.info == "" && (ev.subject == "" || t.ours(ev.subject))
		case "originated", "serviceinitiated", "networkreached":
			p, found = csta.Calling, true
		}
	}
	if c != nil && found && !c.Answered.IsZero() && (p == csta.Ringing || p == csta.Calling) {
		return p, false // a late or repeated Delivered does not un-answer a call
	}
	return p, found
}

// direction is the known call's, else what the event tells.
func (t *callTable) direction(ev event, c *csta.Call) csta.Direction {
	if c != nil {
		return c.Direction
	}
	mine := t.mine(ev)
	switch name := strings.ToLower(ev.name); {
	case isConsultation(ev.leg.CallID) && mine:
		return csta.Outgoing // whatever the call it is about was
	case strings.EqualFold(ev.requestType, "MakeCall") && mine && t.ours(ev.calling):
		return csta.Outgoing // also while our own phone rings, to be lifted
	case ev.direction == "outbound" && mine:
		return csta.Outgoing
	case ev.direction == "inbound" && mine:
		return csta.Incoming
	case name == "originated", name == "serviceinitiated", name == "networkreached", t.ours(ev.calling):
		return csta.Outgoing
	default:
		return csta.Incoming
	}
}

func (t *callTable) add(ev event, phase csta.Phase, now time.Time) *csta.Call {
	c := &csta.Call{Linkage: ev.linkage, ID: ev.leg, Phase: phase, Direction: t.direction(ev, nil), Began: now, Since: now}
	if !t.ours(ev.leg.DeviceID) {
		c.ID.DeviceID = t.device
	}
	if c.Linkage == "" {
		c.Linkage = ev.leg.CallID
	}
	if phase == csta.Active || phase == csta.Held {
		c.Answered = now
	}
	t.learn(c, ev)
	if c.Direction == csta.Outgoing {
		c.Consults = t.asksAbout(c, ev)
	}
	t.calls = append(t.calls, c)
	return c
}

// learn takes over what an event tells about a call, and keeps what it does not tell.
func (t *callTable) learn(c *csta.Call, ev event) {
	if t.ours(ev.leg.DeviceID) && ev.leg.CallID != "" {
		c.ID.CallID = ev.leg.CallID
	}
	// A call that was transferred or joined goes on under another linkage (inferred).
	joined := strings.EqualFold(ev.name, "Conferenced") || !t.ours(ev.subject) && (strings.EqualFold(ev.name, "Transfered") || strings.EqualFold(ev.name, "Transferred"))
	if own := joined || ev.leg.CallID == c.ID.CallID && t.mine(ev); ev.linkage != "" && (own || c.Linkage == c.ID.CallID) {
		c.Linkage = ev.linkage
	}
	if ev.cause != "" {
		c.Cause = ev.cause
	}
	// remoteUser, told of our own leg, is the other party's number, and follows a transfer. Without it
	// the devices of the event name the other party, as it was at first.
	number := ev.remote.Number
	told := number != "" && !t.ours(csta.DeviceID(number)) && t.mine(ev)
	if strings.EqualFold(ev.name, "Conferenced") {
		c.Conference, t.parties[c] = true, ev.parties
	}
	if joined {
		if ev.newCallID != "" { // the two calls that were joined go on as a third
			c.ID.CallID = ev.newCallID
		}
		if n := ev.transferredTo.Number(); n != "" && !t.ours(ev.transferredTo) {
			number, told = n, true
		}
	}
	if !told {
		other := ev.calling
		if c.Direction == csta.Outgoing {
			other = ev.called
		}
		if number = other.Number(); t.ours(other) {
			number = ""
		}
	}
	if number != "" && number != c.Remote.Number && (told || c.Remote.Number == "") {
		c.Remote = csta.Party{Number: number} // the name was somebody else's
	}
	if c.Direction == csta.Incoming && ev.remote.Name != "" {
		c.Remote.Name = ev.remote.Name
	}
	if c.Direction == csta.Incoming && c.Via == "" && !strings.EqualFold(ev.name, "Diverted") { // that names where the call goes
		for _, d := range []csta.DeviceID{ev.lastRedirection, ev.networkCalled, ev.called} {
			if n := d.Number(); n != "" && !t.ours(d) && n != c.Remote.Number {
				c.Via = n
				break
			}
		}
	}
}

func (t *callTable) enter(c *csta.Call, phase csta.Phase, now time.Time) {
	if c.Phase == phase {
		return
	}
	c.Phase, c.Since = phase, now
	if (phase == csta.Active || phase == csta.Held) && c.Answered.IsZero() {
		c.Answered = now
	}
}

// drop takes the ended calls out of the table.
func (t *callTable) drop() {
	t.calls = slices.DeleteFunc(t.calls, func(c *csta.Call) bool {
		if c.Phase == csta.Ended {
			delete(t.elsewhere, c)
			delete(t.parties, c)
		}
		return c.Phase == csta.Ended
	})
}

// snapshot copies the calls, oldest first.
func (t *callTable) snapshot() []csta.Call {
	calls := make([]csta.Call, len(t.calls))
	for i, c := range t.calls {
		calls[i] = *c
		calls[i].Consults = t.consulted(c)
	}
	return calls
}

func (t *callTable) bury(leg csta.ConnectionID, linkage string, now time.Time) {
	if leg.CallID == "" {
		return
	}
	late := slices.IndexFunc(t.gone, func(g goneLeg) bool { return now.Sub(g.at) <= goneFor })
	if late < 0 {
		late = len(t.gone)
	}
	t.gone = append(slices.Delete(t.gone, 0, late), goneLeg{leg.CallID, linkage, now})
	delete(t.clearing, leg.CallID)
	delete(t.picked, leg.CallID)
}

// noteRequest keeps what is told of the service that caused an event. (vendor page deliveredEvent; the
// standard has a cause for it)
func (t *callTable) noteRequest(ev event) {
	t.typed = t.typed || ev.requestType != ""
	if picks := strings.EqualFold(ev.requestType, "DirectedPickupCall") || ev.cause.Is("callPickup"); picks && t.mine(ev) && ev.info != "null" && ev.leg.CallID != "" {
		t.picked[ev.leg.CallID] = true
	}
}

func (t *callTable) isGone(ev event, now time.Time) bool {
	return slices.ContainsFunc(t.gone, func(g goneLeg) bool {
		return g.callID == ev.leg.CallID && now.Sub(g.at) <= goneFor && !t.asksAgain(ev, g)
	})
}
