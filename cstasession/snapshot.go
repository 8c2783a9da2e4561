package cstasession

import (
	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
	"slices"
	"time"
)

// belief is the phases of calls that snapshots of this PBX were seen to list; its tables share it. The vendor
// documents only the empty snapshot: that a call is not listed means something only where calls of its kind are.
type belief [csta.Ended]bool

// learn takes what a snapshot lists.
func (b *belief) learn(items []wire.SnapshotItem) {
	for _, item := range items {
		if phase, lives := snapshotPhase(item); lives && len(item.States) > 0 {
			b[phase] = true
		}
	}
}

// reconcile makes the table agree with the snapshot of a fresh link. The calls it lists live, and keep
// what is known of them. Those it does not list have ended while nobody looked, if it is believed;
// otherwise they are kept as uncertain for a while.
func (t *callTable) reconcile(items []wire.SnapshotItem, now time.Time) {
	t.believed.learn(items)
	listed := t.listAll(items, now, func(*callEntry) bool { return true })
	for _, c := range t.entries {
		switch {
		case listed[c] || c.Phase == csta.Ended:
		case t.believed[c.Phase]:
			c.giveUp(now)
		default:
			c.Uncertain, c.doubted = true, now
		}
	}
}

// refresh takes what a later snapshot tells that no event did: the monitor may have been lost for a
// while. Calls that changed after it was asked for are left alone, since it may be older than they
// are. It reports whether anything changed, and whether that was news: that a call is there, or not,
// which an event should have told.
func (t *callTable) refresh(items []wire.SnapshotItem, asked, now time.Time) (changed, news bool) {
	t.believed.learn(items)
	before := t.calls()
	settled := func(c *callEntry) bool { return c.Uncertain || c.Since.Before(asked) }
	listed := t.listAll(items, now, settled)
	for _, c := range t.entries {
		if !listed[c] && c.Phase != csta.Ended && t.believed[c.Phase] && settled(c) {
			news = news || !c.Uncertain
			c.giveUp(now)
		}
	}
	return !slices.Equal(before, t.calls()), news || len(t.entries) > len(before)
}

// listAll enters the items of a snapshot: the known calls that may be touched, and unknown ones, unless
// they were cleared a moment ago. It returns the calls that are listed.
func (t *callTable) listAll(items []wire.SnapshotItem, now time.Time, touch func(*callEntry) bool) map[*callEntry]bool {
	listed := make(map[*callEntry]bool)
	for _, item := range items {
		ev := t.itemEvent(item)
		c := t.find(ev)
		if c == nil && t.isGone(ev, csta.Active, now) { // a snapshot may be older than the end: it offers nothing
			continue
		}
		if c != nil && listed[c] && c.ID.CallID != item.Leg.CallID {
			continue // a second leg of it
		}
		if c == nil || touch(c) {
			c = t.list(item, now)
		}
		if c != nil {
			listed[c] = true
		}
	}
	return listed
}

// list enters one item of a snapshot; nil for one that is no call.
func (t *callTable) list(item wire.SnapshotItem, now time.Time) *callEntry {
	phase, lives := snapshotPhase(item)
	if !lives {
		return nil
	}
	ev := t.itemEvent(item)
	c := t.find(ev)
	if c == nil {
		c = t.add(ev, phase, now)
		if phase == csta.Calling {
			c.Direction = csta.Outgoing
		}
	}
	if t.ours(ev.Leg.DeviceID) { // it may have left us, and come back as another leg
		c.ID.CallID = item.Leg.CallID
	}
	if item.Linkage != "" && item.Leg.CallID == c.ID.CallID {
		c.link(item.Linkage)
	}
	if n := item.Remote.Number(); n != "" && !t.ours(item.Remote) && (c.Remote.Number == "" || !csta.SameNumber(n, c.Remote.Number)) {
		c.Remote = csta.Party{Number: n} // after a transfer that we did not see, the name was somebody else's
	}
	if phase == csta.Ringing && c.Direction == csta.Outgoing {
		phase = csta.Calling // our own telephone rings, to be lifted
	}
	// "connected" alone is also what the vendor says of our leg while the other party's phone rings.
	if phase != csta.Active || c.Phase != csta.Calling || len(item.States) > 1 {
		c.enter(phase, now)
	}
	c.vouch()
	return c
}

