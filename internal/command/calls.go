package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"calltray/cstasession/csta"
	"calltray/internal/command"
)

// callCommands are the commands that do one thing to one call.
func callCommands() (list []*cobra.Command) {
	for _, c := range []struct{ request, usage, short, long string }{
		{command.HangUp, "hangup", "Hang up the call at your telephone",
			"Hangup ends the call that you are talking in; without one, the call that is being dialled; without that,\nthe one that rings; without that, the one on hold."},
		{command.Answer, "answer", "Answer the call that rings at your telephone",
			"Answer answers the call that rings; of several, the one that has rung longest. Telephones without\nauto-answer cannot be made to: then lift the handset."},
		{command.Hold, "hold", "Put the call that you are talking in on hold", "Hold puts the call that you are talking in on hold."},
		{command.Resume, "resume", "Take the call on hold back", "Resume takes the call on hold back; of several, the one that was put on hold last."},
		{command.Transfer, "transfer NUMBER", "Hand the call that you are talking in to a number",
			"Transfer hands the call that you are talking in to a number, a colleague's or any other, without asking\nthere first. The call leaves your telephone."},
		{command.Deflect, "deflect NUMBER", "Send the call that rings to a number",
			"Deflect sends the call that rings at your telephone to a number, without answering it; of several, the one\nthat has rung longest."},
		{command.PickUp, "pickup EXTENSION", "Take over the call that rings at a colleague's telephone",
			"Pickup takes over the call that rings at an extension; of several, the one that has rung longest. The PBX\nmust tell this account of its colleagues (MonitorTrunk), and only the running application knows of calls\nthat rang before the command was given."},
		{command.Digits, "digits 123#", "Play DTMF digits into the call that you are talking in",
			"Digits plays the digits 0 to 9, *, # and A to D into the call that you are talking in: for a menu, a\nconference, a code. They are neither printed nor logged."},
	} {
		list = append(list, &cobra.Command{
			Use:   c.usage,
			Short: c.short,
			Long:  c.long + "\n\nIt asks the running application, and logs in by itself when there is none.",
			Args:  cobra.ArbitraryArgs, // the request says what is wrong with them
			RunE: func(cmd *cobra.Command, args []string) error {
				if len(args) > 1 && strings.Contains(c.usage, " ") {
					args = []string{strings.Join(args, " ")} // as people write numbers
				}
				r, err := request(c.request, args...)
				if err != nil {
					return err
				}
				return ask(cmd, r)
			},
		})
	}
	return list
}

// hangUp ends the call that the user most likely means, and says which.
func hangUp(ctx context.Context, s seat, _ []string) (outcome, error) {
	c, err := s.call("hang up", csta.Active, csta.Calling, csta.Ringing, csta.Held)
	if err == nil {
		err = s.ClearConnection(ctx, c.ID)
	}
	if errors.Is(err, csta.ErrCallEnded) {
		err = nil
	}
	return told(err, "Hung up: %s.", person(c.Remote))
}

func answer(ctx context.Context, s seat, _ []string) (outcome, error) {
	c, err := s.call("answer", csta.Ringing)
	if err == nil {
		err = s.AnswerCall(ctx, c.ID)
	}
	return told(err, "Answered: %s.", person(c.Remote))
}

func hold(ctx context.Context, s seat, _ []string) (outcome, error) {
	c, err := s.call("put on hold", csta.Active)
	if err == nil {
		err = s.HoldCall(ctx, c.ID)
	}
	return told(err, "On hold: %s.", person(c.Remote))
}

func resume(ctx context.Context, s seat, _ []string) (outcome, error) {
	c, err := s.call("take back from hold", csta.Held)
	if err == nil {
		err = s.RetrieveCall(ctx, c.ID)
	}
	return told(err, "Back from hold: %s.", person(c.Remote))
}

func transfer(ctx context.Context, s seat, args []string) (outcome, error) {
	c, err := s.call("transfer", csta.Active)
	if err == nil {
		err = s.SingleStepTransferCall(ctx, c.ID, args[0])
	}
	return told(err, "Transferred: %s to %s.", person(c.Remote), s.whom(args[0]))
}

func deflect(ctx context.Context, s seat, args []string) (outcome, error) {
	c, err := s.call("pass on", csta.Ringing)
	if err == nil {
		err = s.DeflectCall(ctx, c.ID, args[0])
	}
	return told(err, "Passed on: %s to %s.", person(c.Remote), s.whom(args[0]))
}

func digits(ctx context.Context, s seat, args []string) (outcome, error) {
	c, err := s.call("play digits into", csta.Active)
	if err == nil {
		err = s.GenerateDigits(ctx, c.ID, args[0])
	}
	n := "1 digit" // which are a code, often
	if len(args[0]) > 1 {
		n = fmt.Sprintf("%d digits", len(args[0]))
	}
	return told(err, "Played %s to %s.", n, person(c.Remote))
}

func pickUp(ctx context.Context, s seat, args []string) (outcome, error) {
	there, number := s, args[0]
	if err := s.sees(); err != nil {
		return outcome{}, err
	}
	there.state.Calls = nil
	known := number == s.device
	for _, c := range s.Colleagues() {
		if c.Device.Number() == number {
			known = true
			there.state.Calls = overlayCalls(c.Calls, s.names)
		}
	}
	switch {
	case number == s.device:
		return outcome{}, sentence(number + ` is your own extension: "calltray answer" takes what rings there.`)
	case !known:
		return outcome{}, sentence("The PBX tells of no extension " + number + `: "calltray colleagues" lists those that there are.`)
	}
	c, err := there.call("pick up at "+s.whom(number), csta.Ringing)
	if err == nil {
		_, err = s.DirectedPickupCall(ctx, c.ID)
	}
	return told(err, "Picked up from %s: %s.", s.whom(number), person(c.Remote))
}

// told is the outcome of a service that has an effect: a sentence, unless it failed.
func told(err error, format string, args ...any) (outcome, error) {
	if err != nil {
		return outcome{}, err
	}
	return outcome{said: fmt.Sprintf(format, args...)}, nil
}
