package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/dialplan"
)

func monitorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "monitor",
		Short: "Print what happens at your telephone, as it happens",
		Long: `Monitor logs in and prints a line for every change: the connection comes and goes, calls come and go,
do-not-disturb and forwarding are set; with --office also what happens at other extensions and in queues. It
runs until Ctrl-C, connects again by itself when the connection is lost, and needs no display.

With --json every line is an object. One with "status" is the complete state:
  status     offline, connecting or online
  error      why it is not online, for people to read
  calls      the calls at your telephone, oldest first
    linkage callID deviceID   what the PBX calls the call, and your end of it
    phase                     ringing, calling, active, held; ended, once, then the call leaves the list
    direction number name     incoming or outgoing, and the other party
    via viaName               the queue or telephone through which it came, "" for a direct call
    cause                     the PBX's reason for the last change
    since                     when the present phase began
    consults                  the callID of your held call that this one asks about, "" for none
    conference                whether more than two talk in it
  phone      how your telephone is set, as the PBX told it
    doNotDisturb              on, off or unknown
    forwarding                rules: type (forwardImmediate, forwardBusy, forwardNoAns, ...), active, to, and
                              after how many seconds; null while not known
  trunk      with --office: whether the PBX tells of colleagues and queues: on, off or unknown
  refused    services that the PBX says it does not have, with its reason

With --office there are lines of two more kinds, each with the whole value whenever something about it changes:
  colleague  another extension, as in "calltray colleagues --json"; its activity is unknown until the PBX
             has told of a call there
  queue      a queue, as in "calltray queue list --json"; removed is true when it exists no more

Names of extensions are your own, where you gave some; else the PBX's.`,
		Args: wordless,
	}
	asJSON := cmd.Flags().Bool("json", false, "print one JSON object per line")
	wide := cmd.Flags().Bool("office", false, "also print what happens at other extensions and in queues")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		scope := scopePhone
		if *wide {
			scope = scopeOffice
		}
		return withSession(cmd, scope, func(ctx context.Context, l *line) error {
			w := &watcher{device: l.device, names: l.names, show: (&teller{out: cmd.OutOrStdout(), names: l.names}).tell}
			if *asJSON {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetEscapeHTML(false)
				w.show = func(_ any, line any) error { return enc.Encode(line) }
			}
			for {
				news, err := l.news.any(ctx)
				if errors.Is(err, context.Canceled) {
					return nil
				}
				if err != nil {
					return err
				}
				if err := w.watch(news); err != nil {
					return sentence(fmt.Sprintf("The output cannot be written (%v), so monitoring has ended.", err))
				}
			}
		})
	}
	return cmd
}

// watcher makes lines of news.
type watcher struct {
	device string
	names  account.Names
	show   func(news, line any) error

	called map[string]string // colleagues' names, by number
	heard  map[string]bool   // of whose telephones a call was told since the session is online
}

func (w *watcher) watch(news any) error {
	now := time.Now()
	switch news := news.(type) {
	case csta.State:
		if news.Status != csta.Online {
			w.heard = nil
		}
		return w.show(news, newStateLine(now, news))
	case csta.Colleague:
		if w.called == nil {
			w.called = map[string]string{}
		}
		if w.heard == nil {
			w.heard = map[string]bool{}
		}
		number := news.Device.Number()
		w.called[number] = news.Name
		w.heard[number] = w.heard[number] || len(news.Calls) > 0
		line := newColleagueLine(news, w.heard[number])
		return w.show(news, officeLine{Time: timestamp(now), Colleague: &line})
	case csta.Queue:
		line := newQueueLine(news, w.device, func(extension string) string { return cmp.Or(mine(w.names, extension), w.called[extension]) })
		return w.show(news, officeLine{Time: timestamp(now), Queue: &line})
	}
	return nil
}

// teller writes the changes from one state to the next as lines for people.
type teller struct {
	out   io.Writer
	names account.Names

	// What was told last:
	status     string
	calls      map[csta.ConnectionID]string
	dnd        csta.Switch
	forwarding string
	refused    map[string]string
	others     map[string]string // of a colleague or a queue, by number
}

// tell writes what is new in the news, of which the line is made.
func (t *teller) tell(news, line any) error {
	var lines []string
	switch line := line.(type) {
	case stateLine:
		lines = t.changes(news.(csta.State))
	case officeLine:
		lines = t.other(line)
	}
	now := time.Now().Format(time.TimeOnly)
	for _, l := range lines {
		if _, err := fmt.Fprintf(t.out, "%s  %s\n", now, l); err != nil {
			return err
		}
	}
	return nil
}

func (t *teller) changes(st csta.State) (lines []string) {
	status := st.Status.String()
	if st.Err != nil {
		status += ": " + explain(st.Err)
	}
	if status != t.status {
		t.status = status
		lines = append(lines, status)
	}
	if is := st.Telephone.DoNotDisturb; is != t.dnd && is != csta.Unknown {
		t.dnd = is
		lines = append(lines, "do-not-disturb is "+switches[is])
	}
	if rules := st.Telephone.Forwarding; rules != nil {
		if is := forwarded(rules, t.whom); is != t.forwarding {
			t.forwarding = is
			lines = append(lines, is)
		}
	}
	for _, service := range slices.Sorted(maps.Keys(st.Refused)) {
		if _, told := t.refused[service]; !told {
			lines = append(lines, fmt.Sprintf("the PBX does not offer %s: it says %q", service, st.Refused[service]))
		}
	}
	t.refused = st.Refused
	calls := make(map[csta.ConnectionID]string)
	for _, c := range st.Calls {
		line := fmt.Sprintf("%-8s  %-8s  %s", c.Phase, c.Direction, person(c.Remote))
		if c.Via != "" {
			line += "  via " + person(csta.Party{Number: c.Via, Name: c.ViaName})
		}
		if !c.Consults.IsZero() {
			line += "  asked about a held call"
		}
		if c.Conference {
			line += "  in a conference"
		}
		if c.Phase == csta.Ended {
			line += "  " + c.Outcome.String()
		} else {
			calls[c.ID] = line
		}
		if t.calls[c.ID] != line {
			lines = append(lines, line)
		}
	}
	t.calls = calls
	return lines
}

// whom says who has a number.
func (t *teller) whom(number string) string {
	return person(csta.Party{Number: number, Name: mine(t.names, number)})
}

// other tells of a colleague or a queue, if what people read of it has changed.
func (t *teller) other(l officeLine) []string {
	var number, line string
	if q := l.Queue; q != nil {
		if number, line = q.Queue, "queue  "+q.String(); q.Removed {
			line = "queue  " + person(csta.Party{Number: q.Queue, Name: q.Name}) + " exists no more"
		}
	} else {
		number, line = l.Colleague.Extension, l.Colleague.String()
	}
	if t.others == nil {
		t.others = map[string]string{}
	}
	if t.others[number] == line {
		return nil
	}
	t.others[number] = line
	return []string{line}
}

func format(number string) string { return dialplan.Format(number) }
