package account

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
)

// proxyName is a proxy, as host:port; the keyring stores its user and password together.
type proxyName string

func (p proxyName) key() (string, error) {
	if p == "" {
		return "", errors.New("no proxy")
	}
	return "proxy " + string(p), nil
}

// errSignIn: the keyring's entry under the proxy's name is not one of ours.
var errSignIn = errors.New("the keyring's entry is damaged")

// ProxySignIn returns the user and the password for a proxy (host:port) from the keyring. The limits and errors
// are those of [Password]; a locked keyring is not asked to unlock, since every connection attempt would cause
// a prompt.
func ProxySignIn(ctx context.Context, proxy string) (user, password string, err error) {
	return system.proxySignIn(ctx, proxy)
}

func (r *ring) proxySignIn(ctx context.Context, proxy string) (user, password string, err error) {
	if locked, known := r.locked(); known && locked {
		return "", "", &keyringError{ErrKeyringLocked, errors.New("it is locked")}
	}
	kept, err := r.password(ctx, proxyName(proxy))
	if err != nil {
		return "", "", err
	}
	user, password, found := strings.Cut(kept, ":")
	if !found || user == "" {
		return "", "", &keyringError{ErrNoPassword, errSignIn}
	}
	return user, password, nil
}

// SetProxySignIn stores the user and the password for a proxy (host:port). A user with a colon is impossible:
// proxies take it as the end of the name (RFC 7617 §2). The limits are those of [SetPassword].
func SetProxySignIn(ctx context.Context, proxy, user, password string) error {
	return system.setPassword(ctx, proxyName(proxy), user+":"+password)
}

// ProxyName returns the name under which the user and the password for the proxy of these settings are stored,
// host:port; "" if the settings name no proxy.
func (s Settings) ProxyName() string {
	u, err := url.Parse(s.Proxy)
	if err != nil || u.Host == "" {
		return ""
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "socks5": "1080"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")), port)
}
