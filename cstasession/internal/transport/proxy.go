package transport

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/proxy"

	"calltray/cstasession/csta"
)

// dialProxy connects to the proxy itself.
func (w Way) dialProxy(ctx context.Context, o *Options) (net.Conn, error) {
	host, port, err := net.SplitHostPort(w.Proxy)
	if err != nil {
		return nil, err
	}
	return o.dial(ctx, host, port)
}

// throughSOCKS makes a SOCKS5 proxy look up the host and connect to it. (RFC 1928, RFC 1929)
func (w Way) throughSOCKS(ctx context.Context, o *Options) (net.Conn, error) {
	var auth *proxy.Auth
	user := w.proxy.User
	if user == nil { // the proxy says what it wants in a response that package proxy does not return
		user = w.signIn(ctx, o)
	}
	if user != nil {
		password, _ := user.Password()
		auth = &proxy.Auth{User: user.Username(), Password: password}
	}
	d, err := proxy.SOCKS5("tcp", w.Proxy, auth, toProxy(func(ctx context.Context) (net.Conn, error) { return w.dialProxy(ctx, o) }))
	if err != nil {
		return nil, err
	}
	conn, err := d.(proxy.ContextDialer).DialContext(ctx, "tcp", w.address())
	if err != nil && strings.Contains(err.Error(), "authentication") {
		return nil, &csta.ProxyError{Code: http.StatusProxyAuthRequired, SignedIn: user != nil}
	}
	return conn, err
}

// signIn returns the user and the password for the proxy, nil if there are none.
func (w Way) signIn(ctx context.Context, o *Options) *url.Userinfo {
	if o.SignIn == nil {
		return nil
	}
	user, password := o.SignIn(ctx, w.Proxy)
	if user == "" {
		return nil
	}
	return url.UserPassword(user, password)
}

// toProxy dials the proxy, for package proxy.
type toProxy func(context.Context) (net.Conn, error)

// Dial dials the proxy.
func (f toProxy) Dial(string, string) (net.Conn, error) { return f(context.Background()) }

// DialContext dials the proxy.
func (f toProxy) DialContext(ctx context.Context, _, _ string) (net.Conn, error) { return f(ctx) }

// maxProxyHeader bounds the answer of a proxy to CONNECT, in bytes.
const maxProxyHeader = 64 << 10

// throughHTTP makes an HTTP proxy connect to the host, and signs in if the proxy requires it.
func (w Way) throughHTTP(ctx context.Context, o *Options) (net.Conn, error) {
	user := w.proxy.User
	conn, err := w.tunnel(ctx, o, user)
	var told *csta.ProxyError
	if err == nil || !errors.As(err, &told) || !told.WantsPassword() {
		return conn, err
	}
	if user == nil {
		if user = w.signIn(ctx, o); user == nil {
			return nil, err
		}
		if !o.Memory.wasRefused(w.Proxy, user.String()) {
			if conn, err = w.tunnel(ctx, o, user); err == nil || !errors.As(err, &told) || !told.WantsPassword() {
				return conn, err
			}
			o.Memory.noteRefused(w.Proxy, user.String())
		}
	}
	told.SignedIn = true
	return nil, told
}

// tunnel makes an HTTP proxy connect to the host. (RFC 9110 §9.3.6)
func (w Way) tunnel(ctx context.Context, o *Options, user *url.Userinfo) (conn net.Conn, err error) {
	if conn, err = w.dialProxy(ctx, o); err != nil {
		return nil, err
	}
	raw := conn
	stop := context.AfterFunc(ctx, func() { raw.Close() })
	defer stop()
	defer func() {
		if err != nil {
			raw.Close()
		}
	}()
	if w.proxy.Scheme == "https" {
		conn = tls.Client(conn, &tls.Config{ServerName: w.proxy.Hostname()}) // the handshake happens with the first write
	}
	ask := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: w.address()}, Host: w.address(), Header: http.Header{}}
	if user != nil {
		password, _ := user.Password()
		ask.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password)))
	}
	if err := ask.Write(conn); err != nil {
		return nil, err
	}
	limited := &io.LimitedReader{R: conn, N: maxProxyHeader}
	buffer := bufio.NewReader(limited)
	answer, err := http.ReadResponse(buffer, ask)
	switch {
	case err != nil && limited.N <= 0:
		return nil, fmt.Errorf("%w: a header of more than %d bytes", csta.ErrTooLarge, maxProxyHeader)
	case err != nil:
		return nil, errors.New("it does not answer as an HTTP proxy does") // err quotes the proxy's text
	case answer.StatusCode != http.StatusOK:
		return nil, &csta.ProxyError{Code: answer.StatusCode, Schemes: schemes(answer.Header), RetryAfter: retryAfter(answer.Header)}
	}
	early, _ := buffer.Peek(buffer.Buffered()) // the host's first bytes
	return &begun{Conn: conn, early: bytes.NewReader(bytes.Clone(early))}, nil
}

// begun is a connection whose first bytes were already read.
type begun struct {
	net.Conn
	early *bytes.Reader
}

// Read returns the bytes that were already read, then the rest.
func (b *begun) Read(p []byte) (int, error) {
	if b.early.Len() > 0 {
		return b.early.Read(p)
	}
	return b.Conn.Read(p)
}

// schemes returns the authentication schemes that a proxy offers, at most eight. (RFC 9110 §11.7.1)
func schemes(h http.Header) (list []string) {
	for _, line := range h.Values("Proxy-Authenticate") {
		for part := range strings.SplitSeq(line, ",") {
			name, _, parameters := strings.Cut(strings.TrimSpace(part), " ")
			if isScheme(name) && (parameters || !strings.Contains(part, "=")) && len(list) < 8 {
				list = append(list, name)
			}
		}
	}
	return list
}

// isScheme reports whether a word can be the name of an authentication scheme.
func isScheme(word string) bool {
	return word != "" && len(word) <= 32 && !strings.ContainsFunc(word, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}
