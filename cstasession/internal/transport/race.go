package transport

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"
)

const (
	stagger       = 250 * time.Millisecond // between two attempts, unless the first fails earlier (RFC 8305 §5)
	resolveBefore = 50 * time.Millisecond  // how long IPv4 waits for the IPv6 addresses (RFC 8305 §3)
)

// dial connects to whichever address of a host answers first: it tries all, staggered and in parallel,
// alternating between the families. (RFC 8305) The operating system sends keep-alives when the peer is silent.
func (o *Options) dial(ctx context.Context, host, port string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, DialLimit)
	defer cancel()
	lookUp, dial := o.LookUp, o.Dial
	if dial != nil && lookUp == nil {
		return dial(ctx, "tcp", net.JoinHostPort(host, port)) // a network of its own
	}
	if dial == nil {
		dial = (&net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}}).DialContext
	}
	if lookUp == nil {
		lookUp = net.DefaultResolver.LookupNetIP
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return dial(ctx, "tcp", net.JoinHostPort(ip.String(), port))
	}
	r := race{ctx: ctx, found: make(chan found), attempts: make(chan attempt), lookups: 2}
	for _, network := range []string{"ip6", "ip4"} {
		go func() {
			list, err := lookUp(ctx, network, host)
			select {
			case r.found <- found{network == "ip6", list, err}:
			case <-ctx.Done():
			}
		}()
	}
	return r.run(func(ip netip.Addr) {
		conn, err := dial(ctx, "tcp", net.JoinHostPort(ip.Unmap().String(), port))
		select {
		case r.attempts <- attempt{conn, err}:
		case <-ctx.Done(): // another was faster
			if conn != nil {
				conn.Close()
			}
		}
	})
}

// race is the state of one dial. Its goroutines end with ctx.
type race struct {
	ctx      context.Context
	found    chan found
	attempts chan attempt
	lookups  int // in progress
	running  int // attempts in progress
	v4, v6   []netip.Addr
	last6    bool // the last attempt was to an IPv6 address
	err      error
}

type found struct {
	v6   bool
	list []netip.Addr
	err  error
}

type attempt struct {
	conn net.Conn
	err  error
}

func (r *race) run(try func(netip.Addr)) (net.Conn, error) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	began, may := false, false
	for {
		if may {
			if ip, ok := r.next(); ok {
				began, may = true, false
				r.running++
				go try(ip)
				timer.Reset(stagger)
			}
		}
		if r.running+r.lookups == 0 && len(r.v4)+len(r.v6) == 0 {
			return nil, r.err
		}
		select {
		case f := <-r.found:
			r.lookups--
			r.failed(f.err)
			if f.v6 {
				r.v6 = f.list
			} else {
				r.v4 = f.list
			}
			switch {
			case began:
			case f.v6 && f.err == nil, r.lookups == 0:
				may = true
			default:
				timer.Reset(resolveBefore)
			}
		case a := <-r.attempts:
			if a.err == nil {
				return a.conn, nil
			}
			r.running--
			r.failed(a.err)
			may = true
		case <-timer.C:
			may = true
		case <-r.ctx.Done():
			return nil, context.Cause(r.ctx)
		}
	}
}

// next returns the address to try next: the families take turns, IPv6 first.
func (r *race) next() (ip netip.Addr, ok bool) {
	queue := &r.v6
	if len(r.v6) == 0 || r.last6 && len(r.v4) > 0 {
		queue = &r.v4
	}
	if len(*queue) == 0 {
		return ip, false
	}
	r.last6 = queue == &r.v6
	ip, *queue = (*queue)[0], (*queue)[1:]
	return ip, true
}

// failed keeps the most informative error: first a server's, then a lookup's, then an unreachable network or a
// name without addresses of a family.
func (r *race) failed(err error) {
	if err != nil && (r.err == nil || weight(err) > weight(r.err)) {
		r.err = err
	}
}

func weight(err error) int {
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return 0
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL):
		return 1
	case errors.As(err, &dns):
		return 2
	}
	return 3
}
