package notify

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"calltray/cstasession/csta"
)

var began = time.Date(2026, 11, 22, 14, 5, 0, 0, time.Local)

func call(linkage string, phase csta.Phase, change ...func(*csta.Call)) csta.Call {
	c := csta.Call{
		Linkage: linkage, ID: csta.ConnectionID{CallID: "id-" + linkage, DeviceID: "200"}, Phase: phase,
		Remote: csta.Party{Number: "22334455", Name: "Ærø Bageri"}, Began: began,
	}
	for _, f := range change {
		f(&c)
	}
	return c
}

func ended(o csta.Outcome) func(*csta.Call) {
	return func(c *csta.Call) { c.Phase, c.Outcome = csta.Ended, o }
}

func outgoing(c *csta.Call) { c.Direction = csta.Outgoing }

func named(name string) func(*csta.Call) {
	return func(c *csta.Call) { c.Remote.Name = name }
}

func online(calls ...csta.Call) csta.State {
	return csta.State{Status: csta.Online, Calls: calls}
}

func offline(calls ...csta.Call) csta.State {
	return csta.State{Status: csta.Offline, Calls: calls}
}

// settle does what the notices ask for until it asks for nothing, as a desktop that always obeys.
func settle(t *testing.T, b *notices, id *uint32) []string {
	t.Helper()
	var did []string
	for range 100 {
		s, ok := b.next()
		if !ok {
			return did
		}
		switch {
		case s.op == hide:
			did = append(did, "close "+s.notice.key)
			b.did(s, 0)
		case s.id != 0:
			did = append(did, fmt.Sprintf("change %s: %s", s.notice.key, s.notice.title))
			b.did(s, s.id)
		default:
			*id++
			did = append(did, "show "+s.notice.key)
			b.did(s, *id)
		}
	}
	t.Fatalf("does not settle: %q", did)
	return nil
}

