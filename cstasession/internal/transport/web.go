package transport

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"calltray/cstasession/csta"
)

const (
	maxRedirects = 5
	// maxRetryAfter limits how long a server can make us wait: a telephone depends on it.
	maxRetryAfter = 5 * time.Minute
	// maxWebHeader limits the header of a web server's response, in bytes.
	maxWebHeader = 64 << 10
)

// web makes the web requests of one link: it goes the way that FindWay finds, keeps the cookies by which a load
// balancer recognises its node, and follows no redirect to a host that the user does not know.
type web struct {
	opts    *Options
	entered *url.URL // the address that the user entered
	client  *http.Client

	mu   sync.Mutex
	ways map[string]Way // by scheme and address, each found once
}

// newWeb prepares the requests of one link. ctx bounds the dialling.
func newWeb(ctx context.Context, opts *Options, entered *url.URL) *web {
	jar, _ := cookiejar.New(nil) // this does not fail
	w := &web{opts: opts, entered: entered, ways: map[string]Way{}}
	pool := w.pool(ctx)
	pool.DisableKeepAlives = true // a pooled connection that died in sleep would cost the next dial its time limit
	w.client = &http.Client{Transport: pool, Jar: jar, CheckRedirect: w.checkRedirect}
	return w
}

// pool makes connections that live no longer than ctx.
func (w *web) pool(ctx context.Context) *http.Transport {
	// The context that package http dials with would let a dial outlive ours.
	reach := func(scheme string) func(context.Context, string, string) (net.Conn, error) {
		return func(_ context.Context, _, address string) (net.Conn, error) {
			way, err := w.way(ctx, &url.URL{Scheme: scheme, Host: address})
			if err != nil {
				return nil, err
			}
			return way.reach(ctx, scheme, w.opts)
		}
	}
	return &http.Transport{DialContext: reach("http"), DialTLSContext: reach("https"), MaxResponseHeaderBytes: maxWebHeader}
}

// way returns how this link reaches an address. The system is asked only once for each: there are many polls.
func (w *web) way(ctx context.Context, u *url.URL) (Way, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := u.Scheme + "://" + u.Host
	if way, known := w.ways[key]; known {
		return way, nil
	}
	way, err := FindWay(ctx, u, w.opts)
	if err == nil {
		w.ways[key] = way
	}
	return way, err
}

// checkRedirect follows a few redirects of an upgrade. Those of a negotiation are handled by follow, which
// keeps the method.
func (w *web) checkRedirect(r *http.Request, via []*http.Request) error {
	switch {
	case r.Method == http.MethodPost || via[0].Method == http.MethodPost:
		return http.ErrUseLastResponse
	case len(via) > maxRedirects:
		return fmt.Errorf("%w: the server redirects without end", csta.ErrProtocol)
	}
	return w.mayFollow(via[len(via)-1].URL, r.URL)
}

// mayFollow returns an error if a redirect from one address to another must not be followed: the password would
// leave TLS, or go to a host that the user neither entered nor accepted.
func (w *web) mayFollow(from, to *url.URL) error {
	switch {
	case to.Hostname() == "" || to.Scheme != "http" && to.Scheme != "https":
		return fmt.Errorf("%w: the server redirects to an address that cannot be used", csta.ErrProtocol)
	case from.Scheme == "https" && to.Scheme != "https":
		return fmt.Errorf("%w: the server redirects to an address without TLS", csta.ErrProtocol)
	}
	host, err := canonical(to.Hostname())
	if err != nil {
		return fmt.Errorf("%w: the server redirects to an address that cannot be used", csta.ErrProtocol)
	}
	for _, known := range append([]string{w.entered.Hostname()}, w.opts.TrustedHosts...) {
		if name, err := canonical(known); err == nil && name == host {
			return nil
		}
	}
	return &csta.OtherHostError{Entered: w.entered.Hostname(), Host: host}
}

// statusError is the error for a response that leads nowhere.
func statusError(answer *http.Response) error {
	return &csta.StatusError{Code: answer.StatusCode, RetryAfter: retryAfter(answer.Header)}
}

// isRedirect reports whether a negotiation continues at another address: it does for each of these statuses,
// since the request has no body that could be lost.
func isRedirect(code int) bool {
	return slices.Contains([]int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect}, code)
}

// retryAfter returns how long a server asks clients to wait, limited to maxRetryAfter. (RFC 9110 §10.2.3)
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	var wait time.Duration
	if seconds, err := strconv.Atoi(value); err == nil {
		wait = time.Duration(min(seconds, int(maxRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		wait = time.Until(at)
		if served, err := http.ParseTime(h.Get("Date")); err == nil {
			wait = at.Sub(served) // independent of our own clock
		}
	} else if numeric(value) {
		wait = maxRetryAfter
	}
	return max(0, min(wait, maxRetryAfter))
}

// numeric reports whether a value is a number, of any length.
func numeric(value string) bool {
	for _, r := range value {
		if r < '0' || r > '9' {
			return false
		}
	}
	return value != ""
}
