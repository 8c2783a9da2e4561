package cstasession

import (
	"calltray/cstasession/csta"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Row 3: a handshake that fails, as when the server restarts, costs that link and no other.
func TestFreshLinkAfterAFailedHandshake(t *testing.T) {
	hub, server := newBareHub(t, func(p *peer) {
		p.read()
		switch p.number {
		case 1: // gone
		case 2:
			p.write(`{"error":"starting up"}`)
			p.hear()
		case 3:
			p.write(`Service Unavailable`)
			p.hear()
		case 4:
			p.write(`{"type":7,"error":"not yet"}`)
			p.bye("")
		default:
			p.write(`{}`)
			p.serve(switching)
		}
	})
	c := start(t, config(server.URL))
	c.await("online", online)
	if n := hub.links.Load(); n != 5 {
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

// A hub that does not answer the handshake costs the time limit, or what is left until the session ends.
func TestHandshakeWithoutAnAnswer(t *testing.T) {
	for _, test := range []struct {
		stop, want time.Duration
		err        error
	}{
		{time.Hour, dialLimit, csta.ErrNoAnswer},
		{time.Second, time.Second, context.Canceled},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			time.AfterFunc(test.stop, cancel)
			began := time.Now()
			_, err := pipeHub(ctx, checked(t, config("http://hub/csta")), &bareHub{t: t, link: (*peer).hear})
			if took := time.Since(began); took != test.want || !errors.Is(err, test.err) {
				t.Errorf("got %v after %v, want %v after %v", err, took, test.err, test.want)
			}
		})
	}
}

// Row 6: however a link ends, its socket is closed, and nothing of it goes on.
func TestNoSocketIsLeftOpen(t *testing.T) {
	const rounds = 30
	gone := make(chan string, 4*rounds)
	ways := []string{"we close", "the hub says so", "the handshake is refused", "the hub breaks the protocol"}
	hub, server := newBareHub(t, nil)
	hub.link = func(p *peer) {
		way := ways[(p.number-1)%len(ways)]
		p.read()
		if way == ways[2] {
			p.write(`{"error":"no"}`)
		} else {
			p.write(`{}`)
		}
		switch way {
		case ways[1]:
			p.write(`{"type":7}`)
		case ways[3]:
			p.raw(`{"type":6}`) // without an end
		}
		p.hear() // the hub never closes first
		gone <- way
	}
	for range rounds {
		for n := range ways {
			l, err := dial(within(t), checked(t, config(server.URL)))
			if refused := n == 2; refused != (err != nil) {
				t.Fatalf("%s: got %v", ways[n], err)
			}
			switch n {
			case 0:
				l.close()
			case 1, 3:
				if in := receive(t, l); in.err == nil {
					t.Fatalf("%s: got %s", ways[n], in.msg.Name)
				}
				defer l.close() // later: the socket has to be closed without it
			}
		}
	}
	closed := map[string]int{}
	limit := time.After(patience)
	for n := range rounds * len(ways) {
		select {
		case way := <-gone:
			closed[way]++
		case <-limit:
			t.Fatalf("%d of %d sockets are left open; closed are %v", rounds*len(ways)-n, rounds*len(ways), closed)
		}
	}
	if n := hub.idle.Load(); n > 0 {
		t.Errorf("%d connections were kept alive after negotiating", n)
	}
}

// Row 6, as to silence: the sockets of silent hubs are closed, and nothing of their links goes on, or the
// bubble would not end.
func TestNoSocketIsLeftOpenAfterSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const links = 50
		gone := make(chan bool, links)
		for range links {
			l := bubbleLink(t, config("http://hub/csta"), func(p *peer) {
				p.shake()
				p.hear()
				gone <- true
			})
			defer l.close()
			go func() {
				select {
				case <-l.in:
				case <-l.closed:
				}
			}()
		}
		time.Sleep(serverTimeout + time.Second)
		synctest.Wait()
		if n := len(gone); n != links {
			t.Errorf("%d of %d sockets are left open", links-n, links)
		}
	})
}

