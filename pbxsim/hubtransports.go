package pbxsim

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// The transports of a hub that consist of requests. (dotnet/aspnetcore, TransportProtocols.md)

const (
	pollLimit  = 90 * time.Second // after that, a poll gets an empty answer
	pollsEvery = 15 * time.Second // a client that has not polled for this long has left
	maxWaiting = 1 << 20          // bytes that wait for a poll; beyond it, the link waits
)

// posted is a link whose client posts what it sends, and receives the rest as events or by polling.
type posted struct {
	node  string // the affinity cookie that its requests need; "" for none
	polls bool   // else it receives events

	sent  chan []byte   // by the client
	ended chan struct{} // by either side
	end   func()

	mu      sync.Mutex
	waiting []byte        // for a poll
	more    chan struct{} // has one item when something waits
	taken   chan struct{} // has one item when waiting was taken
	newer   chan struct{} // closed when a newer poll arrives; nil when none waits
	polled  sync.Mutex    // held by the poll being answered
	left    *time.Timer   // runs while no poll waits
	events  func(event []byte, chunk int) error
}

func newPosted(node string, polls bool) *posted {
	l := &posted{node: node, polls: polls, sent: make(chan []byte), ended: make(chan struct{}), more: make(chan struct{}, 1), taken: make(chan struct{}, 1)}
	l.end = sync.OnceFunc(func() { close(l.ended) })
	return l
}

// transport serves a request of a link: one that makes it, or one that belongs to it.
func (p *PBX) transport(w http.ResponseWriter, r *http.Request, life int) {
	token := r.URL.Query().Get("id")
	kind := "LongPolling"
	switch {
	case strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
		kind = "WebSockets"
	case strings.Contains(r.Header.Get("Accept"), "text/event-stream"):
		kind = "ServerSentEvents"
	}
	p.mu.Lock()
	offered := p.behaviour.offers(kind)
	l := p.posts[token]
	node, fresh := p.tokens[token]
	if l != nil {
		node = l.node
	}
	cookie, err := r.Cookie(affinity)
	here := node == "" || err == nil && cookie.Value == node
	if fresh && here && r.Method == http.MethodGet && offered {
		delete(p.tokens, token)
		if kind != "WebSockets" {
			l = newPosted(node, kind == "LongPolling")
			p.posts[token] = l
		}
	}
	p.mu.Unlock()
	switch {
	case token == "" && kind == "WebSockets" && offered:
		p.upgrade(w, r, life)
	case token == "":
		http.Error(w, "Connection ID required", http.StatusBadRequest)
	case !here || l == nil && !fresh:
		http.Error(w, "No Connection with that ID", http.StatusNotFound)
	case r.Method == http.MethodGet && !offered:
		http.Error(w, kind+" transport not supported by this end point type", http.StatusNotFound)
	case kind == "WebSockets":
		p.upgrade(w, r, life)
	case l == nil:
		http.Error(w, "The link has not begun.", http.StatusConflict)
	case r.Method == http.MethodPost:
		l.post(w, r)
	case r.Method == http.MethodDelete:
		l.end()
		w.WriteHeader(http.StatusAccepted)
	case !fresh && !l.polls:
		http.Error(w, "The link has its request already.", http.StatusConflict)
	case !fresh:
		l.poll(w, r)
	case l.polls:
		p.running.Go(func() { p.servePosted(token, l, r.RemoteAddr, life) })
		l.rest()
	default:
		l.stream(w, r, func() { p.servePosted(token, l, r.RemoteAddr, life) })
	}
}

// servePosted serves a link that consists of requests until it ends.
func (p *PBX) servePosted(token string, l *posted, remote string, life int) {
	defer func() {
		l.end()
		l.mu.Lock()
		if l.left != nil {
			l.left.Stop()
		}
		l.mu.Unlock()
		p.mu.Lock()
		delete(p.posts, token)
		p.mu.Unlock()
	}()
	p.serveHub(l, remote, life)
}

