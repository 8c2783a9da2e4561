package cstasession

import (
	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

type queue struct {
	csta.Queue
	table *callTable
}

func (o *office) queue(number string) *queue {
	q := o.queues[number]
	if q == nil {
		q = &queue{Queue: csta.Queue{Device: csta.DeviceID(number), Name: o.names[number]}, table: newCallTable(csta.DeviceID(number))}
		o.queues[number] = q
	}
	return q
}

func (o *office) tellQueue(q *queue) {
	q.table.drop()
	q.Calls = o.named(q.table.snapshot())
	if o.s.cfg.OnQueue != nil {
		o.s.cfg.OnQueue(q.Queue)
	}
	o.s.settle(q.Queue)
}

func (o *office) nameQueue(q *queue, name string) {
	o.name(string(q.Device), name)
	q.Name = name
	o.tellQueue(q)
}

// Queues returns the queues as OnQueue was told of them last, by number, under the rules of Colleagues.
func (s *Session) Queues() (list []csta.Queue) {
	s.consult(func() {
		for _, q := range s.office.queues {
			list = append(list, q.Queue)
		}
	})
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
	if old := q.Members[i]; o.s.table.ours(m.Agent) && old.SignedIn() && !m.SignedIn() {
		o.devices[string(q.Device)] = old
	}
	q.Members[i] = m
}

func (q *queue) statistics(b *wire.Element) {
	count := func(name string) int { n, _ := strconv.Atoi(b.Value(name)); return n }
	seconds := func(name string) time.Duration {
		f, _ := strconv.ParseFloat(b.Value(name), 64)
		if !(f >= 0 && f < 1e9) { // nor not a number
			return 0
		}
		return time.Duration(f * float64(time.Second))
	}
	q.Waiting, q.Talking, q.LongestWait = count("waitingCalls"), count("servicingCalls"), seconds("maxCurrentWait")
	q.Total, q.Answered, q.Missed = count("totalNoOfCalls"), count("totalAnsweredCalls"), count("totalMissedCalls")
	q.AverageWait, q.AverageTalk = seconds("averageWaitTime"), seconds("averageTalkTime")
}

// readMembers reads a memberList: its items, or in JSON the list itself.
func readMembers(b *wire.Element) (members []csta.Member) {
	var read func(e *wire.Element)
	read = func(e *wire.Element) {
		for i := range e.Children {
			kid := &e.Children[i]
			if agent := wire.ReadDevice(kid.Child("agentDN")); agent != "" {
				members = append(members, csta.Member{Agent: csta.DeviceID(agent.Number()), Active: kid.IsTrue("active"), SIP: kid.IsTrue("activeSip"), Mobile: kid.IsTrue("activeMobile"), Skype: kid.IsTrue("activeSkype")})
			} else if strings.EqualFold(kid.Name, "memberList") || strings.EqualFold(kid.Name, "memberListItem") {
				read(kid)
			}
		}
	}
	read(b)
	return members
}

// SetQueueMember signs our extension into a queue, or out of it: then the agent stays active, and the
// devices do not. Signing in brings the devices back that were on before we signed out, as far as the
// session saw that; else the SIP telephone. It returns when an event showed it. (vendor page
// setQueueMember) Errors: ErrOffline, ErrNoAnswer, ErrNoEffect, *ServiceError.
func (s *Session) SetQueueMember(ctx context.Context, queue csta.DeviceID, in bool) error {
	me := s.cfg.Device.Number()
	var with csta.Member
	if in {
		with.SIP = true
		s.consult(func() {
			if m, known := s.office.devices[queue.Number()]; known {
				with = m
			}
			if q := s.office.queues[queue.Number()]; q != nil {
				if m, _ := q.Member(csta.DeviceID(me)); m.SignedIn() {
					with = m
				}
			}
		})
	}
	body := wire.Node("SetQueueMember", wire.Leaf("device", queue.Number()), wire.Boolean("activateAgent", true),
		wire.Boolean("activateMobile", with.Mobile), wire.Boolean("activateSip", with.SIP), wire.Boolean("activateSkype", with.Skype),
		wire.Leaf("agentDN", me), wire.Number("agentPosition", "1"))
	_, err := s.perform(ctx, effectLimit, body, func(x any) bool {
		q, ok := x.(csta.Queue)
		if !ok || !strings.EqualFold(q.Device.Number(), queue.Number()) {
			return false
		}
		m, member := q.Member(csta.DeviceID(me))
		return member && m.SignedIn() == in
	})
	return err
}
