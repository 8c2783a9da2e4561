package pbxsim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Rate reads how often something happens: "2/s", "30/m", or a bare number, per second. The result is per
// second.
func Rate(s string) (float64, error) {
	count, unit, _ := strings.Cut(s, "/")
	per, known := map[string]float64{"": 1, "s": 1, "m": 60, "h": 3600}[unit]
	n, err := strconv.ParseFloat(count, 64)
	if err != nil || !known || !(n > 0 && n/per <= 10_000) {
		return 0, fmt.Errorf("%q is no rate: type it as 2/s or 30/m", s)
	}
	return n / per, nil
}

// Life simulates an office at work until ctx ends or the PBX closes: rate times a second, at random, a call
// arrives or is placed, is answered, held, transferred or cleared, or a phone's settings change. The phones in
// spare, and those that a client has monitored by name, are left to their users: they are called, also by
// queues that they are in, but not operated. What happens, though not when, follows from Config.Seed, if nobody
// else does anything.
func (p *PBX) Life(ctx context.Context, rate float64, spare ...string) {
	l := &life{p: p, spare: spare}
	for next := time.Now(); ; {
		p.mu.Lock()
		wait := time.Duration(p.rand.ExpFloat64() / rate * float64(time.Second))
		p.mu.Unlock()
		// The duration of a step and a late timer are caught up on; time for which the machine was too busy is
		// not.
		if next = next.Add(wait); time.Since(next) > time.Second {
			next = time.Now()
		}
		t := time.NewTimer(time.Until(next))
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return
		case <-p.done:
			t.Stop()
			return
		}
		l.step()
	}
}

// life is an office at work. Its methods, except step, are called with the PBX's lock held.
type life struct {
	p     *PBX
	spare []string
}

func (o *life) step() {
	p := o.p
	defer p.enter()()
	if p.closed || len(p.cfg.Extensions) == 0 {
		return
	}
	most := 1 + len(p.cfg.Extensions)/6 // this many calls are a busy day
	switch n := p.rand.IntN(100); {
	case n < 2:
		o.changeSetting()
	case len(p.calls) == 0 || n < 40 && len(p.calls) < most:
		o.call()
	default:
		o.goOn(p.calls[p.rand.IntN(len(p.calls))])
	}
}

// spared reports whether somebody else plays the user of that phone.
func (o *life) spared(number string) bool {
	for l := range o.p.links {
		if l.clientPhones[number] {
			return true
		}
	}
	return slices.Contains(o.spare, number)
}

// colleague returns a random extension that is not spared; "" if none was found.
func (o *life) colleague() string {
	for range 20 {
		if number := pick(o.p.rand, o.p.cfg.Extensions).Number; !o.spared(number) {
			return number
		}
	}
	return ""
}

// outside returns a random number in Denmark.
func (o *life) outside() string { return fmt.Sprint(20_000_000 + o.p.rand.IntN(79_999_999)) }

func (o *life) call() {
	p, colleague := o.p, o.colleague()
	if colleague == "" {
		return
	}
	from, to, name := o.outside(), colleague, ""
	if p.rand.IntN(2) == 0 {
		name = pick(p.rand, firstNames) + " " + pick(p.rand, lastNames)
	}
	switch n := p.rand.IntN(10); {
	case n < 3:
		if queue := o.someQueue(); queue != "" {
			to = queue
		}
	case n < 5:
		from, to, name = colleague, from, ""
	case n < 7:
		from, name = o.colleague(), ""
	}
	if from != to && len(p.at[from]) == 0 {
		p.start(from, to, name, "")
	}
}

func (o *life) someQueue() string {
	if len(o.p.cfg.Queues) > 0 {
		if number := pick(o.p.rand, o.p.cfg.Queues).Number; o.p.isQueue(number) { // it may have been removed
			return number
		}
	}
	return ""
}

// goOn does what people do next in a call. Errors are ignored: nothing happens then.
func (o *life) goOn(c *call) {
	p := o.p
	l := pick(p.rand, c.legs)
	inside := p.extensions[l.device] != nil
	waits := slices.ContainsFunc(c.legs, func(l *leg) bool { return l.state == queued })
	for _, leg := range c.legs {
		if o.spared(leg.device) && (leg == l || leg.state != alerting || !waits) {
			return // its user is in the call, or is being called
		}
	}
	n, colleague := p.rand.IntN(100), o.colleague()
	elsewhere := colleague != "" && colleague != l.device && len(p.at[colleague]) == 0
	switch l.state {
	case alerting:
		switch {
		case n < 75:
			_ = p.answer(l)
		case n < 85 && inside && elsewhere:
			_ = p.deflect(l, colleague)
		case n < 95:
			_ = p.release(l)
		}
	case ringing, queued, prompted:
		if n < 10 {
			p.end(c, nil, "Normal Clearing") // the caller gives up
		}
	case held:
		if p.ids[l.callID+consultation] == nil && n < 80 {
			_ = p.retrieve(l, "")
		}
	case connected:
		first := p.ids[strings.TrimSuffix(l.callID, consultation)]
		switch {
		case l.consults && first != nil && n < 50:
			_ = p.complete(l, first, "")
		case l.consults && first != nil && n < 60:
			_ = p.confer(l, first, "")
		case l.consults && first != nil:
			_ = p.reconnect(l, first, "")
		case n < 12 && inside:
			_ = p.hold(l, "")
		case n < 20 && inside && elsewhere:
			_ = p.consult(l, colleague, "")
		case n < 28 && inside && elsewhere:
			_ = p.transfer(l, colleague)
		case n < 60:
			_ = p.release(l)
		}
	}
}

// changeSetting changes a setting at some phone, mostly turning it off.
func (o *life) changeSetting() {
	p, colleague := o.p, o.colleague()
	e := p.extensions[colleague]
	if e == nil {
		return
	}
	switch p.rand.IntN(3) {
	case 0:
		p.changeDoNotDisturb(e, !e.doNotDisturb && p.rand.IntN(3) == 0)
	case 1:
		to := o.colleague()
		_ = p.changeForwarding(e, rule{"forwardImmediate", p.rand.IntN(3) == 0, to, 0})
	case 2:
		if q := p.queues[o.someQueue()]; q != nil && len(q.members) > 0 {
			if m := pick(p.rand, q.members); !o.spared(m.agent) {
				p.changeMember(q, m, true, p.rand.IntN(4) > 0, false, false)
			}
		}
	}
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }
