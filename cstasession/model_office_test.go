package cstasession

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing/synctest"

	"calltray/cstasession/csta"
	"calltray/pbxsim"
)

// observer compares what a session reports about colleagues and queues with the PBX. A nil one does nothing.
type observer struct {
	mu       sync.Mutex
	told     map[csta.DeviceID]csta.Colleague
	queues   map[csta.DeviceID]csta.Queue
	monitors map[string]bool // links that monitor the trunk
	calm     bool            // no event of theirs can have been lost since it was last sure
	excused  map[string]bool // legs of which an event may have been lost, and numbers of telephones that were set meanwhile
	counted  bool            // the queue's figures were told since
}

func newObserver() *observer {
	return &observer{told: map[csta.DeviceID]csta.Colleague{}, queues: map[csta.DeviceID]csta.Queue{}, monitors: map[string]bool{}, excused: map[string]bool{}}
}

func (o *observer) listen(c *Config) {
	if o == nil {
		return
	}
	c.OnColleague = func(c csta.Colleague) { o.mu.Lock(); o.told[c.Device] = c; o.mu.Unlock() }
	c.OnQueue = func(q csta.Queue) { o.mu.Lock(); o.queues[q.Device] = q; o.mu.Unlock() }
}

// unsure says that events may be lost from now on.
func (o *observer) unsure() {
	if o != nil {
		o.mu.Lock()
		o.calm, o.counted = false, false
		o.mu.Unlock()
	}
}

func (o *observer) isCalm() bool {
	if o == nil {
		return true
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.calm
}

// sure says that none is from now on. What was going on before is known only where snapshots tell, and
// never of a queue.
func (o *observer) sure(pbx *pbxsim.PBX, full bool) {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.calm = true
	for _, c := range pbx.Calls() {
		for _, leg := range c.Legs {
			if !full || leg.Device == "400" {
				o.excused[leg.CallID] = true
			}
		}
	}
}

// watch learns from the PBX which events went nowhere.
func (o *observer) watch(words []string) {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case words[0] == "event" && words[1] == "QueueStatistics":
		o.counted = o.calm
	case words[0] == "event":
		about := words[len(words)-1] // a leg, or the number of a telephone that was set
		if o.calm {
			delete(o.excused, about)
		} else {
			o.excused[about] = true
			if words[1] == "Conferenced" { // it also ends the leg to who was asked, of which nothing else tells
				o.excused[about+"-att"] = true
			}
		}
	case words[0] == "link" && words[2] == "monitor" && strings.HasPrefix(words[3], "t-"):
		o.monitors[words[1]] = true
	case words[0] == "link" && (words[2] == "closed" || words[2] == "expired" || words[2] == "logout"):
		if delete(o.monitors, words[1]); len(o.monitors) == 0 {
			o.calm, o.counted = false, false
		}
	}
}

// difference says what is wrong between the session and the PBX.
func (o *observer) difference(pl *player) string {
	if o == nil {
		return ""
	}
	synctest.Wait()
	pbx := pl.pbx
	colleagues, queues := pl.c.Colleagues(), pl.c.Queues()
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.calm {
		return ""
	}
	missing := func(callID string) bool { return o.excused[callID] || pl.odd[callID] }
	excused := func(c csta.Call) bool { return missing(c.ID.CallID) }
	phones := map[csta.DeviceID]pbxsim.PhoneInfo{}
	for _, p := range pbx.Phones() {
		phones[csta.DeviceID(p.Number)] = p
	}
	if len(colleagues) != len(phones)-1 || len(queues) != 1 {
		return fmt.Sprintf("%d colleagues and %d queues, want %d and 1", len(colleagues), len(queues), len(phones)-1)
	}
	for _, c := range colleagues {
		if !reflect.DeepEqual(c, o.told[c.Device]) {
			return fmt.Sprintf("told %+v, kept %+v", o.told[c.Device], c)
		}
		if wrong := pl.compareCalls(c.Calls, truth(pbx, string(c.Device)), excused, missing, missing); wrong != "" {
			return fmt.Sprintf("colleague %s: %s", c.Device, wrong)
		}
		p, forwarded := phones[c.Device], ""
		for _, rule := range p.Forwarding {
			if rule.On && rule.Type == "forwardImmediate" {
				forwarded = rule.To
			}
		}
		if !o.excused[p.Number] && (c.DoNotDisturb != p.DoNotDisturb || c.ForwardedTo != forwarded) {
			return fmt.Sprintf("colleague %s: do-not-disturb %v, forwarded to %q; it is %v, %q", c.Device, c.DoNotDisturb, c.ForwardedTo, p.DoNotDisturb, forwarded)
		}
		certain := true
		for _, call := range c.Calls {
			certain = certain && !excused(call)
		}
		for _, leg := range truth(pbx, string(c.Device)) {
			certain = certain && !missing(strings.Fields(leg)[1])
		}
		if activity := [...]string{"free", "ringing", "talking"}[c.Activity()]; certain && activity != p.Activity {
			return fmt.Sprintf("colleague %s is %s, and truly %s", c.Device, activity, p.Activity)
		}
	}
	q, truly := queues[0], pbx.Queues()[0]
	if !reflect.DeepEqual(q, o.queues[q.Device]) {
		return fmt.Sprintf("told %+v, kept %+v", o.queues[q.Device], q)
	}
	if wrong := pl.compareCalls(q.Calls, truth(pbx, "400"), excused, missing, missing); wrong != "" {
		return "the queue: " + wrong
	}
	if o.counted && (q.Waiting != truly.Waiting || q.Talking != truly.Talking || q.Total != truly.Total || q.Missed != truly.Missed) {
		return fmt.Sprintf("the queue has %+v, and truly %+v", q, truly)
	}
	return ""
}
