package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"calltray/cstasession"
	"calltray/cstasession/csta"
	"calltray/internal/dialplan"
)

// tidyLimit is how long an interrupted command tries to leave no call behind.
const tidyLimit = 3 * time.Second

func dialCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dial NUMBER",
		Short: "Make a call from your telephone, and tell what becomes of it",
		Long: `Dial makes a call from your telephone, and prints what becomes of it. It ends when the call is
answered (exit code 0) or has failed (1); a number that cannot be dialled is an error of usage (2).
Ctrl-C before the answer hangs up. It needs no display.`,
		Example: "  calltray dial 22334455\n  calltray dial +45 22 33 44 55",
	}
	wait := cmd.Flags().Duration("wait", 2*time.Minute, "hang up when nobody has answered for this long")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usageError{errors.New("which number? As in: calltray dial 22334455")}
		}
		number, err := dialplan.Dialable(strings.Join(args, " "))
		if err != nil {
			return usageError{errors.New(explain(err))}
		}
		return withSession(cmd, scopeCalls, func(ctx context.Context, l *line) error { return dial(ctx, cmd, l, number, *wait) })
	}
	return cmd
}

func dial(ctx context.Context, cmd *cobra.Command, l *line, number string, wait time.Duration) error {
	if _, err := l.news.online(ctx); err != nil {
		return interrupted(ctx, err, "Interrupted: nothing was dialled.")
	}
	cmd.Printf("Calling %s.\n", format(number))
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	id, err := l.MakeCall(ctx, number)
	if err != nil {
		return interrupted(ctx, err, "Interrupted. Look at your telephone: it may still be dialling.")
	}
	lost := false
	for {
		st, err := l.news.next(ctx)
		if err != nil {
			return giveUp(ctx, err, l.Session, id, format(number))
		}
		if offline := st.Status == csta.Offline; offline != lost && st.Status != csta.Connecting {
			lost = offline
			if lost {
				cmd.Printf("%s\n", explain(st.Err))
			}
		}
		for _, c := range st.Calls {
			if c.ID != id {
				continue
			}
			switch c.Phase {
			case csta.Active:
				cmd.Printf("Connected to %s.\n", person(c.Remote))
				return nil
			case csta.Ended:
				cmd.Printf("%s\n", became(c, number))
				if c.Outcome == csta.Answered || c.Outcome == csta.Transferred {
					return nil // answered and over before anybody looked
				}
				return errSaid
			}
		}
	}
}

// became tells how a dialled call ended.
func became(c csta.Call, number string) string {
	whom := format(number)
	switch c.Outcome {
	case csta.Busy:
		return whom + " is busy."
	case csta.NoAnswer:
		return whom + " did not answer."
	case csta.Cancelled:
		return "The call to " + whom + " was hung up before it was answered."
	case csta.Answered, csta.Transferred:
		return whom + " answered, and the call is over."
	}
	if c.Cause != "" {
		return fmt.Sprintf("The call to %s failed: the PBX says %q.", whom, string(c.Cause))
	}
	return "The call to " + whom + " failed."
}

// giveUp hangs up a call that was not answered in time, or that the user does not want any more.
func giveUp(ctx context.Context, err error, s *cstasession.Session, id csta.ConnectionID, whom string) error {
	if ctx.Err() == nil {
		return err // the session ended by itself
	}
	tidy, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyLimit)
	defer cancel()
	why := "Interrupted"
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		why = whom + " did not answer in time"
	}
	if err := s.ClearConnection(tidy, id); err != nil && !errors.Is(err, csta.ErrCallEnded) {
		return sentence(fmt.Sprintf("%s, and hanging up did not work: %s", why, explain(err)))
	}
	return sentence(why + ": hung up.")
}

// interrupted replaces the error of a wait that the user broke off with a sentence.
func interrupted(ctx context.Context, err error, words string) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return sentence(words)
	}
	return err
}
