package cstasession

import (
	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
	"cmp"
	"slices"
	"strings"
	"time"
)

// office is the colleagues and queues of the exchange. The reader owns it. An event costs the same in
// an office of five as in one of five thousand: it is found by its cross reference, and one colleague
// or queue is told.
type office struct {
	s        *Session
	stations map[string]*station // by number
	queues   map[string]*queue
	names    map[string]string      // of extensions and queues, by number
	devices  map[string]csta.Member // by queue: ours, as it was when we were signed in last
}

type station struct {
	csta.Colleague
	table *callTable
}

func newOffice(s *Session) *office {
	return &office{s: s, stations: map[string]*station{}, queues: map[string]*queue{}, names: map[string]string{}, devices: map[string]csta.Member{}}
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
		st = &station{Colleague: csta.Colleague{Device: csta.DeviceID(number), Name: o.names[number]}, table: newCallTable(csta.DeviceID(number))}
		o.stations[number] = st
	}
	return st
}

// newLink forgets what was going on: nobody told while the link was down. Names and habits stay.
func (o *office) newLink() {
	clear(o.stations)
	clear(o.queues)
}

// forgetCalls forgets the calls of everybody, until they are told of next.
func (o *office) forgetCalls() {
	for _, st := range o.stations {
		st.table = newCallTable(st.Device)
	}
	for _, q := range o.queues {
		q.table = newCallTable(q.Device)
	}
}

// fold takes an event of a call at a colleague's telephone, or at a queue.
func (o *office) fold(ev wire.Event, now time.Time) {
	number := csta.DeviceID(ev.CrossRef).Number()
	o.learnName(ev)
	switch objectKind(ev.CrossRef) {
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
func (o *office) learnName(ev wire.Event) {
	name, from := ev.Remote.Name, ev.Remote.Number
	if ev.Direction != "inbound" {
		return
	}
	if st, known := o.stations[from]; known && o.name(from, name) {
		st.Name = name
		o.tell(st)
	}
}

// name notes what an extension or a queue is called, and publishes our calls again if one of them lacks
// it. It reports whether that is new.
func (o *office) name(number, name string) bool {
	if number == "" || name == "" || o.names[number] == name {
		return false
	}
	o.names[number] = name
	if slices.ContainsFunc(o.s.table.calls, func(c *csta.Call) bool { return c.Via == number || c.Remote.Number == number && c.Remote.Name == "" }) {
		o.s.publish()
	}
	return true
}

// named fills in the names that the calls' own events did not tell.
func (o *office) named(calls []csta.Call) []csta.Call {
	for i := range calls {
		c := &calls[i]
		if c.ViaName = o.names[c.Via]; c.Remote.Name == "" {
			c.Remote.Name = o.names[c.Remote.Number]
		}
	}
	return calls
}

func (o *office) tell(st *station) {
	st.table.drop()
	st.Calls = o.named(st.table.snapshot())
	if o.s.cfg.OnColleague != nil && !o.s.table.ours(st.Device) {
		o.s.cfg.OnColleague(st.Colleague)
	}
}

// Colleagues returns the other extensions as OnColleague was told of them last, by number; nil while the
// session is not Online. It may be called from any goroutine, but not within OnChange, OnColleague and
// OnQueue.
func (s *Session) Colleagues() (list []csta.Colleague) {
	s.consult(func() {
		for _, st := range s.office.stations {
			if !s.table.ours(st.Device) {
				list = append(list, st.Colleague)
			}
		}
	})
	slices.SortFunc(list, func(a, b csta.Colleague) int { return byNumber(a.Device, b.Device) })
	return list
}

// byNumber orders extensions as a person does: 99 before 200.
func byNumber(a, b csta.DeviceID) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// whose is the number of the telephone or queue that an event is about: the one that it names, else its
// monitor's; "" where only the trunk's tells of it.
func (s *Session) whose(l *link, b *wire.Element) string {
	for _, name := range []string{"device", "localNumber"} {
		if number := wire.ReadDevice(b.Child(name)).Number(); number != "" {
			return number
		}
	}
	switch crossRef := b.Value("monitorCrossRefID"); {
	case crossRef == "" || strings.EqualFold(crossRef, l.crossRef):
		return s.cfg.Device.Number()
	case s.isTrunk(crossRef):
		return ""
	default:
		return csta.DeviceID(crossRef).Number()
	}
}

// isTrunk reports whether a cross reference is of the trunk's monitor, which the vendor writes in two ways.
// (vendor page monitorTrunk)
func (s *Session) isTrunk(crossRef string) bool {
	return strings.EqualFold(crossRef, s.cfg.TrunkID) || strings.EqualFold(crossRef, "t-"+s.cfg.TrunkID)
}

// foldOther takes an event that is not about a call. It reports whether it knew it.
func (s *Session) foldOther(l *link, m wire.Message) bool {
	b := &m.Body
	number := s.whose(l, b)
	name := strings.ToLower(m.Name)
	if strings.HasPrefix(name, "queue") && (number == "" || s.table.ours(csta.DeviceID(number))) {
		return true // of no queue
	}
	switch name {
	case "donotdisturbevent", "forwardingevent":
		change := func(p *csta.Telephone) { p.DoNotDisturb = csta.Switched(b.IsTrue("doNotDisturbOn")) }
		if name == "forwardingevent" {
			rule := readForwarding(b)
			change = func(p *csta.Telephone) { p.Forwarding = withRule(p.Forwarding, rule) }
		}
		if s.table.ours(csta.DeviceID(number)) {
			s.phone(change)
		} else if s.cfg.OnColleague != nil && number != "" {
			s.office.setting(number, b, name)
		}
	case "monitorstartedevent":
		started := b.Child("monitoredConnection")
		device := wire.ReadDevice(started.Child("deviceID")).Number()
		switch {
		case s.cfg.OnColleague == nil || device == "":
		case strings.EqualFold(b.Value("numberType"), "queue") || objectKind(started.Value("monitorCrossRefID")) == 'q':
			s.office.tellQueue(s.office.queue(device))
			l.want(lookup{device, true})
		default:
			s.office.tell(s.office.station(device))
			l.wantPhone(device)
		}
	case "queueaddedevent":
		s.office.nameQueue(s.office.queue(number), wire.Printable(b.Value("name")))
		l.want(lookup{number, true})
	case "queueremovedevent":
		if q := s.office.queues[number]; q != nil {
			q.Removed = true
			s.office.tellQueue(q)
			delete(s.office.queues, number)
			delete(s.office.names, number)
		}
	case "queuememberevent":
		q := s.office.queue(number)
		for _, told := range readMembers(b) {
			s.office.setMember(q, told)
		}
		s.office.tellQueue(q)
	case "queuestatisticsevent":
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
func (s *Session) phone(change func(*csta.Telephone)) {
	change(&s.state.Telephone)
	s.publish()
	s.settle(s.state.Telephone)
}

func (o *office) setting(number string, b *wire.Element, name string) {
	st := o.station(number)
	if name == "donotdisturbevent" {
		st.DoNotDisturb = b.IsTrue("doNotDisturbOn")
	} else {
		st.forward(readForwarding(b))
	}
	o.tell(st)
}

// forward takes a rule of the telephone: one that sends all its calls elsewhere is of interest to others.
func (st *station) forward(rule csta.Forwarding) {
	if rule.Is("forwardImmediate") {
		st.ForwardedTo = ""
		if rule.Active {
			st.ForwardedTo = rule.To
		}
	}
}