func TestBoard(t *testing.T) {
	const ringing, active, held, calling = csta.Ringing, csta.Active, csta.Held, csta.Calling
	for _, tt := range []struct {
		name   string
		states []csta.State // one after the other, the desktop keeping up
		want   [][]string
	}{
		{"nothing", []csta.State{online()}, [][]string{nil}},
		{"rings", []csta.State{online(call("a", ringing))}, [][]string{{"show a"}}},
		{"goes on ringing", []csta.State{online(call("a", ringing)), online(call("a", ringing))}, [][]string{{"show a"}, nil}},
		{"answered", []csta.State{online(call("a", ringing)), online(call("a", active))}, [][]string{{"show a"}, {"close a"}}},
		{"answered, held, ended", []csta.State{online(call("a", ringing)), online(call("a", active)), online(call("a", held)), online(call("a", 0, ended(csta.Answered)))},
			[][]string{{"show a"}, {"close a"}, nil, nil}},
		{"missed", []csta.State{online(call("a", ringing)), online(call("a", 0, ended(csta.Missed))), online()},
			[][]string{{"show a"}, {"close a", "show missed"}, nil}},
		{"answered elsewhere", []csta.State{online(call("a", ringing)), online(call("a", 0, ended(csta.AnsweredElsewhere)))}, [][]string{{"show a"}, {"close a"}}},
		{"diverted", []csta.State{online(call("a", ringing)), online(call("a", 0, ended(csta.DivertedAway)))}, [][]string{{"show a"}, {"close a"}}},
		{"rejected", []csta.State{online(call("a", ringing)), online(call("a", 0, ended(csta.Rejected)))}, [][]string{{"show a"}, {"close a"}}},
		{"ended while offline", []csta.State{online(call("a", ringing)), online(call("a", 0, ended(csta.EndedOffline)))}, [][]string{{"show a"}, {"close a"}}},
		{"vanishes", []csta.State{online(call("a", ringing)), online()}, [][]string{{"show a"}, {"close a"}}},
		{"offline", []csta.State{online(call("a", ringing)), offline(call("a", ringing)), online(call("a", ringing))}, [][]string{{"show a"}, {"close a"}, {"show a"}}},
		{"connecting", []csta.State{{Status: csta.Connecting, Calls: []csta.Call{call("a", ringing)}}}, [][]string{nil}},
		{"missed, told while offline", []csta.State{offline(call("a", 0, ended(csta.Missed)))}, [][]string{{"show missed"}}},
		{"outgoing", []csta.State{online(call("a", calling, outgoing)), online(call("a", ringing, outgoing)), online(call("a", 0, outgoing, ended(csta.NoAnswer)))}, [][]string{nil, nil, nil}},
		{"outgoing, called missed", []csta.State{online(call("a", 0, outgoing, ended(csta.Missed)))}, [][]string{nil}},
		{"the name comes later", []csta.State{online(call("a", ringing, named(""))), online(call("a", ringing))}, [][]string{{"show a"}, {"change a: Ærø Bageri · <22334455>"}}},
		{"two ring", []csta.State{online(call("a", ringing), call("b", ringing)), online(call("b", ringing))}, [][]string{{"show a", "show b"}, {"close a"}}},
		{"one missed while another rings", []csta.State{online(call("a", ringing)), online(call("a", 0, ended(csta.Missed)), call("b", ringing))},
			[][]string{{"show a"}, {"close a", "show b", "show missed"}}},
		{"never seen ringing", []csta.State{online(call("a", 0, ended(csta.Missed)))}, [][]string{{"show missed"}}},
		{"no linkage", []csta.State{online(call("", ringing)), online()}, [][]string{{"show id-/200"}, {"close id-/200"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := notices{cfg: Config{Format: func(n string) string { return "<" + n + ">" }}.complete()}
			var id uint32
			for i, s := range tt.states {
				b.update(s)
				if got := settle(t, &b, &id); !slices.Equal(got, tt.want[i]) {
					t.Errorf("state %d: %q, want %q", i, got, tt.want[i])
				}
			}
		})
	}
}

func TestDescribe(t *testing.T) {
	plain := func(n string) string { return n }
	pairs := func(n string) string { return strings.Replace(n, "22334455", "22 33 44 55", 1) }
	for _, tt := range []struct {
		name        string
		call        csta.Call
		format      func(string) string
		title, body string
	}{
		{"number and name", call("a", 0), pairs, "Ærø Bageri · 22 33 44 55", "Incoming call"},
		{"no name", call("a", 0, named("")), pairs, "22 33 44 55", "Incoming call"},
		{"name is the number", call("a", 0, named("22334455")), plain, "22334455", "Incoming call"},
		{"withheld", call("a", 0, func(c *csta.Call) { c.Remote = csta.Party{} }), plain, "Number withheld", "Incoming call"},
		{"name alone", call("a", 0, func(c *csta.Call) { c.Remote.Number = "" }), plain, "Ærø Bageri", "Incoming call"},
		{"for a queue", call("a", 0, func(c *csta.Call) { c.Via = "400" }), plain, "Ærø Bageri · 22334455", "Incoming call for 400"},
		{"for a queue with a name", call("a", 0, func(c *csta.Call) { c.Via, c.ViaName = "400", "Re\ncep\u202etion" }), plain, "Ærø Bageri · 22334455", "Incoming call for Re ception (400)"},
		{"for a queue with a page for a name", call("a", 0, func(c *csta.Call) { c.Via, c.ViaName = "400", strings.Repeat("x", 5000) }), plain, "Ærø Bageri · 22334455",
			"Incoming call for " + strings.Repeat("x", 59) + "… (400)"},
		{"missed", call("a", 0, ended(csta.Missed)), plain, "Ærø Bageri · 22334455", "Missed call at 14:05"},
		{"missed, for a queue", call("a", 0, ended(csta.Missed), func(c *csta.Call) { c.Via, c.Began = "400", time.Time{} }), plain, "Ærø Bageri · 22334455", "Missed call for 400"},
		{"a page for a name", call("a", 0, named(strings.Repeat("x", 5000))), plain, strings.Repeat("x", 59) + "… · 22334455", "Incoming call"},
		{"hostile", call("a", 0, named("$(calc)\n\"@]]>"), func(c *csta.Call) { c.Remote.Number, c.Via = "22\u202e55`", "$x" }), plain, "(calc) @ · 2255", "Incoming call for x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := notices{cfg: Config{Format: tt.format}.complete()}
			n := b.describe(tt.call)
			if n.title != tt.title || n.body != tt.body {
				t.Errorf("got %q, %q, want %q, %q", n.title, n.body, tt.title, tt.body)
			}
			if n.number != tt.call.Remote.Number || n.id != tt.call.ID {
				t.Errorf("the notice is about %v, %q", n.id, n.number)
			}
		})
	}
}

