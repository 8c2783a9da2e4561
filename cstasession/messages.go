package cstasession

import (
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
	if id := root.find("requestID"); id != nil {
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
	return strings.EqualFold(m.name, "ApplicationSessionTerminated") || strings.EqualFold(m.name, "MonitorStop") || m.isSystemStatus()
}

// isSystemStatus reports whether the message is one of the system services, which go both ways. (ECMA-269,
// system services; ECMA-323 SystemStatus)
func (m message) isSystemStatus() bool {
	return strings.EqualFold(m.name, "SystemStatus") || strings.EqualFold(m.name, "RequestSystemStatus")
}
