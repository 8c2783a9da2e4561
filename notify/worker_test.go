package notify

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
)

// fakeDesk is a desktop that can hang, fail and be clicked on.
type fakeDesk struct {
	emit func(event)

	mu      sync.Mutex
	log     []string
	up      map[uint32]notice
	next    uint32
	hang    chan struct{} // not nil: calls wait until it is closed
	err     error
	stopped bool
}

func (d *fakeDesk) begin() error {
	d.mu.Lock()
	hang := d.hang
	d.mu.Unlock()
	if hang != nil {
		<-hang
	}
	d.mu.Lock() // the caller unlocks
	return d.err
}

func (d *fakeDesk) show(n notice, replaces uint32) (uint32, error) {
	err := d.begin()
	defer d.mu.Unlock()
	if err != nil {
		d.log = append(d.log, "fail "+n.key)
		return 0, err
	}
	if replaces == 0 {
		d.next++
		replaces = d.next
	}
	d.log = append(d.log, fmt.Sprintf("show %s %d", n.key, replaces))
	d.up[replaces] = n
	return replaces, nil
}

func (d *fakeDesk) close(id uint32) error {
	err := d.begin()
	defer d.mu.Unlock()
	d.log = append(d.log, fmt.Sprintf("close %d", id))
	delete(d.up, id)
	return err
}

func (d *fakeDesk) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopped = true
	if d.hang != nil {
		close(d.hang) // a real one closes its connection
		d.hang = nil
	}
}

func (d *fakeDesk) set(hang chan struct{}, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hang, d.err = hang, err
}

// took returns what was asked of the desktop since the last time.
func (d *fakeDesk) took() []string {
	synctest.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	log := d.log
	d.log = nil
	return log
}

func startFake(cfg Config) (*Notifier, *fakeDesk, *bytes.Buffer) {
	d := &fakeDesk{up: map[uint32]notice{}}
	var log bytes.Buffer
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	n := newNotifier(cfg, func(_ Config, emit func(event)) desktop { d.emit = emit; return d })
	return n, d, &log
}

func expect(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestNotifierKeepsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, d, log := startFake(Config{})
		n.Show(online(call("a", csta.Ringing)))
		expect(t, "rings", d.took(), "show a 1")
		n.Show(online(call("a", 0, ended(csta.Missed))))
		expect(t, "missed", d.took(), "close 1", "show missed 2")
		n.Show(online(call("b", csta.Ringing)))
		expect(t, "another", d.took(), "show b 3")
		n.Close()
		expect(t, "closed", d.took(), "close 3")
		if len(d.up) != 1 || !d.stopped {
			t.Errorf("left behind: %v, stopped %v", d.up, d.stopped)
		}
		n.Show(online(call("c", csta.Ringing)))
		n.Close()
		expect(t, "after Close", d.took())
		if log.Len() > 0 {
			t.Errorf("log: %s", log)
		}
	})
}

// A notification waits for its turn; to close one, nothing is waited for.
func TestTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turn := make(chan struct{})
		n, d, _ := startFake(Config{Turn: func() { <-turn }})
		n.Show(online(call("a", csta.Ringing)))
		expect(t, "before its turn", d.took())
		turn <- struct{}{}
		expect(t, "in its turn", d.took(), "show a 1")
		n.Show(online())
		expect(t, "ended", d.took(), "close 1")
		n.Close()
	})
}

// States that come while the desktop hangs are folded into one; a missed call is not lost in it.
func TestHungDesktop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, d, log := startFake(Config{})
		defer n.Close()
		hang := make(chan struct{})
		d.set(hang, nil)
		n.Show(online(call("a", csta.Ringing)))
		synctest.Wait()
		for i := range 1000 {
			l := fmt.Sprint("x", i)
			n.Show(online(call("a", csta.Ringing), call(l, csta.Ringing)))
			n.Show(online(call("a", csta.Ringing), call(l, 0, ended(csta.AnsweredElsewhere))))
		}
		n.Show(online(call("a", 0, ended(csta.Missed))))
		n.Show(online())
		n.Show(online(call("b", csta.Ringing)))
		time.Sleep(time.Hour)
		expect(t, "while it hangs", d.took())
		if got := strings.Count(log.String(), "does not answer"); got != 1 {
			t.Errorf("logged %d times: %s", got, log)
		}
		d.set(nil, nil)
		close(hang)
		// The notification that was asked for an hour ago is put up now: and taken down, since the late
		// answer tells its id.
		expect(t, "it lives again", d.took(), "show a 1", "close 1", "show b 2", "show missed 3")
		if !strings.Contains(log.String(), "answers again") {
			t.Errorf("log: %s", log)
		}
	})
}

