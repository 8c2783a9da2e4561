package ui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"calltray/cstasession/csta"
	"calltray/internal/text"
)

// SetQueueMember writes down what it is asked for.
func (p *fakePhone) SetQueueMember(_ context.Context, queue csta.DeviceID, in bool) error {
	p.asked <- fmt.Sprint("queue ", queue, " ", in)
	return p.err
}

// agents makes members of a queue: an extension with a minus in front has signed out.
func agents(list ...string) (members []csta.Member) {
	for _, a := range list {
		number, out := strings.CutPrefix(a, "-")
		members = append(members, csta.Member{Agent: csta.DeviceID(number), Active: true, SIP: !out})
	}
	return members
}

// openQueues opens the window at the queues.
func (f *fixture) openQueues() *queuesPage {
	f.t.Helper()
	f.openOffice()
	f.ui.window.side.open(sideQueues)
	return f.ui.window.side.queues
}

func (f *fixture) tellsQueue(list ...csta.Queue) {
	for _, q := range list {
		f.ui.Queue(q)
	}
	f.ui.window.renderOffice()
}

func TestQueueWords(t *testing.T) {
	ringing := []csta.Call{call("1", csta.Ringing, "1", ""), call("2", csta.Ringing, "2", "")}
	online := csta.State{Status: csta.Online, Trunk: csta.On}
	for _, c := range []struct {
		name  string
		queue csta.Queue
		stale bool
		state csta.State
		words string
		table string
	}{
		{"told of nothing", csta.Queue{}, false, online, "nobody waits", "[– – – – –]"},
		{"others'", csta.Queue{Members: agents("201", "-202")}, false, online, "nobody waits · 1 of 2 agents", "[– – – – –]"},
		{"ours", csta.Queue{Members: agents("200", "-202"), Waiting: 3, LongestWait: 65 * time.Second}, false, online,
			"You are signed in · 3 waiting · longest wait 1:05 · 1 of 2 agents", "[– – – – –]"},
		{"ours, out", csta.Queue{Members: agents("-200"), Calls: ringing}, false, online, "You are signed out · 2 waiting · 0 of 1 agents", "[– – – – –]"},
		{"statistics", csta.Queue{Total: 12, Answered: 9, Missed: 2, AverageWait: 33 * time.Second, AverageTalk: 2 * time.Minute}, false, online,
			"nobody waits", "[12 9 2 0:33 2:00]"},
		{"statistics without a call answered", csta.Queue{Total: 1, Missed: 1}, false, online, "nobody waits", "[1 0 1 – –]"},
		{"a wait of before", csta.Queue{LongestWait: time.Minute}, false, online, "nobody waits", "[– – – – –]"},
		{"stale", csta.Queue{Total: 1, Waiting: 1}, true, online, "Not known since the connection was lost", "[– – – – –]"},
		{"offline", csta.Queue{Total: 1, Waiting: 1}, true, csta.State{Trunk: csta.Off}, "Not known while offline", "[– – – – –]"},
		{"not allowed any more", csta.Queue{Total: 1, Waiting: 1}, true, csta.State{Status: csta.Online, Trunk: csta.Off}, "Not known: the PBX does not tell this account", "[– – – – –]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			c.queue.Device = "400"
			f.ui.Queue(c.queue)
			q := f.ui.office.queuesNow()[0]
			q.stale = c.stale
			if got := q.words(c.state); got != c.words {
				t.Errorf("it says %q, want %q", got, c.words)
			}
			if got := fmt.Sprint(q.statistics(c.state.Status == csta.Online)); got != c.table {
				t.Errorf("the table is %s, want %s", got, c.table)
			}
		})
	}
}

// The user's own queues come first, in an order that no call changes; a queue that is gone is gone.
func TestOrderOfQueues(t *testing.T) {
	f := newFixture(t)
	p := f.openQueues()
	if p.sentence.Text == "" {
		t.Error("without a queue nothing is said")
	}
	queue := func(number, name string, members ...string) csta.Queue {
		return csta.Queue{Device: csta.DeviceID(number), Name: name, Members: agents(members...)}
	}
	f.tellsQueue(queue("400", "Zoo", "200"), queue("401", "Anna", "201"), queue("402", "Ærø", "-200", "201"), queue("403", ""))
	if got := strings.Join(p.drawn, " "); got != "400 402  401 403" {
		t.Errorf("the order is %q", got)
	}
	busy := queue("401", "Anna", "201")
	busy.Waiting, busy.Calls = 7, []csta.Call{call("1", csta.Ringing, "1", "")}
	f.tellsQueue(busy)
	if got := strings.Join(p.drawn, " "); got != "400 402  401 403" {
		t.Errorf("a call makes the order %q", got)
	}
	gone := queue("400", "Zoo")
	gone.Removed = true
	f.tellsQueue(gone)
	if got := strings.Join(p.drawn, " "); got != "402  401 403" || len(p.list.Objects) != 4 {
		t.Errorf("after one is gone: %q", got)
	}
	f.page().button("Queues") // no number for calls in the queues of others
}

