package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"calltray/cstasession"
	"calltray/dialplan"
)

func monitorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "monitor",
		Short: "Print what happens at your telephone, as it happens",
		Long: `Monitor logs in and prints a line for every change: the connection comes and goes, calls come and go.
It runs until Ctrl-C, connects again by itself when the connection is lost, and needs no display.

With --json every line is an object with the complete state:
  status     offline, connecting or online
  error      why it is not online, for people to read
  calls      the calls at your telephone, oldest first
    linkage callID deviceID   what the PBX calls the call, and your end of it
    phase                     ringing, calling, active, held; ended, once, then the call leaves the list
    direction number name     incoming or outgoing, and the other party
    via                       the queue or telephone through which it came, "" for a direct call
    cause                     the PBX's reason for the last change
    since                     when the present phase began`,
		Args: wordless,
	}
	asJSON := cmd.Flags().Bool("json", false, "print one JSON object per line")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		show := (&teller{out: cmd.OutOrStdout()}).tell
		if *asJSON {
			enc := json.NewEncoder(cmd.OutOrStdout())
			enc.SetEscapeHTML(false)
			show = func(st cstasession.State) error { return enc.Encode(newStateLine(time.Now(), st)) }
		}
		return withSession(cmd, scopeCalls, func(ctx context.Context, l *line) error {
			for {
				st, err := l.news.next(ctx)
				if errors.Is(err, context.Canceled) {
					return nil
				}
				if err != nil {
					return err
				}
				if err := show(st); err != nil {
					return sentence(fmt.Sprintf("The output cannot be written (%v), so monitoring has ended.", err))
				}
			}
		})
	}
	return cmd
}

// stateLine is a line of monitor --json. Programs read it: fields may be added, and never change.
type stateLine struct {
	Time   string     `json:"time"`
	Status string     `json:"status"`
	Error  string     `json:"error"`
	Calls  []callLine `json:"calls"`
}

type callLine struct {
	Linkage   string `json:"linkage"`
	CallID    string `json:"callID"`
	DeviceID  string `json:"deviceID"`
	Phase     string `json:"phase"`
	Direction string `json:"direction"`
	Number    string `json:"number"`
	Name      string `json:"name"`
	Via       string `json:"via"`
	Cause     string `json:"cause"`
	Since     string `json:"since"`
}

func newStateLine(now time.Time, st cstasession.State) stateLine {
	line := stateLine{Time: timestamp(now), Status: st.Status.String(), Calls: newCallLines(st.Calls)}
	if st.Err != nil {
		line.Error = explain(st.Err)
	}
	return line
}

func newCallLines(calls []cstasession.Call) []callLine {
	lines := []callLine{}
	for _, c := range calls {
		lines = append(lines, callLine{
			Linkage:   c.Linkage,
			CallID:    c.ID.CallID,
			DeviceID:  string(c.ID.DeviceID),
			Phase:     c.Phase.String(),
			Direction: c.Direction.String(),
			Number:    c.Remote.Number,
			Name:      c.Remote.Name,
			Via:       c.Via,
			Cause:     string(c.Cause),
			Since:     timestamp(c.Since),
		})
	}
	return lines
}

// timestamp is RFC 3339 in UTC, always with milliseconds: lines can be sorted as text.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// teller writes the changes from one state to the next as lines for people.
type teller struct {
	out    io.Writer
	status string
	calls  map[cstasession.ConnectionID]string
}

func (t *teller) tell(st cstasession.State) error {
	now := time.Now().Format(time.TimeOnly)
	status := st.Status.String()
	if st.Err != nil {
		status += ": " + explain(st.Err)
	}
	if status != t.status {
		t.status = status
		if _, err := fmt.Fprintf(t.out, "%s  %s\n", now, status); err != nil {
			return err
		}
	}
	calls := make(map[cstasession.ConnectionID]string)
	for _, c := range st.Calls {
		line := fmt.Sprintf("%-8s  %-8s  %s", c.Phase, c.Direction, person(c.Remote))
		if c.Via != "" {
			line += "  via " + format(c.Via)
		}
		if c.Phase == cstasession.Ended {
			line += "  " + c.Outcome.String()
		} else {
			calls[c.ID] = line
		}
		if t.calls[c.ID] == line {
			continue
		}
		if _, err := fmt.Fprintf(t.out, "%s  %s\n", now, line); err != nil {
			return err
		}
	}
	t.calls = calls
	return nil
}

func format(number string) string { return dialplan.Format(number) }
