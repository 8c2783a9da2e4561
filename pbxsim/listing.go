package pbxsim

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// What the prompt prints about the current state: lines of words, quoted as in Watch, that a program can
// compare with what a client shows.

// doCalls writes a line for each leg and one with the number of calls, with words quoted as in
// Watch:
//
//	leg LINKAGE CALLID DEVICE STATUS in|out REMOTE DIALLED NAME
//	calls 1
func doCalls(_ context.Context, s *script, _ []string) error {
	calls := s.pbx.Calls()
	for _, c := range calls {
		for _, l := range c.Legs {
			direction := "in"
			if l.Out {
				direction = "out"
			}
			s.out.print(fmt.Sprintf("leg %s %s %s %s %s %s %s %s\n", c.Linkage, l.CallID, l.Device, l.Status, direction,
				word(l.Remote), word(l.Dialled), word(c.Name)))
		}
	}
	s.out.print(fmt.Sprintf("calls %d\n", len(calls)))
	return nil
}

// doLinks writes a line for each link and one with their number:
//
//	link 1 tcp 127.0.0.1:53172 user@example.dk u-12345678-200
//	links 1
func doLinks(_ context.Context, s *script, _ []string) error {
	p := s.pbx
	p.mu.Lock()
	defer p.mu.Unlock()
	var links []*link
	for l := range p.links {
		links = append(links, l)
	}
	slices.SortFunc(links, func(a, b *link) int { return a.id - b.id })
	for _, l := range links {
		user, refs := "", []string{}
		if l.session != nil {
			user = l.session.user
		}
		for ref := range l.monitors {
			refs = append(refs, ref)
		}
		slices.Sort(refs)
		s.out.print(fmt.Sprintf("link %d %s %s %s %s\n", l.id, l.kind, word(l.remote), word(user), word(strings.Join(refs, ","))))
	}
	s.out.print(fmt.Sprintf("links %d\n", len(links)))
	return nil
}

// doPhone writes a line for each telephone, and under it its forwarding rules and its queues:
//
//	phone 200 "Anne Jensen" talking dnd off busy off
//	forward 200 forwardNoAns on 202 20s
//	member 400 200 out
func doPhone(_ context.Context, s *script, args []string) error {
	phones := s.pbx.Phones()
	if len(args) > 0 {
		if phones = slices.DeleteFunc(phones, func(p PhoneInfo) bool { return p.Number != args[0] }); len(phones) == 0 {
			return fmt.Errorf("there is no extension %s", args[0])
		}
	}
	queues := s.pbx.Queues()
	var out strings.Builder
	for _, p := range phones {
		fmt.Fprintf(&out, "phone %s %s %s dnd %s busy %s\n", p.Number, word(p.Name), p.Activity, onOrOff(p.DoNotDisturb), onOrOff(p.Busy))
		for _, f := range p.Forwarding {
			fmt.Fprintf(&out, "forward %s %s %s %s %ds\n", p.Number, f.Type, onOrOff(f.On), word(f.To), f.After/time.Second)
		}
		for _, q := range queues {
			q.members(&out, p.Number)
		}
	}
	s.out.print(out.String())
	return nil
}

// listQueues writes a line for each queue, and under it its members:
//
//	queue 400 Reception waiting 1 talking 0 of 3 answered 1 missed 1
//	member 400 201 in
func (s *script) listQueues(number string) error {
	var out strings.Builder
	for _, q := range s.pbx.Queues() {
		if number == "" || number == q.Number {
			fmt.Fprintf(&out, "queue %s %s waiting %d talking %d of %d answered %d missed %d\n", q.Number, word(q.Name), q.Waiting, q.Talking, q.Total, q.Answered, q.Missed)
			q.members(&out, "")
		}
	}
	if out.Len() == 0 && number != "" {
		return fmt.Errorf("there is no queue %s", number)
	}
	s.out.print(out.String())
	return nil
}

// members writes a line for each member, or for one.
func (q QueueInfo) members(out *strings.Builder, agent string) {
	for _, m := range q.Members {
		if agent == "" || agent == m.Agent {
			in := "out"
			if m.SignedIn {
				in = "in"
			}
			fmt.Fprintf(out, "member %s %s %s\n", q.Number, m.Agent, in)
		}
	}
}

func onOrOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
