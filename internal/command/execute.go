package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"calltray/cstasession"
	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/command"
	"calltray/internal/control"
)

// seat is a session as a service finds it: what is known there, and what the user calls the others.
type seat struct {
	*cstasession.Session
	state  csta.State // with the user's names
	names  account.Names
	device string // the user's own extension
	fresh  bool   // logged in a moment ago: what went on before, a PBX need not tell
}

// outcome is what a service did: a sentence, or a list for the command to print.
type outcome struct {
	said string
	list any
}

// services are what the commands do at the PBX, by the name of their request. It does not matter whose
// session it is, the running application's or one of the command's own.
var services = map[string]struct {
	do    func(ctx context.Context, s seat, args []string) (outcome, error)
	knows scope // what a session has to know for it
}{
	command.HangUp:       {hangUp, scopeCalls},
	command.Answer:       {answer, scopeCalls},
	command.Hold:         {hold, scopeCalls},
	command.Resume:       {resume, scopeCalls},
	command.Transfer:     {transfer, scopeCalls},
	command.Deflect:      {deflect, scopeCalls},
	command.PickUp:       {pickUp, scopeOffice},
	command.Digits:       {digits, scopeCalls},
	command.DoNotDisturb: {doNotDisturb, scopePhone},
	command.Forward:      {forward, scopePhone},
	command.Queue:        {queue, scopeOffice},
	command.Colleagues:   {colleagues, scopeOffice},
}

// serve carries out a request. Its errors have sentences.
func serve(ctx context.Context, s seat, r command.Request) (command.Response, error) {
	if s.state.Status != csta.Online {
		return command.Response{}, csta.ErrOffline
	}
	done, err := services[r.Command].do(ctx, s, r.Args)
	if err != nil {
		return command.Response{}, err
	}
	response := command.Response{OK: true, Message: done.said}
	if done.list != nil {
		response.List, err = json.Marshal(done.list)
	}
	return response, err
}

// serve has the running application's session carry out a request.
func (a *app) serve(ctx context.Context, r command.Request) command.Response {
	session, err := a.phone()
	var response command.Response
	if err == nil {
		names := a.names.known()
		a.mu.Lock()
		s := seat{session, overlay(a.state, names), names, a.settings.Device, false}
		a.mu.Unlock()
		response, err = serve(ctx, s, r)
	}
	if err != nil {
		return command.Response{Message: explain(err)}
	}
	return response
}

// ask has a request carried out by the running application, or where none runs by a session of the
// command's own, and prints what was said.
func ask(cmd *cobra.Command, r command.Request) error {
	answer, err := askFor(cmd, r)
	if err == nil {
		cmd.Println(answer.Message)
	}
	return err
}

// askForList is ask for a request whose answer is a list: it prints the items, as lines for people or
// with --json as they are, one to a line.
func askForList[T any](cmd *cobra.Command, r command.Request, asJSON bool, line func(T) string, none string) error {
	answer, err := askFor(cmd, r)
	if err != nil {
		return err
	}
	var items []json.RawMessage
	if err := json.Unmarshal(answer.List, &items); err != nil {
		return sentence("The running Calltray is another version: end it, and start it again.")
	}
	var text strings.Builder
	for _, raw := range items {
		var item T
		if asJSON {
			fmt.Fprintf(&text, "%s\n", raw)
		} else if err := json.Unmarshal(raw, &item); err != nil {
			return sentence("The running Calltray is another version: end it, and start it again.")
		} else {
			fmt.Fprintln(&text, line(item))
		}
	}
	if len(items) == 0 && !asJSON {
		fmt.Fprintln(&text, none)
	}
	if _, err := io.WriteString(cmd.OutOrStdout(), text.String()); err != nil {
		return sentence(fmt.Sprintf("The output cannot be written (%v).", err))
	}
	return nil
}

// askFor is the way to what ask prints.
func askFor(cmd *cobra.Command, r command.Request) (answer command.Response, err error) {
	answer, err = send(cmd.Context(), r)
	switch {
	case errors.Is(err, control.ErrNotRunning):
		err = withSession(cmd, services[r.Command].knows, func(ctx context.Context, l *line) error {
			st, err := l.informed(ctx)
			if err != nil {
				return interrupted(ctx, err, "Interrupted: nothing was done.")
			}
			answer, err = serve(ctx, seat{l.Session, st, l.names, l.device, true}, r)
			return err
		})
		return answer, err
	case err != nil:
		return answer, interrupted(cmd.Context(), err, "Interrupted. The running Calltray may have done it all the same: look at your telephone.")
	case !answer.OK:
		return answer, sentence(answer.Message)
	}
	return answer, nil
}

// request makes a request of the command's words. What is wrong with them is an error of usage.
func request(name string, args ...string) (command.Request, error) {
	r, err := command.NewRequest(name, args...)
	if err != nil {
		return r, usageError{errors.New(explain(err))}
	}
	return r, nil
}

// whom says who has a number, by the name that the user, else the PBX gave it: "Bo (202)".
func (s seat) whom(number string) string {
	name := mine(s.names, number)
	if name == "" && !s.fresh {
		for _, c := range s.Colleagues() {
			if c.Device.Number() == number {
				name = c.Name
			}
		}
	}
	return person(csta.Party{Number: number, Name: name})
}

// noCall is the error of a service that finds no call to act upon.
type noCall struct {
	what  string // "hang up"
	fresh bool
}

func (e noCall) Error() string { return e.Sentence() }

// Sentence tells why there is none where that may not be the whole truth: the documented snapshot is empty
// whatever goes on. (vendor page snapShotDevice)
func (e noCall) Sentence() string {
	if e.fresh {
		return "There is no call to " + e.what + ", as far as the PBX tells a new login: start Calltray before the call, and it knows of it."
	}
	return "There is no call to " + e.what + "."
}

// call picks the call that a service is about, when nobody says which: of those in the first phase that
// has any, the oldest, so that callers are served in turn, and the same one is meant when another comes
// between the look and the command; of held ones the last that was put on hold.
func (s seat) call(what string, phases ...csta.Phase) (csta.Call, error) {
	for _, phase := range phases {
		var found []csta.Call
		for _, c := range s.state.Calls {
			if c.Phase == phase && !c.ID.IsZero() {
				found = append(found, c)
			}
		}
		slices.SortStableFunc(found, func(a, b csta.Call) int {
			if phase == csta.Held {
				return b.Since.Compare(a.Since)
			}
			return a.Began.Compare(b.Began)
		})
		if len(found) > 0 {
			return found[0], nil
		}
	}
	return csta.Call{}, noCall{what, s.fresh}
}

// person says whom a call is with: "Ærø Bageri (22 33 44 55)".
func person(p csta.Party) string {
	number := format(p.Number)
	if p.Name != "" && number != "" {
		return fmt.Sprintf("%s (%s)", p.Name, number)
	}
	return cmp.Or(p.Name, number, "an unknown number")
}
