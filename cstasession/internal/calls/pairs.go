package calls

import (
	"slices"
	"strings"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

// Two calls of ours that belong together: one is a consultation about the other, and they may be joined.

// asking is a consultation that a service requested: a call to number about a call of ours; zero if there is
// none.
type asking struct {
	about  csta.ConnectionID
	number string
}

// BeginConsultation records that a service requests a consultation about a call of ours; EndConsultation, that
// it is over.
func (t *Table) BeginConsultation(about csta.ConnectionID, number string) {
	t.asking = asking{about, number}
}

func (t *Table) EndConsultation(about csta.ConnectionID, number string) {
	if t.asking == (asking{about, number}) { // unless another has begun
		t.asking = asking{}
	}
}

// asksAbout returns the call that a new call of ours is a consultation about, if its callID does not say so: in
// the standard it is a call like any other. (ECMA-269 §17.1.9)
func (t *Table) asksAbout(c *entry, ev wire.Event) (about csta.ConnectionID) {
	if t.asking != (asking{}) && csta.SameNumber(c.Remote.Number, t.asking.number) {
		return t.asking.about
	}
	if ev.Cause.Is("consultation") { // begun at the telephone: about the held call, if there is exactly one
		for _, p := range t.entries {
			if p.Phase == csta.Held {
				if !about.IsZero() {
					return csta.ConnectionID{}
				}
				about = p.ID
			}
		}
	}
	return about
}

// asksAgain reports whether an event belongs to a consultation that we have just requested: another one about
// the same call has the same callID. (vendor page consultationCall)
func (t *Table) asksAgain(ev wire.Event) bool {
	return t.asking != (asking{}) && ev.Leg.CallID == t.asking.about.CallID+Consultation
}

// consulted returns the call of ours that c is a consultation about, while it exists.
func (t *Table) consulted(c *entry) csta.ConnectionID {
	about, found := strings.CutSuffix(c.ID.CallID, Consultation)
	if !found {
		about = c.Consults.CallID
	}
	for _, p := range t.entries {
		if p != c && about != "" && p.ID.CallID == about && (p.Phase != csta.Ended || c.Phase == csta.Ended) {
			return p.ID
		}
	}
	return csta.ConnectionID{}
}

// leaves records that another party has left our conference: when two parties remain, it is an ordinary call
// again.
func (t *Table) leaves(c *entry, ev wire.Event) {
	if !c.Conference || !strings.EqualFold(ev.Name, "ConnectionCleared") || t.mine(ev) {
		return
	}
	left := slices.DeleteFunc(slices.Clone(c.parties), func(d string) bool { return strings.EqualFold(d, ev.Leg.DeviceID.Number()) })
	c.parties = left
	c.Conference = len(left) > 2 || len(left) == 0 // zero: the PBX did not say who is in it
}

// endPartner ends the other of two joined calls of ours: the second one that the event names or, if we joined
// them, the consultation (inferred; the standard reports both in one event). It reports whether there was one.
func (t *Table) endPartner(c *entry, ev wire.Event, outcome csta.Outcome, now time.Time) (ended bool) {
	first := ev.Leg.CallID
	// A party that is added to a conference during its consultation remains in the consultation.
	byUs := (t.Ours(ev.Subject) || ev.Subject == "") && !ev.Cause.Is("singleStepTransfer")
	for _, p := range t.entries {
		joined := p.ID.CallID == ev.Secondary.CallID || p.ID.CallID == first || p.ID.CallID == c.ID.CallID || byUs &&
			(p.ID.CallID == first+Consultation || first == p.ID.CallID+Consultation)
		if p != c && p.Phase != csta.Ended && p.ID.CallID != "" && joined {
			t.endJoined(p, ev, outcome, now)
			ended = true
		}
	}
	return ended
}

// endTwin ends another call of ours whose callID c has taken over.
func (t *Table) endTwin(c *entry, ev wire.Event, now time.Time) (ended bool) {
	for _, p := range t.entries {
		if p != c && p.Phase != csta.Ended && p.ID.CallID == c.ID.CallID {
			t.endJoined(p, ev, csta.Answered, now)
			ended = true
		}
	}
	return ended
}

// endJoined ends a call that continues as part of another.
func (t *Table) endJoined(p *entry, ev wire.Event, outcome csta.Outcome, now time.Time) {
	p.vouch(now)
	p.enter(csta.Ended, now)
	p.Cause, p.Outcome = ev.Cause, outcome
	t.buryEntry(p, now)
}
