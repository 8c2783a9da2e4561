package cstasession

import (
	"calltray/cstasession/csta"
	"context"
	"strconv"
	"strings"
	"time"
)

// SetDoNotDisturb switches do-not-disturb of our telephone, and returns when an event showed it.
// (vendor page setDoNotDisturb)
func (s *Session) SetDoNotDisturb(ctx context.Context, on bool) error {
	_, err := s.perform(ctx, effectLimit, node("SetDoNotDisturb", s.device(), boolean("doNotDisturbOn", on)), func(x any) bool {
		told, ok := x.(csta.Telephone)
		return ok && told.DoNotDisturb == csta.Switched(on)
	})
	return err
}

// SetForwarding sets one rule of our telephone, and returns when an event showed it. (vendor page
// setForwarding)
func (s *Session) SetForwarding(ctx context.Context, f csta.Forwarding) error {
	if f.Active {
		if err := dialable(f.To); err != nil {
			return err
		}
	}
	body := node("SetForwarding", s.device(), leaf("forwardingType", f.Type), boolean("activateForward", f.Active), leaf("forwardDN", f.To))
	if f.After > 0 {
		body.children = append(body.children, number("ringDuration", strconv.Itoa(int(f.After/time.Second))))
	}
	_, err := s.perform(ctx, effectLimit, body, func(x any) bool {
		told, ok := x.(csta.Telephone)
		for _, rule := range told.Forwarding {
			if rule.Is(f.Type) && rule.Active == f.Active && (!f.Active || sameTarget(rule.To, f.To) && (f.After == 0 || rule.After == 0 || rule.After == f.After)) {
				return ok
			}
		}
		return false
	})
	return err
}

// sameTarget compares where calls are forwarded to: numbers as the switching function may write them, or words.
func sameTarget(a, b string) bool {
	return strings.EqualFold(a, b) || csta.Digits(a) != "" && csta.Digits(b) != "" && csta.SameNumber(a, b)
}

// GetCallProfile asks for our call profile. (vendor page getCallProfile)
func (s *Session) GetCallProfile(ctx context.Context) (csta.CallProfile, error) {
	m, err := s.request(ctx, node("GetCallProfile", s.device()))
	if err != nil {
		return csta.CallProfile{}, err
	}
	p := m.body.find("callProfile")
	presented := func(kind string) csta.PresentedNumber {
		at := p.at("outgoingNumberPresentation", kind)
		return csta.PresentedNumber{Type: printable(at.value("numberType")), Number: printable(at.value("number"))}
	}
	rings := func(kind string) csta.Rings {
		at := p.at("incomingCallMatrix", kind)
		return csta.Rings{Local: at.isTrue("local"), Mobile: at.isTrue("mobile"), Teams: at.isTrue("teams")}
	}
	return csta.CallProfile{
		LocalNumber: presented("localNumberPresentation"), MobileNumber: presented("mobileNumberPresentation"), TeamsNumber: presented("teamsNumberPresentation"),
		LocalRings: rings("localDevice"), MobileRings: rings("mobileDevice"), TeamsRings: rings("teamsDevice"),
		RouteHandling: printable(p.value("routeHandling")),
	}, nil
}

// SetCallProfile changes our call profile. No event tells of it; GetCallProfile does. Numbers are not
// sent: the types decide. (vendor page setCallProfile)
func (s *Session) SetCallProfile(ctx context.Context, p csta.CallProfile) error {
	presented := func(kind string, n csta.PresentedNumber) element { return node(kind, leaf("numberType", n.Type)) }
	rings := func(kind string, r csta.Rings) element {
		return node(kind, boolean("local", r.Local), boolean("mobile", r.Mobile), boolean("teams", r.Teams))
	}
	_, err := s.request(ctx, node("SetCallProfile", s.device(), node("callProfile",
		node("outgoingNumberPresentation", presented("localNumberPresentation", p.LocalNumber),
			presented("mobileNumberPresentation", p.MobileNumber), presented("teamsNumberPresentation", p.TeamsNumber)),
		node("incomingCallMatrix", rings("localDevice", p.LocalRings), rings("mobileDevice", p.MobileRings), rings("teamsDevice", p.TeamsRings)),
		leaf("routeHandling", p.RouteHandling))))
	return err
}

func (s *Session) device() element { return leaf("device", s.cfg.Device.Number()) }

// readForwarding reads a rule of a GetForwardingResponse or of a ForwardingEvent, which name the
// target differently. (vendor pages getForwarding, forwardingEvent)
func readForwarding(e *element) csta.Forwarding {
	to := e.child("forwardDN")
	if to == nil {
		to = e.child("forwardTo")
	}
	f := csta.Forwarding{Type: printable(e.value("forwardingType")), Active: e.isTrue("forwardStatus"), To: readDevice(to).Number()}
	if seconds, err := strconv.Atoi(e.value("ringDuration")); err == nil {
		f.After = time.Duration(seconds) * time.Second
	}
	return f
}

// readForwardings reads the rules of a GetForwardingResponse: a list, in JSON without the level of its
// items.
func readForwardings(m message) []csta.Forwarding {
	rules := []csta.Forwarding{}
	for i := range m.body.children {
		list := &m.body.children[i]
		for k := range list.children {
			if strings.EqualFold(list.children[k].name, "forwardListItem") {
				rules = append(rules, readForwarding(&list.children[k]))
			}
		}
		if strings.EqualFold(list.name, "forwardingList") && list.child("forwardingType") != nil {
			rules = append(rules, readForwarding(list))
		}
	}
	return rules
}

// withRule is a copy of the rules in which the one of f's type is f.
func withRule(rules []csta.Forwarding, f csta.Forwarding) []csta.Forwarding {
	next := append([]csta.Forwarding{}, rules...)
	for i := range next {
		if next[i].Is(f.Type) {
			next[i] = f
			return next
		}
	}
	return append(next, f)
}
