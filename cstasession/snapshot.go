package cstasession

import (
	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
	"slices"
	"time"
)

// belief is what snapshots of this switching function were seen to list. The vendor documents only the
// empty one: that a call is not listed means something only where calls of its kind are.
type belief struct{ settingUp, connected bool }

func (b belief) in(p csta.Phase) bool {
	if p == csta.Ringing || p == csta.Calling {
		return b.settingUp
	}
	return b.connected
}

// listing is what a snapshot adds to the belief.
func (b belief) listing(items []wire.SnapshotItem) belief {
	for _, item := range items {
		switch phase, lives := snapshotPhase(item); {
		case !lives || len(item.States) == 0:
		case phase == csta.Ringing || phase == csta.Calling:
			b.settingUp = true
		default:
			b.connected = true
		}
	}
	return b
}

// reconcile makes the table agree with the snapshot of a fresh link. The calls it lists live, and keep
// what is known of them. Those it does not list have ended while nobody looked, if it is believed;
// otherwise they are kept as uncertain for a while.
func (t *callTable) reconcile(items []wire.SnapshotItem, b belief, now time.Time) {
	listed := t.listAll(items, now, func(*csta.Call) bool { return true })
	for _, c := range t.calls {
		switch {
		case listed[c] || c.Phase == csta.Ended:
		case b.in(c.Phase):
			t.giveUp(c, now)
		default:
			c.Uncertain = true
			t.doubted[c] = now
		}
	}
	t.schedule(now)
}

// refresh takes what a later snapshot tells that no event did: the monitor may have been lost for a
// while. Calls that changed after it was asked for are left alone, since it may be older than they
// are. It reports whether anything changed, and whether that was news: that a call is there, or not,
// which an event should have told.
func (t *callTable) refresh(items []wire.SnapshotItem, b belief, asked, now time.Time) (changed, news bool) {
	before := t.snapshot()
	settled := func(c *csta.Call) bool { return c.Uncertain || c.Since.Before(asked) }
	listed := t.listAll(items, now, settled)
	for _, c := range t.calls {
		if !listed[c] && c.Phase != csta.Ended && b.in(c.Phase) && settled(c) {
			news = news || !c.Uncertain
			t.giveUp(c, now)
		}
	}
	return !slices.Equal(before, t.snapshot()), news || len(t.calls) > len(before)
}

// listAll enters the items of a snapshot: the known calls that may be touched, and unknown ones, unless
// they were cleared a moment ago. It returns the calls that are listed.
func (t *callTable) listAll(items []wire.SnapshotItem, now time.Time, touch func(*csta.Call) bool) map[*csta.Call]bool {
	listed := make(map[*csta.Call]bool)
	for _, item := range items {
		ev := t.itemEvent(item)
		c := t.find(ev)
		if c == nil && t.isGone(ev, now) {
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
func (t *callTable) list(item wire.SnapshotItem, now time.Time) *csta.Call {
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
		c.Linkage = item.Linkage
	}
	if n := item.Remote.Number(); n != "" && !t.ours(item.Remote) && (c.Remote.Number == "" || !csta.SameNumber(n, c.Remote.Number)) {
		c.Remote = csta.Party{Number: n} // after a transfer that we did not see, the name was somebody else's
	}
	if phase == csta.Ringing && c.Direction == csta.Outgoing {
		phase = csta.Calling // our own telephone rings, to be lifted
	}
	// "connected" alone is also what the vendor says of our leg while the other party's phone rings.
	if phase != csta.Active || c.Phase != csta.Calling || len(item.States) > 1 {
		t.enter(c, phase, now)
	}
	t.vouch(c)
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

func doubtFor(c *csta.Call) time.Duration {
	if c.Phase == csta.Ringing || c.Phase == csta.Calling {
		return doubtRinging
	}
	return doubtOther
}

// expireDoubts gives up the uncertain calls whose time is over, and reports whether there were any.
func (t *callTable) expireDoubts(now time.Time) (ended bool) {
	for c, since := range t.doubted {
		if now.Sub(since) >= doubtFor(c) {
			t.giveUp(c, now)
			ended = true
		}
	}
	t.schedule(now)
	return ended
}

// schedule sets settling for the uncertain call that is given up next.
func (t *callTable) schedule(now time.Time) {
	t.settling = nil
	var soonest time.Duration
	for c, since := range t.doubted {
		if left := doubtFor(c) - now.Sub(since); t.settling == nil || left < soonest {
			soonest = left
			t.settling = time.After(max(left, 0))
		}
	}
}

// vouch ends the doubt about a call.
func (t *callTable) vouch(c *csta.Call) {
	c.Uncertain = false
	delete(t.doubted, c)
}

func (t *callTable) giveUp(c *csta.Call, now time.Time) {
	t.vouch(c)
	t.enter(c, csta.Ended, now)
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
