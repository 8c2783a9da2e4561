package wire

import (
	"encoding/json"
	"strings"
)

// HubEvent reads what a hub sends as an invocation, whose method name is the event's root name without Event.
func HubEvent(target string, content json.RawMessage) (Message, error) {
	root, err := DecodeJSON(eventName(target), content)
	return NewMessage(root), err
}

// eventName is the root name that an event has in XML.
func eventName(target string) string {
	if (Message{Name: target}).IsEvent() {
		return target
	}
	return target + "Event"
}

// HubAnswer reads the result of an invocation under the name that its XML root would have. failed is the hub's
// text if the invocation failed, else "".
func HubAnswer(asked Request, result json.RawMessage, failed string) Message {
	root, err := DecodeJSON(AnswerName(asked.Name()), result)
	switch {
	case failed != "":
		root = Node("CSTAErrorCode", Leaf(HubError, failed))
	case len(result) > 0 && err != nil:
		root = Node("CSTAErrorCode", Leaf(HubError, "the answer cannot be read: "+err.Error()))
	default:
		root.Name = resultName(asked.Name(), &root)
	}
	m := NewMessage(root)
	m.RequestID = asked.ID
	return m
}

// HubError is the category of a ServiceError that came as the text of a failed invocation.
const HubError = "hub"

// resultName tells a refusal from a positive result: JSON has no root name to tell them apart.
func resultName(service string, result *Element) string {
	if result.Child("errorCode") != nil {
		return service + "NegResponse"
	}
	for i := range result.Children { // in any order: privateData with the requestID may come first
		kid := &result.Children[i]
		if len(kid.Children) == 0 && (failureCategories[strings.ToLower(kid.Name)] || strings.EqualFold(kid.Name, "privateData") && kid.Text != "") {
			return "CSTAErrorCode"
		}
	}
	return AnswerName(service)
}

// HubException is the prefix of the error text of a method that refused on purpose: ASP.NET Core hides other
// errors.
const HubException = "HubException: "

// HubWords returns the server's own text from the error of a hub method.
func HubWords(s string) string {
	if _, words, found := strings.Cut(s, HubException); found {
		return words
	}
	return s
}

// HubReason reads a hub's refusal like one in XML, if its text is a category and one of its values.
func HubReason(text string) (category, value string) {
	words := HubWords(text)
	if category, value, found := strings.Cut(words, " "); found && failureCategories[strings.ToLower(category)] && !strings.Contains(value, " ") {
		return category, value
	}
	return HubError, words
}