// All missed calls that have not been seen are one notification, in which a caller counts once; it grows, and goes when
// they have been seen.
func TestMissedCallsAreOneNotification(t *testing.T) {
	b := notices{cfg: Config{Format: func(n string) string { return n }}.complete()}
	var id uint32
	minute := 0
	missed := func(number, name string) csta.State {
		minute++
		return online(call(fmt.Sprint(minute), 0, ended(csta.Missed), func(c *csta.Call) {
			c.Remote, c.Began = csta.Party{Number: number, Name: name}, began.Add(time.Duration(minute)*time.Minute)
		}))
	}
	for _, step := range []struct {
		state       csta.State
		title, body string
		number      string // that can be called back
	}{
		{missed("44556677", "Bo & Søn"), "Bo & Søn · 44556677", "Missed call at 14:06", "44556677"},
		{missed("44556677", "Bo & Søn"), "Bo & Søn · 44556677", "Missed 2 times, last at 14:07", "44556677"},
		{missed("22334455", ""), "2 missed calls", "22334455, Bo & Søn", ""},
		{missed("44556677", "Bo & Søn"), "2 missed calls", "Bo & Søn, 22334455", ""},
		{missed("", ""), "3 missed calls", "Number withheld, Bo & Søn and 1 more", ""},
		{missed("", ""), "4 missed calls", "Number withheld, Number withheld and 2 more", ""},
		{missed("203", "Mette"), "5 missed calls", "Mette, Number withheld and 3 more", ""},
	} {
		b.update(step.state)
		settle(t, &b, &id)
		if n := b.missed.shown; n == nil || id != 1 || n.title != step.title || n.body != step.body || n.number != step.number {
			t.Errorf("after call %d: %+v, want %q, %q", minute, n, step.title, step.body)
		}
	}
	b.missed.seen()
	if got := settle(t, &b, &id); !slices.Equal(got, []string{"close missed"}) {
		t.Errorf("when they have been seen: %q", got)
	}
	b.update(missed("44556677", "Bo & Søn"))
	if got := settle(t, &b, &id); !slices.Equal(got, []string{"show missed"}) || b.missed.shown.title != "Bo & Søn · 44556677" {
		t.Errorf("the next one: %q", got)
	}
	for range 3 * maxMissed {
		b.update(missed(fmt.Sprint(40000000+minute), ""))
	}
	settle(t, &b, &id)
	if n := b.missed.shown; len(b.missed.calls) != maxMissed || n.title != fmt.Sprint(3*maxMissed+1, " missed calls") {
		t.Errorf("%d are remembered: %+v", len(b.missed.calls), n)
	}
}

