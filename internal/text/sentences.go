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
	"strconv"
	"strings"
	"syscall"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/dialplan"
)

// ErrNotShown: the popup was not on the screen after it was shown.
var ErrNotShown error = Errorf("popup-not-shown", "The popup could not be put on the screen: look whether a screen is attached, and at the popup's setting.")

// Explain returns the sentence for an error: what happened, and what to do next. It never contains a password;
// text from the server is cleaned and cut. nil gives "".
func Explain(err error) string { return Of(err).String() }

// Of returns the same as a Message, with a code for programs. An Error has its own Message.
func Of(err error) Message {
	if err == nil {
		return Message{}
	}
	var own *Error
	if errors.As(err, &own) {
		return own.Message
	}
	var told Sentencer
	if errors.As(err, &told) {
		return Message{Code: "other", English: told.Sentence()}
	}
	for _, explain := range []func(error) Message{explainInput, explainPattern, explainService, explainRequest, explainSession, explainWay, explainHandshake, explainTLS, explainNetwork} {
		if m := explain(err); m.English != "" {
			if errors.Is(err, csta.ErrWasOnline) {
				m = nowOnly(m)
			}
			return m
		}
	}
	return New("unknown", "Something went wrong that Calltray does not know; the log says more: try again.")
}

// nowOnly returns the Message without blaming an address that has worked before.
func nowOnly(m Message) Message {
	switch m.Code {
	case "captive-portal":
		return New("network-page", "A web page answers in place of the PBX, which has worked before: if this network asks for a sign-in, open a browser; Calltray keeps trying.")
	case "certificate-name":
		return New("another-server", "Another server answers in place of the PBX, which has worked before: if this network asks for a sign-in, open a browser; Calltray keeps trying.")
	case "unknown-host", "connection-refused", "not-csta", "server-silent", "no-tls", "closed-at-login":
		return New("trouble-now", "The PBX has worked at this address before: its server or the network has trouble now, and Calltray keeps trying.")
	}
	return m
}

// explainInput explains what is wrong with something that the user wrote or stored. Those packages have their
// own sentences.
func explainInput(err error) Message {
	var number *dialplan.Error
	var field *account.FieldError
	var file *account.FileError
	switch {
	case errors.As(err, &number):
		return Message{Code: "bad-number", English: number.Why}
	case errors.As(err, &field):
		return Message{Code: "bad-setting", English: field.Why}
	case errors.As(err, &file):
		return explainFile(file)
	case errors.Is(err, account.ErrNoPassword):
		return New("no-password", "There is no password for this account: type it in the settings.")
	case errors.Is(err, account.ErrKeyringLocked):
		return New("keyring-locked", "The keyring is locked: unlock it, and Calltray goes on by itself.")
	case errors.Is(err, account.ErrKeyringUnavailable):
		return New("no-keyring", "There is no keyring to keep the password in: start one, or keep the password in memory until Quit.")
	case errors.Is(err, dialplan.ErrNotDialable):
		return New("bad-number", "This is not a number that can be dialled: write it in digits.")
	case errors.Is(err, account.ErrIgnored):
		return New("setting-ignored", "Something in the settings file is ignored: the log says what.")
	case errors.Is(err, csta.ErrConfig):
		return New("account-incomplete", "The account is not complete: open the settings and fill in what is missing.")
	}
	return Message{}
}

// explainPattern explains a problem that a session deduced from several events, whatever the last of them was.
func explainPattern(err error) Message {
	switch {
	case errors.Is(err, csta.ErrAccountInUse):
		return New("account-in-use", "Another Calltray seems to use this account: the PBX ends one session when the other logs in. Close the other one, or ask for an account of your own.")
	case err == csta.ErrWasOnline: // it never occurs alone, but needs a sentence like any other
		return New("trouble-now", "The PBX has worked at this address before: its server or the network has trouble now, and Calltray keeps trying.")
	case errors.Is(err, csta.ErrGap):
		return New("gap", "Something on the way to the PBX cut the connection off for a moment: Calltray asks which calls there are.")
	case errors.Is(err, csta.ErrMonitorLost):
		return New("monitor-lost", "The PBX has stopped telling of calls: Calltray tries again every few seconds, and shows no calls until then.")
	}
	return Message{}
}

// explainFile says what is wrong with a file of ours, and in which line.
func explainFile(e *account.FileError) Message {
	name := Plain(e.Path, 200)
	if e.Line == 0 {
		return New("bad-file", "{{.File}}: {{.Why}}", "File", name).Word("Why", Plain(e.Why, 2*MaxWords))
	}
	return New("bad-file", "{{.File}}:{{.Line}}: {{.Why}}", "File", name, "Line", strconv.Itoa(e.Line)).Word("Why", Plain(e.Why, 2*MaxWords))
}

