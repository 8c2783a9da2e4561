package cstasession

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Colleague is another extension of the exchange, as the trunk's monitor tells of it.
type Colleague struct {
	Device       DeviceID
	Name         string // "" until the switching function told one
	DoNotDisturb bool
	ForwardedTo  string // where all its calls go at once; "" if they do not
	Calls        []Call // at that extension, oldest first
}

// Activity is what a colleague's telephone is doing.
func (c Colleague) Activity() Activity {
	busy := Free
	for _, call := range c.Calls {
		switch call.Phase {
		case Active, Held, Calling:
			return Talking
		case Ringing:
			busy = RingingThere
		}
	}
	return busy
}

// Activity is what a telephone is doing.
type Activity int

// The activities of a telephone.
const (
	Free Activity = iota
	RingingThere
	Talking
)

// Queue is a queue of the exchange. The counts are the switching function's own, of its present day;
// they are zero until its first QueueStatisticsEvent. (vendor page queueStatisticsEvent)
type Queue struct {
	Device DeviceID
	Name   string

	Waiting, Talking        int
	LongestWait             time.Duration
	Total, Answered, Missed int
	AverageWait             time.Duration
	AverageTalk             time.Duration

	Members []Member
	Calls   []Call // that wait, oldest first
	Removed bool   // the queue exists no more; told once
}

// Member is an agent of a queue. (vendor page getQueueMember)
type Member struct {
	Agent                      DeviceID
	Active, SIP, Mobile, Skype bool
}

// SignedIn reports whether calls of the queue reach the agent on any device. An agent who signed out
// stays active, with every device off. (vendor page setQueueMember)
func (m Member) SignedIn() bool { return m.Active && (m.SIP || m.Mobile || m.Skype) }

// Member returns a queue's member of that extension.
func (q Queue) Member(d DeviceID) (Member, bool) {
	for _, m := range q.Members {
		if is(m.Agent.Number(), d.Number()) {
			return m, true
		}
	}
	return Member{}, false
}

// office is the colleagues and queues of the exchange. The reader owns it. An event costs the same in
// an office of five as in one of five thousand: it is found by its cross reference, and one colleague
// or queue is told.
type office struct {
	s        *Session
	stations map[string]*station // by number
	queues   map[string]*queue
	names    map[string]string // of extensions, by number
}

type station struct {
	Colleague
	table *callTable
}

type queue struct {
	Queue
	table *callTable
}

func newOffice(s *Session) *office {
	return &office{s: s, stations: map[string]*station{}, queues: map[string]*queue{}, names: map[string]string{}}
}

// objectKind tells users from queues and trunks by the prefix of a cross reference. (vendor page
// monitorTrunk)
func objectKind(crossRef string) byte {
	if len(crossRef) > 2 && crossRef[1] == '-' {
		return crossRef[0] | 0x20
	}
	return 0
}

func (o *office) station(number string) *station {
	st := o.stations[number]
	if st == nil {
		st = &station{Colleague: Colleague{Device: DeviceID(number), Name: o.names[number]}, table: newCallTable(DeviceID(number))}
		o.stations[number] = st
	}
	return st
}

func (o *office) queue(number string) *queue {
	q := o.queues[number]
	if q == nil {
		q = &queue{Queue: Queue{Device: DeviceID(number)}, table: newCallTable(DeviceID(number))}
		o.queues[number] = q
	}
	return q
}

// newLink forgets what was going on: nobody told while the link was down.
func (o *office) newLink() {
	clear(o.stations)
	clear(o.queues)
}

// fold takes an event of a call at a colleague's telephone, or at a queue.
func (o *office) fold(ev event, now time.Time) {
	number := DeviceID(ev.crossRef).Number()
	o.learnName(ev)
	switch objectKind(ev.crossRef) {
	case 'u':
		st := o.station(number)
		if st.table.apply(ev, now) != nil {
			o.tell(st)
		}
	case 'q':
		q := o.queue(number)
		if q.table.apply(ev, now) != nil {
			o.tellQueue(q)
		}
	}
}

// learnName: a caller's display name is the name of the extension that calls.
func (o *office) learnName(ev event) {
	name, from := ev.remote.Name, ev.remote.Number
	if name == "" || ev.direction != "inbound" || o.names[from] == name {
		return
	}
	if st, known := o.stations[from]; known {
		o.names[from], st.Name = name, name
		o.tell(st)
	}
}

func (o *office) tell(st *station) {
	st.Calls = st.table.snapshot()
	st.table.drop()
	if o.s.cfg.OnColleague == nil || o.s.table.ours(st.Device) {
		return
	}
	told := st.Colleague
	told.Calls = slices.DeleteFunc(slices.Clone(told.Calls), func(c Call) bool { return c.Phase == Ended })
	o.s.cfg.OnColleague(told)
}

