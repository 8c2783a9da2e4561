package pbxsim

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// gateway is a listening socket and what serves it.
type gateway struct {
	kind   string // tcp, tls, http, https
	addr   string // as it was bound: a restart listens there again
	tls    *tls.Config
	listen net.Listener
	server *http.Server // of http and https
}

// ListenTCP opens a TCP gateway, XML documents ended by NUL, at addr ("127.0.0.1:0"), and returns its
// URL: tcp://127.0.0.1:41234.
func (p *PBX) ListenTCP(addr string) (url string, err error) {
	return p.listen(&gateway{kind: "tcp", addr: addr})
}

// ListenTLS is ListenTCP over TLS. cfg needs a certificate.
func (p *PBX) ListenTLS(addr string, cfg *tls.Config) (url string, err error) {
	return p.listen(&gateway{kind: "tls", addr: addr, tls: cfg})
}

// ListenHTTP opens a SignalR gateway at addr, and returns the hub's URL: http://127.0.0.1:41235/csta.
func (p *PBX) ListenHTTP(addr string) (url string, err error) {
	return p.listen(&gateway{kind: "http", addr: addr})
}

// ListenHTTPS is ListenHTTP over TLS. cfg needs a certificate.
func (p *PBX) ListenHTTPS(addr string, cfg *tls.Config) (url string, err error) {
	return p.listen(&gateway{kind: "https", addr: addr, tls: cfg})
}

func (p *PBX) listen(g *gateway) (url string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.bind(g); err != nil {
		return "", err
	}
	p.gateways = append(p.gateways, g)
	url = g.kind + "://" + reachable(g.addr)
	if g.server != nil {
		url += "/csta"
	}
	return url, nil
}

// reachable returns where a client on this machine finds a listener, which may be bound to all addresses.
func reachable(addr string) string {
	a, err := netip.ParseAddrPort(addr)
	if err == nil && a.Addr().IsUnspecified() {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), a.Port()).String()
	}
	return addr
}

// bind opens the gateway's socket and starts serving it.
func (p *PBX) bind(g *gateway) error {
	if p.closed {
		return errClosed
	}
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", g.addr)
	if err != nil {
		return fmt.Errorf("%s gateway: %w", g.kind, err)
	}
	g.addr = l.Addr().String()
	if g.tls != nil {
		c := g.tls.Clone()
		c.NextProtos = nil // no HTTP/2, which carries WebSockets otherwise
		l = tls.NewListener(l, c)
	}
	g.listen = l
	if g.kind == "http" || g.kind == "https" {
		g.server = &http.Server{
			Handler:           p.handler(p.life),
			ReadHeaderTimeout: 10 * time.Second,
			ErrorLog:          log.New(io.Discard, "", 0), // failed TLS handshakes are for the client to report
		}
	}
	kind, server, life := g.kind, g.server, p.life // g changes at a restart
	p.running.Go(func() {
		if server != nil {
			_ = server.Serve(l) // ends when the server is closed
			return
		}
		p.accept(l, kind, life)
	})
	return nil
}

func (p *PBX) accept(l net.Listener, kind string, life int) {
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // perhaps out of file descriptors
			continue
		}
		p.running.Go(func() { p.serveTCP(conn, kind, life) })
	}
}

// closeGateways closes every listening socket.
func (p *PBX) closeGateways() error {
	var errs []error
	for _, g := range p.gateways {
		if g.server != nil {
			errs = append(errs, g.server.Close())
		} else if err := g.listen.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Restart restarts the gateways: listeners and links close, sessions are lost, and after down the same
// addresses listen again. Calls go on meanwhile: the gateways failed, not the PBX.
func (p *PBX) Restart(ctx context.Context, down time.Duration) error {
	p.mu.Lock()
	err := p.closeGateways()
	p.dropLinks()
	p.life++
	p.mu.Unlock()
	if err != nil {
		return err
	}
	t := time.NewTimer(down)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, g := range p.gateways {
		if err := p.bind(g); err != nil {
			return err
		}
	}
	return nil
}