// explainSession explains what happened to the session, or to one request.
func explainSession(err error) Message {
	switch {
	case errors.Is(err, csta.ErrCallEnded):
		return New("call-ended", "The call ended before that.")
	case errors.Is(err, csta.ErrNoEffect):
		return New("no-effect", "The PBX agreed, but nothing happened: look at the telephone and try again.")
	case errors.Is(err, csta.ErrNoAnswer) && ofTheLink(err):
		return New("pbx-silent", "The PBX does not answer any more: Calltray tries again by itself.")
	case errors.Is(err, csta.ErrNoAnswer):
		return New("no-answer", "The PBX did not answer: try again in a moment.")
	case errors.Is(err, csta.ErrTooLarge):
		return New("too-much-data", "The PBX sent more than Calltray accepts and was disconnected: if it happens again, tell its administrator.")
	case errors.Is(err, csta.ErrClosedAtLogin):
		return New("closed-at-login", "The PBX hung up during the login: look at the user ID, the password and the PBX domain in the settings, or wait until it is started.")
	case errors.Is(err, csta.ErrSessionTerminated):
		return explainTermination(err)
	}
	return Message{}
}

// ofTheLink reports whether the unanswered request is one that the session sends itself: a login, the monitor,
// a sign of life. The user has nothing to retry then.
func ofTheLink(err error) bool {
	var request *csta.RequestError
	return errors.As(err, &request) && slices.Contains([]string{"StartApplicationSession", "MonitorStart", "SnapShotDevice"}, request.Service)
}

// explainTermination explains why the PBX ended the session. (ECMA-354, definedTermReason)
func explainTermination(err error) Message {
	switch text := err.Error(); {
	case strings.Contains(strings.ToLower(text), "sessiontimerexpired"):
		return New("session-expired", "The session's time at the PBX was over: Calltray logs in again by itself.")
	case strings.Contains(strings.ToLower(text), "resourcelimitation"):
		return New("session-no-room", "The PBX has no room for this session now: Calltray tries again by itself; if it happens often, tell its administrator.")
	}
	return New("session-ended", "The PBX ended the session: Calltray logs in again by itself.")
}

// explainTLS explains what is wrong with a certificate. An invalid one is never accepted.
func explainTLS(err error) Message {
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var pin *csta.PinError
	switch {
	case errors.As(err, &pin):
		return New("certificate-changed", "The server's certificate has changed: trusted was {{.Pinned}}, it shows {{.Shown}}. Ask the administrator of the PBX before you trust it.",
			"Pinned", pin.Pinned, "Shown", pin.Shown)
	case errors.As(err, &host):
		return New("certificate-name", "The server's certificate is for another name: look at the address in the settings.")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return New("certificate-expired", "The server's certificate has expired, or this computer's clock is wrong: look at the clock, then ask the administrator of the PBX.")
	case errors.As(err, &authority), errors.As(err, &invalid):
		return New("certificate-untrusted", "The server's certificate comes from an authority that this computer does not trust: ask the administrator of the PBX, or compare and trust it in the settings.")
	case errors.As(err, &record):
		return New("no-tls", "The server does not speak TLS at this port: look whether the address in the settings should begin with tcp:// or http://.")
	}
	return Message{}
}

// wsaRefused is Windows' ECONNREFUSED; syscall's constant of that name has another value there.
const wsaRefused = syscall.Errno(10061)

// explainNetwork explains why the gateway was not reached, or why the connection was lost.
func explainNetwork(err error) Message {
	var dns *net.DNSError
	var nerr net.Error
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return New("unknown-host", "There is no computer of the name {{.Host}}: look at the address in the settings.", "Host", Plain(dns.Name, 60))
	case errors.As(err, &dns):
		return New("name-lookup-failed", "The name {{.Host}} cannot be looked up now: look at the network connection.", "Host", Plain(dns.Name, 60))
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, wsaRefused):
		return New("connection-refused", "The server refuses connections at this port: look at the address in the settings, or wait until it is started.")
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETDOWN):
		return New("unreachable", "The server cannot be reached from here: look at the network connection.")
	case errors.Is(err, csta.ErrProtocol):
		return New("not-csta", "Something answers at this address, but it is no CSTA gateway: look at the address and its port in the settings.")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &nerr) && nerr.Timeout():
		return New("server-silent", "The server did not answer in time: look at the network connection and at the address in the settings.")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET),
		errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed):
		return New("connection-closed", "The server closed the connection: Calltray tries again by itself.")
	case errors.Is(err, csta.ErrOffline):
		return New("not-connected", "Calltray is not connected to the PBX: wait until it is online, or use the telephone.")
	case errors.Is(err, context.Canceled):
		return New("cancelled", "It was given up before it was done.")
	}
	return Message{}
}
