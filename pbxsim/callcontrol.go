package pbxsim

// holdOthers puts the user's other calls on hold, as telephones do when their user turns to another call.
func (p *PBX) holdOthers(l *leg) {
	if p.extensions[l.device] == nil {
		return
	}
	for _, other := range p.legsAt(l.device) {
		if other != l && other.state == connected {
			other.state = held
			p.held(other, "")
		}
	}
}

// hold puts the other party of a leg on hold.
func (p *PBX) hold(l *leg, service string) error {
	if l.state != connected {
		return errState("invalidConnectionState", "%s is in no call that could be held", l.device)
	}
	l.state = held
	p.held(l, service)
	return nil
}

// retrieve resumes a held call.
func (p *PBX) retrieve(l *leg, service string) error {
	if l.state != held {
		return errState("noHeldCall", "%s holds no call", l.device)
	}
	p.holdOthers(l)
	l.state = connected
	if p.behaviour.RetrieveAs == "retrieved" {
		p.retrieved(l, service)
	} else {
		p.established(l, l.device, service)
	}
	return nil
}

// deflect sends a ringing call to another number.
func (p *PBX) deflect(l *leg, to string) error {
	if l.state != alerting {
		return errState("invalidConnectionState", "%s has no ringing call", l.device)
	}
	cause := p.behaviour.DivertCause
	if cause == "" {
		cause = "redirected"
	}
	p.divert(l, to, cause)
	return nil
}

// divert takes a call away from a ringing phone and sends it elsewhere.
func (p *PBX) divert(l *leg, to, cause string) {
	l.call.stopTimers()
	l.call.remove(l)
	p.diverted(l, to, cause)
	p.route(l.call, to, l.dialled)
}

// transfer is the blind transfer: the other party hears ringing at the new destination.
func (p *PBX) transfer(l *leg, to string) error {
	if l.state != connected && l.state != held {
		return errState("invalidConnectionState", "%s is in no call that could be transferred", l.device)
	}
	c := l.call
	switch {
	case c.partner(l) == nil:
		return errState("invalidConnectionState", "there is nobody that %s could transfer", l.device)
	case c.talking() > 2:
		return errConference
	}
	c.remove(l)
	p.transfered(l, to, "singleStepTransfer")
	p.leaveQueue(c, nil)
	c.leave(l)
	p.route(c, to, l.device)
	return nil
}

// leave removes a device from the call after a transfer: the new destination sees the remaining party.
func (c *call) leave(l *leg) {
	if c.caller == l.device {
		c.caller, c.name = l.remote, c.pbx.nameOf(l.remote)
	}
}
