package cstasession

import (
	"calltray/cstasession/csta"
	"strings"
)

// failure reads a negative answer: a universal failure (ECMA-323 CSTAErrorCode), an ECMA-354 negative
// response, or anything else that calls itself an error. It returns nil for a positive answer. The words
// are the server's, raw: link.judge makes them fit to show.
func (m message) failure(service string) *csta.ServiceError {
	low := strings.ToLower(m.name)
	if !strings.EqualFold(m.name, "CSTAErrorCode") && !strings.HasSuffix(low, "negresponse") && !strings.Contains(low, "error") {
		return nil
	}
	e := &csta.ServiceError{Service: service}
	body := &m.body
	if code := body.child("errorCode"); code != nil {
		body = code
	}
	for _, kid := range body.kids {
		// privateData with children is the vendor's envelope; with text it is a category of the standard.
		if strings.EqualFold(kid.name, "privateData") && len(kid.kids) > 0 || strings.EqualFold(kid.name, "requestID") {
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

// hubError is the category of a ServiceError that came as the text of a failed invocation.
const hubError = "hub"

// resultName tells a refusal from a positive result: JSON has no root name to tell it by.
func resultName(service string, result *element) string {
	if result.child("errorCode") != nil {
		return service + "NegResponse"
	}
	for i := range result.kids { // in any order: privateData with the requestID may stand first
		kid := &result.kids[i]
		if len(kid.kids) == 0 && (failureCategories[strings.ToLower(kid.name)] || strings.EqualFold(kid.name, "privateData") && kid.text != "") {
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
