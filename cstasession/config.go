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

// Config says where the PBX is, who logs in, and what is monitored.
type Config struct {
	// URL chooses the gateway: tcp://host:port and tls://host:port for ECMA-323 XML, http://host/path
	// and https://host/path for JSON over SignalR.
	URL       string
	UserID    string
	Password  csta.Password
	PBXDomain string        // such as 12345678.pbx.one-connect.dk
	TrunkID   string        // default: the first label of PBXDomain
	Device    csta.DeviceID // the extension to monitor and control: "200", or a long form "u-12345678-200"

	// Duration is the session duration to ask for, in whole seconds on the wire; default 120 s, as in
	// the vendor's examples. The PBX may grant another.
	Duration time.Duration
	// DeclareVendorData binds the vendorData prefix in the XML login, for a server that reads
	// namespaces. The vendor's sample does not bind it.
	DeclareVendorData bool
	// TrustedHosts are hosts beside the URL's own that the server may send the login to: those that the user has
	// agreed to after a csta.OtherHostError.
	TrustedHosts []string
	// RootCAs verifies the server's certificate; default: the system's roots. Verification is always on.
	RootCAs *x509.CertPool
	// Pin is the Fingerprint of the one certificate that the server must show; RootCAs is not asked then.
	// For a server whose certificate no authority has signed.
	Pin string

	// Calls are those of an earlier session at the same extension, which has ended: they are kept as over a lost
	// link. Those that had ended are left out.
	Calls []csta.Call

	// WasOnline says that URL was online in an earlier run: what fails there wraps csta.ErrWasOnline.
	WasOnline bool

	// Proxy is "system" (or ""), "none", or the address of a proxy: http, https or socks5. "system" is what the
	// environment says (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY), or else AskSystem.
	Proxy string
	// AskSystem asks this computer's settings for the proxy of a web address, and says where it was learnt. It is
	// called by dials, from any goroutine, and may take seconds; default: there is none.
	AskSystem func(ctx context.Context, address *url.URL) (proxy, from string)
	// ProxySignIn returns the user and the password for a proxy (host:port) that asks for them; an empty user where
	// there is none, and the connection fails with a csta.ProxyError. It is called by dials, from any goroutine, and
	// may take seconds; default: there is none.
	ProxySignIn func(ctx context.Context, proxy string) (user, password string)

	// OnChange is called with every change of the state, in order, one at a time, by the goroutine of
	// Run. It must not block and must not call a service. A call that ended is in exactly one State.
	OnChange func(csta.State)
	// WatchTelephone asks for the telephone's settings after every login, and keeps State.Telephone; and for the names
	// of queues that calls come through.
	WatchTelephone bool
	// OnColleague and OnQueue, if set, are told of every other extension and every queue, whenever
	// something about it changes: the whole value, under the rules of OnChange. The monitor of the trunk
	// is started for them. After the link was lost everybody is told anew.
	OnColleague func(csta.Colleague)
	OnQueue     func(csta.Queue)
	// Backoff is the wait before redial number attempt (from 0); default: full jitter up to 1 s, doubled
	// with every attempt up to 30 s.
	Backoff func(attempt int) time.Duration
	// Intervals are how often the session asks the PBX for something by itself.
	Intervals Intervals
	// Logger gets what happens; default: nothing. At Debug it gets the frames, without the login.
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
