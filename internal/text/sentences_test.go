package text

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"fyne.io/fyne/v2/test"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/dialplan"
)

func TestExplain(t *testing.T) {
	test.NewTempApp(t)
	dial := func(err error) error {
		return fmt.Errorf("cstasession: dial: %w", &net.OpError{Op: "dial", Net: "tcp", Err: err})
	}
	service := func(value string) error {
		return &csta.ServiceError{Service: "MakeCall", Category: "operation", Value: value}
	}
	_, notNumber := dialplan.Dialable("call me")
	for _, c := range []struct {
		err  error
		want string // a part of the sentence
	}{
		{nil, ""},
		{csta.ErrOffline, "not connected to the PBX"},
		{fmt.Errorf("%w: %w", csta.ErrOffline, io.EOF), "closed the connection"},
		{csta.ErrLoginRefused, "refused the login: look at the user ID"},
		{csta.ErrNoAnswer, "did not answer"},
		{csta.ErrNoEffect, "nothing happened: look at the telephone"},
		{csta.ErrCallEnded, "The call ended"},
		{csta.ErrTooLarge, "sent more than"},
		{csta.ErrProtocol, "no CSTA gateway"},
		{csta.ErrSessionTerminated, "ended the session"},
		{fmt.Errorf("%w: %w", csta.ErrAccountInUse, io.EOF), "Another Calltray"},
		{csta.ErrMonitorLost, "stopped telling of calls"},
		{fmt.Errorf("%w: no device", csta.ErrConfig), "not complete"},
		{service("invalidDeviceID"), "does not know this extension"},
		{service("Invalid Called Device ID"), "does not know this number"},
		{service("invalidConnectionID"), "not there any more"},
		{service("invalidConnectionState"), "look at the telephone"},
		{service("resourceBusy"), "busy"},
		{service("deviceOutOfService"), "out of service"},
		{service("Kø <lukket>\n nu"), "refused this (Kø <lukket> nu)"},
		{service(""), "did not say why"},
		{service(strings.Repeat("x", 5000)), "x…"},
		{account.ErrNoPassword, "no password"},
		{account.ErrKeyringLocked, "locked"},
		{account.ErrKeyringUnavailable, "no keyring"},
		{account.Settings{}.Check(), "address is missing"},
		{&account.FileError{Path: "/home/a/settings.toml", Line: 3, Why: "The settings cannot be read: it is a picture."}, "settings.toml:3"},
		{notNumber, "letters"},
		{dial(&net.DNSError{Err: "no such host", Name: "csta.exmaple.dk", IsNotFound: true}), "name csta.exmaple.dk: look at the address"},
		{dial(&net.DNSError{Err: "server misbehaving", Name: "csta.example.dk", IsTemporary: true}), "looked up now"},
		{dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), "refuses connections"},
		{dial(os.NewSyscallError("connect", syscall.Errno(10061))), "refuses connections"},
		{dial(os.NewSyscallError("connect", syscall.ENETUNREACH)), "cannot be reached"},
		{dial(os.ErrDeadlineExceeded), "in time"},
		{context.DeadlineExceeded, "in time"},
		{context.Canceled, "given up"},
		{io.ErrUnexpectedEOF, "closed the connection"},
		{dial(os.NewSyscallError("read", syscall.ECONNRESET)), "closed the connection"},
		{fmt.Errorf("tls: %w", x509.UnknownAuthorityError{}), "does not trust"},
		{&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, "does not trust"},
		{x509.HostnameError{Certificate: &x509.Certificate{}, Host: "h"}, "another name"},
		{x509.CertificateInvalidError{Reason: x509.Expired, Cert: &x509.Certificate{}}, "expired"},
		{x509.CertificateInvalidError{Reason: x509.NotAuthorizedToSign, Cert: &x509.Certificate{}}, "does not trust"},
		{tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, "does not speak TLS"},
		{errors.New("something new"), "does not know"},
	} {
		got := Explain(c.err)
		if !strings.Contains(got, c.want) || c.err != nil && got == "" {
			t.Errorf("Explain(%v) = %q, want a sentence with %q", c.err, got, c.want)
		}
		if len([]rune(got)) > 260 {
			t.Errorf("Explain(%v) has %d characters", c.err, len([]rune(got)))
		}
		if got != "" && !strings.HasSuffix(got, ".") {
			t.Errorf("Explain(%v) = %q, which is no sentence", c.err, got)
		}
		if strings.ContainsAny(got, "\n\r\t\x00") {
			t.Errorf("Explain(%v) = %q, which is more than a line", c.err, got)
		}
	}
}

// refusedLogin is what cstasession returns for a login that the server refuses in its own words.
type refusedLogin struct{ *csta.ServiceError }

func (refusedLogin) Is(target error) bool { return target == csta.ErrLoginRefused }
func (e refusedLogin) Unwrap() error      { return e.ServiceError }

func TestExplainTellsTheServersWords(t *testing.T) {
	test.NewTempApp(t)
	err := fmt.Errorf("run: %w", refusedLogin{&csta.ServiceError{Service: "StartApplicationSession", Value: "user\x00 is\u202e locked"}})
	if got, want := Explain(err), "refused the login (user is locked): look at"; !strings.Contains(got, want) {
		t.Errorf("Explain() = %q, want %q in it", got, want)
	}
}

// No sentence repeats an error's text, except the server's words and the file's: a password in it, by
// whatever slip, stays there.
func TestExplainRepeatsNoSecret(t *testing.T) {
	test.NewTempApp(t)
	const secret = "hunter2-canary"
	for _, err := range []error{
		errors.New(secret),
		fmt.Errorf("%w: %s", csta.ErrConfig, secret),
		fmt.Errorf("%w: %s", csta.ErrProtocol, secret),
		fmt.Errorf("%w: %s", csta.ErrTooLarge, secret),
		fmt.Errorf("%w: %s", account.ErrKeyringUnavailable, secret),
		fmt.Errorf("%s: %w", secret, io.EOF),
		&net.OpError{Op: secret, Err: errors.New(secret)},
	} {
		if got := Explain(err); strings.Contains(got, secret) {
			t.Errorf("Explain(%T) = %q", err, got)
		}
	}
}
