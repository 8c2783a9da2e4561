package pbxsim

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// call is a call of the PBX: what the vendor identifies by globalCallLinkageId.
type call struct {
	pbx     *PBX
	linkage string
	caller  string // the calling number; after a transfer, the party that remained
	name    string // its display name, if any
	target  string // where it goes once the caller's own phone was picked up
	legs    []*leg
	timers  []*time.Timer // to answer or to give up
	order   uint64        // position in the order in which calls began

	queue    *queue // where it waits, or whose agent has it
	queued   time.Time
	answered time.Time // by the agent; zero while it waits
	agent    *member   // nil if somebody else answered it
}

// leg is one party's part in a call. The vendor gives every leg its own callID.
type leg struct {
	call     *call
	callID   string
	device   string
	state    state
	out      bool   // the device called, rather than being called
	service  string // the CSTA request that made the leg, if one did
	calling  string // callingDevice in its events
	name     string // callerName: calling's display name, if any
	called   string // calledDevice in its events
	dialled  string // networkCalledDevice: the number the caller chose
	remote   string // the other party's number
	consults bool   // it is a consultation about another call of the device
}

// state is a leg's: localConnectionInfo (ECMA-269) and the vendor's localStatus in one.
type state int

const (
	prompted  state = iota // the caller's own phone rings, to be picked up first
	alerting               // rings
	queued                 // waits in a queue
	ringing                // the caller hears ring-back
	connected              //
	held                   //
)

var (
	connectionInfo = [...]string{"alerting", "alerting", "queued", "connected", "connected", "held"}
	localStatus    = [...]string{"Alerting", "Alerting", "Alerting", "Ringing", "Active", "Held"}
)

func (c *call) stopTimers() {
	for _, t := range c.timers {
		t.Stop()
	}
	c.timers = nil
}

// status is the vendor's word for the leg's state.
func (l *leg) status() string {
	if l.consults && (l.state == ringing || l.state == connected) {
		return localStatus[l.state] + "_AttendedTransfer"
	}
	return localStatus[l.state]
}

func (c *call) add(device string, s state) *leg {
	p := c.pbx
	if callID := p.ended[device]; p.behaviour.ReuseCallIDs && callID != "" && p.ids[callID] == nil {
		return c.addAs(callID, device, s)
	}
	p.legs++
	return c.addAs(fmt.Sprintf("SIP/hpbx-%08x", p.legs), device, s)
}

func (c *call) addAs(callID, device string, s state) *leg {
	l := &leg{call: c, callID: callID, device: device, state: s, calling: c.caller, name: c.name}
	c.legs = append(c.legs, l)
	c.pbx.index(l)
	return l
}

func (c *call) remove(l *leg) {
	c.legs = slices.DeleteFunc(c.legs, func(other *leg) bool { return other == l })
	c.pbx.unindex(l)
}

// waiting reports whether the call has not been answered yet.
func (c *call) waiting() bool {
	return slices.ContainsFunc(c.legs, func(l *leg) bool { return l.state == alerting || l.state == queued })
}

// start begins a call. service is the CSTA request that asked for it, or "" for a user at a phone.
func (p *PBX) start(from, to, name, service string) *call {
	if name == "" {
		name = p.nameOf(from)
	}
	c := &call{pbx: p, linkage: p.uuid(), caller: from, name: name, target: to}
	if p.busy(from, to) && p.behaviour.BusyAs == "silent" {
		return c // the dial never starts, and nobody hears of it
	}
	p.enlist(c)
	own := c.add(from, ringing)
	own.calls(to, service)
	if e := p.extensions[from]; service != "" && e != nil && !e.AutoAnswer {
		own.state = prompted
		p.delivered(own)
		return c
	}
	p.dial(own)
	return c
}

// calls records that the leg's device calls somebody.
func (l *leg) calls(to, service string) {
	l.out, l.service, l.called, l.dialled, l.remote = true, service, to, to, to
}

// nameOf returns an extension's name; outside numbers have none.
func (p *PBX) nameOf(number string) string {
	if e := p.extensions[number]; e != nil {
		return e.Name
	}
	return ""
}

// dial is the second half of start: the caller's phone was picked up, and the other end is called.
func (p *PBX) dial(own *leg) {
	own.state = ringing
	p.delivered(own)
	p.route(own.call, own.call.target, own.call.target)
}

