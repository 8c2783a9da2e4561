package cstasession

import (
	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
	"slices"
	"strings"
	"time"
)

// callTable is the calls of one device: a fold of events and snapshots. It does no I/O, and has no clock and
// no lock of its own: whoever owns it says what time it is.
type callTable struct {
	device   csta.DeviceID
	believed *belief
	entries  []*callEntry // oldest first
	// gone remembers for a while the callIDs that were cleared on this link, so that a late event cannot
	// raise the dead. Not for ever: a PBX that names whole calls by callID may bring one back to us.
	gone []goneCall
	// asking is the consultation that a service has asked for, until it is seen.
	asking asking
	// typed: the PBX was seen to tell which service caused an event.
	typed bool
	// last is the last wire.Event of a call that is known.
	last wire.Event
}

// callEntry is a call, and what else is known of it. A call that ended is kept until take.
type callEntry struct {
	csta.Call
	clearing  bool         // our own side asked to clear it: its end is a choice, not a miss
	picked    bool         // a DirectedPickupCall brought it, where the PBX tells such things
	elsewhere bool         // it rings here, and somebody else was seen to answer
	linkages  []string     // all that it has had, the last one last
	offers    []wire.Event // with which it rang here
	order     int          // the highest number of its events, where they are numbered
	parties   []string     // the devices of a conference, where they were told
	doubted   time.Time    // since when nobody has vouched for it: when the link came back; zero if not Uncertain
}

// mostCalls bounds what a server without an end can make us remember; no telephone has as many.
const mostCalls = 1000

// newCallTable makes the table of a device. believed is shared by all tables of one PBX.
func newCallTable(device csta.DeviceID, believed *belief) *callTable {
	return &callTable{device: device, believed: believed}
}

// ours reports whether the device is the monitored one, in whichever form it is written.
func (t *callTable) ours(d csta.DeviceID) bool {
	return d != "" && (strings.EqualFold(string(d), string(t.device)) || strings.EqualFold(d.Number(), t.device.Number()))
}

// newLink forgets what holds for one link only: call identifiers may be used again by a PBX that was restarted.
func (t *callTable) newLink() {
	t.gone, t.asking = nil, asking{}
	for _, c := range t.entries {
		c.clearing, c.picked = false, false
	}
}

// apply folds one event, which arrived at now, into the table. It returns the call that the event is about,
// and whether this one or another has changed.
func (t *callTable) apply(ev wire.Event, now time.Time) (_ csta.Call, changed bool) {
	c := t.find(ev)
	superseded := c != nil && t.another(c, ev)
	if superseded { // the end of the one that we know was lost
		c.giveUp(now)
		if !c.Answered.IsZero() {
			c.Outcome = csta.Answered
		}
		t.buryEntry(c, now)
		c = nil
	}
	phase, says := t.phase(ev, c)
	t.typed = t.typed || ev.RequestType != ""
	if c == nil {
		switch {
		case !says, ev.Leg.CallID == "" && ev.Linkage == "", len(t.entries) >= mostCalls:
			return csta.Call{}, superseded
		case phase == csta.Ended:
			if !t.isGone(ev, phase, now) {
				t.bury(goneCall{callID: ev.Leg.CallID, linkages: known(ev.Linkage), order: ev.Order, at: now}) // we never saw it
			}
			return csta.Call{}, superseded
		case t.isGone(ev, phase, now):
			return csta.Call{}, superseded
		}
		return t.add(ev, phase, now).Call, true
	}
	before := c.Call
	if !says && (strings.EqualFold(ev.Name, "ConnectionCleared") || strings.EqualFold(ev.Name, "Diverted")) {
		t.leaves(c, ev) // of another leg: it tells nothing else of ours
		return c.Call, c.Call != before
	}
	c.vouch()
	if t.taken(ev, c) {
		c.elsewhere = true
	}
	t.learn(c, ev)
	if says {
		c.enter(phase, now)
	}
	partner := false // another call has ended with it
	switch {
	case strings.EqualFold(ev.Name, "Conferenced"):
		if c.ID.CallID != ev.Leg.CallID {
			t.bury(goneCall{callID: ev.Leg.CallID, linkages: known(ev.Linkage), order: ev.Order, at: now})
		}
		partner = t.endPartner(c, ev, csta.Answered, now)
	case c.ID.CallID != before.ID.CallID:
		partner = t.endTwin(c, ev, now)
	case strings.EqualFold(ev.Name, "Established") && before.Phase == csta.Active && c.Phase == csta.Active && unnumbered(ev) != t.last:
		c.Conference = false // told again who the other party is: one is left (inferred)
	}
	t.last = unnumbered(ev)
	if c.Phase == csta.Ended && before.Phase != csta.Ended {
		c.Outcome = t.outcome(c, ev, before.Cause)
		t.buryEntry(c, now)
		if ev.Leg.CallID != c.ID.CallID {
			t.bury(goneCall{callID: ev.Leg.CallID, linkages: known(ev.Linkage), order: ev.Order, at: now})
		}
		if c.Outcome == csta.Transferred {
			partner = t.endPartner(c, ev, csta.Transferred, now) || partner
		}
	}
	return c.Call, partner || c.Call != before
}