// The permission is taken away while the connection is lost: the sentence says so and what to do, and no card blames
// the connection. A queue that is reported all the same is shown.
func TestPermissionForQueuesIsTakenAway(t *testing.T) {
	f := newFixture(t)
	p := f.openQueues()
	f.tellsQueue(csta.Queue{Device: "400", Name: "Reception", Members: agents("200")}, csta.Queue{Device: "401", Name: "Sales"})
	f.show(csta.Offline, csta.ErrOffline)
	f.ui.Show(csta.State{Status: csta.Online, Trunk: csta.Off})
	f.settle()
	if len(p.drawn) != 0 || !strings.Contains(p.sentence.Text, "ask the administrator to allow the monitoring") {
		t.Errorf("shown are %q, and %q", p.drawn, p.sentence.Text)
	}
	f.tellsQueue(csta.Queue{Device: "400", Name: "Reception", Members: agents("200")})
	if strings.Join(p.drawn, " ") != "400" || p.sentence.Text != "" {
		t.Errorf("shown are %q, and %q", p.drawn, p.sentence.Text)
	}
}

// Calls that wait have a clock each, from when they began to wait; the room of three is kept.
func TestWaitingCalls(t *testing.T) {
	f := newFixture(t)
	p := f.openQueues()
	waits := func(n int) csta.Queue {
		q := csta.Queue{Device: "400", Name: "Reception", Waiting: n, Members: agents("200")}
		for i := range n {
			c := call(fmt.Sprint(i), csta.Ringing, fmt.Sprint("2233445", i), "")
			c.Since = time.Now().Add(-time.Duration(n-i) * time.Minute)
			q.Calls = append(q.Calls, c)
		}
		return q
	}
	f.tellsQueue(waits(0))
	card := p.own["400"]
	height := card.box.MinSize().Height
	for n, want := range []string{"|||", "22 33 44 50 1:00|||", "22 33 44 50 2:00|22 33 44 51 1:00||", "22 33 44 50 3:00|22 33 44 51 2:00|22 33 44 52 1:00|",
		"22 33 44 50 4:00|22 33 44 51 3:00|2 more calls|"} {
		f.tellsQueue(waits(n))
		got := ""
		for i := range card.callers {
			got += strings.TrimSpace(card.callers[i].Text+" "+card.clocks[i].Text) + "|"
		}
		if got != want {
			t.Errorf("%d calls: %q, want %q", n, got, want)
		}
		if card.box.MinSize().Height != height {
			t.Errorf("%d calls make the card %v high, it was %v", n, card.box.MinSize().Height, height)
		}
		tab := "Queues"
		if n > 0 {
			tab = fmt.Sprintf("Queues (%d)", n)
		}
		f.page().button(tab)
	}
	card.since[0] = time.Now().Add(-5 * time.Minute)
	p.tick()
	if got := card.clocks[0].Text; got != "5:00" {
		t.Errorf("the clock says %q", got)
	}
}

func TestSignInAndOut(t *testing.T) {
	f := newFixture(t)
	p := f.openQueues()
	f.tellsQueue(csta.Queue{Device: "400", Name: "Reception", Members: agents("-200")})
	card := p.own["400"]
	if card.sign.Text != "Sign in" {
		t.Errorf("the button says %q", card.sign.Text)
	}
	test.Tap(card.sign)
	if !card.sign.Disabled() {
		t.Error("it can be pressed twice")
	}
	if got := f.asked(); got != "queue 400 true" {
		t.Errorf("the phone was asked for %q", got)
	}
	f.tellsQueue(csta.Queue{Device: "400", Name: "Reception", Members: agents("200")})
	f.until("the service is over", func() bool { return !card.sign.Disabled() })
	if card.sign.Text != "Sign out" {
		t.Errorf("signed in, the button says %q", card.sign.Text)
	}
	test.Tap(card.sign)
	f.notAsked("the second click of a double click")
	card.changed = time.Now().Add(-tapGuard)
	f.phone.err = &csta.RequestError{Service: "SetQueueMember", Err: csta.ErrNoEffect}
	test.Tap(card.sign)
	if got := f.asked(); got != "queue 400 false" {
		t.Errorf("the phone was asked for %q", got)
	}
	f.until("it says why not", func() bool {
		return f.ui.window.message == "You were not signed out of Reception. "+text.Explain(f.phone.err)
	})
	f.ui.Show(csta.State{Status: csta.Online, Trunk: csta.On, Refused: map[string]string{"SetQueueMember": "serviceNotSupported"}})
	f.settle()
	test.Tap(card.sign)
	if want := text.RefusedWords("SetQueueMember", "serviceNotSupported"); f.ui.window.hint.words.Text != want {
		t.Errorf("the hint is %q, want %q", f.ui.window.hint.words.Text, want)
	}
	f.show(csta.Offline, csta.ErrOffline)
	if test.Tap(card.sign); !card.sign.Disabled() {
		t.Error("offline one can sign in")
	}
	f.notAsked("signing in while offline")
}
