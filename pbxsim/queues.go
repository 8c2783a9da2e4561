package pbxsim

import (
	"fmt"
	"slices"
	"time"
)

// Queues: their members, who sign in and out, and the statistics of their calls (vendor pages getQueue,
// setQueueMember, queueStatisticsEvent).

type queue struct {
	Queue
	members []*member

	waiting []*call // oldest first
	talking int

	total, answered, missed int
	waited, talked, longest time.Duration
}

// member is an agent of a queue.
type member struct {
	agent                      string
	active, sip, mobile, skype bool

	total, answered, missed int
	talked                  time.Duration
}

// signedIn reports whether the queue's calls ring there. An agent who has signed out stays active, with every
// device off.
func (m *member) signedIn() bool { return m.active && (m.sip || m.mobile || m.skype) }

// serviceLevel is how many seconds a call should wait at most: reported, but not enforced.
const serviceLevel = 30

func newQueue(config Queue) *queue {
	q := &queue{Queue: config}
	for _, number := range config.Members {
		q.members = append(q.members, &member{agent: number, active: true, sip: true})
	}
	return q
}

func (q *queue) member(agent string) *member {
	for _, m := range q.members {
		if m.agent == agent {
			return m
		}
	}
	return nil
}

// enterQueue records that a call waits.
func (p *PBX) enterQueue(c *call, q *queue) {
	p.leaveQueue(c, nil)
	c.queue, c.queued, c.answered, c.agent = q, time.Now(), time.Time{}, nil
	q.waiting = append(q.waiting, c)
	q.total++
	p.tellStatistics(q)
}

// serveQueue records that somebody answered a waiting call.
func (p *PBX) serveQueue(c *call, device string) {
	q := c.queue
	if q == nil {
		return
	}
	q.replace(c, nil)
	c.answered, c.agent = time.Now(), q.member(device)
	waited := c.answered.Sub(c.queued)
	q.answered++
	q.talking++
	q.waited += waited
	q.longest = max(q.longest, waited)
	if c.agent != nil {
		c.agent.total++
		c.agent.answered++
	}
	p.tellStatistics(q)
}

// leaveQueue records that a call has left a queue. legs are those that the call had: the members among them
// that were still ringing have missed it.
func (p *PBX) leaveQueue(c *call, legs []*leg) {
	q := c.queue
	if q == nil {
		return
	}
	c.queue = nil
	if c.answered.IsZero() {
		q.replace(c, nil)
		q.missed++
		q.longest = max(q.longest, time.Since(c.queued))
		for _, l := range legs {
			if m := q.member(l.device); m != nil && l.state == alerting {
				m.total++
				m.missed++
			}
		}
	} else {
		talked := time.Since(c.answered)
		q.talking--
		q.talked += talked
		if c.agent != nil {
			c.agent.talked += talked
		}
	}
	if p.queues[q.Number] == q {
		p.tellStatistics(q)
	}
}

// moveQueue makes a queue continue with another call in place of the one it had.
func (p *PBX) moveQueue(c, from *call) {
	c.queue, c.queued, c.answered, c.agent = from.queue, from.queued, from.answered, from.agent
	if c.queue != nil {
		c.queue.replace(from, c)
	}
	from.queue = nil
}

// replace puts another call in the place of a waiting one; nil removes it.
func (q *queue) replace(c, by *call) {
	i := slices.Index(q.waiting, c)
	switch {
	case i < 0:
	case by == nil:
		q.waiting = slices.Delete(q.waiting, i, i+1)
	default:
		q.waiting[i] = by
	}
}

func seconds(name string, d time.Duration) *element { return number(name, int(d/time.Second)) }

func average(name string, sum time.Duration, of int) *element {
	return seconds(name, sum/time.Duration(max(of, 1)))
}

// tellStatistics sends the queue's figures. The vendor shows the event without a namespace and without
// privateData.
func (p *PBX) tellStatistics(q *queue) {
	var longest time.Duration
	if len(q.waiting) > 0 {
		longest = time.Since(q.waiting[0].queued)
	}
	agents := list("agentList")
	for _, m := range q.members {
		agents.kids = append(agents.kids, tree("agentListItem",
			device("device", m.agent),
			number("totalNoOfCalls", m.total), number("totalAnsweredCalls", m.answered), number("totalMissedCalls", m.missed),
			average("averageTalkTime", m.talked, m.answered)))
	}
	e := tree("QueueStatisticsEvent",
		text("localNumber", q.Number),
		number("currentCalls", len(q.waiting)+q.talking), number("servicingCalls", q.talking), number("waitingCalls", len(q.waiting)),
		seconds("maxCurrentWait", longest),
		number("totalNoOfCalls", q.total), number("totalAnsweredCalls", q.answered), number("totalMissedCalls", q.missed),
		average("averageWaitTime", q.waited, q.answered), average("averageTalkTime", q.talked, q.answered-q.talking),
		seconds("maxWaitTime", q.longest),
		agents)
	e.bare = true
	p.tellOf(q.Number, e)
}

