package office

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/calls"
	"calltray/cstasession/internal/wire"
)

// What a server may make the office remember, in megabytes of memory, whatever it sends.
const mostMegabytes = 60

// TestWithoutEnd: a server that keeps naming new things does not fill the memory, is reported once for each
// kind, and real things are reported all the same.
func TestWithoutEnd(t *testing.T) {
	long := strings.Repeat("ø", 500)
	crossRef := wire.Leaf("monitorCrossRefID", "t-12345678")
	device := func(number string) wire.Element {
		return wire.Node("device", wire.Leaf("deviceIdentifier", number))
	}
	rings := func(number, callID string) wire.Event {
		return wire.Event{Name: "Delivered", CrossRef: "u-12345678-" + number, Leg: csta.ConnectionID{CallID: callID, DeviceID: csta.DeviceID(number)},
			Subject: csta.DeviceID(number), Calling: "22334455", Called: csta.DeviceID(number), Linkage: "L" + callID, Info: "alerting", Direction: "inbound", Remote: csta.Party{Number: "22334455", Name: long}}
	}
	for name, test := range map[string]struct {
		times int
		send  func(o *Office, i int) Changes
	}{
		"colleagues": {30_000, func(o *Office, i int) Changes {
			started := wire.Node("MonitorStartedEvent", crossRef, wire.Node("monitoredConnection", wire.Leaf("deviceID", fmt.Sprint(1000+i))))
			changed, _ := o.FoldOther(wire.NewMessage(started), "u-12345678-200")
			return changed
		}},
		"colleagues that are set": {30_000, func(o *Office, i int) Changes {
			changed, _ := o.FoldOther(wire.NewMessage(wire.Node("ForwardingEvent", device(fmt.Sprint(1000+i)), wire.Leaf("forwardingType", "forwardImmediate"), wire.Leaf("forwardStatus", "true"), wire.Leaf("forwardTo", long))), "u-12345678-200")
			return changed
		}},
		"colleagues that ring": {30_000, func(o *Office, i int) Changes { return o.Fold(rings(fmt.Sprint(1000+i), "A"), time.Unix(1, 0)) }},
		"calls at one":         {12_000, func(o *Office, i int) Changes { return o.Fold(rings("201", fmt.Sprint("A", i)), time.Unix(1, 0)) }},
		"calls at all": {30_000, func(o *Office, i int) Changes {
			return o.Fold(rings(fmt.Sprint(1000+i%5000), fmt.Sprint("A", i)), time.Unix(1, 0))
		}},
		"queues": {30_000, func(o *Office, i int) Changes {
			changed, _ := o.FoldOther(wire.NewMessage(wire.Node("QueueAddedEvent", crossRef, wire.Leaf("localNumber", fmt.Sprint(1000+i)), wire.Leaf("name", long))), "u-12345678-200")
			return changed
		}},
		"queues added and removed": {30_000, func(o *Office, i int) Changes {
			number := wire.Leaf("localNumber", fmt.Sprint(1000+i))
			_, _ = o.FoldOther(wire.NewMessage(wire.Node("QueueAddedEvent", crossRef, number, wire.Leaf("name", long))), "u-12345678-200")
			_, _ = o.FoldOther(wire.NewMessage(wire.Node("QueueMemberEvent", crossRef, number, wire.Node("memberList", member("200", true)))), "u-12345678-200")
			_, _ = o.FoldOther(wire.NewMessage(wire.Node("QueueMemberEvent", crossRef, number, wire.Node("memberList", member("200", false)))), "u-12345678-200")
			changed, _ := o.FoldOther(wire.NewMessage(wire.Node("QueueRemovedEvent", crossRef, number)), "u-12345678-200")
			return changed
		}},
		"members": {300, func(o *Office, i int) Changes {
			list := wire.Node("memberList")
			for k := range 1000 {
				list.Children = append(list.Children, member(fmt.Sprint(1000+i*1000+k), true))
			}
			changed, _ := o.FoldOther(wire.NewMessage(wire.Node("QueueMemberEvent", crossRef, wire.Leaf("localNumber", fmt.Sprint(1000+i%100)), list)), "u-12345678-200")
			return changed
		}},
		"rules of ours": {12_000, func(o *Office, i int) Changes {
			changed, _ := o.FoldOther(wire.NewMessage(wire.Node("ForwardingEvent", device("200"), wire.Leaf("forwardingType", fmt.Sprint("forward", i)), wire.Leaf("forwardTo", long))), "u-12345678-200")
			return changed
		}},
		"names": {30_000, func(o *Office, i int) Changes {
			o.WantName(fmt.Sprint(1000 + i))
			for _, q := range first(o.Next()) {
				o.Answer(q, wire.NewMessage(wire.Node("GetQueueResponse", wire.Node("queueDevice", wire.Leaf("deviceDescription", long)))), time.Unix(1, 0), time.Unix(1, 0))
			}
			o.Done()
			return Changes{}
		}},
		"names that nobody asks for": {30_000, func(o *Office, i int) Changes { o.WantName(fmt.Sprint(1000 + i)); return Changes{} }},
	} {
		t.Run(name, func(t *testing.T) {
			before := memory()
			o := New("200", "12345678", true, true, &calls.Belief{})
			cut := map[string]int{}
			for i := range test.times {
				for _, what := range test.send(o, i).Cut {
					cut[what]++
				}
			}
			if used := memory() - before; used > mostMegabytes<<20 {
				t.Errorf("%d MB are kept", used>>20)
			}
			for what, n := range cut {
				if n != 1 {
					t.Errorf("said %d times that %s were cut off", n, what)
				}
			}
			changed := o.Fold(rings("1000", "real"), time.Unix(100, 0))
			if strings.HasPrefix(name, "calls") || strings.HasPrefix(name, "colleagues") {
				if len(cut) == 0 {
					t.Error("nobody was told that something was cut off")
				}
			}
			if name != "colleagues that ring" && strings.HasPrefix(name, "colleagues") && (len(changed.Colleagues) != 1 || changed.Colleagues[0].Activity() != csta.RingingThere) {
				t.Errorf("a real call at a colleague: %+v", changed)
			}
			runtime.KeepAlive(o)
		})
	}
}

// TestManyMembers: what it costs to take in a list of members grows with its length, not with its square.
func TestManyMembers(t *testing.T) {
	const members = 20_000
	list := wire.Node("memberList")
	for i := range members {
		list.Children = append(list.Children, member(fmt.Sprint(1000+i), true))
	}
	m := wire.NewMessage(wire.Node("QueueMemberEvent", wire.Leaf("monitorCrossRefID", "t-12345678"), wire.Leaf("localNumber", "400"), list))
	o := New("200", "12345678", true, true, &calls.Belief{})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 2 { // all of them new, and all of them known
		o.FoldOther(m, "u-12345678-200")
	}
	runtime.ReadMemStats(&after)
	if used := (after.TotalAlloc - before.TotalAlloc) / members; used > 2000 {
		t.Errorf("each member took %d bytes of memory", used)
	}
}

func member(agent string, in bool) wire.Element {
	return wire.Node("memberListItem", wire.Boolean("active", true), wire.Boolean("activeSip", in), wire.Leaf("agentDN", agent))
}

func first[T any](list []T, _ bool) []T { return list }

func memory() int64 {
	runtime.GC()
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	return int64(now.HeapAlloc)
}
