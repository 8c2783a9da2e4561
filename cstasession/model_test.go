package cstasession

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/calls"
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

// player plays one story.
type player struct {
	*bubble
	full    bool // snapshots list the calls
	slow    bool // the network was: something may be on its way
	tries   int  // how often it is looked at again then
	forgot  bool // the monitor, since the last settling
	started time.Time
	checks  int
	faults  int
	log     []string
	odd     map[string]bool   // legs of calls that were twice at one telephone
	oddHere bool              // one of them is at ours
	waits   map[string]bool   // legs that wait for somebody to answer: whom is not told
	legs    map[string]string // the linkage of each leg when it was looked at last
	moved   map[string]bool   // held legs whose linkage is another than before: it is told when they are retrieved
	done    map[string]int    // what was possible, by move
	telling sync.Mutex        // guards log, done and wrong
	wrong   string

	mu      sync.Mutex
	calm    bool            // no event can have been lost since the session last agreed
	excused map[string]bool // legs of which an event may have been lost
	monitor map[string]bool // links that monitor our device
	office  *observer       // nil unless the trunk is monitored
}

func play(t *testing.T, kind string, p plot) *player {
	pl := &player{done: map[string]int{}, odd: map[string]bool{}, waits: map[string]bool{}, legs: map[string]string{}, moved: map[string]bool{}, full: p.server.Snapshot != "empty", excused: map[string]bool{}, monitor: map[string]bool{}, tries: 10}
	if p.server.Transports == "LongPolling" {
		pl.tries = 40 // an event waits for the answer to the poll, and what comes after it for the next poll
	}
	cfg := pbxsim.Config{
		Seed:       1,
		Behaviour:  p.server,
		Extensions: []pbxsim.Extension{{Number: "200", AutoAnswer: !p.manual}, {Number: "201", AutoAnswer: true}, {Number: "202", AutoAnswer: true}},
		Queues:     []pbxsim.Queue{{Number: "400", Members: []string{"200", "201"}}},
		Outside: func(number string) pbxsim.Reply {
			return pbxsim.Reply{Busy: number == "999", Answers: number == "22334455", After: 2 * time.Second}
		},
	}
	if p.trunk {
		pl.office = newObserver()
	}
	steady := func(c *Config) {
		pl.office.listen(c)
		c.Backoff = func(attempt int) time.Duration { return min(time.Second<<attempt, 30*time.Second) }
	}
	inFakeTime(t, kind, cfg, steady, func(b *bubble) {
		pl.bubble = b
		stop := b.pbx.Watch(pl.watch)
		defer stop()
		ctx, cancel := context.WithCancel(context.Background())
		var services sync.WaitGroup
		defer services.Wait()
		defer cancel()
		pl.teach()
		pl.settle()
		pl.started = time.Now()
		for _, s := range p.steps {
			if pl.failed() {
				return
			}
			pl.note("%s %d %d %v", s.what, s.a, s.b, s.d)
			pl.do(ctx, &services, s)
			pl.compare(false)
		}
		pl.note("the end")
		pl.settle()
		if doubled := history(b.c.states); doubled != "" {
			pl.fail("%s", doubled)
		}
		if ended := story(b.c.states); pl.faults == 0 && p.server.Timer == "ignored" && strings.Contains(ended, csta.EndedOffline.String()) {
			pl.fail("no fault, and yet a call %s", csta.EndedOffline)
		}
	})
	return pl
}

func (pl *player) note(format string, args ...any) {
	pl.telling.Lock()
	defer pl.telling.Unlock()
	pl.log = append(pl.log, fmt.Sprintf("%9v ", time.Since(pl.started).Round(time.Millisecond))+fmt.Sprintf(format, args...))
}

func (pl *player) fail(format string, args ...any) {
	pl.telling.Lock()
	defer pl.telling.Unlock()
	if pl.wrong == "" {
		pl.wrong = fmt.Sprintf(format, args...)
	}
}

func (pl *player) failed() bool {
	pl.telling.Lock()
	defer pl.telling.Unlock()
	return pl.wrong != ""
}

// watch learns from the PBX which events went nowhere, and when nobody monitored.
func (pl *player) watch(line string) {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	words := strings.Fields(line)
	pl.office.watch(words)
	switch {
	case words[0] == "event" && words[2] == "200" && len(words) == 4:
		if pl.calm {
			delete(pl.excused, words[3]) // it was told
		} else {
			pl.excused[words[3]] = true
		}
	case words[0] == "link" && words[2] == "monitor" && words[3] == "u-12345678-200":
		pl.monitor[words[1]] = true
	case words[0] == "link" && (words[2] == "closed" || words[2] == "expired" || words[2] == "logout"):
		if delete(pl.monitor, words[1]); len(pl.monitor) == 0 {
			pl.calm = false
		}
	}
}

// fault says that events may be lost from now on.
func (pl *player) fault() {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	pl.calm = false
	pl.office.unsure()
	pl.faults++
}

func (pl *player) isCalm() bool {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	return pl.calm
}