func (m *member) item() *element {
	return tree("memberListItem", flag("active", m.active), flag("activeSip", m.sip), flag("activeMobile", m.mobile),
		flag("activeSkype", m.skype), text("agentDN", m.agent))
}

// changeMember sets an agent's flags. Setting what is already set is not a change.
func (p *PBX) changeMember(q *queue, m *member, active, sip, mobile, skype bool) {
	before := *m
	m.active, m.sip, m.mobile, m.skype = active, sip, mobile, skype
	if *m != before {
		p.tellOf(q.Number, tree("QueueMemberEvent", list("memberList", m.item())))
	}
}

// queueOf finds the queue that a request's device names.
func (p *PBX) queueOf(r *request) (*queue, error) {
	name := r.args.value("device")
	if short, _, ok := p.object(name); ok {
		name = short
	}
	if q := p.queues[name]; q != nil {
		return q, nil
	}
	return nil, errOperation("invalidDeviceID", "there is no such queue")
}

func (p *PBX) getQueue(_ *link, r *request) (*element, error) {
	q, err := p.queueOf(r)
	if err != nil {
		return nil, err
	}
	return tree("GetQueueResponse",
		tree("queueDevice", text("deviceDescription", q.Name), text("deviceIdentifier", q.Number)),
		tree("privateData", maybe("requestID", r.requestID), number("serviceLevelAgreement", serviceLevel))), nil
}

func (p *PBX) getQueueMember(_ *link, r *request) (*element, error) {
	q, err := p.queueOf(r)
	if err != nil {
		return nil, err
	}
	members := list("memberList")
	for _, m := range q.members {
		members.kids = append(members.kids, m.item())
	}
	return tree("GetQueueMemberResponse", members), nil
}

func (p *PBX) setQueueMember(_ *link, r *request) (*element, error) {
	q, err := p.queueOf(r)
	if err != nil {
		return nil, err
	}
	m := q.member(r.args.value("agentDN"))
	if m == nil {
		return nil, errOperation("invalidParameterValue", "the queue has no such agent")
	}
	var is [4]bool
	for i, name := range [...]string{"activateAgent", "activateSip", "activateMobile", "activateSkype"} {
		if is[i], err = r.truth(name); err != nil {
			return nil, err
		}
	}
	p.changeMember(q, m, is[0], is[1], is[2], is[3])
	return tree("SetQueueMemberResponse"), nil
}

// SignIn signs an agent in to a queue at the phone, or out of it.
func (p *PBX) SignIn(queue, agent string, in bool) error {
	defer p.enter()()
	q := p.queues[queue]
	if q == nil {
		return fmt.Errorf("there is no queue %s", queue)
	}
	m := q.member(agent)
	if m == nil {
		return fmt.Errorf("%s is no member of %s", agent, queue)
	}
	p.changeMember(q, m, true, in, false, false)
	return nil
}

// AddQueue adds a queue. Those who monitor the trunk are told, and monitor the queue from then on.
func (p *PBX) AddQueue(config Queue) error {
	defer p.enter()()
	switch {
	case !dialable(config.Number):
		return errNotDialable
	case p.queues[config.Number] != nil || p.extensions[config.Number] != nil:
		return fmt.Errorf("there is a %s already", config.Number)
	}
	for _, m := range config.Members {
		if p.extensions[m] == nil {
			return fmt.Errorf("there is no extension %s", m)
		}
	}
	config.Members = slices.Clone(config.Members)
	p.queues[config.Number] = newQueue(config)
	p.note("event QueueAdded %s", config.Number)
	p.tell(p.trunkRef(), tree("QueueAddedEvent", text("localNumber", config.Number), text("name", config.Name)))
	for l := range p.links {
		if len(l.monitors[p.trunkRef()]) > 0 {
			p.startMonitor(l, p.queueRef(config.Number))
		}
	}
	return nil
}

// RemoveQueue removes a queue, and ends the calls that wait in it.
func (p *PBX) RemoveQueue(number string) error {
	defer p.enter()()
	q := p.queues[number]
	if q == nil {
		return fmt.Errorf("there is no queue %s", number)
	}
	for _, c := range slices.Clone(q.waiting) {
		p.end(c, nil, "Normal Clearing")
	}
	p.tellOf(number, tree("QueueRemovedEvent", text("localNumber", number)))
	delete(p.queues, number)
	for l := range p.links {
		delete(l.monitors, p.queueRef(number))
	}
	return nil
}