func (o *office) tellQueue(q *queue) {
	q.table.drop()
	q.Calls = q.table.snapshot()
	if o.s.cfg.OnQueue != nil {
		o.s.cfg.OnQueue(q.Queue)
	}
	o.s.settle(q.Queue)
}

// foldOther takes an event that is not about a call. It reports whether it knew it.
func (s *Session) foldOther(l *link, m message) bool {
	b := &m.body
	crossRef := b.value("monitorCrossRefID")
	number := DeviceID(crossRef).Number()
	switch name := strings.ToLower(m.name); name {
	case "donotdisturbevent", "forwardingevent":
		if device := readDevice(b.child("device")).Number(); device != "" {
			number = device
		}
		change := func(p *Phone) { p.DoNotDisturb = switched(b.is("doNotDisturbOn")) }
		if name == "forwardingevent" {
			rule := readForwarding(b)
			change = func(p *Phone) { p.Forwarding = withRule(p.Forwarding, rule) }
		}
		if s.table.ours(DeviceID(number)) {
			s.phone(change)
		} else if s.cfg.OnColleague != nil {
			s.office.setting(number, b, name)
		}
	case "monitorstartedevent":
		started := b.child("monitoredConnection")
		device := readDevice(started.child("deviceID")).Number()
		switch {
		case s.cfg.OnColleague == nil || device == "":
		case is(b.value("numberType"), "queue") || objectKind(started.value("monitorCrossRefID")) == 'q':
			s.office.tellQueue(s.office.queue(device))
			l.wantQueue(device)
		default:
			s.office.tell(s.office.station(device))
		}
	case "queueaddedevent":
		number = readDevice(b.child("localNumber")).Number()
		q := s.office.queue(number)
		q.Name = printable(b.value("name"))
		s.office.tellQueue(q)
		l.wantQueue(number)
	case "queueremovedevent":
		number = readDevice(b.child("localNumber")).Number()
		if q := s.office.queues[number]; q != nil {
			q.Removed = true
			s.office.tellQueue(q)
			delete(s.office.queues, number)
		}
	case "queuememberevent":
		q := s.office.queue(number)
		for _, told := range readMembers(b) {
			q.setMember(told)
		}
		s.office.tellQueue(q)
	case "queuestatisticsevent":
		if local := readDevice(b.child("localNumber")).Number(); local != "" {
			number = local
		}
		q := s.office.queue(number)
		q.statistics(b)
		s.office.tellQueue(q)
	case "outgoingnumbersevent":
		// The trunk's own numbers: nothing here shows them.
	default:
		return false
	}
	return true
}

// phone changes our telephone's settings, and publishes them.
func (s *Session) phone(change func(*Phone)) {
	change(&s.state.Phone)
	s.publish()
	s.settle(s.state.Phone)
}

func (o *office) setting(number string, b *element, name string) {
	st := o.station(number)
	if name == "donotdisturbevent" {
		st.DoNotDisturb = b.is("doNotDisturbOn")
	} else if rule := readForwarding(b); strings.HasPrefix(strings.ToLower(rule.Type), "forwardimm") {
		st.ForwardedTo = ""
		if rule.Active {
			st.ForwardedTo = rule.To
		}
	}
	o.tell(st)
}

func (q *queue) setMember(m Member) {
	q.Members = slices.Clone(q.Members) // the old one may have been handed out
	for i := range q.Members {
		if q.Members[i].Agent == m.Agent {
			q.Members[i] = m
			return
		}
	}
	q.Members = append(q.Members, m)
}

func (q *queue) statistics(b *element) {
	count := func(name string) int { n, _ := strconv.Atoi(b.value(name)); return n }
	seconds := func(name string) time.Duration {
		f, _ := strconv.ParseFloat(b.value(name), 64)
		return time.Duration(f * float64(time.Second))
	}
	q.Waiting, q.Talking, q.LongestWait = count("waitingCalls"), count("servicingCalls"), seconds("maxCurrentWait")
	q.Total, q.Answered, q.Missed = count("totalNoOfCalls"), count("totalAnsweredCalls"), count("totalMissedCalls")
	q.AverageWait, q.AverageTalk = seconds("averageWaitTime"), seconds("averageTalkTime")
}

