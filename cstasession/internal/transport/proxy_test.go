package transport

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// A proxy is asked to connect to hosts that are not this machine, which no proxy is for.
func TestConnectThroughProxy(t *testing.T) {
	target := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(target.Close)
	var asked atomic.Value
	proxy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { proxy.Close() })
	go func() {
		for {
			conn, err := proxy.Accept()
			if err != nil {
				return
			}
			r, err := http.ReadRequest(bufio.NewReader(conn))
			if err != nil || r.Method != http.MethodConnect {
				conn.Close()
				continue
			}
			asked.Store(r.Host + " " + r.Header.Get("Proxy-Authorization"))
			if r.Host != "pbx.test:7443" {
				fmt.Fprint(conn, "HTTP/1.1 403 Forbidden\r\n\r\n")
				conn.Close()
				continue
			}
			host, err := net.Dial("tcp", target.Listener.Addr().String())
			if err != nil {
				conn.Close()
				continue
			}
			fmt.Fprint(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
			go func() { io.Copy(host, conn); host.Close() }()
			go func() { io.Copy(conn, host); conn.Close() }()
		}
	}()
	through := &url.URL{Scheme: "http", User: url.UserPassword("bo", "pin"), Host: proxy.Addr().String()}
	conn, err := dialThrough(within(t), &Options{}, through, "pbx.test:7443")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(target.Certificate())
	client := tls.Client(conn, &tls.Config{RootCAs: roots, ServerName: "example.com"})
	if err := client.HandshakeContext(within(t)); err != nil {
		t.Errorf("TLS through the proxy: %v", err)
	}
	client.Close()
	if got, want := asked.Load(), "pbx.test:7443 Basic Ym86cGlu"; got != want {
		t.Errorf("the proxy was asked for %q, want %q", got, want)
	}
	if _, err := dialThrough(within(t), &Options{}, through, "elsewhere.test:1"); err == nil || !strings.Contains(err.Error(), "403") || strings.Contains(err.Error(), "pin@") {
		t.Errorf("a proxy that refuses: got %v, want its words and no password", err)
	}
}
