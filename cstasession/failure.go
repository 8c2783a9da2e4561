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
	for _, kid := range body.children {
		// privateData with children is the vendor's envelope; with text it is a category of the standard.
		if strings.EqualFold(kid.name, "privateData") && len(kid.children) > 0 || strings.EqualFold(kid.name, "requestID") {
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

