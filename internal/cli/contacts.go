package cli

import (
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
		Use:   "contacts [import FILE|remove FILE|list|find TEXT|refresh]",
		Short: text.Say("Import contacts and look for them"),
		Long: text.Say(`Contacts import makes a file of contacts, or a folder of them, a source of names: CSV as Outlook and Google export
it, or vCard. Calltray only reads it, and reads it again when it changes. Contacts remove takes a file away again,
list shows the files, refresh reads all of them now, and find looks for contacts by name, company or number.

With --json every line of list, refresh and find is an object:
  source contacts refreshed error   a file, how many contacts it gave and when, and why it cannot be read
  name company numbers own          a contact; own if you wrote it yourself`),
		Example: "  calltray contacts import ~/contacts.vcf\n  calltray contacts find anna",
		Args:    cobra.ArbitraryArgs,
	}
	asJSON := cmd.Flags().Bool("json", false, text.Say("print one JSON object per line"))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			args = []string{command.List}
		}
		switch args[0] {
		case command.Find:
			args = []string{command.Find, strings.Join(args[1:], " ")}
		case command.Import, command.Remove:
			if len(args) != 2 {
				return &usageError{text.New("usage", "Usage: calltray {{.Usage}}.", "Usage", "contacts "+args[0]+" FILE")}
			}
			path, err := filepath.Abs(args[1]) // the application runs in another folder
			if err != nil {
				return err
			}
			args[1] = path
		}
		response, err := app.Contacts(cmd.Context(), args...)
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

// sources prints where contacts come from.
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
			state += ", " + text.Say("cannot be read now: {{.Cause}}", "Cause", text.Plain(l.Error, text.MaxWords))
		}
		return strings.TrimRight(fmt.Sprintf("%6s  %s  %s", strconv.Itoa(l.Contacts), text.Plain(name, 200), strings.TrimPrefix(state, ", ")), " ")
	}, text.New("no-contacts", "No contact is found."))
}
