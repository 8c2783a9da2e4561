package transport

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/hubtest"
)

// One place knows proxies and names: whatever the scheme and the kind of proxy, the proxy is asked to connect
// to the gateway, by its name as DNS has it.
func TestEverySchemeGoesThroughEveryProxy(t *testing.T) {
	servers := outside(t)
	for proxyScheme, serve := range map[string]func(*office, net.Conn) (net.Conn, []byte){"http": httpProxy, "socks5": socksProxy, "socks5h": socksProxy} {
		for _, variable := range []string{"HTTP_PROXY and HTTPS_PROXY", "ALL_PROXY"} {
			for scheme, server := range servers {
				t.Run(proxyScheme+"/"+variable+"/"+scheme, func(t *testing.T) {
					o := newOffice(t, server.Listener.Addr().String(), serve)
					for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", "NO_PROXY", "no_proxy"} {
						t.Setenv(name, "")
					}
					for name := range strings.SplitSeq(variable, " and ") {
						t.Setenv(name, proxyScheme+"://"+o.address)
					}
					for host, want := range map[string]string{"bücher.example.com": "xn--bcher-kva.example.com", "PBX.example.com": "pbx.example.com"} {
						opts := optionsFor(scheme + "://" + host + ":7000/csta")
						if scheme == "tls" || scheme == "https" {
							opts.Pin = csta.Fingerprint(server.Certificate())
						}
						o.asked = nil
						l, err := Dial(within(t), opts)
						if err != nil {
							t.Fatalf("%s: %v", host, err)
						}
						l.Close()
						if got := strings.ToLower(o.wasAsked()); got != want+":7000" {
							t.Errorf("the proxy was asked for %q, want %q", got, want+":7000")
						}
					}
				})
			}
		}
	}
}

// Every answer of a proxy that makes no connection is an error that tells which, without its password, and
// soon; a header without end takes no memory.
func TestProxyThatDoesNotConnect(t *testing.T) {
	say := func(text string) func(*office, net.Conn) (net.Conn, []byte) {
		return func(_ *office, conn net.Conn) (net.Conn, []byte) {
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.WriteString(conn, text)
			}
			return nil, nil
		}
	}
	endless := func(_ *office, conn net.Conn) (net.Conn, []byte) {
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
		line := []byte("X: " + strings.Repeat("x", 4<<10) + "\r\n")
		for {
			if _, err := conn.Write(line); err != nil {
				return nil, nil
			}
		}
	}
	oneLine := func(_ *office, conn net.Conn) (net.Conn, []byte) {
		for {
			if _, err := conn.Write([]byte(strings.Repeat("x", 4<<10))); err != nil {
				return nil, nil
			}
		}
	}
	for _, c := range []struct {
		name, scheme string
		serve        func(*office, net.Conn) (net.Conn, []byte)
		want         csta.ProxyError
	}{
		{"407", "http", say("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM, Basic realm=\"a, b\"\r\n\r\n"),
			csta.ProxyError{Code: 407, Schemes: []string{"Negotiate", "NTLM", "Basic"}}},
		{"403", "http", say("HTTP/1.1 403 Forbidden\r\n\r\n"), csta.ProxyError{Code: 403}},
		{"503", "http", say("HTTP/1.1 503 Busy\r\nRetry-After: 20\r\n\r\n"), csta.ProxyError{Code: 503, RetryAfter: 20 * time.Second}},
		{"cut off", "http", say("HTTP/1.1 200"), csta.ProxyError{}},
		{"something else", "http", say("220 mail.example.com ESMTP\r\n"), csta.ProxyError{}},
		{"endless header", "http", endless, csta.ProxyError{}},
		{"endless line", "http", oneLine, csta.ProxyError{}},
		{"SOCKS that refuses", "socks5", func(_ *office, conn net.Conn) (net.Conn, []byte) {
			_, _ = conn.Write([]byte{5, 0xff})
			return nil, nil
		}, csta.ProxyError{Code: 407}},
		{"another kind", "ftp", say(""), csta.ProxyError{Err: csta.ErrProxyScheme}},
		{"no TLS", "https", say(""), csta.ProxyError{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t, "", c.serve)
			for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY"} {
				t.Setenv(name, c.scheme+"://bo:canary7f3a@"+o.address)
			}
			for _, scheme := range []string{"tls", "https", "tcp", "http"} {
				var took *csta.ProxyError
				_, err := Dial(within(t), optionsFor(scheme+"://pbx.example.com:7000/csta"))
				switch {
				case !errors.As(err, &took):
					t.Fatalf("%s: got %v, want a ProxyError", scheme, err)
				case took.Proxy != o.address || took.Code != c.want.Code || took.RetryAfter != c.want.RetryAfter || fmt.Sprint(took.Schemes) != fmt.Sprint(c.want.Schemes):
					t.Errorf("%s: got %+v, want %+v", scheme, took, c.want)
				case c.want.Err != nil && !errors.Is(err, c.want.Err):
					t.Errorf("%s: got %v, want %v", scheme, err, c.want.Err)
				case strings.Contains(fmt.Sprintf("%v %+v", err, took), "canary7f3a"):
					t.Errorf("%s: the error holds the proxy's password: %v", scheme, err)
				}
			}
		})
	}
}

