package wire

import (
	"slices"

	"calltray/cstasession/csta"
)

// Request is one outgoing CSTA service.
type Request struct {
	ID    string // the requestID that the answer repeats
	Body  Element
	Reply bool // to a request of the PBX: it is sent as it is, and has no answer
}

// Name is the service requested: "MakeCall".
func (r Request) Name() string { return r.Body.Name }

// WithID returns the request's body with the vendor's privateData/requestID, which every request but the login
// has as the last child of its root.
func (r Request) WithID() Element {
	if r.Name() == "StartApplicationSession" || r.Reply {
		return r.Body
	}
	at := len(r.Body.Children)
	if r.Name() == "SetCallProfile" {
		at = 1 // there the vendor's page has it second
	}
	return Node(r.Name(), slices.Insert(slices.Clone(r.Body.Children), at, Node("privateData", Leaf("requestID", r.ID)))...)
}

// LoginRequest is StartApplicationSession. (vendor page startApplicationSession; ECMA-354 §6.1)
func LoginRequest(userID string, password csta.Password, pbxDomain, seconds string) Element {
	return Node("StartApplicationSession",
		Node("applicationInfo",
			Node("applicationSpecificInfo",
				Leaf("vendorData:userID", userID),
				Leaf("vendorData:password", password.Reveal()),
				Leaf("vendorData:pbxDomain", pbxDomain))),
		Number("requestedSessionDuration", seconds))
}

// AnswerName returns the root name of the positive answer to a request.
func AnswerName(service string) string {
	switch service {
	case "StartApplicationSession", "StopApplicationSession", "ResetApplicationSessionTimer":
		return service + "PosResponse" // ECMA-354
	case "MonitorTrunk":
		return "MonitorStartResponse" // vendor page monitorTrunk
	default:
		return service + "Response"
	}
}
