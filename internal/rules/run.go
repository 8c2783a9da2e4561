package rules

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"calltray/internal/webpage"
)

// The limits of what rules do.
const (
	Limit       = 10 * time.Second // for each program or request
	atOnce      = 4                // programs and requests
	mostWaiting = 60               // calls with pending actions; further ones are dropped
)

// Runner runs rules. Set its fields before using it. Its methods may be called from any goroutine; only Try and
// Wait block.
type Runner struct {
	// Open opens a page in the browser, and returns the result, before ctx ends. ErrStorm: too many have just
	// been opened.
	Open func(ctx context.Context, page *url.URL) error
	// Proxy, if set, returns the proxy for a web address, like http.Transport.Proxy.
	Proxy func(*http.Request) (*url.URL, error)
	// Failed, if set, is called with the line that failed and why: once per line, until the rules change. That
	// there was too much to do is reported for one line, once.
	Failed func(line int, err error)

	roots *x509.CertPool // for tests, instead of the system's

	mu      sync.Mutex
	list    []Rule
	told    map[int]bool // the lines whose failure was reported
	stormed bool         // it was reported that there was too much to do
	slots   chan struct{}
	waiting int
	ended   bool
	running sync.WaitGroup
}

// The errors of running rules, apart from the system's.
var (
	ErrSlow  = errors.New("rules: it took too long")
	ErrAway  = errors.New("rules: the server sends the request to another address")
	ErrStorm = errors.New("rules: too much is to be done at a time")
)

// StatusError is an HTTP status with which a request failed.
type StatusError int

func (e StatusError) Error() string { return fmt.Sprintf("HTTP %d", int(e)) }

// Set replaces the rules by those in the settings. If Parse rejects them, there are none.
func (r *Runner) Set(text string) {
	list, _ := Parse(text)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list, r.told, r.stormed = list, nil, false
}

// Wants reports whether a rule is about an event.
func (r *Runner) Wants(e Event) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rule := range r.list {
		if rule.Event == e {
			return true
		}
	}
	return false
}

// Happened runs the rules about an event. describe, which may take a while, returns the details, on a goroutine
// of its own; with names set, it does so for rules that pass on who calls.
func (r *Runner) Happened(ctx context.Context, e Event, describe func(ctx context.Context, names bool) Happening) {
	r.mu.Lock()
	defer r.mu.Unlock()
	first := slices.IndexFunc(r.list, func(rule Rule) bool { return rule.Event == e })
	if r.ended || first < 0 {
		return
	}
	if r.waiting >= mostWaiting {
		rule := r.list[first]
		if !r.stormed { // a goroutine per call would be a flood, too
			r.running.Go(func() { r.fail(rule, ErrStorm) })
		}
		return
	}
	list := map[bool][]Rule{}
	for _, rule := range r.list {
		if rule.Event == e {
			list[rule.Names()] = append(list[rule.Names()], rule)
		}
	}
	r.waiting++
	r.running.Go(func() {
		var all sync.WaitGroup
		for names, rules := range list {
			all.Go(func() {
				h := describe(ctx, names)
				for _, rule := range rules {
					if rule.Applies(h) {
						all.Go(func() {
							if err := r.do(ctx, rule, h); err != nil && ctx.Err() == nil {
								r.fail(rule, err)
							}
						})
					}
				}
			})
		}
		all.Wait()
		r.mu.Lock()
		r.waiting--
		r.mu.Unlock()
	})
}

// Finish gives running actions some more time, and starts no further ones.
func (r *Runner) Finish(limit time.Duration) {
	r.mu.Lock()
	r.ended = true
	r.mu.Unlock()
	done := make(chan struct{})
	go func() { // until the context of Happened ends, at the latest
		r.running.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(limit):
	}
}

// Wait waits until no action is running, and starts no further ones.
func (r *Runner) Wait() {
	r.mu.Lock()
	r.ended = true
	r.mu.Unlock()
	r.running.Wait()
}

// Begin allows actions again after Wait.
func (r *Runner) Begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = false
}

// fail reports that a rule failed, unless that was reported before. A flood is not the rule's fault: an actual
// error is still reported later.
func (r *Runner) fail(rule Rule, err error) {
	r.mu.Lock()
	told := r.told[rule.Line]
	switch {
	case errors.Is(err, ErrStorm):
		told, r.stormed = r.stormed, true
	case r.told == nil:
		r.told = map[int]bool{rule.Line: true}
	default:
		r.told[rule.Line] = true
	}
	r.mu.Unlock()
	if !told && r.Failed != nil {
		r.Failed(rule.Line, err)
	}
}

// Result is the result of trying a rule.
type Result struct {
	Line int
	Err  error // nil if it worked
}

// Try runs every rule in a text with a call, whatever it is about, and returns each result. The error is
// Parse's.
func (r *Runner) Try(ctx context.Context, text string, h Happening) ([]Result, error) {
	list, err := Parse(text)
	if err != nil {
		return nil, err
	}
	results := make([]Result, len(list))
	var all sync.WaitGroup
	for i, rule := range list {
		all.Go(func() {
			one := h
			one.Event = rule.Event
			results[i] = Result{rule.Line, r.do(ctx, rule, one)}
		})
	}
	all.Wait()
	return results, nil
}

// do runs a rule, as soon as fewer than atOnce others are running.
func (r *Runner) do(ctx context.Context, rule Rule, h Happening) error {
	r.mu.Lock()
	if r.slots == nil {
		r.slots = make(chan struct{}, atOnce)
	}
	slots := r.slots
	r.mu.Unlock()
	select {
	case slots <- struct{}{}:
		defer func() { <-slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	ctx, cancel := context.WithTimeoutCause(ctx, Limit, ErrSlow)
	defer cancel()
	var err error
	switch rule.action {
	case "open":
		var page *url.URL
		if page, err = webpage.Address(rule.target, h.Call); err == nil {
			err = r.Open(ctx, page)
		}
	case "run":
		err = run(ctx, rule, h)
	case "post":
		err = r.post(ctx, rule, h)
	}
	if err != nil && errors.Is(context.Cause(ctx), ErrSlow) {
		return ErrSlow
	}
	return err
}

// maxAnswer is how much of a response is read, so that the connection ends properly. The content is not used.
const maxAnswer = 64 << 10

// post sends the call. Errors do not contain the address, which may include a secret and the caller.
func (r *Runner) post(ctx context.Context, rule Rule, h Happening) error {
	address, err := webpage.Address(rule.target, h.Call)
	if err != nil {
		return err
	}
	body, err := rule.payload(h)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address.String(), bytes.NewReader(body))
	if err != nil {
		return webpage.ErrHost
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Calltray")
	client := http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{Proxy: r.Proxy, DialContext: (&net.Dialer{}).DialContext, DisableKeepAlives: true, ForceAttemptHTTP2: true,
			TLSClientConfig: &tls.Config{RootCAs: r.roots, MinVersion: tls.VersionTLS12}},
	}
	answer, err := client.Do(request)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return err
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, maxAnswer)
	switch status := answer.StatusCode; {
	case status >= 300 && status < 400:
		return ErrAway
	case status < 200 || status >= 400:
		return StatusError(status)
	}
	return nil
}
