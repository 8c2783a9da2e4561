package cstasession

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"

	"calltray/cstasession/csta"
)

// Config says where the PBX is, who logs in, and which device is monitored.
type Config struct {
	// URL selects the gateway: tcp://host:port and tls://host:port for ECMA-323 XML, http://host/path and
	// https://host/path for JSON over SignalR.
	URL       string
	UserID    string
	Password  csta.Password
	PBXDomain string        // such as 12345678.pbx.one-connect.dk
	TrunkID   string        // default: the first label of PBXDomain
	Device    csta.DeviceID // the extension to monitor and control: "200", or a long form "u-12345678-200"

	// Duration is the session duration to request, in whole seconds on the wire; default 120 s, as in the
	// vendor's examples. The PBX may grant another.
	Duration time.Duration
	// DeclareVendorData binds the vendorData prefix in the XML login, for servers that process namespaces. The
	// vendor's sample does not bind it.
	DeclareVendorData bool
	// TrustedHosts are hosts other than the URL's own to which the server may redirect the login: those that
	// the user accepted after a csta.OtherHostError.
	TrustedHosts []string
	// RootCAs are the roots for verifying the server's certificate; default: the system's. Verification is
	// always on.
	RootCAs *x509.CertPool
	// Pin is the Fingerprint of the only certificate accepted from the server, for one that no authority has
	// signed. RootCAs is not used then.
	Pin string

	// Calls are those of an earlier session at the same extension, which has ended: they are kept as they are
	// after a lost link. Calls that had ended are ignored.
	Calls []csta.Call

	// WasOnline says that URL was online in an earlier run: errors then wrap csta.ErrWasOnline.
	WasOnline bool

	// Proxy is "system" (or ""), "none", or the address of a proxy: http, https or socks5. "system" takes it
	// from the environment (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY), or else from AskSystem.
	Proxy string
	// AskSystem returns the proxy for a web address from this computer's settings, and where it was found. It
	// is called while dialling, from any goroutine, and may take seconds; default: no proxy.
	AskSystem func(ctx context.Context, address *url.URL) (proxy, from string)
	// ProxySignIn returns the user and the password for a proxy (host:port) that asks for them. If the user is
	// empty, the connection fails with a csta.ProxyError. It is called while dialling, from any goroutine, and
	// may take seconds; default: no user.
	ProxySignIn func(ctx context.Context, proxy string) (user, password string)

	// OnChange is called with every change of the state, in order, one at a time, by the goroutine of Run. It
	// must not block and must not call a service. A call that has ended is in exactly one State.
	OnChange func(csta.State)
	// WatchTelephone requests the telephone's settings after every login and keeps State.Telephone up to date;
	// it also requests the names of queues that calls come through.
	WatchTelephone bool
	// OnColleague and OnQueue, if set, are called whenever something changes about another extension or a
	// queue, with the whole value, under the rules of OnChange. They need the monitor of the trunk, which is
	// started if either is set. After the link was lost, everything is reported again.
	OnColleague func(csta.Colleague)
	OnQueue     func(csta.Queue)
	// Backoff is the wait before redial number attempt (from 0); default: full jitter up to 1 s, doubled with
	// every attempt, up to 30 s.
	Backoff func(attempt int) time.Duration
	// Intervals are how often the session sends requests of its own.
	Intervals Intervals
	// Logger receives what happens; default: nothing. At Debug it receives the frames, without the login.
	Logger *slog.Logger
}

func check(cfg *Config) error {
	u, err := url.Parse(cfg.URL)
	switch {
	case err != nil:
		return errors.New("the address cannot be read")
	case u.Scheme != "tcp" && u.Scheme != "tls" && u.Scheme != "http" && u.Scheme != "https":
		return errors.New("the address must begin with tcp://, tls://, http:// or https://")
	case u.Hostname() == "":
		return errors.New("the address names no host")
	case u.Port() == "" && (u.Scheme == "tcp" || u.Scheme == "tls"):
		return errors.New("the address needs a port, as in tls://host:7000")
	case u.User != nil:
		return errors.New("the address must not hold a user or password")
	}
	for _, field := range []struct{ name, value string }{
		{"user ID", cfg.UserID}, {"password", cfg.Password.Reveal()}, {"PBX domain", cfg.PBXDomain}, {"extension", string(cfg.Device)},
	} {
		if field.value == "" {
			return fmt.Errorf("the %s is missing", field.name)
		}
		if strings.ContainsFunc(field.value, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
			return fmt.Errorf("the %s holds a control character", field.name)
		}
	}
	return nil
}

func fullJitter(attempt int) time.Duration {
	const first, most = time.Second, 30 * time.Second
	ceiling := most
	if attempt < 5 {
		ceiling = min(most, first<<attempt)
	}
	return rand.N(ceiling)
}