// route sends a call to a destination. dialled is the number that its caller chose.
func (p *PBX) route(c *call, to, dialled string) {
	to, busy := p.resolve(c.caller, to)
	if busy {
		if !c.waiting() { // otherwise it still rings elsewhere
			p.fail(c, to)
		}
		return
	}
	if q, ok := p.queues[to]; ok && c.queue != nil && c.answered.IsZero() {
		// It already waits in a queue, one of whose members sent it here: one queue is enough.
	} else if ok {
		w := c.add(to, queued)
		w.called, w.dialled, w.remote = to, dialled, c.caller
		p.delivered(w)
		for _, m := range q.members {
			if m.signedIn() && p.extensions[m.agent] != nil && !p.busy(c.caller, m.agent) && m.agent != c.caller {
				p.alert(c, m.agent, dialled)
			}
		}
		p.enterQueue(c, q)
	} else {
		p.forwardLater(p.alert(c, to, dialled))
	}
	p.giveUpLater(c)
}

// giveUpLater ends the call if nobody has answered it within the time that the behaviour says.
func (p *PBX) giveUpLater(c *call) {
	if p.behaviour.NoAnswer > 0 {
		c.timers = append(c.timers, p.after(p.behaviour.NoAnswer, func() {
			if c.waiting() {
				p.end(c, nil, "No user responding")
			}
		}))
	}
}

// alert makes a device ring.
func (p *PBX) alert(c *call, device, dialled string) *leg {
	l := c.add(device, alerting)
	l.called, l.dialled, l.remote = device, dialled, c.caller
	p.delivered(l)
	if p.extensions[device] == nil && p.cfg.Outside != nil {
		if r := p.cfg.Outside(device); r.Answers {
			c.timers = append(c.timers, p.after(r.After, func() {
				if l.rings() {
					_ = p.answer(l) // cannot fail: it is alerting
				}
			}))
		}
	}
	return l
}

// rings reports whether the leg still waits to be answered.
func (l *leg) rings() bool { return l.state == alerting && l.call.pbx.ids[l.callID] == l }

// busy reports whether a call from that number would find the other busy.
func (p *PBX) busy(from, number string) bool {
	_, busy := p.resolve(from, number)
	return busy
}

// fail ends a call attempt at a busy number.
func (p *PBX) fail(c *call, at string) {
	if p.behaviour.BusyAs == "failed" {
		for _, l := range c.legs {
			p.failed(l, at)
		}
	}
	p.endBy(c, at, "User busy")
}

// answer picks up: a ringing call, or the phone that MakeCall made ring.
func (p *PBX) answer(l *leg) error {
	c := l.call
	switch l.state {
	case prompted:
		p.dial(l)
		return nil
	case alerting:
	default:
		return errState("noCallToAnswer", "%s has no ringing call", l.device)
	}
	c.stopTimers()
	waited := false
	for _, other := range slices.Clone(c.legs) {
		switch {
		case other == l:
		case other.state == alerting:
			c.remove(other)
			p.diverted(other, l.device, "Answered elsewhere")
		case other.state == queued:
			c.remove(other)
			p.cleared(other, l.device, "Answered elsewhere")
			waited = true
		default:
			l.remote, other.remote = other.device, l.device
			if other.state == ringing {
				other.state = connected
			}
			if other.state == connected { // also after a transfer: the other party is new
				p.established(other, l.device, "")
			}
		}
	}
	p.holdOthers(l)
	l.state = connected
	p.established(l, l.device, "")
	if waited {
		p.serveQueue(c, l.device)
	}
	return nil
}

// release hangs up one leg. With two parties that ends the call; when a ringing device leaves, the others go on
// ringing, and when a party leaves a conference, the others go on talking.
func (p *PBX) release(l *leg) error {
	c := l.call
	if l.state == alerting {
		others := slices.ContainsFunc(c.legs, func(o *leg) bool {
			return o != l && (o.state == alerting || o.state == queued)
		})
		if others {
			c.remove(l)
			p.cleared(l, l.device, "Call Rejected")
			return nil
		}
		p.end(c, l, "Call Rejected")
		return nil
	}
	if c.talking() > 2 {
		p.leaveConference(l)
		return nil
	}
	p.end(c, l, "Normal Clearing")
	return nil
}

// end clears all legs of a call: first the one that released it, if any, then the others.
func (p *PBX) end(c *call, by *leg, cause string) {
	releasing := c.caller
	if by != nil {
		c.legs = append([]*leg{by}, slices.DeleteFunc(c.legs, func(l *leg) bool { return l == by })...)
		releasing = by.device
	}
	p.endBy(c, releasing, cause)
}

func (p *PBX) endBy(c *call, releasing, cause string) {
	c.stopTimers()
	legs := c.legs
	c.legs = nil
	p.delist(c)
	for _, l := range legs {
		p.unindex(l)
		p.cleared(l, releasing, cause)
	}
	p.leaveQueue(c, legs)
}

// dialable reports whether the PBX could dial s.
func dialable(s string) bool {
	return s != "" && len(s) <= 32 && strings.Trim(strings.TrimPrefix(s, "+"), "0123456789*#") == "" && s != "+"
}

var errNotDialable = errors.New("a number has digits, * and #, and may begin with +: type it without blanks")