func TestCloseDoesNotWaitForAHungDesktop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, d, _ := startFake(Config{})
		d.set(make(chan struct{}), nil)
		n.Show(online(call("a", csta.Ringing)))
		synctest.Wait()
		start := time.Now()
		n.Close()
		if took := time.Since(start); took != closeLimit || !d.stopped {
			t.Errorf("took %v, stopped %v", took, d.stopped)
		}
	})
}

func TestFailuresAreDroppedAndLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, d, log := startFake(Config{})
		defer n.Close()
		d.set(nil, errors.New("no daemon"))
		for i := range 10 {
			n.Show(online(call(fmt.Sprint(i), csta.Ringing)))
			n.Show(online(call(fmt.Sprint(i), 0, ended(csta.Missed))))
			d.took()
		}
		n.Show(online(call("a", csta.Ringing)))
		expect(t, "not repeated", d.took(), "fail a")
		n.Show(online(call("a", csta.Ringing)))
		expect(t, "not repeated", d.took())
		if got := strings.Count(log.String(), "\n"); got != 1 || !strings.Contains(log.String(), "no daemon") {
			t.Errorf("%d lines: %s", got, log)
		}
		// A service comes while it rings.
		d.set(nil, nil)
		d.emit(event{kind: serviceCame})
		expect(t, "service came", d.took(), "show a 1", "show missed 2")
	})
}

func TestServiceRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, d, _ := startFake(Config{})
		defer n.Close()
		n.Show(online(call("a", csta.Ringing)))
		expect(t, "rings", d.took(), "show a 1")
		d.emit(event{kind: serviceLeft})
		expect(t, "another service", d.took(), "show a 2")
		// It leaves while a call to it is under way: the answer is worth nothing.
		hang := make(chan struct{})
		d.set(hang, nil)
		n.Show(online(call("a", csta.Ringing), call("b", csta.Ringing)))
		synctest.Wait()
		d.emit(event{kind: serviceLeft})
		synctest.Wait()
		d.set(nil, nil)
		close(hang)
		expect(t, "again from the start", d.took(), "show b 3", "show a 4", "show b 5")
	})
}

func TestActions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		did := make(chan string, 10)
		conn := func(what string) func(csta.ConnectionID) {
			return func(id csta.ConnectionID) { did <- what + " " + id.CallID }
		}
		n, d, _ := startFake(Config{
			OnAnswer: conn("answer"), OnHangUp: conn("hang up"),
			OnOpen: func() { did <- "open" }, OnCallBack: func(number string) { did <- "call back " + number },
		})
		defer n.Close()
		n.Show(online(call("a", csta.Ringing), call("m", 0, ended(csta.Missed))))
		expect(t, "put up", d.took(), "show a 1", "show missed 2")
		for _, tt := range []struct {
			id     uint32
			action string
			want   string
		}{
			{1, "answer", "answer id-a"},
			{1, "hangup", "hang up id-a"},
			{1, "default", "open"},
			{2, "default", "open"},
			{2, "callback", "call back 22334455"},
			{1, "callback", ""}, // not offered there
			{2, "answer", ""},
			{1, "format-disk", ""},
			{0, "answer", ""}, // not ours
			{99, "answer", ""},
		} {
			d.emit(event{acted, tt.id, tt.action})
			synctest.Wait()
			got := ""
			select {
			case got = <-did:
			default:
			}
			if got != tt.want {
				t.Errorf("%s of %d: %q, want %q", tt.action, tt.id, got, tt.want)
			}
		}
		n.Show(online(call("a", csta.Active)))
		expect(t, "answered", d.took(), "close 1")
		d.emit(event{acted, 1, "hangup"})
		synctest.Wait()
		if len(did) > 0 {
			t.Errorf("an old notification hangs up: %q", <-did)
		}
	})
}

func TestShowNeverBlocksAndCopies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, d, _ := startFake(Config{})
		defer n.Close()
		s := online(call("a", csta.Ringing))
		n.Show(s)
		s.Calls[0].Phase = csta.Ended // the caller's slice is the caller's
		expect(t, "rings", d.took(), "show a 1")
	})
}
