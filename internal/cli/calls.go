package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"calltray/internal/app"
	"calltray/internal/command"
	"calltray/internal/control"
	"calltray/internal/text"
)

// callCommands returns the commands that do one thing to one call.
func (c *console) callCommands() (list []*cobra.Command) {
	for _, row := range []struct{ request, usage, short, long string }{
		{command.HangUp, "hangup", text.Say("Hang up the call at your telephone"),
			text.Say("Hangup ends your active call. Without one it ends the call that you are dialling, else the call that\nrings, else the call on hold.")},
		{command.Answer, "answer", text.Say("Answer the call that rings at your telephone"),
			text.Say("Answer answers the call that rings; of several, the one that has rung longest. It works only with a\ntelephone that allows auto-answer: otherwise lift the handset.")},
		{command.Hold, "hold", text.Say("Put your active call on hold"), text.Say("Hold puts your active call on hold.")},
		{command.Resume, "resume", text.Say("Resume the call on hold"), text.Say("Resume takes the call off hold; of several, the one that was put on hold last.")},
		{command.Transfer, "transfer NUMBER", text.Say("Transfer your active call to a number"),
			text.Say("Transfer hands your active call to a number, a colleague's or any other, without asking there first. The\ncall leaves your telephone.")},
		{command.Deflect, "deflect NUMBER", text.Say("Transfer the ringing call to a number"),
			text.Say("Deflect transfers the call that rings at your telephone to a number, without answering it; of several, the\none that has rung longest.")},
		{command.PickUp, "pickup EXTENSION", text.Say("Pick up the call that rings at a colleague's telephone"),
			text.Say("Pickup takes over the call that rings at an extension; of several, the one that has rung longest. The PBX\nmust report colleagues to this account (MonitorTrunk), and only the running application knows of calls that\nalready rang when the command was given.")},
		{command.Digits, "digits DIGITS", text.Say("Play DTMF digits into your active call"),
			text.Say("Digits plays the digits 0 to 9, *, # and A to D into your active call, for a menu, a conference or a code.\nThey are neither printed nor logged.")},
	} {
		list = append(list, &cobra.Command{
			Use:   row.usage,
			Short: row.short,
			Long:  ownSession(row.long),
			Args:  cobra.ArbitraryArgs, // command.NewRequest checks them
			RunE: func(cmd *cobra.Command, args []string) error {
				if len(args) > 1 && strings.Contains(row.usage, " ") {
					args = []string{strings.Join(args, " ")} // as people write numbers, with spaces
				}
				return c.do(cmd, row.request, args...)
			},
		})
	}
	return list
}

// do executes a command and prints its result.
func (c *console) do(cmd *cobra.Command, name string, args ...string) error {
	response, err := c.ask(cmd, name, args...)
	if err != nil {
		return err
	}
	return c.say(response.Message)
}

// ask lets the running application execute a command or, if there is none, a session of its own.
func (c *console) ask(cmd *cobra.Command, name string, args ...string) (command.Response, error) {
	r, err := command.NewRequest(name, args...)
	if err != nil {
		return command.Response{}, usage(err)
	}
	response, err := app.Ask(cmd.Context(), r)
	switch {
	case errors.Is(err, control.ErrNotRunning):
		return command.Run(cmd.Context(), c.logger(cmd), r)
	case err != nil:
		return response, command.Interrupted(cmd.Context(), err, text.New("interrupted", "Interrupted: the running Calltray may have done it all the same, so look at your telephone."))
	case !response.OK:
		return response, &text.Error{Message: response.Message}
	}
	return response, nil
}
