package calls

import (
	"fmt"
	"reflect"
	"strconv"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/limits"
	"calltray/cstasession/internal/wire"
)

// The fold in tables. Our device is 200, the outside party dun, colleagues are 201 and 202, the queue is
// 400. The vendor gives each leg a callID of its own: A is ours, B another party's. A PBX
// that keeps to the standard names the whole call by it.

// step is an event and what it makes of the call that it changes: see brief; "-" where it changes none.
type step struct {
	ev   wire.Event
	want string
}

// news is the call that changed; none if nothing did.
func news(c csta.Call, changed bool) csta.Call {
	if !changed {
		return csta.Call{}
	}
	return c
}

// brief is a call in a few signs: <, > or ? for its direction, the phase, the other party, @via, #callID
// unless it is A, =outcome.
func brief(c csta.Call) string {
	if c == (csta.Call{}) {
		return "-"
	}
	s := map[csta.Direction]string{csta.Incoming: "<", csta.Outgoing: ">", csta.UnknownDirection: "?"}[c.Direction] + c.Phase.String() + " " + c.Remote.Number
	if c.Remote.Name != "" {
		s += " " + c.Remote.Name
	}
	if c.Via != "" {
		s += " @" + c.Via
	}
	if c.ID.CallID != "A" {
		s += " #" + c.ID.CallID
	}
	if c.Outcome != csta.NotEnded {
		s += " =" + c.Outcome.String()
	}
	return s
}

