package text

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/dialplan"
)

// ErrNotShown: the popup is not on the screen after it was shown.
var ErrNotShown = errors.New("ui: the popup was not shown")

// Explain returns what the user reads for an error: one sentence that says what happened, and what to do
// next. It never holds a password; what the server said is cleaned and cut. An error that has a sentence of
// its own (a method Sentence) is told with that. nil is "".
func Explain(err error) string {
	if err == nil {
		return ""
	}
	var told interface{ Sentence() string }
	if errors.As(err, &told) {
		return told.Sentence()
	}
	for _, explain := range []func(error) string{explainInput, explainService, explainRequest, explainSession, explainWay, explainHandshake, explainTLS, explainNetwork} {
		if s := explain(err); s != "" {
			return s
		}
	}
	return Say("Something went wrong that Calltray does not know; the log says more: try again.")
}

// explainInput tells what the user wrote or stored that cannot be used. Those packages make their own
// sentences.
func explainInput(err error) string {
	var number *dialplan.Error
	var field *account.FieldError
	var file *account.FileError
	switch {
	case errors.As(err, &number):
		return SayKnown(number.Why)
	case errors.As(err, &field):
		return SayKnown(field.Why)
	case errors.As(err, &file):
		return file.Error()
	case errors.Is(err, account.ErrNoPassword):
		return Say("There is no password for this account: type it in the settings.")
	case errors.Is(err, account.ErrKeyringLocked):
		return Say("The keyring is locked: unlock it, and Calltray goes on by itself.")
	case errors.Is(err, account.ErrKeyringUnavailable):
		return Say("There is no keyring to keep the password in: start one, or keep the password in memory until Quit.")
	case errors.Is(err, ErrNotShown):
		return Say("The popup could not be put on the screen: look whether a screen is attached, and at the popup's setting.")
	case errors.Is(err, csta.ErrConfig):
		return Say("The account is not complete: open the settings and fill in what is missing.")
	}
	return ""
}

// explainSession tells what became of the session, or of one request.
func explainSession(err error) string {
	switch {
	case errors.Is(err, csta.ErrCallEnded):
		return Say("The call ended before that.")
	case errors.Is(err, csta.ErrNoEffect):
		return Say("The PBX agreed, but nothing happened: look at the telephone and try again.")
	case errors.Is(err, csta.ErrNoAnswer) && ofTheLink(err):
		return Say("The PBX does not answer any more: Calltray tries again by itself.")
	case errors.Is(err, csta.ErrNoAnswer):
		return Say("The PBX did not answer: try again in a moment.")
	case errors.Is(err, csta.ErrTooLarge):
		return Say("The PBX sent more than Calltray accepts and was disconnected: if it happens again, tell its administrator.")
	case errors.Is(err, csta.ErrClosedAtLogin):
		return Say("The PBX hung up during the login: look at the user ID, the password and the PBX domain in the settings, or wait until it is started.")
	case errors.Is(err, csta.ErrSessionTerminated):
		return explainTermination(err)
	}
	return ""
}

// ofTheLink reports whether what was not answered is what the session asks by itself: a login, the
// monitor, a sign of life. The user has nothing to repeat then.
func ofTheLink(err error) bool {
	var request *csta.RequestError
	return errors.As(err, &request) && slices.Contains([]string{"StartApplicationSession", "MonitorStart", "SnapShotDevice"}, request.Service)
}

// explainTermination tells why the PBX ended the session. (ECMA-354, definedTermReason)
func explainTermination(err error) string {
	switch text := err.Error(); {
	case strings.Contains(strings.ToLower(text), "sessiontimerexpired"):
		return Say("The session's time at the PBX was over: Calltray logs in again by itself.")
	case strings.Contains(strings.ToLower(text), "resourcelimitation"):
		return Say("The PBX has no room for this session now: Calltray tries again by itself; if it happens often, tell its administrator.")
	}
	return Say("The PBX ended the session: Calltray logs in again by itself.")
}

// explainTLS tells what is wrong with a certificate. None is ever accepted regardless.
func explainTLS(err error) string {
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var pin *csta.PinError
	switch {
	case errors.As(err, &pin):
		return Say("The server's certificate has changed: trusted was {{.Pinned}}, it shows {{.Shown}}. Ask the administrator of the PBX before you trust it.",
			"Pinned", pin.Pinned, "Shown", pin.Shown)
	case errors.As(err, &host):
		return Say("The server's certificate is for another name: look at the address in the settings.")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return Say("The server's certificate has expired, or this computer's clock is wrong: look at the clock, then ask the administrator of the PBX.")
	case errors.As(err, &authority), errors.As(err, &invalid):
		return Say("The server's certificate comes from an authority that this computer does not trust: ask the administrator of the PBX, or compare and trust it in the settings.")
	case errors.As(err, &record):
		return Say("The server does not speak TLS at this port: look whether the address in the settings should begin with tcp:// or http://.")
	}
	return ""
}

// wsaRefused is what Windows says for ECONNREFUSED; package syscall's constant of that name is another
// number there.
const wsaRefused = syscall.Errno(10061)

// explainNetwork tells why the gateway was not reached, or was lost.
func explainNetwork(err error) string {
	var dns *net.DNSError
	var nerr net.Error
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return Say("There is no computer of the name {{.Host}}: look at the address in the settings.", "Host", Plain(dns.Name, 60))
	case errors.As(err, &dns):
		return Say("The name {{.Host}} cannot be looked up now: look at the network connection.", "Host", Plain(dns.Name, 60))
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, wsaRefused):
		return Say("The server refuses connections at this port: look at the address in the settings, or wait until it is started.")
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETDOWN):
		return Say("The server cannot be reached from here: look at the network connection.")
	case errors.Is(err, csta.ErrProtocol):
		return Say("Something answers at this address, but it is no CSTA gateway: look at the address and its port in the settings.")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &nerr) && nerr.Timeout():
		return Say("The server did not answer in time: look at the network connection and at the address in the settings.")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET),
		errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed):
		return Say("The server closed the connection: Calltray tries again by itself.")
	case errors.Is(err, csta.ErrOffline):
		return Say("Calltray is not connected to the PBX: wait until it is online, or use the telephone.")
	case errors.Is(err, context.Canceled):
		return Say("It was given up before it was done.")
	}
	return ""
}
