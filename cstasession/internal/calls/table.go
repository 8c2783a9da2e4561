package calls

import (
	"slices"
	"strings"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/limits"
	"calltray/cstasession/internal/wire"
)

// Table holds the calls of one device: a fold of events and snapshots. It does no I/O, and has no clock or lock
// of its own: its owner passes the time.
type Table struct {
	device   csta.DeviceID
	believed *Belief
	entries  []*entry
	// gone remembers for a while the callIDs that were cleared on this link, so that a late event cannot
	// raise the dead. Not for ever: a PBX that names whole calls by callID may bring one back to us.
	gone []goneCall
	// asking is the consultation that a service has asked for, until it is seen.
	asking asking
	// typed: the PBX was seen to say which service caused an event.
	typed bool
	// full: there were more calls than can be kept.
	full bool
	// last is the last event of a known call.
	last wire.Event
}

// entry is a call and what else is known about it. A call that has ended is kept until Take.
type entry struct {
	csta.Call
	clearing  bool         // our own side asked to clear it, so its end is a choice, not a miss
	picked    bool         // a DirectedPickupCall brought it, if the PBX says such things
	elsewhere bool         // it rings here, and somebody else answered
	linkages  []string     // all it has had, the latest last
	offers    []wire.Event // the events with which it rang here
	order     int          // the highest number of its events, if they are numbered
	parties   []string     // the devices of a conference, if they were named
	confirmed time.Time    // when something last confirmed it
	asked     time.Time    // when the PBX was last asked about it
	until     time.Time    // when to drop it if nothing confirms it; zero for never
	heard     bool         // an event told of it on this link, and none was lost since
	inquired  bool         // the PBX was asked who made it, and has answered
}

// New returns the table of a device. believed is shared by all tables of one PBX.
func New(device csta.DeviceID, believed *Belief) *Table {
	return &Table{device: device, believed: believed}
}

// Adopt takes over the calls of an earlier session at the same device, as they were published.
func (t *Table) Adopt(list []csta.Call, now time.Time) {
	for _, c := range list[:min(len(list), limits.Calls)] {
		if c.Phase != csta.Ended && t.byCallID(c.ID.CallID) == nil {
			t.entries = append(t.entries, &entry{Call: c, linkages: known(c.Linkage), confirmed: now})
		}
	}
}

// Ours reports whether the device is the monitored one, in whichever form it is written.
func (t *Table) Ours(d csta.DeviceID) bool {
	return d != "" && (strings.EqualFold(string(d), string(t.device)) || strings.EqualFold(d.Number(), t.device.Number()))
}

// NewLink forgets what applies to one link only: a PBX that was restarted may reuse call identifiers.
func (t *Table) NewLink() {
	t.Gap()
	t.gone, t.asking = nil, asking{}
	for _, c := range t.entries {
		c.clearing, c.picked = false, false
	}
}

// Gap records that events may have been lost.
func (t *Table) Gap() {
	for _, c := range t.entries {
		c.heard = false
	}
}

