package calls

import (
	"slices"
	"strings"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/limits"
	"calltray/cstasession/internal/wire"
)

// Table is the calls of one device: a fold of events and snapshots. It does no I/O, and has no clock and
// no lock of its own: whoever owns it says what time it is.
type Table struct {
	device   csta.DeviceID
	believed *Belief
	entries  []*entry // oldest first
	// gone remembers for a while the callIDs that were cleared on this link, so that a late event cannot
	// raise the dead. Not for ever: a PBX that names whole calls by callID may bring one back to us.
	gone []goneCall
	// asking is the consultation that a service has asked for, until it is seen.
	asking asking
	// typed: the PBX was seen to tell which service caused an event.
	typed bool
	// full: there were more calls than are kept.
	full bool
	// last is the last wire.Event of a call that is known.
	last wire.Event
}

// entry is a call, and what else is known of it. A call that ended is kept until Take.
type entry struct {
	csta.Call
	clearing  bool         // our own side asked to clear it: its end is a choice, not a miss
	picked    bool         // a DirectedPickupCall brought it, where the PBX tells such things
	elsewhere bool         // it rings here, and somebody else was seen to answer
	linkages  []string     // all that it has had, the last one last
	offers    []wire.Event // with which it rang here
	order     int          // the highest number of its events, where they are numbered
	parties   []string     // the devices of a conference, where they were told
	confirmed time.Time    // when something vouched for it last
	asked     time.Time    // when the PBX was asked about it last
	until     time.Time    // when it is given up, if nothing vouches for it; zero for never
}

// New makes the table of a device. believed is shared by all tables of one PBX.
func New(device csta.DeviceID, believed *Belief) *Table {
	return &Table{device: device, believed: believed}
}

// Adopt takes over the calls of an earlier session at the same device, as they were told.
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

// NewLink forgets what holds for one link only: call identifiers may be used again by a PBX that was restarted.
func (t *Table) NewLink() {
	t.gone, t.asking = nil, asking{}
	for _, c := range t.entries {
		c.clearing, c.picked = false, false
	}
}

// Apply folds one event, which arrived at now, into the table. It returns the call that the event is about,
// and whether this one or another has changed.
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
		return t.add(ev, phase, now).Call, true
	}
	before := c.Call
	if !says && (strings.EqualFold(ev.Name, "ConnectionCleared") || strings.EqualFold(ev.Name, "Diverted")) {
		t.leaves(c, ev) // of another leg: it tells nothing else of ours
		return c.Call, c.Call != before
	}
	c.vouch(now)
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

// Supersede ends the call whose callID an event begins another one with: its end was lost. It reports whether there
// was one. Apply does so as well; whoever calls Supersede first can publish the end before two calls have one callID.
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

// find is the call that an event is about: by the callID of our leg, else by the linkage that all legs
// share. A consultation leg ("-att", vendor page consultationCall) is a call of its own beside the one
// it consults about.
func (t *Table) find(ev wire.Event) *entry {
	for _, id := range []string{ev.Leg.CallID, ev.Secondary.CallID, ev.NewCallID} { // of calls that were joined we may know only one
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

// Consultation ends the callID of a leg that asks about another call. (vendor page consultationCall)
const Consultation = "-att"

func IsConsultation(callID string) bool { return strings.HasSuffix(callID, Consultation) }

// Take returns the calls, oldest first, and lets those go that have ended: whoever publishes what Take
// returns publishes the end of a call exactly once.
func (t *Table) Take() []csta.Call {
	calls := t.Calls()
	t.entries = slices.DeleteFunc(t.entries, func(c *entry) bool { return c.Phase == csta.Ended })
	return calls
}

// Calls are the calls, oldest first.
func (t *Table) Calls() []csta.Call {
	calls := make([]csta.Call, len(t.entries))
	for i, c := range t.entries {
		calls[i] = c.Call
		calls[i].Consults = t.consulted(c)
	}
	return calls
}

// Len is how many calls there are.
func (t *Table) Len() int { return len(t.entries) }

// Knows reports whether an event is of a call that is in the table.
func (t *Table) Knows(ev wire.Event) bool { return t.find(ev) != nil }

// Full reports whether there were ever more calls than are kept.
func (t *Table) Full() bool { return t.full }

// makeRoom gives up a call where there are too many for one more: the oldest that nobody answered, else the
// oldest. The new one is the likelier to be real.
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

// Clearing notes that our own side has asked to clear a call, or that it came to nothing.
func (t *Table) Clearing(callID string, asked bool) {
	if c := t.byCallID(callID); c != nil {
		c.clearing = asked
	}
}

// PickedUp reports whether a DirectedPickupCall brought the call. known is false where the PBX was not seen to
// tell of any service. (vendor page deliveredEvent; the standard has a cause for it)
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
