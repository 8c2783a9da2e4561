package cstasession

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/pbxsim"
)

// patience bounds what a test waits for on real sockets. It is never slept.
const patience = time.Minute

// gateways are the two doors of one PBX; every story is played through both.
var gateways = []struct {
	name   string
	listen func(*pbxsim.PBX) (string, error)
}{
	{"tcp", func(p *pbxsim.PBX) (string, error) { return p.ListenTCP("127.0.0.1:0") }},
	{"signalr", func(p *pbxsim.PBX) (string, error) { return p.ListenHTTP("127.0.0.1:0") }},
}

// overBoth runs a test once for each gateway, each with a PBX of its own.
func overBoth(t *testing.T, cfg pbxsim.Config, test func(t *testing.T, pbx *pbxsim.PBX, url string)) {
	for _, g := range gateways {
		t.Run(g.name, func(t *testing.T) {
			pbx := pbxsim.New(cfg)
			t.Cleanup(func() { pbx.Close() })
			url, err := g.listen(pbx)
			if err != nil {
				t.Fatal(err)
			}
			test(t, pbx, url)
		})
	}
}

// client is a running session and the states that it told.
type client struct {
	*Session
	t      *testing.T
	stop   context.CancelFunc
	result chan error

	mu     sync.Mutex
	states []csta.State
	news   chan struct{} // poked with every state
	read   int           // states that await has passed
}

func config(url string) Config {
	return Config{
		URL: url, UserID: "user@example.dk", Password: csta.NewPassword("secret"),
		PBXDomain: "12345678.pbx.one-connect.dk", Device: "200",
		Backoff: func(int) time.Duration { return 10 * time.Millisecond },
	}
}

// start runs a session until the test ends.
func start(t *testing.T, cfg Config) *client {
	t.Helper()
	c := &client{t: t, result: make(chan error, 1), news: make(chan struct{}, 1)}
	cfg.OnChange = func(st csta.State) {
		c.mu.Lock()
		c.states = append(c.states, st)
		c.mu.Unlock()
		select {
		case c.news <- struct{}{}:
		default:
		}
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c.Session = s
	ctx, stop := context.WithCancel(context.Background())
	c.stop = stop
	done := make(chan struct{})
	go func() { c.result <- s.Run(ctx); close(done) }()
	t.Cleanup(func() { stop(); <-done })
	return c
}

// await returns the next state, in order, for which ok holds.
func (c *client) await(what string, ok func(csta.State) bool) csta.State {
	c.t.Helper()
	limit := time.After(patience)
	for {
		c.mu.Lock()
		for c.read < len(c.states) {
			st := c.states[c.read]
			c.read++
			if ok(st) {
				c.mu.Unlock()
				return st
			}
		}
		c.mu.Unlock()
		select {
		case <-c.news:
		case <-limit:
			c.mu.Lock()
			defer c.mu.Unlock()
			c.t.Fatalf("%s: not seen; the states were:\n%s", what, story(c.states))
		}
	}
}

func online(st csta.State) bool { return st.Status == csta.Online }

// phase waits for a state whose only call is in that phase.
func (c *client) phase(p csta.Phase) csta.Call {
	c.t.Helper()
	st := c.await(p.String(), func(st csta.State) bool { return len(st.Calls) == 1 && st.Calls[0].Phase == p })
	return st.Calls[0]
}

// story writes states as one line each.
func story(states []csta.State) string {
	var b strings.Builder
	for _, st := range states {
		fmt.Fprintf(&b, "%s err=%v", st.Status, st.Err)
		for _, c := range st.Calls {
			fmt.Fprintf(&b, " [%s %s %s %q %q via=%q %s %s]", c.ID.CallID, c.Direction, c.Phase, c.Remote.Number, c.Remote.Name, c.Via, c.Cause, c.Outcome)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// phases is the sequence of phases that the first call of the states went through.
func (c *client) phases() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []string
	for _, st := range c.states {
		for _, call := range st.Calls {
			list = append(list, call.Phase.String())
		}
	}
	return slices.Compact(list)
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// syncBuffer is a log that several goroutines write.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
