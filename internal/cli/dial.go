package cli

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"calltray/cstasession/csta"
	"calltray/internal/app"
	"calltray/internal/command"
	"calltray/internal/control"
	"calltray/internal/dialplan"
	"calltray/internal/text"
)

// tidyLimit is how long an interrupted command tries to hang up its call.
const tidyLimit = 3 * time.Second

// askEvery is how often the running application is asked about a number's progress.
const askEvery = 250 * time.Millisecond

// dialOptions are the flags of dial.
type dialOptions struct {
	wait      time.Duration
	hangUp    bool
	selection bool
	clipboard bool
}

func (c *console) dialCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dial NUMBER",
		Short: text.Say("Make a call from your telephone"),
		Long: text.Say(`Dial hands a number or a telephone link (tel:, callto:, sip:) to the running application, which asks you in a small
window before it calls; where there is a screen and no application, it is started. Without a screen dial logs in
and calls by itself. It prints what becomes of the call, until it is answered.

Exit codes: 0 the call was answered; 1 it failed, was not answered, or you pressed Ctrl-C; 2 the number cannot be
dialled, or the command is wrong; 3 you said no to the question.

Ctrl-C leaves the call alone, unless you ask for it to be hung up.`),
		Example: "  calltray dial 22334455\n  calltray dial +45 22 33 44 55\n  calltray dial --hangup-on-interrupt 'tel:+45-22-33-44-55'",
	}
	var o dialOptions
	cmd.Flags().DurationVar(&o.wait, "wait", 2*time.Minute, text.Say("hang up if nobody has answered after this time"))
	cmd.Flags().BoolVar(&o.hangUp, "hangup-on-interrupt", false, text.Say("hang up the call on Ctrl-C, if it was not answered"))
	cmd.Flags().BoolVar(&o.selection, "selection", false, text.Say("dial the number in the selected text, else on the clipboard"))
	cmd.Flags().BoolVar(&o.clipboard, "clipboard", false, text.Say("dial the number on the clipboard"))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if from := o.from(); from != command.FromCommand && len(args) == 0 {
			return c.handOver(cmd, command.Request{Command: command.Dial, From: from}, o)
		}
		if len(args) == 0 || o.selection || o.clipboard {
			return &usageError{text.New("usage", "Usage: calltray {{.Usage}}.", "Usage", "dial NUMBER")}
		}
		written := strings.Join(args, " ")
		if _, err := (dialplan.Plan{}).Read(written); err != nil {
			return usage(err)
		}
		return c.handOver(cmd, command.Request{Command: command.Dial, Written: written}, o)
	}
	return cmd
}

// from returns where the number comes from.
func (o dialOptions) from() string {
	switch {
	case o.selection:
		return command.FromSelection
	case o.clipboard:
		return command.FromClipboard
	}
	return command.FromCommand
}

// handOver passes a number to the running application. If there is none, it is started; without a screen, the
// number is dialled in a session of the command's own.
func (c *console) handOver(cmd *cobra.Command, r command.Request, o dialOptions) error {
	ctx := cmd.Context()
	answer, err := app.Ask(ctx, r)
	if errors.Is(err, control.ErrNotRunning) {
		if c.platform.Display() == nil {
			answer, err = app.Launch(ctx, r)
		} else if r.From != command.FromCommand {
			return c.platform.Display()
		} else {
			number, err := dialplan.Dialable(r.Written)
			if err != nil {
				return usage(err)
			}
			return command.WithSession(ctx, c.logger(cmd), command.ScopeCalls, func(ctx context.Context, s *command.OwnSession) error {
				return c.dial(ctx, s, number, o)
			})
		}
	}
	return c.follow(ctx, answer, err, o)
}

// follow prints the progress of a number that the application has, until it is over.
func (c *console) follow(ctx context.Context, answer command.Response, err error, o dialOptions) error {
	said := ""
	var deadline <-chan time.Time
	for {
		switch {
		case err != nil:
			return command.Interrupted(ctx, err, text.New("interrupted", "Interrupted: the running Calltray may have done it all the same, so look at your telephone."))
		case !answer.OK || answer.Progress.Step == command.Failed:
			return &text.Error{Message: answer.Message}
		case answer.Progress.Step == command.Declined:
			return &declinedError{answer.Message}
		case answer.Progress.Step != said:
			if err := c.say(answer.Message); err != nil {
				return err
			}
			if said = answer.Progress.Step; said == command.Calling {
				deadline = time.After(o.wait)
			}
		}
		if answer.Progress.Over() {
			return nil
		}
		ticket := answer.Progress.Ticket
		select {
		case <-ctx.Done():
			return takeBack(ctx, text.New("interrupted", "Interrupted."), ticket, o.hangUp)
		case <-deadline:
			return takeBack(ctx, text.New("no-answer", "Nobody answered in time."), ticket, true)
		case <-time.After(askEvery):
		}
		answer, err = app.Ask(ctx, command.Request{Command: command.Dialled, Args: []string{ticket}})
	}
}

// takeBack withdraws a number, and returns a sentence that says why, and what happened to it.
func takeBack(ctx context.Context, why text.Message, ticket string, hangUp bool) error {
	tidy, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyLimit)
	defer cancel()
	r := command.Request{Command: command.Withdraw, Args: []string{ticket}}
	if hangUp {
		r.Args = append(r.Args, command.HangUp)
	}
	answer, err := app.Ask(tidy, r)
	switch {
	case err != nil:
		why = why.And(text.Of(err))
	case answer.Progress.Step == command.Calling:
		why = why.And(text.New("goes-on", "The call goes on at your telephone."))
	default:
		why = why.And(answer.Message)
	}
	return &text.Error{Err: err, Message: why}
}

// declinedError: the user said no.
type declinedError struct{ text.Message }

func (e *declinedError) Error() string { return e.InEnglish() }

func (c *console) dial(ctx context.Context, s *command.OwnSession, number string, o dialOptions) error {
	if _, err := s.Online(ctx); err != nil {
		return command.Interrupted(ctx, err, text.New("interrupted", "Interrupted: nothing was dialled."))
	}
	shown := text.ShownNumber(number)
	if err := c.say(text.New("calling", "Calling {{.Number}}.", "Number", shown)); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, o.wait)
	defer cancel()
	id, err := s.MakeCall(ctx, number)
	if err != nil {
		return command.Interrupted(ctx, err, text.New("interrupted", "Interrupted: your telephone may still be dialling, so look at it."))
	}
	lost := false
	for {
		st, err := s.State(ctx)
		if err != nil {
			return giveUp(ctx, err, s, id, shown, o.hangUp)
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
				if err := c.say(command.Became(call, shown)); err != nil {
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

// giveUp hangs up a call that was not answered in time or, if hangUp is set, that was interrupted.
func giveUp(ctx context.Context, err error, s *command.OwnSession, id csta.ConnectionID, number string, hangUp bool) error {
	if ctx.Err() == nil {
		return err // the session ended by itself
	}
	tidy, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyLimit)
	defer cancel()
	why := text.New("interrupted", "Interrupted.")
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		why = text.New("no-answer", "{{.Number}} did not answer in time.", "Number", number)
	} else if !hangUp {
		return &text.Error{Err: err, Message: why.And(text.New("goes-on", "The call goes on at your telephone."))}
	}
	if err := s.ClearConnection(tidy, id); err != nil && !errors.Is(err, csta.ErrCallEnded) {
		return &text.Error{Err: err, Message: why.And(text.New("not-hung-up", "The call was not hung up.")).And(text.Of(err))}
	}
	return &text.Error{Err: err, Message: why.And(text.New("hung-up", "The call was hung up."))}
}
