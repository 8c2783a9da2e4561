package command

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"calltray/cstasession/csta"
	"calltray/internal/text"
)

// The commands that do one thing to one call.

func hangUp(ctx context.Context, t Target, _ []string) (Response, error) {
	c, err := t.call(text.New("no-call", "There is no call to hang up."), csta.Active, csta.Calling, csta.Ringing, csta.Held)
	if err == nil {
		err = t.ClearConnection(ctx, c.ID)
	}
	if errors.Is(err, csta.ErrCallEnded) {
		err = nil
	}
	return done(err, text.New("hung-up", "Hung up: {{.Who}}.").Person("Who", c.Remote))
}

func answer(ctx context.Context, t Target, _ []string) (Response, error) {
	c, err := t.call(text.New("no-call", "There is no call to answer."), csta.Ringing)
	if err == nil {
		err = t.AnswerCall(ctx, c.ID)
	}
	return done(err, text.New("answered", "Answered: {{.Who}}.").Person("Who", c.Remote))
}

func hold(ctx context.Context, t Target, _ []string) (Response, error) {
	c, err := t.call(text.New("no-call", "There is no active call to put on hold."), csta.Active)
	if err == nil {
		err = t.HoldCall(ctx, c.ID)
	}
	return done(err, text.New("on-hold", "On hold: {{.Who}}.").Person("Who", c.Remote))
}

func resume(ctx context.Context, t Target, _ []string) (Response, error) {
	c, err := t.call(text.New("no-call", "There is no call on hold."), csta.Held)
	if err == nil {
		err = t.RetrieveCall(ctx, c.ID)
	}
	return done(err, text.New("resumed", "Resumed: {{.Who}}.").Person("Who", c.Remote))
}

func transfer(ctx context.Context, t Target, args []string) (Response, error) {
	c, err := t.call(text.New("no-call", "There is no active call to transfer."), csta.Active)
	if err == nil {
		err = t.SingleStepTransferCall(ctx, c.ID, args[0])
	}
	return done(err, text.New("transferred", "Transferred: {{.Who}} to {{.To}}.").Person("Who", c.Remote).Person("To", t.party(args[0])))
}

func deflect(ctx context.Context, t Target, args []string) (Response, error) {
	c, err := t.call(text.New("no-call", "There is no ringing call to transfer."), csta.Ringing)
	if err == nil {
		err = t.DeflectCall(ctx, c.ID, args[0])
	}
	return done(err, text.New("deflected", "Transferred: {{.Who}} to {{.To}}.").Person("Who", c.Remote).Person("To", t.party(args[0])))
}

func digits(ctx context.Context, t Target, args []string) (Response, error) {
	c, err := t.call(text.New("no-call", "There is no active call to play digits into."), csta.Active)
	if err == nil {
		err = t.GenerateDigits(ctx, c.ID, args[0])
	}
	played := text.New("played", "Played 1 digit to {{.Who}}.") // the digits are not shown: they are often a code
	if len(args[0]) > 1 {
		played = text.New("played", "Played {{.Count}} digits to {{.Who}}.", "Count", strconv.Itoa(len(args[0])))
	}
	return done(err, played.Person("Who", c.Remote))
}

func pickUp(ctx context.Context, t Target, args []string) (Response, error) {
	there, number := t, args[0]
	if err := t.seesOffice(); err != nil {
		return Response{}, err
	}
	there.State.Calls = nil
	known := false
	for _, c := range t.Colleagues() {
		if c.Device.Number() == number {
			known = true
			there.State.Calls = NameCalls(c.Calls, t.Names)
		}
	}
	switch {
	case number == t.Device:
		return Response{}, text.Errorf("own-extension", "{{.Number}} is your own extension: use “calltray answer” for a call that rings there.", "Number", number)
	case !known:
		return Response{}, text.Errorf("no-such-extension", "The PBX reports no extension {{.Number}}: “calltray colleagues” lists those it does.", "Number", number)
	}
	at := t.party(number)
	c, err := there.call(text.New("no-call", "There is no call to pick up at {{.At}}.").Person("At", at), csta.Ringing)
	if err == nil {
		_, err = t.DirectedPickupCall(ctx, c.ID)
	}
	return done(err, text.New("picked-up", "Picked up from {{.At}}: {{.Who}}.").Person("At", at).Person("Who", c.Remote))
}

// done returns the response to a successful command, or its error.
func done(err error, m text.Message) (Response, error) {
	if err != nil {
		return Response{}, err
	}
	return Response{OK: true, Message: m}, nil
}

// call picks the call that a command is about, when none is named: of the calls in the first phase that has
// any, the oldest, so that callers are served in turn, and the choice does not change when another call arrives
// between the look and the command; of ringing ones, the one that the window and the popup have on top; of held
// ones, the last that was put on hold. none is the error if there is no call.
func (t Target) call(none text.Message, phases ...csta.Phase) (csta.Call, error) {
	for _, phase := range phases {
		found := slices.DeleteFunc(slices.Clone(t.State.Calls), func(c csta.Call) bool { return c.Phase != phase || c.ID.IsZero() })
		switch phase {
		case csta.Ringing:
			found = csta.Waiting(found)
		case csta.Held:
			slices.SortStableFunc(found, func(a, b csta.Call) int { return b.Since.Compare(a.Since) })
		}
		if len(found) > 0 {
			return found[0], nil
		}
	}
	if t.Fresh { // the documented snapshot is always empty (vendor page snapShotDevice)
		none = none.And(text.New("new-login", "The PBX does not report earlier calls to a new login: leave Calltray running, and it knows them."))
	}
	return csta.Call{}, &text.Error{Message: none}
}
