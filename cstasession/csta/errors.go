package csta

import (
	"errors"
	"fmt"
	"strings"
)

// The errors that a caller may want to tell apart, with errors.Is. Every other error of this package
// is a *ServiceError, or wraps its cause.
var (
	// ErrOffline: the service was not asked for, or its answer cannot come any more, because there is
	// no link to the PBX. Nothing is repeated by itself.
	ErrOffline = errors.New("csta: not connected")
	// ErrLoginRefused: the PBX refused the credentials. Run returns it and does not try
	// again: hammering a server with a wrong password locks accounts.
	ErrLoginRefused = errors.New("csta: login refused")
	// ErrNoAnswer: the PBX did not answer a request in time.
	ErrNoAnswer = errors.New("csta: no answer to the request")
	// ErrNoEffect: the request was accepted, but no event showed its effect in time. uni-tel's positive
	// answers mean "registered", no more.
	ErrNoEffect = errors.New("csta: the request had no visible effect")
	// ErrCallEnded: the call ended before the request took effect.
	ErrCallEnded = errors.New("csta: the call has ended")
	// ErrTooLarge: the peer sent a frame over the limit; the error's text names both sizes.
	ErrTooLarge = errors.New("csta: frame too large")
	// ErrProtocol: the peer speaks, but not this protocol: a web server that is no hub, a port of
	// another service.
	ErrProtocol = errors.New("csta: not a CSTA gateway")
	// ErrSessionTerminated: the PBX ended the session (ApplicationSessionTerminated,
	// ECMA-354 §6.3).
	ErrSessionTerminated = errors.New("csta: session terminated by the PBX")
	// ErrMonitorLost: the PBX has stopped telling of calls, and cannot be made to go on: calls are not seen
	// until a fresh link does. Services work meanwhile.
	ErrMonitorLost = errors.New("csta: the PBX has stopped telling of calls")
	// ErrGap: something of what the PBX sent may not have arrived, though the link goes on: it is asked for its
	// calls anew.
	ErrGap = errors.New("csta: something of what the PBX sent may be lost")
	// ErrAccountInUse: links fall soon after they are complete, again and again: another program seems to
	// use the account, and each login ends the other's session. (inferred)
	ErrAccountInUse = errors.New("csta: another program seems to use this account")
	// ErrWasOnline: what failed has worked before, in this run or an earlier one: the address is the right one, and it is the server
	// or the network that has trouble now.
	ErrWasOnline = errors.New("csta: this has worked before")
	// ErrClosedAtLogin: the PBX hung up instead of answering the login. It may have
	// refused it, or may be starting; it is tried again, with back-off.
	ErrClosedAtLogin = errors.New("csta: connection closed during login")
	// ErrConfig: New or a service was given something it cannot use; the error's text says what.
	ErrConfig = errors.New("csta: configuration")
)

// RequestError is a request that came to nothing without having been refused: Err wraps ErrNoAnswer or
// ErrNoEffect.
type RequestError struct {
	Service string // "MakeCall"
	Err     error
}

// Error returns the service and what became of it.
func (e *RequestError) Error() string { return e.Err.Error() + ": " + e.Service }

// Unwrap returns Err.
func (e *RequestError) Unwrap() error { return e.Err }

// ServiceError is a negative answer of the PBX.
type ServiceError struct {
	Service  string // the request that was refused: "MakeCall"
	Category string // ECMA-323 UniversalFailure: operation, stateIncompatibility, ...; "" for free text
	Value    string // "invalidDeviceID", or the server's own words
	// Uncorrelated is set when the answer did not say which request it belongs to while several were pending,
	// and was taken to belong to the oldest (inferred: the vendor documents no error).
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

// loginError is a refused StartApplicationSession: errors.Is(err, ErrLoginRefused) holds, and
// errors.As finds the server's words.
type LoginError struct{ *ServiceError }

func (e LoginError) Error() string        { return "csta: login refused: " + e.Value }
func (e LoginError) Is(target error) bool { return target == ErrLoginRefused }
func (e LoginError) Unwrap() error        { return e.ServiceError }
