package calls

import (
	"slices"
	"time"

	"calltray/cstasession/csta"
)

// A call is doubted if nothing has confirmed it since the link came back, or for longer than a telephone rings.
// A doubted call is Uncertain: no popup shows it, but it can be hung up. One that rings or is being set up is
// dropped after a while; a connected call may last, and stays until something settles the matter.
const (
	askSoon   = 20 * time.Second // a call that nothing was heard of for this long is asked about
	ringsLong = 3 * time.Minute  // no telephone rings for longer without an event (inferred)

	doubtLost  = 30 * time.Second // how long to keep a call that was being set up when the link was lost
	doubtLong  = 7 * time.Minute  // and one that rings longer than any telephone does
	contradict = 30 * time.Second // and a connected call that nothing confirms, after another call was connected
)

func (c *entry) settingUp() bool { return c.Phase == csta.Ringing || c.Phase == csta.Calling }

// doubt marks a call as not confirmed, to be dropped after giveUp; 0 for never.
func (c *entry) doubt(now time.Time, giveUp time.Duration) {
	c.Uncertain, c.until = true, time.Time{}
	if giveUp > 0 {
		c.until = now.Add(giveUp)
	}
}

// due is when Settle must next deal with a call; the zero time if never.
func (c *entry) due() time.Time {
	switch {
	case c.Phase == csta.Ended:
		return time.Time{}
	case c.Uncertain:
		return c.until
	case c.settingUp():
		return c.confirmed.Add(ringsLong)
	}
	return time.Time{}
}

// askDue is when to ask about a call next.
func (c *entry) askDue() time.Time {
	last := c.confirmed
	if c.asked.After(last) {
		last = c.asked
	}
	return last.Add(askSoon)
}

// Due is when to call Settle or Ask next; the zero time if never.
func (t *Table) Due() (next time.Time) {
	for _, c := range t.entries {
		if c.Phase == csta.Ended {
			continue
		}
		for _, at := range []time.Time{c.due(), c.askDue()} {
			if !at.IsZero() && (next.IsZero() || at.Before(next)) {
				next = at
			}
		}
	}
	return next
}

// Settle doubts the calls that have been ringing for too long, and drops those whose time is up. It reports
// whether there were any.
func (t *Table) Settle(now time.Time) (changed bool) {
	for _, c := range t.entries {
		switch at := c.due(); {
		case at.IsZero() || now.Before(at):
			continue
		case c.Uncertain:
			c.giveUp(now)
		default:
			c.doubt(now, doubtLong)
		}
		changed = true
	}
	return changed
}

// Ask reports whether it is time to ask the PBX about the calls: for a snapshot, and then about those that are
// still in doubt.
func (t *Table) Ask(now time.Time) (due bool) {
	for _, c := range t.entries {
		if c.Phase != csta.Ended && !now.Before(c.askDue()) {
			c.asked = now
			due = true
		}
	}
	return due
}

// doubtful reports whether nothing was heard of a call since it was last asked about, or since the link came
// back.
func (c *entry) doubtful() bool {
	return c.Phase != csta.Ended && (c.Uncertain || c.confirmed.Before(c.asked))
}

// IsUncertain reports whether a call is marked as not confirmed.
func (t *Table) IsUncertain(id csta.ConnectionID) bool {
	c := t.byCallID(id.CallID)
	return c != nil && c.ID == id && c.Uncertain
}

// undirected reports whether nobody knows which way a call goes, and the PBX may still say.
func (c *entry) undirected() bool {
	return c.Phase != csta.Ended && c.Direction == csta.UnknownDirection && !c.inquired
}

// Questions returns the calls that the PBX is to be asked about: nothing was heard of them since they were asked
// about, or since the link came back, or nobody knows who made them.
func (t *Table) Questions() (list []csta.ConnectionID) {
	for _, c := range t.entries {
		if c.doubtful() || c.undirected() {
			list = append(list, c.ID)
		}
	}
	return list
}

// contradict handles a call that was just connected: another connected call that nothing confirms has probably
// ended, because a user with two calls has one on hold, and that would have been reported.
func (t *Table) contradict(begun *entry, now time.Time) {
	for _, c := range t.entries {
		if c != begun && c.Uncertain && c.Phase == csta.Active && c.until.IsZero() {
			c.until = now.Add(contradict)
		}
	}
}

// Testimony is what the PBX says about a call that it was asked about.
type Testimony struct {
	Participants []csta.Participant // nil if it named nobody
	Caller       csta.DeviceID      // who made the call, "" if it did not say
	Gone         bool               // there is no such call
}

// Testify applies the answer about a call of Questions. It reports whether that settled the matter.
func (t *Table) Testify(id csta.ConnectionID, said Testimony, now time.Time) bool {
	c := t.byCallID(id.CallID)
	if c == nil || c.ID != id || !c.doubtful() && !c.undirected() {
		return false // an event arrived first
	}
	list := said.Participants
	ours := slices.IndexFunc(list, func(p csta.Participant) bool { return p.ID == id })
	if ours < 0 {
		ours = slices.IndexFunc(list, func(p csta.Participant) bool { return t.Ours(p.Device) })
	}
	if ours >= 0 && list[ours].ID.CallID != "" && list[ours].ID.CallID != id.CallID {
		return false // about another call: without a requestID, a late answer is matched to the next request
	}
	c.inquired = true
	switch {
	case ours >= 0:
		t.isCalledBy(c, said.Caller)
		if c.doubtful() || !c.heard { // else it may be older than what events tell
			t.takesPart(c, list, ours, now)
		}
	case !c.doubtful():
		return false // it is there, whatever the PBX makes of the question
	case said.Gone || list != nil:
		c.giveUp(now)
	default:
		return false
	}
	return true
}

// takesPart applies the participants of a call, of which one is our leg.
func (t *Table) takesPart(c *entry, list []csta.Participant, ours int, now time.Time) {
	c.vouch(now)
	phase := list[ours].Phase
	// Our leg is connected, too, while the other party's telephone rings.
	var answered, rings bool
	for i, p := range list {
		answered = answered || i != ours && (p.Phase == csta.Active || p.Phase == csta.Held)
		rings = rings || i != ours && (p.Phase == csta.Ringing || p.Phase == csta.Calling)
	}
	if c.Answered.Equal(c.Began) && !c.heard { // a snapshot without the other party's state may have been misread
		if phase == csta.Active && rings && !answered {
			phase = csta.Calling
		}
		if phase == csta.Ringing || phase == csta.Calling {
			c.Answered = time.Time{}
		}
	}
	if phase == csta.Ringing && c.Direction == csta.Outgoing {
		phase = csta.Calling // our own telephone rings first, to be picked up
	}
	if phase != csta.Active || c.Phase != csta.Calling || answered {
		c.enter(phase, now)
	}
	c.Conference = len(list) > 2
	// The call may have been passed on while nothing reported it. The telephone that rings is not yet the other
	// party: a call to a colleague that is diverted counts as one to that colleague until somebody answers.
	if len(list) == 2 && answered {
		t.isWith(c, list[1-ours].Device)
	}
}

// vouch ends the doubt about a call.
func (c *entry) vouch(now time.Time) {
	c.Uncertain, c.confirmed, c.until = false, now, time.Time{}
}

func (c *entry) giveUp(now time.Time) {
	c.Uncertain = false
	c.enter(csta.Ended, now)
	c.Outcome = csta.EndedOffline
}
