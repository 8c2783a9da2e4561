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

// The bounds of what rules do.
const (
	Limit       = 10 * time.Second // for a program, or for a request
	atOnce      = 4                // programs and requests
	mostWaiting = 60               // calls that something is still to be done about; others are left out
)

// Runner carries rules out. Set its fields before it is used. Its methods may be called from any goroutine; only Try
// and Wait block.
type Runner struct {
	// Open opens a page in the browser, and returns what became of that, within the time of ctx. ErrStorm: too many have
	// just opened.
	Open func(ctx context.Context, page *url.URL) error
	// Proxy, if set, is the proxy for a web address, as http.Transport.Proxy.
	Proxy func(*http.Request) (*url.URL, error)
	// Failed, if set, is told which line failed and why: once, until the rules are changed. That too much was to be done
	// is told of one line, once.
	Failed func(line int, err error)

	roots *x509.CertPool // in the place of the system's

	mu      sync.Mutex
	list    []Rule
	told    map[int]bool // the lines of which it was told that they failed
	stormed bool         // it was told that too much was to be done
	slots   chan struct{}
	waiting int
	ended   bool
	running sync.WaitGroup
}

// The errors of carrying out, beside those of the system.
var (
	ErrSlow  = errors.New("rules: it took too long")
	ErrAway  = errors.New("rules: the server sends the request to another address")
	ErrStorm = errors.New("rules: too much is to be done at a time")
)

// StatusError is an answer that says that a request failed: its HTTP status.
type StatusError int

func (e StatusError) Error() string { return fmt.Sprintf("HTTP %d", int(e)) }

// Set takes the rules of the settings. Those that Parse does not take are none.
func (r *Runner) Set(text string) {
	list, _ := Parse(text)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list, r.told, r.stormed = list, nil, false
}

// Wants reports whether a rule waits for an event.
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

// Happened carries out the rules about an event. describe, which may take its time, tells what has happened on a
// goroutine of its own; with names, for those rules that tell who calls.
func (r *Runner) Happened(ctx context.Context, e Event, describe func(ctx context.Context, names bool) Happening) {
	r.mu.Lock()
	defer r.mu.Unlock()
	first := slices.IndexFunc(r.list, func(rule Rule) bool { return rule.Event == e })
	if r.ended || first < 0 {
		return
	}
	if r.waiting >= mostWaiting {
		rule := r.list[first]
		if !r.stormed { // a goroutine for each call would be a storm, too
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

// Finish gives what is being done some time more, and has nothing done from now on.
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

// Wait waits until nothing is done any more, and has nothing done from now on.
func (r *Runner) Wait() {
	r.mu.Lock()
	r.ended = true
	r.mu.Unlock()
	r.running.Wait()
}

// Begin has things done again after Wait.
func (r *Runner) Begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = false
}

// fail tells that a rule failed, unless it was told before. A storm says nothing of the rule: what is wrong with it is
// told later.
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

// Result is what became of a rule that was tried.
type Result struct {
	Line int
	Err  error // nil if it worked
}

// Try carries out every rule of a text with a call, whatever it is about, and returns what became of each. The error
// is Parse's.
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

// do carries a rule out, as soon as fewer than atOnce others are being carried out.
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

// maxAnswer is how much of an answer is read, to have the connection end in order. None of it is used.
const maxAnswer = 64 << 10

// post sends the call. Errors hold no address: it may have a secret in it, and has the caller.
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
