package calls

import (
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

// TestConferenceFold: two calls of ours that are joined become one, and it is an ordinary call again when
// two parties are left.
func TestConferenceFold(t *testing.T) {
	conferenced := func(more ...func(*wire.Event)) wire.Event {
		return on("Conferenced", append([]func(*wire.Event){by("200"), info("connected"), why("conference"), func(e *wire.Event) { e.Parties = "200 " + dun + " 202 " }}, more...)...)
	}
	att := []func(*wire.Event){leg("A-att", "200"), by("202"), to("202"), other("202", "")}
	for _, test := range []struct {
		name   string
		before []wire.Event
		joined wire.Event
		want   string     // the call that is left, see brief
		ends   wire.Event // leaves two
	}{
		{"the vendor's legs", []wire.Event{ringsUs(), isAnswered("inbound"), on("Held", by("200"), info("held")), weCall(att...), isAnswered("outbound", att...)},
			conferenced(second("A-att", "200"), newCall("A")), "<active " + dun + " Bo", isAnswered("inbound")},
		{"the vendor's legs, of which no second is told", []wire.Event{ringsUs(), isAnswered("inbound"), weCall(att...), isAnswered("outbound", att...)},
			conferenced(), "<active " + dun + " Bo", isAnswered("inbound")},
		{"a callID for the whole call, as in the standard", []wire.Event{ringsUs(), isAnswered("inbound"), on("Held", by("200"), info("hold")), weCall(leg("C", "200"), to("202"), other("202", ""), linked("M")), isAnswered("outbound", leg("C", "200"), other("202", ""), linked("M"))},
			conferenced(second("C", "200"), newCall("D"), linked("N")), "<active " + dun + " Bo #D", on("ConnectionCleared", leg("D", "202"), by("202"), info("connected"), linked("N"))},
		{"we are who was asked", []wire.Event{ringsUs(leg("C", "200"), from("202"), other("202", "Cecilie"), linked("M")), isAnswered("inbound", leg("C", "200"), other("202", ""), linked("M"))},
			conferenced(leg("A", "202"), by("202"), second("C", "202"), newCall("D"), linked("N")), "<active 202 Cecilie #D", on("ConnectionCleared", leg("D", dun), by(dun), info("connected"), linked("N"))},
	} {
		t.Run(test.name, func(t *testing.T) {
			table, now := New("200", &Belief{}), time.Unix(1e9, 0)
			for _, ev := range test.before {
				table.Apply(ev, now)
			}
			c := news(table.Apply(test.joined, now))
			if got := brief(c); got != test.want || !c.Conference {
				t.Fatalf("joined: got %s (%v), want %s", got, c.Conference, test.want)
			}
			for _, other := range table.Calls() {
				if other.ID != c.ID && (other.Phase != csta.Ended || other.Outcome != csta.Answered) {
					t.Errorf("the other call is %s", brief(other))
				}
			}
			table.Take()
			if calls := table.Calls(); len(calls) != 1 || calls[0].Linkage != test.joined.Linkage || !calls[0].Consults.IsZero() {
				t.Errorf("left: %+v", calls)
			}
			if again, changed := table.Apply(test.joined, now); changed {
				t.Errorf("told twice: %s", brief(again))
			}
			if ordinary := news(table.Apply(test.ends, now)); ordinary.ID != c.ID || ordinary.Conference || ordinary.Phase != csta.Active {
				t.Errorf("two are left: %s", brief(ordinary))
			}
			if again, changed := table.Apply(test.ends, now); changed || again.Conference {
				t.Errorf("two are left, told twice: %s", brief(again))
			}
		})
	}
}

// TestConferenceOfAnother: a consulted party that itself consults a third is added to a conference by the
// first. Its own consultation remains.
func TestConferenceOfAnother(t *testing.T) {
	table, now := New("200", &Belief{}), time.Unix(1e9, 0)
	for _, ev := range []wire.Event{ringsUs(), isAnswered("inbound"), on("Held", by("200"), info("held")), weCall(leg("A-att", "200"), by("202"), to("202"), other("202", ""), linked("M"))} {
		table.Apply(ev, now)
	}
	table.Apply(on("Conferenced", by("201"), info("hold"), why("conference"), linked("N")), now)
	if calls := table.Take(); len(calls) != 2 || calls[1].Phase != csta.Calling || calls[1].Consults != calls[0].ID {
		t.Errorf("got %+v, want the question to go on", calls)
	}
}

// TestConsultationAgain: a consultation that is begun at the telephone as soon as another about the same call has ended has
// its callID, and is seen all the same; a late event of the first one is none.
func TestConsultationAgain(t *testing.T) {
	att := func(number string) []func(*wire.Event) {
		return []func(*wire.Event){leg("A-att", "200"), by(csta.DeviceID(number)), to(csta.DeviceID(number)), other(number, "")}
	}
	for number, want := range map[string]int{"202": 1, "203": 2} {
		table, now := New("200", &Belief{}), time.Unix(1e9, 0)
		for _, ev := range []wire.Event{ringsUs(), isAnswered("inbound"), weCall(att("202")...), isCleared(att("202")...), weCall(att(number)...)} {
			table.Apply(ev, now)
			table.Take()
		}
		if calls := table.Calls(); len(calls) != want {
			t.Errorf("%s asked after 202: got %+v, want %d calls", number, calls, want)
		}
	}
}

// TestConsults: a call that asks about another says so while both live, by whichever way it was begun.
func TestConsults(t *testing.T) {
	about := func(c csta.Call) string { return c.ID.CallID + " asks about " + c.Consults.CallID }
	for _, test := range []struct {
		name  string
		begin func(t *Table)
		want  string
	}{
		{"the vendor's leg", func(t *Table) {
			t.Apply(weCall(leg("A-att", "200"), by("202"), to("202"), other("202", ""), linked("M")), time.Unix(2, 0))
		}, "A-att asks about A"},
		{"a service of the standard", func(t *Table) {
			t.BeginConsultation(csta.ConnectionID{CallID: "A", DeviceID: "200"}, "202")
			t.Apply(weCall(leg("C", "200"), by("202"), to("202"), other("202", ""), linked("M")), time.Unix(2, 0))
		}, "C asks about A"},
		{"at the telephone, in the standard", func(t *Table) {
			t.Apply(on("Held", by("200"), info("hold")), time.Unix(1, 0))
			t.Apply(on("Originated", leg("C", "200"), from("200"), to("202"), linked("M"), why("consultation")), time.Unix(2, 0))
		}, "C asks about A"},
		{"a second call is no question", func(t *Table) {
			t.Apply(on("Held", by("200"), info("hold")), time.Unix(1, 0))
			t.Apply(weCall(leg("C", "200"), by("202"), to("202"), other("202", ""), linked("M")), time.Unix(2, 0))
		}, "C asks about "},
		{"the standard's leg while another call is made", func(t *Table) {
			t.BeginConsultation(csta.ConnectionID{CallID: "A", DeviceID: "200"}, "203")
			t.Apply(weCall(leg("C", "200"), by("202"), to("202"), other("202", ""), linked("M")), time.Unix(2, 0))
		}, "C asks about "},
	} {
		t.Run(test.name, func(t *testing.T) {
			table := New("200", &Belief{})
			table.Apply(ringsUs(), time.Unix(0, 0))
			table.Apply(isAnswered("inbound"), time.Unix(1, 0))
			test.begin(table)
			calls := table.Calls()
			if len(calls) != 2 || about(calls[1]) != test.want || !calls[0].Consults.IsZero() {
				t.Fatalf("got %+v, want %q", calls, test.want)
			}
			table.Apply(isCleared(), time.Unix(3, 0)) // the caller has hung up: nothing is asked any more
			table.Take()
			if calls := table.Calls(); len(calls) != 1 || !calls[0].Consults.IsZero() {
				t.Errorf("afterwards: %+v", calls)
			}
		})
	}
}
