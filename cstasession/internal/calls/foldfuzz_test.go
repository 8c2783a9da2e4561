package calls

import (
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

// FuzzFold: whatever sequence of events comes, the calls stay few, distinct and consistent.
func FuzzFold(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 0, 0, 2, 0, 0})
	f.Add([]byte("a sequence of events, three bytes each"))
	names := []string{"Delivered", "Established", "ConnectionCleared", "Held", "Retrieved", "Diverted", "Transfered", "Failed", "Originated", "ServiceInitiated", "NetworkReached"}
	legs := []csta.ConnectionID{{CallID: "A", DeviceID: "200"}, {CallID: "B", DeviceID: dun}, {CallID: "A", DeviceID: dun}, {CallID: "C", DeviceID: "200"}, {CallID: "A-att", DeviceID: "200"}, {CallID: "", DeviceID: "200"}, {CallID: "C", DeviceID: ""}, {CallID: "D", DeviceID: "201"}}
	infos := []string{"", "null", "alerting", "connected", "hold", "fail", "initiated", "queued"}
	states := []string{"", "alerting", "ringing", "active", "held", "idle", "active_attendedtransfer", "?"}
	f.Fuzz(func(t *testing.T, script []byte) {
		table, now := New("200", &Belief{}), time.Unix(1e9, 0)
		for ; len(script) >= 3; script = script[3:] {
			a, b, c := script[0], script[1], script[2]
			ev := wire.Event{Name: names[int(a)%len(names)], Leg: legs[b%8], Info: infos[b>>3%8], Status: states[c%8],
				Linkage: []string{"L", "M", "", "L"}[c>>3%4], Subject: []csta.DeviceID{"200", dun, "201", ""}[c>>5%4], Direction: []string{"", "inbound", "outbound"}[a>>4%3]}
			if a>>6 == 3 {
				ev.Secondary, ev.NewCallID = csta.ConnectionID{CallID: "C", DeviceID: "200"}, "E"
			}
			now = now.Add(time.Duration(a) * 10 * time.Millisecond)
			table.Apply(ev, now)
			for _, call := range table.Calls() {
				if (call.Phase == csta.Ended) != (call.Outcome != csta.NotEnded) {
					t.Fatalf("after %+v: %+v", ev, call)
				}
				if call.Phase == csta.Active && call.Answered.IsZero() || call.Since.Before(call.Began) {
					t.Fatalf("times of %+v", call)
				}
			}
			if table.Take(); len(table.entries) > len(legs)+2 {
				t.Fatalf("%d calls", len(table.entries))
			}
		}
	})
}
