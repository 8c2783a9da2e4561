package office

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/limits"
	"calltray/cstasession/internal/wire"
)

// readForwarding reads a rule of a GetForwardingResponse or of a ForwardingEvent, which name the
// target differently. (vendor pages getForwarding, forwardingEvent)
func readForwarding(e *wire.Element) csta.Forwarding {
	to := e.Child("forwardDN")
	if to == nil {
		to = e.Child("forwardTo")
	}
	f := csta.Forwarding{Type: wire.Printable(e.Value("forwardingType")), Active: e.IsTrue("forwardStatus"), To: wire.ReadDevice(to).Number()}
	if seconds, err := strconv.Atoi(e.Value("ringDuration")); err == nil {
		f.After = time.Duration(seconds) * time.Second
	}
	return f
}

// readForwardings reads the rules of a GetForwardingResponse: a list, in JSON without the level of its
// items.
func readForwardings(m wire.Message) []csta.Forwarding {
	rules := []csta.Forwarding{}
	for i := range m.Body.Children {
		list := &m.Body.Children[i]
		for k := range list.Children {
			if strings.EqualFold(list.Children[k].Name, "forwardListItem") {
				rules = append(rules, readForwarding(&list.Children[k]))
			}
		}
		if strings.EqualFold(list.Name, "forwardingList") && list.Child("forwardingType") != nil {
			rules = append(rules, readForwarding(list))
		}
	}
	return rules[:min(len(rules), limits.Rules)]
}

// withRule returns a copy of the rules in which f replaces the one of its type. kept is false if there are too
// many.
func withRule(rules []csta.Forwarding, f csta.Forwarding) (_ []csta.Forwarding, kept bool) {
	i := slices.IndexFunc(rules, func(rule csta.Forwarding) bool { return rule.Is(f.Type) })
	if i < 0 && len(rules) >= limits.Rules {
		return rules, false
	}
	next := append([]csta.Forwarding{}, rules...)
	if i >= 0 {
		next[i] = f
		return next, true
	}
	return append(next, f), true
}

// ReadMembers reads a memberList: its items, or in JSON the list itself.
func ReadMembers(b *wire.Element) (members []csta.Member) {
	var read func(e *wire.Element)
	read = func(e *wire.Element) {
		for i := range e.Children {
			kid := &e.Children[i]
			if agent := wire.ReadDevice(kid.Child("agentDN")); agent != "" {
				members = append(members, csta.Member{Agent: csta.DeviceID(agent.Number()), Active: kid.IsTrue("active"), SIP: kid.IsTrue("activeSip"), Mobile: kid.IsTrue("activeMobile"), Skype: kid.IsTrue("activeSkype")})
			} else if strings.EqualFold(kid.Name, "memberList") || strings.EqualFold(kid.Name, "memberListItem") {
				read(kid)
			}
		}
	}
	read(b)
	return members
}

func (q *queue) statistics(b *wire.Element) {
	count := func(name string) int { n, _ := strconv.Atoi(b.Value(name)); return n }
	seconds := func(name string) time.Duration {
		f, _ := strconv.ParseFloat(b.Value(name), 64)
		if !(f >= 0 && f < 1e9) { // also excludes NaN
			return 0
		}
		return time.Duration(f * float64(time.Second))
	}
	q.Waiting, q.Talking, q.LongestWait = count("waitingCalls"), count("servicingCalls"), seconds("maxCurrentWait")
	q.Total, q.Answered, q.Missed = count("totalNoOfCalls"), count("totalAnsweredCalls"), count("totalMissedCalls")
	q.AverageWait, q.AverageTalk = seconds("averageWaitTime"), seconds("averageTalkTime")
}
