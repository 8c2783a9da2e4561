package cstasession

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/transport"
	"calltray/cstasession/internal/wire"
	"calltray/pbxsim"
)

// bubble is a session and a PBX in fake time, with a network between them.
type bubble struct {
	t     *testing.T
	pbx   *pbxsim.PBX
	net   *network
	c     *client
	dials atomic.Int32
	place atomic.Value // a string: the network that the computer is in
	// meddle, if set, has its way with link number n as it is dialled.
	meddle atomic.Pointer[func(ctx context.Context, n int32, c transport.Conn) (transport.Conn, error)]
}

// meddled is a link of which a test sees every request first, and may swallow it.
type meddled struct {
	transport.Conn
	swallow func(service string) bool
}

func (m meddled) Send(ctx context.Context, r wire.Request) error {
	if m.swallow(r.Name()) {
		return nil
	}
	return m.Conn.Send(ctx, r)
}

// kinds are the two gateways in fake time.
var kinds = []string{"tcp", "signalr"}

// inFakeTime runs a session against a PBX, both in a bubble.
func inFakeTime(t *testing.T, kind string, cfg pbxsim.Config, change func(*Config), test func(b *bubble)) {
	t.Helper()
	behind(t, kind, nil, cfg, change, test)
}

// behind is inFakeTime with a box on the way to the hub, if that is not nil.
func behind(t *testing.T, kind string, box box, cfg pbxsim.Config, change func(*Config), test func(b *bubble)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bubble{t: t, pbx: pbxsim.New(cfg), c: &client{t: t, news: make(chan struct{}, 1)}}
		b.net = &network{cables: map[*cable]bool{}}
		conf := config(map[string]string{"tcp": "tcp://pbx:7000", "signalr": "http://pbx/csta"}[kind])
		conf.Backoff = nil
		conf.OnChange = func(st csta.State) {
			b.c.mu.Lock()
			b.c.states = append(b.c.states, st)
			b.c.mu.Unlock()
		}
		if change != nil {
			change(&conf)
		}
		s, err := New(conf)
		if err != nil {
			t.Fatal(err)
		}
		b.c.Session = s
		b.place.Store("office")
		s.memory.Network = func() string { return b.place.Load().(string) }
		s.memory.Again = 2 * time.Hour // a day takes half a minute, even in fake time
		var serving sync.WaitGroup
		hub := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
		handler := b.pbx.Handler()
		if box != nil {
			forward, end := forwarding(handler)
			defer end()
			handler = box(forward)
		}
		web := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
		serving.Go(func() { _ = web.Serve(hub) })
		b.net.server = func() (net.Conn, error) {
			near, far := net.Pipe()
			if kind == "tcp" {
				serving.Go(func() { b.pbx.ServeTCP(far) })
			} else {
				hub.conns <- far
			}
			return near, nil
		}
		dial := func(ctx context.Context, opts *transport.Options) (transport.Conn, error) {
			ctx, cancel := context.WithTimeout(ctx, transport.DialLimit)
			defer cancel()
			if kind == "signalr" {
				return dialHubThrough(ctx, b.net, opts)
			}
			conn, err := b.net.dial(ctx)
			if err != nil {
				return nil, err
			}
			return overConn(conn, opts)
		}
		s.dial = func(ctx context.Context, opts *transport.Options) (transport.Conn, error) {
			n, meddle := b.dials.Add(1), b.meddle.Load()
			c, err := dial(ctx, opts)
			if err == nil && meddle != nil {
				return (*meddle)(ctx, n, c)
			}
			return c, err
		}
		ctx, stop := context.WithCancel(context.Background())
		var session sync.WaitGroup
		session.Go(func() { _ = s.Run(ctx) })
		synctest.Wait()
		defer func() { // also after a Fatal
			b.net.set(func(w *weather) { *w = weather{} })
			stop()
			session.Wait()
			web.Close()
			b.net.drop()
			b.net.pumps.Wait()
			b.pbx.Close()
			serving.Wait()
		}()
		test(b)
	})
}

// dialHubThrough is dialHub over another network.
func dialHubThrough(ctx context.Context, n *network, opts *transport.Options) (transport.Conn, error) {
	opts.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) { return n.dial(ctx) }
	return transport.Dial(ctx, opts)
}
