package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"calltray/cstasession/csta"
)

// answerLimit is how long a hub, or whatever is in front of it, may take to answer a request that sets up a
// link.
const answerLimit = 5 * time.Second

// asked is a request that sets up a link. A failure after it was sent is the transport's; one before that is
// the path's.
type asked struct {
	ctx   context.Context
	end   context.CancelCauseFunc
	sent  atomic.Bool
	timer *time.Timer
}

// answerWithin limits how long the answer may take, counted from when the request was sent. After stop, the
// rest of the response may take as long as ctx lasts.
func answerWithin(ctx context.Context) (context.Context, *asked) {
	a := &asked{}
	a.ctx, a.end = context.WithCancelCause(ctx)
	a.timer = time.AfterFunc(time.Hour, func() { a.end(errUnanswered) })
	return httptrace.WithClientTrace(a.ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) {
		a.sent.Store(true)
		a.timer.Reset(answerLimit)
	}}), a
}

// errUnanswered: a request that sets up a link was not answered in time.
var errUnanswered = fmt.Errorf("%w: it was let hang", csta.ErrNoAnswer)

// stop ends the wait for an answer.
func (a *asked) stop() { a.timer.Stop() }

// refusal turns a response that sets up no link into an error: the hub's own, or that of something on the path
// to it.
func (a *asked) refusal(answer *http.Response, err error) error {
	switch answer.StatusCode {
	case http.StatusUnauthorized, http.StatusNotFound:
		return err
	}
	if ours(err) {
		return err
	}
	return &blocked{csta.TransportRefused, err}
}

// failure returns why there was no answer. ctx is that of the dial.
func (a *asked) failure(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil || !a.sent.Load() || ours(err):
		return err
	case context.Cause(a.ctx) == errUnanswered:
		return &blocked{csta.TransportUnanswered, errUnanswered}
	}
	return &blocked{csta.TransportBroken, err}
}

// ours reports whether an error is this program's own objection to what a server wants.
func ours(err error) bool {
	var other *csta.OtherHostError
	return errors.As(err, &other) || errors.Is(err, csta.ErrProtocol) && !errors.Is(err, csta.ErrNoWebSocket)
}

// requests sends the requests of a link that consists of many: of the transports other than WebSockets. They
// share the cookies of the negotiation.
type requests struct {
	ctx     context.Context // ends with the link
	end     context.CancelFunc
	address *url.URL
	header  http.Header
	client  *http.Client
	pool    *http.Transport
	sending chan struct{} // held by the record that is being sent
}

// idleLimit is how long a connection is kept for the next request: less than servers and proxies keep it, since
// a record that is sent while they hang up is lost.
const idleLimit = 3 * time.Second

func newRequests(w *web, t ticket) *requests {
	r := &requests{address: t.address, header: t.header(), sending: make(chan struct{}, 1)}
	r.ctx, r.end = context.WithCancel(context.Background())
	r.pool = w.pool(r.ctx)
	r.pool.IdleConnTimeout = idleLimit
	r.client = &http.Client{Transport: r.pool, Jar: w.client.Jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return r
}

// ask sends a request of the link; ctx bounds it and the body of the response.
func (r *requests) ask(ctx context.Context, method, accept string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, r.address.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header = r.header.Clone()
	if accept != "" {
		request.Header.Set("Accept", accept)
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "text/plain;charset=UTF-8")
	}
	return r.client.Do(request)
}

// open sends the request that sets up the link. Its response may last as long as the link; ctx bounds the wait
// for it.
func (r *requests) open(ctx context.Context, accept string) (*http.Response, error) {
	limited, asked := answerWithin(r.ctx)
	defer asked.stop()
	defer context.AfterFunc(ctx, func() { asked.end(context.Cause(ctx)) })()
	answer, err := r.ask(limited, http.MethodGet, accept, nil)
	if err != nil {
		return nil, asked.failure(ctx, err)
	}
	if answer.StatusCode != http.StatusOK {
		answer.Body.Close()
		return nil, asked.refusal(answer, statusError(answer))
	}
	return answer, nil
}

// Write posts one record, in order after earlier ones.
func (r *requests) Write(ctx context.Context, record []byte) error {
	select {
	case r.sending <- struct{}{}:
		defer func() { <-r.sending }()
	case <-ctx.Done():
		return ctx.Err()
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(r.ctx, cancel)()
	answer, err := r.ask(ctx, http.MethodPost, "", record)
	if err != nil {
		return err // it may have arrived, so it is not sent again
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // so that the connection can be reused
	switch {
	case answer.StatusCode == http.StatusNotFound:
		return errForgotten
	case answer.StatusCode >= 300:
		return statusError(answer)
	}
	return nil
}

// errForgotten: the hub no longer knows the link.
var errForgotten = fmt.Errorf("the hub has ended the connection: %w", io.EOF)

// Close ends every request.
func (r *requests) Close() {
	r.end()
	r.pool.CloseIdleConnections()
}

// unfinished is the received part of a record whose end has not arrived.
type unfinished []byte

// whole returns the records that the new bytes complete.
func (u *unfinished) whole(more []byte) ([]byte, error) {
	end := bytes.LastIndexByte(more, recordEnd) + 1
	if len(*u)+max(end, len(more)-end) > maxWebSocket {
		return nil, fmt.Errorf("%w: records of more than %d bytes", csta.ErrTooLarge, maxWebSocket)
	}
	if end == 0 {
		*u = append(*u, more...)
		return nil, nil
	}
	records := append(*u, more[:end]...)
	*u = bytes.Clone(more[end:])
	return records, nil
}
