package pbxsim

import "slices"

// What the standard offers for two calls of one telephone, and the vendor does not document: to alternate
// between them, to make a conference of them, and to look at a whole call (ECMA-269, ECMA-323).

// alternate holds one call and resumes the other.
func (p *PBX) alternate(active, first *leg, service string) error {
	if err := pair(active, first); err != nil {
		return err
	}
	if err := p.hold(active, service); err != nil {
		return err
	}
	return p.retrieve(first, service)
}

// talking counts the parties that have answered: more than two make a conference.
func (c *call) talking() (n int) {
	for _, l := range c.legs {
		if l.state == connected || l.state == held {
			n++
		}
	}
	return n
}

// confer joins two calls into one. The telephone's leg of the held one stays and is connected; every party is
// told who the others are.
func (p *PBX) confer(asking, first *leg, service string) error {
	if err := pair(asking, first); err != nil {
		return err
	}
	c, from := first.call, asking.call
	if c.talking() < len(c.legs) || from.talking() < len(from.legs) {
		return errState("invalidConnectionState", "somebody has not answered yet")
	}
	added := asking.remote
	p.leaveQueue(from, nil)
	from.remove(asking)
	p.holdOthers(first)
	first.state, first.consults = connected, false // it may be the later of the two
	p.join(c, from)
	parties := c.parties(asking, first)
	for _, l := range c.legs {
		var second *element
		if l == first {
			second = asking.connection("secondaryOldCall")
		}
		p.conferenced(l, second, first.device, added, parties, service)
	}
	return nil
}

// parties lists the connections of a conference, each with its previous one. The list of an event and that of
// an answer differ in name only.
func (c *call) parties(asking, first *leg) []*element {
	var items []*element
	for _, l := range c.legs {
		items = append(items, tree("connectionListItem",
			l.connection("newConnection"), l.connection("oldConnection"), tree("endpoint", text("deviceID", l.device))))
		if l == first {
			items = append(items, tree("connectionListItem",
				l.connection("newConnection"), asking.connection("oldConnection"), tree("endpoint", text("deviceID", l.device))))
		}
	}
	return items
}

// conferenced has the members of ECMA-323's event, with the vendor's callLinkageData and privateData.
func (p *PBX) conferenced(l *leg, second *element, by, added string, parties []*element, service string) {
	kids := []*element{l.connection("primaryOldCall")}
	if second != nil {
		kids = append(kids, second)
	}
	l.tell(tree("ConferencedEvent", append(kids,
		device("conferencingDevice", by), device("addedParty", added),
		list("conferenceConnections", parties...),
		l.info(), text("cause", "conference"),
		l.linkage(), l.private(service, noTime))...))
}

// leaveConference hangs up one leg of a conference. When two parties are left, each is told who the other is,
// as after a transfer (inferred).
func (p *PBX) leaveConference(l *leg) {
	c := l.call
	c.remove(l)
	p.cleared(l, l.device, "Normal Clearing")
	if c.agent != nil && c.agent.agent == l.device {
		p.leaveQueue(c, nil)
	}
	c.leave(l)
	for _, other := range c.legs {
		if other.remote == l.device || len(c.legs) == 2 {
			other.remote = c.partner(other).device
		}
		if len(c.legs) == 2 && other.state == connected {
			p.established(other, other.remote, "")
		}
	}
}

func (p *PBX) alternateCall(_ *link, r *request) (*element, error) {
	active, first, err := p.both(r)
	if err != nil {
		return nil, err
	}
	return tree("AlternateCallResponse"), p.alternate(active, first, r.name)
}

func (p *PBX) conferenceCall(_ *link, r *request) (*element, error) {
	asking, first, err := p.both(r)
	if err != nil {
		return nil, err
	}
	if err := p.confer(asking, first, r.name); err != nil {
		return nil, err
	}
	return tree("ConferenceCallResponse",
		first.connection("conferenceCall"),
		list("connections", first.call.parties(asking, first)...)), nil
}

// snapshotCall has the standard's form, except for the vendor's callLinkageData.
func (p *PBX) snapshotCall(_ *link, r *request) (*element, error) {
	l, err := p.connection(r, "snapshotObject")
	if err != nil {
		return nil, err
	}
	c := l.call
	parties := series("snapshotCallResponseInfo")
	for _, l := range c.legs {
		info := connectionInfo[l.state]
		if l.state == held {
			info = "hold"
		}
		parties.kids = append(parties.kids, tree("snapshotCallResponseInfo",
			device("deviceOnCall", l.device), l.connection("callIdentifier"), text("localConnectionInfo", info)))
	}
	called := c.target
	if i := slices.IndexFunc(c.legs, func(l *leg) bool { return !l.out }); i >= 0 {
		called = c.legs[i].called
	}
	return tree("SnapshotCallResponse",
		tree("crossRefIDorSnapshotData", tree("snapshotData", parties)),
		device("callingDevice", c.caller), device("calledDevice", called),
		linkage(c.linkage)), nil
}
