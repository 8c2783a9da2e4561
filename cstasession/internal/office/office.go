package office

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/calls"
	"calltray/cstasession/internal/limits"
	"calltray/cstasession/internal/wire"
)

// Office holds the colleagues, the queues and our own telephone's settings: a fold of events and answers. It
// does no I/O, and has no clock or lock of its own. An event costs the same in an office of five as in one of
// five thousand: it is looked up by its cross reference, and changes one colleague or queue.
type Office struct {
	device     csta.DeviceID // ours
	trunk      string
	listens    bool // to colleagues and queues
	colleagues map[string]*colleague
	queues     map[string]*queue
	names      map[string]string      // of extensions and queues, by number
	signedIn   map[string]csta.Member // by queue: our own membership when we were last signed in
	Telephone  csta.Telephone         // ours
	calls      int                    // of all
	members    int                    // of all queues
	cut        map[string]bool        // the kinds that were dropped and reported
	believed   *calls.Belief
	survey     survey
}

type colleague struct {
	csta.Colleague
	table *calls.Table
}

// Changes is what an event or an answer changed, in order.
type Changes struct {
	Colleagues []csta.Colleague
	Queues     []csta.Queue
	Telephone  bool     // ours
	Name       bool     // a name became known
	Questions  bool     // there are new questions
	Cut        []string // what exceeded its limit: reported once for each kind
}

// New returns the office of our device. listens is whether to keep colleagues and queues, names whether to ask
// for the names of queues that our calls come through.
func New(device csta.DeviceID, trunk string, listens, names bool, believed *calls.Belief) *Office {
	o := &Office{device: device, trunk: trunk, listens: listens, believed: believed,
		cut: map[string]bool{}, colleagues: map[string]*colleague{}, queues: map[string]*queue{}, names: map[string]string{}, signedIn: map[string]csta.Member{}}
	o.survey.names = names
	o.survey.newLink()
	return o
}

// NewLink forgets current events, which nothing reported while the link was down. Names and habits are kept.
func (o *Office) NewLink() {
	clear(o.colleagues)
	clear(o.queues)
	o.calls, o.members = 0, 0
	o.survey.newLink()
}

// ForgetCalls forgets everybody's calls until they are next reported, and who has been asked about.
func (o *Office) ForgetCalls() {
	for _, c := range o.colleagues {
		c.table = calls.New(c.Device, o.believed)
	}
	for _, q := range o.queues {
		q.table = calls.New(q.Device, o.believed)
	}
	o.calls = 0
	o.survey.askAgain()
}

func (o *Office) ours(d csta.DeviceID) bool {
	return d != "" && (strings.EqualFold(string(d), string(o.device)) || strings.EqualFold(d.Number(), o.device.Number()))
}

// colleague returns the colleague with a number, adding one if there is none; nil if there are too many.
func (o *Office) colleague(changed *Changes, number string) *colleague {
	c := o.colleagues[number]
	if c == nil {
		if len(o.colleagues) >= limits.Colleagues || len(number) > limits.Number {
			o.cutOff(changed, "colleagues")
			return nil
		}
		number = strings.Clone(number) // so as not to keep a longer text alive
		c = &colleague{Colleague: csta.Colleague{Device: csta.DeviceID(number), Name: o.names[number]}, table: calls.New(csta.DeviceID(number), o.believed)}
		o.colleagues[number] = c
	}
	return c
}

// Fold applies an event of a call at a colleague's telephone or at a queue.
func (o *Office) Fold(ev wire.Event, now time.Time) Changes {
	changed := o.LearnName(ev)
	number := csta.DeviceID(ev.CrossRef).Number()
	switch objectKind(ev.CrossRef) {
	case 'u':
		if c := o.colleague(&changed, number); c != nil && o.apply(&changed, c.table, ev, now) {
			o.tell(&changed, c)
		}
	case 'q':
		if q := o.queue(&changed, number); q != nil && o.apply(&changed, q.table, ev, now) {
			o.tellQueue(&changed, q)
		}
	}
	return changed
}

// apply folds an event into a table, and reports whether that has changed it.
func (o *Office) apply(changed *Changes, table *calls.Table, ev wire.Event, now time.Time) (news bool) {
	if o.calls >= limits.OfficeCalls && !table.Knows(ev) {
		o.cutOff(changed, "calls")
		return false
	}
	_, news = table.Apply(ev, now)
	return news
}

// taken removes the ended calls of a table and returns the others: how a colleague's call ended is not
// reported. before is how many there were when last reported.
func (o *Office) taken(changed *Changes, table *calls.Table, before int) []csta.Call {
	table.Take()
	o.calls += table.Len() - before
	if table.Full() {
		o.cutOff(changed, "calls")
	}
	return o.Named(table.Calls())
}

// cutOff records that there was more of something than can be kept.
func (o *Office) cutOff(changed *Changes, what string) {
	if !o.cut[what] {
		o.cut[what] = true
		changed.Cut = append(changed.Cut, what)
	}
}

// LearnName takes names from an event of any call: a caller's display name is the name of the calling
// extension.
func (o *Office) LearnName(ev wire.Event) (changed Changes) {
	name, from := shortName(ev.Remote.Name), ev.Remote.Number
	if ev.Direction != "inbound" {
		return changed
	}
	if c, known := o.colleagues[from]; known && o.name(&changed, from, name) {
		c.Name = name
		o.tell(&changed, c)
	}
	return changed
}

// name records the name of an extension or a queue, and reports whether it is new.
func (o *Office) name(changed *Changes, number, name string) bool {
	if number == "" || name == "" || o.names[number] == name {
		return false
	}
	if _, known := o.names[number]; !known && len(o.names) >= limits.Names {
		o.cutOff(changed, "names")
		return false
	}
	o.names[number] = name
	changed.Name = true
	return true
}

// Named fills in names that the calls' own events did not contain.
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
	c.Calls = o.taken(changed, c.table, len(c.Calls))
	if !o.ours(c.Device) {
		changed.Colleagues = append(changed.Colleagues, c.Colleague)
	}
}

// Everybody returns the other extensions, by number.
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

// CallAt returns a call at a colleague's telephone.
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
