package cstasession

import (
	"calltray/cstasession/csta"
	"strings"
)

// message is what a gateway sent: the answer to a request, or news.
type message struct {
	name      string // of the root element, as sent: MakeCallResponse, DeliveredEvent
	requestID string // of the request it answers; "" where it says none
	body      element
}

// newMessage reads the envelope of a root element: the name and the vendor's privateData/requestID,
// which stands in any place.
func newMessage(root element) message {
	m := message{name: root.name, body: root}
	if id := root.deep("requestID"); id != nil {
		m.requestID = id.text
	}
	return m
}

// isEvent reports whether the message is news rather than an answer. (protocol: every event's root
// ends in Event; four messages of the standard come unasked for under other names.)
func (m message) isEvent() bool {
	if len(m.name) > 5 && strings.EqualFold(m.name[len(m.name)-5:], "Event") {
		return true
	}
	return is(m.name, "ApplicationSessionTerminated") || is(m.name, "MonitorStop") || m.isSystemStatus()
}

func is(a, b string) bool { return strings.EqualFold(a, b) }

// failure reads a negative answer: a universal failure (ECMA-323 CSTAErrorCode), an ECMA-354 negative
// response, or anything else that calls itself an error. It returns nil for a positive answer. The words
// are the server's, raw: link.judge makes them fit to show.
func (m message) failure(service string) *csta.ServiceError {
	low := strings.ToLower(m.name)
	if !is(m.name, "CSTAErrorCode") && !strings.HasSuffix(low, "negresponse") && !strings.Contains(low, "error") {
		return nil
	}
	e := &csta.ServiceError{Service: service}
	body := &m.body
	if code := body.child("errorCode"); code != nil {
		body = code
	}
	for _, kid := range body.kids {
		// privateData with children is the vendor's envelope; with text it is a category of the standard.
		if is(kid.name, "privateData") && len(kid.kids) > 0 || is(kid.name, "requestID") {
			continue
		}
		e.Category, e.Value = kid.name, kid.text
		break
	}
	if e.Category == "" {
		e.Value = body.text
	}
	return e
}

// failureCategories are the children of a CSTAErrorCode, in lower case. (ECMA-323, UniversalFailure;
// the fourth is spelled as in the schema, and as it should be)
var failureCategories = map[string]bool{
	"operation": true, "security": true, "stateincompatibility": true,
	"systemresourceavailibility": true, "systemresourceavailability": true,
	"subscribedresourceavailability": true, "performancemanagement": true,
	"unspecified": true, "privateerrorcode": true,
}

// answerName is the root of the positive answer to a request.
func answerName(service string) string {
	switch service {
	case "StartApplicationSession", "StopApplicationSession", "ResetApplicationSessionTimer":
		return service + "PosResponse" // ECMA-354
	case "MonitorTrunk":
		return "MonitorStartResponse" // vendor page monitorTrunk
	default:
		return service + "Response"
	}
}

// loginRequest is StartApplicationSession. (vendor page startApplicationSession; ECMA-354 §6.1)
func loginRequest(cfg *Config, seconds string) element {
	return node("StartApplicationSession",
		node("applicationInfo",
			node("applicationSpecificInfo",
				leaf("vendorData:userID", cfg.UserID),
				leaf("vendorData:password", cfg.Password.Reveal()),
				leaf("vendorData:pbxDomain", cfg.PBXDomain))),
		number("requestedSessionDuration", seconds))
}

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
		if from := ev.calling.Number(); from != "" && ev.remote.Number != "" && ev.direction == "inbound" && !sameNumber(from, ev.remote.Number) {
			ev.remote.Name = "" // the caller's, and somebody else is there since a transfer
		}
	}
	return ev, true
}

// readConnection reads a ConnectionID; the vendor's placeholders are read as absent.
func readConnection(e *element) csta.ConnectionID {
	return csta.ConnectionID{CallID: csta.Identifier(printable(e.value("callID"))), DeviceID: readDevice(e.child("deviceID"))}
}

// readDevice reads a device: text, a deviceIdentifier around it, or one of the standard's words for a
// device that is not told, which read as "".
func readDevice(e *element) csta.DeviceID {
	if e == nil {
		return ""
	}
	for len(e.kids) > 0 {
		inner := e.child("deviceIdentifier")
		if inner == nil {
			inner = e.child("numberDialed") // RedirectionDevice
		}
		if inner == nil {
			return ""
		}
		e = inner
	}
	switch id := csta.Identifier(printable(e.text)); strings.ToLower(id) {
	case "notknown", "restricted", "anonymous", "unknown", "notrequired", "notspecified":
		return ""
	default:
		return csta.DeviceID(id)
	}
}

// readJoined reads what came out of two calls that were joined: the callID that a leg of them has now, and
// the devices. (ECMA-323 ConnectionList)
func readJoined(b *element, old csta.ConnectionID) (callID, parties string) {
	var items []*element
	for i := range b.kids {
		list := &b.kids[i]
		if !is(list.name, "transferredConnections") && !is(list.name, "conferenceConnections") {
			continue
		}
		if list.child("newConnection") != nil { // JSON may have the items without their level
			items = append(items, list)
		}
		for k := range list.kids {
			items = append(items, &list.kids[k])
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

// readLinkage reads the call's linkage: the vendor writes globalCallLinkageId with text, the standard
// globalCallLinkageID with one of two children, and where calls were joined it tells the old one too.
func readLinkage(b *element) string {
	if joined := b.child("callLinkageDataList").child("newCallLinkageData"); joined != nil {
		b = joined
	}
	id := b.deep("globalCallLinkageID")
	for id != nil && len(id.kids) > 0 {
		id = &id.kids[0]
	}
	if id == nil {
		return ""
	}
	return csta.Identifier(printable(id.text))
}

// snapshotItem is one call of a SnapShotDeviceResponse.
type snapshotItem struct {
	leg     csta.ConnectionID
	remote  csta.DeviceID
	linkage string
	states  []string // localCallState, in lower case, as the standard has them
}

// readSnapshot reads the calls of a device: in the vendor's shape, of which only the empty one is
// published, and in the standard's. Items without a connection are no calls. (ECMA-323 §14.2)
func readSnapshot(m message) []snapshotItem {
	data := m.body.deep("snapshotData")
	if data == nil {
		return nil
	}
	var items []snapshotItem
	for i := range data.kids {
		info := &data.kids[i]
		leg := readConnection(info.child("connectionIdentifier"))
		if leg.IsZero() {
			leg = readConnection(info)
		}
		if !is(info.name, "snapshotDeviceResponseInfo") || leg.IsZero() {
			continue
		}
		item := snapshotItem{leg: leg, remote: readDevice(info.child("endpointDevice")), linkage: readLinkage(info)}
		if state := info.child("localCallState"); state != nil {
			item.states = append(item.states, leaves(state)...)
		}
		if state := info.value("localConnectionInfo"); state != "" {
			item.states = append(item.states, strings.ToLower(state))
		}
		items = append(items, item)
	}
	return items
}

// leaves lists the texts below an element, in order and in lower case.
func leaves(e *element) []string {
	if len(e.kids) == 0 {
		if e.text == "" {
			return nil
		}
		return []string{strings.ToLower(e.text)}
	}
	var texts []string
	for i := range e.kids {
		texts = append(texts, leaves(&e.kids[i])...)
	}
	return texts
}
