package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"calltray/cstasession"
	"calltray/internal/account"
	"calltray/internal/dialplan"
	"calltray/notify"
	"calltray/ui"
)

// keyringLimit is how long the check waits for a keyring that may be asking the user.
const keyringLimit = 30 * time.Second

func checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Go the way from here to your calls, step by step, and say where it ends",
		Long: `Check tries, one after the other, everything that has to work before a call can be shown: the account,
the keyring, the server's name, the connection, its certificate, the login, the monitor; and, where there
is a display, the popup and a notification, which are shown for a moment. Each step is printed with the time it took; the first one that fails is explained, and is the last. The exit code is 0
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
	report.step(stepAccount, settings.Address(), time.Since(began), err)
	if err != nil {
		return errSaid
	}
	cfg := config(settings, password, nil, logger(cmd))
	if err := cstasession.Check(ctx, cfg, number, func(s cstasession.Step) { report.step(stepNames[s.Name], s.Detail, s.Took, s.Err) }); err != nil {
		return errSaid
	}
	return checkDesktop(ctx, settings, report, logger(cmd))
}

// checkDesktop shows the popup and a notification for a moment, as the application would. It must be
// called on the main goroutine. Without a display there is nothing to try.
func checkDesktop(ctx context.Context, settings account.Settings, report *steps, log *slog.Logger) error {
	a := newApp(settings, false, log)
	if a.desk.Display() != nil {
		fmt.Fprintln(report.out, "All is well: calls would be seen. There is no display here to show them on.")
		return nil
	}
	a.notes = notify.New(a.notifications())
	defer a.notes.Close()
	tried := make(chan error, 1)
	go func() {
		tried <- errors.Join(checkScreen(ctx, a.ui, a.notes, func(s ui.Step) { report.step(s.Name, "", s.Took, s.Err) })...)
		a.ui.Quit()
	}()
	if err := a.ui.Run(ctx); err != nil {
		return err
	}
	if err := <-tried; err != nil {
		return errSaid
	}
	fmt.Fprintln(report.out, "All is well: calls would be seen and shown.")
	return nil
}

// stepAccount is the first step, in the user's words.
const stepAccount = "The account and its password are there"

// stepNames are the steps of the session's own check, in the user's words.
var stepNames = map[string]string{
	"address":     "The server's name is known",
	"connection":  "The server can be reached",
	"certificate": "The server is the right one",
	"login":       "The PBX accepts the login",
	"monitor":     "The PBX tells of this extension's calls",
	"call":        "A call was placed, seen and hung up",
}

// checkScreen tries what shows a call: the popup and the notification. Both are tried, whatever becomes
// of the first.
func checkScreen(ctx context.Context, window *ui.UI, notes *notify.Notifier, report func(ui.Step)) []error {
	began := time.Now()
	popup := window.TestPopup(ctx)
	report(ui.Step{Name: "The popup can be shown", Took: time.Since(began), Err: popup})
	began = time.Now()
	note := notes.Test(ctx)
	if note != nil {
		note = sentence("The desktop accepts no notifications (" + noteTrouble(note) + "): the popup is all there is.")
	}
	report(ui.Step{Name: "The desktop accepts notifications", Took: time.Since(began), Err: note})
	return []error{popup, note}
}

func noteTrouble(err error) string {
	switch {
	case errors.Is(err, notify.ErrNoService):
		return "it has no service for them"
	case errors.Is(err, notify.ErrNoAnswer):
		return "its service does not answer"
	default:
		return "its service refused one"
	}
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
