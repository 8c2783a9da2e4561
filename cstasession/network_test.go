package cstasession

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"
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
	hole     bool          // nothing arrives in either direction, and neither side is told; what was sent arrives afterwards
	stalled  bool          // nothing is taken from the client: its peer has stopped reading
	halfOpen bool          // the client does not see the server's end of the connection close
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
