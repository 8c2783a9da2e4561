package pbxsim

import (
	"strings"
	"time"
)

// The events, each with the vendor's elements in the vendor's order (pages csta-api/events; those of
// FailedEvent and RetrievedEvent, which the vendor does not document, are ECMA-323's).

// delivery is an event on its way to a link.
type delivery struct {
	link  *link
	event *element
}

// tell sends an event to every link that monitors ref, when the current operation is done.
func (p *PBX) tell(ref string, event *element) {
	for l := range p.links {
		for _, crossRef := range l.monitors[ref] {
			own := *event
			own.kids = append([]*element{text("monitorCrossRefID", crossRef)}, event.kids...)
			p.delivery = append(p.delivery, delivery{l, &own})
		}
	}
}

// flush sends what tell has collected.
func (p *PBX) flush() {
	for _, d := range p.delivery {
		d.link.event(d.event)
	}
	p.delivery = nil
}

// tell sends an event of a leg to those who monitor its device.
func (l *leg) tell(event *element) {
	p := l.call.pbx
	p.note("event %s %s %s", event.target(), l.device, l.callID)
	p.tell(p.ref(l.device), event)
}

// tellOf sends an event about an extension or queue itself to those who monitor it.
func (p *PBX) tellOf(number string, event *element) {
	p.note("event %s %s", event.target(), number)
	p.tell(p.ref(number), event)
}

func (l *leg) connection(name string) *element { return connection(name, l.callID, l.device) }

// Elements that several events of a leg have in common.
func (l *leg) callingDevice() *element  { return device("callingDevice", l.calling) }
func (l *leg) calledDevice() *element   { return device("calledDevice", l.called) }
func (l *leg) networkCalling() *element { return device("networkCallingDevice", l.calling) }
func (l *leg) networkCalled() *element  { return device("networkCalledDevice", l.dialled) }
func (l *leg) info() *element           { return text("localConnectionInfo", connectionInfo[l.state]) }
func (l *leg) linkage() *element        { return linkage(l.call.linkage) }

// noTime omits the timestamp.
var noTime time.Time

var none = text("localConnectionInfo", "null") // a protocol value: there is no relation any more

// private is an event's privateData. service is the request that caused the event; by default the one that made
// the leg.
func (l *leg) private(service string, at time.Time) *element {
	if service == "" {
		service = l.service
	}
	direction := "Inbound"
	if l.out {
		direction = "Outbound"
	}
	stamp := ""
	if !at.IsZero() {
		stamp = at.UTC().Format("2006-01-02 15:04:05Z")
	}
	return tree("privateData",
		number("eventOrderIncrement", 0),
		flag("isCstaOriginated", service != ""),
		maybe("cstaCallRequestType", service),
		text("callDirection", direction),
		text("localStatus", l.status()),
		text("remoteUser", l.remote),
		maybe("callerName", l.name),
		maybe("timestamp", stamp))
}

func (p *PBX) delivered(l *leg) {
	alerting := l.device
	if l.state == ringing {
		alerting = l.called
	}
	l.tell(tree("DeliveredEvent",
		l.connection("connection"),
		device("alertingDevice", alerting),
		l.callingDevice(), l.calledDevice(),
		l.info(), text("cause", "newCall"),
		l.networkCalling(), l.networkCalled(),
		l.linkage(), l.private("", noTime)))
}

func (p *PBX) established(l *leg, answering, service string) {
	l.tell(tree("EstablishedEvent",
		l.connection("establishedConnection"),
		device("answeringDevice", answering),
		l.callingDevice(), l.calledDevice(),
		l.info(), text("cause", "normal"),
		l.networkCalling(), l.networkCalled(),
		l.linkage(), l.private(service, time.Now())))
}

