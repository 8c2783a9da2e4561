package transport

import (
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

// Conn is one link to a gateway. Messages arrive in the order in which they were sent.
type Conn interface {
	// Send sends one request to the gateway. It may block until the request is written, but no longer than ctx
	// or WriteLimit; the answer arrives through Inbox.
	Send(ctx context.Context, r wire.Request) error
	// Inbox delivers what the gateway sends. The last item has Err set, and says why the link ended.
	Inbox() <-chan Inbound
	// Path returns how the link reaches the gateway.
	Path() csta.Path
	// Close ends the link and waits until its goroutines are gone. It may be called twice.
	Close()
}

// Inbound is a message from the gateway, or the reason why the link ended, or a notice that messages may have
// been lost.
type Inbound struct {
	Msg wire.Message
	Err error
	Gap bool // the link is still up; events and answers may have been lost before this
}

// Limits of a link.
const (
	DialLimit  = 10 * time.Second // for connecting, TLS and negotiating: each
	WriteLimit = 5 * time.Second  // for one write: detects a peer that stopped reading

	maxFrame = 4 << 20 // bytes of one document; a trunk's queue statistics may be large
)

// Options says where the gateway is, and how to reach it.
type Options struct {
	URL     string         // tcp, tls, http or https
	Secret  wire.Scrubber  // removes the password from logs and errors
	RootCAs *x509.CertPool // default: the system's roots
	Pin     string         // the fingerprint of the only certificate accepted from the server; RootCAs is not used then
	// TrustedHosts are hosts other than the URL's own to which the login may be sent.
	TrustedHosts []string
	// DeclareVendorData binds the vendorData prefix in the XML login.
	DeclareVendorData bool
	// Proxy is SystemProxy (or ""), NoProxy, or the address of a proxy: http, https or socks5.
	Proxy string
	// AskSystem returns the proxy for a web address from this computer's settings, and where it was found; it
	// may take seconds. nil if the computer has no such settings.
	AskSystem func(ctx context.Context, address *url.URL) (proxy, from string)
	// SignIn returns the user and the password for a proxy (host:port) that asks for them and whose address
	// contains none; the user is empty if there is none. It may take seconds. May be nil.
	SignIn func(ctx context.Context, proxy string) (user, password string)
	// Memory is what earlier dials found out, and this one adds to it; may be nil.
	Memory *Memory
	// BetterThan restricts the dial to transports of a hub that are better; "" for no restriction.
	BetterThan csta.Transport
	// Negotiated, if set, is called when a hub has accepted a link: by the dial, before it returns.
	Negotiated func()
	Logger     *slog.Logger
	// LookUp finds the addresses of a host for the network "ip4" or "ip6"; default: the system's resolver.
	LookUp func(ctx context.Context, network, host string) ([]netip.Addr, error)
	// Dial makes a network connection; default: that of a net.Dialer. Tests have their own network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Dial connects to the gateway that the URL's scheme names. The link lives until it is closed or breaks; ctx
// bounds only the dialling. No error of a dial or of a link contains the query of an address.
func Dial(ctx context.Context, opts *Options) (Conn, error) {
	u, err := url.Parse(opts.URL)
	if err != nil {
		return nil, fmt.Errorf("%w: the address cannot be read", csta.ErrConfig)
	}
	private := *opts
	private.Secret = opts.Secret.WithQuery(u)
	dial := dialHub
	if u.Scheme == "tcp" || u.Scheme == "tls" { // New has checked the other schemes
		dial = dialTCP
	}
	c, err := dial(ctx, &private, u)
	if err != nil {
		return nil, said(private.Secret, err)
	}
	return c, nil
}