// teach shows the session calls of every phase in snapshots: only then are those believed that list none.
func (pl *player) teach() {
	if !pl.full {
		return
	}
	calls := make([]*pbxsim.Call, 4) // ringing, calling, held and active, in the order in which a phone can have them
	for i, parties := range [][2]string{{"44556677", "200"}, {"200", "44556677"}, {"33445566", "200"}, {"33445566", "200"}} {
		calls[i] = pl.call(parties[0], parties[1])
	}
	_ = calls[2].Answer("200")
	_ = calls[3].Answer("200") // holds the other
	time.Sleep(2 * quietLimit)
	for _, c := range calls {
		_ = c.Clear("200")
	}
}

// settled is how long a session has to be up to know the office, where the PBX answers slowly.
const settled = 20 * time.Second

// settle ends all faults, waits for the stated time, and compares. What is seen from then on counts.
func (pl *player) settle() {
	pl.net.set(func(w *weather) { *w = weather{delay: w.delay} })
	pl.pbx.Set(func(b *pbxsim.Behaviour) { b.Silence, b.RefuseLogins = false, 0 })
	limit := returnBound + agreeBound
	if pl.forgot { // and if events came twice before, as a server may do it whose monitors add up
		limit += linkEvery
		pl.forgot = false
	}
	wait := limit
	for deadline := time.Now().Add(3 * limit); !(pl.isCalm() && (pl.oddHere || pl.office.isCalm())) && time.Now().Before(deadline); {
		time.Sleep(wait)
		synctest.Wait()
		st := pl.c.now()
		wait = limit
		if st.Status == csta.Online && time.Since(st.Since) < settled {
			wait = settled // a session has just expired, and the next one asks about the office
		} else if st.Status == csta.Online {
			pl.mu.Lock()
			pl.calm = true
			if !pl.full { // what the session could not be sure of, it may have given up
				for _, leg := range truth(pl.pbx, "200") {
					pl.excused[strings.Fields(leg)[1]] = true
				}
			}
			if !pl.oddHere {
				pl.office.sure(pl.pbx, pl.full)
			}
			pl.mu.Unlock()
		}
	}
	pl.compare(true)
}

