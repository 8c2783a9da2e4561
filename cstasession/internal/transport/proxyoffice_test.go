package transport

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"calltray/cstasession/internal/hubtest"
)

// office is a network that only a proxy leads out of: the proxy alone knows the names outside, and takes all
// of them to one place.
type office struct {
	address string
	place   string // where every connection ends

	mu    sync.Mutex
	asked []string // the hosts and ports that it was asked for
}

func (o *office) connect(host string) (net.Conn, error) {
	o.mu.Lock()
	o.asked = append(o.asked, host)
	o.mu.Unlock()
	return net.Dial("tcp", o.place)
}

// wasAsked returns what the proxy was asked for, each once.
func (o *office) wasAsked() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := map[string]bool{}
	for _, host := range o.asked {
		all[host] = true
	}
	var list []string
	for host := range all {
		list = append(list, host)
	}
	return strings.Join(list, " ")
}

// newOffice starts a proxy whose connections serve speaks for, until the test ends.
func newOffice(t *testing.T, place string, serve func(o *office, conn net.Conn) (host net.Conn, early []byte)) *office {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &office{address: l.Addr().String(), place: place}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer conn.Close()
				host, early := serve(o, conn)
				if host == nil {
					return
				}
				defer host.Close()
				_, _ = host.Write(early)
				all.Go(func() { _, _ = io.Copy(conn, host); conn.Close(); host.Close() })
				_, _ = io.Copy(host, conn)
			})
		}
	})
	t.Cleanup(func() { l.Close(); all.Wait() })
	return o
}

// httpProxy speaks CONNECT. (RFC 9110 §9.3.6)
func httpProxy(o *office, conn net.Conn) (net.Conn, []byte) {
	r, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil || r.Method != http.MethodConnect {
		fmt.Fprint(conn, "HTTP/1.1 405 Method Not Allowed\r\n\r\n")
		return nil, nil
	}
	host, err := o.connect(r.Host)
	if err != nil {
		return nil, nil
	}
	fmt.Fprint(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
	return host, nil
}

// socksProxy speaks SOCKS5 to hosts by name. (RFC 1928)
func socksProxy(o *office, conn net.Conn) (net.Conn, []byte) {
	head := make([]byte, 2)
	if _, err := io.ReadFull(conn, head); err != nil || head[0] != 5 {
		return nil, nil
	}
	_, _ = io.CopyN(io.Discard, conn, int64(head[1]))
	_, _ = conn.Write([]byte{5, 0})
	ask := make([]byte, 5)
	if _, err := io.ReadFull(conn, ask); err != nil || ask[3] != 3 {
		return nil, nil
	}
	name := make([]byte, int(ask[4])+2)
	_, _ = io.ReadFull(conn, name)
	port := int(name[len(name)-2])<<8 | int(name[len(name)-1])
	host, err := o.connect(net.JoinHostPort(string(name[:len(name)-2]), strconv.Itoa(port)))
	if err != nil {
		return nil, nil
	}
	_, _ = conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	return host, nil
}

// outside is a gateway of each scheme, at an address that only a proxy can resolve: an international name.
func outside(t *testing.T) map[string]*httptest.Server {
	hub := &hubtest.Hub{T: t, Link: hubAnswers}
	plain, secured := httptest.NewServer(hub), httptest.NewTLSServer(hub)
	t.Cleanup(plain.Close)
	t.Cleanup(secured.Close)
	return map[string]*httptest.Server{"http": plain, "https": secured, "tcp": plain, "tls": secured}
}
