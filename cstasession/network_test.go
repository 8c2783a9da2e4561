package cstasession

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/calls"
	"calltray/cstasession/internal/transport"
	"calltray/cstasession/internal/wire"
	"calltray/pbxsim"
)

// network is what lies between a session and the PBX. It is the same over pipes, in fake time, and
// over sockets: it copies bytes, and has the faults of cables, routers and servers.
type network struct {
	server func() (net.Conn, error) // a connection to the PBX

	mu     sync.Mutex
	now    weather
	cables map[*cable]bool
	made   int // cables
	pumps  sync.WaitGroup
}

// weather is what the network does to everything that passes.
type weather struct {
	delay    time.Duration // that everything takes
	piece    int           // bytes that are passed on at a time; 0 is all that came
	hole     bool          // nothing arrives, either way, and nobody is told; what was sent comes when it is over
	stalled  bool          // nothing is taken from the client: its peer has stopped reading
	halfOpen bool          // the client is not told of an end on the server's side
	refused  bool          // connections are refused
	lost     bool          // connections are neither made nor refused
	tear     bool          // what the server sends next is passed on in half; then the link is closed
}

// cable is one connection through the network.
type cable struct {
	net            *network
	client, server net.Conn
	done           chan struct{}
	once           sync.Once
	number         int // in the order in which they were made
}

var errRefused = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}

func (n *network) weather() weather {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.now
}

// set changes the weather.
func (n *network) set(change func(*weather)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	change(&n.now)
}

// through joins a client's connection to a fresh one of the PBX.
func (n *network) through(client net.Conn) error {
	server, err := n.server()
	if err != nil {
		client.Close()
		return err
	}
	w := &cable{net: n, client: client, server: server, done: make(chan struct{})}
	n.mu.Lock()
	n.made++
	w.number = n.made
	n.cables[w] = true
	n.mu.Unlock()
	n.pumps.Go(func() { w.pump(server, client, false) })
	n.pumps.Go(func() { w.pump(client, server, true) })
	return nil
}

// dial is a connection of the client's, for fake time.
func (n *network) dial(ctx context.Context) (net.Conn, error) {
	now := n.weather()
	switch {
	case now.refused:
		return nil, errRefused
	case now.lost || now.hole:
		<-ctx.Done()
		return nil, ctx.Err()
	}
	ours, theirs := net.Pipe()
	return ours, n.through(theirs)
}

// listen is a socket in front of the PBX, for real time. It returns its address.
func (n *network) listen(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n.pumps.Go(func() {
		for {
			conn, err := l.Accept()
			switch {
			case errors.Is(err, net.ErrClosed):
				return
			case n.weather().refused:
				reset(conn)
			default:
				_ = n.through(conn) // the client sees it
			}
		}
	})
	t.Cleanup(func() { l.Close(); n.drop(); n.pumps.Wait() })
	return l.Addr().String()
}

// reset closes a socket with RST instead of FIN.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // a closed one resets nothing
	}
	conn.Close()
}

// dropNewest closes the connection that was made last.
func (n *network) dropNewest() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for w := range n.cables {
		if w.number == n.made {
			w.end(nil)
		}
	}
}

// drop closes every connection, with RST where there is one.
func (n *network) drop() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for w := range n.cables {
		w.end(nil)
	}
}

// end closes both sides, but for keep, which is left open.
func (w *cable) end(keep net.Conn) {
	for _, c := range []net.Conn{w.client, w.server} {
		if c != keep {
			reset(c)
		}
	}
	if keep == nil {
		w.once.Do(func() { close(w.done) })
		delete(w.net.cables, w)
	}
}

