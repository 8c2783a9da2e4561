package pbxsim

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// command is a command of the prompt.
type command struct {
	name, args, help string
	least, most      int // number of arguments
	do               func(ctx context.Context, s *script, args []string) error
}

var errQuit = errors.New("quit")

func commands() []command {
	return []command{
		{"call", "FROM TO [NAME]", `somebody outside calls an extension or a queue; FROM may be withheld: call 22334455 200 "Ærø Bageri"`, 2, 3, doCall},
		{"dial", "EXTENSION NUMBER", "a person dials at a phone: dial 200 22334455", 2, 2, doDial},
		{"answer", "[DEVICE]", "pick up by hand, at an extension or an outside number; alone: what rings. A callID will do for DEVICE, here and below", 0, 1, doAnswer},
		{"clear", "[DEVICE]", "hang up; alone: the only call, by its outside party", 0, 1, doClear},
		{"hold", "[DEVICE]", "put the other party on hold", 0, 1, doHold},
		{"retrieve", "[DEVICE]", "take the held call back", 0, 1, doRetrieve},
		{"deflect", "[DEVICE] TO", "send the ringing call elsewhere", 1, 2, doDeflect},
		{"transfer", "[DEVICE] TO", "blind transfer of the call", 1, 2, doTransfer},
		{"consult", "[DEVICE] TO", "hold the call and ask somebody about it", 1, 2, doConsult},
		{"complete", "DEVICE", "attended transfer: connect the held party with the one that is asked", 1, 1, doComplete},
		{"reconnect", "DEVICE", "give up asking, and go back to the held party", 1, 1, doReconnect},
		{"alternate", "DEVICE", "go from the one call to the other, which is held", 1, 1, doAlternate},
		{"conference", "DEVICE", "everybody in the held call and in the other talks together", 1, 1, doConference},
		{"pickup", "EXTENSION [DEVICE]", "take the call that rings at another phone", 1, 2, doPickup},
		{"busy", "EXTENSION on|off", "calls for a phone find it busy", 2, 2, doBusy},
		{"dnd", "EXTENSION on|off", "do-not-disturb, switched at the phone", 2, 2, doDoNotDisturb},
		{"forward", "EXTENSION [immediate|busy|no-answer] NUMBER|off [TIME]", "forwarding, set at the phone; NUMBER may be the word busy, and no-answer takes the time of ringing: forward 200 no-answer 202 20s", 2, 4, doForward},
		{"member", "QUEUE EXTENSION in|out", "an agent signs in or out", 3, 3, doMember},
		{"queue", "[NUMBER] | add NUMBER [NAME [MEMBERS]] | remove NUMBER", `the queues and their members; queue add 410 "Salg" 200,201`, 0, 4, doQueue},
		{"system", "STATE", "the state of the PBX, told to every link: system overloadReached", 1, 1, doSystem},
		{"life", "RATE|off", "office life at random: life 2/s", 1, 1, doLife},
		{"wait", "TIME", "do nothing for a while: wait 2s", 1, 1, doWait},
		{"await", "monitor DEVICE [LINKS] | service NAME | links N | idle", "wait until it is so; a service counts once", 1, 3, doAwait},
		{"drop", "", "cut every link", 0, 0, doDrop},
		{"silence", "[on|off]", "links stay up, and nothing is answered", 0, 1, doSilence},
		{"restart", "[TIME]", "close listeners and links, and come back after TIME", 0, 1, doRestart},
		{"forget", "", "lose every monitor without a word", 0, 0, doForget},
		{"inject", "unknown | malformed | invocation | raw TEXT", "send something unexpected; an invocation, on the hub, wants an answer; in TEXT \\x00 is that byte, as is any other", 1, 2, doInject},
		{"set", "[SWITCH VALUE]", "turn a switch; alone: show all of them", 0, 2, doSet},
		{"calls", "", "the calls, leg by leg", 0, 0, doCalls},
		{"phone", "[EXTENSION]", "what a phone does and how it is set; alone: all phones", 0, 1, doPhone},
		{"links", "", "who is connected, and monitors what", 0, 0, doLinks},
		{"watch", "[on|off]", "whether what happens is printed as it happens", 0, 1, doWatch},
		{"help", "", "this list", 0, 0, doHelp},
		{"quit", "", "end", 0, 0, func(context.Context, *script, []string) error { return errQuit }},
	}
}

