package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"calltray/internal/account"
	"calltray/internal/app"
	"calltray/internal/text"
)

func (c *console) settingsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "settings",
		Short: text.Say("Read and change the settings"),
		Long: text.Say(`Settings reads and changes the settings, which are those of the window. They are kept in a file; the keys are
the same there. What is changed counts at once, also for the running application. A setting that your administrator
has locked is not changed.`),
		Example: "  calltray settings list\n  calltray settings set language da\n  calltray settings password < secret.txt",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	list := &cobra.Command{
		Use:   "list",
		Short: text.Say("Print every setting, as the file has it"),
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return c.listSettings(cmd) },
	}
	list.Flags().Bool("json", false, text.Say("print one JSON object"))
	cmd.AddCommand(list, &cobra.Command{
		Use:               "get KEY",
		Short:             text.Say("Print one setting"),
		Args:              settingArguments(1, "get KEY"),
		ValidArgsFunction: completeKey,
		RunE: func(_ *cobra.Command, args []string) error {
			saved, err := account.Load()
			if err := c.warn(err); err != nil {
				return err
			}
			return c.line(saved.Get(account.Field(args[0])))
		},
	}, &cobra.Command{
		Use:               "set KEY VALUE",
		Short:             text.Say("Change one setting; “” is for none"),
		Args:              settingArguments(2, "set KEY VALUE"),
		ValidArgsFunction: completeKey,
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.ChangeSetting(cmd.Context(), account.Field(args[0]), strings.TrimSpace(args[1]))
		},
	}, &cobra.Command{
		Use:   "password",
		Short: text.Say("Keep the password that is read from standard input"),
		Long: text.Say(`Password reads the password from standard input, keeps it in the keyring of this computer, and has the running
application log in with it. It is no argument, because other users of the computer could read it there.`),
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.password(cmd) },
	})
	return cmd
}

// settingArguments validates the arguments of a command whose first one is the key of a setting.
func settingArguments(count int, use string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != count {
			return &usageError{text.New("usage", "Usage: calltray {{.Usage}}.", "Usage", "settings "+use)}
		}
		if key := account.Field(args[0]); !key.Known() {
			_, err := account.Settings{}.With(key, "")
			return usage(err)
		}
		return nil
	}
}

func completeKey(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var keys []string
	if len(args) == 0 {
		for _, key := range account.Keys() {
			keys = append(keys, string(key))
		}
	}
	return keys, cobra.ShellCompDirectiveNoFileComp
}

// warn prints which settings are ignored, and returns the error if none can be read.
func (c *console) warn(err error) error {
	if errors.Is(err, account.ErrIgnored) {
		return written(c.errors.Line("calltray: " + text.Explain(err)))
	}
	return err
}

func (c *console) listSettings(cmd *cobra.Command) error {
	saved, err := account.Load()
	if err := c.warn(err); err != nil {
		return err
	}
	managed, _ := account.LoadManaged()
	if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
		return written(json.NewEncoder(c.raw).Encode(saved.All()))
	}
	for _, key := range account.Keys() {
		value := saved.Get(key)
		if _, is := saved.All()[string(key)].(string); is {
			value = strconv.Quote(value)
		}
		line := fmt.Sprintf("%s = %s", key, value)
		if managed.Locks(key) {
			line += "  # " + text.Say("Set by your administrator.")
		}
		if err := c.line(line); err != nil {
			return err
		}
	}
	return nil
}

// maxPassword is how long a password may be, in bytes.
const maxPassword = 1 << 10

func (c *console) password(cmd *cobra.Command) error {
	password, err := c.readPassword()
	if err != nil {
		return err
	}
	return app.SetPassword(cmd.Context(), password)
}

// readPassword reads a line from standard input; a terminal does not echo it.
func (c *console) readPassword() (string, error) {
	var line []byte
	var err error
	if f, is := c.in.(*os.File); is && term.IsTerminal(int(f.Fd())) {
		if err := c.errors.Line(text.Say("Type the password, and press Enter:")); err != nil {
			return "", written(err)
		}
		line, err = term.ReadPassword(int(f.Fd()))
	} else {
		line, err = io.ReadAll(io.LimitReader(c.in, maxPassword+3))
	}
	password := strings.TrimRight(string(line), "\r\n")
	switch {
	case err != nil:
		return "", &text.Error{Err: err, Message: text.New("password", "The password cannot be read from standard input.")}
	case password == "":
		return "", text.Errorf("password", "There is no password on standard input.")
	case len(password) > maxPassword || strings.ContainsAny(password, "\r\n\x00"):
		return "", text.Errorf("password", "What is on standard input is no password: it must be one line of at most 1024 characters.")
	}
	return password, nil
}

func (c *console) logoutCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "logout",
		Short: text.Say("Forget the password, and end the session"),
		Long: text.Say(`Logout removes the password from the keyring and ends the session of the running application, which stays in
the tray. The settings stay, too. Calls go on at the telephone.`),
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := app.Logout(cmd.Context()); err != nil {
				return err
			}
			return c.say(text.New("logged-out", "Logged out: the password is forgotten."))
		},
	}
}

func (c *console) resetCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reset",
		Short: text.Say("Remove everything of yours that Calltray keeps, after asking"),
		Long: text.Say(`Reset lists what Calltray keeps of you on this computer (settings, password, log, the start at login), asks,
and removes it. The program itself stays.`),
		Args: noArguments,
	}
	yes := cmd.Flags().BoolP("yes", "y", false, text.Say("do not ask"))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		nothing := false
		done, err := app.Reset(cmd.Context(), func(list []app.Removal) bool {
			if nothing = len(list) == 0; nothing {
				return false
			}
			return c.agree(list, *yes)
		})
		switch {
		case err != nil:
			return err
		case nothing:
			return c.say(text.New("nothing-to-reset", "There is nothing to remove."))
		case !done:
			return c.say(text.New("not-reset", "Nothing was removed."))
		}
		return c.say(text.New("reset", "Removed."))
	}
	return cmd
}

// agree lists what would be removed, and asks for confirmation.
func (c *console) agree(list []app.Removal, yes bool) bool {
	for _, r := range list {
		if c.line("  "+text.Plain(r.What, 300)) != nil {
			return false // a user who cannot read it cannot agree
		}
	}
	if yes {
		return true
	}
	if c.line(text.Say("Remove all of this? Type y and press Enter:")) != nil {
		return false
	}
	answer, _ := bufio.NewReader(io.LimitReader(c.in, 100)).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes", "j", "ja":
		return true
	}
	return false
}
