package cstasession

import (
	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
	"cmp"
	"slices"
	"strings"
	"time"
)

// office is the colleagues, the queues and our own telephone's settings: a fold of events and answers. It does
// no I/O, and has no clock and no lock of its own. An event costs the same in an office of five as in one of
// five thousand: it is found by its cross reference, and one colleague or queue is told.
type office struct {
	device     csta.DeviceID // ours
	trunk      string
	listens    bool // to colleagues and queues
	colleagues map[string]*colleague
	queues     map[string]*queue
	names      map[string]string      // of extensions and queues, by number
	signedIn   map[string]csta.Member // by queue: ours, as it was when we were signed in last
	telephone  csta.Telephone         // ours
	believed   *belief
	survey     survey
}

type colleague struct {
	csta.Colleague
	table *callTable
}

// changes is what an event or an answer has changed, in order.
type changes struct {
	colleagues []csta.Colleague
	queues     []csta.Queue
	telephone  bool // ours
	name       bool // somebody's became known
	questions  bool // there are more to be asked
}

// newOffice makes the office of our device. listens is whether colleagues and queues are wanted, names
// whether the names of queues that our calls come through are.
func newOffice(device csta.DeviceID, trunk string, listens, names bool, believed *belief) *office {
	o := &office{device: device, trunk: trunk, listens: listens, believed: believed,
		colleagues: map[string]*colleague{}, queues: map[string]*queue{}, names: map[string]string{}, signedIn: map[string]csta.Member{}}
	o.survey.names = names
	o.survey.newLink()
	return o
}

// newLink forgets what was going on: nobody told while the link was down. Names and habits stay.
func (o *office) newLink() {
	clear(o.colleagues)
	clear(o.queues)
	o.survey.newLink()
}

// forgetCalls forgets the calls of everybody, until they are told of next, and who was asked about.
func (o *office) forgetCalls() {
	for _, c := range o.colleagues {
		c.table = newCallTable(c.Device, o.believed)
	}
	for _, q := range o.queues {
		q.table = newCallTable(q.Device, o.believed)
	}
	o.survey.askAgain()
}

func (o *office) ours(d csta.DeviceID) bool {
	return d != "" && (strings.EqualFold(string(d), string(o.device)) || strings.EqualFold(d.Number(), o.device.Number()))
}

// objectKind tells users from queues and trunks by the prefix of a cross reference. (vendor page
// monitorTrunk)
func objectKind(crossRef string) byte {
	if len(crossRef) > 2 && crossRef[1] == '-' {
		return crossRef[0] | 0x20
	}
	return 0
}

func (o *office) colleague(number string) *colleague {
	c := o.colleagues[number]
	if c == nil {
		c = &colleague{Colleague: csta.Colleague{Device: csta.DeviceID(number), Name: o.names[number]}, table: newCallTable(csta.DeviceID(number), o.believed)}
		o.colleagues[number] = c
	}
	return c
}

// fold takes an event of a call at a colleague's telephone, or at a queue.
func (o *office) fold(ev wire.Event, now time.Time) changes {
	changed := o.learnName(ev)
	number := csta.DeviceID(ev.CrossRef).Number()
	switch objectKind(ev.CrossRef) {
	case 'u':
		c := o.colleague(number)
		if _, news := c.table.apply(ev, now); news {
			o.tell(&changed, c)
		}
	case 'q':
		q := o.queue(number)
		if _, news := q.table.apply(ev, now); news {
			o.tellQueue(&changed, q)
		}
	}
	return changed
}

// learnName takes what an event of any call tells: a caller's display name is the name of the extension that
// calls.
func (o *office) learnName(ev wire.Event) (changed changes) {
	name, from := ev.Remote.Name, ev.Remote.Number
	if ev.Direction != "inbound" {
		return changed
	}
	if c, known := o.colleagues[from]; known && o.name(&changed, from, name) {
		c.Name = name
		o.tell(&changed, c)
	}
	return changed
}

