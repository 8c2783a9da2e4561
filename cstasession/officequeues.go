package cstasession

import (
	"calltray/cstasession/csta"
	"slices"
)

type queue struct {
	csta.Queue
	table *callTable
}

func (o *office) queue(number string) *queue {
	q := o.queues[number]
	if q == nil {
		q = &queue{Queue: csta.Queue{Device: csta.DeviceID(number), Name: o.names[number]}, table: newCallTable(csta.DeviceID(number), o.believed)}
		o.queues[number] = q
	}
	return q
}

func (o *office) tellQueue(changed *changes, q *queue) {
	q.table.take()
	q.Calls = o.named(q.table.calls())
	changed.queues = append(changed.queues, q.Queue)
}

func (o *office) nameQueue(changed *changes, q *queue, name string) {
	o.name(changed, string(q.Device), name)
	q.Name = name
	o.tellQueue(changed, q)
}

// everyQueue are the queues, by number.
func (o *office) everyQueue() (list []csta.Queue) {
	for _, q := range o.queues {
		list = append(list, q.Queue)
	}
	slices.SortFunc(list, func(a, b csta.Queue) int { return byNumber(a.Device, b.Device) })
	return list
}

// setMember takes what is told of one member. The devices with which we were signed in are kept, for when
// we sign in again.
func (o *office) setMember(q *queue, m csta.Member) {
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

// signIn is how we sign in to a queue: as we are signed in now, or were last; else with the SIP telephone.
func (o *office) signIn(number string) csta.Member {
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
