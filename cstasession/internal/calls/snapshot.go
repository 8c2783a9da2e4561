package calls

import (
	"slices"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/limits"
	"calltray/cstasession/internal/wire"
)

// Belief is the set of phases of calls that snapshots of this PBX have been seen to list; its tables share it.
// The vendor documents only the empty snapshot, so a missing call means something only if calls in its phase
// are listed.
type Belief [csta.Ended]bool

// learn records the phases that a snapshot lists.
func (b *Belief) learn(items []wire.SnapshotItem) {
	for _, item := range items {
		if phase, lives := snapshotPhase(item); lives && len(item.States) > 0 {
			b[phase] = true
		}
	}
}

// Reconcile makes the table agree with the snapshot of a fresh link. Calls that it lists exist, and keep what
// is known about them. Calls that it does not list ended while nobody looked, if the snapshot is believed;
// otherwise they are kept as uncertain for a while. What events of this link tell stands: the snapshot may be older
// than they are.
func (t *Table) Reconcile(items []wire.SnapshotItem, asked, now time.Time) {
	t.believed.learn(items)
	listed := t.listAll(items, now, func(c *entry) bool { return !c.heard || c.Since.Before(asked) })
	for _, c := range t.entries {
		switch {
		case listed[c] || c.heard || c.Phase == csta.Ended:
		case t.believed[c.Phase]:
			c.giveUp(now)
		default:
			if c.settingUp() {
				c.doubt(now, doubtLost)
			} else {
				c.doubt(now, 0)
			}
		}
	}
}

// Refresh applies what a later snapshot shows and no event reported: the monitor may have been lost for a
// while. Calls that changed after it was requested are left alone, since it may be older than they are. It
// reports whether anything changed, and whether that was news, namely a new or missing call that an event
// should have reported.
func (t *Table) Refresh(items []wire.SnapshotItem, asked, now time.Time) (changed, news bool) {
	t.believed.learn(items)
	before := t.Calls()
	settled := func(c *entry) bool { return c.Uncertain || c.Since.Before(asked) }
	listed := t.listAll(items, now, settled)
	for _, c := range t.entries {
		if !listed[c] && c.Phase != csta.Ended && t.believed[c.Phase] && settled(c) {
			news = news || !c.Uncertain
			c.giveUp(now)
		}
	}
	return !slices.Equal(before, t.Calls()), news || len(t.entries) > len(before)
}

// listAll enters the items of a snapshot: known calls that touch allows, and unknown ones, unless they were
// cleared a moment ago. It returns the calls that are listed.
func (t *Table) listAll(items []wire.SnapshotItem, now time.Time, touch func(*entry) bool) map[*entry]bool {
	// Legs that are known come first, then the others of ours: of several legs of one call, the first counts. Those of
	// the other parties, if the PBX lists them, say nothing about our telephone.
	items = slices.Clone(items)
	slices.SortStableFunc(items, func(a, b wire.SnapshotItem) int { return t.rank(a) - t.rank(b) })
	if len(items) > limits.Calls {
		items, t.full = items[:limits.Calls], true
	}
	listed := make(map[*entry]bool)
	for _, item := range items {
		ev := t.itemEvent(item)
		c := t.find(ev)
		if c == nil && t.isGone(ev, csta.Active, now) { // a snapshot may be older than the end, and rings no telephone
			continue
		}
		if c != nil && listed[c] && (c.ID.CallID != item.Leg.CallID || !t.Ours(ev.Leg.DeviceID)) {
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

// list enters one item of a snapshot; it returns nil for one that is not a call.
func (t *Table) list(item wire.SnapshotItem, now time.Time) *entry {
	phase, lives := snapshotPhase(item)
	if !lives {
		return nil
	}
	ev := t.itemEvent(item)
	c := t.find(ev)
	if c == nil {
		t.makeRoom(now)
		c = t.add(ev, phase, now)
	}
	if t.Ours(ev.Leg.DeviceID) { // it may have left us and come back as another leg
		if phase == csta.Ringing && c.ID.CallID != item.Leg.CallID {
			c.Direction, c.Began, c.Answered = csta.Incoming, now, time.Time{} // the returned call rings: it was transferred to a queue of ours, for example
		}
		c.ID.CallID = item.Leg.CallID
	}
	if item.Linkage != "" && item.Leg.CallID == c.ID.CallID {
		c.link(item.Linkage)
	}
	t.isWith(c, item.Remote)
	if phase == csta.Ringing && c.Direction == csta.Outgoing {
		phase = csta.Calling // our own telephone rings, to be picked up
	}
	// "connected" alone is also what the vendor says of our leg while the other party's phone rings.
	if phase != csta.Active || c.Phase != csta.Calling || len(item.States) > 1 {
		c.enter(phase, now)
	}
	c.vouch(now)
	return c
}

// isWith applies what the PBX says about the other end of a call: a transfer or a diversion that we did not see
// may have changed it, and then the name is the previous party's.
func (t *Table) isWith(c *entry, other csta.DeviceID) {
	if n := other.Number(); n != "" && !t.Ours(other) && (c.Remote.Number == "" || !csta.SameNumber(n, c.Remote.Number)) {
		c.Remote = csta.Party{Number: n}
	}
}

func (t *Table) itemEvent(item wire.SnapshotItem) wire.Event {
	ev := wire.Event{Leg: item.Leg, Linkage: item.Linkage}
	if ev.Leg.DeviceID == "" {
		ev.Leg.DeviceID = t.device
	}
	return ev
}

// rank orders the items of a snapshot.
func (t *Table) rank(item wire.SnapshotItem) int {
	switch leg := t.itemEvent(item).Leg; {
	case !t.Ours(leg.DeviceID):
		return 2
	case t.byCallID(leg.CallID) == nil:
		return 1
	}
	return 0
}

// snapshotPhase interprets a localCallState: a simple call state, or the connection states of a compound one,
// of which the first is ours. (ECMA-323 §12.2, LocalCallState)
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
		if len(item.States) > 1 && slices.Contains([]string{"alerting", "queued", "fail"}, item.States[1]) {
			return csta.Calling, true
		}
	}
	return csta.Active, true
}
