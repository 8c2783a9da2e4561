package csta

import (
	"errors"
	"fmt"
	"strings"
)

// The errors that a caller can tell apart with errors.Is. Every other error of this package is a *ServiceError,
// or wraps its cause.
var (
	// ErrOffline: there is no link to the PBX, so the request was not sent, or its answer can no longer arrive.
	// Nothing is retried automatically.
	ErrOffline = errors.New("csta: not connected")
	// ErrLoginRefused: the PBX refused the credentials. Run returns it and does not retry: hammering a server
	// with a wrong password locks accounts.
	ErrLoginRefused = errors.New("csta: login refused")
	// ErrNoAnswer: the PBX did not answer a request in time.
	ErrNoAnswer = errors.New("csta: no answer to the request")
	// ErrNoEffect: the request was accepted, but no event showed its effect in time. A positive answer from
	// uni-tel means only that the request was registered.
	ErrNoEffect = errors.New("csta: the request had no visible effect")
	// ErrCallEnded: the call ended before the request took effect.
	ErrCallEnded = errors.New("csta: the call has ended")
	// ErrTooLarge: the peer sent a frame larger than the limit; the error's text gives both sizes.
	ErrTooLarge = errors.New("csta: frame too large")
	// ErrProtocol: the peer answers, but does not speak this protocol: it is a web server without a hub, or a
	// port of another service.
	ErrProtocol = errors.New("csta: not a CSTA gateway")
	// ErrSessionTerminated: the PBX ended the session (ApplicationSessionTerminated,
	// ECMA-354 §6.3).
	ErrSessionTerminated = errors.New("csta: session terminated by the PBX")
	// ErrMonitorLost: the PBX has stopped reporting calls and cannot be made to resume. Calls are not seen
	// until there is a new link; services work meanwhile.
	ErrMonitorLost = errors.New("csta: the PBX has stopped telling of calls")
	// ErrGap: some of what the PBX sent may have been lost, though the link is still up. The session asks the
	// PBX for its calls again.
	ErrGap = errors.New("csta: something of what the PBX sent may be lost")
	// ErrAccountInUse: links fall soon after login, again and again. Another program seems to use the account,
	// and each login ends the other's session. (inferred)
	ErrAccountInUse = errors.New("csta: another program seems to use this account")
	// ErrWasOnline: what failed has worked before, in this run or an earlier one, so the address is right, and
	// the server or the network has a problem now.
	ErrWasOnline = errors.New("csta: this has worked before")
	// ErrClosedAtLogin: the PBX hung up instead of answering the login. It may have refused it, or may be
	// starting up; the session retries with back-off.
	ErrClosedAtLogin = errors.New("csta: connection closed during login")
	// ErrConfig: New or a service was given an argument that it cannot use; the error's text says which.
	ErrConfig = errors.New("csta: configuration")
)

// RequestError is a request that failed without being refused: Err wraps ErrNoAnswer or ErrNoEffect.
type RequestError struct {
	Service string // "MakeCall"
	Err     error
}

// Error returns the service and what happened to the request.
func (e *RequestError) Error() string { return e.Err.Error() + ": " + e.Service }

// Unwrap returns Err.
func (e *RequestError) Unwrap() error { return e.Err }

// ServiceError is a negative answer from the PBX.
type ServiceError struct {
	Service  string // the request that was refused: "MakeCall"
	Category string // ECMA-323 UniversalFailure: operation, stateIncompatibility, ...; "" for free text
	Value    string // "invalidDeviceID", or the server's own words
	// Uncorrelated is set if the answer did not say which request it belongs to while several were pending, and
	// was matched to the oldest (inferred: the vendor documents no errors).
	Uncorrelated bool
}

// Error returns the service and the server's words.
func (e *ServiceError) Error() string {
	s := strings.TrimSpace(e.Category + " " + e.Value)
	if s == "" {
		s = "refused"
	}
	return fmt.Sprintf("csta: %s: %s", e.Service, s)
}

// LoginError is a refused StartApplicationSession: errors.Is(err, ErrLoginRefused) holds, and errors.As finds
// the server's words.
type LoginError struct{ *ServiceError }

func (e LoginError) Error() string        { return "csta: login refused: " + e.Value }
func (e LoginError) Is(target error) bool { return target == ErrLoginRefused }
func (e LoginError) Unwrap() error        { return e.ServiceError }
