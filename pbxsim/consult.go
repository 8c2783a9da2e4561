package pbxsim

import "strings"

// Calls about calls: attended transfer and pickup; and digits dialled within a call.

// consultation is the suffix of the callID of a leg that consults about another call (vendor page
// consultationCall).
const consultation = "-att"

// consult puts a call on hold and calls another number about it.
func (p *PBX) consult(l *leg, to, service string) error {
	switch {
	case l.state != connected && l.state != held:
		return errState("invalidConnectionState", "%s is in no call that it could ask about", l.device)
	case l.consults || p.ids[l.callID+consultation] != nil:
		return errState("invalidConnectionState", "%s asks somebody about the call already", l.device)
	}
	p.holdOthers(l)
	if l.state == connected {
		l.state = held
		p.held(l, service)
	}
	c := &call{pbx: p, linkage: p.uuid(), caller: l.device, name: p.nameOf(l.device), target: to}
	if p.busy(l.device, to) && p.behaviour.BusyAs == "silent" {
		return nil
	}
	if p.behaviour.ConsultLinkage == "same" {
		c.linkage = l.call.linkage
	}
	p.enlist(c)
	own := c.addAs(l.callID+consultation, l.device, ringing)
	own.consults = true
	own.calls(to, service)
	p.dial(own)
	return nil
}

// pair checks that two legs are a device's call to somebody and the call it holds meanwhile.
func pair(asking, first *leg) error {
	switch {
	case asking.device != first.device || asking.call == first.call:
		return errState("invalidConnectionState", "these are not two calls of one telephone")
	case first.state != held:
		return errState("noHeldCall", "%s does not hold the call", first.device)
	case asking.state != connected && asking.state != ringing:
		return errState("noActiveCall", "%s asks nobody", asking.device)
	}
	return nil
}

// reconnect ends a consultation and resumes the held call.
func (p *PBX) reconnect(asking, first *leg, service string) error {
	if err := pair(asking, first); err != nil {
		return err
	}
	p.end(asking.call, asking, "Normal Clearing")
	return p.retrieve(first, service)
}

// complete connects the held party with the consulted one, and leaves both. The consulted one may still be
// ringing.
func (p *PBX) complete(asking, first *leg, service string) error {
	if err := pair(asking, first); err != nil {
		return err
	}
	c, other := first.call, first.call.partner(first)
	switch {
	case other == nil:
		return errState("invalidConnectionState", "there is nobody that %s could transfer", first.device)
	case c.talking() > 2 || asking.call.talking() > 2:
		return errConference
	}
	to := asking.remote
	c.remove(first)
	asking.call.remove(asking)
	p.transfered(first, to, "transfer")
	p.cleared(asking, asking.device, "Normal Clearing")
	p.leaveQueue(c, nil)
	c.leave(first)
	other.remote = to
	for _, l := range asking.call.legs {
		l.remote, l.calling, l.name = c.caller, c.caller, c.name
	}
	p.moveQueue(c, asking.call)
	p.join(c, asking.call)
	if c.waiting() {
		p.giveUpLater(c)
	} else if other.state == connected {
		p.established(other, to, service)
	}
	for _, l := range c.legs {
		switch {
		case l == other:
		case l.state == connected:
			p.established(l, l.device, service)
		case l.state == alerting || l.state == queued: // it shows the new caller
			p.delivered(l)
		}
	}
	return nil
}

// partner returns another party of the call that could be transferred.
func (c *call) partner(l *leg) *leg {
	for _, other := range c.legs {
		if other != l && (other.state == connected || other.state == held) {
			return other
		}
	}
	return nil
}

// errConference is for requests that would leave two calls to one party, or three parties without a partner.
var errConference = errState("invalidConnectionState", "a conference cannot be transferred: leave it")

// join moves the legs of another call into this one, and their timers.
func (p *PBX) join(c, from *call) {
	for _, l := range from.legs {
		l.call = c
	}
	c.legs = append(c.legs, from.legs...)
	c.timers = append(c.timers, from.timers...)
	from.legs, from.timers = nil, nil
	p.delist(from)
}

// pickup moves a call that rings at one phone to another. A phone that cannot answer by itself rings first; a
// user there answers at once.
func (p *PBX) pickup(l *leg, at, service string) error {
	c := l.call
	e := p.extensions[at]
	switch {
	case e == nil:
		return errOperation("invalidDeviceID", "there is no extension %s", at)
	case l.state != alerting:
		return errState("noCallToAnswer", "%s has no ringing call", l.device)
	case at == c.caller:
		return errState("invalidDeviceState", "%s is the caller", at)
	}
	own := l
	if at != l.device {
		own = nil
		for _, other := range c.legs {
			if other.device == at && other.state == alerting {
				own = other // it rings there as well
			}
		}
	}
	if own == nil {
		own = c.add(at, alerting)
		own.service, own.called, own.dialled, own.remote = service, at, l.dialled, c.caller
		p.delivered(own)
	}
	own.service = service
	if service != "" && !e.AutoAnswer {
		return nil
	}
	return p.answer(own)
}

func (p *PBX) consultationCall(_ *link, r *request) (*element, error) {
	l, err := p.connection(r, "existingCall")
	if err != nil {
		return nil, err
	}
	to := r.args.value("consultedDevice")
	if !dialable(to) || to == l.device {
		return nil, errOperation("invalidDestination", "this cannot be dialled")
	}
	return tree("ConsultationCallResponse"), p.consult(l, to, r.name) // without initiatedCall
}

// both returns the two connections of a request.
func (p *PBX) both(r *request) (asking, first *leg, err error) {
	if asking, err = p.connection(r, "activeCall"); err == nil {
		first, err = p.connection(r, "heldCall")
	}
	return asking, first, err
}

func (p *PBX) reconnectCall(_ *link, r *request) (*element, error) {
	asking, first, err := p.both(r)
	if err != nil {
		return nil, err
	}
	return tree("ReconnectCallResponse", first.connection("reconnectedConnection")), p.reconnect(asking, first, r.name)
}

func (p *PBX) transferCall(_ *link, r *request) (*element, error) {
	asking, first, err := p.both(r)
	if err != nil {
		return nil, err
	}
	return tree("TransferCallResponse", asking.connection("transferredCall")), p.complete(asking, first, r.name)
}

func (p *PBX) directedPickupCall(_ *link, r *request) (*element, error) {
	l, err := p.connection(r, "callToBePickedUp")
	if err != nil {
		return nil, err
	}
	at := r.args.value("requestingDevice") // the vendor nests a deviceID in it
	if number, _, ok := p.object(at); ok {
		at = number
	}
	return tree("DirectedPickupCallResponse"), p.pickup(l, at, r.name)
}

// generateDigits causes no event: watchers see what was dialled.
func (p *PBX) generateDigits(_ *link, r *request) (*element, error) {
	l, err := p.connection(r, "connectionToSendDigits")
	if err != nil {
		return nil, err
	}
	digits := r.args.value("charactersToSend")
	switch {
	case digits == "" || len(digits) > 64 || strings.Trim(digits, "0123456789*#ABCDabcd") != "":
		return nil, errOperation("invalidParameterValue", "these are no digits")
	case l.state != connected:
		return nil, errState("invalidConnectionState", "%s is in no call that would hear them", l.device)
	}
	p.note("digits %s %s %s", l.device, l.callID, word(digits))
	return tree("GenerateDigitsResponse"), nil
}