func doHelp(_ context.Context, s *script, _ []string) error {
	for _, c := range commands() {
		s.out.print(fmt.Sprintf("  %s\n      %s\n", strings.TrimSpace(c.name+" "+c.args), c.help))
	}
	return nil
}

func doCall(_ context.Context, s *script, args []string) error {
	name := ""
	if len(args) == 3 {
		name = args[2]
	}
	if s.pbx.extensions[args[0]] != nil {
		return fmt.Errorf("%s is an extension: type dial %s %s", args[0], args[0], args[1])
	}
	c, err := s.pbx.Call(args[0], args[1], name)
	return s.placed(c, err)
}

func doDial(_ context.Context, s *script, args []string) error {
	if s.pbx.extensions[args[0]] == nil {
		return fmt.Errorf("there is no extension %s: type call %s %s for an outside caller", args[0], args[0], args[1])
	}
	c, err := s.pbx.Call(args[0], args[1], "")
	return s.placed(c, err)
}

func (s *script) placed(c *Call, err error) error {
	if err == nil {
		s.out.print("call " + c.Linkage() + "\n")
	}
	return err
}

// at does something with the leg that the arguments name: a device, or a callID. Without arguments it is the
// only leg in one of the wanted states.
func (s *script) at(which []string, want string, do func(*leg) error, states ...state) error {
	p := s.pbx
	defer p.enter()()
	var found []*leg
	for _, c := range p.calls {
		for _, l := range c.legs {
			if slices.Contains(states, l.state) && (len(which) == 0 || which[0] == l.device || which[0] == l.callID) {
				found = append(found, l)
			}
		}
	}
	if len(found) == 0 {
		if len(which) > 0 {
			return fmt.Errorf("%s has no call %s: type calls to see all", which[0], want)
		}
		return fmt.Errorf("there is no call %s: type calls to see all", want)
	}
	if len(found) > 1 {
		var ids []string
		for _, l := range found {
			ids = append(ids, l.device+" "+l.callID)
		}
		return fmt.Errorf("there is more than one call %s: name the device or the callID of one of %s", want, strings.Join(ids, ", "))
	}
	return do(found[0])
}

func doAnswer(_ context.Context, s *script, args []string) error {
	return s.at(args, "that rings", s.pbx.answer, prompted, alerting)
}

func doClear(_ context.Context, s *script, args []string) error {
	if len(args) > 0 {
		return s.at(args, "to clear", s.pbx.release, prompted, alerting, ringing, connected, held)
	}
	p := s.pbx
	defer p.enter()()
	if len(p.calls) != 1 {
		return fmt.Errorf("there are %d calls: type clear and the device of one", len(p.calls))
	}
	legs := p.calls[0].legs
	by := legs[0]
	for _, l := range legs {
		if p.ref(l.device) == p.trunkRef() {
			by = l
			break
		}
	}
	return p.release(by)
}

func doHold(_ context.Context, s *script, args []string) error {
	return s.at(s.inside(args, connected), "that could be held", func(l *leg) error { return s.pbx.hold(l, "") }, connected)
}

func doRetrieve(_ context.Context, s *script, args []string) error {
	return s.at(args, "on hold", func(l *leg) error { return s.pbx.retrieve(l, "") }, held)
}

// inside returns the arguments or, if there are none, the callID of the only extension's leg in that state: an
// outside party holds or transfers only if named.
func (s *script) inside(args []string, states ...state) []string {
	p := s.pbx
	p.mu.Lock()
	defer p.mu.Unlock()
	var ids []string
	for _, c := range p.calls {
		for _, l := range c.legs {
			if slices.Contains(states, l.state) && p.extensions[l.device] != nil {
				ids = append(ids, l.callID)
			}
		}
	}
	if len(args) == 0 && len(ids) == 1 {
		return ids
	}
	return args
}

func doDeflect(_ context.Context, s *script, args []string) error {
	which, to, err := destination(args)
	if err != nil {
		return err
	}
	return s.at(which, "that rings", func(l *leg) error { return s.pbx.deflect(l, to) }, alerting)
}

func doTransfer(_ context.Context, s *script, args []string) error {
	which, to, err := destination(args)
	if err != nil {
		return err
	}
	return s.at(s.inside(which, connected, held), "to transfer", func(l *leg) error { return s.pbx.transfer(l, to) }, connected, held)
}

