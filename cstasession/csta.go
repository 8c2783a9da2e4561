package cstasession

import (
	"strings"
	"time"
)

// DeviceID names a device of the switching domain: the short form of an extension ("200"), a queue
// ("400"), or the number of an external party ("22334455"). It is kept as the switching function
// wrote it. (ECMA-269 §12.2; the forms are listed on the vendor's pages.)
type DeviceID string

// Number is the part of the device identifier that a person would dial: without a "tel:" or "sip:"
// scheme, without URI parameters, and without the vendor's "u-<trunk>-" or "q-<trunk>-" prefix.
func (d DeviceID) Number() string {
	s := strings.TrimSpace(string(d))
	if i := strings.IndexByte(s, ':'); i > 0 {
		switch strings.ToLower(s[:i]) {
		case "tel", "sip", "sips", "callto":
			s = s[i+1:]
		}
	}
	if i := strings.IndexAny(s, ";@"); i >= 0 {
		s = s[:i]
	}
	if len(s) > 2 && s[1] == '-' && strings.ContainsRune("uqtUQT", rune(s[0])) {
		if i := strings.IndexByte(s[2:], '-'); i >= 0 {
			s = s[2+i+1:]
		}
	}
	return s
}

// ConnectionID names one party's leg of a call: the call identifier the switching function gave it,
// and the device it belongs to. uni-tel gives every leg its own callID. (ECMA-269 §12.3.9; vendor
// page case_makecall)
type ConnectionID struct {
	CallID   string
	DeviceID DeviceID
}

// IsZero reports whether the connection names nothing that a service could be asked for: the
// vendor's placeholders "N/A" and "NotImplemented" count as nothing.
func (c ConnectionID) IsZero() bool { return identifier(c.CallID) == "" }

// identifier returns s, or "" for the vendor's words for "no identifier".
func identifier(s string) string {
	s = strings.TrimSpace(s)
	switch strings.ToLower(s) {
	case "n/a", "notimplemented":
		return ""
	}
	return s
}

// Status says how far the session has come.
type Status int

// The three states of a session. Only Online means that a call would be seen.
const (
	Offline    Status = iota // no link; State.Err says why, and Run will try again unless it has returned
	Connecting               // a link is being made: dial, login, monitor, snapshot
	Online                   // logged in and monitoring
)

// String returns the lower-case name of the status: offline, connecting or online.
func (s Status) String() string {
	switch s {
	case Connecting:
		return "connecting"
	case Online:
		return "online"
	default:
		return "offline"
	}
}

// Phase is how far a call has come at the monitored device.
type Phase int

// The phases of a call, as the user knows them.
const (
	Ringing Phase = iota // an incoming call alerts our device (ECMA-269: alerting)
	Calling              // an outgoing call is being set up, or hears ring-back
	Active               // connected
	Held                 // put on hold
	Ended                // gone; published once, then the call leaves State.Calls
)

// String returns the lower-case name of the phase: ringing, calling, active, held or ended.
func (p Phase) String() string {
	switch p {
	case Ringing:
		return "ringing"
	case Calling:
		return "calling"
	case Active:
		return "active"
	case Held:
		return "held"
	default:
		return "ended"
	}
}

// Direction is seen from the monitored device.
type Direction int

// The two directions.
const (
	Incoming Direction = iota
	Outgoing
)

// String returns incoming or outgoing.
func (d Direction) String() string {
	if d == Outgoing {
		return "outgoing"
	}
	return "incoming"
}

// Outcome says how a call ended, as a receptionist would tell it. It is NotEnded as long as the call
// lives.
type Outcome int

// The ways in which a call ends. Inferred from the documented causes: the vendor lists no outcomes.
const (
	NotEnded          Outcome = iota
	Answered                  // it was connected at our device, and is over; or goes on in a conference, which is another call
	Missed                    // incoming; the caller gave up, or the switching function did
	AnsweredElsewhere         // incoming; a colleague or another device of ours took it: not missed
	DivertedAway              // incoming; deflected or forwarded before it was answered
	Rejected                  // incoming; cleared by our own side without being answered
	Busy                      // outgoing; the called party was busy
	NoAnswer                  // outgoing; nobody answered
	Cancelled                 // outgoing; given up by our own side
	FailedCall                // outgoing; the switching function could not complete it
	Transferred               // connected, then handed over to somebody else
	EndedOffline              // it ended while the session was offline: how is not known
)

var outcomes = [...]string{"", "answered", "missed", "answered elsewhere", "diverted", "rejected", "busy",
	"no answer", "cancelled", "failed", "transferred", "ended while offline"}

// String returns the outcome in lower-case English, "" for NotEnded.
func (o Outcome) String() string {
	if o < 0 || int(o) >= len(outcomes) {
		return ""
	}
	return outcomes[o]
}

// Cause is why something happened to a call: a value of ECMA-323's EventCause ("newCall"), or free
// text of the switching function ("Normal Clearing", "Answered elsewhere"). The set is open.
type Cause string

// Is reports whether two causes are the same but for case, blanks and punctuation: the vendor sends
// both "normalClearing" and "Normal Clearing".
func (c Cause) Is(other Cause) bool { return c.fold() == other.fold() }

func (c Cause) fold() string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r > 0x7f:
			return r
		default:
			return -1
		}
	}, string(c))
}

// Party is the other end of a call, as far as the switching function told it. Both fields come from
// the network: they are cleaned of control characters, and of nothing else.
type Party struct {
	Number string // "" when withheld or not known
	Name   string // "" when not told
}

// Call is one call at the monitored device. It is a plain value; every State has its own copy.
type Call struct {
	// Linkage is the globalCallLinkageId that all legs of the call share. A call of which the
	// switching function told no linkage has the callID of our leg here.
	Linkage string
	// ID is our leg of the call: what AnswerCall and ClearConnection want.
	ID        ConnectionID
	Phase     Phase
	Direction Direction
	Remote    Party
	// Via is the number the caller dialled, when it is not the monitored device's own: a queue, or a
	// device that diverted the call to us. "" when not told.
	Via      string
	ViaName  string    // of that queue or extension; "" while not known
	Began    time.Time // when the session first heard of the call
	Since    time.Time // when the present phase was entered
	Answered time.Time // when it first became Active; zero if it never was
	Cause    Cause     // of the last event that carried one
	Outcome  Outcome   // NotEnded until Phase is Ended
	// Consults is our held call that this one asks about; zero for an ordinary call. (vendor page
	// consultationCall)
	Consults ConnectionID
	// Conference: more than two parties talk in it. (ECMA-269 §17.2.3)
	Conference bool
	// Uncertain: the link was lost while the call lived, and nothing has told since whether it still
	// does. Either an event settles it, or the call is given up: after 30 seconds if it was being set
	// up, after 5 minutes otherwise.
	Uncertain bool
}

// State is all there is to know about a session at one moment. It is a value: whoever gets one may
// keep it.
type State struct {
	Status Status
	Err    error     // why the session is not Online; nil while it is, and at the first attempt
	Since  time.Time // when Status was entered
	Calls  []Call    // at the monitored device, oldest first; as last known while not Online

	Phone Phone  // the monitored telephone's settings, where they were asked for (Config.Phone)
	Trunk Switch // whether the exchange tells us of colleagues; Off when it refused to
	// Refused are the services that this switching function said it does not have since the session was
	// offline last, with its reason. The map is never changed: a new one takes its place.
	Refused map[string]string
}
