package transport

import (
	"bufio"
	"calltray/cstasession/csta"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// TLSConfig verifies against the system's roots, or those the caller gave; or, where a certificate is
// pinned, against that one certificate and nothing else. There is no switch that turns verification
// off. An error of verification is a *tls.CertificateVerificationError, which holds the certificate,
// or a *csta.PinError.
func TLSConfig(opts *Options) *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: opts.RootCAs}
	if opts.Pin != "" {
		c.InsecureSkipVerify = true // VerifyConnection is stricter: it knows the one certificate
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

// NotTLS marks the errors by which a server shows that it does not speak TLS at all. Errors of its
// certificate stay as they are.
func NotTLS(err error) error {
	var header tls.RecordHeaderError
	if errors.As(err, &header) || errors.Is(err, http.ErrSchemeMismatch) {
		return fmt.Errorf("%w: the server does not speak TLS: %w", csta.ErrProtocol, err)
	}
	return err
}

// DialRaw connects to a host, for tls:// through the proxy that HTTPS_PROXY names for it, if any.
func DialRaw(ctx context.Context, opts *Options, u *url.URL) (net.Conn, error) {
	if u.Scheme == "tls" {
		proxy, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: "https", Host: u.Host}})
		if err != nil {
			return nil, fmt.Errorf("the proxy's address cannot be read: %w", err)
		}
		if proxy != nil {
			return dialThrough(ctx, opts, proxy, u.Host)
		}
	}
	return opts.dial(ctx, u.Host)
}

// dialThrough has an HTTP proxy connect to the host. (RFC 9110 §9.3.6)
func dialThrough(ctx context.Context, opts *Options, proxy *url.URL, host string) (net.Conn, error) {
	address := proxy.Host
	if proxy.Port() == "" {
		port := "80"
		if proxy.Scheme == "https" {
			port = "443"
		}
		address = net.JoinHostPort(proxy.Hostname(), port)
	}
	conn, err := opts.dial(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("the proxy %s: %w", proxy.Redacted(), err)
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if proxy.Scheme == "https" {
		conn = tls.Client(conn, &tls.Config{ServerName: proxy.Hostname()}) // shakes hands with the first write
	}
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
