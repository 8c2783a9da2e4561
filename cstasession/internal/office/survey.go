package office

import (
	"slices"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/calls"
	"calltray/cstasession/internal/limits"
	"calltray/cstasession/internal/wire"
)

// No event tells how a colleague's telephone was set before we listened, nor of the calls that it had, nor
// what a queue is called and who its members are. That has to be asked for. Of more colleagues than the first
// so many it is not: events tell.
const (
	MostPhones     = 300
	MostUnanswered = 3 // questions of one kind about others that came to nothing, after which it is not asked any more
)

// survey is what is still to be asked about others.
type survey struct {
	names      bool            // of queues that our calls come through are wanted
	asked      map[string]bool // numbers of colleagues
	named      map[string]bool // numbers that were asked for by name
	unanswered map[string]int  // questions that came to nothing, by service
	queues     []subject       // the next ones first
	phones     []string
	open       []Question      // taken by Next, and not done yet
	retried    string          // whom they are about, if they were open already when an earlier link fell
	refused    map[string]bool // services that this PBX says it does not have
}

// subject is a queue to ask about: for its name, and if so wished for its members.
type subject struct {
	number  string
	members bool
}

// Question is one request about somebody else.
type Question struct {
	service string // its only argument is the object
	object  string // as the service writes it
	Number  string
	Queue   bool // it is about a queue; else about a colleague
	members bool // its members are wanted as well, so it is known to be a queue
}

// Request is the message that asks it.
func (q Question) Request() wire.Element {
	if q.service == "SnapShotDevice" {
		return wire.Node(q.service, wire.Leaf("snapshotObject", q.object))
	}
	return wire.Node(q.service, wire.Leaf("device", q.object))
}

func (s *survey) newLink() {
	*s = survey{names: s.names, asked: map[string]bool{}, named: map[string]bool{}, unanswered: map[string]int{}, refused: map[string]bool{}}
}

// askAgain: those who were asked about are asked about again when they are told of.
func (s *survey) askAgain() { clear(s.asked) }

// wantColleague notes a colleague whose telephone is to be asked about, once for each link. It reports
// whether there are questions: a link that takes over from another is told of everybody, and goes on where that one stopped.
func (s *survey) wantColleague(number string) bool {
	if len(s.asked) < MostPhones && !s.asked[number] {
		s.asked[number] = true
		s.phones = append(s.phones, number)
	}
	return len(s.phones)+len(s.open) > 0
}

// wantQueue notes a queue whose name and members are to be asked for.
func (s *survey) wantQueue(number string) bool {
	q := subject{number, true}
	if len(s.queues) >= limits.Questions || slices.Contains(s.queues, q) {
		return false
	}
	s.queues = append(s.queues, q)
	return true
}

// WantName asks once for the name of what our call came through, if nothing tells it by itself. It may be
// an extension as well, and is refused then. It reports whether there is a new question.
func (o *Office) WantName(number string) bool {
	s := &o.survey
	if _, colleague := o.colleagues[number]; !s.names || colleague || s.refused["GetQueue"] || o.queues[number] != nil || o.names[number] != "" || s.named[number] || len(s.named) >= limits.Questions || len(number) > limits.Number {
		return false
	}
	s.named[number] = true
	s.queues = slices.Insert(s.queues, 0, subject{number, false}) // the call is there now
	return true
}

