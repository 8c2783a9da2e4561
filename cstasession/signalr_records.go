package cstasession

import (
	"encoding/json"
)

// hubRecord is the envelope of every record; a handshake's answer has its error alone.
type hubRecord struct {
	Type         int               `json:"type"`
	Target       string            `json:"target"`
	InvocationID string            `json:"invocationId"`
	Arguments    []json.RawMessage `json:"arguments"`
	Result       json.RawMessage   `json:"result"`
	Error        string            `json:"error"`
}

// event hands on what the server told under a method name of its own: the event's root, without Event.
func (h *hubLink) event(r hubRecord) {
	name := r.Target
	m := message{name: name}
	if !m.isEvent() {
		name += "Event"
	}
	if r.Target == "" || len(r.Arguments) == 0 {
		h.log.Warn("an event without name or content was skipped", "target", h.secret.words(r.Target))
		return
	}
	root, err := decodeJSON(name, r.Arguments[0])
	if err != nil {
		h.log.Warn("an unreadable event was skipped", "target", h.secret.words(r.Target), "err", err)
		return
	}
	h.deliver(inbound{msg: newMessage(root)})
}

// answer hands on the result of an invocation under the name that its XML root would have.
func (h *hubLink) answer(asked request, r hubRecord) {
	root, err := decodeJSON(answerName(asked.name()), r.Result)
	switch {
	case r.Error != "":
		root = node("CSTAErrorCode", leaf(hubError, h.secret.scrub(r.Error)))
	case len(r.Result) > 0 && err != nil:
		root = node("CSTAErrorCode", leaf(hubError, "the answer cannot be read: "+err.Error()))
	default:
		root.name = resultName(asked.name(), &root)
	}
	m := newMessage(root)
	m.requestID = asked.id
	h.deliver(inbound{msg: m})
}
