package calls

import (
	"strings"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

// mine reports whether an event is about a leg of ours. In the vendor's HeldEvent the connection names the
// other party with our callID, so there the holding device decides.
func (t *Table) mine(ev wire.Event) bool {
	switch {
	case ev.Leg.DeviceID == "" || t.Ours(ev.Leg.DeviceID):
		return true
	case strings.EqualFold(ev.Name, "Held") || strings.EqualFold(ev.Name, "Retrieved"):
		return t.Ours(ev.Subject)
	}
	return false
}

// taken reports whether an event shows that somebody else answered a call that rings here: where a callID names
// the whole call, the legs of other phones are reported as well. (ECMA-269 §17.2.8)
func (t *Table) taken(ev wire.Event, c *entry) bool {
	return strings.EqualFold(ev.Name, "Established") && !t.mine(ev) && !t.Ours(ev.Subject) &&
		c.Phase == csta.Ringing && c.Answered.IsZero() && ev.Info != "connected"
}

// phase is what an event says about our leg: according to localStatus, the vendor's most detailed field, then
// localConnectionInfo, then the event's name. says is false if it says nothing.
func (t *Table) phase(ev wire.Event, c *entry) (p csta.Phase, says bool) {
	name := strings.ToLower(ev.Name)
	mine := t.mine(ev)
	// A leg that is related by linkage only: a second phone of ours that rang, or the queue's next attempt.
	another := c != nil && c.ID.CallID != "" && ev.Leg.CallID != "" && ev.Leg.CallID != c.ID.CallID
	switch name {
	case "connectioncleared":
		// Where callIDs name the whole call, as in the standard, another party's leg may end under our callID.
		return csta.Ended, !another && (mine || c != nil && ev.Leg.CallID != "" && ev.Info == "null")
	case "diverted":
		return csta.Ended, !another && (mine || t.Ours(ev.Subject))
	case "transfered", "transferred":
		return csta.Ended, t.Ours(ev.Subject) || ev.Info == "null" || ev.Subject == "" && mine
	case "established":
		if c != nil && t.taken(ev, c) {
			return csta.Ended, ev.Info == "null"
		}
	}
	outgoing := t.direction(ev, c) == csta.Outgoing
	alerting := csta.Ringing
	if outgoing {
		alerting = csta.Calling // our own phone rings first, to be picked up
	}
	var found bool
	if mine { // localStatus is about the event's own leg; localConnectionInfo is always about ours
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
				// somebody else put us on hold: our own leg does not change
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
			p, found = csta.Held, ev.Info == "" && (ev.Subject == "" || t.Ours(ev.Subject))
		case "originated", "serviceinitiated", "networkreached":
			p, found = csta.Calling, true
		}
	}
	if c != nil && found && !c.Answered.IsZero() && (p == csta.Ringing || p == csta.Calling) {
		return p, false // a late or repeated Delivered does not undo an answer
	}
	return p, found
}

// direction is the known call's, or else what the event says, if anything.
func (t *Table) direction(ev wire.Event, c *entry) csta.Direction {
	if c != nil && c.Direction != csta.UnknownDirection {
		return c.Direction
	}
	mine := t.mine(ev)
	switch name := strings.ToLower(ev.Name); {
	case IsConsultation(ev.Leg.CallID) && mine:
		return csta.Outgoing // whatever the direction of the call it is about
	case strings.EqualFold(ev.RequestType, "MakeCall") && mine && t.Ours(ev.Calling):
		return csta.Outgoing // also while our own phone rings, to be picked up
	case ev.Direction == "outbound" && mine:
		return csta.Outgoing
	case ev.Direction == "inbound" && mine:
		return csta.Incoming
	case name == "originated", name == "serviceinitiated", name == "networkreached", t.Ours(ev.Calling):
		return csta.Outgoing
	case ev.Calling != "":
		return csta.Incoming
	default:
		return csta.UnknownDirection
	}
}

// isCalledBy applies who made a call, "" if that is not known.
func (t *Table) isCalledBy(c *entry, caller csta.DeviceID) {
	switch {
	case c.Direction != csta.UnknownDirection || caller == "":
	case t.Ours(caller):
		c.Direction = csta.Outgoing
	default:
		c.Direction = csta.Incoming
	}
}

// inferDirection gives a call whose direction nothing has told the one that its phase implies.
func (c *entry) inferDirection() {
	switch {
	case c.Direction != csta.UnknownDirection:
	case c.Phase == csta.Ringing:
		c.Direction = csta.Incoming
	case c.Phase == csta.Calling:
		c.Direction = csta.Outgoing
	}
}
