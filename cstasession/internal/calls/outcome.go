package calls

import (
	"strings"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

// outcome returns how a call ended, from the event that ended it. The set of causes is open: the table has the
// standard's, and the hang-up texts of Asterisk and Q.850 that the vendor's samples show or suggest (inferred).
func (t *Table) outcome(c *entry, ev wire.Event, before csta.Cause) csta.Outcome {
	name := strings.ToLower(ev.Name)
	switch {
	case name == "transfered" || name == "transferred":
		return csta.Transferred
	case !c.Answered.IsZero() && name == "diverted":
		return csta.Transferred
	case !c.Answered.IsZero():
		return csta.Answered
	}
	said := outcomeOfCause[ev.Cause.Fold()]
	byUs := c.clearing || t.Ours(ev.Subject)
	if c.Direction == csta.Incoming {
		switch {
		case said == csta.AnsweredElsewhere || c.elsewhere:
			return csta.AnsweredElsewhere
		case name == "diverted":
			return csta.DivertedAway
		case c.clearing || said == csta.Rejected:
			return csta.Rejected
		// The cause outranks the releasing device: PBXs name the telephone that stops ringing, whoever made it
		// stop. A telephone whose user declines may report busy.
		case t.Ours(ev.Subject) && (said == csta.NotEnded || said == csta.Busy):
			return csta.Rejected
		default:
			return csta.Missed
		}
	}
	failed := outcomeOfCause[before.Fold()] // a FailedEvent gave the reason before anybody hung up
	switch {
	case said == csta.NotEnded && failed != csta.NotEnded:
		return failed
	case c.clearing:
		return csta.Cancelled
	case said == csta.Busy || said == csta.NoAnswer || said == csta.FailedCall:
		return said
	case said == csta.Rejected:
		return csta.Busy
	case said == csta.Cancelled:
		return csta.Cancelled
	case name == "diverted" || said == csta.AnsweredElsewhere:
		return csta.DivertedAway
	case byUs:
		return csta.Cancelled
	default:
		return csta.NoAnswer
	}
}

var outcomeOfCause = map[string]csta.Outcome{
	"answeredelsewhere": csta.AnsweredElsewhere, "callpickup": csta.AnsweredElsewhere, "pickedoff": csta.AnsweredElsewhere,
	"nonselecteduserclearing": csta.AnsweredElsewhere,
	"callrejected":            csta.Rejected, "rejected": csta.Rejected,
	"busy": csta.Busy, "userbusy": csta.Busy, "acdbusy": csta.Busy, "busyoverflow": csta.Busy,
	"callnotanswered": csta.NoAnswer, "noanswer": csta.NoAnswer, "nouserresponding": csta.NoAnswer, "useralertingnoanswer": csta.NoAnswer,
	"noanswerfromuseruseralerted": csta.NoAnswer, "alerttimeexpired": csta.NoAnswer, "timeout": csta.NoAnswer,
	"recoveryontimerexpiry": csta.NoAnswer, "queuetimeoverflow": csta.NoAnswer, "noavailableagents": csta.NoAnswer,
	"callcancelled": csta.Cancelled, "originatorcancel": csta.Cancelled,
	"destnotobtainable": csta.FailedCall, "destoutoforder": csta.FailedCall, "destinationoutoforder": csta.FailedCall,
	"incompatibledestination": csta.FailedCall, "invalidnumberformat": csta.FailedCall, "numberchanged": csta.FailedCall,
	"numberunallocated": csta.FailedCall, "unallocatedunassignednumber": csta.FailedCall, "unallocatednumber": csta.FailedCall,
	"networkcongestion": csta.FailedCall, "circuitchannelcongestion": csta.FailedCall, "switchcongestion": csta.FailedCall,
	"switchingequipmentcongestion": csta.FailedCall, "temporaryfailure": csta.FailedCall, "requestedchannelnotavailable": csta.FailedCall,
	"networknotobtainable": csta.FailedCall, "networkoutoforder": csta.FailedCall, "trunksbusy": csta.FailedCall,
	"resourcesnotavailable": csta.FailedCall, "reordertone": csta.FailedCall, "blocked": csta.FailedCall,
	"noroutetodestination": csta.FailedCall, "facilityrejected": csta.FailedCall, "bearercapabilitynotavailable": csta.FailedCall,
	"interworkingunspecified": csta.FailedCall, "subscriberabsent": csta.FailedCall,
}
