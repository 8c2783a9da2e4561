package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/app"
	"calltray/internal/command"
	"calltray/internal/text"
)

func (c *console) monitorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "monitor",
		Short: text.Say("Print what happens at your telephone, as it happens"),
		Long: text.Say(`Monitor logs in and prints a line for every change: of the connection, of your calls, of do-not-disturb and
forwarding; with --office also of the other extensions and the queues. It runs until Ctrl-C, connects again by
itself when the connection is lost, and needs no display.

With --json every line is an object. One with “status” is the complete state:
  status     offline, connecting or online
  error      why it is not online, in English, for people to read
  code       the same for programs: it stays when the words change
  calls      the calls at your telephone, oldest first
    linkage callID deviceID   what the PBX calls the call, and your end of it
    phase                     ringing, calling, active, held; ended, once, then the call leaves the list
    direction number name     incoming, outgoing or unknown, and the other party
    via viaName               the queue or telephone through which it came, "" for a direct call
    cause                     the PBX's reason for the last change
    since                     when the present phase began
    consults                  the callID of your held call that this one asks about, "" for none
    conference                whether more than two people talk in it
    contact company note      what your contacts and the call history know of the other party; left out if nothing
  phone      how your telephone is set, as reported by the PBX
    doNotDisturb              on, off or unknown
    forwarding                rules: type (forwardImmediate, forwardBusy, forwardNoAns, ...), active, to, and
                              after how many seconds; null while not known
  trunk      with --office: whether the PBX reports colleagues and queues: on, off or unknown
  refused    services that the PBX says it does not have, with its reason

With --office there are two more kinds of lines, each with the whole value whenever something in it changes:
  colleague  another extension, as in “calltray colleagues --json”; its activity is unknown until the PBX has
             reported a call there
  queue      a queue, as in “calltray queue list --json”; removed is true when it no longer exists

Names of extensions are your own, where you gave some; else the PBX's.`),
		Args: noArguments,
	}
	asJSON := cmd.Flags().Bool("json", false, text.Say("print one JSON object per line"))
	office := cmd.Flags().Bool("office", false, text.Say("also print what happens at other extensions and in queues"))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		scope := command.ScopePhone
		if *office {
			scope = command.ScopeOffice
		}
		return command.WithSession(cmd.Context(), c.logger(cmd), scope, func(ctx context.Context, s *command.OwnSession) error {
			w := &eventWriter{device: s.Device, names: s.Names, write: (&textPrinter{print: c.line, names: s.Names}).write}
			if *asJSON {
				enc := json.NewEncoder(c.raw)
				enc.SetEscapeHTML(false)
				known := map[string]command.WhoLine{}
				w.write = func(_ any, line any) error {
					if state, ok := line.(command.StateLine); ok {
						for i := range state.Calls {
							tellWho(ctx, &state.Calls[i], known)
						}
					}
					return written(enc.Encode(line))
				}
			}
			return w.run(ctx, s)
		})
	}
	return cmd
}

// whoLimit is how long a line waits for the contacts.
const whoLimit = time.Second

// tellWho adds to a call what the contacts and the history know about the other party.
func tellWho(ctx context.Context, call *command.CallLine, known map[string]command.WhoLine) {
	number := csta.DeviceID(call.Number).Number()
	who, asked := known[number]
	if !asked && number != "" {
		ctx, cancel := context.WithTimeout(ctx, whoLimit)
		defer cancel()
		who = app.Who(ctx, number)
		if len(known) > 1000 {
			clear(known)
		}
		known[number] = who
	}
	call.Contact, call.Company, call.Note = who.Name, who.Company, who.Note
}

// eventWriter formats a session's events as lines.
type eventWriter struct {
	device string
	names  account.Names
	write  func(event, line any) error // its error is a sentence

	called map[string]string // colleagues' names, by number
	heard  map[string]bool   // calls were reported at these telephones since the session is online
}

// run writes until the context or the session ends, even if the output accepts no more.
func (w *eventWriter) run(ctx context.Context, s *command.OwnSession) error {
	ended := make(chan error, 1)
	go func() { // may hang in a write for ever: nothing waits for it then
		for {
			event, err := s.Event(ctx)
			if err == nil {
				err = w.event(event)
			}
			if err != nil {
				ended <- err
				return
			}
		}
	}()
	select {
	case err := <-ended:
		if errors.Is(err, context.Canceled) {
			return nil
		}
		return err
	case <-ctx.Done():
		return nil
	}
}

