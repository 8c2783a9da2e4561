package pbxsim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The settings of telephones: do-not-disturb and forwarding. They are changed by a service or at the phone, and
// every change is sent as an event to those who monitor the phone (vendor pages doNotDisturbEvent,
// forwardingEvent).

type extension struct {
	Extension
	busy         bool
	doNotDisturb bool
	rules        []rule
	profile      profile
}

// rule is one forwarding of a telephone.
type rule struct {
	kind  string // a value of ECMA-323's ForwardingType
	on    bool
	to    string // a number, or the word busy
	after int    // seconds, for forwardNoAns
}

// forwardingTypes are ECMA-323's. The vendor shows the first and the third.
var forwardingTypes = []string{"forwardImmediate", "forwardBusy", "forwardNoAns", "forwardDND",
	"forwardBusyInt", "forwardBusyExt", "forwardNoAnsInt", "forwardNoAnsExt", "forwardImmInt", "forwardImmExt",
	"forwardDNDInt", "forwardDNDExt"}

// wordBusy takes the place of a number in the vendor's sample of getForwarding. Its effect is inferred: the
// caller finds the phone busy.
const wordBusy = "busy"

func newExtension(e Extension) *extension {
	return &extension{Extension: e, profile: newProfile(), rules: []rule{
		{kind: "forwardImmediate"}, {kind: "forwardBusy"}, {kind: "forwardNoAns", to: wordBusy, after: 90},
	}}
}

// forward returns the active rule for a case and for a caller inside or outside; nil if there is none.
func (e *extension) forward(when string, inside bool) *rule {
	who := "Ext"
	if inside {
		who = "Int"
	}
	for i := range e.rules {
		if kind := strings.Replace(e.rules[i].kind, "Immediate", "Imm", 1); e.rules[i].on && (kind == when || kind == when+who) {
			return &e.rules[i]
		}
	}
	return nil
}

// resolve follows the forwarding of extensions that applies before anything rings, and reports whether the call
// ends at something busy. A loop is busy, and so are a phone with do-not-disturb on and the word busy.
func (p *PBX) resolve(from, number string) (to string, busy bool) {
	inside := p.extensions[from] != nil
	for range 5 {
		e := p.extensions[number]
		if e == nil {
			return number, !p.isQueue(number) && p.cfg.Outside != nil && p.cfg.Outside(number).Busy
		}
		next := e.forward("forwardImm", inside)
		if next == nil && e.doNotDisturb {
			next = e.forward("forwardDND", inside)
		}
		if next == nil && (e.doNotDisturb || e.busy) {
			next = e.forward("forwardBusy", inside)
		}
		switch {
		case next == nil:
			return number, e.busy || e.doNotDisturb
		case next.to == wordBusy:
			return number, true
		}
		number = next.to
	}
	return number, true
}

// forwardLater sends a call elsewhere after the phone has rung unanswered.
func (p *PBX) forwardLater(l *leg) {
	e := p.extensions[l.device]
	if e == nil {
		return
	}
	r := e.forward("forwardNoAns", p.extensions[l.call.caller] != nil)
	if r == nil {
		return
	}
	to := r.to
	l.call.timers = append(l.call.timers, p.after(time.Duration(r.after)*time.Second, func() {
		switch {
		case !l.rings():
		case to == wordBusy:
			p.fail(l.call, l.device)
		default:
			p.divert(l, to, "callForwardNoAnswer")
		}
	}))
}

// changeDoNotDisturb turns do-not-disturb of a phone on or off. Setting what is already set is not a change.
func (p *PBX) changeDoNotDisturb(e *extension, on bool) {
	if e.doNotDisturb == on {
		return
	}
	e.doNotDisturb = on
	p.tellOf(e.Number, tree("DoNotDisturbEvent", device("device", e.Number), flag("doNotDisturbOn", on)))
}

