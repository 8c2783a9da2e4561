package cstasession

import (
	"flag"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"calltray/pbxsim"
)

// plot is a random story: what the PBX is like, and what people, the session's user and the network do.
type plot struct {
	server pbxsim.Behaviour
	manual bool // the phone has to be picked up by hand
	trunk  bool // colleagues and queues are told
	steps  []move
}

// move is one thing that happens. a and b choose among calls, legs and numbers.
type move struct {
	what string
	a, b int
	d    time.Duration
}

var outside = []string{"22334455", "33445566", "44556677", "999"}

// moves are what can happen. Those from "drop" on are faults that cost events; most of the others are drawn
// more often than once. A story is made smaller towards the first.
var moves = []string{
	"wait", "in", "in", "in", "queue", "colleague", "out", "make", "make",
	"answer", "answer", "answer", "clear", "clear", "hold", "retrieve", "deflect", "transfer",
	"consult", "consult", "complete", "reconnect", "alternate", "conference", "pickup",
	"user answers", "user answers", "user clears", "user clears", "user holds", "user retrieves", "user deflects", "user transfers",
	"user asks", "user asks", "user completes", "user reconnects", "user alternates", "user alternates", "user confers", "user confers", "user picks up",
	"elsewhere", "elsewhere", "disturb", "forward",
	"wait", "wait", "settle", "settle", "settle", "settle",
	"twice", "events first", "out of order", "slow answers", "slow network", "unknown", "malformed",
	"drop", "hole", "silence", "restart", "tear", "half-open", "forget", "busy", "wake",
}

func drawPlot(t *rapid.T) plot {
	word := func(label string, words ...string) string { return rapid.SampledFrom(words).Draw(t, label) }
	p := plot{manual: rapid.Bool().Draw(t, "manual"), trunk: rapid.Bool().Draw(t, "trunk")}
	p.server = pbxsim.Behaviour{
		Snapshot: word("snapshot", "empty", "vendor", "ecma"), Timer: word("timer", "ignored", "terminate", "close"),
		ConsultLinkage: word("consultation", "own", "same"), Unsupported: word("unsupported", "SnapshotCall", ""),
		Reset: word("reset", "supported", "error", "silence"), HeldDevice: word("held", "other", "holder"),
		RetrieveAs: word("retrieved", "established", "retrieved"), BusyAs: word("busy", "cleared", "failed", "silent"),
		PrivateData: word("private", "last", "first", "random"), Case: word("case", "vendor", "lower", "upper"),
		JSONErrors: word("errors", "completion", "result"), NoRequestID: rapid.Bool().Draw(t, "no ids"),
		NoNulls: rapid.Bool().Draw(t, "no nulls"), NoNamespace: rapid.Bool().Draw(t, "no namespace"),
		Chunk: rapid.SampledFrom([]int{0, 0, 0, 7}).Draw(t, "chunk"),
	}
	p.steps = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) move {
		return move{word("what", moves...), rapid.IntRange(0, 5).Draw(t, "a"), rapid.IntRange(0, 5).Draw(t, "b"),
			rapid.SampledFrom([]time.Duration{0, 100 * time.Millisecond, time.Second, 5 * time.Second, 15 * time.Second, 40 * time.Second, 100 * time.Second}).Draw(t, "d")}
	}), 20, 60).Draw(t, "steps")
	return p
}

// TestModel plays random stories over both gateways, and the hub's three transports: whenever the link has been up for the stated time,
// and at every moment from then on until the next fault, the session's calls are the PBX's.
//
// The suite plays the same stories each time, so that a failure is of the change that was made:
//
//	go test ./cstasession -run Model -v -rapid.checks=1000 -rapid.seed=$(date +%s)    4,000 new ones
//	go test ./cstasession -run Model -v -rapid.seed=N                                 those of a run again
func TestModel(t *testing.T) {
	given := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { given[f.Name] = true })
	set := func(name, value string) {
		if !given[name] {
			if err := flag.Set(name, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	set("rapid.seed", "2")
	set("rapid.nofailfile", "true")
	for _, test := range []struct{ kind, transport, stories string }{
		{"tcp", "", "6"}, {"signalr", "WebSockets", "4"},
		{"signalr", "ServerSentEvents", "2"}, {"signalr", "LongPolling", "2"}, // each takes as long as several of the others
	} {
		kind := test.kind
		t.Run(kind+test.transport, func(t *testing.T) {
			set("rapid.checks", test.stories)
			var stories, checks, faults int
			done := map[string]int{}
			rapid.Check(t, func(rt *rapid.T) {
				p := drawPlot(rt)
				p.server.Transports = test.transport
				r := play(t, kind, p)
				stories, checks, faults = stories+1, checks+r.checks, faults+r.faults
				for what, n := range r.done {
					done[what] += n
				}
				if r.wrong != "" {
					rt.Fatalf("%s\n%s", r.wrong, strings.Join(r.log, "\n"))
				}
			})
			t.Logf("seed %s: %d stories over %s with %d faults; the calls were compared %d times", flag.Lookup("rapid.seed").Value, stories, kind, faults, checks)
			t.Logf("what was possible: %v", done)
		})
	}
}
