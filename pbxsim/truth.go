package pbxsim

import (
	"slices"
	"strings"
	"time"
)

// The actual state, to compare a client's view with.

// CallInfo is the actual state of a call.
type CallInfo struct {
	Linkage string // globalCallLinkageId
	Caller  string // number
	Name    string // the caller's display name
	Legs    []LegInfo
}

// LegInfo is one party's part in a call.
type LegInfo struct {
	CallID  string
	Device  string
	Status  string // the vendor's localStatus: Alerting, Ringing, Active, Held, the two of an attended transfer; and Queued
	Out     bool   // the device called, rather than being called
	Remote  string // the other party's number
	Dialled string // the number the caller chose: a queue, or a forwarding extension
}

// Calls returns all calls, oldest first.
func (p *PBX) Calls() []CallInfo {
	p.mu.Lock()
	defer p.mu.Unlock()
	calls := make([]CallInfo, 0, len(p.calls))
	for _, c := range p.calls {
		info := CallInfo{Linkage: c.linkage, Caller: c.caller, Name: c.name}
		for _, l := range c.legs {
			status := l.status()
			if l.state == queued {
				status = "Queued"
			}
			info.Legs = append(info.Legs, LegInfo{l.callID, l.device, status, l.out, l.remote, l.dialled})
		}
		calls = append(calls, info)
	}
	return calls
}

// PhoneInfo is the actual state of a telephone.
type PhoneInfo struct {
	Number, Name string
	Activity     string // free, ringing, or talking, which is everything else, including dialling and holding a call
	Busy         bool   // see PBX.Busy
	DoNotDisturb bool
	Forwarding   []ForwardingInfo
}

// ForwardingInfo is a forwarding rule of a telephone.
type ForwardingInfo struct {
	Type  string // a value of ECMA-323's ForwardingType
	On    bool
	To    string        // a number, or the word busy
	After time.Duration // of ringing, for forwardNoAns
}

// Phones returns all telephones, in the order of Config.Extensions.
func (p *PBX) Phones() []PhoneInfo {
	p.mu.Lock()
	defer p.mu.Unlock()
	phones := make([]PhoneInfo, 0, len(p.cfg.Extensions))
	for _, config := range p.cfg.Extensions {
		e := p.extensions[config.Number]
		info := PhoneInfo{Number: e.Number, Name: e.Name, Activity: "free", Busy: e.busy, DoNotDisturb: e.doNotDisturb}
		for _, l := range p.at[e.Number] {
			if l.state != alerting {
				info.Activity = "talking"
				break
			}
			info.Activity = "ringing"
		}
		for _, r := range e.rules {
			info.Forwarding = append(info.Forwarding, ForwardingInfo{r.kind, r.on, r.to, time.Duration(r.after) * time.Second})
		}
		phones = append(phones, info)
	}
	return phones
}

// QueueInfo is the actual state of a queue.
type QueueInfo struct {
	Number, Name            string
	Waiting, Talking        int // calls
	Total, Answered, Missed int // calls, since the beginning
	Members                 []MemberInfo
}

// MemberInfo is an agent of a queue.
type MemberInfo struct {
	Agent    string
	SignedIn bool // the queue's calls ring there
}

// Queues returns all queues, by number.
func (p *PBX) Queues() []QueueInfo {
	p.mu.Lock()
	defer p.mu.Unlock()
	queues := make([]QueueInfo, 0, len(p.queues))
	for _, q := range p.queues {
		info := QueueInfo{q.Number, q.Name, len(q.waiting), q.talking, q.total, q.answered, q.missed, nil}
		for _, m := range q.members {
			info.Members = append(info.Members, MemberInfo{m.agent, m.signedIn()})
		}
		queues = append(queues, info)
	}
	slices.SortFunc(queues, func(a, b QueueInfo) int { return strings.Compare(a.Number, b.Number) })
	return queues
}
