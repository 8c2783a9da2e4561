package command

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/text"
)

// The commands that report or change the telephone's settings.

func doNotDisturb(ctx context.Context, t Target, args []string) (Response, error) {
	now := t.State.Telephone.DoNotDisturb
	if len(args) > 0 {
		if now = csta.Off; args[0] == On {
			now = csta.On
		}
		if err := t.SetDoNotDisturb(ctx, now == csta.On); err != nil {
			return Response{}, err
		}
	}
	if now == csta.Unknown {
		return Response{}, text.Errorf("dnd-unknown", "The PBX does not report whether do-not-disturb is on: look at the telephone.")
	}
	return done(nil, DoNotDisturbIs(now))
}

// DoNotDisturbIs returns a sentence about do-not-disturb. The switch must not be Unknown.
func DoNotDisturbIs(s csta.Switch) text.Message {
	if s == csta.On {
		return text.New("dnd-on", "Do-not-disturb is on: your telephone does not ring.")
	}
	return text.New("dnd-off", "Do-not-disturb is off.")
}

func forward(ctx context.Context, t Target, args []string) (Response, error) {
	if len(args) == 0 {
		if t.State.Telephone.Forwarding == nil {
			return Response{}, text.Errorf("forwarding-unknown", "The PBX does not report where calls are forwarded to: look at the telephone.")
		}
		return done(nil, ForwardingIs(t.State.Telephone.Forwarding, t.party))
	}
	kind, known := map[string]string{Immediate: "forwardImmediate", Busy: "forwardBusy", NoAnswer: "forwardNoAns"}[args[0]]
	if !known {
		return Response{}, fmt.Errorf("command: no kind of forwarding: %q", args[0])
	}
	rule := csta.Forwarding{Type: kind}
	for _, old := range t.State.Telephone.Forwarding {
		if old.Is(kind) {
			rule.To = old.To // a telephone keeps the number of an inactive rule
		}
	}
	if args[1] != Off {
		rule.Active, rule.To = true, args[1]
	}
	if len(args) > 2 {
		rule.After, _ = time.ParseDuration(args[2]) // NewRequest has checked it
	}
	if err := t.SetForwarding(ctx, rule); err != nil {
		return Response{}, err
	}
	if rule.Active {
		return done(nil, ruleIs(rule, t.party))
	}
	switch args[0] {
	case Immediate:
		return done(nil, text.New("forwarding-off", "Forwarding of all calls is off."))
	case Busy:
		return done(nil, text.New("forwarding-off", "Forwarding when busy is off."))
	}
	return done(nil, text.New("forwarding-off", "Forwarding of unanswered calls is off."))
}

// ForwardingIs returns a sentence about where calls are forwarded to. party returns who has a number.
func ForwardingIs(rules []csta.Forwarding, party func(number string) csta.Party) text.Message {
	var all text.Message
	for _, rule := range rules {
		switch {
		case !rule.Active:
		case all.English == "":
			all = ruleIs(rule, party)
		default:
			all = all.And(ruleIs(rule, party))
		}
	}
	if all.English == "" {
		return text.New("not-forwarded", "Calls are not forwarded.")
	}
	return all
}

// ruleIs describes an active rule. (ECMA-323 ForwardingType)
func ruleIs(rule csta.Forwarding, party func(number string) csta.Party) text.Message {
	kind, calls := strings.ToLower(rule.Type), "calls"
	if short, is := strings.CutSuffix(kind, "int"); is {
		kind, calls = short, "internal calls"
	} else if short, is := strings.CutSuffix(kind, "ext"); is {
		kind, calls = short, "external calls"
	}
	var m text.Message
	switch {
	case kind == "forwardimmediate" || kind == "forwardimm":
		m = text.New("forwarded", "All {{.Calls}} are forwarded to {{.To}}.")
	case kind == "forwardbusy":
		m = text.New("forwarded", "When you are busy, {{.Calls}} are forwarded to {{.To}}.")
	case kind == "forwardnoans" && rule.After > 0:
		m = text.New("forwarded", "Unanswered {{.Calls}} are forwarded to {{.To}} after {{.Seconds}} seconds.", "Seconds", strconv.Itoa(int(rule.After/time.Second)))
	case kind == "forwardnoans":
		m = text.New("forwarded", "Unanswered {{.Calls}} are forwarded to {{.To}}.")
	case kind == "forwarddnd":
		m = text.New("forwarded", "During do-not-disturb, {{.Calls}} are forwarded to {{.To}}.")
	default:
		m = text.New("forwarded", "Some calls ({{.Type}}) are forwarded to {{.To}}.", "Type", text.Quote(rule.Type))
		return m.ForwardedTo("To", party(rule.To))
	}
	return m.Word("Calls", calls).ForwardedTo("To", party(rule.To))
}