func TestFold(t *testing.T) {
	for _, test := range []struct {
		name  string
		steps []step
		left  int // calls in the table after all
	}{
		// The rules of architecture.md 5.
		{"an unknown call is created by whatever tells of it first", []step{
			{isAnswered("inbound", from(dun), to("200")), "<active " + dun},
		}, 1},
		{"the end of an unknown call creates none", []step{{isCleared(), "-"}}, 0},
		{"a late Delivered cannot raise the dead", []step{
			{ringsUs(), "<ringing " + dun + " Bo"}, {isCleared(), "<ended " + dun + " Bo =missed"},
			{ringsUs(), "-"}, {isAnswered("inbound"), "-"}, {isCleared(), "-"},
		}, 0},
		{"an end that comes before its Delivered", []step{{isCleared(), "-"}, {ringsUs(), "-"}}, 0},
		{"the same event twice changes nothing", []step{
			{ringsUs(), "<ringing " + dun + " Bo"}, {ringsUs(), "-"},
			{isAnswered("inbound"), "<active " + dun + " Bo"}, {isAnswered("inbound"), "-"},
			{isCleared(), "<ended " + dun + " Bo =answered"}, {isCleared(), "-"},
		}, 0},
		{"a late Delivered does not un-answer a call", []step{
			{ringsUs(), "<ringing " + dun + " Bo"}, {isAnswered("inbound", why("newCall")), "<active " + dun + " Bo"}, {ringsUs(), "-"},
		}, 1},
		{"trap 11: legs under u- and t- are one call", []step{
			{weCall(), ">calling " + dun},
			{weCall(leg("B", dun), by(dun), info("alerting"), status("alerting", "inbound"), other("200", "")), "-"},
			{isAnswered("outbound"), ">active " + dun},
			{isAnswered("inbound", leg("B", dun), other("200", "")), "-"},
			{isCleared(leg("B", dun)), "-"},
			{isCleared(), ">ended " + dun + " =answered"},
		}, 0},
		{"trap 11: the caller's leg does not turn an incoming call round", []step{
			{ringsUs(), "<ringing " + dun + " Bo"},
			{weCall(leg("B", dun), from(dun), to("200"), other("200", ""), asked("")), "-"},
		}, 1},
		{"another party's ConnectionCleared does not end our leg", []step{
			{ringsUs(), "<ringing " + dun + " Bo"},
			{isCleared(leg("B", "201"), by("201"), why("newCall")), "-"},
			{isCleared(leg("C", "400"), why("newCall")), "-"},
		}, 1},
		{"unknown words say nothing, and the rest still counts", []step{
			{ringsUs(info("sleeping"), status("Dozing", "sideways")), "<ringing " + dun + " Bo"},
			{isAnswered("up", info("sleeping"), status("dozing", "up"), why("newCall")), "<active " + dun + " Bo"},
		}, 1},
		{"an event that names no call creates none", []step{
			{on("Delivered", leg("", ""), linked("")), "-"},
			{ringsUs(leg("", "200"), linked("")), "-"},
			{wire.Event{Name: "Established"}, "-"},
		}, 0},

		// Flows of protocol 8.5 and 8.6, and the traps of 17.
		{"trap 18: Established without a Delivered before it", []step{
			{isAnswered("outbound", from("200"), to(dun)), ">active " + dun}, {isCleared(by("200")), ">ended " + dun + " =answered"},
		}, 0},
		{"our phone rings first, to be lifted", []step{
			{weCall(info("alerting"), status("alerting", "outbound")), ">calling " + dun}, {weCall(), "-"}, {isAnswered("outbound", why("newCall")), ">active " + dun},
		}, 1},
		{"our phone rings first, and the switch calls that inbound", []step{
			{weCall(info("alerting"), status("alerting", "inbound")), ">calling " + dun}, {weCall(), "-"},
		}, 1},
		{"a colleague's MakeCall to us is still incoming", []step{
			{ringsUs(from("201"), other("201", "Ida"), asked("MakeCall")), "<ringing 201 Ida"},
		}, 1},
		{"trap 12: a consultation is a call beside the one it is about", []step{
			{ringsUs(), "<ringing " + dun + " Bo"}, {isAnswered("inbound"), "<active " + dun + " Bo"},
			{on("Held", leg("A", dun), by("200"), info("held"), status("held", "inbound"), other(dun, "")), "<held " + dun + " Bo"},
			{on("Delivered", leg("A-att", "200"), from("200"), to("201"), info("connected"), status("ringing_attendedtransfer", "inbound"), other("201", "")), ">calling 201 #A-att"},
			{on("Established", leg("A-att", "200"), info("connected"), status("active_attendedtransfer", "inbound"), other("201", "")), ">active 201 #A-att"},
			{isCleared(leg("A-att", "200"), by("201")), ">ended 201 #A-att =answered"},
			{on("Established", status("active", "inbound"), info("connected"), other(dun, "")), "<active " + dun + " Bo"},
		}, 1},
		{"trap 13: the held connection names the other party", []step{
			{ringsUs(), "<ringing " + dun + " Bo"}, {isAnswered("inbound"), "<active " + dun + " Bo"},
			{on("Held", leg("A", dun), by("200"), info("held"), status("held", "inbound"), other(dun, "")), "<held " + dun + " Bo"},
			{isAnswered("inbound", asked("RetrieveCall")), "<active " + dun + " Bo"},
		}, 1},
		{"trap 13: a held call that nobody knew is ours, outgoing as it says, and was answered", []step{
			{on("Held", leg("A", "201"), by("200"), info("held"), status("held", "outbound"), other("201", "")), ">held 201"},
			{isCleared(by("201")), ">ended 201 =answered"},
		}, 0},
		{"trap 14: localStatus over localConnectionInfo", []step{
			{weCall(info("alerting")), ">calling " + dun}, {isAnswered("outbound", info("alerting"), why("newCall")), ">active " + dun},
			{on("Held", by("200"), info("connected"), status("held", "outbound")), ">held " + dun},
		}, 1},
		{"trap 14: localConnectionInfo over the name; held and hold", []step{
			{ringsUs(status("", "inbound")), "<ringing " + dun + " Bo"}, {on("Established", info("connected")), "<active " + dun + " Bo"},
			{on("Established", info("hold")), "<held " + dun + " Bo"}, {on("Retrieved", info("connected")), "<active " + dun + " Bo"},
			{on("Held", info("held")), "<held " + dun + " Bo"}, {on("Established", info("null")), "<ended " + dun + " Bo =answered"},
		}, 0},
		{"trap 14: Idle is no status", []step{{ringsUs(status("idle", "inbound")), "<ringing " + dun + " Bo"}}, 1},
		{"the name alone", []step{
			{on("Delivered", from(dun), to("200")), "<ringing " + dun}, {on("Established"), "<active " + dun}, {on("Held", by("200")), "<held " + dun},
			{on("Retrieved", by("200")), "<active " + dun}, {on("ConnectionCleared", by(dun)), "<ended " + dun + " =answered"},
		}, 0},
		{"a call that began with us, by the name alone", []step{
			{on("ServiceInitiated", by("200")), ">calling "}, {on("Originated", from("200"), to(dun)), ">calling " + dun},
			{on("NetworkReached", from("200"), to(dun)), "-"}, {on("Delivered", from("200"), to(dun)), "-"}, {on("Established"), ">active " + dun},
		}, 1},
		{"trap 23: a number that is withheld", []step{
			{ringsUs(from(""), other("", "")), "<ringing "}, {isAnswered("inbound", other("", "")), "<active "}, {isCleared(by("")), "<ended  =answered"},
		}, 0},
		{"long and short forms of our device", []step{
			{ringsUs(leg("A", "u-12345678-200"), by("u-12345678-200"), to("u-12345678-200"), dialled("sip:200@pbx")), "<ringing " + dun + " Bo"},
			{isCleared(leg("A", "tel:200")), "<ended " + dun + " Bo =missed"},
		}, 0},
		{"through a queue", []step{
			{ringsUs(to("400"), dialled("400")), "<ringing " + dun + " Bo @400"}, {isAnswered("inbound"), "<active " + dun + " Bo @400"},
		}, 1},
		{"through a queue in its long form", []step{{ringsUs(dialled("q-12345678-400")), "<ringing " + dun + " Bo @400"}}, 1},
		{"diverted to us", []step{{ringsUs(redirected("201"), dialled("400")), "<ringing " + dun + " Bo @201"}}, 1},
		{"two calls at once, ended in any order", []step{
			{ringsUs(), "<ringing " + dun + " Bo"}, {isAnswered("inbound"), "<active " + dun + " Bo"},
			{ringsUs(leg("C", "200"), linked("M"), from("27182818"), other("27182818", "Ea")), "<ringing 27182818 Ea #C"},
			{isCleared(leg("C", "200"), linked("M"), by("27182818")), "<ended 27182818 Ea #C =missed"},
			{isCleared(), "<ended " + dun + " Bo =answered"},
		}, 0},
		{"two phones of ours ring for one call: the other one's end is not the call's", []step{
			{ringsUs(), "<ringing " + dun + " Bo"}, {ringsUs(leg("C", "200")), "<ringing " + dun + " Bo #C"},
			{isAnswered("inbound", leg("C", "200")), "<active " + dun + " Bo #C"},
			{isCleared(leg("A", "200"), by("200"), why("normal")), "-"},
			{isCleared(leg("C", "200")), "<ended " + dun + " Bo #C =answered"},
		}, 0},
		{"a queue rings again before it has stopped ringing", []step{
			{ringsUs(dialled("400")), "<ringing " + dun + " Bo @400"}, {ringsUs(leg("C", "200"), dialled("400")), "<ringing " + dun + " Bo @400 #C"},
			{isCleared(why("newCall")), "-"},
			{isCleared(leg("C", "200")), "<ended " + dun + " Bo @400 #C =missed"},
		}, 0},
		{"a queue rings again with a leg of a new name", []step{
			{ringsUs(dialled("400")), "<ringing " + dun + " Bo @400"}, {isCleared(), "<ended " + dun + " Bo @400 =missed"},
			{ringsUs(leg("C", "200"), dialled("400")), "<ringing " + dun + " Bo @400 #C"},
		}, 1},

		// How calls end.
		{"the caller gives up", []step{{ringsUs(), "<ringing " + dun + " Bo"}, {isCleared(), "<ended " + dun + " Bo =missed"}}, 0},
		{"trap 15: answered elsewhere, as text, by Diverted", []step{
			{ringsUs(), "<ringing " + dun + " Bo"}, {on("Diverted", by("200"), from(dun), to("201"), dialled("200"), info("null"), why("Answered elsewhere")), "<ended " + dun + " Bo =answered elsewhere"},
		}, 0},
		{"trap 15: answered elsewhere, as text, by ConnectionCleared", []step{
			{ringsUs(), "<ringing " + dun + " Bo"}, {isCleared(by("201"), why("Answered elsewhere")), "<ended " + dun + " Bo =answered elsewhere"},
		}, 0},
		{"picked up by a colleague", []step{{ringsUs(), "<ringing " + dun + " Bo"}, {on("Diverted", by("200"), info("null"), why("callPickup")), "<ended " + dun + " Bo =answered elsewhere"}}, 0},
		{"deflected: the new destination is not what the caller dialled", []step{
			{ringsUs(), "<ringing " + dun + " Bo"}, {on("Diverted", by("200"), from(dun), to("202"), dialled("200"), info("null"), why("redirected")), "<ended " + dun + " Bo =diverted"},
		}, 0},
		{"rejected at the phone", []step{{ringsUs(), "<ringing " + dun + " Bo"}, {isCleared(by("200"), why("Call Rejected")), "<ended " + dun + " Bo =rejected"}}, 0},
		{"we give up", []step{{weCall(), ">calling " + dun}, {isCleared(by("200")), ">ended " + dun + " =cancelled"}}, 0},
		{"busy", []step{{weCall(), ">calling " + dun}, {isCleared(why("User busy")), ">ended " + dun + " =busy"}}, 0},
		{"busy, told by Failed; we hang up", []step{
			{weCall(), ">calling " + dun}, {on("Failed", by(dun), info("fail"), why("busy")), ">calling " + dun}, {isCleared(by("200")), ">ended " + dun + " =busy"},
		}, 0},
		{"busy, told by Failed; our leg lives on", []step{
			{weCall(), ">calling " + dun}, {on("Failed", leg("A", dun), by(dun), info("connected"), why("busy")), ">calling " + dun}, {isCleared(by("200"), why("normalClearing")), ">ended " + dun + " =busy"},
		}, 0},
		{"refused by the other end", []step{{weCall(), ">calling " + dun}, {isCleared(why("CALL_REJECTED")), ">ended " + dun + " =busy"}}, 0},
		{"nobody answers", []step{{weCall(), ">calling " + dun}, {isCleared(why("No user responding")), ">ended " + dun + " =no answer"}}, 0},
		{"nobody answers, in the standard's word", []step{{weCall(), ">calling " + dun}, {isCleared(by("200"), why("callNotAnswered")), ">ended " + dun + " =no answer"}}, 0},
		{"no such number", []step{{weCall(), ">calling " + dun}, {isCleared(why("Unallocated (unassigned) number")), ">ended " + dun + " =failed"}}, 0},
		{"the network is full", []step{{weCall(), ">calling " + dun}, {isCleared(why("Switching equipment congestion")), ">ended " + dun + " =failed"}}, 0},
		{"a cause nobody knows", []step{{weCall(), ">calling " + dun}, {isCleared(why("Weltuntergang")), ">ended " + dun + " =no answer"}}, 0},
		{"handed over", []step{
			{ringsUs(), "<ringing " + dun + " Bo"}, {isAnswered("inbound"), "<active " + dun + " Bo"},
			{on("Transfered", by("200"), handedTo("201"), why("singleStepTransfer")), "<ended " + dun + " Bo =transferred"},
		}, 0},
		{"handed over, in the other spelling", []step{{isAnswered("inbound", from(dun)), "<active " + dun}, {on("Transferred", by("200")), "<ended " + dun + " =transferred"}}, 0},
		{"the other party hands us over: there is a new other party", []step{
			{isAnswered("inbound", from("201"), other("201", "Ida")), "<active 201 Ida"},
			{on("Transfered", leg("A", "201"), by("201"), handedTo("202"), why("transfer"), info("connected")), "<active 202"},
			{isAnswered("inbound", other("202", "Eva")), "<active 202 Eva"},
		}, 1},
		{"standard: we join two calls, and are out of both", []step{
			{on("Established", by("200"), from(dun), to("200"), info("connected")), "<active " + dun},
			{on("Held", by("200"), info("hold")), "<held " + dun},
			{on("Established", leg("C", "201"), by("201"), from("200"), to("201"), info("connected"), linked("M")), ">active 201 #C"},
			{on("Transfered", leg("A", "200"), second("C", "200"), by("200"), handedTo("201"), info("null"), why("transfer")), "<ended " + dun + " =transferred"},
			{on("ConnectionCleared", leg("C", "200"), linked("M"), by("200"), info("null")), "-"},
		}, 0},
		{"trap 12: we join a call and its consultation", []step{
			{isAnswered("inbound", from(dun)), "<active " + dun},
			{on("Established", leg("A-att", "200"), info("connected"), status("active_attendedtransfer", "inbound"), other("201", "")), ">active 201 #A-att"},
			{on("Transfered", by("200"), handedTo("201"), why("transfer")), "<ended " + dun + " =transferred"},
			{isCleared(leg("A-att", "200")), "-"},
		}, 0},
		{"a blind transfer leaves the consulted call alone", []step{
			{isAnswered("inbound", from(dun)), "<active " + dun},
			{on("Established", leg("A-att", "200"), info("connected"), status("active", "inbound"), other("201", "")), ">active 201 #A-att"},
			{on("Transfered", by("200"), leg("A-att", "200"), handedTo("202"), why("singleStepTransfer")), ">ended 201 #A-att =transferred"},
		}, 1},
		{"standard: others join two calls, and ours goes on under a new callID", []step{
			{on("Established", by("200"), from("201"), to("200"), info("connected")), "<active 201"},
			{on("Transfered", leg("A", "201"), second("C", "201"), by("201"), handedTo("202"), info("connected"), newCall("D")), "<active 202 #D"},
			{on("ConnectionCleared", leg("D", "202"), linked("N"), by("202"), info("connected")), "-"},
			{on("ConnectionCleared", leg("D", "200"), linked("N"), by("200"), info("null")), "<ended 202 #D =answered"},
		}, 0},
		{"remoteUser follows a transfer", []step{
			{isAnswered("outbound", from("200"), to("201"), other("201", "")), ">active 201"},
			{on("Delivered", info("connected"), status("ringing", "outbound"), other("202", "")), ">active 202"},
			{on("Established", info("connected"), status("active", "outbound"), other("202", "")), "-"},
		}, 1},

		// PBXs that keep to the standard: the callID names the whole call, each leg has its
		// device, localConnectionInfo is of the monitored device whoever the event is about.
		{"standard: incoming", []step{
			{on("Delivered", by("200"), from(dun), to("200"), info("alerting"), why("newCall")), "<ringing " + dun},
			{on("Established", by("200"), from(dun), to("200"), info("connected"), why("newCall")), "<active " + dun},
			{on("ConnectionCleared", leg("A", dun), by(dun), info("connected"), why("newCall")), "-"},
			{on("ConnectionCleared", by("200"), info("null"), why("normalClearing")), "<ended " + dun + " =answered"},
		}, 0},
		{"standard: outgoing, told of the other end's leg", []step{
			{on("ServiceInitiated", by("200"), info("initiated"), why("makeCall")), ">calling "},
			{on("Originated", from("200"), to(dun), info("connected"), why("newCall")), ">calling " + dun},
			{on("Delivered", leg("A", dun), by(dun), from("200"), to(dun), info("connected"), why("newCall")), "-"},
			{on("Established", leg("A", dun), by(dun), from("200"), to(dun), info("connected"), why("newCall")), ">active " + dun},
			{on("ConnectionCleared", leg("A", dun), by(dun), info("connected"), why("newCall")), "-"},
			{on("ConnectionCleared", by("200"), info("null")), ">ended " + dun + " =answered"},
		}, 0},
		{"standard: outgoing without ServiceInitiated and Originated", []step{
			{on("Delivered", leg("A", dun), by(dun), from("200"), to(dun), info("connected")), ">calling " + dun},
			{on("Established", leg("A", dun), by(dun), from("200"), to(dun), info("connected")), ">active " + dun},
		}, 1},
		{"standard: the other party's end is ours, when it says so", []step{
			{on("Established", leg("A", dun), from("200"), to(dun), info("connected")), ">active " + dun},
			{on("ConnectionCleared", leg("A", dun), by(dun), info("null")), ">ended " + dun + " =answered"},
		}, 0},
		{"standard: put on hold by the other end is not held by us", []step{
			{on("Established", by("200"), from(dun), to("200"), info("connected")), "<active " + dun},
			{on("Held", leg("A", dun), by(dun), info("connected")), "-"},
			{on("Held", leg("A", dun), by(dun)), "-"},
			{on("Retrieved", leg("A", dun), by(dun), info("connected")), "-"},
		}, 1},
		{"standard: a group rings, a colleague answers: never missed", []step{
			{on("Delivered", by("200"), from(dun), to("400"), info("alerting")), "<ringing " + dun + " @400"},
			{on("Delivered", leg("A", "201"), by("201"), from(dun), to("400"), info("alerting")), "-"},
			{on("Established", leg("A", "201"), by("201"), from(dun), to("400"), info("null")), "<ended " + dun + " @400 =answered elsewhere"},
		}, 0},
		{"standard: a group rings, a colleague answers, and our end is told later", []step{
			{on("Delivered", by("200"), from(dun), to("400"), info("alerting")), "<ringing " + dun + " @400"},
			{on("Established", leg("A", "201"), by("201"), from(dun), to("400"), info("alerting")), "-"},
			{on("ConnectionCleared", by("200"), info("null"), why("normalClearing")), "<ended " + dun + " @400 =answered elsewhere"},
		}, 0},
		{"standard: a colleague answers, without localConnectionInfo", []step{
			{on("Delivered", by("200"), from(dun), to("400")), "<ringing " + dun + " @400"},
			{on("Established", leg("A", "201"), by("201"), from(dun), to("400")), "-"},
			{on("ConnectionCleared", by("201")), "<ended " + dun + " @400 =answered elsewhere"},
		}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			table := New("200", &Belief{})
			now := time.Unix(1e9, 0)
			for i, s := range test.steps {
				now = now.Add(time.Second)
				before := table.Calls()
				got := news(table.Apply(s.ev, now))
				if brief(got) != s.want {
					t.Fatalf("step %d, %s: got %q, want %q", i, s.ev.Name, brief(got), s.want)
				}
				if after := table.Calls(); got == (csta.Call{}) && !reflect.DeepEqual(before, after) {
					t.Fatalf("step %d, %s: it says that nothing changed, but\n%+v became\n%+v", i, s.ev.Name, before, after)
				}
				if got != (csta.Call{}) && (got.Phase == csta.Ended) != (got.Outcome != csta.NotEnded) {
					t.Errorf("step %d: phase %v with outcome %v", i, got.Phase, got.Outcome)
				}
				table.Take()
			}
			if len(table.entries) != test.left {
				t.Errorf("calls left: %d, want %d", len(table.entries), test.left)
			}
		})
	}
}