// readMembers reads a memberList: its items, or in JSON the list itself.
func readMembers(b *element) (members []Member) {
	var read func(e *element)
	read = func(e *element) {
		for i := range e.kids {
			kid := &e.kids[i]
			if agent := readDevice(kid.child("agentDN")); agent != "" {
				members = append(members, Member{Agent: DeviceID(agent.Number()), Active: kid.is("active"), SIP: kid.is("activeSip"), Mobile: kid.is("activeMobile"), Skype: kid.is("activeSkype")})
			} else if is(kid.name, "memberList") || is(kid.name, "memberListItem") {
				read(kid)
			}
		}
	}
	read(b)
	return members
}

// wantQueue notes a queue whose name and members the keeper is to ask for.
func (l *link) wantQueue(number string) {
	l.mu.Lock()
	l.queues = append(l.queues, number)
	l.mu.Unlock()
	select {
	case l.survey <- struct{}{}:
	default:
	}
}

// wanted takes the next queue to ask for.
func (l *link) wanted() (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queues) == 0 {
		return "", false
	}
	next := l.queues[0]
	l.queues = l.queues[1:]
	return next, true
}

// look asks for what a fresh session does not know: the telephone's settings, the colleagues, the
// queues. A refusal is remembered with its reason and costs nothing else. (vendor page case_login)
func (l *link) look(ctx context.Context) error {
	s := l.s
	for _, ask := range []struct {
		body element
		fold func(message)
	}{
		{node("GetDoNotDisturb", s.device()), func(m message) {
			s.phone(func(p *Phone) { p.DoNotDisturb = switched(m.body.is("doNotDisturbOn")) })
		}},
		{node("GetForwarding", s.device()), func(m message) {
			rules := []Forwarding{}
			for _, list := range m.body.kids {
				for i := range list.kids {
					if is(list.kids[i].name, "forwardListItem") {
						rules = append(rules, readForwarding(&list.kids[i]))
					}
				}
				if is(list.name, "forwardingList") && list.child("forwardingType") != nil {
					rules = append(rules, readForwarding(&list))
				}
			}
			s.phone(func(p *Phone) { p.Forwarding = rules })
		}},
		{node("MonitorTrunk", node("monitorObject", leaf("deviceObject", "1"))), func(message) {
			s.state.Trunk = On
			s.publish()
		}},
	} {
		if ask.body.name == "MonitorTrunk" && s.cfg.OnColleague == nil {
			continue
		}
		if err := l.ask(ctx, ask.body, ask.fold); err != nil {
			return err
		}
	}
	return nil
}

// lookAtQueue asks for a queue's name and members.
func (l *link) lookAtQueue(ctx context.Context, number string) error {
	o := l.s.office
	if err := l.ask(ctx, node("GetQueue", leaf("device", number)), func(m message) {
		if name := printable(m.body.value("queueDevice", "deviceDescription")); name != "" {
			q := o.queue(number)
			q.Name = name
			o.tellQueue(q)
		}
	}); err != nil {
		return err
	}
	return l.ask(ctx, node("GetQueueMember", leaf("device", number)), func(m message) {
		q := o.queue(number)
		q.Members = readMembers(&m.body)
		o.tellQueue(q)
	})
}

// ask sends a request whose positive answer the reader folds. Only the loss of the link is an error.
func (l *link) ask(ctx context.Context, body element, fold func(message)) error {
	_, err := l.request(ctx, signLimit, body, func(m message) {
		if m.failure(body.name) == nil {
			fold(m)
		} else if body.name == "MonitorTrunk" {
			l.s.state.Trunk = Off
			l.s.publish()
		}
	})
	var refusal *ServiceError
	if errors.As(err, &refusal) {
		l.noteRefusal(refusal)
	}
	if refusal != nil || errors.Is(err, ErrNoAnswer) {
		l.s.cfg.Logger.Info("not told by this switching function", "service", body.name, "err", err)
		return nil
	}
	return err
}

// SetQueueMember signs our extension into a queue, or out of it: then the agent stays active, and the
// devices do not. It returns when an event showed it. (vendor page setQueueMember)
func (s *Session) SetQueueMember(ctx context.Context, queue DeviceID, in bool) error {
	me := s.cfg.Device.Number()
	body := node("SetQueueMember", leaf("device", queue.Number()), boolean("activateAgent", true),
		boolean("activateMobile", false), boolean("activateSip", in), boolean("activateSkype", false),
		leaf("agentDN", me), number("agentPosition", "1"))
	_, err := s.perform(ctx, effectLimit, body, func(x any) bool {
		q, ok := x.(Queue)
		if !ok || !is(q.Device.Number(), queue.Number()) {
			return false
		}
		m, member := q.Member(DeviceID(me))
		return member && m.SignedIn() == in
	})
	return err
}
