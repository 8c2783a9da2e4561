package cstasession

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/pbxsim"
)

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
	waits   map[string]bool   // legs waiting for somebody to answer: who that is is not reported
	legs    map[string]string // the linkage of each leg when it was looked at last
	moved   map[string]bool   // held legs whose linkage has changed: it is reported when they are retrieved
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
