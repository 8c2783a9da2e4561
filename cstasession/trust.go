package cstasession

import (
	"bufio"
	"calltray/cstasession/csta"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Fingerprint is the SHA-256 of a certificate, as people compare it: hex digits in pairs.
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	pairs := make([]string, len(sum))
	for i, b := range sum {
		pairs[i] = strings.ToUpper(hex.EncodeToString([]byte{b}))
	}
	return strings.Join(pairs, ":")
}

// PinError: the server shows another certificate than the one that was pinned for it.
type PinError struct {
	Pinned, Shown string // fingerprints
}

// Error names both fingerprints.
func (e *PinError) Error() string {
	return fmt.Sprintf("cstasession: the server's certificate has changed: pinned was %s, it shows %s", e.Pinned, e.Shown)
}

// tlsConfig verifies against the system's roots, or those the caller gave; or, where a certificate is
// pinned, against that one certificate and nothing else. There is no switch that turns verification
// off. An error of verification is a *tls.CertificateVerificationError, which holds the certificate,
// or a *PinError.
func tlsConfig(cfg *Config) *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: cfg.RootCAs}
	if cfg.Pin != "" {
		c.InsecureSkipVerify = true // VerifyConnection is stricter: it knows the one certificate
		c.VerifyConnection = func(state tls.ConnectionState) error {
			shown := Fingerprint(state.PeerCertificates[0])
			if !strings.EqualFold(shown, cfg.Pin) {
				return &PinError{Pinned: cfg.Pin, Shown: shown}
			}
			return nil
		}
	}
	return c
}

// notTLS marks the errors by which a server shows that it does not speak TLS at all. Errors of its
// certificate stay as they are.
func notTLS(err error) error {
	var header tls.RecordHeaderError
	if errors.As(err, &header) || errors.Is(err, http.ErrSchemeMismatch) {
		return fmt.Errorf("%w: the server does not speak TLS: %w", csta.ErrProtocol, err)
	}
	return err
}

// dialRaw connects to a host, for tls:// through the proxy that HTTPS_PROXY names for it, if any.
func dialRaw(ctx context.Context, u *url.URL) (net.Conn, error) {
	dialer := &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}}
	if u.Scheme == "tls" {
		proxy, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: "https", Host: u.Host}})
		if err != nil {
			return nil, fmt.Errorf("the proxy's address cannot be read: %w", err)
		}
		if proxy != nil {
			return dialThrough(ctx, dialer, proxy, u.Host)
		}
	}
	return dialer.DialContext(ctx, "tcp", u.Host)
}

// dialThrough has an HTTP proxy connect to the host. (RFC 9110 §9.3.6)
func dialThrough(ctx context.Context, dialer *net.Dialer, proxy *url.URL, host string) (net.Conn, error) {
	address := proxy.Host
	if proxy.Port() == "" {
		port := "80"
		if proxy.Scheme == "https" {
			port = "443"
		}
		address = net.JoinHostPort(proxy.Hostname(), port)
	}
	var conn net.Conn
	var err error
	if proxy.Scheme == "https" {
		conn, err = (&tls.Dialer{NetDialer: dialer}).DialContext(ctx, "tcp", address)
	} else {
		conn, err = dialer.DialContext(ctx, "tcp", address)
	}
	if err != nil {
		return nil, fmt.Errorf("the proxy %s: %w", proxy.Redacted(), err)
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	ask := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: host}, Host: host, Header: http.Header{}}
	if user := proxy.User; user != nil {
		password, _ := user.Password()
		ask.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password)))
	}
	err = ask.Write(conn)
	var answer *http.Response
	if err == nil {
		// The buffer swallows nothing of the host's: in TLS the client speaks first.
		answer, err = http.ReadResponse(bufio.NewReader(conn), ask)
	}
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("it answers %q", answer.Status)
	}
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("the proxy %s: %w", proxy.Redacted(), err)
	}
	return conn, nil
}