func (w *eventWriter) event(event any) error {
	now := time.Now()
	switch event := event.(type) {
	case csta.State:
		if event.Status != csta.Online {
			w.heard = nil
		}
		return w.write(event, command.NewStateLine(now, event))
	case csta.Colleague:
		if w.called == nil {
			w.called = map[string]string{}
		}
		if w.heard == nil {
			w.heard = map[string]bool{}
		}
		number := event.Device.Number()
		w.called[number] = event.Name
		w.heard[number] = w.heard[number] || len(event.Calls) > 0
		line := command.NewColleagueLine(event, w.heard[number])
		return w.write(event, command.OfficeLine{Time: command.Timestamp(now), Colleague: &line})
	case csta.Queue:
		line := command.NewQueueLine(event, w.device, func(extension string) string {
			return cmp.Or(command.OwnName(w.names, extension), w.called[extension])
		})
		return w.write(event, command.OfficeLine{Time: command.Timestamp(now), Queue: &line})
	}
	return nil
}

// textPrinter prints the changes from one state to the next as lines for people.
type textPrinter struct {
	print func(line string) error
	names account.Names

	// What was printed last:
	status     string
	calls      map[csta.ConnectionID]string
	dnd        csta.Switch
	forwarding string
	refused    map[string]string
	others     map[string]string // of a colleague or a queue, by number
}

// write prints what is new in an event; line is its JSON form.
func (p *textPrinter) write(event, line any) error {
	var lines []string
	switch line := line.(type) {
	case command.StateLine:
		lines = p.changes(event.(csta.State))
	case command.OfficeLine:
		lines = p.other(line)
	}
	now := time.Now().Format(time.TimeOnly)
	for _, l := range lines {
		if err := p.print(now + "  " + l); err != nil {
			return err
		}
	}
	return nil
}

func (p *textPrinter) changes(st csta.State) (lines []string) {
	status := text.StatusWord(st.Status)
	if st.Err != nil {
		status += ": " + text.Explain(st.Err)
	}
	if status != p.status {
		p.status = status
		lines = append(lines, status)
	}
	if is := st.Telephone.DoNotDisturb; is != p.dnd && is != csta.Unknown {
		p.dnd = is
		lines = append(lines, command.DoNotDisturbIs(is).String())
	}
	if rules := st.Telephone.Forwarding; rules != nil {
		if is := command.ForwardingIs(rules, p.party).String(); is != p.forwarding {
			p.forwarding = is
			lines = append(lines, is)
		}
	}
	for _, service := range slices.Sorted(maps.Keys(st.Refused)) {
		if _, told := p.refused[service]; !told {
			lines = append(lines, text.RefusedWords(service, st.Refused[service]))
		}
	}
	p.refused = st.Refused
	calls := make(map[csta.ConnectionID]string)
	for _, c := range st.Calls {
		line := callText(c)
		if c.Phase != csta.Ended {
			calls[c.ID] = line
		}
		if p.calls[c.ID] != line {
			lines = append(lines, line)
		}
	}
	p.calls = calls
	return lines
}

// callText formats a call for people.
func callText(c csta.Call) string {
	line := fmt.Sprintf("%-10s  %-8s  %s", text.PhaseWord(c), directionWord(c.Direction), who(c.Remote))
	if c.Via != "" {
		line += "  " + text.ViaLine(c)
	}
	if c.Phase == csta.Ended {
		line += "  " + text.OutcomeWord(c)
	}
	return line
}

// directionWord names a direction, "" if it is not known.
func directionWord(d csta.Direction) string {
	switch d {
	case csta.Incoming:
		return text.Say("incoming")
	case csta.Outgoing:
		return text.Say("outgoing")
	}
	return ""
}

// party returns who has a number.
func (p *textPrinter) party(number string) csta.Party {
	return csta.Party{Number: number, Name: command.OwnName(p.names, number)}
}

// other returns the line about a colleague or a queue, if its text has changed.
func (p *textPrinter) other(l command.OfficeLine) []string {
	var number, line string
	if q := l.Queue; q != nil {
		number = q.Queue
		line = text.Say("queue {{.Queue}}", "Queue", queueText(*q))
		if q.Removed {
			line = text.Say("The queue {{.Queue}} no longer exists.", "Queue", who(csta.Party{Number: q.Queue, Name: q.Name}))
		}
	} else {
		number, line = l.Colleague.Extension, colleagueText(*l.Colleague)
	}
	if p.others == nil {
		p.others = map[string]string{}
	}
	if p.others[number] == line {
		return nil
	}
	p.others[number] = line
	return []string{line}
}
