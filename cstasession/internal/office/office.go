package office

import (
	"calltray/cstasession/csta"
	"calltray/cstasession/internal/calls"
	"calltray/cstasession/internal/wire"
	"cmp"
	"slices"
	"strings"
	"time"
)

// Office is the colleagues, the queues and our own telephone's settings: a fold of events and answers. It does
// no I/O, and has no clock and no lock of its own. An event costs the same in an office of five as in one of
// five thousand: it is found by its cross reference, and one colleague or queue is told.
type Office struct {
	device     csta.DeviceID // ours
	trunk      string
	listens    bool // to colleagues and queues
	colleagues map[string]*colleague
	queues     map[string]*queue
	names      map[string]string      // of extensions and queues, by number
	signedIn   map[string]csta.Member // by queue: ours, as it was when we were signed in last
	Telephone  csta.Telephone         // ours
	believed   *calls.Belief
	survey     survey
}

type colleague struct {
	csta.Colleague
	table *calls.Table
}

// Changes is what an event or an answer has changed, in order.
type Changes struct {
	Colleagues []csta.Colleague
	Queues     []csta.Queue
	Telephone  bool // ours
	Name       bool // somebody's became known
	Questions  bool // there are more to be asked
}

// New makes the office of our device. listens is whether colleagues and queues are wanted, names
// whether the names of queues that our calls come through are.
func New(device csta.DeviceID, trunk string, listens, names bool, believed *calls.Belief) *Office {
	o := &Office{device: device, trunk: trunk, listens: listens, believed: believed,
		colleagues: map[string]*colleague{}, queues: map[string]*queue{}, names: map[string]string{}, signedIn: map[string]csta.Member{}}
	o.survey.names = names
	o.survey.newLink()
	return o
}

// NewLink forgets what was going on: nobody told while the link was down. Names and habits stay.
func (o *Office) NewLink() {
	clear(o.colleagues)
	clear(o.queues)
	o.survey.newLink()
}

// ForgetCalls forgets the calls of everybody, until they are told of next, and who was asked about.
func (o *Office) ForgetCalls() {
	for _, c := range o.colleagues {
		c.table = calls.New(c.Device, o.believed)
	}
	for _, q := range o.queues {
		q.table = calls.New(q.Device, o.believed)
	}
	o.survey.askAgain()
}

func (o *Office) ours(d csta.DeviceID) bool {
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

func (o *Office) colleague(number string) *colleague {
	c := o.colleagues[number]
	if c == nil {
		c = &colleague{Colleague: csta.Colleague{Device: csta.DeviceID(number), Name: o.names[number]}, table: calls.New(csta.DeviceID(number), o.believed)}
		o.colleagues[number] = c
	}
	return c
}

// Fold takes an event of a call at a colleague's telephone, or at a queue.
func (o *Office) Fold(ev wire.Event, now time.Time) Changes {
	changed := o.LearnName(ev)
	number := csta.DeviceID(ev.CrossRef).Number()
	switch objectKind(ev.CrossRef) {
	case 'u':
		c := o.colleague(number)
		if _, news := c.table.Apply(ev, now); news {
			o.tell(&changed, c)
		}
	case 'q':
		q := o.queue(number)
		if _, news := q.table.Apply(ev, now); news {
			o.tellQueue(&changed, q)
		}
	}
	return changed
}

// LearnName takes what an event of any call tells: a caller's display name is the name of the extension that
// calls.
func (o *Office) LearnName(ev wire.Event) (changed Changes) {
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
func (o *Office) name(changed *Changes, number, name string) bool {
	if number == "" || name == "" || o.names[number] == name {
		return false
	}
	o.names[number] = name
	changed.Name = true
	return true
}

// Named fills in the names that the calls' own events did not tell.
func (o *Office) Named(calls []csta.Call) []csta.Call {
	for i := range calls {
		c := &calls[i]
		if c.ViaName = o.names[c.Via]; c.Remote.Name == "" {
			c.Remote.Name = o.names[c.Remote.Number]
		}
	}
	return calls
}

func (o *Office) tell(changed *Changes, c *colleague) {
	c.table.Take() // nobody is told how a colleague's call ended
	c.Calls = o.Named(c.table.Calls())
	if !o.ours(c.Device) {
		changed.Colleagues = append(changed.Colleagues, c.Colleague)
	}
}

// Everybody are the other extensions, by number.
func (o *Office) Everybody() (list []csta.Colleague) {
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

// CallAt is a call at a colleague's telephone.
func (o *Office) CallAt(id csta.ConnectionID) (csta.Call, bool) {
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
func (o *Office) whose(b *wire.Element, monitor string) string {
	for _, name := range []string{"device", "localNumber"} {
		if number := wire.ReadDevice(b.Child(name)).Number(); number != "" {
			return number
		}
	}
	switch crossRef := b.Value("monitorCrossRefID"); {
	case crossRef == "" || strings.EqualFold(crossRef, monitor):
		return o.device.Number()
	case o.IsTrunk(crossRef):
		return ""
	default:
		return csta.DeviceID(crossRef).Number()
	}
}

// IsTrunk reports whether a cross reference is of the trunk's monitor, which the vendor writes in two ways.
// (vendor page monitorTrunk)
func (o *Office) IsTrunk(crossRef string) bool {
	return strings.EqualFold(crossRef, o.trunk) || strings.EqualFold(crossRef, "t-"+o.trunk)
}

// FoldOther takes an event that is not about a call. known is false for one without a meaning here.
func (o *Office) FoldOther(m wire.Message, monitor string) (changed Changes, known bool) {
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
			o.Telephone.Forwarding = withRule(o.Telephone.Forwarding, readForwarding(b))
			changed.Telephone = true
		case o.ours(csta.DeviceID(number)):
			o.Telephone.DoNotDisturb = csta.Switched(b.IsTrue("doNotDisturbOn"))
			changed.Telephone = true
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
			changed.Questions = o.survey.wantQueue(device)
		default:
			o.tell(&changed, o.colleague(device))
			changed.Questions = !o.ours(csta.DeviceID(device)) && o.survey.wantColleague(device)
		}
	case "queueaddedevent":
		o.nameQueue(&changed, o.queue(number), wire.Printable(b.Value("name")))
		changed.Questions = o.survey.wantQueue(number)
	case "queueremovedevent":
		if q := o.queues[number]; q != nil {
			q.Removed = true
			o.tellQueue(&changed, q)
			delete(o.queues, number)
			delete(o.names, number)
		}
	case "queuememberevent":
		q := o.queue(number)
		for _, told := range ReadMembers(b) {
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