// pump reads one side, as far as there is room in the buffers on the way; carry writes the other.
func (w *cable) pump(to, from net.Conn, down bool) {
	way := make(chan parcel, 4096)
	w.net.pumps.Go(func() { w.carry(to, way, down) })
	defer close(way)
	for {
		buf := make([]byte, 4<<10)
		n, err := from.Read(buf)
		for !down && err == nil && w.net.weather().stalled {
			if !w.rest(50 * time.Millisecond) {
				return
			}
		}
		if n > 0 {
			select {
			case way <- parcel{buf[:n], time.Now().Add(w.net.weather().delay)}:
			case <-w.done:
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// parcel is what is on its way, and when it arrives.
type parcel struct {
	data []byte
	due  time.Time
}

func (w *cable) carry(to net.Conn, way <-chan parcel, down bool) {
	var err error
	for p := range way {
		data := p.data
		for w.net.weather().hole {
			if !w.rest(50 * time.Millisecond) {
				return
			}
		}
		if wait := time.Until(p.due); wait > 0 && !w.rest(wait) {
			return
		}
		now := w.net.weather()
		if down && now.tear && len(data) > 1 {
			data, err = data[:len(data)/2], io.ErrUnexpectedEOF
			w.net.set(func(now *weather) { now.tear = false })
		}
		for len(data) > 0 {
			k := len(data)
			if now.piece > 0 {
				k = min(now.piece, k)
			}
			if _, failed := to.Write(data[:k]); failed != nil {
				err = failed
				break
			}
			data = data[k:]
		}
		if err != nil {
			break
		}
	}
	w.net.mu.Lock()
	defer w.net.mu.Unlock()
	if err == nil && (w.net.now.halfOpen || w.net.now.hole) {
		w.end(to) // it is not told
	} else {
		w.end(nil)
	}
}

// rest waits; false when the wire has ended.
func (w *cable) rest(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-w.done:
		return false
	}
}

// pipes is a net.Listener of connections in memory.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

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

// truth is what the PBX knows of the calls at a device, in the form of told.
func truth(pbx *pbxsim.PBX, device string) []string {
	var list []string
	for _, c := range pbx.Calls() {
		for _, leg := range c.Legs {
			if leg.Device != device {
				continue
			}
			direction, phase := csta.Incoming, csta.Ringing
			if leg.Out {
				direction, phase = csta.Outgoing, csta.Calling
			}
			switch leg.Status {
			case "Ringing", "Ringing_AttendedTransfer":
				phase = csta.Calling
			case "Active", "Active_AttendedTransfer":
				phase = csta.Active
			case "Held":
				phase = csta.Held
			}
			list = append(list, line(c.Linkage, leg.CallID, direction, phase, leg.Remote))
		}
	}
	slices.Sort(list)
	return list
}

// line is a call for comparison. No snapshot tells the direction of a conversation: it counts while the
// call is being set up. Nothing tells who takes the other end of a call on hold.
func line(linkage, callID string, d csta.Direction, p csta.Phase, remote string) string {
	switch p {
	case csta.Held:
		return fmt.Sprintf("%s %s %s", linkage, callID, p)
	case csta.Active:
		return fmt.Sprintf("%s %s %s %s", linkage, callID, p, remote)
	}
	return fmt.Sprintf("%s %s %s %s %s", linkage, callID, d, p, remote)
}

// told is what a session says of the calls that it is sure of.
func told(st csta.State) []string {
	var list []string
	for _, c := range st.Calls {
		if c.Phase != csta.Ended && !c.Uncertain {
			list = append(list, line(c.Linkage, c.ID.CallID, c.Direction, c.Phase, c.Remote.Number))
		}
	}
	slices.Sort(list)
	return list
}

// history checks that no call in a session's states was told twice: a call that ended is in one state,
// and never comes back. It returns what is wrong.
func history(states []csta.State) string {
	ended := map[string]csta.Outcome{}
	for i, st := range states {
		seen := map[string]bool{}
		for _, c := range st.Calls {
			id := c.ID.CallID
			if calls.IsConsultation(id) && c.Phase != csta.Ended {
				delete(ended, id) // the next one, about the same call
			}
			was, over := ended[id]
			switch {
			case seen[id]:
				return fmt.Sprintf("state %d has the call %s twice", i, id)
			case over && was != csta.EndedOffline: // of such a one a later event may still tell
				return fmt.Sprintf("state %d has the call %s again, which had ended (%s)", i, id, was)
			case c.Phase == csta.Ended && c.Outcome == csta.NotEnded:
				return fmt.Sprintf("state %d: the call %s ended without an outcome", i, id)
			}
			seen[id] = true
			delete(ended, id)
			if c.Phase == csta.Ended {
				ended[id] = c.Outcome
			}
		}
	}
	return ""
}
