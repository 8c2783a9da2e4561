package pbxsim

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The commands for consultations, phone settings, queues, and office life.

func doConsult(_ context.Context, s *script, args []string) error {
	which, to, err := destination(args)
	if err != nil {
		return err
	}
	return s.at(s.inside(which, connected), "to ask about", func(l *leg) error { return s.pbx.consult(l, to, "") }, connected)
}

// asking finds a device's consultation call and the call it is about; in reverse if the device has gone back to
// the latter meanwhile.
func (s *script) asking(device string, do func(asking, first *leg) error) error {
	p := s.pbx
	defer p.enter()()
	for _, l := range p.at[device] {
		if first := p.ids[strings.TrimSuffix(l.callID, consultation)]; l.consults && first != nil {
			if l.state == held {
				l, first = first, l
			}
			return do(l, first)
		}
	}
	return fmt.Errorf("%s asks nobody: type consult %s and a number", device, device)
}

func doComplete(_ context.Context, s *script, args []string) error {
	return s.asking(args[0], func(asking, first *leg) error { return s.pbx.complete(asking, first, "") })
}

func doReconnect(_ context.Context, s *script, args []string) error {
	return s.asking(args[0], func(asking, first *leg) error { return s.pbx.reconnect(asking, first, "") })
}

func doAlternate(_ context.Context, s *script, args []string) error {
	return s.asking(args[0], func(asking, first *leg) error { return s.pbx.alternate(asking, first, "") })
}

func doConference(_ context.Context, s *script, args []string) error {
	return s.asking(args[0], func(asking, first *leg) error { return s.pbx.confer(asking, first, "") })
}

func doPickup(_ context.Context, s *script, args []string) error {
	return s.at(args[1:], "that rings", func(l *leg) error { return s.pbx.pickup(l, args[0], "") }, alerting)
}

func doDoNotDisturb(_ context.Context, s *script, args []string) error {
	on, err := onOff("dnd "+args[0], args[1])
	if err != nil {
		return err
	}
	return s.pbx.DoNotDisturb(args[0], on)
}

func doForward(_ context.Context, s *script, args []string) error {
	kind, to, after := "immediate", args[1], time.Duration(0)
	if len(args) > 2 {
		kind, to = args[1], args[2]
	}
	if len(args) > 3 {
		var err error
		if after, err = duration(args[3]); err != nil {
			return err
		}
	}
	if full, short := map[string]string{"immediate": "forwardImmediate", "busy": "forwardBusy", "no-answer": "forwardNoAns"}[kind]; short {
		kind = full
	}
	if to == "off" {
		to = ""
	}
	return s.pbx.ForwardWhen(args[0], kind, to, after)
}

func doMember(_ context.Context, s *script, args []string) error {
	switch args[2] {
	case "in", "out":
		return s.pbx.SignIn(args[0], args[1], args[2] == "in")
	}
	return fmt.Errorf("%q is neither in nor out: type member %s %s in, or member %s %s out", args[2], args[0], args[1], args[0], args[1])
}

func doQueue(_ context.Context, s *script, args []string) error {
	switch {
	case len(args) == 0:
		return s.listQueues("")
	case len(args) == 1 && args[0] != "add" && args[0] != "remove":
		return s.listQueues(args[0])
	case args[0] == "remove" && len(args) == 2:
		return s.pbx.RemoveQueue(args[1])
	case args[0] == "add" && len(args) > 1:
		q := Queue{Number: args[1]}
		if len(args) > 2 {
			q.Name = args[2]
		}
		if len(args) > 3 {
			q.Members = strings.Split(args[3], ",")
		}
		return s.pbx.AddQueue(q)
	}
	return errors.New(`type it as: queue add 410 "Salg" 200,201, or queue remove 410`)
}

func doWatch(_ context.Context, s *script, args []string) error {
	on := true
	if len(args) > 0 {
		var err error
		if on, err = onOff("watch", args[0]); err != nil {
			return err
		}
	}
	s.mute.Store(!on)
	return nil
}

func doSystem(_ context.Context, s *script, args []string) error { return s.pbx.SystemStatus(args[0]) }

func doLife(ctx context.Context, s *script, args []string) error {
	rate := 0.0
	if args[0] != "off" {
		var err error
		if rate, err = Rate(args[0]); err != nil {
			return err
		}
	}
	if s.endLife != nil {
		s.endLife()
		s.endLife = nil
	}
	if rate > 0 {
		ctx, s.endLife = context.WithCancel(ctx)
		s.pbx.running.Go(func() { s.pbx.Life(ctx, rate) })
	}
	return nil
}
