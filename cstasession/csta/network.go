package csta

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The errors of a TLS handshake that failed before there was a certificate to verify.
var (
	// ErrTLSVersion: the server does not support TLS 1.2 or later.
	ErrTLSVersion = errors.New("csta: the server's version of TLS is too old")
	// ErrTLSCipher: the server and this program have no cipher suite in common; the server may support RSA key
	// exchange only.
	ErrTLSCipher = errors.New("csta: the server has no cipher suite that is safe")
	// ErrCertificateBroken: the server's certificate cannot be parsed; it may have a negative serial number.
	ErrCertificateBroken = errors.New("csta: the server's certificate is malformed")
)

// ErrWebPage: the negotiation was answered with a web page: the address is of something else, or the network
// wants its users to sign in first. It is an ErrProtocol.
var ErrWebPage = fmt.Errorf("%w: it answers with a web page", ErrProtocol)

// ErrNoWebSocket: the web server in front of the hub does not accept an upgrade to a WebSocket. It is an
// ErrProtocol.
var ErrNoWebSocket = fmt.Errorf("%w: it does not take WebSockets", ErrProtocol)

// StatusError is the HTTP response that ended a negotiation or an upgrade.
type StatusError struct {
	Code       int           // the HTTP status
	RetryAfter time.Duration // how long the server asks clients to wait; 0 if it does not say
}

// Error returns the status and its standard text.
func (e *StatusError) Error() string {
	return fmt.Sprintf("csta: the web server answers %d %s", e.Code, http.StatusText(e.Code))
}

// Is reports whether target is ErrProtocol, for a status that shows that there is no gateway, as opposed to one
// that refuses or fails.
func (e *StatusError) Is(target error) bool {
	switch e.Code {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	}
	return target == ErrProtocol && e.Code < 500
}

// ProxyError: this network's proxy did not make the connection.
type ProxyError struct {
	Proxy      string        // its host and port
	Code       int           // the HTTP status of its answer to CONNECT; 0 if it was not reached, or is not such a proxy
	Schemes    []string      // the authentication schemes that it offers with a 407: Basic, Negotiate, NTLM
	RetryAfter time.Duration // how long it asks clients to wait; 0 if it does not say
	SignedIn   bool          // a user and a password were sent, and it rejected them
	Err        error         // what happened, if there is no status
}

// WantsPassword reports whether the proxy accepts a user and a password, and none were sent.
func (e *ProxyError) WantsPassword() bool {
	return e.Code == http.StatusProxyAuthRequired && (len(e.Schemes) == 0 || slices.ContainsFunc(e.Schemes, func(s string) bool { return strings.EqualFold(s, "Basic") }))
}

// Error names the proxy and gives its answer.
func (e *ProxyError) Error() string {
	switch {
	case e.Code == 0:
		return fmt.Sprintf("csta: the proxy %s: %v", e.Proxy, e.Err)
	case len(e.Schemes) > 0:
		return fmt.Sprintf("csta: the proxy %s answers %d %s (%s)", e.Proxy, e.Code, http.StatusText(e.Code), strings.Join(e.Schemes, ", "))
	}
	return fmt.Sprintf("csta: the proxy %s answers %d %s", e.Proxy, e.Code, http.StatusText(e.Code))
}

// Unwrap returns Err.
func (e *ProxyError) Unwrap() error { return e.Err }

// ErrProxyScheme: the address of the network's proxy is of a kind that this program does not support.
var ErrProxyScheme = errors.New("csta: the proxy's address must begin with http://, https:// or socks5://")

// OtherHostError: the server that the user entered redirects the login to another one. The password is not sent
// there until the user agrees: Host then goes into cstasession.Config's TrustedHosts.
type OtherHostError struct {
	Entered string // the host of the address that the user entered
	Host    string // the host it redirects to
}

// Error names both hosts.
func (e *OtherHostError) Error() string {
	return fmt.Sprintf("csta: %s sends the login to another host: %s", e.Entered, e.Host)
}

// RetryAfter is how long the peer that returned err asks clients to wait; 0 if it does not say.
func RetryAfter(err error) time.Duration {
	var status *StatusError
	var proxy *ProxyError
	switch {
	case errors.As(err, &status):
		return status.RetryAfter
	case errors.As(err, &proxy):
		return proxy.RetryAfter
	}
	return 0
}

// Transport is how the records of a SignalR hub are carried, as its negotiation names it. (aspnetcore
// src/SignalR/docs/specs/TransportProtocols.md)
type Transport string

// The transports of a hub. A gateway over TCP has none.
const (
	WebSockets       Transport = "WebSockets"
	ServerSentEvents Transport = "ServerSentEvents"
	LongPolling      Transport = "LongPolling"
)

// Obstacle is why a link does not use WebSockets.
type Obstacle string

// The obstacles.
const (
	TransportNotOffered Obstacle = "not offered" // by the hub
	TransportRefused    Obstacle = "refused"     // the request was answered with something else
	TransportUnanswered Obstacle = "unanswered"  // the request was not answered
	TransportBroken     Obstacle = "broken"      // the connection ended before the hub's handshake
	TransportHeldBack   Obstacle = "held back"   // it was set up, but the hub's messages did not arrive
)

// Path is how a link reaches the gateway.
type Path struct {
	Transport Transport // "" over TCP
	Obstacle  Obstacle  // why it does not use WebSockets; "" if it does
	Proxy     string    // host and port of the proxy; "" without one
}
