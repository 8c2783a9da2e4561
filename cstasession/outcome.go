package cstasession

import "strings"

// outcome says how a call ended, from the event that ended it. The causes are open words: the table
// holds the standard's, and the hang-up texts of Asterisk and Q.850 that the vendor's samples show or
// suggest (inferred).
func (t *callTable) outcome(c *Call, ev event, before Cause) Outcome {
	name := strings.ToLower(ev.name)
	switch {
	case name == "transfered" || name == "transferred":
		return Transferred
	case !c.Answered.IsZero() && name == "diverted":
		return Transferred
	case !c.Answered.IsZero():
		return Answered
	}
	said := outcomeOfCause[ev.cause.fold()]
	byUs := t.clearing[c.ID.CallID] || t.ours(ev.subject)
	if c.Direction == Incoming {
		switch {
		case said == AnsweredElsewhere || t.elsewhere[c]:
			return AnsweredElsewhere
		case name == "diverted":
			return DivertedAway
		case byUs || said == Rejected:
			return Rejected
		default:
			return Missed
		}
	}
	failed := outcomeOfCause[before.fold()] // FailedEvent told why, before anybody hung up
	switch {
	case said == NotEnded && failed != NotEnded:
		return failed
	case t.clearing[c.ID.CallID]:
		return Cancelled
	case said == Busy || said == NoAnswer || said == FailedCall:
		return said
	case said == Rejected:
		return Busy
	case name == "diverted" || said == AnsweredElsewhere:
		return DivertedAway
	case byUs:
		return Cancelled
	default:
		return NoAnswer
	}
}

var outcomeOfCause = map[string]Outcome{
	"answeredelsewhere": AnsweredElsewhere, "callpickup": AnsweredElsewhere, "pickedoff": AnsweredElsewhere,
	"nonselecteduserclearing": AnsweredElsewhere,
	"callrejected":            Rejected, "rejected": Rejected,
	"busy": Busy, "userbusy": Busy, "acdbusy": Busy, "busyoverflow": Busy,
	"callnotanswered": NoAnswer, "noanswer": NoAnswer, "nouserresponding": NoAnswer, "useralertingnoanswer": NoAnswer,
	"noanswerfromuseruseralerted": NoAnswer, "alerttimeexpired": NoAnswer, "timeout": NoAnswer,
	"destnotobtainable": FailedCall, "destoutoforder": FailedCall, "destinationoutoforder": FailedCall,
	"incompatibledestination": FailedCall, "invalidnumberformat": FailedCall, "numberchanged": FailedCall,
	"numberunallocated": FailedCall, "unallocatedunassignednumber": FailedCall, "unallocatednumber": FailedCall,
	"networkcongestion": FailedCall, "circuitchannelcongestion": FailedCall, "switchcongestion": FailedCall,
	"switchingequipmentcongestion": FailedCall, "temporaryfailure": FailedCall, "requestedchannelnotavailable": FailedCall,
	"networknotobtainable": FailedCall, "networkoutoforder": FailedCall, "trunksbusy": FailedCall,
	"resourcesnotavailable": FailedCall, "reordertone": FailedCall, "blocked": FailedCall,
	"noroutetodestination": FailedCall, "facilityrejected": FailedCall, "bearercapabilitynotavailable": FailedCall,
	"interworkingunspecified": FailedCall, "subscriberabsent": FailedCall,
}
