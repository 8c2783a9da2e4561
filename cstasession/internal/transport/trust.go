package transport

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strings"

	"calltray/cstasession/csta"
)

// tlsConfig verifies against the system's roots or those of the caller or, if a certificate is pinned, against
// that certificate and nothing else. There is no way to turn verification off. An error of verification is a
// *tls.CertificateVerificationError, which has the certificate, or a *csta.PinError.
func tlsConfig(opts *Options) *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: opts.RootCAs}
	if opts.Pin != "" {
		c.InsecureSkipVerify = true // VerifyConnection is stricter: it accepts a single certificate
		c.VerifyConnection = func(state tls.ConnectionState) error {
			shown := csta.Fingerprint(state.PeerCertificates[0])
			if !strings.EqualFold(shown, opts.Pin) {
				return &csta.PinError{Pinned: opts.Pin, Shown: shown}
			}
			return nil
		}
	}
	return c
}

// handshakeError replaces handshake errors that package tls only describes in text by error values. Errors of
// verification are returned unchanged.
func handshakeError(err error) error {
	var header tls.RecordHeaderError
	var verification *tls.CertificateVerificationError
	if errors.As(err, &header) {
		return fmt.Errorf("%w: the server does not speak TLS: %w", csta.ErrProtocol, err)
	}
	if errors.As(err, &verification) {
		return err
	}
	for _, known := range []struct {
		words string
		value error
	}{
		{"protocol version not supported", csta.ErrTLSVersion}, // the server's alert
		{"unsupported protocol version", csta.ErrTLSVersion},
		{"handshake failure", csta.ErrTLSCipher}, // the server's alert (RFC 8446 §6.2)
		{"insufficient security level", csta.ErrTLSCipher},
		{"unconfigured cipher suite", csta.ErrTLSCipher},
		{"failed to parse certificate", csta.ErrCertificateBroken},
	} {
		if strings.Contains(err.Error(), "tls: ") && strings.Contains(err.Error(), known.words) {
			return fmt.Errorf("%w: %w", known.value, err)
		}
	}
	return err
}
