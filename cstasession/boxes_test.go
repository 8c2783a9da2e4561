package cstasession

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"sync/atomic"
	"time"
)

// box is something on the way to a hub that meddles with HTTP. It gets what forwards as it should.
type box func(forward http.Handler) http.Handler

// forwarding is a reverse proxy before a hub, over pipes.
func forwarding(hub http.Handler) (forward http.Handler, end func()) {
	inner := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	quiet := log.New(io.Discard, "", 0)
	server := &http.Server{Handler: hub, ErrorLog: quiet}
	done := make(chan struct{})
	go func() { _ = server.Serve(inner); close(done) }()
	way := &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		select {
		case inner.conns <- far:
			return near, nil
		case <-inner.done:
			return nil, net.ErrClosed
		}
	}}
	proxy := &httputil.ReverseProxy{Transport: way, ErrorLog: quiet, Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host = "http", "hub"
	}}
	return proxy, func() { server.Close(); <-done }
}

func upgrades(r *http.Request) bool { return r.Header.Get("Upgrade") != "" }

// noUpgrade does not forward requests for a WebSocket, like nginx without the setting for it.
func noUpgrade(forward http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Upgrade")
		r.Header.Del("Connection")
		forward.ServeHTTP(w, r)
	})
}

// noAnswer lets what asks for a WebSocket hang.
func noAnswer(forward http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if upgrades(r) {
			<-r.Context().Done()
			return
		}
		forward.ServeHTTP(w, r)
	})
}

// cutsUpgraded takes the upgrade, and hangs up.
func cutsUpgraded(forward http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if upgrades(r) {
			panic(http.ErrAbortHandler)
		}
		forward.ServeHTTP(w, r)
	})
}

// buffers passes an answer's header on at once, and its content when it is whole. It knows no WebSockets.
func buffers(forward http.Handler) http.Handler {
	return noUpgrade(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		whole := &buffered{ResponseWriter: w}
		forward.ServeHTTP(whole, r)
		_, _ = w.Write(whole.content)
	}))
}

type buffered struct {
	http.ResponseWriter
	content []byte
}

func (b *buffered) WriteHeader(code int) {
	b.ResponseWriter.WriteHeader(code)
	_ = http.NewResponseController(b.ResponseWriter).Flush()
}

func (b *buffered) Write(p []byte) (int, error) {
	b.content = append(b.content, p...)
	return len(p), nil
}

// FlushError is for who wants the content passed on.
func (b *buffered) FlushError() error { return nil }

// cuts ends every request after a time: with a 504, or in the middle of its response. It does not support
// WebSockets.
func cuts(after time.Duration) box {
	return func(forward http.Handler) http.Handler {
		return noUpgrade(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx, cancel := context.WithTimeout(r.Context(), after)
			defer cancel()
			begun := &noted{ResponseWriter: w}
			forward.ServeHTTP(begun, r.WithContext(ctx))
			if ctx.Err() != nil && begun.code.Load() == http.StatusOK {
				panic(http.ErrAbortHandler)
			}
		}))
	}
}

// noted is an answer of which the code is known. A request that was cut gets no 502.
type noted struct {
	http.ResponseWriter
	code atomic.Int64
}

func (n *noted) WriteHeader(code int) {
	if n.code.Store(int64(code)); code == http.StatusBadGateway {
		code = http.StatusGatewayTimeout
	}
	n.ResponseWriter.WriteHeader(code)
}

func (n *noted) Unwrap() http.ResponseWriter { return n.ResponseWriter }
