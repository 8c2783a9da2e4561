package cli

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"calltray/cstasession"
	"calltray/internal/app"
	"calltray/internal/command"
	"calltray/internal/dialplan"
	"calltray/internal/text"
)

// keyringLimit is how long the check waits for a keyring that may be prompting the user.
const keyringLimit = 30 * time.Second

func (c *console) checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: text.Say("Test step by step whether calls can be seen, and say what is wrong"),
		Long: text.Say(`Check tests, one after the other, everything that must work before a call can be shown: the account, the
keyring, the server's name, the connection, its certificate, the login, the monitor; and, where there is a
display, the popup and a notification, which are shown for a moment. Each step is printed with the time it
took; the first one that fails is explained, and is the last. The exit code is 0 only if all passed.

With --call NUMBER it also calls that number from your telephone, waits until the PBX reports the call, and
hangs up.`),
		Args: noArguments,
	}
	call := cmd.Flags().String("call", "", text.Say("also call this number, and hang up"))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		number := ""
		if *call != "" {
			var err error
			if number, err = dialplan.Dialable(*call); err != nil {
				return usage(err)
			}
		}
		return c.check(cmd.Context(), cmd, number)
	}
	return cmd
}

func (c *console) check(ctx context.Context, cmd *cobra.Command, number string) error {
	log := c.logger(cmd)
	began := time.Now()
	limited, cancel := context.WithTimeout(ctx, keyringLimit)
	defer cancel()
	settings, password, err := command.SignIn(limited, log)
	c.step(text.StepAccount, settings.Address(), time.Since(began), err)
	if err != nil {
		return errSaid
	}
	cfg := command.SessionConfig(settings, password, nil, log)
	if err := cstasession.Check(ctx, cfg, number, func(s cstasession.Step) {
		c.step(text.StepNames[s.Name], cmp.Or(text.Way(s.Path), s.Detail), s.Took, s.Err)
	}); err != nil {
		return errSaid
	}
	if c.platform.Display() != nil {
		return c.say(text.New("well", "Everything works: calls would be seen. There is no display here to show them on."))
	}
	if err := app.CheckScreen(ctx, c.platform, settings, log, func(name string, took time.Duration, err error) { c.step(name, "", took, err) }); err != nil {
		return errSaid
	}
	return c.say(text.New("well", "Everything works: calls would be seen and shown."))
}

// step prints a step of the check. name is one of text's steps.
func (c *console) step(name, detail string, took time.Duration, err error) {
	mark := text.Say("ok")
	if err != nil {
		mark = text.Say("FAILED")
	}
	line := fmt.Sprintf("%-6s %6d ms  %s", mark, took.Milliseconds(), text.SayKnown(name))
	if detail != "" {
		line += " (" + text.Plain(detail, 2*text.MaxWords) + ")"
	}
	_ = c.line(line)
	if err != nil {
		_ = c.line("       " + text.Explain(err))
	}
}