func TestUserClosesANotification(t *testing.T) {
	b := notices{cfg: Config{}.complete()}
	var id uint32
	b.update(online(call("a", csta.Ringing), call("m", 0, ended(csta.Missed))))
	settle(t, &b, &id)
	b.closed(1)
	b.closed(2)
	b.closed(99)
	b.update(online(call("a", csta.Ringing, named("another name"))))
	if got := settle(t, &b, &id); got != nil {
		t.Errorf("put up again: %q", got)
	}
	if b.find(0) != nil || b.find(1) != nil {
		t.Error("a closed notification still has an id")
	}
	b.update(online())
	settle(t, &b, &id)
	if len(b.up) != 0 || len(b.missed.calls) != 0 {
		t.Errorf("left: %v, %v", b.up, b.missed.calls)
	}
}

// A queue rings us again and again with one call: that is one missed call on the desktop, and none once somebody
// has answered it.
func TestAttemptsOfOneCall(t *testing.T) {
	minute := 0
	attempt := func(callID, linkage string, outcome csta.Outcome) csta.State {
		minute++
		return online(call(linkage, 0, ended(outcome), func(c *csta.Call) {
			c.ID.CallID, c.Began = callID, began.Add(time.Duration(minute)*time.Minute)
		}))
	}
	const again = "change missed: Ærø Bageri · 22334455"
	for _, tt := range []struct {
		name   string
		states []csta.State
		want   [][]string // the desktop keeping up
		late   []string   // the desktop answering at the end only
	}{
		{"three attempts", []csta.State{attempt("1", "l", csta.Missed), attempt("2", "l", csta.Missed), attempt("3", "l", csta.Missed)},
			[][]string{{"show missed"}, {again}, {again}}, []string{"show missed"}},
		{"answered in the end", []csta.State{attempt("1", "l", csta.Missed), attempt("2", "l", csta.Answered)},
			[][]string{{"show missed"}, {"close missed"}}, nil},
		{"by a colleague", []csta.State{attempt("1", "l", csta.Missed), attempt("2", "l", csta.AnsweredElsewhere)},
			[][]string{{"show missed"}, {"close missed"}}, nil},
		{"not told in the end", []csta.State{attempt("1", "l", csta.Missed), attempt("2", "l", csta.EndedOffline)},
			[][]string{{"show missed"}, nil}, []string{"show missed"}},
		{"missed, answered, missed", []csta.State{attempt("1", "l", csta.Missed), attempt("2", "l", csta.Answered), attempt("3", "l", csta.Missed)},
			[][]string{{"show missed"}, {"close missed"}, {"show missed"}}, []string{"show missed"}},
		{"two calls", []csta.State{attempt("1", "l", csta.Missed), attempt("2", "m", csta.Missed)},
			[][]string{{"show missed"}, {again}}, []string{"show missed"}},
	} {
		b, late := notices{cfg: Config{}.complete()}, notices{cfg: Config{}.complete()}
		var id, lateID uint32
		for i, s := range tt.states {
			b.update(s)
			late.update(s)
			if got := settle(t, &b, &id); !slices.Equal(got, tt.want[i]) {
				t.Errorf("%s, state %d: %q, want %q", tt.name, i, got, tt.want[i])
			}
		}
		if got := settle(t, &late, &lateID); !slices.Equal(got, tt.late) {
			t.Errorf("%s, all at once: %q, want %q", tt.name, got, tt.late)
		}
	}

	// The desktop is slow to show the first attempt, and the second one is answered meanwhile, or missed.
	for outcome, want := range map[csta.Outcome]string{csta.Answered: "close missed", csta.Missed: again} {
		b := notices{cfg: Config{}.complete()}
		b.update(attempt("1", "l", csta.Missed))
		s, _ := b.next()
		b.update(attempt("2", "l", outcome))
		b.did(s, 7)
		id := uint32(7)
		if got := settle(t, &b, &id); !slices.Equal(got, []string{want}) {
			t.Errorf("%v while the first is being shown: %q, want %q", outcome, got, want)
		}
	}

	// Where the PBX tells no linkage, a callID that is used again is another call.
	b := notices{cfg: Config{}.complete()}
	var id uint32
	for range 2 {
		b.update(attempt("1", "1", csta.Missed))
		settle(t, &b, &id)
	}
	if len(b.missed.calls) != 2 {
		t.Errorf("%d of two calls without linkage are missed", len(b.missed.calls))
	}
}

