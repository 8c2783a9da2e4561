package pbxsim

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestInjections(t *testing.T) {
	both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
		c := dial()
		login(t, c, "200")
		p.InjectUnknown()
		if got := c.next().say("monitorcrossrefid", "strange.nested"); got != "CalltrayUnknown u-12345678-200 Ærø & <Ø>" {
			t.Errorf("got %q", got)
		}
		p.InjectMalformed()
		run(t, p, `inject raw "r\x61w\x00raw\x1E"`)
		switch c := c.(type) {
		case *tcpClient:
			for _, want := range []string{string(xmlCodec{}.malformed()), "raw\x00", "raw\x1e"} {
				if want == "raw\x1e" {
					break // no NUL: it stands before whatever comes next
				}
				if got, err := c.frame(); err != nil || got+"\x00" != want {
					t.Errorf("got %q, %v, want %q", got, err, want)
				}
			}
		case *hubClient:
			for _, want := range []string{string(jsonCodec{}.malformed()), "raw\x00raw\x1e"} {
				if got, err := c.read(); err != nil || got+"\x1e" != want {
					t.Errorf("got %q, %v, want %q", got, err, want)
				}
			}
		}
	})
}

func TestDropAndForget(t *testing.T) {
	both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
		a, b := dial(), dial()
		login(t, a, "200")
		login(t, b, "200")
		p.Forget()
		run(t, p, "call 22334455 200") // heard by nobody
		a.request("MonitorStart", "monitorObject.deviceObject=200")
		if m := a.next(); m.root != "MonitorStartResponse" {
			t.Errorf("got %s", m)
		}
		run(t, p, "clear")
		if m := a.next(); m.root != "ConnectionCleared" {
			t.Errorf("got %s", m)
		}
		p.Drop()
		ended(t, a)
		ended(t, b)
		login(t, dial(), "200") // the listener is still there
	})
}

func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPBX(t, Config{})
		c := pipe(t, p)
		login(t, c, "200")
		run(t, p, "silence")
		for range 100 { // everything is read
			c.request("SnapShotDevice", "snapshotObject=200")
		}
		run(t, p, "call 22334455 200")
		_ = c.conn.SetReadDeadline(time.Now().Add(time.Hour))
		if s, err := c.in.ReadString(0); err == nil || errors.Is(err, io.EOF) || s != "" {
			t.Errorf("got %q, %v", s, err)
		}
		run(t, p, "silence off\nclear")
		if m := c.next(); m.root != "ConnectionCleared" {
			t.Errorf("got %s", m)
		}
	})
}

// TestSlowReader: a client that does not read is cut after a while, and holds nobody up.
func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPBX(t, Config{})
		slow, quick := pipe(t, p), pipe(t, p)
		login(t, slow, "200")
		login(t, quick, "200")
		start := time.Now()
		for range 100 {
			run(t, p, "call 22334455 200\nclear")
		}
		for range 200 {
			quick.next()
		}
		if d := time.Since(start); d > time.Second {
			t.Errorf("the quick one waited %v", d)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		if err := p.Run(ctx, strings.NewReader("await links 1"), io.Discard); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d < writeLimit || d > 2*writeLimit {
			t.Errorf("the slow one was cut after %v, want %v", d, writeLimit)
		}
	})
}

// TestDropIsAtOnce: what a client sent before it noticed the cut is not executed.
func TestDropIsAtOnce(t *testing.T) {
	p := New(Config{})
	defer p.Close()
	near, far := net.Pipe()
	defer near.Close()
	go p.ServeTCP(far)
	var l *link
	for l == nil {
		p.mu.Lock()
		for l = range p.links {
		}
		p.mu.Unlock()
	}
	l.session = &session{}
	p.Drop()
	p.serve(l, &request{name: "MakeCall", args: tree("MakeCall", text("callingDevice", "200"), text("calledDirectoryNumber", "22334455"))})
	if calls := p.Calls(); len(calls) > 0 {
		t.Errorf("a call was made over a link that was dropped: %v", calls)
	}
}