// destination splits "[DEVICE] TO".
func destination(args []string) (which []string, to string, err error) {
	last := len(args) - 1
	if !dialable(args[last]) {
		return nil, "", errNotDialable
	}
	return args[:last], args[last], nil
}

func doBusy(_ context.Context, s *script, args []string) error {
	on, err := onOff("busy "+args[0], args[1])
	if err != nil {
		return err
	}
	return s.pbx.Busy(args[0], on)
}

func onOff(what, value string) (bool, error) {
	switch value {
	case "on":
		return true, nil
	case "off":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither on nor off: type %s on, or %s off", value, what, what)
}

func doWait(ctx context.Context, _ *script, args []string) error {
	d, err := duration(args[0])
	if err != nil {
		return err
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func doAwait(ctx context.Context, s *script, args []string) error {
	count := 1
	if len(args) == 3 || len(args) == 2 && args[0] == "links" {
		n, err := strconv.Atoi(args[len(args)-1])
		if err != nil {
			return fmt.Errorf("%q is not a number: type await links 2, or await monitor 200 2", args[len(args)-1])
		}
		count = n
	}
	p := s.pbx
	switch {
	case args[0] == "monitor" && len(args) > 1:
		p.mu.Lock()
		_, ref, ok := p.object(args[1])
		p.mu.Unlock()
		if !ok {
			return fmt.Errorf("there is no extension or queue %s", args[1])
		}
		return s.until(ctx, func() bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			n := 0
			for l := range p.links {
				if len(l.monitors[ref]) > 0 {
					n++
				}
			}
			return n >= count
		})
	case args[0] == "service" && len(args) == 2:
		return s.until(ctx, func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.seen[args[1]] == 0 {
				return false
			}
			s.seen[args[1]]--
			return true
		})
	case args[0] == "links" && len(args) == 2:
		return s.until(ctx, func() bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			return len(p.links) == count
		})
	case args[0] == "idle" && len(args) == 1:
		return s.until(ctx, func() bool { return len(p.Calls()) == 0 })
	}
	return errors.New("type it as: await monitor 200, await service MakeCall, await links 2, or await idle")
}

func doDrop(_ context.Context, s *script, _ []string) error {
	s.pbx.Drop()
	return nil
}

func doSilence(_ context.Context, s *script, args []string) error {
	value := "on"
	if len(args) > 0 {
		value = args[0]
	}
	on, err := onOff("silence", value)
	if err != nil {
		return err
	}
	s.pbx.Set(func(b *Behaviour) { b.Silence = on })
	return nil
}

func doRestart(ctx context.Context, s *script, args []string) error {
	var down time.Duration
	if len(args) > 0 {
		d, err := duration(args[0])
		if err != nil {
			return err
		}
		down = d
	}
	return s.pbx.Restart(ctx, down)
}

func doForget(_ context.Context, s *script, _ []string) error {
	s.pbx.Forget()
	return nil
}

var hexByte = regexp.MustCompile(`\\x[0-9a-fA-F]{2}`)

func doInject(_ context.Context, s *script, args []string) error {
	switch {
	case args[0] == "unknown" && len(args) == 1:
		s.pbx.InjectUnknown()
	case args[0] == "malformed" && len(args) == 1:
		s.pbx.InjectMalformed()
	case args[0] == "invocation" && len(args) == 1:
		s.pbx.InjectInvocation()
	case args[0] == "raw" && len(args) == 2:
		s.pbx.Inject(hexByte.ReplaceAllFunc([]byte(args[1]), func(b []byte) []byte {
			n, _ := strconv.ParseUint(string(b[2:]), 16, 8) // two hex digits
			return []byte{byte(n)}
		}))
	default:
		return errors.New("type it as: inject unknown, inject malformed, inject invocation, or inject raw \"<x/>\\x00\"")
	}
	return nil
}

func doSet(_ context.Context, s *script, args []string) error {
	switch len(args) {
	case 0:
		s.out.print(s.pbx.Behaviour().switches())
		return nil
	case 1:
		return fmt.Errorf("type a value too: set %s VALUE; set alone shows all switches", args[0])
	}
	var err error
	s.pbx.Set(func(b *Behaviour) { err = b.set(args[0], args[1]) })
	return err
}
