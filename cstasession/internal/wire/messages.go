package wire

import (
	"strings"
)

// Message is what a gateway sent: the answer to a request, or an event.
type Message struct {
	Name      string // of the root element, as sent: MakeCallResponse, DeliveredEvent
	RequestID string // of the request it answers; "" if it has none
	Body      Element
}

// NewMessage reads the envelope of a root element: the name and the vendor's privateData/requestID, wherever it
// is.
func NewMessage(root Element) Message {
	m := Message{Name: root.Name, Body: root}
	if id := root.Find("requestID"); id != nil {
		m.RequestID = id.Text
	}
	return m
}

// IsEvent reports whether the message is an event rather than an answer. (protocol: every event's root ends in
// Event; four messages of the standard are sent unasked under other names.)
func (m Message) IsEvent() bool {
	if len(m.Name) > 5 && strings.EqualFold(m.Name[len(m.Name)-5:], "Event") {
		return true
	}
	return strings.EqualFold(m.Name, "ApplicationSessionTerminated") || strings.EqualFold(m.Name, "MonitorStop") || m.IsSystemStatus()
}

// IsSystemStatus reports whether the message is one of the system services, which go both ways. (ECMA-269,
// system services; ECMA-323 SystemStatus)
func (m Message) IsSystemStatus() bool {
	return strings.EqualFold(m.Name, "SystemStatus") || strings.EqualFold(m.Name, "RequestSystemStatus")
}
