package csta

import "time"

// Phase is how far a call at the monitored device has got.
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

// The directions.
const (
	Incoming Direction = iota
	Outgoing
	// UnknownDirection is that of a call which began before the session did, until the PBX says who called: a
	// device's snapshot does not. (ECMA-323 §14.2)
	UnknownDirection
)

// String returns incoming, outgoing or unknown.
func (d Direction) String() string {
	switch d {
	case Incoming:
		return "incoming"
	case Outgoing:
		return "outgoing"
	default:
		return "unknown"
	}
}

// Outcome says how a call ended, as a receptionist would put it. It is NotEnded while the call lives.
type Outcome int

// The ways in which a call ends. Inferred from the documented causes: the vendor lists no outcomes.
const (
	NotEnded          Outcome = iota
	Answered                  // it was connected at our device and is over, or goes on in a conference, which is another call
	Missed                    // incoming; the caller or the PBX gave up
	AnsweredElsewhere         // incoming; a colleague or another device of ours took it: not missed
	DivertedAway              // incoming; deflected or forwarded before it was answered
	Rejected                  // incoming; our own side cleared it without answering
	Busy                      // outgoing; the called party was busy
	NoAnswer                  // outgoing; nobody answered
	Cancelled                 // outgoing; our own side gave up
	FailedCall                // outgoing; the PBX could not complete it
	Transferred               // connected, then handed over to somebody else
	EndedOffline              // it ended while the session was offline, so how it ended is not known
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

// Call is one call at the monitored device. It is a plain value; every State has its own copy.
type Call struct {
	// Linkage is the globalCallLinkageId that all legs of the call share. If the PBX sent none, it is the
	// callID of our leg.
	Linkage string
	// ID is our leg of the call: the argument of AnswerCall and ClearConnection.
	ID        ConnectionID
	Phase     Phase
	Direction Direction
	Remote    Party
	// Via is the number the caller dialled if that is not the monitored device's own: a queue, or a device that
	// diverted the call to us. "" if not known.
	Via      string
	ViaName  string    // of that queue or extension; "" while not known
	Began    time.Time // when the session first heard of the call
	Since    time.Time // when the current phase was entered
	Answered time.Time // when it first became Active; zero if it never was
	Cause    Cause     // of the last event that had one
	Outcome  Outcome   // NotEnded until Phase is Ended
	// Consults is the held call that this consultation call is about; zero for an ordinary call. (vendor page
	// consultationCall)
	Consults ConnectionID
	// Conference is true while more than two parties take part in the call. (ECMA-269 §17.2.3)
	Conference bool
	// Uncertain is true if nothing has confirmed for some time that the call still exists: the link was lost
	// during the call or, for a call that rings or is being set up, no event came for three minutes. No popup
	// may claim that it rings (see Alerts), and requests about it may be refused, but it can be hung up. An
	// event, a snapshot or a refusal that names the call settles the matter. Failing that, a call that was
	// being set up is dropped after a while; a connected call stays until another call contradicts it.
	// (inferred: the standard does not mention such calls)
	Uncertain bool
}

// Alerts reports whether a popup may claim that the telephone rings with this call.
func (c Call) Alerts() bool { return c.Phase == Ringing && !c.Uncertain }

// Waiting returns the calls that ring, in the order in which they are to be answered: who has waited longest comes
// first, and calls that may no longer exist come last. calls has the oldest first, as State.Calls has.
func Waiting(calls []Call) []Call {
	var sure, unsure []Call
	for _, c := range calls {
		switch {
		case c.Alerts():
			sure = append(sure, c)
		case c.Phase == Ringing:
			unsure = append(unsure, c)
		}
	}
	return append(sure, unsure...)
}

// Supersedes reports whether c, which has ended, is a later attempt of a call that was missed, so that its
// outcome replaces the missed one: a queue rings a telephone several times with one call. If the PBX sends no
// linkage, a reused callID means another call. (inferred: ECMA-269 §12.2.4 has one linkage for all legs, and no
// notion of attempts)
func (c Call) Supersedes(missed Call) bool {
	switch c.Outcome {
	case Missed, Answered, AnsweredElsewhere, Rejected:
		return missed.Outcome == Missed && c.Direction == Incoming && missed.Direction == Incoming &&
			c.Linkage == missed.Linkage && c.Linkage != c.ID.CallID && missed.Linkage != missed.ID.CallID && c.Linkage != ""
	}
	return false
}

// Participant is one party of a call, as SnapshotCall reports it.
type Participant struct {
	Device DeviceID
	ID     ConnectionID // its leg
	Phase  Phase        // of that leg
}
