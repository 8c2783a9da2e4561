package account

import (
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// Plain reports whether the password would travel unencrypted: the address is tcp:// or http://, and
// its host is not this machine.
func (s Settings) Plain() bool {
	u, err := url.Parse(s.URL)
	if err != nil || u.Scheme != "tcp" && u.Scheme != "http" {
		return false
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return false // never leaves the machine (RFC 6761)
	}
	ip, err := netip.ParseAddr(host)
	return err != nil || !ip.Unmap().IsLoopback()
}

// Address returns the gateway as the user's consent refers to it: scheme, host and port, in lower case, without
// a path. It is "" if the URL cannot be parsed.
func (s Settings) Address() string {
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" {
		return ""
	}
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + net.JoinHostPort(host, port)
}

// NeedsConsent reports whether the user must be asked before the password is sent: it would travel unencrypted,
// and the user has not agreed to that for this very address.
func (s Settings) NeedsConsent() bool {
	return s.Plain() && (s.PlainAcceptedFor == "" || s.PlainAcceptedFor != s.Address())
}

// AcceptPlain returns the settings with the user's consent to send the password unencrypted to the current
// address.
func (s Settings) AcceptPlain() Settings {
	s.PlainAcceptedFor = s.Address()
	return s
}

// PinFor returns the fingerprint of the only certificate accepted from the current address, "" if the user has
// pinned none for this very address.
func (s Settings) PinFor() string {
	if s.PinnedFor == "" || s.PinnedFor != s.Address() {
		return ""
	}
	return s.Pin
}

// WithPin returns the settings with the user's trust in one certificate, for the current address only. ""
// revokes the trust.
func (s Settings) WithPin(fingerprint string) Settings {
	s.Pin, s.PinnedFor = fingerprint, s.Address()
	if fingerprint == "" {
		s.PinnedFor = ""
	}
	return s
}

// TrustedHosts returns the hosts, other than its own, to which the server at the current address may redirect
// the login.
func (s Settings) TrustedHosts() []string {
	if s.TrustedHost == "" || s.TrustedHostFor == "" || s.TrustedHostFor != s.Address() {
		return nil
	}
	return []string{s.TrustedHost}
}

// WithTrustedHost returns the settings with the user's consent that the server at the current address, and no
// other, redirects the login to a host (as named by a csta.OtherHostError). "" revokes it.
func (s Settings) WithTrustedHost(host string) Settings {
	s.TrustedHost, s.TrustedHostFor = host, s.Address()
	if host == "" {
		s.TrustedHostFor = ""
	}
	return s
}
