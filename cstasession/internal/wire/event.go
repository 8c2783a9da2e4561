package wire

import (
	"strconv"
	"strings"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/limits"
)

// Event is a CSTA event, read whatever the order of its elements and whichever are present. (ECMA-323 §15;
// vendor pages under csta-api/events)
type Event struct {
	Name     string // Delivered, Established, ...: the root's name without "Event"
	CrossRef string // monitorCrossRefID
	Leg      csta.ConnectionID
	Subject  csta.DeviceID // the device that acted: alerting, answering, releasing, holding, diverting, ...
	Calling  csta.DeviceID
	Called   csta.DeviceID
	Linkage  string // globalCallLinkageId
	Info     string // localConnectionInfo, in lower case; "null" is a value
	Cause    csta.Cause

	NetworkCalled   csta.DeviceID
	LastRedirection csta.DeviceID
	TransferredTo   csta.DeviceID
	Secondary       csta.ConnectionID // secondaryOldCall: the other call that a transfer joined
	NewCallID       string            // of the resulting call
	Parties         string            // the devices of a conference, each followed by a blank

	// The vendor's private data.
	Status      string     // localStatus, in lower case
	Direction   string     // callDirection, in lower case: inbound, outbound
	RequestType string     // cstaCallRequestType
	Order       int        // eventOrderIncrement; always 0 in the vendor's samples
	Remote      csta.Party // remoteUser, callerName
}

// eventParts says in which elements each event has its connection and its subject.
var eventParts = map[string]struct{ leg, subject string }{
	"delivered":         {"connection", "alertingDevice"},
	"established":       {"establishedConnection", "answeringDevice"},
	"connectioncleared": {"droppedConnection", "releasingDevice"},
	"held":              {"heldConnection", "holdingDevice"},
	"retrieved":         {"retrievedConnection", "retrievingDevice"},
	"diverted":          {"connection", "divertingDevice"},
	"transfered":        {"primaryOldCall", "transferringDevice"},
	"transferred":       {"primaryOldCall", "transferringDevice"}, // the spelling that is not in the schema
	"conferenced":       {"primaryOldCall", "conferencingDevice"},
	"failed":            {"failedConnection", "failingDevice"},
	"originated":        {"originatedConnection", "callingDevice"},
	"serviceinitiated":  {"initiatedConnection", "initiatingDevice"},
	"networkreached":    {"outboundConnection", "networkInterfaceUsed"},
}

// ReadEvent reads an event about a call. known is false for one that means nothing to this package.
func ReadEvent(m Message) (ev Event, known bool) {
	ev.Name = m.Name[:len(m.Name)-len("Event")]
	parts, known := eventParts[strings.ToLower(ev.Name)]
	if !known {
		return ev, false
	}
	b := &m.Body
	ev.CrossRef = b.Value("monitorCrossRefID")
	ev.Leg = ReadConnection(b.Child(parts.leg))
	ev.Subject = ReadDevice(b.Child(parts.subject))
	ev.Calling = ReadDevice(b.Child("callingDevice"))
	if ev.Calling == "" {
		ev.Calling = ReadDevice(b.Child("networkCallingDevice"))
	}
	ev.Called = ReadDevice(b.Child("calledDevice"))
	ev.NetworkCalled = ReadDevice(b.Child("networkCalledDevice"))
	ev.LastRedirection = ReadDevice(b.Child("lastRedirectionDevice"))
	ev.TransferredTo = ReadDevice(b.Child("transferredToDevice"))
	ev.Secondary = ReadConnection(b.Child("secondaryOldCall"))
	ev.NewCallID, ev.Parties = readJoined(b, ev.Leg)
	ev.Linkage = ReadLinkage(b)
	ev.Info = strings.ToLower(b.Value("localConnectionInfo"))
	ev.Cause = csta.Cause(Printable(b.Value("cause")))
	if private := b.Child("privateData"); private != nil {
		ev.Status = strings.ToLower(private.Value("localStatus"))
		ev.Direction = strings.ToLower(private.Value("callDirection"))
		ev.RequestType = private.Value("cstaCallRequestType")
		ev.Order, _ = strconv.Atoi(private.Value("eventOrderIncrement"))
		ev.Remote = csta.Party{Number: ReadDevice(private.Child("remoteUser")).Number(), Name: Printable(private.Value("callerName"))}
		if csta.Withheld(ev.Remote.Name) {
			ev.Remote.Name = ""
		}
		if from := ev.Calling.Number(); from != "" && ev.Remote.Number != "" && ev.Direction == "inbound" && !csta.SameNumber(from, ev.Remote.Number) {
			ev.Remote.Name = "" // the name is the caller's, but the other party changed in a transfer
		}
	}
	return ev, true
}

// readJoined reads the result of joining two calls: the callID that a leg of them has now, and the devices.
// (ECMA-323 ConnectionList)
func readJoined(b *Element, old csta.ConnectionID) (callID, parties string) {
	var items []*Element
	for i := range b.Children {
		list := &b.Children[i]
		if !strings.EqualFold(list.Name, "transferredConnections") && !strings.EqualFold(list.Name, "conferenceConnections") {
			continue
		}
		if list.Child("newConnection") != nil { // in JSON the items may be one level higher
			items = append(items, list)
		}
		for k := range list.Children {
			items = append(items, &list.Children[k])
		}
	}
	best := 0 // how well the old connection fits: absent, another, the same call, the same leg
	for _, item := range items {
		now, was := ReadConnection(item.Child("newConnection")), ReadConnection(item.Child("oldConnection"))
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
		if len(parties) > limits.Parties*limits.Number {
			continue
		}
		if device := now.DeviceID.Number() + " "; device != " " && !strings.Contains(" "+parties, " "+device) {
			parties += device
		}
	}
	return callID, parties
}
