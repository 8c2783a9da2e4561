package transport

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"calltray/cstasession/csta"
)

// longPoll is a hubSocket of requests that the hub answers when it has something to send, with posts for what
// we send.
//
// A proxy may cut off a request that waits for long, and with it what the hub was sending. Each poll is
// therefore renewed before that: the hub ends the older one properly when the newer one arrives, so nothing is
// lost between them. A poll that is cut off all the same is a gap, and later ones are renewed earlier.
type longPoll struct {
	*requests
	early   []byte // arrived with the first response
	present *poll  // the waiting poll; nil between two
	next    *poll  // will take its place
	renewal time.Duration
	cuts    int // in a row
	rest    unfinished
	once    sync.Once
	group   sync.WaitGroup

	mu     sync.Mutex
	closed bool // no poll may join the group any more; Close waits for the group
}

const (
	renewAfter   = 8 * time.Second        // proxies that cut requests off do so after 10 s, 30 s, 60 s (inferred)
	renewLeast   = time.Second            // a poll lasts at least this long
	leaveLimit   = time.Second            // for telling the hub that we are leaving
	cutPause     = 250 * time.Millisecond // before the next poll
	mostCuts     = 8                      // in a row, before the link counts as ended
	cloudTimeout = 524                    // the status with which a well-known proxy cuts off (Cloudflare's documentation)
)

// poll is one request, until its response is complete.
type poll struct {
	asked  time.Time
	cancel context.CancelFunc
	done   chan struct{}
	code   int
	body   []byte
	err    error
}

// dialLongPolling sends the first poll to the hub that a ticket leads to; the hub answers it at once.
func dialLongPolling(ctx context.Context, w *web, t ticket) (hubSocket, error) {
	r := newRequests(w, t)
	answer, err := r.open(ctx, "")
	if err != nil {
		r.Close()
		return nil, err
	}
	p := &longPoll{requests: r, renewal: renewAfter}
	limited := time.AfterFunc(answerLimit, r.end)
	p.early, err = io.ReadAll(io.LimitReader(answer.Body, maxWebSocket))
	answer.Body.Close()
	if !limited.Stop() || err != nil {
		r.Close()
		return nil, &blocked{csta.TransportBroken, fmt.Errorf("%w: the first poll", csta.ErrNoAnswer)}
	}
	return p, nil
}

// start sends a poll.
func (p *longPoll) start() *poll {
	ctx, cancel := context.WithCancel(p.ctx)
	next := &poll{asked: time.Now(), cancel: cancel, done: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		next.err = net.ErrClosed
		close(next.done)
		return next
	}
	p.group.Go(func() {
		defer close(next.done)
		answer, err := p.ask(ctx, http.MethodGet, "", nil)
		if err != nil {
			next.err = err
			return
		}
		defer answer.Body.Close()
		next.code = answer.StatusCode
		next.body, next.err = io.ReadAll(io.LimitReader(answer.Body, maxWebSocket+1))
	})
	return next
}

// Read returns what the next poll brings, which may be only a sign of life.
func (p *longPoll) Read(ctx context.Context) ([]byte, error) {
	if early := p.early; len(early) > 0 {
		p.early = nil
		return p.rest.whole(early)
	}
	if p.present == nil {
		p.present = p.start()
	}
	renew := time.NewTimer(time.Until(p.present.asked.Add(p.renewal)))
	defer renew.Stop()
	for {
		select {
		case <-p.present.done:
			return p.answered(ctx)
		case <-renew.C:
			if p.next != nil { // the hub should have ended the older one long ago
				p.present.cancel()
				<-p.present.done
				return p.answered(ctx)
			}
			p.next = p.start()
			renew.Reset(answerLimit)
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-p.ctx.Done():
			return nil, net.ErrClosed
		}
	}
}

// answered returns what the current poll brought.
func (p *longPoll) answered(ctx context.Context) ([]byte, error) {
	done, renewed := p.present, p.next != nil
	done.cancel()
	p.present, p.next = p.next, nil
	switch {
	case done.err != nil, done.code == http.StatusGatewayTimeout, done.code == http.StatusRequestTimeout, done.code == cloudTimeout:
		return p.cutOff(ctx, done)
	case done.code == http.StatusOK:
		p.cuts = 0
		if len(done.body) == 0 && !renewed && time.Since(done.asked) < cutPause { // not a hub: it would be polled without a pause
			p.pause(ctx)
		}
		return p.rest.whole(done.body)
	case done.code == http.StatusNoContent && renewed:
		p.cuts = 0
		return nil, nil
	case done.code == http.StatusNoContent:
		return nil, io.EOF
	case done.code == http.StatusNotFound:
		return nil, errForgotten
	}
	return nil, &csta.StatusError{Code: done.code}
}

// cutOff continues after a poll that something on the path has ended.
func (p *longPoll) cutOff(ctx context.Context, done *poll) ([]byte, error) {
	if p.cuts++; p.cuts > mostCuts || p.ctx.Err() != nil {
		if done.err != nil {
			return nil, done.err
		}
		return nil, &csta.StatusError{Code: done.code}
	}
	p.renewal = min(p.renewal, max(renewLeast, time.Since(done.asked)*3/4))
	var records []byte
	if done.code == http.StatusOK {
		var err error
		if records, err = p.rest.whole(done.body); err != nil {
			return nil, err
		}
	}
	p.rest = nil
	if p.present == nil {
		p.pause(ctx)
	}
	return records, errGap
}

// pause waits before the next poll.
func (p *longPoll) pause(ctx context.Context) {
	select {
	case <-time.After(cutPause):
	case <-ctx.Done():
	case <-p.ctx.Done():
	}
}

// leave tells the hub that the link is over.
func (p *longPoll) leave() {
	ctx, cancel := context.WithTimeout(p.ctx, leaveLimit)
	defer cancel()
	if answer, err := p.ask(ctx, http.MethodDelete, "", nil); err == nil { // otherwise the hub notices on its own
		answer.Body.Close()
	}
}

// Close ends the polls.
func (p *longPoll) Close() {
	p.once.Do(func() {
		p.requests.Close()
		p.mu.Lock()
		p.closed = true
		p.mu.Unlock()
		p.group.Wait()
	})
}
