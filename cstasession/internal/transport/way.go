package transport

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"golang.org/x/net/http/httpproxy"
	"golang.org/x/net/idna"

	"calltray/cstasession/csta"
)

// Way is how a gateway is reached.
type Way struct {
	Host  string // of the gateway, as in DNS: an international name is encoded
	Port  string
	Proxy string // host:port of the proxy that connects to it and looks its name up; "" without one
	From  string // where the proxy was found: "settings", "environment", or the name of the system's setting

	proxy *url.URL
}

// The values of Options.Proxy that are not addresses.
const (
	SystemProxy = "system" // what the environment says, or else this computer's settings
	NoProxy     = "none"
)

// FindWay returns how to reach the gateway at u. It is the only place that deals with names and proxies, for
// all schemes. It may query this computer's settings while ctx lasts. Its error wraps csta.ErrConfig or
// csta.ErrProxyScheme.
func FindWay(ctx context.Context, u *url.URL, o *Options) (Way, error) {
	host, err := canonical(u.Hostname())
	if err != nil {
		return Way{}, err
	}
	w := Way{Host: host, Port: cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])}
	if w.proxy, w.From, err = o.proxyFor(ctx, u.Scheme, w); err != nil || w.proxy == nil {
		return w, err
	}
	host, err = canonical(w.proxy.Hostname())
	port, known := map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080", "socks": "1080"}[w.proxy.Scheme]
	w.Proxy = net.JoinHostPort(host, cmp.Or(w.proxy.Port(), port))
	if err != nil || !known {
		return w, &csta.ProxyError{Proxy: w.Proxy, Err: csta.ErrProxyScheme}
	}
	return w, nil
}

func (w Way) address() string { return net.JoinHostPort(w.Host, w.Port) }

// canonical returns a host's name as in DNS, in lower case and without the trailing dot.
func canonical(host string) (string, error) {
	host = strings.TrimSuffix(host, ".")
	for _, r := range host {
		if r >= 0x80 {
			ascii, err := idna.Lookup.ToASCII(host)
			if err != nil {
				return "", fmt.Errorf("%w: the address's host name cannot be used", csta.ErrConfig)
			}
			return ascii, nil
		}
	}
	return strings.ToLower(host), nil
}

// proxyFor returns the proxy for an address and where it was found: the settings' or else the environment's or
// else the system's.
func (o *Options) proxyFor(ctx context.Context, scheme string, w Way) (found *url.URL, from string, err error) {
	switch o.Proxy {
	case NoProxy:
		return nil, "", nil
	case SystemProxy, "":
	default:
		found, err := url.Parse(o.Proxy)
		if err != nil || found.Hostname() == "" {
			return nil, "", csta.ErrProxyScheme
		}
		return found, "settings", nil
	}
	if inTheHouse(scheme, w.Host) {
		return nil, "", nil
	}
	if found, err := ofEnvironment(scheme, w.address()); found != nil || err != nil || environmentNames() {
		return found, "environment", err
	}
	if o.AskSystem == nil || isLoopback(w.Host) {
		return nil, "", nil
	}
	web := map[bool]string{true: "https", false: "http"}[encrypted(scheme)]
	address, from := o.AskSystem(ctx, &url.URL{Scheme: web, Host: w.address()})
	if address == "" {
		return nil, "", nil
	}
	if found, err = url.Parse(address); err != nil {
		return nil, from, csta.ErrProxyScheme
	}
	return found, from, nil
}

// inTheHouse reports whether a gateway over TCP is in this computer's own network: it has a private address, or
// a name without a dot. A general web proxy that was set up without telephones in mind rarely allows
// connections to such a port; a user who wants it names it in the settings.
func inTheHouse(scheme, host string) bool {
	if scheme != "tcp" && scheme != "tls" {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && (ip.IsPrivate() || ip.IsLinkLocalUnicast()) || err != nil && !strings.Contains(host, ".")
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// environmentNames reports whether the environment configures proxies.
func environmentNames() bool {
	env := httpproxy.FromEnvironment()
	return cmp.Or(env.HTTPProxy, env.HTTPSProxy, os.Getenv("ALL_PROXY"), os.Getenv("all_proxy")) != ""
}

// ofEnvironment returns the proxy that the environment names for an address, as curl and .NET interpret it:
// HTTPS_PROXY for encrypted connections, HTTP_PROXY for others, ALL_PROXY if that is not set, NO_PROXY for
// exceptions. This computer itself is never reached through a proxy.
func ofEnvironment(scheme, address string) (*url.URL, error) {
	env := httpproxy.FromEnvironment()
	all := cmp.Or(os.Getenv("ALL_PROXY"), os.Getenv("all_proxy"))
	env.HTTPProxy, env.HTTPSProxy = cmp.Or(env.HTTPProxy, all), cmp.Or(env.HTTPSProxy, all)
	web := "http"
	if encrypted(scheme) {
		web = "https"
	}
	found, err := env.ProxyFunc()(&url.URL{Scheme: web, Host: address})
	if err != nil {
		return nil, csta.ErrProxyScheme // its text includes the proxy's password
	}
	return found, nil
}

func encrypted(scheme string) bool { return scheme == "tls" || scheme == "https" }

// Connect makes the network connection, through the proxy if there is one. Errors of a proxy are a
// *csta.ProxyError.
func (w Way) Connect(ctx context.Context, o *Options) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, DialLimit)
	defer cancel()
	if w.proxy == nil {
		return o.dial(ctx, w.Host, w.Port)
	}
	connect := w.throughHTTP
	if strings.HasPrefix(w.proxy.Scheme, "socks") {
		connect = w.throughSOCKS
	}
	conn, err := connect(ctx, o)
	var told *csta.ProxyError
	switch {
	case err == nil:
		return conn, nil
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case errors.As(err, &told):
		told.Proxy = w.Proxy
		return nil, told
	}
	return nil, &csta.ProxyError{Proxy: w.Proxy, Err: err}
}

// reach makes the connection, and secures it if the scheme requires it.
func (w Way) reach(ctx context.Context, scheme string, o *Options) (net.Conn, error) {
	conn, err := w.Connect(ctx, o)
	if err != nil || !encrypted(scheme) {
		return conn, err
	}
	return w.Secure(ctx, conn, o)
}

// Secure performs the TLS handshake over a connection to the gateway, which it closes on failure. An error of
// verification is a *tls.CertificateVerificationError, which has the certificate, or a *csta.PinError.
func (w Way) Secure(ctx context.Context, conn net.Conn, o *Options) (*tls.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, DialLimit)
	defer cancel()
	config := tlsConfig(o)
	config.ServerName = w.Host
	client := tls.Client(conn, config)
	if err := client.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, handshakeError(err)
	}
	return client, nil
}
