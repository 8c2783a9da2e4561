package cstasession

import (
	"encoding/json"
	"strings"
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

// hubError is the category of a ServiceError that came as the text of a failed invocation.
const hubError = "hub"

// resultName tells a refusal from a positive result: JSON has no root name to tell it by.
func resultName(service string, result *element) string {
	if result.child("errorCode") != nil {
		return service + "NegResponse"
	}
	for i := range result.kids { // in any order: privateData with the requestID may stand first
		kid := &result.kids[i]
		if len(kid.kids) == 0 && (failureCategories[strings.ToLower(kid.name)] || is(kid.name, "privateData") && kid.text != "") {
			return "CSTAErrorCode"
		}
	}
	return answerName(service)
}

const hubException = "HubException: "

// hubWords are the server's own words in the error of a hub method.
func hubWords(s string) string {
	if _, words, found := strings.Cut(s, hubException); found {
		return words
	}
	return s
}

// hubReason reads a hub's refusal like one in XML, if its words are a category and one of its values.
func hubReason(text string) (category, value string) {
	words := hubWords(text)
	if category, value, found := strings.Cut(words, " "); found && failureCategories[strings.ToLower(category)] && !strings.Contains(value, " ") {
		return category, value
	}
	return hubError, words
}
