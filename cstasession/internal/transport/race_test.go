package transport

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// addresses is a network of a host with several addresses, of which some are dead: nothing answers there.
type addresses struct {
	v4, v6   string // in the order in which they are looked up
	lookup4  time.Duration
	lookup6  time.Duration
	live     string // answers
	refuses  string // refuse at once
	tried    []string
	began    []time.Duration
	start    time.Time
	attempts chan struct{}
}

func (a *addresses) lookUp(_ context.Context, network, host string) ([]netip.Addr, error) {
	list, after := a.v4, a.lookup4
	if network == "ip6" {
		list, after = a.v6, a.lookup6
	}
	time.Sleep(after)
	var found []netip.Addr
	for _, s := range strings.Fields(list) {
		found = append(found, netip.MustParseAddr(s))
	}
	if len(found) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return found, nil
}

func (a *addresses) dial(ctx context.Context, _, address string) (net.Conn, error) {
	host, _, _ := net.SplitHostPort(address)
	a.attempts <- struct{}{}
	a.tried, a.began = append(a.tried, host), append(a.began, time.Since(a.start))
	<-a.attempts
	switch {
	case slices.Contains(strings.Fields(a.live), host):
		near, far := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, far); far.Close() }()
		return near, nil
	case slices.Contains(strings.Fields(a.refuses), host):
		return nil, syscall.ECONNREFUSED
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

// All addresses of a host are tried, staggered and in parallel, both families in turn. (RFC 8305)
func TestEveryAddressIsTried(t *testing.T) {
	ms := time.Millisecond
	for _, c := range []struct {
		name  string
		net   addresses
		tried string
		took  time.Duration
	}{
		{"one", addresses{v4: "192.0.2.1", live: "192.0.2.1"}, "192.0.2.1", 0},
		{"six dead before a live one", addresses{v4: "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5 192.0.2.6 192.0.2.7", live: "192.0.2.7"},
			"192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5 192.0.2.6 192.0.2.7", 1500 * ms},
		{"six refuse before a live one", addresses{v4: "192.0.2.1 192.0.2.2 192.0.2.3", refuses: "192.0.2.1 192.0.2.2", live: "192.0.2.3"},
			"192.0.2.1 192.0.2.2 192.0.2.3", 0},
		{"dead IPv6", addresses{v6: "2001:db8::1 2001:db8::2 2001:db8::3", v4: "192.0.2.1", live: "192.0.2.1"}, "2001:db8::1 192.0.2.1", 250 * ms},
		{"dead IPv4", addresses{v6: "2001:db8::1 2001:db8::2", v4: "192.0.2.1 192.0.2.2 192.0.2.3", live: "2001:db8::2"}, "2001:db8::1 192.0.2.1 2001:db8::2", 500 * ms},
		{"IPv6 preferred", addresses{v6: "2001:db8::1", v4: "192.0.2.1", lookup6: 30 * ms, live: "2001:db8::1 192.0.2.1"}, "2001:db8::1", 30 * ms},
		{"IPv6 never looked up", addresses{v4: "192.0.2.1", lookup6: time.Hour, live: "192.0.2.1"}, "192.0.2.1", 50 * ms},
		{"IPv4 looked up late", addresses{v6: "2001:db8::1", v4: "192.0.2.1", lookup4: time.Second, live: "192.0.2.1"}, "2001:db8::1 192.0.2.1", time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &c.net
				n.start, n.attempts = time.Now(), make(chan struct{}, 1)
				opts := optionsFor("tcp://pbx.example.com:7000")
				opts.LookUp, opts.Dial = n.lookUp, n.dial
				l, err := Dial(t.Context(), opts)
				took := time.Since(n.start)
				if err != nil {
					t.Fatalf("after %v: %v; tried %v at %v", took, err, n.tried, n.began)
				}
				l.Close()
				if got := strings.Join(n.tried, " "); got != c.tried || took != c.took {
					t.Errorf("tried %s at %v and took %v, want %s in %v", got, n.began, took, c.tried, c.took)
				}
				time.Sleep(2 * time.Hour) // what was begun has ended
			})
		})
	}
}

// When no address answers, the error is the most telling of theirs.
func TestNoAddressAnswers(t *testing.T) {
	var dns *net.DNSError
	for _, c := range []struct {
		name string
		net  addresses
		want func(error) bool
	}{
		{"no such name", addresses{}, func(err error) bool { return errors.As(err, &dns) && dns.IsNotFound }},
		{"all refuse", addresses{v4: "192.0.2.1", v6: "2001:db8::1", refuses: "192.0.2.1 2001:db8::1"}, func(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }},
		{"all are dead", addresses{v4: "192.0.2.1 192.0.2.2"}, func(err error) bool { return errors.Is(err, context.DeadlineExceeded) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &c.net
				n.start, n.attempts = time.Now(), make(chan struct{}, 1)
				opts := optionsFor("tcp://pbx.example.com:7000")
				opts.LookUp, opts.Dial = n.lookUp, n.dial
				if _, err := Dial(t.Context(), opts); err == nil || !c.want(err) || time.Since(n.start) > DialLimit {
					t.Errorf("got %v after %v", err, time.Since(n.start))
				}
			})
		})
	}
}