// Next takes the questions about whom it is time to ask about next, and reports whether there are more: queues
// first, of which one may be what our call comes through. Those that were taken before come first if Done was not called:
// their link fell. When that happens twice, the question may be why, and is left.
func (o *Office) Next() (list []Question, more bool) {
	s := &o.survey
	if len(s.open) > 0 && s.open[0].Number != s.retried {
		q := s.open[0]
		if s.retried = q.Number; q.Queue {
			s.queues = slices.Insert(s.queues, 0, subject{q.Number, q.members})
		} else {
			s.phones = slices.Insert(s.phones, 0, q.Number)
		}
	}
	ask := func(q Question) {
		if s.unanswered[q.service] < MostUnanswered {
			list = append(list, q)
		}
	}
	switch {
	case len(s.queues) > 0:
		q := s.queues[0]
		s.queues = s.queues[1:]
		ask(Question{service: "GetQueue", object: q.number, Number: q.number, Queue: true, members: q.members})
		if q.members {
			ask(Question{service: "GetQueueMember", object: q.number, Number: q.number, Queue: true, members: true})
		}
	case len(s.phones) > 0:
		number := s.phones[0]
		s.phones = s.phones[1:]
		if *o.believed != (calls.Belief{}) { // snapshots were seen to list calls
			ask(Question{service: "SnapShotDevice", object: "u-" + o.trunk + "-" + number, Number: number})
		}
		ask(Question{service: "GetDoNotDisturb", object: number, Number: number})
		ask(Question{service: "GetForwarding", object: number, Number: number})
	}
	s.open = list
	return list, len(s.queues)+len(s.phones) > 0
}

// Done notes that all questions that Next took last were asked, whatever came of them.
func (o *Office) Done() { o.survey.open = nil }

// Answer takes the positive answer to a question, which was asked at asked. Whom it was about may have gone
// in the meantime.
func (o *Office) Answer(q Question, m wire.Message, asked, now time.Time) (changed Changes) {
	if q.Queue {
		o.answerQueue(&changed, q, m)
		return changed
	}
	c := o.colleagues[q.Number]
	if c == nil {
		return changed
	}
	switch q.service {
	case "SnapShotDevice":
		if items := wire.ReadSnapshot(m); o.calls+len(items) <= limits.OfficeCalls {
			c.table.Refresh(items, asked, now)
		} else {
			o.cutOff(&changed, "calls")
		}
	case "GetDoNotDisturb":
		c.DoNotDisturb = m.Body.IsTrue("doNotDisturbOn")
	case "GetForwarding":
		for _, rule := range readForwardings(m) {
			c.forward(rule)
		}
	}
	o.tell(&changed, c)
	return changed
}

func (o *Office) answerQueue(changed *Changes, question Question, m wire.Message) {
	q := o.queues[question.Number]
	if question.service == "GetQueueMember" {
		if q != nil {
			o.members -= len(q.Members)
			q.Members = nil
			o.setMembers(changed, q, ReadMembers(&m.Body))
			o.tellQueue(changed, q)
		}
		return
	}
	name := shortName(wire.Printable(m.Body.Value("queueDevice", "deviceDescription")))
	switch {
	case q != nil && name != "":
		o.nameQueue(changed, q, name)
	case !question.members:
		o.name(changed, question.Number, name)
	}
}

// Refuse notes that a question was refused: perhaps only for this one. notSupported is whether the PBX said that
// it does not have the service.
func (o *Office) Refuse(q Question, notSupported bool) {
	if !q.Queue || q.members { // else it may have been no queue
		o.survey.unanswered[q.service]++
	}
	o.survey.refused[q.service] = o.survey.refused[q.service] || notSupported
}

// Unanswered notes that a service got no answer. A colleague is asked about again, after the others.
func (o *Office) Unanswered(service string) { o.survey.unanswered[service]++ }

func (o *Office) AskLater(number string) {
	o.survey.phones = append(o.survey.phones, number)
}

// OwnSettings are the questions about our own telephone.
func (o *Office) OwnSettings() []Question {
	number := o.device.Number()
	return []Question{{service: "GetDoNotDisturb", object: number, Number: number}, {service: "GetForwarding", object: number, Number: number}}
}

// AnswerOwn takes the positive answer to one of them.
func (o *Office) AnswerOwn(q Question, m wire.Message) (changed Changes) {
	if q.service == "GetDoNotDisturb" {
		o.Telephone.DoNotDisturb = csta.Switched(m.Body.IsTrue("doNotDisturbOn"))
	} else {
		o.Telephone.Forwarding = readForwardings(m)
	}
	changed.Telephone = true
	return changed
}
