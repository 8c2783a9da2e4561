package main

import (
	"net"
	"sync"
	"time"
)

// relay is the network between one session and the PBX: a socket that forwards data until it is told to cut.
type relay struct {
	server string
	listen net.Listener

	mu        sync.Mutex
	blackHole bool // nothing is forwarded, and neither side is told
	cutNext   bool // half of the next data from the server is forwarded
	pairs     map[*pair]bool
}

type pair struct {
	client, server *net.TCPConn
	once           sync.Once
}

func newRelay(server string) (*relay, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &relay{server: server, listen: l, pairs: map[*pair]bool{}}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go r.join(conn.(*net.TCPConn))
		}
	}()
	return r, nil
}

func (r *relay) address() string { return r.listen.Addr().String() }

func (r *relay) join(client *net.TCPConn) {
	for r.isBlackHole() { // the kernel accepts a connection, and then nothing arrives
		time.Sleep(20 * time.Millisecond)
	}
	server, err := net.Dial("tcp", r.server)
	if err != nil {
		_ = client.SetLinger(0)
		client.Close()
		return
	}
	p := &pair{client: client, server: server.(*net.TCPConn)}
	r.mu.Lock()
	r.pairs[p] = true
	r.mu.Unlock()
	go r.pass(p, p.server, p.client, false)
	r.pass(p, p.client, p.server, true)
}

func (r *relay) isBlackHole() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.blackHole
}

func (r *relay) torn() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.cutNext
	r.cutNext = false
	return was
}

func (r *relay) pass(p *pair, to, from *net.TCPConn, down bool) {
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		for r.isBlackHole() {
			time.Sleep(20 * time.Millisecond)
		}
		if down && n > 1 && r.torn() {
			_, _ = to.Write(buf[:n/2]) // the cut follows
			break
		}
		if n > 0 && err == nil {
			_, err = to.Write(buf[:n])
		}
		if err != nil {
			break
		}
	}
	r.end(p, false)
}

func (r *relay) end(p *pair, reset bool) {
	p.once.Do(func() {
		if reset {
			_ = p.client.SetLinger(0)
			_ = p.server.SetLinger(0)
		}
		p.client.Close()
		p.server.Close()
		r.mu.Lock()
		delete(r.pairs, p)
		r.mu.Unlock()
	})
}

// cut ends every connection, with RST or with FIN.
func (r *relay) cut(reset bool) {
	r.mu.Lock()
	pairs := make([]*pair, 0, len(r.pairs))
	for p := range r.pairs {
		pairs = append(pairs, p)
	}
	r.mu.Unlock()
	for _, p := range pairs {
		r.end(p, reset)
	}
}

func (r *relay) set(change func(*relay)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(r)
}

func (r *relay) close() {
	r.listen.Close()
	r.set(func(r *relay) { r.blackHole = false })
	r.cut(true)
}