// Apply folds one event, which arrived at now, into the table. It returns the call that the event is about, and
// whether that call or another has changed.
func (t *Table) Apply(ev wire.Event, now time.Time) (_ csta.Call, changed bool) {
	superseded := t.Supersede(ev, now)
	c := t.find(ev)
	phase, says := t.phase(ev, c)
	t.typed = t.typed || ev.RequestType != ""
	if c == nil {
		switch {
		case !says, ev.Leg.CallID == "" && ev.Linkage == "":
			return csta.Call{}, superseded
		case phase == csta.Ended:
			if !t.isGone(ev, phase, now) {
				t.bury(goneCall{callID: ev.Leg.CallID, linkages: known(ev.Linkage), order: ev.Order, at: now}) // we never saw it
			}
			return csta.Call{}, superseded
		case t.isGone(ev, phase, now):
			return csta.Call{}, superseded
		}
		t.makeRoom(now)
		c = t.add(ev, phase, now)
		c.heard = true
		return c.Call, true
	}
	before := c.Call
	if !says && (strings.EqualFold(ev.Name, "ConnectionCleared") || strings.EqualFold(ev.Name, "Diverted")) {
		t.leaves(c, ev) // of another leg: it says nothing else about ours
		return c.Call, c.Call != before
	}
	c.vouch(now)
	c.heard = true
	if t.taken(ev, c) {
		c.elsewhere = true
	}
	t.learn(c, ev)
	if says {
		c.enter(phase, now)
	}
	if c.Phase == csta.Active && before.Phase != csta.Active {
		t.contradict(c, now)
	}
	partner := false // another call ended with it
	switch {
	case strings.EqualFold(ev.Name, "Conferenced"):
		if c.ID.CallID != ev.Leg.CallID {
			t.bury(goneCall{callID: ev.Leg.CallID, linkages: known(ev.Linkage), order: ev.Order, at: now})
		}
		partner = t.endPartner(c, ev, csta.Answered, now)
	case c.ID.CallID != before.ID.CallID:
		partner = t.endTwin(c, ev, now)
	case strings.EqualFold(ev.Name, "Established") && before.Phase == csta.Active && c.Phase == csta.Active && unnumbered(ev) != t.last:
		c.Conference = false // the other party is reported again, so only one is left (inferred)
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

// Supersede ends a call if the event begins another call with its callID: its end was lost. It reports whether
// there was one. Apply does the same; a caller that calls Supersede first can publish the end before two calls
// have the same callID.
func (t *Table) Supersede(ev wire.Event, now time.Time) bool {
	c := t.find(ev)
	if c == nil || !t.another(c, ev) {
		return false
	}
	c.giveUp(now)
	if !c.Answered.IsZero() {
		c.Outcome = csta.Answered
	}
	t.buryEntry(c, now)
	return true
}

// find returns the call that an event is about: by the callID of our leg, or else by the linkage that all legs
// share. A consultation leg ("-att", vendor page consultationCall) is a separate call beside the one it is
// about.
func (t *Table) find(ev wire.Event) *entry {
	for _, id := range []string{ev.Leg.CallID, ev.Secondary.CallID, ev.NewCallID} { // of two joined calls, we may know only one
		if c := t.byCallID(id); c != nil {
			return c
		}
	}
	if ev.Linkage == "" || IsConsultation(ev.Leg.CallID) {
		return nil
	}
	for _, c := range t.entries {
		if c.Linkage == ev.Linkage && c.Phase != csta.Ended && !IsConsultation(c.ID.CallID) {
			return c
		}
	}
	return nil
}

// Consultation is the suffix of the callID of a leg that consults about another call. (vendor page
// consultationCall)
const Consultation = "-att"

func IsConsultation(callID string) bool { return strings.HasSuffix(callID, Consultation) }

// Take returns the calls, oldest first, and removes those that have ended, so that a caller that publishes the
// result publishes the end of each call exactly once.
func (t *Table) Take() []csta.Call {
	calls := t.Calls()
	t.entries = slices.DeleteFunc(t.entries, func(c *entry) bool { return c.Phase == csta.Ended })
	return calls
}

// Calls returns the calls, oldest first.
func (t *Table) Calls() []csta.Call {
	calls := make([]csta.Call, len(t.entries))
	for i, c := range t.entries {
		calls[i] = c.Call
		calls[i].Consults = t.consulted(c)
	}
	return calls
}

// Len returns the number of calls.
func (t *Table) Len() int { return len(t.entries) }

// Knows reports whether an event belongs to a call in the table.
func (t *Table) Knows(ev wire.Event) bool { return t.find(ev) != nil }

// Full reports whether there were ever more calls than can be kept.
func (t *Table) Full() bool { return t.full }

// makeRoom drops a call if there is no room for another: the oldest unanswered one, or else the oldest. The new
// one is more likely to be real.
func (t *Table) makeRoom(now time.Time) {
	live, oldest := 0, (*entry)(nil)
	for _, c := range t.entries {
		if c.Phase == csta.Ended {
			continue
		}
		if live++; oldest == nil || !oldest.Answered.IsZero() && c.Answered.IsZero() {
			oldest = c
		}
	}
	if live >= limits.Calls {
		t.full = true
		oldest.giveUp(now)
		t.buryEntry(oldest, now)
	}
}

// Clearing records that our own side asked to clear a call, or that this failed.
func (t *Table) Clearing(callID string, asked bool) {
	if c := t.byCallID(callID); c != nil {
		c.clearing = asked
	}
}

// PickedUp reports whether a DirectedPickupCall brought the call. known is false if the PBX was never seen to
// name the service behind an event. (vendor page deliveredEvent; the standard has a cause for it)
func (t *Table) PickedUp(callID string) (picked, known bool) {
	c := t.byCallID(callID)
	return c != nil && c.picked, t.typed
}

func (t *Table) byCallID(callID string) *entry {
	for _, c := range t.entries {
		if callID != "" && c.ID.CallID == callID && c.Phase != csta.Ended {
			return c
		}
	}
	return nil
}
