// Package cli is the command line: the names of the commands, their flags and help, and how their results are
// printed. What the commands do is in package command and, for the application itself, in package app.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"calltray/internal/app"
	"calltray/internal/command"
	"calltray/internal/dialplan"
	"calltray/internal/support"
	"calltray/internal/text"
)

// console is where a command reads from and writes to.
type console struct {
	platform app.Platform
	in       io.Reader
	out      *text.Terminal // for people
	errors   *text.Terminal // for people as well
	raw      io.Writer      // the standard output, for output that programs read
	stderr   io.Writer      // for errors that programs read
	log      io.Writer      // the standard error, for the log, whose handler quotes what it writes
}

// Run is the whole program except for the process around it. It returns the exit code: 0, 1 if the command
// failed, 2 if its usage was wrong, 3 if the user was asked and said no. It must be called on the main
// goroutine.
func Run(ctx context.Context, platform app.Platform, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	app.Speak()
	c := &console{platform: platform, in: stdin, out: text.NewTerminal(stdout), errors: text.NewTerminal(stderr), raw: stdout, stderr: stderr, log: support.Bounded(stderr)}
	root := c.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(c.out)
	root.SetErr(c.errors)
	cmd, err := root.ExecuteContextC(ctx)
	if failed := c.out.Err(); failed != nil { // which cobra does not report for a help text
		err = written(failed)
	}
	var wrong *usageError
	var declined *declinedError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errSaid):
		return 1
	case errors.As(err, &wrong):
		c.complain(cmd, wrong.Message)
		return 2
	case errors.As(err, &declined):
		c.complain(cmd, declined.Message)
		return 3
	}
	c.complain(cmd, text.Of(err))
	return 1
}

// complain prints why a command failed: for people or, with --json, for programs.
func (c *console) complain(cmd *cobra.Command, why text.Message) {
	if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
		_ = json.NewEncoder(c.stderr).Encode(map[string]string{"error": why.InEnglish(), "code": why.Code})
		return
	}
	_ = c.errors.Line("calltray: " + why.String())
}

// say prints a message. The error is a sentence.
func (c *console) say(m text.Message) error { return c.line(m.String()) }

// line prints a line for people. The error is a sentence.
func (c *console) line(line string) error { return written(c.out.Line(line)) }

// written returns the sentence about an output that accepts no more: a full disk, a closed pipe.
func written(err error) error {
	if err == nil {
		return nil
	}
	return &text.Error{Err: err, Message: text.New("output", "The output cannot be written ({{.Cause}}).", "Cause", text.Plain(err.Error(), text.MaxWords))}
}

// errSaid ends a command with exit code 1 after it has told the user why.
var errSaid = errors.New("cli: said")

// usageError is a command line with wrong usage.
type usageError struct{ text.Message }

func (e *usageError) Error() string { return e.InEnglish() }

// usage turns an error in the arguments into a usageError.
func usage(err error) error { return &usageError{text.Of(err)} }

// noArguments validates the arguments of a command that takes none.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	more := text.New("usage", "“calltray --help” lists the commands.")
	if cmd.HasParent() {
		return &usageError{text.New("usage", "calltray {{.Command}} takes no arguments.", "Command", cmd.Name())}
	}
	unknown := text.New("usage", "There is no command {{.Command}}.", "Command", text.Quote(args[0]))
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		unknown = unknown.And(text.New("usage", "Did you mean {{.Command}}?", "Command", text.Quote(near[0])))
	}
	return &usageError{unknown.And(more)}
}

// onlyLink validates the arguments of calltray itself: a telephone link is not a mistyped command. Some
// desktops split a link at its spaces.
func onlyLink(cmd *cobra.Command, args []string) error {
	if len(args) > 0 && dialplan.IsLink(strings.Join(args, " ")) {
		return nil
	}
	return noArguments(cmd, args)
}

// flagError says what is wrong with a flag.
func flagError(_ *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var value *pflag.InvalidValueError
	m := text.New("usage", "A flag cannot be read.")
	switch {
	case errors.As(err, &unknown):
		name := "--" + unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			name = name[1:]
		}
		m = text.New("usage", "There is no flag {{.Flag}}.", "Flag", text.Plain(name, text.MaxName))
	case errors.As(err, &missing):
		m = text.New("usage", "The flag {{.Flag}} needs a value.", "Flag", "--"+missing.GetFlag().Name)
	case errors.As(err, &value):
		m = text.New("usage", "{{.Value}} is no value for the flag {{.Flag}}.", "Value", text.Quote(value.GetValue()), "Flag", "--"+value.GetFlag().Name)
	}
	return &usageError{m.And(text.New("usage", "“calltray --help” lists the commands."))}
}

// Commands returns all commands, for generating their documentation. They cannot be run.
func Commands() *cobra.Command { return (&console{}).root() }