// TestFoldWeClear is how a call ends that our own side asked to clear.
func TestFoldWeClear(t *testing.T) {
	for name, test := range map[string]struct {
		first wire.Event
		want  csta.Outcome
	}{
		"ringing": {ringsUs(), csta.Rejected}, "calling": {weCall(), csta.Cancelled}, "active": {isAnswered("inbound"), csta.Answered},
	} {
		t.Run(name, func(t *testing.T) {
			table := New("200", &Belief{})
			table.Apply(test.first, time.Unix(1, 0))
			table.Clearing("A", true)
			if c, _ := table.Apply(isCleared(), time.Unix(2, 0)); c.Outcome != test.want {
				t.Errorf("got %+v, want %v", c, test.want)
			}
		})
	}
}

// TestFoldKeepsTime: Began, Since and Answered.
func TestFoldKeepsTime(t *testing.T) {
	table, at := New("200", &Belief{}), func(s int64) time.Time { return time.Unix(s, 0) }
	table.Apply(ringsUs(), at(1))
	table.Apply(ringsUs(other(dun, "Bodil")), at(2))
	table.Apply(isAnswered("inbound"), at(3))
	table.Apply(on("Held", by("200"), info("held")), at(4))
	c, changed := table.Apply(isAnswered("inbound"), at(5))
	if !changed || c.Began != at(1) || c.Answered != at(3) || c.Since != at(5) || c.Remote.Name != "Bodil" {
		t.Errorf("got %+v", c)
	}
}

