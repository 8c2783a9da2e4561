package cstasession

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/hubtest"
	"calltray/cstasession/internal/transport"
)

// Row 3: a handshake that fails, as when the server restarts, costs that link and no other.
func TestFreshLinkAfterAFailedHandshake(t *testing.T) {
	hub, server := hubtest.New(t, func(p *hubtest.Peer) {
		p.Read()
		switch p.Number {
		case 1: // gone
		case 2:
			p.Write(`{"error":"starting up"}`)
			p.Hear()
		case 3:
			p.Write(`Service Unavailable`)
			p.Hear()
		case 4:
			p.Write(`{"type":7,"error":"not yet"}`)
			p.Bye("")
		default:
			p.Write(`{}`)
			p.Serve(hubtest.Switching)
		}
	})
	c := start(t, config(server.URL))
	c.await("online", online)
	if n := hub.Links.Load(); n != 5 {
		t.Errorf("%d links were made, want 5", n)
	}
	for _, want := range []string{"EOF", "starting up", "Service Unavailable", "not yet"} {
		c.mu.Lock()
		said := story(c.states)
		c.mu.Unlock()
		if !strings.Contains(said, want) {
			t.Errorf("no state says %q:\n%s", want, said)
		}
	}
}

// Row 7: while there is no session, services are refused at once, and nothing of them runs later.
func TestNothingRunsBeforeTheLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		targets := map[int][]string{}
		drop, release := make(chan bool), make(chan bool)
		hub := &hubtest.Hub{T: t}
		hub.Link = func(p *hubtest.Peer) {
			if !p.Shake() {
				return
			}
			if p.Number == 1 {
				go func() { <-drop; p.WS.CloseNow() }()
			}
			p.Serve(func(s hubtest.Sent) string {
				mu.Lock()
				targets[p.Number] = append(targets[p.Number], s.Target)
				mu.Unlock()
				if p.Number == 2 && s.Target == "StartApplicationSession" {
					<-release
				}
				return hubtest.Switching(s)
			})
		}
		cfg := config("http://hub/csta")
		cfg.Backoff = func(int) time.Duration { return time.Minute }
		dialling := make(chan bool)
		c := bubbleSession(t, cfg, func(ctx context.Context, opts *transport.Options) (transport.Conn, error) {
			if hub.Links.Load() == 1 {
				<-dialling
			}
			return overPipes(ctx, opts, hub)
		})
		refused := func(when string, want csta.Status) {
			t.Helper()
			if got := c.now().Status; got != want {
				t.Errorf("%s: the state is %v, want %v", when, got, want)
			}
			began := time.Now()
			_, err := c.MakeCall(t.Context(), "22334455")
			if took := time.Since(began); !errors.Is(err, csta.ErrOffline) || took != 0 {
				t.Errorf("%s: got %v after %v, want %v at once", when, err, took, csta.ErrOffline)
			}
		}
		synctest.Wait()
		if got := c.now().Status; got != csta.Online {
			t.Fatalf("the state is %v", got)
		}
		drop <- true
		synctest.Wait()
		refused("between two links", csta.Offline)
		time.Sleep(time.Minute)
		refused("while it dials", csta.Connecting)
		dialling <- true
		synctest.Wait()
		refused("before the login is answered", csta.Connecting)
		release <- true
		if got := c.now().Status; got != csta.Online {
			t.Errorf("the state is %v, want online", got)
		}
		c.stop()
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		want := []string{"StartApplicationSession", "MonitorStart", "SnapShotDevice", "StopApplicationSession"}
		if !slices.Equal(targets[2], want) {
			t.Errorf("the second link got %v, want %v", targets[2], want)
		}
	})
}

// Row 13: there is no end of trying.
func TestKeepsTryingForHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		const down = 3 * time.Hour
		var last time.Time
		var longest time.Duration
		cfg := config("http://hub/csta")
		cfg.Backoff = nil // its own
		hub := &hubtest.Hub{T: t, Link: func(p *hubtest.Peer) {
			if p.Shake() {
				p.Serve(hubtest.Switching)
			}
		}}
		c := bubbleSession(t, cfg, func(ctx context.Context, opts *transport.Options) (transport.Conn, error) {
			if !last.IsZero() {
				longest = max(longest, time.Since(last))
			}
			last = time.Now()
			if time.Since(began) < down {
				return nil, errors.New("no route to host")
			}
			return overPipes(ctx, opts, hub)
		})
		time.Sleep(down + time.Minute)
		if st := c.now(); st.Status != csta.Online {
			t.Errorf("after %v without a server, and a minute with one: %v %v", down, st.Status, st.Err)
		}
		if longest > 30*time.Second {
			t.Errorf("between two attempts were %v", longest)
		}
	})
}

