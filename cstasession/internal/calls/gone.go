package calls

import (
	"slices"
	"strings"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/limits"
	"calltray/cstasession/internal/wire"
)

// Identifiers are reused: events arrive late or twice, PBXs restart their numbering, queues ring again. What is
// remembered of ended calls tells which event is news.

// goneCall is what is remembered of an ended call.
type goneCall struct {
	callID   string
	linkages []string     // those it had; empty if none was sent
	offers   []wire.Event // the events with which it rang here
	order    int          // the highest number of its events
	at       time.Time
}

const (
	goneFor = 10 * time.Second // how long an ended call is remembered
	lateFor = 3 * time.Second  // how long after a call's end an earlier event of it may still arrive (inferred)
)

// comesBack are the causes with which a PBX returns a call to a device that it left a moment ago, under its old
// identifier. (ECMA-323 EventCause)
var comesBack = map[string]bool{
	"recall": true, "recallbusy": true, "recallnoanswer": true, "recallforwarded": true, "recallresourcesnotavailable": true,
	"redirected": true, "callforward": true, "callforwardnoanswer": true, "callforwardbusy": true, "transfer": true, "singlesteptransfer": true,
}

func known(linkage string) []string {
	if linkage == "" {
		return nil
	}
	return []string{linkage}
}

// link records the current linkage of a call.
func (c *entry) link(linkage string) {
	if c.Linkage == linkage && len(c.linkages) > 0 {
		return
	}
	c.Linkage = linkage
	c.linkages = append(slices.Clone(c.linkages[max(0, len(c.linkages)-limits.Earlier+1):]), linkage)
}

// unnumbered returns the event without the fields that differ when it is sent twice.
func unnumbered(ev wire.Event) wire.Event {
	ev.Order, ev.CrossRef = 0, ""
	return ev
}

// noteOffer remembers the event with which a call rings here, and the highest event number.
func (t *Table) noteOffer(c *entry, ev wire.Event) {
	c.order = max(c.order, ev.Order)
	if strings.EqualFold(ev.Name, "Delivered") && len(c.offers) < limits.Earlier && !slices.Contains(c.offers, unnumbered(ev)) {
		c.offers = append(c.offers, unnumbered(ev))
	}
}

// another reports whether an event begins another call than the one that has its callID: the linkage is
// another, and it says that our telephone rings, or begins to call. Where calls are joined the linkage changes
// as well, but nothing begins. Likewise, a call that rings here is one that we are not in: a conversation that has
// its linkage, and for which nobody vouches, was passed on while nobody told. (inferred)
func (t *Table) another(c *entry, ev wire.Event) bool {
	switch {
	case ev.Leg.CallID == "" || ev.Linkage == "" || !t.mine(ev):
		return false
	case ev.Leg.CallID == c.ID.CallID:
		if len(c.linkages) == 0 || slices.Contains(c.linkages, ev.Linkage) {
			return false
		}
	case !c.Uncertain || c.Answered.IsZero():
		return false
	}
	switch phase, says := t.phase(ev, nil); strings.ToLower(ev.Name) {
	case "delivered":
		return says && (phase == csta.Ringing || phase == csta.Calling && strings.EqualFold(ev.RequestType, "MakeCall"))
	case "originated", "serviceinitiated":
		return says && phase == csta.Calling
	}
	return false
}

func (t *Table) buryEntry(c *entry, now time.Time) {
	t.bury(goneCall{c.ID.CallID, c.linkages, c.offers, c.order, now})
}

// bury remembers an ended call.
func (t *Table) bury(g goneCall) {
	if g.callID == "" {
		return
	}
	late := slices.IndexFunc(t.gone, func(old goneCall) bool { return g.at.Sub(old.at) <= goneFor })
	if late < 0 {
		late = len(t.gone)
	}
	late = max(late, len(t.gone)-limits.Gone+1)
	t.gone = append(slices.Delete(t.gone, 0, late), g)
}

// isGone reports whether an event belongs to an ended call and is no newer than its end.
func (t *Table) isGone(ev wire.Event, phase csta.Phase, now time.Time) bool {
	return slices.ContainsFunc(t.gone, func(g goneCall) bool {
		return g.callID == ev.Leg.CallID && now.Sub(g.at) <= goneFor && !t.isNews(ev, phase, g, now)
	})
}

// isNews reports whether an event is newer than the end of the call that had its callID.
func (t *Table) isNews(ev wire.Event, phase csta.Phase, g goneCall, now time.Time) bool {
	switch {
	case ev.Linkage != "" && len(g.linkages) > 0 && !slices.Contains(g.linkages, ev.Linkage):
		return true // another call
	case ev.Order > 0 && g.order > 0 && ev.Order != g.order:
		return ev.Order > g.order
	case comesBack[ev.Cause.Fold()], t.asksAgain(ev):
		return true
	case phase != csta.Ringing && !(phase == csta.Calling && IsConsultation(ev.Leg.CallID) && strings.EqualFold(ev.Name, "Delivered")):
		return false
	}
	// It rings again, as from a queue, or our telephone consults somebody else about the same call, unless this
	// is a late event of the first time.
	return now.Sub(g.at) > lateFor || len(g.offers) > 0 && !slices.Contains(g.offers, unnumbered(ev))
}

// HasEnded reports whether a call of ours ended a moment ago and no current call has its callID.
func (t *Table) HasEnded(callID string, now time.Time) bool {
	return callID != "" && t.byCallID(callID) == nil && slices.ContainsFunc(t.gone, func(g goneCall) bool {
		return g.callID == callID && now.Sub(g.at) <= goneFor
	})
}
