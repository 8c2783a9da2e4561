package office

import (
	"slices"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/calls"
	"calltray/cstasession/internal/limits"
	"calltray/cstasession/internal/wire"
)

// No event reports how a colleague's telephone was set before we listened, which calls it had, or the name and
// members of a queue. That has to be asked for, but only for the first MostPhones colleagues: for the others,
// events must do.
const (
	MostPhones     = 300
	MostUnanswered = 3 // failed questions of one kind, after which it is no longer asked
)

// survey is what still has to be asked about others.
type survey struct {
	names      bool            // whether names of queues that our calls come through are wanted
	asked      map[string]bool // numbers of colleagues
	named      map[string]bool // numbers whose names were asked for
	unanswered map[string]int  // failed questions, by service
	queues     []subject       // the next ones first
	phones     []string
	open       []Question      // taken by Next and not finished
	retried    string          // whom they are about, if they were already open when an earlier link fell
	refused    map[string]bool // services that this PBX says it does not have
}

// subject is a queue to ask about: its name and, if wanted, its members.
type subject struct {
	number  string
	members bool
}

// Question is one request about a colleague or a queue.
type Question struct {
	service string // its only argument is the object
	object  string // as the service writes it
	Number  string
	Queue   bool // about a queue; else about a colleague
	members bool // its members are wanted as well, so it is known to be a queue
}

// Request returns the message that asks the question.
func (q Question) Request() wire.Element {
	if q.service == "SnapShotDevice" {
		return wire.Node(q.service, wire.Leaf("snapshotObject", q.object))
	}
	return wire.Node(q.service, wire.Leaf("device", q.object))
}

func (s *survey) newLink() {
	*s = survey{names: s.names, asked: map[string]bool{}, named: map[string]bool{}, unanswered: map[string]int{}, refused: map[string]bool{}}
}

// askAgain makes those who were asked about be asked about again when next reported.
func (s *survey) askAgain() { clear(s.asked) }

// wantColleague adds a colleague whose telephone should be asked about, once per link. It reports whether there
// are questions: a link that takes over from another receives reports about everybody, and continues where that
// one stopped.
func (s *survey) wantColleague(number string) bool {
	if len(s.asked) < MostPhones && !s.asked[number] {
		s.asked[number] = true
		s.phones = append(s.phones, number)
	}
	return len(s.phones)+len(s.open) > 0
}

// wantQueue adds a queue whose name and members should be asked for.
func (s *survey) wantQueue(number string) bool {
	q := subject{number, true}
	if len(s.queues) >= limits.Questions || slices.Contains(s.queues, q) {
		return false
	}
	s.queues = append(s.queues, q)
	return true
}

// WantName asks once for the name of what our call came through, in case nothing reports it. It may be an
// extension, and then the question is refused. It reports whether there is a new question.
func (o *Office) WantName(number string) bool {
	s := &o.survey
	if _, colleague := o.colleagues[number]; !s.names || colleague || s.refused["GetQueue"] || o.queues[number] != nil || o.names[number] != "" || s.named[number] || len(s.named) >= limits.Questions || len(number) > limits.Number {
		return false
	}
	s.named[number] = true
	s.queues = slices.Insert(s.queues, 0, subject{number, false}) // first, as the call is there now
	return true
}

// Next returns the next questions, all about one colleague or queue, and reports whether there are more. Queues
// come first, since our call may come through one. Questions that were taken earlier come first of all if Done
// was not called: their link fell. If that happens twice, the question may be the cause, and is dropped.
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
		if *o.believed != (calls.Belief{}) { // snapshots have been seen to list calls
			ask(Question{service: "SnapShotDevice", object: "u-" + o.trunk + "-" + number, Number: number})
		}
		ask(Question{service: "GetDoNotDisturb", object: number, Number: number})
		ask(Question{service: "GetForwarding", object: number, Number: number})
	}
	s.open = list
	return list, len(s.queues)+len(s.phones) > 0
}

// Done records that all questions last returned by Next were asked, whatever the results.
func (o *Office) Done() { o.survey.open = nil }

// Answer applies the positive answer to a question asked at the time asked. Its subject may have gone in the
// meantime.
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

// Refuse records that a question was refused, perhaps only for this subject. notSupported is whether the PBX
// said that it does not have the service.
func (o *Office) Refuse(q Question, notSupported bool) {
	if !q.Queue || q.members { // otherwise it may not have been a queue
		o.survey.unanswered[q.service]++
	}
	o.survey.refused[q.service] = o.survey.refused[q.service] || notSupported
}

// Unanswered records that a service got no answer. The colleague is asked about again, after the others.
func (o *Office) Unanswered(service string) { o.survey.unanswered[service]++ }

func (o *Office) AskLater(number string) {
	o.survey.phones = append(o.survey.phones, number)
}

// OwnSettings returns the questions about our own telephone.
func (o *Office) OwnSettings() []Question {
	number := o.device.Number()
	return []Question{{service: "GetDoNotDisturb", object: number, Number: number}, {service: "GetForwarding", object: number, Number: number}}
}

// AnswerOwn applies the positive answer to one of them.
func (o *Office) AnswerOwn(q Question, m wire.Message) (changed Changes) {
	if q.service == "GetDoNotDisturb" {
		o.Telephone.DoNotDisturb = csta.Switched(m.Body.IsTrue("doNotDisturbOn"))
	} else {
		o.Telephone.Forwarding = readForwardings(m)
	}
	changed.Telephone = true
	return changed
}
