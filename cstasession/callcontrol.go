package cstasession

import (
	"context"
	"fmt"
	"strings"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/calls"
	"calltray/cstasession/internal/wire"
)

// HoldCall puts our leg of a call on hold. (ECMA-269 §17.1.12; vendor page holdCall) The errors of this and of
// all services below are those of AnswerCall, and ErrConfig for a number or digits that cannot be sent
// unchanged.
func (s *Session) HoldCall(ctx context.Context, c csta.ConnectionID) error {
	return s.until(ctx, wire.Node("HoldCall", wire.Connection("callToBeHeld", c)), c, csta.Held)
}

// RetrieveCall resumes a held call. (vendor page retrieveCall)
func (s *Session) RetrieveCall(ctx context.Context, c csta.ConnectionID) error {
	return s.until(ctx, wire.Node("RetrieveCall", wire.Connection("callToBeRetrieved", c)), c, csta.Active)
}

// DeflectCall sends a ringing call to another number. (vendor page deflectCall)
func (s *Session) DeflectCall(ctx context.Context, c csta.ConnectionID, to string) error {
	if err := dialable(to); err != nil {
		return err
	}
	return s.until(ctx, wire.Node("DeflectCall", wire.Connection("callToBeDiverted", c), wire.Leaf("newDestination", to)), c, csta.Ended)
}

// SingleStepTransferCall transfers a connected call to another number without consulting there first. (vendor
// page singleStepTransferCall)
func (s *Session) SingleStepTransferCall(ctx context.Context, c csta.ConnectionID, to string) error {
	if err := dialable(to); err != nil {
		return err
	}
	return s.until(ctx, wire.Node("SingleStepTransferCall", wire.Connection("activeCall", c), wire.Leaf("transferredTo", to)), c, csta.Ended)
}

// ConsultationCall puts a call on hold and calls another number about it. It returns the connection of the new
// leg, which the vendor's answer does not contain: its callID is the first call's with "-att" appended. (vendor
// page consultationCall)
func (s *Session) ConsultationCall(ctx context.Context, c csta.ConnectionID, number string) (csta.ConnectionID, error) {
	if err := dialable(number); err != nil {
		return csta.ConnectionID{}, err
	}
	asked := time.Now()
	s.consult(func() { s.table.BeginConsultation(c, number) })
	defer s.consult(func() { s.table.EndConsultation(c, number) })
	now, err := perform(ctx, s, callLimit, wire.Node("ConsultationCall", wire.Connection("existingCall", c), wire.Leaf("consultedDevice", number)), func(now csta.Call) bool {
		return now.ID.CallID == c.CallID+calls.Consultation ||
			now.Direction == csta.Outgoing && now.ID.CallID != c.CallID && !now.Began.Before(asked) && csta.SameNumber(now.Remote.Number, number)
	})
	return now.ID, err
}

// ReconnectCall ends a consultation and resumes the held call. (vendor page reconnectCall)
func (s *Session) ReconnectCall(ctx context.Context, active, held csta.ConnectionID) error {
	return s.until(ctx, wire.Node("ReconnectCall", wire.Connection("activeCall", active), wire.Connection("heldCall", held)), held, csta.Active)
}

// TransferCall connects the held call with the active one, and drops our legs of both. The standard allows it
// for any two such calls (ECMA-269 §17.1.26); the vendor shows it only after a consultation. (vendor page
// transferCall, which names the active call first; the standard names the held one first)
func (s *Session) TransferCall(ctx context.Context, active, held csta.ConnectionID) error {
	return s.until(ctx, wire.Node("TransferCall", wire.Connection("activeCall", active), wire.Connection("heldCall", held)), held, csta.Ended)
}

// AlternateCall holds the active call and resumes the held one. The vendor does not document it. (ECMA-269
// §17.1.2)
func (s *Session) AlternateCall(ctx context.Context, active, held csta.ConnectionID) error {
	return s.until(ctx, wire.Node("AlternateCall", wire.Connection("heldCall", held), wire.Connection("activeCall", active)), held, csta.Active)
}

