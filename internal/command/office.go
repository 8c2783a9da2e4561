package command

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"

	"calltray/cstasession/csta"
	"calltray/internal/text"
)

// The commands about the other extensions and the queues.

// seesOffice returns an error unless the PBX reports colleagues and queues to this account.
func (t Target) seesOffice() error {
	if t.State.Trunk == csta.On {
		return nil
	}
	return text.Errorf("trunk-not-monitored", "The PBX does not report colleagues and queues to this account: ask its administrator to allow monitoring of the trunk.")
}

func colleagues(_ context.Context, t Target, _ []string) (Response, error) {
	if err := t.seesOffice(); err != nil {
		return Response{}, err
	}
	list := []ColleagueLine{}
	for _, c := range t.Colleagues() {
		list = append(list, NewColleagueLine(NameColleague(c, t.Names), !t.Fresh))
	}
	return listed(list)
}

func queue(ctx context.Context, t Target, args []string) (Response, error) {
	if err := t.seesOffice(); err != nil {
		return Response{}, err
	}
	var chosen []csta.Queue
	for _, q := range t.Queues() {
		_, member := q.Member(csta.DeviceID(t.Device))
		if len(args) > 1 && q.Device.Number() == args[1] || len(args) == 1 && (member || args[0] == List) {
			chosen = append(chosen, NameQueue(q, t.Names))
		}
	}
	switch {
	case len(chosen) == 0 && len(args) > 1:
		return Response{}, text.Errorf("no-such-queue", "The PBX reports no queue {{.Number}}: “calltray queue list” lists those it does.", "Number", args[1])
	case args[0] == List:
		return t.listQueues(chosen)
	case len(chosen) == 0:
		return Response{}, text.Errorf("no-queue", "You are not a member of any queue.")
	}
	in := args[0] == In
	var changed []string
	for _, q := range chosen {
		name := text.Person(csta.Party{Number: q.Device.Number(), Name: q.Name})
		if err := t.SetQueueMember(ctx, q.Device, in); err != nil {
			if len(changed) > 0 {
				err = &text.Error{Err: err, Message: signedTo(in, changed).And(text.New("queue-not-changed", "{{.Queue}} was not changed.", "Queue", name)).And(text.Of(err))}
			}
			return Response{}, err
		}
		changed = append(changed, name)
	}
	return done(nil, signedTo(in, changed))
}

func signedTo(in bool, queues []string) text.Message {
	all := strings.Join(queues, ", ")
	if in {
		return text.New("signed-in", "Signed in to {{.Queues}}.", "Queues", all)
	}
	return text.New("signed-out", "Signed out of {{.Queues}}.", "Queues", all)
}

func (t Target) listQueues(queues []csta.Queue) (Response, error) {
	names := map[string]string{}
	for _, c := range t.Colleagues() {
		names[c.Device.Number()] = c.Name
	}
	list := []QueueLine{}
	for _, q := range queues {
		list = append(list, NewQueueLine(q, t.Device, func(extension string) string { return cmp.Or(OwnName(t.Names, extension), names[extension]) }))
	}
	return listed(list)
}

// listed returns the response with a list.
func listed(list any) (Response, error) {
	b, err := json.Marshal(list)
	return Response{OK: true, List: b}, err
}
