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
						table.NewLink()
						table.Reconcile(items, now.Add(time.Minute), now.Add(time.Minute))
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
			table.NewLink()
			table.Reconcile(nil, now.Add(time.Minute), now.Add(time.Minute)) // nothing is listed: it is in doubt
			id := table.Calls()[0].ID
			list := []csta.Participant{{Device: "200", ID: id, Phase: csta.Active}, {Device: c.other, ID: csta.ConnectionID{CallID: "B", DeviceID: c.other}, Phase: csta.Active}}
			if !table.Testify(id, Testimony{Participants: list}, now.Add(time.Minute)) {
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
			table.NewLink()
			table.Reconcile(nil, now, now)
			id := table.Calls()[0].ID
			list := []csta.Participant{{Device: "200", ID: id, Phase: csta.Active}, {Device: "66778899", ID: csta.ConnectionID{CallID: "B", DeviceID: "66778899"}, Phase: c.other}}
			if !table.Testify(id, Testimony{Participants: list}, now) {
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
	table.Reconcile([]wire.SnapshotItem{back}, now.Add(time.Minute), now.Add(time.Minute))
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
		{"two calls in the vendor's shape", nil, vendor, true, "?active 31415926 #SIP/hpbx-0001c2e0|<ringing 27182818 #SIP/hpbx-0001c2f4"},
		{"two calls in the standard's shape", nil, ecma, true, "?held 31415926 #77|>calling  #78"},
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
			table.Reconcile(test.items, now.Add(time.Minute), now.Add(time.Minute))
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
		table.Reconcile(ecma[:1], now, now)
		c, _ := table.Apply(on("ConnectionCleared", leg("77", "310"), by(dun), info("null"), why("normalClearing")), now)
		if c.Outcome != csta.Answered {
			t.Errorf("got %s, want an answered call", brief(c))
		}
	})
}

