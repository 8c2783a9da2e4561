package calls

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

// TestSnapshotsAreBelievedPerState: that a call is not listed ends it only where this PBX was seen to list a
// call in that state.
func TestSnapshotsAreBelievedPerState(t *testing.T) {
	listed := map[csta.Phase][]string{csta.Ringing: {"alerting"}, csta.Calling: {"initiated"}, csta.Active: {"connected"}, csta.Held: {"hold"}}
	calls := map[csta.Phase][]wire.Event{
		csta.Ringing: {ringsUs()}, csta.Calling: {weCall()}, csta.Active: {ringsUs(), isAnswered("inbound")},
		csta.Held: {ringsUs(), isAnswered("inbound"), on("Held", by("200"), info("held"), status("held", "inbound"))},
	}
	for phase, opening := range calls {
		for subset := range 16 {
			var items []wire.SnapshotItem // of other calls
			want := false
			for p := range csta.Ended {
				if subset>>p&1 == 1 {
					items = append(items, wire.SnapshotItem{Leg: csta.ConnectionID{CallID: fmt.Sprint("X", p), DeviceID: "200"}, Linkage: fmt.Sprint("LX", p), States: listed[p]})
					want = want || p == phase
				}
			}
			t.Run(fmt.Sprintf("%v, %04b", phase, subset), func(t *testing.T) {
				for _, fresh := range []bool{false, true} { // a fresh link's first snapshot, or a later one
					table, now := New("200", &Belief{}), time.Unix(1e9, 0)
					for _, ev := range opening {
						table.Apply(ev, now)
					}
					if fresh {
						table.Reconcile(items, now.Add(time.Minute))
					} else {
						table.Refresh(items, now.Add(time.Minute), now.Add(time.Minute+1))
					}
					if got := table.Calls()[0]; (got.Phase == csta.Ended) != want {
						t.Errorf("a fresh link %v: it is %v, want it ended: %v", fresh, got.Phase, want)
					}
				}
			})
		}
	}
}

// TestTestimonyNamesTheOtherParty: while the link was down, the other party may have become somebody else.
func TestTestimonyNamesTheOtherParty(t *testing.T) {
	for _, c := range []struct {
		name  string
		other csta.DeviceID
		want  string
	}{
		{"passed on", "66778899", "66778899"},
		{"the same in the international form", "+4531415926", "31415926"},
		{"withheld", "", "31415926"},
	} {
		t.Run(c.name, func(t *testing.T) {
			table, now := New("200", &Belief{}), time.Unix(1e9, 0)
			table.Apply(ringsUs(), now)
			table.Apply(isAnswered("inbound"), now)
			table.Reconcile(nil, now.Add(time.Minute)) // nothing is listed: it is in doubt
			id := table.Calls()[0].ID
			list := []csta.Participant{{Device: "200", ID: id, Phase: csta.Active}, {Device: c.other, ID: csta.ConnectionID{CallID: "B", DeviceID: c.other}, Phase: csta.Active}}
			if !table.Testify(id, list, false, now.Add(time.Minute)) {
				t.Fatal("the call was not in doubt")
			}
			if got := table.Calls()[0].Remote.Number; got != c.want {
				t.Errorf("the call is with %q, want %q", got, c.want)
			}
		})
	}
}

// TestTestimonyBeforeTheAnswer: a call to somebody is with that number until another answers, as events tell it,
// wherever it rings meanwhile.
func TestTestimonyBeforeTheAnswer(t *testing.T) {
	for _, c := range []struct {
		other csta.Phase
		want  string
	}{
		{csta.Ringing, weCall().Remote.Number},
		{csta.Calling, weCall().Remote.Number}, // it waits in a queue
		{csta.Active, "66778899"},
	} {
		t.Run(c.other.String(), func(t *testing.T) {
			table, now := New("200", &Belief{}), time.Unix(1e9, 0)
			table.Apply(weCall(), now)
			table.Reconcile(nil, now)
			id := table.Calls()[0].ID
			list := []csta.Participant{{Device: "200", ID: id, Phase: csta.Active}, {Device: "66778899", ID: csta.ConnectionID{CallID: "B", DeviceID: "66778899"}, Phase: c.other}}
			if !table.Testify(id, list, false, now) {
				t.Fatal("the call was not in doubt")
			}
			if got := table.Calls()[0].Remote.Number; got != c.want {
				t.Errorf("the call is with %q, want %q", got, c.want)
			}
		})
	}
}