// TestFoldAsksAgain: at the telephone somebody is asked about the same call, twice within a moment.
func TestFoldAsksAgain(t *testing.T) {
	table, now := New("200", &Belief{}), time.Unix(1e9, 0)
	asks := func(linkage string) wire.Event {
		return on("Delivered", leg("A-att", "200"), from("200"), to("201"), info("connected"), status("ringing_attendedtransfer", "outbound"), other("201", ""), linked(linkage))
	}
	gone := isCleared(leg("A-att", "200"), by("201"), linked("M"))
	table.Apply(ringsUs(), now)
	for _, ev := range []wire.Event{asks("M"), gone} {
		table.Apply(ev, now)
		table.Take()
	}
	if c, changed := table.Apply(asks("M"), now); changed {
		t.Errorf("a late event has raised %s", brief(c))
	}
	if c, _ := table.Apply(asks("N"), now); brief(c) != ">calling 201 #A-att" {
		t.Errorf("asked again: got %s", brief(c))
	}
}

// TestFoldForgetsTheDead: where the callID names the whole call, it may come back to us, later.
func TestFoldForgetsTheDead(t *testing.T) {
	table, now := New("200", &Belief{}), time.Unix(1e9, 0)
	table.Apply(ringsUs(), now)
	table.Apply(isCleared(), now)
	table.Take()
	if c, changed := table.Apply(isAnswered("inbound"), now.Add(goneFor)); changed {
		t.Errorf("within %v: got %s", goneFor, brief(c))
	}
	if c, _ := table.Apply(isAnswered("inbound", from(dun)), now.Add(goneFor+1)); brief(c) != "<active "+dun {
		t.Errorf("after %v: got %s", goneFor, brief(c))
	}
	table.NewLink() // a PBX that was restarted counts from the start
	table.entries = nil
	if _, changed := table.Apply(ringsUs(), now); !changed {
		t.Error("a new link remembers the old one's dead")
	}
}