// ConferenceCall joins the held and the active call. The vendor does not document it. (ECMA-269
// §17.1.8)
func (s *Session) ConferenceCall(ctx context.Context, active, held csta.ConnectionID) error {
	before := map[string]bool{}
	s.consult(func() {
		for _, c := range s.table.Calls() {
			before[c.ID.CallID] = c.Conference
		}
	})
	now, err := perform(ctx, s, effectLimit, wire.Node("ConferenceCall", wire.Connection("heldCall", held), wire.Connection("activeCall", active)), func(now csta.Call) bool { // the conference may have a callID of its own
		return now.Conference && !before[now.ID.CallID] || now.ID.CallID == held.CallID && now.Phase == csta.Ended && !now.Cause.Is("conference")
	})
	if err == nil && !now.Conference {
		return csta.ErrCallEnded
	}
	return err
}

// DirectedPickupCall picks up a call that rings at another device, and returns the connection of our leg.
// (vendor page directedPickupCall)
func (s *Session) DirectedPickupCall(ctx context.Context, ringing csta.ConnectionID) (csta.ConnectionID, error) {
	ours, caller := s.beforePickup(ringing)
	now, err := perform(ctx, s, effectLimit, wire.Node("DirectedPickupCall", wire.Connection("callToBePickedUp", ringing),
		wire.Node("requestingDevice", wire.Leaf("deviceID", s.cfg.Device.Number()))), func(now csta.Call) bool {
		if now.Phase == csta.Ended {
			return false
		}
		picked, known := s.table.PickedUp(now.ID.CallID)
		if picked {
			return csta.SameNumber(now.Remote.Number, caller)
		}
		told := known && caller == "" // then it would have been reported too
		return !told && !ours[now.ID.CallID] && now.Direction == csta.Incoming && csta.SameNumber(now.Remote.Number, caller)
	})
	return now.ID, err
}

// beforePickup returns what tells the picked-up call from others that arrive at the same moment: the callIDs
// that we have already, and the caller's number, "" if the ringing call is not known.
func (s *Session) beforePickup(ringing csta.ConnectionID) (ours map[string]bool, caller string) {
	ours = map[string]bool{}
	s.consult(func() {
		for _, c := range s.table.Calls() {
			ours[c.ID.CallID] = true
		}
		if call, known := s.office.CallAt(ringing); known {
			caller = call.Remote.Number
		}
	})
	return ours, caller
}

// GenerateDigits plays DTMF digits (0-9 * # A-D) into a connected call. No event reports it, so the positive
// answer is the only confirmation. (vendor page generateDigits)
func (s *Session) GenerateDigits(ctx context.Context, c csta.ConnectionID, digits string) error {
	if digits == "" || strings.Trim(digits, "0123456789*#ABCD") != "" {
		return fmt.Errorf("%w: no telephone plays these digits", csta.ErrConfig) // the error does not contain them either: they may be a PIN
	}
	_, err := perform(ctx, s, answerLimit, wire.Node("GenerateDigits", wire.Connection("connectionToSendDigits", c), wire.Leaf("charactersToSend", digits)), positive)
	return err
}

// until performs a service whose effect is that a call of ours enters a phase. If the call ends instead, or
// ended a moment ago, it returns ErrCallEnded.
func (s *Session) until(ctx context.Context, body wire.Element, c csta.ConnectionID, phase csta.Phase) error {
	if s.hasEnded(c) {
		return over(body)
	}
	now, err := perform(ctx, s, effectLimit, body, func(now csta.Call) bool {
		return now.ID.CallID == c.CallID && (now.Phase == phase || now.Phase == csta.Ended)
	})
	switch {
	case err == nil && now.Phase != phase:
		return csta.ErrCallEnded
	case err == nil && now.Outcome == csta.EndedOffline: // it was dropped as uncertain, but nobody saw it end: it may still exist
		return &csta.RequestError{Service: body.Name, Err: csta.ErrNoEffect}
	case s.refuted(c, body.Name, err):
		return over(body)
	}
	return err
}

// over is the result of a service for a call that has ended: nil for hanging up, which is what was wanted.
func over(body wire.Element) error {
	if body.Name == "ClearConnection" {
		return nil
	}
	return csta.ErrCallEnded
}

// hasEnded reports whether a call ended a moment ago.
func (s *Session) hasEnded(c csta.ConnectionID) (ended bool) {
	s.consult(func() { ended = s.table.HasEnded(c.CallID, time.Now()) })
	return ended
}
