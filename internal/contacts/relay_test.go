//go:build linux

package contacts

import (
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"testing"
)

// relay passes on what comes over the network to a server, until it is cut: after some more bytes of the server's.
type relay struct {
	net.Listener
	left atomic.Int64 // bytes until the cut; below zero there is none
	cut  func()
}

func newRelay(t testing.TB, to int, cut func()) (*relay, int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{Listener: l, cut: cut}
	r.left.Store(-1)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", to))
			if err != nil {
				_ = client.Close()
				continue
			}
			go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
			go func() { r.pass(client, server); _ = client.Close(); _ = server.Close() }()
		}
	}()
	return r, l.Addr().(*net.TCPAddr).Port
}

func (r *relay) pass(client, server net.Conn) {
	buf := make([]byte, 1024)
	for {
		n, err := server.Read(buf)
		if _, failed := client.Write(buf[:n]); err != nil || failed != nil {
			return
		}
		if left := r.left.Load(); left >= 0 && r.left.Add(int64(-n)) < 0 {
			r.cut()
			return
		}
	}
}