// find is the call that an event is about: by the callID of our leg, else by the linkage that all legs
// share. A consultation leg ("-att", vendor page consultationCall) is a call of its own beside the one
// it consults about.
func (t *callTable) find(ev wire.Event) *callEntry {
	for _, id := range []string{ev.Leg.CallID, ev.Secondary.CallID, ev.NewCallID} { // of calls that were joined we may know only one
		if c := t.byCallID(id); c != nil {
			return c
		}
	}
	if ev.Linkage == "" || isConsultation(ev.Leg.CallID) {
		return nil
	}
	for _, c := range t.entries {
		if c.Linkage == ev.Linkage && c.Phase != csta.Ended && !isConsultation(c.ID.CallID) {
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
func (t *callTable) mine(ev wire.Event) bool {
	switch {
	case ev.Leg.DeviceID == "" || t.ours(ev.Leg.DeviceID):
		return true
	case strings.EqualFold(ev.Name, "Held") || strings.EqualFold(ev.Name, "Retrieved"):
		return t.ours(ev.Subject)
	}
	return false
}

// taken reports whether an event shows that somebody else answered a call that rings here: where a
// callID names the whole call, the other phones' legs are told as well. (ECMA-269 §17.2.8)
func (t *callTable) taken(ev wire.Event, c *callEntry) bool {
	return strings.EqualFold(ev.Name, "Established") && !t.mine(ev) && !t.ours(ev.Subject) &&
		c.Phase == csta.Ringing && c.Answered.IsZero() && ev.Info != "connected"
}

// phase is what an event says of our leg: from localStatus, the vendor's richest word, then from
// localConnectionInfo, then from the event's name. says is false where it says nothing.
func (t *callTable) phase(ev wire.Event, c *callEntry) (p csta.Phase, says bool) {
	name := strings.ToLower(ev.Name)
	mine := t.mine(ev)
	// A leg joined by linkage only: a second phone of ours that rang, or the queue's next attempt.
	another := c != nil && c.ID.CallID != "" && ev.Leg.CallID != "" && ev.Leg.CallID != c.ID.CallID
	switch name {
	case "connectioncleared":
		// Where callIDs name the whole call, as in the standard, another party's leg may end under ours.
		return csta.Ended, !another && (mine || c != nil && ev.Leg.CallID != "" && ev.Info == "null")
	case "diverted":
		return csta.Ended, !another && (mine || t.ours(ev.Subject))
	case "transfered", "transferred":
		return csta.Ended, t.ours(ev.Subject) || ev.Info == "null" || ev.Subject == "" && mine
	case "established":
		if c != nil && t.taken(ev, c) {
			return csta.Ended, ev.Info == "null"
		}
	}
	outgoing := t.direction(ev, c) == csta.Outgoing
	alerting := csta.Ringing
	if outgoing {
		alerting = csta.Calling // our own phone rings first, to be lifted
	}
	var found bool
	if mine { // localStatus is of the event's own leg; localConnectionInfo is always of ours
		switch ev.Status {
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
		switch ev.Info {
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
			p, found = csta.Held, ev.Info == "" && (ev.Subject == "" || t.ours(ev.Subject))
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
func (t *callTable) direction(ev wire.Event, c *callEntry) csta.Direction {
	if c != nil {
		return c.Direction
	}
	mine := t.mine(ev)
	switch name := strings.ToLower(ev.Name); {
	case isConsultation(ev.Leg.CallID) && mine:
		return csta.Outgoing // whatever the call it is about was
	case strings.EqualFold(ev.RequestType, "MakeCall") && mine && t.ours(ev.Calling):
		return csta.Outgoing // also while our own phone rings, to be lifted
	case ev.Direction == "outbound" && mine:
		return csta.Outgoing
	case ev.Direction == "inbound" && mine:
		return csta.Incoming
	case name == "originated", name == "serviceinitiated", name == "networkreached", t.ours(ev.Calling):
		return csta.Outgoing
	default:
		return csta.Incoming
	}
}

func (t *callTable) add(ev wire.Event, phase csta.Phase, now time.Time) *callEntry {
	c := &callEntry{Call: csta.Call{Linkage: ev.Linkage, ID: ev.Leg, Phase: phase, Direction: t.direction(ev, nil), Began: now, Since: now}}
	if !t.ours(ev.Leg.DeviceID) {
		c.ID.DeviceID = t.device
	}
	if c.Linkage == "" {
		c.Linkage = ev.Leg.CallID
	} else {
		c.linkages = known(c.Linkage)
	}
	if phase == csta.Active || phase == csta.Held {
		c.Answered = now
	}
	t.learn(c, ev)
	if c.Direction == csta.Outgoing {
		c.Consults = t.asksAbout(c, ev)
	}
	t.entries = append(t.entries, c)
	return c
}

// learn takes over what an event tells about a call, and keeps what it does not tell.
func (t *callTable) learn(c *callEntry, ev wire.Event) {
	t.noteOffer(c, ev)
	if (strings.EqualFold(ev.RequestType, "DirectedPickupCall") || ev.Cause.Is("callPickup")) && t.mine(ev) && ev.Info != "null" && ev.Leg.CallID != "" {
		c.picked = true
	}
	if t.ours(ev.Leg.DeviceID) && ev.Leg.CallID != "" {
		c.ID.CallID = ev.Leg.CallID
	}
	// A call that was transferred or joined goes on under another linkage (inferred).
	joined := strings.EqualFold(ev.Name, "Conferenced") || !t.ours(ev.Subject) && (strings.EqualFold(ev.Name, "Transfered") || strings.EqualFold(ev.Name, "Transferred"))
	if own := joined || ev.Leg.CallID == c.ID.CallID && t.mine(ev); ev.Linkage != "" && (own || c.Linkage == c.ID.CallID) {
		c.link(ev.Linkage)
	}
	if ev.Cause != "" {
		c.Cause = ev.Cause
	}
	// remoteUser, told of our own leg, is the other party's number, and follows a transfer. Without it
	// the devices of the event name the other party, as it was at first.
	number := ev.Remote.Number
	told := number != "" && !t.ours(csta.DeviceID(number)) && t.mine(ev)
	if strings.EqualFold(ev.Name, "Conferenced") {
		c.Conference, c.parties = true, strings.Fields(ev.Parties)
	}
	if joined {
		if ev.NewCallID != "" { // the two calls that were joined go on as a third
			c.ID.CallID = ev.NewCallID
		}
		if n := ev.TransferredTo.Number(); n != "" && !t.ours(ev.TransferredTo) {
			number, told = n, true
		}
	}
	if !told {
		other := ev.Calling
		if c.Direction == csta.Outgoing {
			other = ev.Called
		}
		if number = other.Number(); t.ours(other) {
			number = ""
		}
	}
	if number != "" && number != c.Remote.Number && (told || c.Remote.Number == "") {
		c.Remote = csta.Party{Number: number} // the name was somebody else's
	}
	if c.Direction == csta.Incoming && ev.Remote.Name != "" {
		c.Remote.Name = ev.Remote.Name
	}
	if c.Direction == csta.Incoming && c.Via == "" && !strings.EqualFold(ev.Name, "Diverted") { // that names where the call goes
		for _, d := range []csta.DeviceID{ev.LastRedirection, ev.NetworkCalled, ev.Called} {
			if n := d.Number(); n != "" && !t.ours(d) && n != c.Remote.Number {
				c.Via = n
				break
			}
		}
	}
}

// enter takes the call into a phase.
func (c *callEntry) enter(phase csta.Phase, now time.Time) {
	if c.Phase == phase {
		return
	}
	c.Phase, c.Since = phase, now
	if (phase == csta.Active || phase == csta.Held) && c.Answered.IsZero() {
		c.Answered = now
	}
}

// take returns the calls, oldest first, and lets those go that have ended: whoever publishes what take
// returns publishes the end of a call exactly once.
func (t *callTable) take() []csta.Call {
	calls := t.calls()
	t.entries = slices.DeleteFunc(t.entries, func(c *callEntry) bool { return c.Phase == csta.Ended })
	return calls
}

// calls are the calls, oldest first.
func (t *callTable) calls() []csta.Call {
	calls := make([]csta.Call, len(t.entries))
	for i, c := range t.entries {
		calls[i] = c.Call
		calls[i].Consults = t.consulted(c)
	}
	return calls
}

// clearing notes that our own side has asked to clear a call, or that it came to nothing.
func (t *callTable) clearing(callID string, asked bool) {
	if c := t.byCallID(callID); c != nil {
		c.clearing = asked
	}
}

// pickedUp reports whether a DirectedPickupCall brought the call. known is false where the PBX was not seen to
// tell of any service. (vendor page deliveredEvent; the standard has a cause for it)
func (t *callTable) pickedUp(callID string) (picked, known bool) {
	c := t.byCallID(callID)
	return c != nil && c.picked, t.typed
}

func (t *callTable) byCallID(callID string) *callEntry {
	for _, c := range t.entries {
		if callID != "" && c.ID.CallID == callID && c.Phase != csta.Ended {
			return c
		}
	}
	return nil
}
