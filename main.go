// Calltray shows who is calling the telephone on your desk, and dials and hangs up for you.
//
// This package is the command line and the wiring; the work is done elsewhere: cstasession talks to
// the switching function, ui shows, notify tells the desktop, account knows who you are.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"calltray/internal/text"
)

// version is the one in FyneApp.toml; a test compares them.
const version = "0.1.0"

func main() {
	attachConsole()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	// A closed pipe ("calltray monitor | head") is an error of the write, and a reason to leave in good
	// order, not to be killed.
	signal.Ignore(syscall.SIGPIPE)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program but for the process around it. It returns the exit code: 0, 1 when it did
// not work, 2 when it was called wrongly.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var wrong usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errSaid):
		return 1
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "calltray: %v\n", err)
		return 2
	}
	fmt.Fprintf(stderr, "calltray: %s\n", explain(err))
	return 1
}

// sentence is an error made of words for the user.
type sentence string

func (s sentence) Error() string { return string(s) }

// Sentence tells text.Explain that there is nothing to explain.
func (s sentence) Sentence() string { return string(s) }

// errSaid ends a command with exit code 1 that has already told the user why.
var errSaid = errors.New("said")

// explain returns the one sentence that the user reads for an error.
func explain(err error) string { return text.Explain(err) }

// usageError is a command line that cannot be understood.
type usageError struct{ error }

// wordless is the check of a command that takes no arguments.
func wordless(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if cmd.HasParent() {
		return usageError{fmt.Errorf("%s takes no words, as %q (calltray --help tells more)", cmd.CommandPath(), args[0])}
	}
	err := fmt.Errorf("there is no command %q", args[0])
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		err = fmt.Errorf("%w; did you mean %q?", err, near[0])
	}
	return usageError{fmt.Errorf("%w (calltray --help tells more)", err)}
}

func newRoot() *cobra.Command {
	cobra.MousetrapHelpText = "" // a double click in Windows' Explorer starts the application
	root := &cobra.Command{
		Use:   "calltray",
		Short: "The telephone on your desk, in the tray of your screen",
		Long: `Calltray shows who is calling the telephone on your desk, and dials and hangs up for you.

Without a command it starts the application in the tray.

The account comes from the application's settings and the system's keyring. These variables of the
environment win over them: CALLTRAY_URL, CALLTRAY_USER, CALLTRAY_PASSWORD, CALLTRAY_PBX_DOMAIN,
CALLTRAY_DEVICE. There is no flag for a password, on purpose: other users of the machine could read it.`,
		Version:      version,
		Args:         wordless,
		SilenceUsage: true,

		SuggestionsMinimumDistance: 2,
		SilenceErrors:              true,
		RunE:                       func(cmd *cobra.Command, _ []string) error { return runApp(cmd) },
	}
	root.SetVersionTemplate("calltray {{.Version}}\n")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w (calltray --help tells more)", err)}
	})
	root.PersistentFlags().Bool("debug", false, "log everything that happens to standard error, without secrets")
	for _, group := range []struct {
		id, title string
		commands  []*cobra.Command
	}{
		{"calls", "Calls:", append(callCommands(), dialCommand())},
		{"office", "Your telephone, the office:", []*cobra.Command{dndCommand(), forwardCommand(), queueCommand(), colleaguesCommand(), monitorCommand()}},
		{"program", "Calltray itself:", []*cobra.Command{demoCommand(), pbxCommand(), checkCommand(), diagnosticsCommand()}},
	} {
		root.AddGroup(&cobra.Group{ID: group.id, Title: group.title})
		for _, cmd := range group.commands {
			cmd.GroupID = group.id
			root.AddCommand(cmd)
		}
	}
	return root
}

// logger writes to the command's standard error: warnings, and with --debug everything.
func logger(cmd *cobra.Command) *slog.Logger {
	level := slog.LevelWarn
	if debug, _ := cmd.Flags().GetBool("debug"); debug {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: level}))
}
