package cstasession

import (
	"context"
	"strconv"
	"strings"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

// SetDoNotDisturb turns our telephone's do-not-disturb on or off, and returns when an event shows it. (vendor
// page setDoNotDisturb)
func (s *Session) SetDoNotDisturb(ctx context.Context, on bool) error {
	_, err := perform(ctx, s, effectLimit, wire.Node("SetDoNotDisturb", s.device(), wire.Boolean("doNotDisturbOn", on)), func(now csta.Telephone) bool {
		return now.DoNotDisturb == csta.Switched(on)
	})
	return err
}

// SetForwarding sets one rule of our telephone, and returns when an event shows it. (vendor page setForwarding)
func (s *Session) SetForwarding(ctx context.Context, f csta.Forwarding) error {
	if f.Active {
		if err := dialable(f.To); err != nil {
			return err
		}
	}
	body := wire.Node("SetForwarding", s.device(), wire.Leaf("forwardingType", f.Type), wire.Boolean("activateForward", f.Active), wire.Leaf("forwardDN", f.To))
	if f.After > 0 {
		body.Children = append(body.Children, wire.Number("ringDuration", strconv.Itoa(int(f.After/time.Second))))
	}
	_, err := perform(ctx, s, effectLimit, body, func(now csta.Telephone) bool {
		for _, rule := range now.Forwarding {
			if rule.Is(f.Type) && rule.Active == f.Active && (!f.Active || sameTarget(rule.To, f.To) && (f.After == 0 || rule.After == 0 || rule.After == f.After)) {
				return true
			}
		}
		return false
	})
	return err
}

// sameTarget compares forwarding targets: numbers as the PBX may write them, or words.
func sameTarget(a, b string) bool {
	return strings.EqualFold(a, b) || csta.Digits(a) != "" && csta.Digits(b) != "" && csta.SameNumber(a, b)
}

// GetCallProfile requests our call profile. (vendor page getCallProfile)
func (s *Session) GetCallProfile(ctx context.Context) (csta.CallProfile, error) {
	m, err := perform(ctx, s, answerLimit, wire.Node("GetCallProfile", s.device()), positive)
	if err != nil {
		return csta.CallProfile{}, err
	}
	p := m.Body.Find("callProfile")
	presented := func(kind string) csta.PresentedNumber {
		at := p.At("outgoingNumberPresentation", kind)
		return csta.PresentedNumber{Type: wire.Printable(at.Value("numberType")), Number: wire.Printable(at.Value("number"))}
	}
	rings := func(kind string) csta.Rings {
		at := p.At("incomingCallMatrix", kind)
		return csta.Rings{Local: at.IsTrue("local"), Mobile: at.IsTrue("mobile"), Teams: at.IsTrue("teams")}
	}
	return csta.CallProfile{
		LocalNumber: presented("localNumberPresentation"), MobileNumber: presented("mobileNumberPresentation"), TeamsNumber: presented("teamsNumberPresentation"),
		LocalRings: rings("localDevice"), MobileRings: rings("mobileDevice"), TeamsRings: rings("teamsDevice"),
		RouteHandling: wire.Printable(p.Value("routeHandling")),
	}, nil
}

// SetCallProfile changes our call profile. No event reports the change; GetCallProfile shows it. Numbers are
// not sent: the types select them. (vendor page setCallProfile)
func (s *Session) SetCallProfile(ctx context.Context, p csta.CallProfile) error {
	presented := func(kind string, n csta.PresentedNumber) wire.Element {
		return wire.Node(kind, wire.Leaf("numberType", n.Type))
	}
	rings := func(kind string, r csta.Rings) wire.Element {
		return wire.Node(kind, wire.Boolean("local", r.Local), wire.Boolean("mobile", r.Mobile), wire.Boolean("teams", r.Teams))
	}
	_, err := perform(ctx, s, answerLimit, wire.Node("SetCallProfile", s.device(), wire.Node("callProfile",
		wire.Node("outgoingNumberPresentation", presented("localNumberPresentation", p.LocalNumber),
			presented("mobileNumberPresentation", p.MobileNumber), presented("teamsNumberPresentation", p.TeamsNumber)),
		wire.Node("incomingCallMatrix", rings("localDevice", p.LocalRings), rings("mobileDevice", p.MobileRings), rings("teamsDevice", p.TeamsRings)),
		wire.Leaf("routeHandling", p.RouteHandling))), positive)
	return err
}

func (s *Session) device() wire.Element { return wire.Leaf("device", s.cfg.Device.Number()) }
