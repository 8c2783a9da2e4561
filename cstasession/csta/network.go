package csta

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// What a TLS handshake came to before there was a certificate to judge.
var (
	// ErrTLSVersion: the server has no version of TLS from 1.2 on.
	ErrTLSVersion = errors.New("csta: the server's version of TLS is too old")
	// ErrTLSCipher: the server and this program have no cipher suite in common, such as a server that only
	// exchanges keys by RSA.
	ErrTLSCipher = errors.New("csta: the server has no cipher suite that is safe")
	// ErrCertificateBroken: the server's certificate cannot be read, such as one with a negative serial number.
	ErrCertificateBroken = errors.New("csta: the server's certificate is malformed")
)

// ErrWebPage: a web page came in answer to the negotiation: the address of something else, or a network that
// wants its users to sign in first. It is an ErrProtocol.
var ErrWebPage = fmt.Errorf("%w: it answers with a web page", ErrProtocol)

// ErrNoWebSocket: the web server that the hub is behind does not take an upgrade to a WebSocket. It is an
// ErrProtocol.
var ErrNoWebSocket = fmt.Errorf("%w: it does not take WebSockets", ErrProtocol)

// StatusError is the answer of a web server that ended a negotiation or an upgrade.
type StatusError struct {
	Code       int           // the HTTP status
	RetryAfter time.Duration // how long the server asks to be left alone; 0 where it does not say
}

// Error returns the status in its standard words.
func (e *StatusError) Error() string {
	return fmt.Sprintf("csta: the web server answers %d %s", e.Code, http.StatusText(e.Code))
}

// Is reports whether target is ErrProtocol, for a status by which no gateway refuses or fails: one that says
// that there is none.
func (e *StatusError) Is(target error) bool {
	switch e.Code {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	}
	return target == ErrProtocol && e.Code < 500
}

// ProxyError: the proxy of this network did not make the connection.
type ProxyError struct {
	Proxy      string        // its host and port
	Code       int           // the HTTP status that it answered to CONNECT; 0 if it was not reached, or is not such a proxy
	Schemes    []string      // the ways to sign in that it offers with a 407: Basic, Negotiate, NTLM
	RetryAfter time.Duration // how long it asks to be left alone; 0 where it does not say
	SignedIn   bool          // a user and a password were sent, and it wants others
	Err        error         // what happened, where there is no status
}

// WantsPassword reports whether the proxy can be signed in to with a user and a password, and was not.
func (e *ProxyError) WantsPassword() bool {
	return e.Code == http.StatusProxyAuthRequired && (len(e.Schemes) == 0 || slices.ContainsFunc(e.Schemes, func(s string) bool { return strings.EqualFold(s, "Basic") }))
}

// Error names the proxy, and says what it answered.
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

// ErrProxyScheme: the address of the network's proxy is of a kind that this program does not speak.
var ErrProxyScheme = errors.New("csta: the proxy's address must begin with http://, https:// or socks5://")

// OtherHostError: the server that the user entered sends the login to another one. The password does not go
// there before the user has agreed: then Host belongs into cstasession.Config's TrustedHosts.
type OtherHostError struct {
	Entered string // the host of the address that the user entered
	Host    string // the one that it names
}

// Error names both hosts.
func (e *OtherHostError) Error() string {
	return fmt.Sprintf("csta: %s sends the login to another host: %s", e.Entered, e.Host)
}

// RetryAfter is how long the peer that an error tells of asks to be left alone; 0 where it does not say.
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

// Transport is what carries the records of a SignalR hub, as its negotiation names it.
// (aspnetcore src/SignalR/docs/specs/TransportProtocols.md)
type Transport string

// The transports of a hub. A gateway over TCP has none.
const (
	WebSockets       Transport = "WebSockets"
	ServerSentEvents Transport = "ServerSentEvents"
	LongPolling      Transport = "LongPolling"
)

// Obstacle is why a link does not go over WebSockets.
type Obstacle string

// The obstacles.
const (
	TransportNotOffered Obstacle = "not offered" // by the hub
	TransportRefused    Obstacle = "refused"     // the request for it was answered with something else
	TransportUnanswered Obstacle = "unanswered"  // it was let hang
	TransportBroken     Obstacle = "broken"      // the connection ended before the hub had shaken hands
	TransportHeldBack   Obstacle = "held back"   // it began, but what the hub said did not come
)

// Path is by what a link goes.
type Path struct {
	Transport Transport // "" over TCP
	Obstacle  Obstacle  // why it is not WebSockets; "" if it is
	Proxy     string    // host and port of the proxy; "" without one
}