// changeForwarding sets one rule of a phone. A missing number or time stays as it was.
func (p *PBX) changeForwarding(e *extension, r rule) error {
	i := slices.IndexFunc(forwardingTypes, func(kind string) bool { return strings.EqualFold(kind, r.kind) })
	if i < 0 {
		return errOperation("invalidParameterValue", "there is no forwarding of the type %s", r.kind)
	}
	r.kind = forwardingTypes[i]
	i = slices.IndexFunc(e.rules, func(old rule) bool { return old.kind == r.kind })
	if i < 0 {
		i = len(e.rules)
		e.rules = append(e.rules, rule{kind: r.kind})
	}
	old := &e.rules[i]
	if r.to == "" {
		r.to = old.to
	}
	if r.after == 0 {
		r.after = old.after
	}
	if r.on && (!dialable(r.to) && r.to != wordBusy || r.to == e.Number) {
		return errOperation("invalidForwardingDestination", "calls cannot be forwarded there")
	}
	if *old == r {
		return nil
	}
	*old = r
	p.tellOf(e.Number, tree("ForwardingEvent",
		device("device", e.Number), flag("forwardStatus", r.on), text("forwardingType", r.kind),
		text("forwardTo", r.to), number("ringDuration", r.after)))
	return nil
}

// phone finds the extension that a request's device names.
func (p *PBX) phone(r *request) (*extension, error) {
	name := r.args.value("device")
	if short, _, ok := p.object(name); ok {
		name = short
	}
	if e := p.extensions[name]; e != nil {
		return e, nil
	}
	return nil, errOperation("invalidDeviceID", "there is no such extension")
}

// truth reads a boolean of a request.
func (r *request) truth(path ...string) (is bool, err error) {
	is, err = strconv.ParseBool(strings.ToLower(r.args.value(path...)))
	if err != nil {
		return false, errOperation("invalidParameterValue", "%s is neither true nor false", path[len(path)-1])
	}
	return is, nil
}

func (p *PBX) getDoNotDisturb(_ *link, r *request) (*element, error) {
	e, err := p.phone(r)
	if err != nil {
		return nil, err
	}
	return tree("GetDoNotDisturbResponse", flag("doNotDisturbOn", e.doNotDisturb)), nil
}

func (p *PBX) setDoNotDisturb(_ *link, r *request) (*element, error) {
	e, err := p.phone(r)
	if err != nil {
		return nil, err
	}
	on, err := r.truth("doNotDisturbOn")
	if err != nil {
		return nil, err
	}
	p.changeDoNotDisturb(e, on)
	return tree("SetDoNotDisturbResponse"), nil
}

func (p *PBX) getForwarding(_ *link, r *request) (*element, error) {
	e, err := p.phone(r)
	if err != nil {
		return nil, err
	}
	rules := list("forwardingList")
	for _, rule := range e.rules {
		rules.kids = append(rules.kids, tree("forwardListItem",
			text("forwardingType", rule.kind), flag("forwardStatus", rule.on),
			text("forwardDN", rule.to), number("ringDuration", rule.after)))
	}
	return tree("GetForwardingResponse", rules), nil
}

func (p *PBX) setForwarding(_ *link, r *request) (*element, error) {
	e, err := p.phone(r)
	if err != nil {
		return nil, err
	}
	on, err := r.truth("activateForward")
	if err != nil {
		return nil, err
	}
	after := 0
	if s := r.args.value("ringDuration"); s != "" {
		if after, err = strconv.Atoi(s); err != nil || after < 0 || after > 3600 {
			return nil, errOperation("valueOutOfRange", "a phone does not ring for so long")
		}
	}
	return tree("SetForwardingResponse"), p.changeForwarding(e, rule{r.args.value("forwardingType"), on, r.args.value("forwardDN"), after})
}

// DoNotDisturb turns do-not-disturb on or off at an extension's phone.
func (p *PBX) DoNotDisturb(number string, on bool) error {
	defer p.enter()()
	e := p.extensions[number]
	if e == nil {
		return fmt.Errorf("there is no extension %s", number)
	}
	p.changeDoNotDisturb(e, on)
	return nil
}

// Forward forwards every call for an extension to another number; an empty number ends that.
func (p *PBX) Forward(number, to string) error {
	return p.ForwardWhen(number, "forwardImmediate", to, 0)
}

// ForwardWhen sets a rule at an extension's phone. The type is a value of ECMA-323's ForwardingType; to is a
// number, the word "busy", or empty, which ends the rule; after is how long the phone rings first, for
// forwardNoAns, with 0 for no change.
func (p *PBX) ForwardWhen(number, forwardingType, to string, after time.Duration) error {
	defer p.enter()()
	e := p.extensions[number]
	switch {
	case e == nil:
		return fmt.Errorf("there is no extension %s", number)
	case to != "" && to != wordBusy && !dialable(to):
		return errNotDialable
	}
	return p.changeForwarding(e, rule{forwardingType, to != "", to, int(after / time.Second)})
}