// post receives what the client sends.
func (l *posted) post(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxFrame))
	if err != nil {
		return // the client is gone
	}
	select {
	case l.sent <- body:
	case <-l.ended:
		http.Error(w, "No Connection with that ID", http.StatusNotFound)
	case <-r.Context().Done():
	}
}

func (l *posted) read(limit time.Duration) ([]byte, error) {
	t := time.NewTimer(limit)
	defer t.Stop()
	select {
	case data := <-l.sent:
		return data, nil
	case <-l.ended:
		return nil, io.EOF
	case <-t.C:
		return nil, os.ErrDeadlineExceeded
	}
}

func (l *posted) shut() { l.end() }

func (l *posted) write(data []byte, chunk int) error {
	if !l.polls {
		return l.events(eventOf(data), chunk)
	}
	t := time.NewTimer(writeLimit)
	defer t.Stop()
	for {
		l.mu.Lock()
		fits := len(l.waiting) < maxWaiting
		if fits {
			l.waiting = append(l.waiting, data...)
		}
		l.mu.Unlock()
		if fits {
			signal(l.more)
			return nil
		}
		select {
		case <-l.taken:
		case <-l.ended:
			return io.EOF
		case <-t.C:
			return os.ErrDeadlineExceeded
		}
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// poll answers a poll when something waits, the link has ended, or a newer poll arrives.
func (l *posted) poll(w http.ResponseWriter, r *http.Request) {
	mine := make(chan struct{})
	l.mu.Lock()
	older := l.newer
	l.newer = mine
	l.mu.Unlock()
	if older != nil {
		close(older)
	}
	l.polled.Lock() // until the older one is answered
	defer l.polled.Unlock()
	l.mu.Lock()
	if l.left != nil {
		l.left.Stop()
	}
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		last := l.newer == mine
		if last {
			l.newer = nil
		}
		l.mu.Unlock()
		if last {
			l.rest()
		}
	}()
	t := time.NewTimer(pollLimit)
	defer t.Stop()
	var data []byte
	for len(data) == 0 && !closed(l.ended) {
		select {
		case <-mine:
			w.WriteHeader(http.StatusNoContent)
			return
		case <-t.C:
			return
		case <-r.Context().Done():
			return
		case <-l.more: // which the previous poll may have taken
		case <-l.ended:
		}
		l.mu.Lock()
		data, l.waiting = l.waiting, nil
		l.mu.Unlock()
	}
	signal(l.taken)
	if len(data) == 0 && closed(l.ended) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(data) // if the client is gone, the data is lost
}

func closed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// rest waits for the next poll.
func (l *posted) rest() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left != nil {
		l.left.Stop()
	}
	if !closed(l.ended) {
		l.left = time.AfterFunc(pollsEvery, l.end)
	}
}

// stream is the response that carries server-sent events. It ends with the link.
func (l *posted) stream(w http.ResponseWriter, r *http.Request, serve func()) {
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache,no-store")
	var writing sync.Mutex
	over := false
	l.events = func(event []byte, chunk int) error {
		writing.Lock()
		defer writing.Unlock()
		if over {
			return errors.New("the stream is over")
		}
		_ = out.SetWriteDeadline(time.Now().Add(writeLimit)) // not every connection supports deadlines
		if chunk <= 0 {
			chunk = len(event)
		}
		for len(event) > 0 {
			n := min(chunk, len(event))
			if _, err := w.Write(event[:n]); err != nil {
				return err
			}
			if err := out.Flush(); err != nil {
				return err
			}
			event = event[n:]
		}
		return nil
	}
	if l.events([]byte(":\r\n"), 0) != nil {
		return
	}
	done := make(chan struct{})
	go func() { defer close(done); serve() }()
	select {
	case <-l.ended:
	case <-r.Context().Done():
		l.end()
	}
	<-done
	writing.Lock()
	over = true
	writing.Unlock()
}

// eventOf returns an event whose data is what a link writes.
func eventOf(data []byte) []byte {
	var event []byte
	for line := range bytes.SplitSeq(data, []byte("\n")) {
		event = append(append(append(event, "data: "...), line...), "\r\n"...)
	}
	return append(event, "\r\n"...)
}
