package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"calltray/internal/command"
	"calltray/internal/text"
)

func (c *console) dndCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "dnd [on|off]",
		Short: text.Say("Switch do-not-disturb on or off, or report whether it is on"),
		Long: ownSession(text.Say(`Dnd switches do-not-disturb of your telephone on or off; without an argument it reports which it is. It is
the PBX's setting, the same as at the telephone and in the window.`)),
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return c.do(cmd, command.DoNotDisturb, args...) },
	}
}

func (c *console) forwardCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "forward [immediate|busy|no-answer NUMBER|off]",
		Short: text.Say("Forward your calls, or report where they go"),
		Long: ownSession(text.Say(`Forward sends calls for your telephone to another number: all of them (immediate), those that come while you
are busy (busy), or those that you do not answer (no-answer; --after sets how long the telephone rings first).
Give “off” instead of a number to end that. Without arguments it reports what is set; “forward off” is short for
“forward immediate off”.`)),
		Example: "  calltray forward immediate 22334455\n  calltray forward no-answer 202 --after 20s\n  calltray forward busy off\n  calltray forward off",
		Args:    cobra.ArbitraryArgs,
	}
	after := cmd.Flags().Duration("after", 0, text.Say("with no-answer: how long the telephone rings first, in whole seconds; default: as before"))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 1 && args[0] == command.Off:
			args = []string{command.Immediate, command.Off}
		case len(args) > 2:
			args = []string{args[0], strings.Join(args[1:], " ")} // as people write numbers, with spaces
		}
		if cmd.Flags().Changed("after") {
			if len(args) < 2 {
				return &usageError{text.New("usage", "--after needs a number, as in: calltray forward no-answer 202 --after 20s.")}
			}
			args = append(args, after.String())
		}
		return c.do(cmd, command.Forward, args...)
	}
	return cmd
}
