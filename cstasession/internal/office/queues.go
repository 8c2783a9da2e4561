package office

import (
	"slices"
	"strings"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/calls"
	"calltray/cstasession/internal/limits"
)

type queue struct {
	csta.Queue
	table *calls.Table
}

// queue returns the queue with a number, adding one if there is none; nil if there are too many.
func (o *Office) queue(changed *Changes, number string) *queue {
	q := o.queues[number]
	if q == nil {
		if len(o.queues) >= limits.Queues || len(number) > limits.Number {
			o.cutOff(changed, "queues")
			return nil
		}
		number = strings.Clone(number) // so as not to keep a longer text alive
		q = &queue{Queue: csta.Queue{Device: csta.DeviceID(number), Name: o.names[number]}, table: calls.New(csta.DeviceID(number), o.believed)}
		o.queues[number] = q
	}
	return q
}

func (o *Office) tellQueue(changed *Changes, q *queue) {
	q.Calls = o.taken(changed, q.table, len(q.Calls))
	changed.Queues = append(changed.Queues, q.Queue)
}

func (o *Office) nameQueue(changed *Changes, q *queue, name string) {
	o.name(changed, string(q.Device), name)
	q.Name = name
	o.tellQueue(changed, q)
}

// removeQueue removes a queue that the PBX no longer has.
func (o *Office) removeQueue(changed *Changes, q *queue, number string) {
	q.Removed = true
	o.tellQueue(changed, q)
	delete(o.queues, number)
	delete(o.names, number)
	delete(o.signedIn, number)
	o.calls -= len(q.Calls)
	o.members -= len(q.Members)
}

// EveryQueue returns the queues, by number.
func (o *Office) EveryQueue() (list []csta.Queue) {
	for _, q := range o.queues {
		list = append(list, q.Queue)
	}
	slices.SortFunc(list, func(a, b csta.Queue) int { return byNumber(a.Device, b.Device) })
	return list
}

// setMembers applies reported members. The devices with which we were signed in are kept, for when we sign in
// again.
func (o *Office) setMembers(changed *Changes, q *queue, told []csta.Member) {
	list := slices.Clone(q.Members) // the old slice may have been handed out
	at := make(map[csta.DeviceID]int, len(list))
	for i, m := range list {
		at[m.Agent] = i
	}
	for _, m := range told {
		i, known := at[m.Agent]
		switch {
		case known:
			if old := list[i]; o.ours(m.Agent) && old.SignedIn() && !m.SignedIn() {
				o.signedIn[string(q.Device)] = old
			}
			list[i] = m
		case len(list) >= limits.Members || o.members+len(list)-len(q.Members) >= limits.AllMembers:
			o.cutOff(changed, "members of queues")
		default:
			at[m.Agent] = len(list)
			list = append(list, m)
		}
	}
	o.members += len(list) - len(q.Members)
	q.Members = list
}

// SignIn returns the membership with which to sign in to a queue: the current one if we are signed in, else the
// last one, else the SIP telephone only.
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

// shortName cuts a name to the length that is kept.
func shortName(name string) string {
	if len(name) <= limits.NameText {
		return strings.Clone(name)
	}
	if runes := []rune(name); len(runes) > limits.NameText {
		return string(runes[:limits.NameText])
	}
	return name
}
