package office

import (
	"strings"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

// objectKind tells users from queues and trunks by the prefix of a cross reference. (vendor page
// monitorTrunk)
func objectKind(crossRef string) byte {
	if len(crossRef) > 2 && crossRef[1] == '-' {
		return crossRef[0] | 0x20
	}
	return 0
}

// whose returns the number of the telephone or queue that an event is about: the one it names, or else its
// monitor's; "" if only the trunk's monitor reports it. monitor is the cross reference of our own monitor,
// which may be a ticket.
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

// IsTrunk reports whether a cross reference is the trunk's monitor's, which the vendor writes in two ways.
// (vendor page monitorTrunk)
func (o *Office) IsTrunk(crossRef string) bool {
	return strings.EqualFold(crossRef, o.trunk) || strings.EqualFold(crossRef, "t-"+o.trunk)
}

// FoldOther applies an event that is not about a call. known is false if the event means nothing here.
func (o *Office) FoldOther(m wire.Message, monitor string) (changed Changes, known bool) {
	b := &m.Body
	number := o.whose(b, monitor)
	name := strings.ToLower(m.Name)
	if strings.HasPrefix(name, "queue") && (number == "" || o.ours(csta.DeviceID(number))) {
		return changed, true // of no queue
	}
	switch name {
	case "donotdisturbevent", "forwardingevent":
		if o.ours(csta.DeviceID(number)) {
			o.setOwn(&changed, name, b)
		} else if o.listens && number != "" {
			o.setColleague(&changed, number, name, b)
		}
	case "monitorstartedevent":
		if o.listens {
			o.monitorStarted(&changed, b)
		}
	case "queueaddedevent":
		if q := o.queue(&changed, number); q != nil {
			o.nameQueue(&changed, q, shortName(wire.Printable(b.Value("name"))))
			changed.Questions = o.survey.wantQueue(number)
		}
	case "queueremovedevent":
		if q := o.queues[number]; q != nil {
			o.removeQueue(&changed, q, number)
		}
	case "queuememberevent":
		if q := o.queue(&changed, number); q != nil {
			o.setMembers(&changed, q, ReadMembers(b))
			o.tellQueue(&changed, q)
		}
	case "queuestatisticsevent":
		if q := o.queue(&changed, number); q != nil {
			q.statistics(b)
			o.tellQueue(&changed, q)
		}
	case "outgoingnumbersevent":
		// The trunk's own numbers: nothing here shows them.
	default:
		return changed, false
	}
	return changed, true
}

// setOwn applies a changed setting of our own telephone.
func (o *Office) setOwn(changed *Changes, event string, b *wire.Element) {
	if event != "forwardingevent" {
		o.Telephone.DoNotDisturb = csta.Switched(b.IsTrue("doNotDisturbOn"))
		changed.Telephone = true
		return
	}
	var kept bool
	if o.Telephone.Forwarding, kept = withRule(o.Telephone.Forwarding, readForwarding(b)); !kept {
		o.cutOff(changed, "forwarding rules")
	}
	changed.Telephone = kept
}

// setColleague applies a changed setting of a colleague's telephone.
func (o *Office) setColleague(changed *Changes, number, event string, b *wire.Element) {
	c := o.colleague(changed, number)
	if c == nil {
		return
	}
	if event == "forwardingevent" {
		c.forward(readForwarding(b))
	} else {
		c.DoNotDisturb = b.IsTrue("doNotDisturbOn")
	}
	o.tell(changed, c)
}

// forward applies a forwarding rule. Of a colleague's rules, only the one that forwards every call is kept.
func (c *colleague) forward(rule csta.Forwarding) {
	if rule.Is("forwardImmediate") {
		c.ForwardedTo = ""
		if rule.Active {
			c.ForwardedTo = rule.To
		}
	}
}

// monitorStarted applies what the trunk's monitor reports when it starts: the extensions and queues that exist.
func (o *Office) monitorStarted(changed *Changes, b *wire.Element) {
	started := b.Child("monitoredConnection")
	device := wire.ReadDevice(started.Child("deviceID")).Number()
	switch {
	case device == "":
	case strings.EqualFold(b.Value("numberType"), "queue") || objectKind(started.Value("monitorCrossRefID")) == 'q':
		if q := o.queue(changed, device); q != nil {
			o.tellQueue(changed, q)
			changed.Questions = o.survey.wantQueue(device)
		}
	default:
		if c := o.colleague(changed, device); c != nil {
			o.tell(changed, c)
			changed.Questions = !o.ours(csta.DeviceID(device)) && o.survey.wantColleague(device)
		}
	}
}