// cleared reports that a leg has ended. The behaviour says which device released it: no documentation says what
// a PBX names if nobody answered.
func (p *PBX) cleared(l *leg, releasing, cause string) {
	if p.behaviour.LoseCleared > 0 && p.monitored(p.ref(l.device)) {
		p.behaviour.LoseCleared--
		p.note("lost ConnectionCleared %s %s", l.device, l.callID)
		return
	}
	who := device("releasingDevice", releasing)
	switch p.behaviour.ReleasingDevice {
	case "own":
		who = device("releasingDevice", l.device)
	case "caller":
		who = l.callingDevice()
	case "called":
		who = l.calledDevice()
	case "none":
		who = maybe("releasingDevice", "")
	}
	who.name = "releasingDevice"
	l.tell(tree("ConnectionClearedEvent",
		l.connection("droppedConnection"),
		who,
		none, text("cause", cause),
		l.linkage()))
}

// held names the other party in heldConnection, with the holder's callID, as in the vendor's sample.
func (p *PBX) held(l *leg, service string) {
	whose := l.remote
	if p.behaviour.HeldDevice == "holder" {
		whose = l.device
	}
	l.tell(tree("HeldEvent",
		connection("heldConnection", l.callID, whose),
		device("holdingDevice", l.device),
		l.info(), l.linkage(), l.private(service, noTime)))
}

func (p *PBX) retrieved(l *leg, service string) {
	l.tell(tree("RetrievedEvent",
		l.connection("retrievedConnection"),
		device("retrievingDevice", l.device),
		l.info(), text("cause", "normal"),
		l.linkage(), l.private(service, noTime)))
}

// diverted tells the device that the call left it: calledDevice is the new destination, and networkCalledDevice
// the number that the caller chose.
func (p *PBX) diverted(l *leg, to, cause string) {
	l.tell(tree("DivertedEvent",
		l.connection("connection"),
		device("divertingDevice", l.device),
		l.callingDevice(), device("calledDevice", to),
		none, text("cause", cause),
		l.networkCalling(), l.networkCalled(),
		l.linkage()))
}

func (p *PBX) transfered(l *leg, to, cause string) {
	l.tell(tree("TransferedEvent",
		l.connection("primaryOldCall"),
		device("transferringDevice", l.device),
		device("transferredToDevice", to),
		list("transferredConnections", tree("connectionListItem", l.connection("oldConnection"))),
		text("cause", cause),
		l.linkage()))
}

func (p *PBX) failed(l *leg, at string) {
	private := l.private("", noTime)
	l.tell(tree("FailedEvent",
		l.connection("failedConnection"),
		device("failingDevice", at),
		l.callingDevice(), l.calledDevice(),
		text("localConnectionInfo", "fail"), text("cause", "busy"),
		l.linkage(), private))
}

// monitorStarted is sent for each object of a trunk whose monitor was started.
func (p *PBX) monitorStarted(l *link, deviceID, ref, numberType string) {
	p.delivery = append(p.delivery, delivery{l, tree("MonitorStartedEvent",
		text("monitorCrossRefID", l.crossRef(p.trunkRef())),
		tree("privateData", number("eventOrderIncrement", 0), text("connectionId", l.connectionID)),
		tree("monitoredConnection", text("deviceID", deviceID), text("monitorCrossRefID", ref)),
		list("deviceRelationList"),
		text("numberType", numberType))})
}

// outgoingNumbers follows the snapshot of a trunk. In the vendor's sample it has no namespace.
func (p *PBX) outgoingNumbers(l *link) {
	e := tree("OutgoingNumbersEvent",
		text("monitorCrossRefID", l.crossRef(p.trunkRef())),
		tree("privateData", number("eventOrderIncrement", 0), text("connectionId", l.connectionID)),
		list("outgoingNumbers", tree("outgoingNumber", text("number", p.cfg.Trunk))))
	e.bare = true
	p.delivery = append(p.delivery, delivery{l, e})
}

// target returns the hub method that carries an event: its name without "Event".
func (e *element) target() string { return strings.TrimSuffix(e.name, "Event") }
