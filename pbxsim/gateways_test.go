package pbxsim

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestRestart(t *testing.T) {
	both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
		c := dial()
		login(t, c, "200")
		run(t, p, "call 22334455 200")
		c.next()
		if err := p.Restart(context.Background(), 0); err != nil {
			t.Fatal(err)
		}
		ended(t, c)
		c = dial() // at the same address
		c.request("MonitorStart", "monitorObject.deviceObject=200")
		if m := c.next(); m.root != "CSTAErrorCode" {
			t.Errorf("the session outlived the restart: %s", m)
		}
		login(t, c, "200")
		run(t, p, "clear") // the call did too: only the gateways fell
		if m := c.next(); m.root != "ConnectionCleared" {
			t.Errorf("got %s", m)
		}
	})
	t.Run("down", func(t *testing.T) {
		p := newPBX(t, Config{})
		url, err := p.ListenTCP("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		restarted := make(chan error)
		c := dialTCP(t, url)
		go func() { restarted <- p.Restart(ctx, time.Hour) }()
		ended(t, c)
		if conn, err := net.Dial("tcp", strings.TrimPrefix(url, "tcp://")); err == nil {
			_ = conn.Close()
			t.Error("the port is open while the gateway is down")
		}
		if l := p.open("tcp", "accepted before", 0, xmlCodec{}, nil, func() {}); l != nil {
			t.Error("a client that was accepted just before is let in")
			l.close()
		}
		cancel()
		if err := <-restarted; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func TestTLS(t *testing.T) {
	// httptest's certificate, for 127.0.0.1 and example.com.
	certified := httptest.NewTLSServer(nil)
	defer certified.Close()
	roots := x509.NewCertPool()
	roots.AddCert(certified.Certificate())
	p := newPBX(t, Config{})
	url, err := p.ListenTLS("127.0.0.1:0", certified.TLS)
	if err != nil || !strings.HasPrefix(url, "tls://127.0.0.1:") {
		t.Fatal(url, err)
	}
	conn, err := tls.Dial("tcp", strings.TrimPrefix(url, "tls://"), &tls.Config{RootCAs: roots})
	if err != nil {
		t.Fatal(err)
	}
	login(t, newTCPClient(t, conn), "200")

	url, err = p.ListenHTTPS("127.0.0.1:0", certified.TLS)
	if err != nil || !strings.HasPrefix(url, "https://127.0.0.1:") || !strings.HasSuffix(url, "/csta") {
		t.Fatal(url, err)
	}
	httpClient := certified.Client()
	defer httpClient.CloseIdleConnections()
	r, err := httpClient.Post(url+"/negotiate?negotiateVersion=1", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if err != nil || !strings.Contains(string(body), "connectionToken") {
		t.Errorf("got %s, %v", body, err)
	}
}

func TestListenTwice(t *testing.T) {
	p := newPBX(t, Config{})
	url, err := p.ListenTCP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := p.ListenHTTP(strings.TrimPrefix(url, "tcp://")); err == nil {
		t.Errorf("got %s", again)
	}
}

// TestListenEverywhere: the URL of a gateway on all addresses is one that a client can dial.
func TestListenEverywhere(t *testing.T) {
	p := newPBX(t, Config{})
	url, err := p.ListenTCP(":0")
	if err != nil || !strings.HasPrefix(url, "tcp://127.0.0.1:") {
		t.Fatal(url, err)
	}
	login(t, dialTCP(t, url), "200")
}

// TestClose closes a PBX in the middle of everything: all goroutines end (TestMain looks), links
// break, and what comes later is refused.
func TestClose(t *testing.T) {
	p := New(Config{Outside: Demo, Behaviour: Behaviour{Timer: "terminate"}})
	tcp, err := p.ListenTCP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hub, err := p.ListenHTTP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	half := rawHub(t, hub) // not shaken hands yet
	clients := []client{dialTCP(t, tcp), dialHub(t, hub)}
	var work sync.WaitGroup
	for _, c := range clients {
		login(t, c, "200")
		work.Go(func() {
			for range 50 {
				if call, err := p.Call("22334455", "200", ""); err == nil {
					_ = call.Clear("200")
				}
			}
		})
	}
	run(t, p, "dial 201 22334455")
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	work.Wait()
	ended(t, half)
	if _, err := p.Call("22334455", "200", ""); !errors.Is(err, errClosed) {
		t.Errorf("got %v", err)
	}
	if _, err := p.ListenTCP("127.0.0.1:0"); !errors.Is(err, errClosed) {
		t.Errorf("got %v", err)
	}
	ours, theirs := net.Pipe()
	p.ServeTCP(theirs)
	if _, err := ours.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
	if err := p.Close(); err != nil {
		t.Errorf("a second Close: %v", err)
	}
}

// TestFrames: documents are cut at NUL whatever the reads, and too long a one ends the link.
func TestFrames(t *testing.T) {
	p := newPBX(t, Config{})
	url, err := p.ListenTCP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := dialTCP(t, url)
	for _, b := range []byte("<Ønske>æøå</Ønske>\x00") { // multibyte characters over many reads
		c.write(string([]byte{b}))
	}
	if m := c.next(); m.leaf["operation"] != "serviceNotSupported" {
		t.Errorf("got %s", m)
	}
	c.write("<a/>\x00<b>\xff</b>\x00") // two in one write, one with what is no UTF-8
	for range 2 {
		if m := c.next(); m.leaf["operation"] != "serviceNotSupported" {
			t.Errorf("got %s", m)
		}
	}
	for _, bad := range []string{"<a>", "<a></b>", "plain", "<a/><b/>", strings.Repeat("<a>", maxDepth+1) + strings.Repeat("</a>", maxDepth+1)} {
		c.write(bad + "\x00")
		if m := c.next(); m.leaf["operation"] != "generic" {
			t.Errorf("%q: got %s", bad, m)
		}
	}
	go func() { _, _ = io.Copy(c.conn, strings.NewReader(strings.Repeat("x", 2*maxFrame))) }()
	if s, err := c.frame(); err == nil {
		t.Errorf("got %s", s)
	}
}