func (t *callTable) itemEvent(item wire.SnapshotItem) wire.Event {
	ev := wire.Event{Leg: item.Leg, Linkage: item.Linkage}
	if ev.Leg.DeviceID == "" {
		ev.Leg.DeviceID = t.device
	}
	return ev
}

// How long an uncertain call is kept: one that rang is over soon, a conversation may last.
const (
	doubtRinging = 30 * time.Second
	doubtOther   = 5 * time.Minute
)

// due is when the doubt about a call ends it; the zero time if there is no doubt.
func (c *callEntry) due() time.Time {
	switch {
	case c.doubted.IsZero():
		return time.Time{}
	case c.Phase == csta.Ringing || c.Phase == csta.Calling:
		return c.doubted.Add(doubtRinging)
	}
	return c.doubted.Add(doubtOther)
}

// due is when settle has something to do next; the zero time if it has not.
func (t *callTable) due() (next time.Time) {
	for _, c := range t.entries {
		if at := c.due(); !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

// settle gives up the uncertain calls whose time is over, and reports whether there were any.
func (t *callTable) settle(now time.Time) (ended bool) {
	for _, c := range t.entries {
		if at := c.due(); !at.IsZero() && !now.Before(at) {
			c.giveUp(now)
			ended = true
		}
	}
	return ended
}

// uncertain are the calls that nobody vouches for.
func (t *callTable) uncertain() (list []csta.ConnectionID) {
	for _, c := range t.entries {
		if c.Uncertain {
			list = append(list, c.ID)
		}
	}
	return list
}

// testify takes what was said about an uncertain call: who is in it, nil where that was not told, or that
// there is no such call. It reports whether that settled the doubt.
func (t *callTable) testify(id csta.ConnectionID, list []Participant, gone bool, now time.Time) bool {
	c := t.byCallID(id.CallID)
	if c == nil || c.ID != id || !c.Uncertain {
		return false // an event was quicker
	}
	switch ours := slices.IndexFunc(list, func(p Participant) bool { return t.ours(p.Device) || p.ID == id }); {
	case ours >= 0:
		c.vouch()
		// Our leg is connected while the other party's telephone rings, too.
		answered := slices.ContainsFunc(list, func(p Participant) bool {
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
func (c *callEntry) vouch() {
	c.Uncertain, c.doubted = false, time.Time{}
}

func (c *callEntry) giveUp(now time.Time) {
	c.vouch()
	c.enter(csta.Ended, now)
	c.Outcome = csta.EndedOffline
}

// snapshotPhase reads a localCallState: a simple call state, or the connection states of a compound
// one, of which the first is ours. (ECMA-323 §12.2, LocalCallState)
func snapshotPhase(item wire.SnapshotItem) (p csta.Phase, lives bool) {
	if len(item.States) == 0 {
		return csta.Active, true
	}
	switch item.States[0] {
	case "null", "callnull":
		return csta.Ended, false
	case "alerting", "callreceived", "callreceivedonhold":
		return csta.Ringing, true
	case "queued", "callqueued", "initiated", "callpending", "calloriginated", "calldelivered", "callfailed", "fail":
		return csta.Calling, true
	case "hold", "held", "calldeliveredheld", "callestablishedheld", "callqueuedheld", "callfailedheld":
		return csta.Held, true
	case "connected":
		if len(item.States) > 1 && (item.States[1] == "alerting" || item.States[1] == "queued") {
			return csta.Calling, true
		}
	}
	return csta.Active, true
}