// compare fails if the session and the PBX differ while the link is up. On a slow network it
// looks again.
func (pl *player) compare(settled bool) {
	for try := 0; ; try++ {
		wrong := pl.difference()
		switch {
		case !pl.isCalm():
			if settled {
				pl.fail("not up for the stated time: %v", pl.c.now().Status)
			}
			return
		case wrong == "":
			pl.checks++
			return
		case try >= pl.tries || !pl.slow:
			pl.fail("%s", wrong)
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// difference says what is wrong between the session and the PBX.
func (pl *player) difference() string {
	st := pl.c.now()
	if st.Status != csta.Online {
		return fmt.Sprintf("the link is up, and the session is %v (%v)", st.Status, st.Err)
	}
	pl.findOdd()
	if wrong := pl.office.difference(pl); wrong != "" {
		return wrong
	}
	list := truth(pl.pbx, "200")
	pl.mu.Lock()
	defer pl.mu.Unlock()
	return pl.compareCalls(st.Calls, list,
		func(c csta.Call) bool { return c.Uncertain && pl.excused[c.ID.CallID] || pl.odd[c.ID.CallID] },
		func(leg string) bool { return !pl.full && pl.excused[leg] || pl.odd[leg] },
		func(leg string) bool { return !pl.full && pl.excused[leg] })
}

// findOdd notes the legs of which the PBX does not tell all. A call that has two legs at one telephone,
// by a transfer to who is in it already, is one call there, and which leg it is of is not said. Who waits
// for somebody to answer, after a transfer by the other party, is not told whom he waits for; who holds a call that the
// other party transfers is told when it is retrieved. A snapshot that tells of such a leg of ours has the session ask
// about all others anew, who are unknown for a moment.
func (pl *player) findOdd() {
	inProgress := pl.pbx.Calls()
	at, odd := map[string]bool{}, map[string]bool{} // by linkage, which a consultation may share
	for _, c := range inProgress {
		for _, leg := range c.Legs {
			if here := c.Linkage + leg.Device; !calls.IsConsultation(leg.CallID) {
				odd[c.Linkage] = odd[c.Linkage] || at[here]
				at[here] = true
			}
			odd[c.Linkage] = odd[c.Linkage] || pl.odd[leg.CallID] || leg.Remote == leg.Device
		}
	}
	pl.oddHere = false
	for _, c := range inProgress {
		waits := slices.ContainsFunc(c.Legs, func(leg pbxsim.LegInfo) bool { return leg.Status == "Alerting" || leg.Status == "Queued" })
		for _, leg := range c.Legs {
			if odd[c.Linkage] {
				pl.oddHere = pl.oddHere || leg.Device == "200"
				pl.odd[leg.CallID] = true
			}
			if waits && leg.Status == "Active" {
				pl.waits[leg.CallID] = true
			} else {
				delete(pl.waits, leg.CallID)
			}
			if before := pl.legs[leg.CallID]; leg.Status != "Held" {
				delete(pl.moved, leg.CallID)
			} else if before != "" && before != c.Linkage {
				pl.moved[leg.CallID] = true
			}
			pl.legs[leg.CallID] = c.Linkage
		}
	}
	if pl.oddHere {
		pl.office.unsure()
	}
}

// compareCalls says how calls differ from what the PBX has of them, but for those that are excused. A call is moved to another
// linkage when the other party makes a conference: if that was not heard, and snapshots list nothing, no service tells.
func (pl *player) compareCalls(calls []csta.Call, list []string, surplus func(csta.Call) bool, missing, moved func(callID string) bool) string {
	known := func(line string) string {
		words := strings.Fields(line)
		if moved(words[1]) || pl.moved[words[1]] {
			line = strings.Replace(line, words[0], "-", 1)
		}
		if pl.waits[words[1]] { // who saw no answer before that takes it for a call that is being set up
			return strings.Join(strings.Fields(strings.Replace(line, "outgoing calling", "active", 1))[:3], " ")
		}
		return line
	}
	have, seen := map[string]bool{}, map[string]bool{}
	for _, want := range list {
		have[known(want)] = true
	}
	for _, c := range calls {
		got := known(line(c.Linkage, c.ID.CallID, c.Direction, c.Phase, c.Remote.Number))
		seen[got] = true
		if !have[got] && !surplus(c) {
			return fmt.Sprintf("the session has the call %q (uncertain %v), the PBX has\n%s", got, c.Uncertain, strings.Join(list, "\n"))
		}
	}
	for _, want := range list {
		if !seen[known(want)] && !missing(strings.Fields(want)[1]) {
			return fmt.Sprintf("the PBX has the call %q, the session has\n%s", want, story([]csta.State{{Calls: calls}}))
		}
	}
	return ""
}

// do plays one move. What is impossible at the moment is refused by the PBX, and changes nothing.
func (pl *player) do(ctx context.Context, services *sync.WaitGroup, s move) {
	number := outside[s.a%len(outside)]
	place := func(from, to string) {
		_, _ = pl.pbx.Call(from, to, "Ærø")
	}
	if pl.hand(s) || pl.user(ctx, services, s) {
		return
	}
	switch s.what {
	case "elsewhere": // a call that does not concern us
		place([]string{number, "202"}[s.b%2], "201")
	case "disturb":
		_ = pl.pbx.DoNotDisturb(device(s.a), s.b%3 == 0)
	case "forward":
		_ = pl.pbx.Forward(device(s.a), []string{"", "", "55667788", "202"}[s.b%4])
	case "in":
		place(number, "200")
	case "queue":
		place(number, "400")
	case "colleague":
		place("201", "200")
	case "out":
		place("200", number)
	case "make":
		services.Go(func() { _, _ = pl.c.MakeCall(ctx, number) })
	case "wait":
		time.Sleep(s.d)
	case "settle":
		pl.settle()
	case "twice":
		pl.pbx.Set(func(b *pbxsim.Behaviour) { b.Duplicates = s.a%2 == 0 })
	case "events first":
		pl.pbx.Set(func(b *pbxsim.Behaviour) { b.EventsFirst = s.a%2 == 0 })
	case "out of order":
		pl.pbx.Set(func(b *pbxsim.Behaviour) { b.OutOfOrder = s.a%2 == 0 })
	case "slow answers":
		pl.pbx.Set(func(b *pbxsim.Behaviour) { b.AnswerDelay = time.Duration(s.a%3) * 700 * time.Millisecond })
	case "slow network":
		pl.slow = true
		pl.net.set(func(w *weather) { w.delay = time.Duration(s.a%3) * 200 * time.Millisecond })
	case "unknown":
		pl.pbx.InjectUnknown()
	case "malformed":
		pl.pbx.InjectMalformed()
	case "wake":
		pl.c.Wake()
	case "drop":
		pl.fault()
		pl.pbx.Drop()
	case "tear":
		pl.fault()
		pl.net.set(func(w *weather) { w.tear = true })
	case "half-open":
		pl.fault()
		pl.net.set(func(w *weather) { w.halfOpen = true })
		pl.pbx.Drop()
	case "hole":
		pl.fault()
		pl.net.set(func(w *weather) { w.hole = true })
		time.Sleep(s.d)
		pl.net.set(func(w *weather) { w.hole = s.a%2 == 0 })
	case "silence":
		pl.fault()
		silence(pl.pbx, true)
		if time.Sleep(s.d); !pl.full {
			time.Sleep(idleBound) // without snapshots, only a new link shows that events were lost
		}
		silence(pl.pbx, s.a%2 == 0)
	case "restart":
		pl.fault()
		pl.net.set(func(w *weather) { w.refused = true })
		_ = pl.pbx.Restart(ctx, s.d)
		pl.net.set(func(w *weather) { w.refused = false })
	case "busy":
		pl.fault()
		pl.pbx.Set(func(b *pbxsim.Behaviour) { b.RefuseLogins, b.RefuseAs = s.a, []string{"close", "silence"}[s.b%2] })
		pl.pbx.Drop()
	case "forget":
		if pl.full { // without snapshots nothing can tell what was missed meanwhile
			pl.fault()
			pl.forgot = true
			pl.pbx.Forget()
		}
	}
}
