package cstasession

import (
	"flag"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

// drawEvent makes a document of an event at random: few identifiers, so that calls meet, and everything in
// combinations that no PBX sends.
func drawEvent(t *rapid.T) wire.Element {
	pick := func(label string, words ...string) string { return rapid.SampledFrom(words).Draw(t, label) }
	ids, devices := []string{"A", "B", "A-att", "C"}, []string{"200", "201", "22334455", ""}
	parts := rapid.SampledFrom([]struct{ name, leg, subject string }{
		{"Delivered", "connection", "alertingDevice"}, {"Established", "establishedConnection", "answeringDevice"},
		{"ConnectionCleared", "droppedConnection", "releasingDevice"}, {"Held", "heldConnection", "holdingDevice"},
		{"Retrieved", "retrievedConnection", "retrievingDevice"}, {"Diverted", "connection", "divertingDevice"},
		{"Transfered", "primaryOldCall", "transferringDevice"}, {"Conferenced", "primaryOldCall", "conferencingDevice"},
		{"Failed", "failedConnection", "failingDevice"}, {"Originated", "originatedConnection", "callingDevice"},
	}).Draw(t, "event")
	kids := []wire.Element{wire.Leaf("monitorCrossRefID", "u-12345678-200"),
		wire.Node(parts.leg, wire.Leaf("callID", pick("callID", ids...)), wire.Leaf("deviceID", pick("device", devices...))),
		wire.Node(parts.subject, wire.Leaf("deviceIdentifier", pick("subject", devices...))),
		wire.Node("callingDevice", wire.Leaf("deviceIdentifier", pick("calling", devices...))),
		wire.Leaf("localConnectionInfo", pick("info", "", "null", "alerting", "connected", "held", "initiated", "fail")),
		wire.Node("callLinkageData", wire.Node("globalCallData", wire.Leaf("globalCallLinkageId", pick("linkage", "L1", "L2", "")))),
		wire.Leaf("cause", pick("cause", "", "normal", "newCall", "conference", "singleStepTransfer"))}
	if rapid.Bool().Draw(t, "two calls") {
		kids = append(kids, wire.Node("secondaryOldCall", wire.Leaf("callID", pick("secondary", ids...)), wire.Leaf("deviceID", "200")))
	}
	if joined := pick("joined", "", "", "C", "D"); joined != "" {
		kids = append(kids, wire.Node("conferenceConnections", wire.Node("connectionListItem", wire.Node("newConnection", wire.Leaf("callID", joined), wire.Leaf("deviceID", "200")))))
	}
	if rapid.Bool().Draw(t, "private") {
		kids = append(kids, wire.Node("privateData", wire.Leaf("localStatus", pick("status", "", "Alerting", "Ringing", "Active", "Held", "Active_AttendedTransfer")),
			wire.Leaf("callDirection", pick("direction", "Inbound", "Outbound", "")), wire.Leaf("remoteUser", pick("remote", devices...))))
	}
	return wire.Node(parts.name+"Event", kids...)
}

// TestEndedExactlyOnce: whatever comes, a call that ended is in exactly one State, no ended call is in two, no
// call goes without having ended, and no two calls that live have one callID.
func TestEndedExactlyOnce(t *testing.T) {
	manyChecks(t, 3000)
	rapid.Check(t, func(t *rapid.T) {
		var states []csta.State
		cfg := config("tcp://pbx:7000")
		cfg.OnChange = func(st csta.State) { states = append(states, st) }
		s, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		l := &link{s: s, crossRef: "u-12345678-200", survey: make(chan struct{}, 1)}
		type id struct { // of a call: what it keeps from begin to end
			began time.Time
			place int // among those that began at one moment
		}
		live := map[id]bool{}
		for range rapid.IntRange(1, 15).Draw(t, "steps") {
			seen := len(states)
			if rapid.IntRange(0, 9).Draw(t, "what") == 0 {
				s.fold(l, wire.NewMessage(wire.Node("DoNotDisturbEvent", wire.Leaf("monitorCrossRefID", "u-12345678-200"), wire.Boolean("doNotDisturbOn", rapid.Bool().Draw(t, "on")))))
			} else {
				s.fold(l, wire.NewMessage(drawEvent(t)))
			}
			for _, st := range states[seen:] {
				now, callIDs := map[id]bool{}, map[string]bool{}
				for _, c := range st.Calls {
					key := id{began: c.Began}
					for now[key] {
						key.place++
					}
					if now[key] = true; c.Phase == csta.Ended {
						now[key] = false
						continue
					}
					if callIDs[c.ID.CallID] && c.ID.CallID != "" {
						t.Fatalf("two calls have the callID %q: %+v", c.ID.CallID, st.Calls)
					}
					callIDs[c.ID.CallID] = true
				}
				for key, lives := range now {
					if !lives && !live[key] {
						t.Fatalf("a call ended twice, or never lived: %+v", st.Calls)
					}
				}
				for key := range live {
					if _, told := now[key]; !told {
						t.Fatalf("a call went without an end: %+v", st.Calls)
					}
				}
				clear(live)
				for key, lives := range now {
					if lives {
						live[key] = true
					}
				}
			}
			if n := len(states); n > 0 {
				for _, c := range states[n-1].Calls {
					if c.Phase == csta.Ended {
						t.Fatalf("an ended call stays: %+v", c)
					}
				}
			}
		}
	})
}

// manyChecks has rapid make so many checks in this test, unless the command line says how many.
func manyChecks(t *testing.T, n int) {
	given := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for name, value := range map[string]string{"rapid.checks": strconv.Itoa(n), "rapid.nofailfile": "true"} {
		if old := flag.Lookup(name).Value.String(); !given[name] {
			if err := flag.Set(name, value); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = flag.Set(name, old) })
		}
	}
}
