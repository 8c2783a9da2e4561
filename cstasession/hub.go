package cstasession

import (
	"encoding/json"
	"strings"
)

// hubEvent reads what a hub tells under a method name of its own: the event's root, without Event.
func hubEvent(target string, content json.RawMessage) (message, error) {
	name := target
	if !(message{name: name}).isEvent() {
		name += "Event"
	}
	root, err := decodeJSON(name, content)
	return newMessage(root), err
}

// hubAnswer reads the result of an invocation under the name that its XML root would have. failed is the
// hub's text for one that failed, "" for the others.
func hubAnswer(asked request, result json.RawMessage, failed string) message {
	root, err := decodeJSON(answerName(asked.name()), result)
	switch {
	case failed != "":
		root = node("CSTAErrorCode", leaf(hubError, failed))
	case len(result) > 0 && err != nil:
		root = node("CSTAErrorCode", leaf(hubError, "the answer cannot be read: "+err.Error()))
	default:
		root.name = resultName(asked.name(), &root)
	}
	m := newMessage(root)
	m.requestID = asked.id
	return m
}

// hubError is the category of a ServiceError that came as the text of a failed invocation.
const hubError = "hub"

// resultName tells a refusal from a positive result: JSON has no root name to tell it by.
func resultName(service string, result *element) string {
	if result.child("errorCode") != nil {
		return service + "NegResponse"
	}
	for i := range result.children { // in any order: privateData with the requestID may stand first
		kid := &result.children[i]
		if len(kid.children) == 0 && (failureCategories[strings.ToLower(kid.name)] || strings.EqualFold(kid.name, "privateData") && kid.text != "") {
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
