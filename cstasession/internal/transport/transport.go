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

// Conn is one link to a gateway. Messages come out in the order in which they were sent.
type Conn interface {
	// Send hands one request to the gateway. It may block until it is written, but no longer than ctx or
	// WriteLimit; the answer comes through Inbox.
	Send(ctx context.Context, r wire.Request) error
	// Inbox delivers what the gateway sends. The last item has Err set, and says why the link ended.
	Inbox() <-chan Inbound
	// Path says by what the link goes.
	Path() csta.Path
	// Close ends the link and waits until its goroutines are gone. It may be called twice.
	Close()
}

// Inbound is a message of the gateway, or why the link ended, or that some may not have arrived.
type Inbound struct {
	Msg wire.Message
	Err error
	Gap bool // the link goes on; events and answers may have been lost before this
}

// Limits of a link.
const (
	DialLimit  = 10 * time.Second // to connect, to shake hands, to negotiate: each
	WriteLimit = 5 * time.Second  // for one write: a peer that stopped reading is noticed by it

	maxFrame = 4 << 20 // bytes of one document; a trunk's queue statistics may be large
)

// Options says where the gateway is, and what is needed to speak with it.
type Options struct {
	URL     string         // tcp, tls, http or https
	Secret  wire.Scrubber  // takes the password out of logs and errors
	RootCAs *x509.CertPool // default: the system's roots
	Pin     string         // the fingerprint of the one certificate that the server must show; RootCAs is not asked then
	// TrustedHosts are the hosts beside the URL's own that the login may be sent to.
	TrustedHosts []string
	// DeclareVendorData binds the vendorData prefix in the XML login.
	DeclareVendorData bool
	// Proxy is SystemProxy (or ""), NoProxy, or the address of one: http, https or socks5.
	Proxy string
	// AskSystem asks this computer's settings for a proxy of a web address, and says where it was learnt; it may
	// take seconds. nil for a computer that has none.
	AskSystem func(ctx context.Context, address *url.URL) (proxy, from string)
	// SignIn returns the user and the password for a proxy (host:port) that wants them and whose address holds none;
	// an empty user for none. It may take seconds. nil for no such.
	SignIn func(ctx context.Context, proxy string) (user, password string)
	// Memory is what earlier dials found out, and this one adds to; nil for none.
	Memory *Memory
	// BetterThan leaves out the transports of a hub that are not better; "" for none.
	BetterThan csta.Transport
	// Negotiated, if set, is called when a hub has agreed to a link: by the dial, before it returns.
	Negotiated func()
	Logger     *slog.Logger
	// LookUp finds the addresses of a host, of a network "ip4" or "ip6"; default: the system's resolver.
	LookUp func(ctx context.Context, network, host string) ([]netip.Addr, error)
	// Dial makes a network connection; default: a net.Dialer's. Tests have their own network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Dial connects to the gateway that the URL's scheme names. The link lives until it is closed or
// breaks; ctx bounds the dialling only. No error of a dial or of a link holds the query of an address.
func Dial(ctx context.Context, opts *Options) (Conn, error) {
	u, err := url.Parse(opts.URL)
	if err != nil {
		return nil, fmt.Errorf("%w: the address cannot be read", csta.ErrConfig)
	}
	private := *opts
	private.Secret = opts.Secret.WithQuery(u)
	dial := dialHub
	if u.Scheme == "tcp" || u.Scheme == "tls" { // New has seen to the others
		dial = dialTCP
	}
	c, err := dial(ctx, &private, u)
	if err != nil {
		return nil, said(private.Secret, err)
	}
	return c, nil
}