// A proxy that wants a user and a password gets those that were kept for it, and a pair that it refused not again:
// that would have the user's account locked. One that wants neither does not get them.
func TestProxySignInKept(t *testing.T) {
	place := httptest.NewServer(&hubtest.Hub{T: t, Link: hubAnswers})
	t.Cleanup(place.Close)
	var mu sync.Mutex
	sent := map[string]int{}
	guarded := func(o *office, conn net.Conn) (net.Conn, []byte) {
		r, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return nil, nil
		}
		r.Header.Set("Authorization", r.Header.Get("Proxy-Authorization"))
		user, password, _ := r.BasicAuth()
		mu.Lock()
		sent[user+":"+password]++
		mu.Unlock()
		if password != "canary7f3a" {
			fmt.Fprint(conn, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"office\"\r\n\r\n")
			return nil, nil
		}
		host, err := o.connect(r.Host)
		if err != nil {
			return nil, nil
		}
		fmt.Fprint(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
		return host, nil
	}
	o := newOffice(t, place.Listener.Addr().String(), guarded)
	opts := optionsFor("http://pbx.example.com:7000/csta")
	opts.Proxy, opts.Memory = "http://"+o.address, &Memory{}
	user, password := "", ""
	opts.SignIn = func(_ context.Context, proxy string) (string, string) {
		if proxy != o.address {
			t.Errorf("a sign-in for %s is asked for", proxy)
		}
		return user, password
	}
	for _, c := range []struct {
		user, password string
		refused, again bool // the dial is; with a user and a password
	}{{"", "", true, false}, {"bo", "wrong", true, true}, {"bo", "wrong", true, true}, {"bo", "wrong", true, true}, {"bo", "canary7f3a", false, false}} {
		user, password = c.user, c.password
		l, err := Dial(within(t), opts)
		var told *csta.ProxyError
		switch {
		case err == nil:
			l.Close()
		case !errors.As(err, &told) || !told.WantsPassword() || told.SignedIn != c.again || strings.Contains(fmt.Sprintf("%v %+v", err, told), "wrong"):
			t.Errorf("with %q: %+v", c.password, err)
		}
		if (err != nil) != c.refused {
			t.Errorf("with %q: %v", c.password, err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if sent["bo:wrong"] != 1 || sent["bo:canary7f3a"] == 0 || sent[":"] == 0 {
		t.Errorf("the proxy was sent %v", sent)
	}
}

// What a gateway says before it is asked anything is not lost behind a proxy that sends it in one piece with
// its own answer.
func TestFirstWordsThroughProxy(t *testing.T) {
	o := newOffice(t, "", func(_ *office, conn net.Conn) (net.Conn, []byte) {
		_, _ = http.ReadRequest(bufio.NewReader(conn))
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n<SystemStatus/>\x00")
		_, _ = io.Copy(io.Discard, conn)
		return nil, nil
	})
	t.Setenv("HTTP_PROXY", "http://"+o.address)
	l, err := Dial(within(t), optionsFor("tcp://pbx.example.com:7000"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	select {
	case in := <-l.Inbox():
		if in.Err != nil || in.Msg.Name != "SystemStatus" {
			t.Errorf("got %+v, want the gateway's first message", in)
		}
	case <-within(t).Done():
		t.Error("the gateway's first message is lost")
	}
}

// A proxy is signed in to with the user and the password in its address.
func TestProxySignIn(t *testing.T) {
	server := outside(t)["tls"]
	asked := make(chan string, 1)
	o := newOffice(t, server.Listener.Addr().String(), func(o *office, conn net.Conn) (net.Conn, []byte) {
		r, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return nil, nil
		}
		asked <- r.Header.Get("Proxy-Authorization")
		host, _ := o.connect(r.Host)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		return host, nil
	})
	t.Setenv("HTTPS_PROXY", "http://bo:pin@"+o.address)
	opts := optionsFor("tls://pbx.example.com:7000")
	opts.Pin = csta.Fingerprint(server.Certificate())
	l, err := Dial(within(t), opts)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if got, want := <-asked, "Basic Ym86cGlu"; got != want {
		t.Errorf("signed in with %q, want %q", got, want)
	}
}