// Nothing is claimed of a call of which nobody knows whether it still rings.
func TestUncertainCallIsNotAnnounced(t *testing.T) {
	b := notices{cfg: Config{}.complete()}
	var id uint32
	b.update(online(call("a", csta.Ringing)))
	settle(t, &b, &id)
	b.update(online(call("a", csta.Ringing, func(c *csta.Call) { c.Uncertain = true })))
	if got := settle(t, &b, &id); !slices.Equal(got, []string{"close a"}) {
		t.Errorf("%q, want it taken down", got)
	}
}

// A call of which it is decided that nothing announces it has no notification, until it is decided otherwise; and each
// is heard once.
func TestAnnounce(t *testing.T) {
	show, sound := false, true
	b := &notices{cfg: Config{Announce: func(csta.Call) (bool, bool) { return show, sound }}.complete()}
	ringing := csta.State{Status: csta.Online, Calls: []csta.Call{{Linkage: "1", ID: csta.ConnectionID{CallID: "1"}, Phase: csta.Ringing, Direction: csta.Incoming}}}
	for _, step := range []struct {
		what        string
		show, sound bool
		state       csta.State
		noticed     int
		heard       bool
	}{
		{"kept back", false, false, ringing, 0, false},
		{"heard alone", false, true, ringing, 0, true},
		{"shown", true, true, ringing, 1, false},
		{"over", true, true, csta.State{Status: csta.Online}, 0, false},
		{"the next one", true, true, ringing, 1, true},
		{"kept back again", false, false, ringing, 0, false},
	} {
		show, sound, b.sound = step.show, step.sound, false
		if b.update(step.state); len(b.ringing) != step.noticed || b.sound != step.heard {
			t.Errorf("%s: %d notifications, heard %v", step.what, len(b.ringing), b.sound)
		}
	}
}

// Where others may read it, a notification keeps who calls, and who called, to itself; it tells them when that is over.
func TestNamelessNotices(t *testing.T) {
	nameless := true
	b := &notices{cfg: Config{Nameless: func() bool { return nameless }}.complete()}
	one := csta.Call{Linkage: "1", ID: csta.ConnectionID{CallID: "1"}, Phase: csta.Ringing, Direction: csta.Incoming, Remote: csta.Party{Number: "22334455", Name: "Anna Holm"}, Via: "900", ViaName: "Sales"}
	two := one
	two.Linkage, two.ID.CallID, two.Remote = "2", "2", csta.Party{Number: "86121314", Name: "Bo Lund"}
	var said []string
	tell := func(calls ...csta.Call) {
		b.update(csta.State{Status: csta.Online, Calls: calls})
		for s, ok := b.next(); ok; s, ok = b.next() {
			if s.op == show {
				said = append(said, s.notice.title+"|"+s.notice.body+"|"+s.notice.number)
			}
			b.did(s, 7)
		}
	}
	tell(one)
	one.Phase, one.Outcome = csta.Ended, csta.Missed
	tell(one)
	two.Phase, two.Outcome = csta.Ended, csta.Missed
	tell(two)
	for _, s := range said {
		for _, word := range []string{"Anna", "Bo", "22334455", "86121314", "900", "Sales"} {
			if strings.Contains(s, word) {
				t.Errorf("%q tells %s", s, word)
			}
		}
	}
	if len(said) != 3 || said[0] != "Incoming call||" || said[1] != "Missed call||" || said[2] != "2 missed calls||" {
		t.Errorf("said %q", said)
	}
	said, nameless = nil, false
	tell()
	if len(said) != 1 || !strings.Contains(said[0], "Anna") || !strings.Contains(said[0], "Bo") {
		t.Errorf("afterwards it says %q", said)
	}
}
