package cli

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"calltray/cstasession/csta"
	"calltray/internal/command"
	"calltray/internal/dialplan"
	"calltray/internal/text"
)

// tidyLimit is how long an interrupted command tries to leave no call behind.
const tidyLimit = 3 * time.Second

func (c *console) dialCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dial NUMBER",
		Short: text.Say("Make a call from your telephone"),
		Long: text.Say(`Dial makes a call from your telephone and prints what becomes of it. It ends when the call is answered (exit
code 0) or has failed (1); a number that cannot be dialled is a usage error (2). Ctrl-C before the answer hangs
up. It needs no display.`),
		Example: "  calltray dial 22334455\n  calltray dial +45 22 33 44 55",
	}
	wait := cmd.Flags().Duration("wait", 2*time.Minute, text.Say("hang up if nobody has answered after this time"))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return &usageError{text.New("usage", "Usage: calltray {{.Usage}}.", "Usage", "dial NUMBER")}
		}
		number, err := dialplan.Dialable(strings.Join(args, " "))
		if err != nil {
			return usage(err)
		}
		return command.WithSession(cmd.Context(), c.logger(cmd), command.ScopeCalls, func(ctx context.Context, s *command.OwnSession) error {
			return c.dial(ctx, s, number, *wait)
		})
	}
	return cmd
}

func (c *console) dial(ctx context.Context, s *command.OwnSession, number string, wait time.Duration) error {
	if _, err := s.Online(ctx); err != nil {
		return command.Interrupted(ctx, err, text.New("interrupted", "Interrupted: nothing was dialled."))
	}
	shown := text.ShownNumber(number)
	if err := c.say(text.New("calling", "Calling {{.Number}}.", "Number", shown)); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	id, err := s.MakeCall(ctx, number)
	if err != nil {
		return command.Interrupted(ctx, err, text.New("interrupted", "Interrupted: your telephone may still be dialling, so look at it."))
	}
	lost := false
	for {
		st, err := s.State(ctx)
		if err != nil {
			return giveUp(ctx, err, s, id, shown)
		}
		if offline := st.Status == csta.Offline; offline != lost && st.Status != csta.Connecting {
			lost = offline
			if lost {
				if err := c.say(text.Of(st.Err)); err != nil {
					return err
				}
			}
		}
		for _, call := range st.Calls {
			if call.ID != id {
				continue
			}
			switch call.Phase {
			case csta.Active:
				return c.say(text.New("connected", "Connected to {{.Who}}.").Person("Who", call.Remote))
			case csta.Ended:
				if err := c.say(became(call, shown)); err != nil {
					return err
				}
				if call.Outcome == csta.Answered || call.Outcome == csta.Transferred {
					return nil // answered and over before anybody looked
				}
				return errSaid
			}
		}
	}
}

// became says how a dialled call ended.
func became(call csta.Call, number string) text.Message {
	switch call.Outcome {
	case csta.Busy:
		return text.New("busy", "{{.Number}} is busy.", "Number", number)
	case csta.NoAnswer:
		return text.New("no-answer", "{{.Number}} did not answer.", "Number", number)
	case csta.Cancelled:
		return text.New("cancelled", "The call to {{.Number}} was hung up before it was answered.", "Number", number)
	case csta.Answered, csta.Transferred:
		return text.New("answered", "{{.Number}} answered, and the call is over.", "Number", number)
	}
	if call.Cause != "" {
		return text.New("failed", "The call to {{.Number}} failed: the PBX gives the cause {{.Cause}}.", "Number", number, "Cause", text.Quote(string(call.Cause)))
	}
	return text.New("failed", "The call to {{.Number}} failed.", "Number", number)
}

// giveUp hangs up a call that was not answered in time, or that the user does not want any more.
func giveUp(ctx context.Context, err error, s *command.OwnSession, id csta.ConnectionID, number string) error {
	if ctx.Err() == nil {
		return err // the session ended by itself
	}
	tidy, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyLimit)
	defer cancel()
	why := text.New("interrupted", "Interrupted.")
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		why = text.New("no-answer", "{{.Number}} did not answer in time.", "Number", number)
	}
	if err := s.ClearConnection(tidy, id); err != nil && !errors.Is(err, csta.ErrCallEnded) {
		return &text.Error{Err: err, Message: why.And(text.New("not-hung-up", "The call was not hung up.")).And(text.Of(err))}
	}
	return &text.Error{Err: err, Message: why.And(text.New("hung-up", "The call was hung up."))}
}
