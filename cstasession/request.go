package cstasession

import (
	"calltray/cstasession/csta"
	"slices"
)

// request is one CSTA service on its way out.
type request struct {
	id    string // the requestID that the answer repeats
	body  element
	reply bool // to a request of the switching function's: it goes out as it is, and has no answer
}

func (r request) name() string { return r.body.name }

// withID is the request's body with the vendor's privateData/requestID, which every request but the
// login carries as a child of its root: the last one.
func (r request) withID() element {
	if r.name() == "StartApplicationSession" || r.reply {
		return r.body
	}
	at := len(r.body.children)
	if r.name() == "SetCallProfile" {
		at = 1 // there the vendor's page has it second
	}
	return node(r.name(), slices.Insert(slices.Clone(r.body.children), at, node("privateData", leaf("requestID", r.id)))...)
}

// loginRequest is StartApplicationSession. (vendor page startApplicationSession; ECMA-354 §6.1)
func loginRequest(userID string, password csta.Password, pbxDomain, seconds string) element {
	return node("StartApplicationSession",
		node("applicationInfo",
			node("applicationSpecificInfo",
				leaf("vendorData:userID", userID),
				leaf("vendorData:password", password.Reveal()),
				leaf("vendorData:pbxDomain", pbxDomain))),
		number("requestedSessionDuration", seconds))
}

// answerName is the root of the positive answer to a request.
func answerName(service string) string {
	switch service {
	case "StartApplicationSession", "StopApplicationSession", "ResetApplicationSessionTimer":
		return service + "PosResponse" // ECMA-354
	case "MonitorTrunk":
		return "MonitorStartResponse" // vendor page monitorTrunk
	default:
		return service + "Response"
	}
}
