package transport

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/hubtest"
)

// A hub that does not answer the handshake costs the time limit, or what is left until the session ends.
func TestHandshakeWithoutAnAnswer(t *testing.T) {
	for _, test := range []struct {
		stop, want time.Duration
		err        error
	}{
		{time.Hour, answerLimit, csta.ErrNoAnswer},
		{time.Second, time.Second, context.Canceled},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			time.AfterFunc(test.stop, cancel)
			began := time.Now()
			_, err := pipeHub(ctx, optionsFor("http://hub/csta"), &hubtest.Hub{T: t, Link: (*hubtest.Peer).Hear})
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
	hub, server := hubtest.New(t, nil)
	hub.Link = func(p *hubtest.Peer) {
		way := ways[(p.Number-1)%len(ways)]
		p.Read()
		if way == ways[2] {
			p.Write(`{"error":"no"}`)
		} else {
			p.Write(`{}`)
		}
		switch way {
		case ways[1]:
			p.Write(`{"type":7}`)
		case ways[3]:
			p.Raw(`{"type":6}`) // without an end
		}
		p.Hear() // the hub never closes first
		gone <- way
	}
	for range rounds {
		for n := range ways {
			l, err := Dial(within(t), optionsFor(server.URL))
			if refused := n == 2; refused != (err != nil) {
				t.Fatalf("%s: got %v", ways[n], err)
			}
			switch n {
			case 0:
				l.Close()
			case 1, 3:
				if in := receive(t, l); in.Err == nil {
					t.Fatalf("%s: got %s", ways[n], in.Msg.Name)
				}
				defer l.Close() // later: the socket has to be closed without it
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
	if n := hub.Idle.Load(); n > 0 {
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
			l := bubbleLink(t, func(p *hubtest.Peer) {
				p.Shake()
				p.Hear()
				gone <- true
			})
			defer l.Close()
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

// Row 9: a hub that stops reading is noticed by the limit on a write, though it goes on to send.
func TestPeerThatStopsReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan bool)
		l := bubbleLink(t, func(p *hubtest.Peer) {
			p.Shake()
			for p.Write(`{"type":6}`) == nil {
				time.Sleep(5 * time.Second)
			}
			close(ended)
		})
		began := time.Now()
		select {
		case in := <-l.in:
			if took := time.Since(began); in.Err == nil || took != pingEvery+WriteLimit {
				t.Errorf("got %v after %v, want an error after %v", in.Err, took, pingEvery+WriteLimit)
			}
		case <-time.After(time.Hour):
			t.Error("not noticed within an hour")
		}
		l.Close()
		<-ended
	})
}

// Row 15: a hub that sends events and no ping is not silent.
func TestHubThatSendsOnlyEventsIsAlive(t *testing.T) {
	for _, every := range []time.Duration{time.Second, 4 * time.Second, 29 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			const lasts = 5 * time.Minute
			l := bubbleLink(t, func(p *hubtest.Peer) {
				p.Shake()
				ended := make(chan struct{})
				go func() { p.Hear(); close(ended) }()
				for range lasts / every {
					time.Sleep(every)
					if p.Write(hubtest.Rings("c1")) != nil {
						break
					}
				}
				<-ended // a hub that went would spoil a ping that is due now
			})
			defer l.Close()
			for n := range lasts / every {
				if in := <-l.in; in.Err != nil {
					t.Fatalf("an event every %v: the link ended after %v: %v", every, n*every, in.Err)
				}
			}
		})
	}
}

// A hub that sends nothing is silent, though it reads; ours are the pings meanwhile.
func TestSilentHubIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pings := make(chan time.Time, 10)
		l := bubbleLink(t, func(p *hubtest.Peer) {
			p.Shake()
			for {
				s, ok := p.Read()
				if !ok {
					return
				}
				if s.Type == 6 {
					pings <- time.Now()
				}
			}
		})
		defer l.Close()
		began := time.Now()
		select {
		case in := <-l.in:
			if took := time.Since(began); in.Err == nil || took != serverTimeout {
				t.Errorf("got %v after %v, want an error after %v", in.Err, took, serverTimeout)
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
		close func(*hubtest.Peer)
		want  string
	}{
		{"close message", func(p *hubtest.Peer) { p.Write(`{"type":7}`) }, "EOF"},
		{"with leave to come back", func(p *hubtest.Peer) { p.Write(`{"type":7,"error":null,"allowReconnect":true}`) }, "EOF"},
		{"with an error", func(p *hubtest.Peer) {
			p.Write(`{"type":7,"error":"Connection closed with an error.\r\n\u0007Sorry."}`)
		},
			"the server closed the connection: Connection closed with an error.  Sorry."},
		{"behind an event", func(p *hubtest.Peer) { p.Write(hubtest.Rings("c1"), `{"type":7,"error":"bye"}`, hubtest.Rings("c2")) }, "the server closed the connection: bye"},
		{"WebSocket closed", func(p *hubtest.Peer) { p.Bye("") }, "EOF"},
		{"WebSocket closed with a reason", func(p *hubtest.Peer) { p.Bye("maintenance") }, "the server closed the connection: maintenance"},
		{"cut", func(p *hubtest.Peer) { p.WS.CloseNow() }, "EOF"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, server := hubtest.New(t, func(p *hubtest.Peer) {
				if p.Shake() {
					test.close(p)
					p.Hear()
				}
			})
			l := dialBare(t, server)
			in := receive(t, l)
			for in.Err == nil {
				in = receive(t, l)
			}
			if got := in.Err.Error(); got != test.want && !(test.want == "EOF" && errors.Is(in.Err, io.EOF)) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
