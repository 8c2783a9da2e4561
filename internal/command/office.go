package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"calltray/cstasession/csta"
	"calltray/internal/command"
)

func colleaguesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "colleagues",
		Short: "List the other extensions of the PBX, and what they are doing",
		Long: `Colleagues lists the other extensions of the PBX with what goes on at their telephones. Your own names for
them go before the PBX's.

With --json every line is an object:
  extension name            the short number; "" while no name is known
  activity                  free, ringing, talking; unknown if nothing was told since the login
  doNotDisturb forwardedTo  as far as the PBX told; "" if calls are not forwarded
  calls                     as of "monitor --json"

It asks the running application, and logs in by itself when there is none: then a PBX tells which extensions
there are, but not what goes on there, nor in time how they are all set.`,
		Args: wordless,
	}
	asJSON := cmd.Flags().Bool("json", false, "print one JSON object per line")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		r, err := request(command.Colleagues)
		if err != nil {
			return err
		}
		return askForList(cmd, r, *asJSON, colleagueLine.String, "The PBX tells of no other extension.")
	}
	return cmd
}

func queueCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "queue [list|in|out] [QUEUE]",
		Short: "List the queues of the PBX, or sign in to one, or out of it",
		Long: `Queue in signs you in to a queue, so that its calls ring at your telephone; queue out signs you out. Without
a number it is all queues that have you as a member. Queue list lists them with the calls that wait.

With --json every line of the list is an object:
  queue name                             the short number; "" while no name is known
  waiting talking longestWait            now; the wait in seconds
  total answered missed                  of the PBX's present day
  averageWait averageTalk                in seconds
  member signedIn                        whether you are in it, and get its calls
  members                                the agents: extension, name, signedIn

It asks the running application, and logs in by itself when there is none.`,
		Example: "  calltray queue in 400\n  calltray queue out\n  calltray queue list --json",
		Args:    cobra.ArbitraryArgs,
	}
	asJSON := cmd.Flags().Bool("json", false, "of list: print one JSON object per line")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			args = []string{command.List}
		}
		r, err := request(command.Queue, args...)
		switch {
		case err != nil:
			return err
		case r.Args[0] == command.List:
			return askForList(cmd, r, *asJSON, queueLine.String, "The PBX tells of no queue.")
		case *asJSON:
			return usageError{fmt.Errorf("--json belongs to queue list")}
		}
		return ask(cmd, r)
	}
	return cmd
}

// String is the line for people.
func (l colleagueLine) String() string {
	doing := l.Activity
	for _, c := range l.Calls {
		doing += ": " + person(csta.Party{Number: c.Number, Name: c.Name})
		break
	}
	if l.DoNotDisturb {
		doing += ", do-not-disturb"
	}
	if l.ForwardedTo != "" {
		doing += ", forwarded to " + format(l.ForwardedTo)
	}
	return strings.TrimRight(fmt.Sprintf("%-6s  %-24s  %s", l.Extension, l.Name, doing), " ")
}

// String is the line for people.
func (l queueLine) String() string {
	you := "not yours"
	if l.Member {
		you = "signed out"
	}
	if l.SignedIn {
		you = "signed in"
	}
	signedIn := 0
	for _, m := range l.Members {
		if m.SignedIn {
			signedIn++
		}
	}
	waiting := fmt.Sprintf("%d waiting", l.Waiting)
	if l.LongestWait > 0 {
		waiting += fmt.Sprintf(" (longest %v)", time.Duration(l.LongestWait)*time.Second)
	}
	return fmt.Sprintf("%-6s  %-24s  %-10s  %s, %d talking, %d of %d agents signed in", l.Queue, l.Name, you, waiting, l.Talking, signedIn, len(l.Members))
}

// sees reports, in a sentence, that the PBX tells nothing of colleagues and queues.
func (s seat) sees() error {
	if s.state.Trunk == csta.On {
		return nil
	}
	return sentence("The PBX does not tell this account of colleagues and queues: ask its administrator to allow monitoring of the trunk.")
}

func colleagues(_ context.Context, s seat, _ []string) (outcome, error) {
	if err := s.sees(); err != nil {
		return outcome{}, err
	}
	list := []colleagueLine{}
	for _, c := range s.Colleagues() {
		list = append(list, newColleagueLine(overlayColleague(c, s.names), !s.fresh))
	}
	return outcome{list: list}, nil
}

func queue(ctx context.Context, s seat, args []string) (outcome, error) {
	if err := s.sees(); err != nil {
		return outcome{}, err
	}
	var chosen []csta.Queue
	for _, q := range s.Queues() {
		_, member := q.Member(csta.DeviceID(s.device))
		if len(args) > 1 && q.Device.Number() == args[1] || len(args) == 1 && (member || args[0] == command.List) {
			chosen = append(chosen, overlayQueue(q, s.names))
		}
	}
	switch {
	case len(chosen) == 0 && len(args) > 1:
		return outcome{}, sentence("The PBX tells of no queue " + args[1] + `: "calltray queue list" lists those that there are.`)
	case args[0] == command.List:
		return s.listQueues(chosen), nil
	case len(chosen) == 0:
		return outcome{}, sentence("You are a member of no queue that the PBX tells of.")
	}
	in := args[0] == command.In
	var done []string
	for _, q := range chosen {
		if err := s.SetQueueMember(ctx, q.Device, in); err != nil {
			if len(done) > 0 {
				return outcome{}, sentence(fmt.Sprintf("%s, but not %s: %s", signedTo(in, done), queueName(q), explain(err)))
			}
			return outcome{}, err
		}
		done = append(done, queueName(q))
	}
	return outcome{said: signedTo(in, done) + "."}, nil
}

func (s seat) listQueues(queues []csta.Queue) outcome {
	names := map[string]string{}
	for _, c := range s.Colleagues() {
		names[c.Device.Number()] = c.Name
	}
	list := []queueLine{}
	for _, q := range queues {
		list = append(list, newQueueLine(q, s.device, func(extension string) string { return cmp.Or(mine(s.names, extension), names[extension]) }))
	}
	return outcome{list: list}
}

func queueName(q csta.Queue) string {
	return person(csta.Party{Number: q.Device.Number(), Name: q.Name})
}

// signedTo says what was done: "Signed in to Salg (400) and Support (401)".
func signedTo(in bool, queues []string) string {
	last := len(queues) - 1
	all := queues[last]
	if last > 0 {
		all = strings.Join(queues[:last], ", ") + " and " + all
	}
	if in {
		return "Signed in to " + all
	}
	return "Signed out of " + all
}
