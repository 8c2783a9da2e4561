package ui

import (
	"calltray/cstasession/csta"
	"calltray/internal/text"
)

// callAction is something that the user can do with a call.
type callAction int

const (
	actAnswer   callAction = iota
	actPassOn              // deflect a ringing call to another number
	actHold                //
	actResume              //
	actSwap                // hold the active call, and resume this one
	actConnect             // connect this call with the active one, and leave
	actJoin                // join this call and the active one into a conference
	actTransfer            // to another number, without asking first
	actAsk                 // ask another number first
	actComplete            // after asking: connect the two, and leave
	actBack                // after asking: return to the caller
	actKeypad              // send digits into the call
	actHangUp
	actPickUp // a call ringing at a colleague
)

// situation is what a call's actions depend on: its phase, and the other calls at the telephone.
type situation struct {
	phase      csta.Phase
	asks       bool // it is a consultation about a held call
	conference bool
	talking    bool // another call is active
	pair       bool // that call is with one person, and no consultation: the two can be connected
	dialling   bool // another call is being set up
}

// actions lists the actions with their services and when they are possible, in the order of a row's buttons.
var actions = []struct {
	action   callAction
	service  string
	possible func(s situation) bool
}{
	{actAnswer, "AnswerCall", situation.ringing},
	{actPassOn, "DeflectCall", situation.ringing},
	{actComplete, "TransferCall", func(s situation) bool { return s.asks && s.outward() }},
	{actBack, "ReconnectCall", func(s situation) bool { return s.asks && s.outward() }},
	{actHold, "HoldCall", func(s situation) bool { return s.phase == csta.Active && !s.asks }},
	{actResume, "RetrieveCall", func(s situation) bool { return s.phase == csta.Held && !s.talking && !s.dialling }},
	{actSwap, "AlternateCall", func(s situation) bool { return s.phase == csta.Held && s.talking }},
	{actConnect, "TransferCall", func(s situation) bool { return s.phase == csta.Held && s.pair && !s.conference }},
	{actJoin, "ConferenceCall", func(s situation) bool { return s.phase == csta.Held && s.talking }},
	{actTransfer, "SingleStepTransferCall", situation.between},
	{actAsk, "ConsultationCall", situation.between},
	{actKeypad, "GenerateDigits", func(s situation) bool { return s.phase == csta.Active }},
	{actHangUp, "ClearConnection", func(s situation) bool { return s.phase != csta.Ended }},
}

func (s situation) ringing() bool { return s.phase == csta.Ringing }

// outward reports whether the other side talks or is being called.
func (s situation) outward() bool {
	return s.phase == csta.Active || s.phase == csta.Calling
}

// between reports whether just two people talk, so that the other one can be transferred.
func (s situation) between() bool {
	return s.phase == csta.Active && !s.asks && !s.conference
}

func situationOf(c csta.Call, calls []csta.Call) situation {
	s := situation{phase: c.Phase, asks: !c.Consults.IsZero(), conference: c.Conference}
	for _, other := range calls {
		if other.ID != c.ID {
			s.talking = s.talking || other.Phase == csta.Active
			s.pair = s.pair || situationOf(other, nil).between()
			s.dialling = s.dialling || other.Phase == csta.Calling
		}
	}
	return s
}

// option is an action that a call's phase allows, and the reason why it still cannot be done, "" if it can.
type option struct {
	action callAction
	why    string
}

// doing is an action in progress on a connection. It blocks only itself: while "Answer" is in progress, the user can
// still hang up.
type doing struct {
	connection csta.ConnectionID
	action     callAction
}

// options lists what can be done with a call, in the order of its buttons. It is a pure function of the state and of
// the actions in progress.
func options(c csta.Call, s csta.State, busy map[doing]bool) []option {
	var list []option
	now := situationOf(c, s.Calls)
	for _, a := range actions {
		if !a.possible(now) {
			continue
		}
		o := option{action: a.action}
		switch {
		case s.Status != csta.Online:
			o.why = text.Explain(csta.ErrOffline)
		case refuses(s, a.action, a.service):
			o.why = text.RefusedWords(a.service, s.Refused[a.service])
		case busy[doing{c.ID, a.action}]:
			o.why = text.Say("The PBX is still at work on this call: wait a moment.")
		}
		list = append(list, o)
	}
	return list
}

// refuses reports whether the PBX has said that it lacks a service. Calls can be swapped in two steps if it cannot do
// so in one.
func refuses(s csta.State, a callAction, service string) bool {
	if _, no := s.Refused[service]; !no || a != actSwap {
		return no
	}
	_, noHold := s.Refused["HoldCall"]
	_, noRetrieve := s.Refused["RetrieveCall"]
	return noHold || noRetrieve
}

// notNow returns what is missing for an action that a call's phase does not allow.
func notNow(a callAction) string {
	switch a {
	case actAnswer:
		return text.Say("No call rings that could be answered.")
	case actComplete, actBack:
		return text.Say("Nobody is being asked: press “Ask first” while talking.")
	case actHold, actResume, actSwap, actConnect, actJoin:
		return text.Say("There is no call to hold or resume.")
	case actHangUp:
		return text.Say("There is no call to hang up.")
	case actKeypad:
		return text.Say("Digits can be played while talking only.")
	case actAsk:
		return text.Say("Talk to a caller first: then you can ask somebody about the call.")
	default:
		return text.Say("There is no call to transfer: it must be ringing or active.")
	}
}

// subjectOf returns the call that actions apply to. calls has the oldest first, so that a call arriving while another
// rings does not take its place under the user's fingers. If there is none, the returned call has ended.
func subjectOf(calls []csta.Call, chosen csta.ConnectionID) (subject csta.Call, ok bool) {
	best := 0
	subject.Phase = csta.Ended
	for _, c := range calls {
		rank := 0
		switch {
		case c.Phase == csta.Ended:
			continue
		case c.ID == chosen:
			rank = 7
		case c.Phase == csta.Active:
			rank = 6
		case c.Phase == csta.Calling && !c.Consults.IsZero():
			rank = 5
		case c.Alerts():
			rank = 4
		case c.Phase == csta.Ringing:
			rank = 3
		case c.Phase == csta.Calling:
			rank = 2
		case c.Phase == csta.Held:
			rank = 1
		}
		if rank > best {
			subject, best, ok = c, rank, true
		}
	}
	return subject, ok
}

// stillChosen returns the user's choice, or none once the calls have moved on: it holds until that call changes phase
// or another becomes active. Otherwise "Hang up" would hit a call that the user left long ago.
func stillChosen(chosen csta.ConnectionID, before, now []csta.Call) csta.ConnectionID {
	phase := func(calls []csta.Call, id csta.ConnectionID) csta.Phase {
		for _, c := range calls {
			if c.ID == id {
				return c.Phase
			}
		}
		return csta.Ended
	}
	if phase(now, chosen) != phase(before, chosen) || phase(now, chosen) == csta.Ended {
		return csta.ConnectionID{}
	}
	for _, c := range now {
		if c.Phase == csta.Active && phase(before, c.ID) != csta.Active {
			return csta.ConnectionID{}
		}
	}
	return chosen
}