// TestCallThatComesBack: a call that we made and passed on while the link was down may ring here again, as another
// leg. It is an incoming call now.
func TestCallThatComesBack(t *testing.T) {
	table, now := New("200", &Belief{}), time.Unix(1e9, 0)
	table.Apply(weCall(), now)
	made := table.Calls()[0]
	back := wire.SnapshotItem{Leg: csta.ConnectionID{CallID: "another", DeviceID: "200"}, Linkage: made.Linkage, Remote: csta.DeviceID(made.Remote.Number), States: []string{"alerting"}}
	table.Reconcile([]wire.SnapshotItem{back}, now.Add(time.Minute))
	calls := table.Calls()
	if len(calls) != 1 || calls[0].ID != back.Leg || calls[0].Direction != csta.Incoming || calls[0].Phase != csta.Ringing {
		t.Errorf("the calls are %+v", calls)
	}
}

func TestReconcile(t *testing.T) {
	vendor := wire.ReadSnapshot(message(t, "SnapShotDeviceResponse.vendor"))
	ecma := wire.ReadSnapshot(message(t, "SnapshotDeviceResponse.ecma"))
	empty := wire.ReadSnapshot(message(t, "SnapShotDeviceResponse.empty"))
	known, _ := wire.ReadEvent(message(t, "EstablishedEvent"))
	for _, test := range []struct {
		name     string
		before   []wire.Event
		items    []wire.SnapshotItem
		believed bool
		want     string
	}{
		{"nothing, and nothing was", nil, empty, false, ""},
		{"two calls in the vendor's shape", nil, vendor, true, "<active 31415926 #SIP/hpbx-0001c2e0|<ringing 27182818 #SIP/hpbx-0001c2f4"},
		{"two calls in the standard's shape", nil, ecma, true, "<held 31415926 #77|>calling  #78"},
		{"a call that we know keeps its name", []wire.Event{known}, vendor, true, "<active 31415926 " + callerName + " #SIP/hpbx-0001c2e0|<ringing 27182818 #SIP/hpbx-0001c2f4"},
		{"a call that is gone", []wire.Event{known}, ecma[1:], true, "<ended 31415926 " + callerName + " #SIP/hpbx-0001c2e0 =ended while offline|>calling  #78"},
		{"an empty snapshot that nobody vouches for", []wire.Event{known}, empty, false, "<active 31415926 " + callerName + " #SIP/hpbx-0001c2e0"},
		{"an empty snapshot to be believed", []wire.Event{known}, empty, true, "<ended 31415926 " + callerName + " #SIP/hpbx-0001c2e0 =ended while offline"},
	} {
		t.Run(test.name, func(t *testing.T) {
			table, now := New("310", &Belief{test.believed, test.believed, test.believed, test.believed}), time.Unix(1e9, 0)
			for _, ev := range test.before {
				table.Apply(ev, now)
			}
			table.NewLink()
			table.Reconcile(test.items, now.Add(time.Minute))
			var got []string
			for _, c := range table.Calls() {
				got = append(got, brief(c))
			}
			if strings.Join(got, "|") != test.want {
				t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), test.want)
			}
		})
	}
	t.Run("a held call that ends was answered", func(t *testing.T) {
		table, now := New("310", &Belief{}), time.Unix(1e9, 0)
		table.Reconcile(ecma[:1], now)
		c, _ := table.Apply(on("ConnectionCleared", leg("77", "310"), by(dun), info("null"), why("normalClearing")), now)
		if c.Outcome != csta.Answered {
			t.Errorf("got %s, want an answered call", brief(c))
		}
	})
}

func TestSnapshotPhases(t *testing.T) {
	for states, want := range map[string]string{
		"": "active", "null": "", "callNull": "", "initiated": "calling", "callPending": "calling", "connected": "active", "connected null": "active",
		"connected alerting": "calling", "callDelivered": "calling", "callOriginated": "calling", "connected connected": "active", "callEstablished": "active",
		"alerting connected": "ringing", "callReceived": "ringing", "hold connected": "held", "held": "held", "callEstablishedHeld": "held",
		"fail": "calling", "callFailed": "calling", "something new": "active",
	} {
		item := wire.SnapshotItem{States: strings.Fields(strings.ToLower(states))}
		phase, lives := snapshotPhase(item)
		if got := phase.String(); lives != (want != "") || lives && got != want {
			t.Errorf("%q: got %v %v, want %q", states, got, lives, want)
		}
	}
}
