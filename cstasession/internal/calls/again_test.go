package calls

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

func numbered(order int) func(*wire.Event) { return func(e *wire.Event) { e.Order = order } }

const dee = "27182818" // another caller

// TestAnotherLinkageIsAnotherCall: a callID is reused for another call, whatever happened to the first one: its
// end may have been lost, with or without the link.
func TestAnotherLinkageIsAnotherCall(t *testing.T) {
	ringsAgain := ringsUs(linked("M"), from(dee), other(dee, "Ea"))
	callsAgain := weCall(linked("M"), by(dee), to(dee), other(dee, ""))
	before := map[string][]wire.Event{
		"ringing": {ringsUs()}, "calling": {weCall()}, "active": {ringsUs(), isAnswered("inbound")}, "active, outgoing": {weCall(), isAnswered("outbound")},
		"held":         {ringsUs(), isAnswered("inbound"), on("Held", by("200"), info("held"), status("held", "inbound"))},
		"a conference": {ringsUs(), isAnswered("inbound"), on("Conferenced", by("200"), info("connected"), func(e *wire.Event) { e.Parties = "200 201 202" })},
		"ended":        {ringsUs(), isCleared()}, "answered and ended": {ringsUs(), isAnswered("inbound"), isCleared()},
		"its end alone": {isCleared()}, "handed over": {isAnswered("inbound"), on("Transfered", by("200"), handedTo("201"), why("transfer"))},
	}
	for name, opening := range before {
		for _, lost := range []bool{false, true} {
			for _, again := range []struct {
				ev   wire.Event
				want string
			}{{ringsAgain, "<ringing " + dee + " Ea"}, {callsAgain, ">calling " + dee}} {
				t.Run(fmt.Sprintf("%s, link lost %v, %s", name, lost, again.want), func(t *testing.T) {
					table, now := New("200", &Belief{}), time.Unix(1e9, 0)
					ends := 0
					take := func() (live []string) {
						for _, c := range table.Take() {
							if c.Phase == csta.Ended {
								ends++
							} else {
								live = append(live, brief(c))
							}
						}
						return live
					}
					for _, ev := range opening {
						now = now.Add(500 * time.Millisecond)
						table.Apply(ev, now)
						take()
					}
					if lost {
						table.NewLink()
						table.Reconcile(nil, now, now)
					}
					now = now.Add(time.Second)
					table.Apply(again.ev, now)
					if live := take(); !slices.Equal(live, []string{again.want}) {
						t.Errorf("got %q, want %q alone", live, again.want)
					}
					if want := min(1, len(opening)-1); name != "its end alone" && ends != max(want, 1) {
						t.Errorf("the first call ended %d times", ends)
					}
					table.Apply(again.ev, now.Add(time.Second)) // told twice
					if live := take(); !slices.Equal(live, []string{again.want}) {
						t.Errorf("told twice: %q", live)
					}
				})
			}
		}
	}
}

// TestRingsWhileHeld: a call that we held was passed on while the link was down, and comes back here as another
// leg of the same call: it rings. While the link is up, the first leg's end is reported, and a second ringing
// leg is another telephone.
func TestRingsWhileHeld(t *testing.T) {
	for lost, want := range map[bool][]string{
		true:  {"<ended " + dun + " Bo =answered", "<ringing " + dun + " Bo #SIP/hpbx-00000f00"},
		false: {"<held " + dun + " Bo #SIP/hpbx-00000f00"},
	} {
		table, now := New("200", &Belief{}), time.Unix(1e9, 0)
		for _, ev := range []wire.Event{ringsUs(linked("L")), isAnswered("inbound", linked("L")), on("Held", linked("L"), by("200"), info("held"), status("held", "inbound"))} {
			table.Apply(ev, now)
		}
		if lost {
			table.NewLink()
			table.Reconcile(nil, now, now)
		}
		table.Take()
		table.Apply(ringsUs(leg("SIP/hpbx-00000f00", "200"), linked("L"), asked("DirectedPickupCall")), now.Add(time.Minute))
		var got []string
		for _, c := range table.Take() {
			got = append(got, brief(c))
		}
		if !slices.Equal(got, want) {
			t.Errorf("link lost %v: got %q, want %q", lost, got, want)
		}
	}
}

