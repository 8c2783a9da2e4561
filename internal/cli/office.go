package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"calltray/cstasession/csta"
	"calltray/internal/command"
	"calltray/internal/text"
)

func (c *console) colleaguesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "colleagues",
		Short: text.Say("List the other extensions and what they are doing"),
		Long: text.Say(`Colleagues lists the other extensions of the PBX and what is going on at their telephones. Names that you gave
them come before the PBX's.

With --json every line is an object:
  extension name            the short number; "" while no name is known
  activity                  free, ringing, talking; unknown if nothing was reported since the login
  doNotDisturb forwardedTo  as reported by the PBX; "" if calls are not forwarded
  calls                     as in “monitor --json”

The running application does it; when there is none, the command logs in by itself: then the PBX reports which
extensions there are, but not what is going on there, nor in time how all of them are set.`),
		Args: noArguments,
	}
	asJSON := cmd.Flags().Bool("json", false, text.Say("print one JSON object per line"))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return list(c, cmd, *asJSON, colleagueText, text.New("no-colleagues", "The PBX reports no other extension."), command.Colleagues)
	}
	return cmd
}

func (c *console) queueCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "queue [list|in|out] [QUEUE]",
		Short: text.Say("List the queues, or sign in to one or out of it"),
		Long: ownSession(text.Say(`Queue in signs you in to a queue, so that its calls ring at your telephone; queue out signs you out. Without
a number it is every queue that you are a member of. Queue list lists the queues and the calls that wait.

With --json every line of the list is an object:
  queue name                   the short number; "" while no name is known
  waiting talking longestWait  now; the wait in seconds
  total answered missed        since the PBX began its day
  averageWait averageTalk      in seconds
  member signedIn              whether you are a member, and get its calls
  members                      the agents: extension, name, signedIn`)),
		Example: "  calltray queue in 400\n  calltray queue out\n  calltray queue list --json",
		Args:    cobra.ArbitraryArgs,
	}
	asJSON := cmd.Flags().Bool("json", false, text.Say("with list: print one JSON object per line"))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 0 || args[0] == command.List:
			if len(args) == 0 {
				args = []string{command.List}
			}
			return list(c, cmd, *asJSON, queueText, text.New("no-queues", "The PBX reports no queue."), command.Queue, args...)
		case *asJSON:
			return &usageError{text.New("usage", "Only “queue list” has the flag --json.")}
		}
		return c.do(cmd, command.Queue, args...)
	}
	return cmd
}

// list executes a command whose result is a list, and prints the items one per line: for people, or as JSON.
// none is printed for an empty list.
func list[T any](c *console, cmd *cobra.Command, asJSON bool, line func(T) string, none text.Message, name string, args ...string) error {
	response, err := c.ask(cmd, name, args...)
	if err != nil {
		return err
	}
	return items(c, response.List, asJSON, line, none)
}

// items prints the lines of a list: for people, or as JSON.
func items[T any](c *console, list json.RawMessage, asJSON bool, line func(T) string, none text.Message) error {
	var all []json.RawMessage
	if json.Unmarshal(list, &all) != nil {
		return otherVersion()
	}
	for _, raw := range all {
		var item T
		switch {
		case asJSON:
			if _, err := io.WriteString(c.raw, string(raw)+"\n"); err != nil {
				return written(err)
			}
			continue
		case json.Unmarshal(raw, &item) != nil:
			return otherVersion()
		}
		if err := c.line(line(item)); err != nil {
			return err
		}
	}
	if len(all) == 0 && !asJSON {
		return c.say(none)
	}
	return nil
}

func otherVersion() error {
	return text.Errorf("other-version", "The running Calltray is another version: quit it, and start it again.")
}

// colleagueText formats a colleague for people.
func colleagueText(l command.ColleagueLine) string {
	doing := map[string]string{"free": text.Say("free"), "ringing": text.Say("ringing"), "talking": text.Say("talking")}[l.Activity]
	if doing == "" {
		doing = text.Say("unknown")
	}
	if len(l.Calls) > 0 {
		doing += ": " + who(csta.Party{Number: l.Calls[0].Number, Name: l.Calls[0].Name})
	}
	if l.DoNotDisturb {
		doing += ", " + text.Say("do not disturb")
	}
	if l.ForwardedTo != "" {
		doing += ", " + text.Say("forwarded to {{.Number}}", "Number", text.ForwardedTo(l.ForwardedTo))
	}
	return fmt.Sprintf("%-6s  %-24s  %s", text.Plain(l.Extension, 20), text.Plain(l.Name, text.MaxName), doing)
}

// queueText formats a queue for people.
func queueText(l command.QueueLine) string {
	you := text.Say("not yours")
	switch {
	case l.SignedIn:
		you = text.Say("signed in")
	case l.Member:
		you = text.Say("signed out")
	}
	signedIn := 0
	for _, m := range l.Members {
		if m.SignedIn {
			signedIn++
		}
	}
	parts := []string{text.Say("{{.Count}} waiting", "Count", strconv.Itoa(l.Waiting))}
	if l.LongestWait > 0 {
		parts = append(parts, text.Say("longest wait {{.Time}}", "Time", text.Clock(time.Duration(l.LongestWait)*time.Second)))
	}
	parts = append(parts, text.Say("{{.Count}} talking", "Count", strconv.Itoa(l.Talking)),
		text.Say("{{.SignedIn}} of {{.Agents}} agents signed in", "SignedIn", strconv.Itoa(signedIn), "Agents", strconv.Itoa(len(l.Members))))
	return fmt.Sprintf("%-6s  %-24s  %-10s  %s", text.Plain(l.Queue, 20), text.Plain(l.Name, text.MaxName), you, strings.Join(parts, ", "))
}

// who formats a party's name and number.
func who(p csta.Party) string {
	if s := text.Person(p); s != "" {
		return s
	}
	return text.Say("an unknown number")
}
