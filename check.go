package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"calltray/cstasession"
	"calltray/dialplan"
)

// keyringLimit is how long the check waits for a keyring that may be asking the user.
const keyringLimit = 30 * time.Second

func checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Go the way from here to your calls, step by step, and say where it ends",
		Long: `Check tries, one after the other, everything that has to work before a call can be shown: the account,
the keyring, the server's name, the connection, its certificate, the login, the monitor. Each step is
printed with the time it took; the first one that fails is explained, and is the last. The exit code is 0
only when all passed.

With --call NUMBER it also calls that number from your telephone, waits until the PBX tells of the call,
and hangs up.`,
		Args: wordless,
	}
	call := cmd.Flags().String("call", "", "also place a call to this number, and hang up")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		number := ""
		if *call != "" {
			var err error
			if number, err = dialplan.Dialable(*call); err != nil {
				return usageError{fmt.Errorf("--call: %s", explain(err))}
			}
		}
		return check(cmd.Context(), cmd, number)
	}
	return cmd
}

func check(ctx context.Context, cmd *cobra.Command, number string) error {
	report := &steps{out: cmd.OutOrStdout()}
	began := time.Now()
	limited, cancel := context.WithTimeout(ctx, keyringLimit)
	defer cancel()
	settings, password, err := signIn(limited, logger(cmd))
	report.step("the account and its password are there", settings.Address(), time.Since(began), err)
	if err != nil {
		return errSaid
	}
	cfg := config(settings, password, nil, logger(cmd))
	if err := cstasession.Check(ctx, cfg, number, func(s cstasession.Step) { report.step(stepNames[s.Name], s.Detail, s.Took, s.Err) }); err != nil {
		return errSaid
	}
	fmt.Fprintln(report.out, "All is well: calls would be seen.")
	return nil
}

// stepNames are the steps of the session's own check, in the user's words.
var stepNames = map[string]string{
	"address":     "the server's name is known",
	"connection":  "the server can be reached",
	"certificate": "the server is the right one",
	"login":       "the PBX accepts the login",
	"monitor":     "the PBX tells of this extension's calls",
	"call":        "a call was placed, seen and hung up",
}

// steps prints the steps of a check.
type steps struct{ out io.Writer }

func (s *steps) step(name, detail string, took time.Duration, err error) {
	mark := "ok    "
	if err != nil {
		mark = "FAILED"
	}
	line := fmt.Sprintf("%s %6d ms  %s", mark, took.Milliseconds(), name)
	if detail != "" {
		line += " (" + detail + ")"
	}
	fmt.Fprintln(s.out, line)
	if err != nil {
		fmt.Fprintln(s.out, "       "+explain(err))
	}
}
