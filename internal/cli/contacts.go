package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"calltray/internal/app"
	"calltray/internal/command"
	"calltray/internal/text"
)

func (c *console) contactsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "contacts [import SOURCE|test SOURCE|remove SOURCE|list|find TEXT|refresh]",
		Short: text.Say("Import contacts and look for them"),
		Long: text.Say(`Contacts import makes a file, a folder or a server a source of names. Calltray only reads it, and reads it again when
it changes. Test reads it without keeping anything, remove takes it away again, list shows the sources, refresh reads
all of them now, and find looks for contacts by name, company or number.

A source is a file or a folder: CSV as Outlook and Google export it, or vCard;
  https://user@host/path            a CardDAV server: all address books of a user, or the one at the path
  ldaps://user@host/base            an LDAP directory: everybody with a number below the base; ldap:// uses StartTLS
Characters in the user that an address cannot hold are written as in a browser: %40 is @, %2C is a comma. The password
is read from standard input, and kept in the keyring.

With --json every line of list, refresh and find is an object:
  source contacts refreshed         where contacts come from, how many they are, and when they were read
  error cause                       why the source cannot be read now
  name company numbers own          a contact; own if you wrote it yourself`),
		Example: "  calltray contacts import ~/contacts.vcf\n  calltray contacts import https://anna@cloud.example.dk/\n  calltray contacts find anna",
		Args:    cobra.ArbitraryArgs,
	}
	asJSON := cmd.Flags().Bool("json", false, text.Say("print one JSON object per line"))
	again := cmd.Flags().Bool("password", false, text.Say("read the password again, although the keyring has one"))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			args = []string{command.List}
		}
		forget := func() {}
		switch args[0] {
		case command.Find:
			args = []string{command.Find, strings.Join(args[1:], " ")}
		case command.Import, command.Test, command.Remove:
			if len(args) != 2 {
				return &usageError{text.New("usage", "Usage: calltray {{.Usage}}.", "Usage", "contacts "+args[0]+" SOURCE")}
			}
			var err error
			if !app.IsServer(args[1]) {
				args[1], err = filepath.Abs(args[1]) // the running application has another working directory
			} else if args[0] != command.Remove {
				forget, err = c.serverPassword(cmd.Context(), args[1], *again)
			}
			if err != nil {
				return err
			}
		}
		response, err := app.Contacts(cmd.Context(), args...)
		if err != nil || args[0] == command.Test {
			forget()
		}
		if err != nil {
			return err
		}
		switch args[0] {
		case command.Find:
			return c.found(response, *asJSON)
		case command.List, command.Refresh:
			return c.sources(response, *asJSON)
		}
		return c.say(response.Message)
	}
	return cmd
}

// serverPassword stores the password of a server in the keyring, if there is none or a new one is wanted. The
// function it returns removes a new one again.
func (c *console) serverPassword(ctx context.Context, address string, again bool) (forget func(), err error) {
	forget = func() {}
	user, err := app.ServerUser(address)
	if err != nil || user == "" {
		return forget, err
	}
	had := app.HasServerPassword(ctx, address)
	if had && !again {
		return forget, nil
	}
	password, err := c.readPassword()
	if err != nil {
		return forget, err
	}
	if !had {
		forget = func() { _ = app.KeepServerPassword(ctx, address, "") }
	}
	return forget, app.KeepServerPassword(ctx, address, password)
}

// found prints contacts.
func (c *console) found(response command.Response, asJSON bool) error {
	return items(c, response.List, asJSON, func(l command.ContactLine) string {
		var numbers []string
		for _, n := range l.Numbers {
			numbers = append(numbers, strings.TrimSpace(text.ShownNumber(n.Number)+" "+text.Plain(n.Label, text.MaxName)))
		}
		return fmt.Sprintf("%-28s  %-24s  %s", text.Plain(l.Name, text.MaxName), text.Plain(l.Company, text.MaxName), strings.Join(numbers, ", "))
	}, text.New("no-contacts", "No contact is found."))
}

// sources prints the sources of contacts.
func (c *console) sources(response command.Response, asJSON bool) error {
	return items(c, response.List, asJSON, func(l command.SourceLine) string {
		name, state := l.Source, ""
		if name == "" {
			name = text.Say("Your own contacts")
		}
		if at, err := time.Parse(time.RFC3339, l.Refreshed); err == nil {
			state = text.Say("read {{.When}}", "When", text.Day(at, time.Now())+" "+text.TimeOfDay(at))
		}
		if l.Error != "" {
			state += ", " + app.SourceTrouble(l.Source, l.Error, l.Cause).String()
		}
		return strings.TrimRight(fmt.Sprintf("%6s  %s  %s", strconv.Itoa(l.Contacts), text.Plain(name, 200), strings.TrimPrefix(state, ", ")), " ")
	}, text.New("no-contacts", "No contact is found."))
}
