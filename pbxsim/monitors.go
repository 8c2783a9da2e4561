package pbxsim

import (
	"maps"
	"slices"
	"strconv"
)

// Monitors: who receives which events. The vendor documents MonitorStart and MonitorTrunk.

func (p *PBX) monitorStart(l *link, r *request) (*element, error) {
	name := r.args.value("monitorObject")
	if name == "" {
		return nil, errOperation("invalidDeviceID", "the request names no device")
	}
	deviceID, ref, ok := p.object(name)
	if !ok {
		return nil, errOperation("invalidMonitorObject", "there is no such device")
	}
	crossRef := p.startMonitor(l, ref)
	if p.extensions[deviceID] != nil {
		l.clientPhones[deviceID] = true
	}
	p.note("link %d monitor %s", l.id, ref)
	return monitorResponse(r, crossRef, deviceID, 0), nil
}

// monitorTrunk starts a monitor of everything: the trunk, whose cross reference is the bare number in
// the answer and t-number in the events, and every extension and queue.
func (p *PBX) monitorTrunk(l *link, r *request) (*element, error) {
	switch r.args.value("monitorObject") {
	case "1", p.cfg.Trunk:
	default:
		return nil, errOperation("invalidMonitorObject", "the trunk is 1")
	}
	crossRef := p.startMonitor(l, p.trunkRef())
	if !p.behaviour.TicketRefs {
		crossRef = p.cfg.Trunk
	}
	for _, e := range p.cfg.Extensions {
		p.monitorStarted(l, e.Number, p.startMonitor(l, p.userRef(e.Number)), "sip")
	}
	for _, number := range slices.Sorted(maps.Keys(p.queues)) {
		p.monitorStarted(l, number, p.startMonitor(l, p.queueRef(number)), "queue")
	}
	p.note("link %d monitor %s", l.id, p.trunkRef())
	return monitorResponse(r, crossRef, p.cfg.Trunk, len(p.cfg.Extensions)+len(p.queues)), nil
}

func monitorResponse(r *request, ref, deviceID string, count int) *element {
	return tree("MonitorStartResponse",
		text("monitorCrossRefID", ref),
		tree("privateData",
			tree("monitoredConnection", text("deviceID", deviceID)),
			maybe("requestID", r.requestID),
			number("monitorCount", count)))
}

func (p *PBX) monitorStop(l *link, r *request) (*element, error) {
	crossRef := r.args.value("monitorCrossRefID")
	if crossRef == p.cfg.Trunk || slices.Contains(l.monitors[p.trunkRef()], crossRef) {
		clear(l.monitors)
		clear(l.clientPhones)
		return tree("MonitorStopResponse"), nil
	}
	for ref, crossRefs := range l.monitors {
		i := slices.Index(crossRefs, crossRef)
		if i < 0 {
			continue
		}
		if l.monitors[ref] = slices.Delete(crossRefs, i, i+1); len(l.monitors[ref]) == 0 {
			delete(l.monitors, ref)
			if number, _, ok := p.object(ref); ok {
				delete(l.clientPhones, number)
			}
		}
		return tree("MonitorStopResponse"), nil
	}
	return nil, errOperation("invalidCrossRefID", "there is no such monitor")
}

// startMonitor starts a monitor of the object ref, and returns its cross reference. A second one of the same
// object replaces the first, unless the behaviour lets both send events.
func (p *PBX) startMonitor(l *link, ref string) (crossRef string) {
	crossRef = ref
	if p.behaviour.TicketRefs {
		p.tickets++
		crossRef = strconv.Itoa(70000 + p.tickets)
	}
	if !p.behaviour.StackMonitors {
		l.monitors[ref] = nil
	}
	l.monitors[ref] = append(l.monitors[ref], crossRef)
	return crossRef
}

// crossRef returns the cross reference of the link's monitor of ref: ref itself if it has none.
func (l *link) crossRef(ref string) string {
	if crossRefs := l.monitors[ref]; len(crossRefs) > 0 {
		return crossRefs[0]
	}
	return ref
}

// monitored reports whether a client monitors ref.
func (p *PBX) monitored(ref string) bool {
	for l := range p.links {
		if len(l.monitors[ref]) > 0 {
			return true
		}
	}
	return false
}
