package office

import (
	"calltray/cstasession/csta"
	"calltray/cstasession/internal/calls"
	"slices"
)

type queue struct {
	csta.Queue
	table *calls.Table
}

func (o *Office) queue(number string) *queue {
	q := o.queues[number]
	if q == nil {
		q = &queue{Queue: csta.Queue{Device: csta.DeviceID(number), Name: o.names[number]}, table: calls.New(csta.DeviceID(number), o.believed)}
		o.queues[number] = q
	}
	return q
}

func (o *Office) tellQueue(changed *Changes, q *queue) {
	q.table.Take()
	q.Calls = o.Named(q.table.Calls())
	changed.Queues = append(changed.Queues, q.Queue)
}

func (o *Office) nameQueue(changed *Changes, q *queue, name string) {
	o.name(changed, string(q.Device), name)
	q.Name = name
	o.tellQueue(changed, q)
}

// EveryQueue are the queues, by number.
func (o *Office) EveryQueue() (list []csta.Queue) {
	for _, q := range o.queues {
		list = append(list, q.Queue)
	}
	slices.SortFunc(list, func(a, b csta.Queue) int { return byNumber(a.Device, b.Device) })
	return list
}

// setMember takes what is told of one member. The devices with which we were signed in are kept, for when
// we sign in again.
func (o *Office) setMember(q *queue, m csta.Member) {
	q.Members = slices.Clone(q.Members) // the old one may have been handed out
	i := slices.IndexFunc(q.Members, func(old csta.Member) bool { return old.Agent == m.Agent })
	if i < 0 {
		q.Members = append(q.Members, m)
		return
	}
	if old := q.Members[i]; o.ours(m.Agent) && old.SignedIn() && !m.SignedIn() {
		o.signedIn[string(q.Device)] = old
	}
	q.Members[i] = m
}

// SignIn is how we sign in to a queue: as we are signed in now, or were last; else with the SIP telephone.
func (o *Office) SignIn(number string) csta.Member {
	if q := o.queues[number]; q != nil {
		if m, _ := q.Member(o.device); m.SignedIn() {
			return m
		}
	}
	if m, known := o.signedIn[number]; known {
		return m
	}
	return csta.Member{SIP: true}
}