// An answer that comes after its time limit is dropped: it is nobody else's, and does no harm.
func TestLateAnswerIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		hub := &hubtest.Hub{T: t, Link: func(p *hubtest.Peer) {
			if !p.Shake() {
				return
			}
			p.Serve(func(s hubtest.Sent) string {
				if s.Target != "AnswerCall" {
					return hubtest.Switching(s)
				}
				if asked++; asked == 1 {
					time.AfterFunc(answerLimit+2*time.Second, func() { p.Write(s.Result(`{}`)) })
					return `{"type":6}`
				}
				time.Sleep(5 * time.Second) // the late one overtakes it
				return fmt.Sprintf(`{"type":3,"invocationId":%q,"error":"HubException: no such connection"}`, s.ID())
			})
		}}
		c := bubbleSession(t, config("http://hub/csta"), func(ctx context.Context, opts *transport.Options) (transport.Conn, error) {
			return overPipes(ctx, opts, hub)
		})
		synctest.Wait()
		leg := csta.ConnectionID{CallID: "c1", DeviceID: "200"}
		if err := c.AnswerCall(t.Context(), leg); !errors.Is(err, csta.ErrNoAnswer) {
			t.Errorf("AnswerCall: got %v, want %v", err, csta.ErrNoAnswer)
		}
		var refusal *csta.ServiceError
		if err := c.AnswerCall(t.Context(), leg); !errors.As(err, &refusal) || !strings.HasSuffix(refusal.Value, "no such connection") {
			t.Errorf("AnswerCall again: got %v, want the hub's refusal", err)
		}
		if st := c.now(); st.Status != csta.Online || hub.Links.Load() != 1 {
			t.Errorf("%v over link %d, want online over the first", st.Status, hub.Links.Load())
		}
	})
}

// The arguments that travel are the vendor's, and the login is the first that does.
func TestWhatTheHubGets(t *testing.T) {
	seen := make(chan hubtest.Sent, 10)
	_, server := hubtest.New(t, func(p *hubtest.Peer) {
		if p.Shake() {
			p.Serve(func(s hubtest.Sent) string { seen <- s; return hubtest.Switching(s) })
		}
	})
	c := start(t, config(server.URL))
	c.await("online", online)
	login := <-seen
	want := `[{"applicationInfo":{"applicationSpecificInfo":{"vendorData:password":"secret","vendorData:pbxDomain":"12345678.pbx.one-connect.dk",` +
		`"vendorData:userID":"user@example.dk"}},"requestedSessionDuration":120}]`
	if got, _ := json.Marshal(login.Arguments); login.Target != "StartApplicationSession" || string(got) != want {
		t.Errorf("got %s %s, want the login %s", login.Target, got, want)
	}
	var targets []string
	for range 2 {
		s := <-seen
		targets = append(targets, s.Target)
		if s.RequestID() == "" {
			t.Errorf("%s carries no requestId", s.Raw)
		}
	}
	if want := []string{"MonitorStart", "SnapShotDevice"}; !slices.Equal(targets, want) {
		t.Errorf("then came %v, want %v", targets, want)
	}
}

// bubbleSession runs a session inside a synctest bubble, until the test ends.
func bubbleSession(t *testing.T, cfg Config, dial func(context.Context, *transport.Options) (transport.Conn, error)) *client {
	t.Helper()
	c := &client{t: t, news: make(chan struct{}, 1)}
	cfg.OnChange = func(st csta.State) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.states = append(c.states, st)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.dial = dial
	c.Session = s
	ctx, stop := context.WithCancel(t.Context())
	c.stop = stop
	done := make(chan struct{})
	go func() { s.Run(ctx); close(done) }()
	t.Cleanup(func() { stop(); <-done })
	return c
}

// overPipes is a link to a hub through net.Pipe, for a synctest bubble.
func overPipes(ctx context.Context, opts *transport.Options, hub *hubtest.Hub) (transport.Conn, error) {
	opts.Dial = hub.Dial
	return transport.Dial(ctx, opts)
}

// overConn is a link to a gateway of the XML kind over a connection that is there.
func overConn(c net.Conn, opts *transport.Options) (transport.Conn, error) {
	opts.Dial = func(context.Context, string, string) (net.Conn, error) { return c, nil }
	return transport.Dial(context.Background(), opts)
}
