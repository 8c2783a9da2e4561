package calls

import (
	"calltray/cstasession/csta"
	"slices"
	"time"
)

// How long an uncertain call is kept: one that rang is over soon, a conversation may last.
const (
	doubtRinging = 30 * time.Second
	DoubtOther   = 5 * time.Minute
)

// due is when the doubt about a call ends it; the zero time if there is no doubt.
func (c *entry) due() time.Time {
	switch {
	case c.doubted.IsZero():
		return time.Time{}
	case c.Phase == csta.Ringing || c.Phase == csta.Calling:
		return c.doubted.Add(doubtRinging)
	}
	return c.doubted.Add(DoubtOther)
}

// Due is when settle has something to do next; the zero time if it has not.
func (t *Table) Due() (next time.Time) {
	for _, c := range t.entries {
		if at := c.due(); !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

// Settle gives up the uncertain calls whose time is over, and reports whether there were any.
func (t *Table) Settle(now time.Time) (ended bool) {
	for _, c := range t.entries {
		if at := c.due(); !at.IsZero() && !now.Before(at) {
			c.giveUp(now)
			ended = true
		}
	}
	return ended
}

// Uncertain are the calls that nobody vouches for.
func (t *Table) Uncertain() (list []csta.ConnectionID) {
	for _, c := range t.entries {
		if c.Uncertain {
			list = append(list, c.ID)
		}
	}
	return list
}

// Testify takes what was said about an uncertain call: who is in it, nil where that was not told, or that
// there is no such call. It reports whether that settled the doubt.
func (t *Table) Testify(id csta.ConnectionID, list []csta.Participant, gone bool, now time.Time) bool {
	c := t.byCallID(id.CallID)
	if c == nil || c.ID != id || !c.Uncertain {
		return false // an event was quicker
	}
	switch ours := slices.IndexFunc(list, func(p csta.Participant) bool { return t.Ours(p.Device) || p.ID == id }); {
	case ours >= 0:
		c.vouch()
		// Our leg is connected while the other party's telephone rings, too.
		answered := slices.ContainsFunc(list, func(p csta.Participant) bool {
			return p.ID != list[ours].ID && (p.Phase == csta.Active || p.Phase == csta.Held)
		})
		phase := list[ours].Phase
		if phase == csta.Ringing && c.Direction == csta.Outgoing {
			phase = csta.Calling // our own telephone, to be lifted
		}
		if phase != csta.Active || c.Phase != csta.Calling || answered {
			c.enter(phase, now)
		}
		c.Conference = len(list) > 2
	case gone || list != nil:
		c.giveUp(now)
	default:
		return false
	}
	return true
}

// vouch ends the doubt about a call.
func (c *entry) vouch() {
	c.Uncertain, c.doubted = false, time.Time{}
}

func (c *entry) giveUp(now time.Time) {
	c.vouch()
	c.enter(csta.Ended, now)
	c.Outcome = csta.EndedOffline
}