// TestRingsAgain: a call that has left us may ring here again under the same callID and linkage, as a queue
// does it; an event that comes late, or twice, may not.
func TestRingsAgain(t *testing.T) {
	const ms = time.Millisecond
	rings := []struct {
		name  string
		first wire.Event    // rings
		after time.Duration // its end
		again wire.Event
		shown bool
	}{
		{"the same, told twice", ringsUs(), 100 * ms, ringsUs(), false},
		{"the same, late", ringsUs(), 2 * time.Second, ringsUs(), false},
		{"the same, newCall", ringsUs(), 4 * time.Second, ringsUs(), true},
		{"the same, distributed", ringsUs(why("distributed")), 4 * time.Second, ringsUs(why("distributed")), true},
		{"the same, enteringDistribution", ringsUs(why("enteringDistribution")), 4 * time.Second, ringsUs(why("enteringDistribution")), true},
		{"the same, normal", ringsUs(why("normal")), 4 * time.Second, ringsUs(why("normal")), true},
		{"another cause of an offer", ringsUs(), 100 * ms, ringsUs(why("distributed")), true},
		{"another queue", ringsUs(dialled("400"), to("400")), 100 * ms, ringsUs(dialled("401"), to("401")), true},
		{"a later number", ringsUs(numbered(7)), 100 * ms, ringsUs(numbered(9)), true},
		{"an earlier number", ringsUs(numbered(7)), 4 * time.Second, ringsUs(numbered(6)), false},
		{"the same number", ringsUs(numbered(7)), 4 * time.Second, ringsUs(numbered(7)), false},
		{"a recall", ringsUs(), 100 * ms, ringsUs(why("recallNoAnswer")), true},
		{"a late answer", ringsUs(), 4 * time.Second, isAnswered("inbound"), false},
		{"a late hold", ringsUs(), 4 * time.Second, on("Held", by("200"), info("held"), status("held", "inbound")), false},
	}
	for _, test := range rings {
		t.Run(test.name, func(t *testing.T) {
			table, now := New("200", &Belief{}), time.Unix(1e9, 0)
			table.Apply(test.first, now)
			now = now.Add(15 * time.Second)
			end := isCleared(why("No user responding"))
			if test.first.Order > 0 {
				end.Order = test.first.Order + 1
			}
			table.Apply(end, now)
			table.Take()
			now = now.Add(test.after)
			if c, shown := table.Apply(test.again, now); shown != test.shown {
				t.Errorf("got %q, want it shown: %v", brief(c), test.shown)
			}
		})
	}
	t.Run("an end that overtakes its Delivered", func(t *testing.T) {
		table, now := New("200", &Belief{}), time.Unix(1e9, 0)
		table.Apply(isCleared(), now)
		if c, shown := table.Apply(ringsUs(), now.Add(time.Second)); shown {
			t.Errorf("got %s", brief(c))
		}
	})
}

// TestLateSnapshot: a snapshot that was made before a call ended does not bring it back.
func TestLateSnapshot(t *testing.T) {
	table, now := New("200", &Belief{}), time.Unix(1e9, 0)
	table.Apply(ringsUs(), now)
	table.Apply(isCleared(), now.Add(2*time.Second))
	table.Take()
	changed, news := table.Refresh([]wire.SnapshotItem{{Leg: csta.ConnectionID{CallID: "A", DeviceID: "200"}, Linkage: "L", States: []string{"alerting"}}}, now.Add(time.Second), now.Add(6*time.Second))
	if changed || news {
		t.Errorf("got %+v", table.Calls())
	}
}
