package calls

import (
	"slices"
	"strings"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

// Two calls of ours that belong together: one asks about the other, and they may be joined.

// asking is about to call a number about a call of ours; zero if nobody does.
type asking struct {
	about  csta.ConnectionID
	number string
}

// BeginConsultation notes that a service asks for a consultation about a call of ours; EndConsultation, that it is over.
func (t *Table) BeginConsultation(about csta.ConnectionID, number string) {
	t.asking = asking{about, number}
}

func (t *Table) EndConsultation(about csta.ConnectionID, number string) {
	if t.asking == (asking{about, number}) { // or another has begun
		t.asking = asking{}
	}
}

// asksAbout is the call that a new one of ours is to ask about, where its callID does not say so: in the
// standard it is a call like any other. (ECMA-269 §17.1.9)
func (t *Table) asksAbout(c *entry, ev wire.Event) (about csta.ConnectionID) {
	if t.asking != (asking{}) && csta.SameNumber(c.Remote.Number, t.asking.number) {
		return t.asking.about
	}
	if ev.Cause.Is("consultation") { // begun at the telephone: about the call that it holds, if that is one
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

// asksAgain reports whether an event is of a consultation that we have just asked for: another one about the
// same call has the same callID. (vendor page consultationCall)
func (t *Table) asksAgain(ev wire.Event) bool {
	return t.asking != (asking{}) && ev.Leg.CallID == t.asking.about.CallID+Consultation
}

// consulted is the call of ours that c asks about, as long as there is one.
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

// leaves notes that another party has left our conference: a telephone call is left when two are.
func (t *Table) leaves(c *entry, ev wire.Event) {
	if !c.Conference || !strings.EqualFold(ev.Name, "ConnectionCleared") || t.mine(ev) {
		return
	}
	left := slices.DeleteFunc(slices.Clone(c.parties), func(d string) bool { return strings.EqualFold(d, ev.Leg.DeviceID.Number()) })
	c.parties = left
	c.Conference = len(left) > 2 || len(left) == 0 // who is in it was not told
}

// endPartner ends the other of two calls of ours that were joined: the one that the event names beside the
// first, or, where we joined them, the consultation (inferred; the standard tells of both in one event). It reports
// whether there was one.
func (t *Table) endPartner(c *entry, ev wire.Event, outcome csta.Outcome, now time.Time) (ended bool) {
	first := ev.Leg.CallID
	// Who is drawn into a conference while he asks somebody else goes on asking.
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

// endTwin ends another call of ours that has the callID which c has got.
func (t *Table) endTwin(c *entry, ev wire.Event, now time.Time) (ended bool) {
	for _, p := range t.entries {
		if p != c && p.Phase != csta.Ended && p.ID.CallID == c.ID.CallID {
			t.endJoined(p, ev, csta.Answered, now)
			ended = true
		}
	}
	return ended
}

// endJoined ends a call that goes on in another.
func (t *Table) endJoined(p *entry, ev wire.Event, outcome csta.Outcome, now time.Time) {
	p.vouch(now)
	p.enter(csta.Ended, now)
	p.Cause, p.Outcome = ev.Cause, outcome
	t.buryEntry(p, now)
}
