package calls

import (
	"strings"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

func (t *Table) add(ev wire.Event, phase csta.Phase, now time.Time) *entry {
	c := &entry{Call: csta.Call{Linkage: ev.Linkage, ID: ev.Leg, Phase: phase, Direction: t.direction(ev, nil), Began: now, Since: now}, confirmed: now}
	c.inferDirection()
	if !t.Ours(ev.Leg.DeviceID) {
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

// learn applies what an event says about a call, and keeps the rest.
func (t *Table) learn(c *entry, ev wire.Event) {
	t.noteOffer(c, ev)
	if ev.Leg.CallID == c.ID.CallID { // the linkage alone may be shared with a call that somebody else made
		c.Direction = t.direction(ev, c)
	}
	if (strings.EqualFold(ev.RequestType, "DirectedPickupCall") || ev.Cause.Is("callPickup")) && t.mine(ev) && ev.Info != "null" && ev.Leg.CallID != "" {
		c.picked = true
	}
	if t.Ours(ev.Leg.DeviceID) && ev.Leg.CallID != "" {
		c.ID.CallID = ev.Leg.CallID
	}
	// A call that was transferred or joined continues under another linkage (inferred).
	joined := strings.EqualFold(ev.Name, "Conferenced") || !t.Ours(ev.Subject) && (strings.EqualFold(ev.Name, "Transfered") || strings.EqualFold(ev.Name, "Transferred"))
	if own := joined || ev.Leg.CallID == c.ID.CallID && t.mine(ev); ev.Linkage != "" && (own || c.Linkage == c.ID.CallID) {
		c.link(ev.Linkage)
	}
	if ev.Cause != "" {
		c.Cause = ev.Cause
	}
	// remoteUser, in an event of our own leg, is the other party's number, and follows a transfer. Without it,
	// the devices in the event name the other party as it was at first.
	number := ev.Remote.Number
	told := number != "" && !t.Ours(csta.DeviceID(number)) && t.mine(ev)
	if strings.EqualFold(ev.Name, "Conferenced") {
		c.Conference, c.parties = true, strings.Fields(ev.Parties)
	}
	if joined {
		if ev.NewCallID != "" { // the two joined calls continue as a third
			c.ID.CallID = ev.NewCallID
		}
		if n := ev.TransferredTo.Number(); n != "" && !t.Ours(ev.TransferredTo) {
			number, told = n, true
		}
	}
	if !told {
		other := ev.Calling
		if c.Direction == csta.Outgoing {
			other = ev.Called
		}
		if number = other.Number(); t.Ours(other) {
			number = ""
		}
	}
	if number != "" && number != c.Remote.Number && (told || c.Remote.Number == "") {
		c.Remote = csta.Party{Number: number} // the name was the previous party's
	}
	if c.Direction == csta.Incoming && ev.Remote.Name != "" {
		c.Remote.Name = ev.Remote.Name
	}
	if c.Direction == csta.Incoming && c.Via == "" && !strings.EqualFold(ev.Name, "Diverted") { // that one names where the call goes
		for _, d := range []csta.DeviceID{ev.LastRedirection, ev.NetworkCalled, ev.Called} {
			if n := d.Number(); n != "" && !t.Ours(d) && n != c.Remote.Number {
				c.Via = n
				break
			}
		}
	}
}

// enter changes the phase of the call.
func (c *entry) enter(phase csta.Phase, now time.Time) {
	if c.Phase == phase {
		return
	}
	c.Phase, c.Since = phase, now
	c.inferDirection()
	if (phase == csta.Active || phase == csta.Held) && c.Answered.IsZero() {
		c.Answered = now
	}
}