func TestSameNumber(t *testing.T) {
	for _, test := range []struct {
		told, dialled string
		want          bool
	}{
		{"31415926", "31415926", true}, {"31415926", "+4531415926", true}, {"004531415926", "31415926", true}, {"4531415926", "+45 31 41 59 26", true},
		{"202", "202", true}, {"", "202", true}, {"203", "202", false}, {"31415926", "31415927", false}, {"*21", "*21", true},
		{"0031415926", "31415926", true},
	} {
		if got := csta.SameNumber(test.told, test.dialled); got != test.want {
			t.Errorf("told %q, dialled %q: got %v", test.told, test.dialled, got)
		}
	}
}

// A call that left may come back under its old identifier, if the PBX says why.
func TestRecalledCallRingsAgain(t *testing.T) {
	table, now := New("310", &Belief{}), time.Unix(1e9, 0)
	ring := on("Delivered", leg("77", "310"), info("alerting"))
	table.Apply(ring, now)
	table.Apply(on("ConnectionCleared", leg("77", "310"), info("null")), now)
	table.Take()
	if c, changed := table.Apply(ring, now); changed {
		t.Errorf("a late Delivered raised %s", brief(c))
	}
	ring.Cause = "recallNoAnswer"
	if c, changed := table.Apply(ring, now); !changed || c.Phase != csta.Ringing {
		t.Errorf("a recall: got %v, want a ringing call", c)
	}
}

// A server without an end does not fill the memory.
func TestCallsAreBounded(t *testing.T) {
	table, now := New("310", &Belief{}), time.Unix(1e9, 0)
	for i := range limits.Calls + 10 {
		ring := on("Delivered", leg(strconv.Itoa(i), "310"), info("alerting"))
		ring.Linkage = ""
		table.Apply(ring, now)
	}
	live := 0
	for _, c := range table.Take() {
		if c.Phase != csta.Ended {
			live++
		}
	}
	if c, shown := table.Apply(ringsUs(), now); live != limits.Calls || !shown || c.Phase != csta.Ringing || !table.Full() {
		t.Errorf("got %d calls, want %d; one more: %+v", live, limits.Calls, c)
	}
	many := make([]wire.SnapshotItem, 20_000)
	for i := range many {
		many[i] = wire.SnapshotItem{Leg: csta.ConnectionID{CallID: fmt.Sprint("S", i), DeviceID: "310"}, States: []string{"connected"}}
	}
	if table.Refresh(many, now, now); table.Len() > 2*limits.Calls+1 {
		t.Errorf("a snapshot of many: %d calls", table.Len())
	}
}
