package cstasession

import (
	"calltray/cstasession/csta"
	"strings"
)

// event is a CSTA event, read without regard to the order of its elements and to which of them are
// there. (ECMA-323 §15; vendor pages under csta-api/events)
type event struct {
	name     string // Delivered, Established, ...: the root without "Event"
	crossRef string // monitorCrossRefID
	leg      csta.ConnectionID
	subject  csta.DeviceID // the device that did it: alerting, answering, releasing, holding, diverting, ...
	calling  csta.DeviceID
	called   csta.DeviceID
	linkage  string // globalCallLinkageId
	info     string // localConnectionInfo, in lower case; "null" is a value
	cause    csta.Cause

	networkCalled   csta.DeviceID
	lastRedirection csta.DeviceID
	transferredTo   csta.DeviceID
	secondary       csta.ConnectionID // secondaryOldCall: the other call that a transfer joined
	newCallID       string            // of what came out of it
	parties         string            // the devices of a conference, each followed by a blank

	// The vendor's private data.
	status      string     // localStatus, in lower case
	direction   string     // callDirection, in lower case: inbound, outbound
	requestType string     // cstaCallRequestType
	remote      csta.Party // remoteUser, callerName
}

// eventParts says where each event keeps its connection and its subject.
var eventParts = map[string]struct{ leg, subject string }{
	"delivered":         {"connection", "alertingDevice"},
	"established":       {"establishedConnection", "answeringDevice"},
	"connectioncleared": {"droppedConnection", "releasingDevice"},
	"held":              {"heldConnection", "holdingDevice"},
	"retrieved":         {"retrievedConnection", "retrievingDevice"},
	"diverted":          {"connection", "divertingDevice"},
	"transfered":        {"primaryOldCall", "transferringDevice"},
	"transferred":       {"primaryOldCall", "transferringDevice"}, // the spelling the schema does not have
	"conferenced":       {"primaryOldCall", "conferencingDevice"},
	"failed":            {"failedConnection", "failingDevice"},
	"originated":        {"originatedConnection", "callingDevice"},
	"serviceinitiated":  {"initiatedConnection", "initiatingDevice"},
	"networkreached":    {"outboundConnection", "networkInterfaceUsed"},
}

// readEvent reads an event of the call. known is false for one that this package has no meaning for.
func readEvent(m message) (ev event, known bool) {
	ev.name = m.name[:len(m.name)-len("Event")]
	parts, known := eventParts[strings.ToLower(ev.name)]
	if !known {
		return ev, false
	}
	b := &m.body
	ev.crossRef = b.value("monitorCrossRefID")
	ev.leg = readConnection(b.child(parts.leg))
	ev.subject = readDevice(b.child(parts.subject))
	ev.calling = readDevice(b.child("callingDevice"))
	if ev.calling == "" {
		ev.calling = readDevice(b.child("networkCallingDevice"))
	}
	ev.called = readDevice(b.child("calledDevice"))
	ev.networkCalled = readDevice(b.child("networkCalledDevice"))
	ev.lastRedirection = readDevice(b.child("lastRedirectionDevice"))
	ev.transferredTo = readDevice(b.child("transferredToDevice"))
	ev.secondary = readConnection(b.child("secondaryOldCall"))
	ev.newCallID, ev.parties = readJoined(b, ev.leg)
	ev.linkage = readLinkage(b)
	ev.info = strings.ToLower(b.value("localConnectionInfo"))
	ev.cause = csta.Cause(printable(b.value("cause")))
	if private := b.child("privateData"); private != nil {
		ev.status = strings.ToLower(private.value("localStatus"))
		ev.direction = strings.ToLower(private.value("callDirection"))
		ev.requestType = private.value("cstaCallRequestType")
		ev.remote = csta.Party{Number: readDevice(private.child("remoteUser")).Number(), Name: printable(private.value("callerName"))}
		if from := ev.calling.Number(); from != "" && ev.remote.Number != "" && ev.direction == "inbound" && !csta.SameNumber(from, ev.remote.Number) {
			ev.remote.Name = "" // the caller's, and somebody else is there since a transfer
		}
	}
	return ev, true
}

// readJoined reads what came out of two calls that were joined: the callID that a leg of them has now, and
// the devices. (ECMA-323 ConnectionList)
func readJoined(b *element, old csta.ConnectionID) (callID, parties string) {
	var items []*element
	for i := range b.children {
		list := &b.children[i]
		if !strings.EqualFold(list.name, "transferredConnections") && !strings.EqualFold(list.name, "conferenceConnections") {
			continue
		}
		if list.child("newConnection") != nil { // JSON may have the items without their level
			items = append(items, list)
		}
		for k := range list.children {
			items = append(items, &list.children[k])
		}
	}
	best := 0 // how well the old connection fits: not told, another, the same call, the same leg
	for _, item := range items {
		now, was := readConnection(item.child("newConnection")), readConnection(item.child("oldConnection"))
		fits := 1
		switch {
		case now.IsZero():
			continue
		case was == old:
			fits = 3
		case was.CallID == old.CallID:
			fits = 2
		}
		if fits > best {
			best, callID = fits, now.CallID
		}
		if device := now.DeviceID.Number() + " "; device != " " && !strings.Contains(" "+parties, " "+device) {
			parties += device
		}
	}
	return callID, parties
}