// name notes what an extension or a queue is called, and reports whether that is new.
func (o *office) name(changed *changes, number, name string) bool {
	if number == "" || name == "" || o.names[number] == name {
		return false
	}
	o.names[number] = name
	changed.name = true
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

func (o *office) tell(changed *changes, c *colleague) {
	c.table.take() // nobody is told how a colleague's call ended
	c.Calls = o.named(c.table.calls())
	if !o.ours(c.Device) {
		changed.colleagues = append(changed.colleagues, c.Colleague)
	}
}

// everybody are the other extensions, by number.
func (o *office) everybody() (list []csta.Colleague) {
	for _, c := range o.colleagues {
		if !o.ours(c.Device) {
			list = append(list, c.Colleague)
		}
	}
	slices.SortFunc(list, func(a, b csta.Colleague) int { return byNumber(a.Device, b.Device) })
	return list
}

// byNumber orders extensions as a person does: 99 before 200.
func byNumber(a, b csta.DeviceID) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// callAt is a call at a colleague's telephone.
func (o *office) callAt(id csta.ConnectionID) (csta.Call, bool) {
	if c := o.colleagues[id.DeviceID.Number()]; c != nil {
		for _, call := range c.Calls {
			if call.ID.CallID == id.CallID {
				return call, true
			}
		}
	}
	return csta.Call{}, false
}

// whose is the number of the telephone or queue that an event is about: the one that it names, else its
// monitor's; "" where only the trunk's tells of it. monitor is the cross reference of ours, which may be a
// ticket.
func (o *office) whose(b *wire.Element, monitor string) string {
	for _, name := range []string{"device", "localNumber"} {
		if number := wire.ReadDevice(b.Child(name)).Number(); number != "" {
			return number
		}
	}
	switch crossRef := b.Value("monitorCrossRefID"); {
	case crossRef == "" || strings.EqualFold(crossRef, monitor):
		return o.device.Number()
	case o.isTrunk(crossRef):
		return ""
	default:
		return csta.DeviceID(crossRef).Number()
	}
}

// isTrunk reports whether a cross reference is of the trunk's monitor, which the vendor writes in two ways.
// (vendor page monitorTrunk)
func (o *office) isTrunk(crossRef string) bool {
	return strings.EqualFold(crossRef, o.trunk) || strings.EqualFold(crossRef, "t-"+o.trunk)
}

// foldOther takes an event that is not about a call. known is false for one without a meaning here.
func (o *office) foldOther(m wire.Message, monitor string) (changed changes, known bool) {
	b := &m.Body
	number := o.whose(b, monitor)
	name := strings.ToLower(m.Name)
	if strings.HasPrefix(name, "queue") && (number == "" || o.ours(csta.DeviceID(number))) {
		return changed, true // of no queue
	}
	switch name {
	case "donotdisturbevent", "forwardingevent":
		switch {
		case o.ours(csta.DeviceID(number)) && name == "forwardingevent":
			o.telephone.Forwarding = withRule(o.telephone.Forwarding, readForwarding(b))
			changed.telephone = true
		case o.ours(csta.DeviceID(number)):
			o.telephone.DoNotDisturb = csta.Switched(b.IsTrue("doNotDisturbOn"))
			changed.telephone = true
		case o.listens && number != "":
			c := o.colleague(number)
			if name == "forwardingevent" {
				c.forward(readForwarding(b))
			} else {
				c.DoNotDisturb = b.IsTrue("doNotDisturbOn")
			}
			o.tell(&changed, c)
		}
	case "monitorstartedevent":
		started := b.Child("monitoredConnection")
		device := wire.ReadDevice(started.Child("deviceID")).Number()
		switch {
		case !o.listens || device == "":
		case strings.EqualFold(b.Value("numberType"), "queue") || objectKind(started.Value("monitorCrossRefID")) == 'q':
			o.tellQueue(&changed, o.queue(device))
			changed.questions = o.survey.wantQueue(device)
		default:
			o.tell(&changed, o.colleague(device))
			changed.questions = !o.ours(csta.DeviceID(device)) && o.survey.wantColleague(device)
		}
	case "queueaddedevent":
		o.nameQueue(&changed, o.queue(number), wire.Printable(b.Value("name")))
		changed.questions = o.survey.wantQueue(number)
	case "queueremovedevent":
		if q := o.queues[number]; q != nil {
			q.Removed = true
			o.tellQueue(&changed, q)
			delete(o.queues, number)
			delete(o.names, number)
		}
	case "queuememberevent":
		q := o.queue(number)
		for _, told := range readMembers(b) {
			o.setMember(q, told)
		}
		o.tellQueue(&changed, q)
	case "queuestatisticsevent":
		q := o.queue(number)
		q.statistics(b)
		o.tellQueue(&changed, q)
	case "outgoingnumbersevent":
		// The trunk's own numbers: nothing here shows them.
	default:
		return changed, false
	}
	return changed, true
}

// forward takes a rule of the telephone: one that sends all its calls elsewhere is of interest to others.
func (c *colleague) forward(rule csta.Forwarding) {
	if rule.Is("forwardImmediate") {
		c.ForwardedTo = ""
		if rule.Active {
			c.ForwardedTo = rule.To
		}
	}
}