func TestSnapshotPhases(t *testing.T) {
	for states, want := range map[string]string{
		"": "active", "null": "", "callNull": "", "initiated": "calling", "callPending": "calling", "connected": "active", "connected null": "active",
		"connected alerting": "calling", "connected fail": "calling", "callDelivered": "calling", "callOriginated": "calling", "connected connected": "active", "callEstablished": "active",
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

// listed is an item of a snapshot about our leg A of a call with dun.
func listed(states ...string) wire.SnapshotItem {
	return wire.SnapshotItem{Leg: csta.ConnectionID{CallID: "A", DeviceID: "200"}, Remote: dun, Linkage: "L", States: states}
}

// TestCallFromBefore: a snapshot does not say who made a call that was answered before we came. Until the PBX says
// so, the call goes neither way, and the caller's name, which may be our own, is nobody's.
func TestCallFromBefore(t *testing.T) {
	held := func(direction, caller string) wire.Event {
		return on("Held", by("200"), info("held"), status("held", direction), other(dun, caller))
	}
	for _, test := range []struct {
		name string
		item wire.SnapshotItem
		ev   wire.Event
		want string
	}{
		{"we made it", listed("connected"), held("outbound", "Astrid"), ">held " + dun},
		{"they did", listed("connected"), held("inbound", "Bo"), "<held " + dun + " Bo"},
		{"an event as in the standard names the caller", listed("hold"), on("Established", from("200"), to(dun), info("connected")), ">active " + dun},
		{"and here it is not us", listed("hold"), on("Established", from(dun), to("200"), info("connected")), "<active " + dun},
		{"nobody says", listed("connected"), held("", "Astrid"), "?held " + dun},
		{"its end does not say", listed("connected"), isCleared(), "?ended " + dun + " =answered"},
		{"a consultation of ours about it", listed("connected"), on("Delivered", leg("B", "201"), by("201"), from("200"), to("201"), other("200", "Astrid")), "?active " + dun},
		{"our telephone rings", listed("alerting", "connected"), wire.Event{}, "<ringing " + dun},
		{"their telephone rings", listed("connected", "alerting"), wire.Event{}, ">calling " + dun},
	} {
		t.Run(test.name, func(t *testing.T) {
			table, now := New("200", &Belief{}), time.Unix(1e9, 0)
			table.Reconcile([]wire.SnapshotItem{test.item}, now, now)
			if test.ev.Name != "" {
				table.Apply(test.ev, now.Add(time.Second))
			}
			if got := brief(table.Calls()[0]); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// TestTestimonyAboutACallFromBefore: the PBX is asked once about a call of which nobody knows who made it, and the
// answer may also show that the snapshot said too little.
func TestTestimonyAboutACallFromBefore(t *testing.T) {
	of := func(our, their csta.Phase) []csta.Participant {
		return []csta.Participant{{Device: "200", ID: csta.ConnectionID{CallID: "A", DeviceID: "200"}, Phase: our}, {Device: dun, ID: csta.ConnectionID{CallID: "B", DeviceID: dun}, Phase: their}}
	}
	for _, test := range []struct {
		name string
		item wire.SnapshotItem
		said Testimony
		want string
	}{
		{"we made it", listed("connected"), Testimony{of(csta.Active, csta.Active), "200", false}, ">active " + dun},
		{"they did", listed("hold"), Testimony{of(csta.Held, csta.Active), dun, false}, "<held " + dun},
		{"not known there either", listed("connected"), Testimony{of(csta.Active, csta.Active), "", false}, "?active " + dun},
		{"their telephone rings still", listed("connected"), Testimony{of(csta.Active, csta.Ringing), "200", false}, ">calling " + dun},
		{"ours rings", listed(), Testimony{of(csta.Ringing, csta.Active), dun, false}, "<ringing " + dun},
		{"ours rings, nobody says for whom", listed(), Testimony{of(csta.Ringing, csta.Active), "", false}, "<ringing " + dun},
		{"of others", listed("connected"), Testimony{of(csta.Active, csta.Active)[1:], dun, false}, "?active " + dun},
		{"of nothing", listed("connected"), Testimony{Gone: true}, "?active " + dun},
	} {
		t.Run(test.name, func(t *testing.T) {
			table, now := New("200", &Belief{}), time.Unix(1e9, 0)
			table.Reconcile([]wire.SnapshotItem{test.item}, now, now)
			asked := table.Questions()
			if len(asked) != 1 {
				t.Fatalf("asks about %v, want the call", asked)
			}
			table.Testify(asked[0], test.said, now)
			c := table.Calls()[0]
			if got := brief(c); got != test.want || c.Answered.IsZero() != (c.Phase == csta.Ringing || c.Phase == csta.Calling) {
				t.Errorf("got %s, answered %v, want %s", got, c.Answered, test.want)
			}
			if again := table.Questions(); len(again) != 0 {
				t.Errorf("asks again about %v", again)
			}
		})
	}
	t.Run("an event came first", func(t *testing.T) {
		table, now := New("200", &Belief{}), time.Unix(1e9, 0)
		table.Reconcile([]wire.SnapshotItem{listed("connected")}, now, now)
		table.Apply(on("Held", by("200"), info("hold")), now.Add(time.Second))
		table.Testify(listed().Leg, Testimony{of(csta.Active, csta.Active), "200", false}, now.Add(time.Second))
		if got := brief(table.Calls()[0]); got != ">held "+dun {
			t.Errorf("got %s, want it on hold, as the event told", got)
		}
	})
}

// TestOtherPartiesDoNotRingHere: a PBX may list every leg of a call of ours. That the other party's telephone rings
// raises no popup here, whichever leg comes first, and whether callIDs name legs or whole calls.
func TestOtherPartiesDoNotRingHere(t *testing.T) {
	for _, callID := range []string{"A", "B"} {
		theirs := wire.SnapshotItem{Leg: csta.ConnectionID{CallID: callID, DeviceID: dun}, Remote: "200", Linkage: "L", States: []string{"alerting", "connected"}}
		for states, want := range map[string]string{"connected": "?active " + dun, "connected alerting": ">calling " + dun} {
			ours := listed(strings.Fields(states)...)
			for _, items := range [][]wire.SnapshotItem{{ours, theirs}, {theirs, ours}} {
				table, now := New("200", &Belief{}), time.Unix(1e9, 0)
				table.Reconcile(items, now, now)
				if list := table.Calls(); len(list) != 1 || brief(list[0]) != want {
					t.Errorf("%v: the calls are %+v, want %s", items, list, want)
				}
			}
		}
	}
}

// TestSecondLegAtASecondTelephone: that another leg of the call in which we talk rings does not turn that call into
// one that rings, in whichever order a snapshot lists them.
func TestSecondLegAtASecondTelephone(t *testing.T) {
	rings := wire.SnapshotItem{Leg: csta.ConnectionID{CallID: "B", DeviceID: "200"}, Remote: dun, Linkage: "L", States: []string{"alerting"}}
	for _, items := range [][]wire.SnapshotItem{{listed("connected"), rings}, {rings, listed("connected")}} {
		table, now := New("200", &Belief{}), time.Unix(1e9, 0)
		table.Apply(ringsUs(), now)
		table.Apply(isAnswered("inbound"), now)
		table.NewLink()
		table.Reconcile(items, now.Add(time.Minute), now.Add(time.Minute))
		if list := table.Calls(); len(list) != 1 || brief(list[0]) != "<active "+dun+" Bo" {
			t.Errorf("%v: the calls are %+v", items, list)
		}
	}
}

// TestEventsOutliveTheFirstSnapshot: what an event has told since the monitor started stands, since the snapshot may
// be older. A call that has just begun to ring keeps its popup, and one that was just answered gets none.
func TestEventsOutliveTheFirstSnapshot(t *testing.T) {
	others := wire.SnapshotItem{Leg: csta.ConnectionID{CallID: "X", DeviceID: "200"}, Linkage: "X", States: []string{"alerting"}}
	for _, test := range []struct {
		name   string
		before []wire.Event // on an earlier link
		events []wire.Event // while the snapshot is on its way
		items  []wire.SnapshotItem
		want   string
		alerts bool
	}{
		{"rings, and nothing is listed", nil, []wire.Event{ringsUs()}, nil, "<ringing " + dun + " Bo", true},
		{"rings, and only others are listed", nil, []wire.Event{ringsUs()}, []wire.SnapshotItem{others}, "<ringing " + dun + " Bo", true},
		{"is answered, and listed as ringing", []wire.Event{ringsUs()}, []wire.Event{isAnswered("inbound")}, []wire.SnapshotItem{listed("alerting", "connected")}, "<active " + dun + " Bo", false},
		{"rang before, and is not listed", []wire.Event{ringsUs()}, nil, nil, "<ringing " + dun + " Bo", false},
		{"rings still", []wire.Event{ringsUs()}, nil, []wire.SnapshotItem{listed("alerting", "connected")}, "<ringing " + dun + " Bo", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			table, now := New("200", &Belief{}), time.Unix(1e9, 0)
			for _, ev := range test.before {
				table.Apply(ev, now)
			}
			table.NewLink()
			asked := now.Add(time.Minute)
			for _, ev := range test.events {
				table.Apply(ev, asked.Add(time.Millisecond))
			}
			table.Reconcile(test.items, asked, asked.Add(time.Second))
			if c := table.Calls()[0]; brief(c) != test.want || c.Alerts() != test.alerts {
				t.Errorf("got %s, which alerts: %v; want %s, %v", brief(c), c.Alerts(), test.want, test.alerts)
			}
		})
	}
}
