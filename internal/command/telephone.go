package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"calltray/cstasession/csta"
	"calltray/internal/command"
)

func dndCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "dnd [on|off]",
		Short: "Switch do-not-disturb of your telephone, or tell whether it is on",
		Long: `Dnd switches do-not-disturb of your telephone on or off; without a word it tells which it is. The switch is
the PBX's: it is the same one as at the telephone and in the window.

It asks the running application, and logs in by itself when there is none.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := request(command.DoNotDisturb, args...)
			if err != nil {
				return err
			}
			return ask(cmd, r)
		},
	}
}

func doNotDisturb(ctx context.Context, s seat, args []string) (outcome, error) {
	now := s.state.Telephone.DoNotDisturb
	if len(args) > 0 {
		if now = csta.Off; args[0] == command.On {
			now = csta.On
		}
		if err := s.SetDoNotDisturb(ctx, now == csta.On); err != nil {
			return outcome{}, err
		}
	}
	switch now {
	case csta.On:
		return outcome{said: "Do-not-disturb is on: no call rings at your telephone."}, nil
	case csta.Off:
		return outcome{said: "Do-not-disturb is off."}, nil
	}
	return outcome{}, sentence("The PBX does not tell whether do-not-disturb is on: look at the telephone.")
}

func forwardCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "forward [immediate|busy|no-answer NUMBER|off]",
		Short: "Forward the calls for your telephone, or tell where they go",
		Long: `Forward sends calls for your telephone to another number: all of them (immediate), those that come while
your line is busy (busy), or those that you do not answer (no-answer, where --after says for how long the
telephone rings first). The word off ends that. Without words it tells what is set; "forward off" is short for
"forward immediate off".

It asks the running application, and logs in by itself when there is none.`,
		Example: "  calltray forward immediate 22334455\n  calltray forward no-answer 202 --after 20s\n  calltray forward busy off\n  calltray forward off",
		Args:    cobra.ArbitraryArgs,
	}
	after := cmd.Flags().Duration("after", 0, "of no-answer: for how long the telephone rings first, in whole seconds; default: as before")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 1 && args[0] == command.Off:
			args = []string{command.Immediate, command.Off}
		case len(args) > 2:
			args = []string{args[0], strings.Join(args[1:], " ")} // as people write numbers
		}
		if cmd.Flags().Changed("after") {
			if len(args) < 2 {
				return usageError{errors.New("--after belongs to a number, as in: calltray forward no-answer 202 --after 20s")}
			}
			args = append(args, after.String())
		}
		r, err := request(command.Forward, args...)
		if err != nil {
			return err
		}
		return ask(cmd, r)
	}
	return cmd
}

// forwardings are the kinds that the command knows: their ECMA-323 ForwardingType, and how they are told.
var forwardings = []struct{ kind, is, calls, off string }{
	{command.Immediate, "forwardImmediate", "All calls", "Forwarding of all calls is off."},
	{command.Busy, "forwardBusy", "Calls that come while the line is busy", "Forwarding while the line is busy is off."},
	{command.NoAnswer, "forwardNoAns", "Calls that nobody answers", "Forwarding of calls that nobody answers is off."},
}

func forward(ctx context.Context, s seat, args []string) (outcome, error) {
	if len(args) == 0 {
		if s.state.Telephone.Forwarding == nil {
			return outcome{}, sentence("The PBX does not tell where calls are forwarded to: look at the telephone.")
		}
		return outcome{said: forwarded(s.state.Telephone.Forwarding, s.whom)}, nil
	}
	for _, f := range forwardings {
		if f.kind != args[0] {
			continue
		}
		rule := csta.Forwarding{Type: f.is}
		for _, old := range s.state.Telephone.Forwarding {
			if old.Is(f.is) {
				rule.To = old.To // a telephone keeps the number of a rule that is off
			}
		}
		if args[1] != command.Off {
			rule.Active, rule.To = true, args[1]
		}
		if len(args) > 2 {
			rule.After, _ = time.ParseDuration(args[2]) // control has looked at it
		}
		if err := s.SetForwarding(ctx, rule); err != nil {
			return outcome{}, err
		}
		if !rule.Active {
			return outcome{said: f.off}, nil
		}
		return outcome{said: tellRule(rule, s.whom)}, nil
	}
	return outcome{}, fmt.Errorf("no kind of forwarding: %q", args[0])
}

// forwarded tells where calls go. whom says who has a number.
func forwarded(rules []csta.Forwarding, whom func(number string) string) string {
	var said []string
	for _, rule := range rules {
		if rule.Active {
			said = append(said, tellRule(rule, whom))
		}
	}
	if said == nil {
		return "Calls are not forwarded."
	}
	return strings.Join(said, " ")
}

// tellRule tells of a rule that is in force.
func tellRule(rule csta.Forwarding, whom func(number string) string) string {
	calls := "Some calls (" + rule.Type + ")" // of another type of the standard
	for _, f := range forwardings {
		if rule.Is(f.is) {
			calls = f.calls
		}
	}
	if rule.After > 0 && rule.Is("forwardNoAns") {
		calls += " for " + rule.After.String()
	}
	return calls + " are forwarded to " + whom(rule.To) + "."
}