func (c *console) root() *cobra.Command {
	cobra.MousetrapHelpText = "" // a double click in Windows' Explorer starts the application
	root := &cobra.Command{
		Use:   "calltray [LINK]",
		Short: text.Say("See who calls your desk telephone, and use it from the screen"),
		Long: text.Say(`Calltray shows who is calling the telephone on your desk, and dials and hangs up for you.

Without a command it starts the application in the tray. A telephone link (tel:, callto:, sip:) goes to the
application, which asks before it calls.

The account comes from the application's settings and the system's keyring. These environment variables
override them: CALLTRAY_URL, CALLTRAY_USER, CALLTRAY_PASSWORD, CALLTRAY_PBX_DOMAIN, CALLTRAY_DEVICE.
There is no flag for the password, because other users of the computer could read it.`),
		Version:      app.Version,
		Args:         onlyLink,
		SilenceUsage: true,

		SuggestionsMinimumDistance: 2,
		SilenceErrors:              true,
		RunE:                       c.start,
	}
	root.SetVersionTemplate("calltray {{.Version}}\n" + builtFrom() + "\n")
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(usageTemplate())
	root.SetHelpCommand(&cobra.Command{Hidden: true}) // --help is enough
	root.CompletionOptions.HiddenDefaultCmd = true
	root.PersistentFlags().Bool("debug", false, text.Say("log everything to standard error, without secrets"))
	root.PersistentFlags().BoolP("help", "h", false, text.Say("show this help"))
	root.Flags().Bool(app.HiddenFlag, false, text.Say("start in the tray, without a window"))
	root.Flags().BoolP("version", "v", false, text.Say("print the version"))
	for _, group := range []struct {
		id, title string
		commands  []*cobra.Command
	}{
		{"calls", text.Say("Calls:"), append(c.callCommands(), c.dialCommand(), c.historyCommand(), c.noteCommand(), c.contactsCommand())},
		{"office", text.Say("Your telephone and the office:"), []*cobra.Command{c.dndCommand(), c.forwardCommand(), c.queueCommand(), c.colleaguesCommand(), c.monitorCommand()}},
		{"program", text.Say("Calltray itself:"), []*cobra.Command{c.settingsCommand(), c.logoutCommand(), c.resetCommand(), c.demoCommand(), c.pbxCommand(), c.checkCommand(), c.diagnosticsCommand()}},
	} {
		root.AddGroup(&cobra.Group{ID: group.id, Title: group.title})
		for _, cmd := range group.commands {
			cmd.GroupID = group.id
			root.AddCommand(cmd)
		}
	}
	return root
}

// usageTemplate is cobra's, in the user's language and without the parts that we do not use.
func usageTemplate() string {
	return strings.NewReplacer("USAGE", text.Say("Usage:"), "EXAMPLES", text.Say("Examples:"), "FLAGS", text.Say("Flags:"),
		"COMMAND", text.Say("COMMAND"), "MORE", text.Say("“calltray COMMAND --help” shows the help of a command.")).Replace(`USAGE
  {{.UseLine}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} [COMMAND]{{end}}{{if .HasExample}}

EXAMPLES
{{.Example}}{{end}}{{$root := .}}{{range $group := .Groups}}

{{.Title}}{{range $root.Commands}}{{if eq .GroupID $group.ID}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}

FLAGS
{{trimTrailingWhitespaces .Flags.FlagUsages}}{{if .HasAvailableSubCommands}}

MORE{{end}}
`)
}

// start is calltray without a command: the application in the tray, which receives the link, if any.
func (c *console) start(cmd *cobra.Command, args []string) error {
	o := app.Opening{Link: strings.Join(args, " ")}
	o.Hidden, _ = cmd.Flags().GetBool(app.HiddenFlag)
	if len(o.Link) > command.MaxWritten {
		return &usageError{text.New("usage", "This is too long for a telephone number: give one number.")}
	}
	level := slog.LevelInfo
	if debug, _ := cmd.Flags().GetBool("debug"); debug {
		level = slog.LevelDebug
	}
	said, err := app.Start(cmd.Context(), c.platform, o, c.logger(cmd), level)
	if err != nil || said.English == "" {
		return err
	}
	return c.say(said)
}

// logger logs to the standard error: warnings, and with --debug everything.
func (c *console) logger(cmd *cobra.Command) *slog.Logger {
	level := slog.LevelWarn
	if debug, _ := cmd.Flags().GetBool("debug"); debug {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(c.log, &slog.HandlerOptions{Level: level}))
}

// ownSession is the last paragraph of the help of a command that needs no running application.
func ownSession(help string) string {
	return fmt.Sprintf("%s\n\n%s", help, text.Say("The running application does it; when there is none, the command logs in by itself."))
}

// builtFrom returns what the program was built from: the commit, Go and Fyne.
func builtFrom() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	commit, changed := "unknown", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = " with changes"
		}
	}
	parts := []string{"commit " + commit + changed, info.GoVersion}
	for _, m := range info.Deps {
		if m.Path == "fyne.io/fyne/v2" {
			parts = append(parts, "Fyne "+m.Version)
		}
	}
	return strings.Join(parts, ", ")
}