// Row 7: while there is no session, services are refused at once, and nothing of them runs later.
func TestNothingRunsBeforeTheLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		targets := map[int][]string{}
		drop, release := make(chan bool), make(chan bool)
		hub := &bareHub{t: t}
		hub.link = func(p *peer) {
			if !p.shake() {
				return
			}
			if p.number == 1 {
				go func() { <-drop; p.ws.CloseNow() }()
			}
			p.serve(func(s sent) string {
				mu.Lock()
				targets[p.number] = append(targets[p.number], s.Target)
				mu.Unlock()
				if p.number == 2 && s.Target == "StartApplicationSession" {
					<-release
				}
				return switching(s)
			})
		}
		cfg := config("http://hub/csta")
		cfg.Backoff = func(int) time.Duration { return time.Minute }
		dialling := make(chan bool)
		c := bubbleSession(t, cfg, func(ctx context.Context, opts *options) (conn, error) {
			if hub.links.Load() == 1 {
				<-dialling
			}
			return pipeHub(ctx, opts, hub)
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

// Row 9: a hub that stops reading is noticed by the limit on a write, though it goes on to send.
func TestPeerThatStopsReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan bool)
		l := bubbleLink(t, config("http://hub/csta"), func(p *peer) {
			p.shake()
			for p.write(`{"type":6}`) == nil {
				time.Sleep(5 * time.Second)
			}
			close(ended)
		})
		began := time.Now()
		select {
		case in := <-l.in:
			if took := time.Since(began); in.err == nil || took != pingEvery+writeLimit {
				t.Errorf("got %v after %v, want an error after %v", in.err, took, pingEvery+writeLimit)
			}
		case <-time.After(time.Hour):
			t.Error("not noticed within an hour")
		}
		l.close()
		<-ended
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
		hub := &bareHub{t: t, link: func(p *peer) {
			if p.shake() {
				p.serve(switching)
			}
		}}
		c := bubbleSession(t, cfg, func(ctx context.Context, opts *options) (conn, error) {
			if !last.IsZero() {
				longest = max(longest, time.Since(last))
			}
			last = time.Now()
			if time.Since(began) < down {
				return nil, errors.New("no route to host")
			}
			return pipeHub(ctx, opts, hub)
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

// Row 15: a hub that sends events and no ping is not silent.
func TestHubThatSendsOnlyEventsIsAlive(t *testing.T) {
	for _, every := range []time.Duration{time.Second, 4 * time.Second, 29 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			const lasts = 5 * time.Minute
			l := bubbleLink(t, config("http://hub/csta"), func(p *peer) {
				p.shake()
				go p.hear()
				for range lasts / every {
					time.Sleep(every)
					if p.write(rings("c1")) != nil {
						return
					}
				}
			})
			defer l.close()
			for n := range lasts / every {
				if in := <-l.in; in.err != nil {
					t.Fatalf("an event every %v: the link ended after %v: %v", every, n*every, in.err)
				}
			}
		})
	}
}

// A hub that sends nothing is silent, though it reads; ours are the pings meanwhile.
func TestSilentHubIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pings := make(chan time.Time, 10)
		l := bubbleLink(t, config("http://hub/csta"), func(p *peer) {
			p.shake()
			for {
				s, ok := p.read()
				if !ok {
					return
				}
				if s.Type == 6 {
					pings <- time.Now()
				}
			}
		})
		defer l.close()
		began := time.Now()
		select {
		case in := <-l.in:
			if took := time.Since(began); in.err == nil || took != serverTimeout {
				t.Errorf("got %v after %v, want an error after %v", in.err, took, serverTimeout)
			}
		case <-time.After(time.Hour):
			t.Error("not noticed within an hour")
		}
		if len(pings) == 0 || (<-pings).Sub(began) != pingEvery {
			t.Errorf("no ping was sent after %v", pingEvery)
		}
	})
}

// How a hub may close a link, and what that is called.
func TestHowAHubCloses(t *testing.T) {
	for _, test := range []struct {
		name  string
		close func(*peer)
		want  string
	}{
		{"close message", func(p *peer) { p.write(`{"type":7}`) }, "EOF"},
		{"with leave to come back", func(p *peer) { p.write(`{"type":7,"error":null,"allowReconnect":true}`) }, "EOF"},
		{"with an error", func(p *peer) { p.write(`{"type":7,"error":"Connection closed with an error.\r\n\u0007Sorry."}`) },
			"the server closed the connection: Connection closed with an error.  Sorry."},
		{"behind an event", func(p *peer) { p.write(rings("c1"), `{"type":7,"error":"bye"}`, rings("c2")) }, "the server closed the connection: bye"},
		{"WebSocket closed", func(p *peer) { p.bye("") }, "EOF"},
		{"WebSocket closed with a reason", func(p *peer) { p.bye("maintenance") }, "the server closed the connection: maintenance"},
		{"cut", func(p *peer) { p.ws.CloseNow() }, "EOF"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, server := newBareHub(t, func(p *peer) {
				if p.shake() {
					test.close(p)
					p.hear()
				}
			})
			l := dialBare(t, server)
			in := receive(t, l)
			for in.err == nil {
				in = receive(t, l)
			}
			if got := in.err.Error(); got != test.want && !(test.want == "EOF" && errors.Is(in.err, io.EOF)) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// An answer that comes after its time limit is dropped: it is nobody else's, and does no harm.
func TestLateAnswerIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		hub := &bareHub{t: t, link: func(p *peer) {
			if !p.shake() {
				return
			}
			p.serve(func(s sent) string {
				if s.Target != "AnswerCall" {
					return switching(s)
				}
				if asked++; asked == 1 {
					time.AfterFunc(answerLimit+2*time.Second, func() { p.write(s.result(`{}`)) })
					return `{"type":6}`
				}
				time.Sleep(5 * time.Second) // the late one overtakes it
				return fmt.Sprintf(`{"type":3,"invocationId":%q,"error":"HubException: no such connection"}`, s.id())
			})
		}}
		c := bubbleSession(t, config("http://hub/csta"), func(ctx context.Context, opts *options) (conn, error) { return pipeHub(ctx, opts, hub) })
		synctest.Wait()
		leg := csta.ConnectionID{CallID: "c1", DeviceID: "200"}
		if err := c.AnswerCall(t.Context(), leg); !errors.Is(err, csta.ErrNoAnswer) {
			t.Errorf("AnswerCall: got %v, want %v", err, csta.ErrNoAnswer)
		}
		var refusal *csta.ServiceError
		if err := c.AnswerCall(t.Context(), leg); !errors.As(err, &refusal) || !strings.HasSuffix(refusal.Value, "no such connection") {
			t.Errorf("AnswerCall again: got %v, want the hub's refusal", err)
		}
		if st := c.now(); st.Status != csta.Online || hub.links.Load() != 1 {
			t.Errorf("%v over link %d, want online over the first", st.Status, hub.links.Load())
		}
	})
}
