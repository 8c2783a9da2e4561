package cstasession

import (
	"context"
	"fmt"
	"strings"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

const (
	effectLimit = 10 * time.Second // for the event that shows a service's effect
	callLimit   = 30 * time.Second // for the first event of a call that we make: the user may have to lift the handset
)

// MakeCall makes our device call a number, and returns the connection of our leg once an event shows it: the
// answer itself contains none (vendor page makeCall). One call is made at a time. The number is sent unchanged.
// Errors: ErrOffline, ErrNoAnswer, ErrNoEffect, *ServiceError.
func (s *Session) MakeCall(ctx context.Context, number string) (csta.ConnectionID, error) {
	if err := dialable(number); err != nil {
		return csta.ConnectionID{}, err
	}
	select {
	case s.making <- struct{}{}:
		defer func() { <-s.making }()
	case <-ctx.Done():
		return csta.ConnectionID{}, ctx.Err()
	}
	asked := time.Now()
	c, err := perform(ctx, s, callLimit, wire.Node("MakeCall",
		wire.Leaf("callingDevice", s.cfg.Device.Number()),
		wire.Leaf("calledDirectoryNumber", number),
		wire.Leaf("autoOriginate", "doNotPrompt"),
	), func(c csta.Call) bool {
		// The PBX may show another number than was dialled, as for a short code, and mark the event as a result
		// of our request.
		return c.Direction == csta.Outgoing && !c.Began.Before(asked) && (csta.SameNumber(c.Remote.Number, number) || c.ID.CallID == s.made)
	})
	return c.ID, err
}

// dialable returns an error for a number that no message can carry unchanged: XML has no control characters,
// and another number would be sent instead.
func dialable(number string) error {
	if number == "" || strings.ContainsFunc(number, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
		return fmt.Errorf("%w: %q is no number", csta.ErrConfig, number)
	}
	return nil
}

// AnswerCall answers a ringing call, and returns once an event shows it. Phones without auto-answer do nothing:
// that is ErrNoEffect. Errors: also ErrOffline, ErrNoAnswer, ErrCallEnded, *ServiceError. (vendor page
// answerCall)
func (s *Session) AnswerCall(ctx context.Context, c csta.ConnectionID) error {
	return s.until(ctx, wire.Node("AnswerCall", wire.Connection("callToBeAnswered", c)), c, csta.Active)
}

// ClearConnection hangs up our leg of a call, ringing or connected, and returns once it has ended.
// Errors: ErrOffline, ErrNoAnswer, ErrNoEffect, *ServiceError. (vendor page clearConnection)
func (s *Session) ClearConnection(ctx context.Context, c csta.ConnectionID) error {
	// The reader must know before the event arrives that we ended the call: it was not missed.
	clearing := func(is bool) {
		if l, err := s.current(); err == nil {
			l.inReader(func() { s.table.Clearing(c.CallID, is) })
		}
	}
	clearing(true)
	err := s.until(ctx, wire.Node("ClearConnection", wire.Connection("connectionToBeCleared", c)), c, csta.Ended)
	if err != nil {
		clearing(false)
	}
	return err
}
