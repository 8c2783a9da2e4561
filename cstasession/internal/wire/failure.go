package wire

import (
	"strings"

	"calltray/cstasession/csta"
)

// Failure reads a negative answer: a universal failure (ECMA-323 CSTAErrorCode), an ECMA-354 negative response,
// or anything else that calls itself an error. It returns nil for a positive answer. The text is the server's,
// raw: link.judge makes it safe to show.
func (m Message) Failure(service string) *csta.ServiceError {
	low := strings.ToLower(m.Name)
	if !strings.EqualFold(m.Name, "CSTAErrorCode") && !strings.HasSuffix(low, "negresponse") && !strings.Contains(low, "error") {
		return nil
	}
	e := &csta.ServiceError{Service: service}
	body := &m.Body
	if code := body.Child("errorCode"); code != nil {
		body = code
	}
	for _, kid := range body.Children {
		// privateData with children is the vendor's envelope; with text it is a category of the standard.
		if strings.EqualFold(kid.Name, "privateData") && len(kid.Children) > 0 || strings.EqualFold(kid.Name, "requestID") {
			continue
		}
		e.Category, e.Value = kid.Name, kid.Text
		break
	}
	if e.Category == "" {
		e.Value = body.Text
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
