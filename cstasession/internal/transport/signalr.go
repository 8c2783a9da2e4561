package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/philippseith/signalr"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

// hubConn is the JSON gateway: an ASP.NET Core SignalR hub. (hub protocol: aspnetcore
// src/SignalR/docs/specs/HubProtocol.md; methods and keys: the vendor's page csta-signalr-json of 2025-05-19)
//
// The signalr package performs the handshake, pings, notices a silent server, and correlates invocations. It is
// used for one link, over the Connection that this type implements, and receives only what it handles well:
//
//   - Invocations of ours by the server (the events) never reach it: it would run each in a goroutine
//     of its own, and answer the unknown ones with an empty invocationId, which ends the link.
//   - Completions reach it without their content, after the content was passed on in stream order; and
//     only for invocations that are pending, since it hangs up over any other.
//   - It receives one record per read: records that arrive together with the handshake's answer would be
//     lost.
//   - It is given one request at a time, until that is written: its invocation ids are not unique
//     under concurrency. Answers are not waited for, or a slow one would hold up the sign of life.
//   - Its reconnection is not used, and the socket is closed by us.
type hubConn struct {
	log    *slog.Logger
	secret wire.Scrubber
	socket hubSocket
	path   csta.Path
	client signalr.Client
	in     chan Inbound
	forLib chan []byte // records for the signalr package, each with its delimiter
	rest   []byte      // rest of the record that it is reading

	ctx    context.Context // ends with the link, whatever the cause
	cancel context.CancelCauseFunc
	shaken chan struct{} // closed by the handshake's answer
	closed chan struct{} // by Close: nobody reads the inbox any more
	once   sync.Once
	group  sync.WaitGroup
	amiss  complaints    // owned by the reader
	slot   chan struct{} // held by the request that is being passed on

	mu      sync.Mutex
	id      string                  // of the connection, for the signalr package
	asked   wire.Request            // the request that is being passed on
	written chan struct{}           // closed when it has its invocation id and has been written
	pending map[string]wire.Request // by invocation id: sent and not yet answered
}

const (
	pingEvery     = 15 * time.Second
	serverTimeout = 30 * time.Second
)

var _ signalr.Connection = (*hubConn)(nil)

// newHub performs the handshake over a socket, which it owns from now on.
func newHub(ctx context.Context, socket hubSocket, opts *Options) (*hubConn, error) {
	h := &hubConn{
		log: opts.Logger, secret: opts.Secret, socket: socket,
		amiss: complaints{log: opts.Logger}, in: make(chan Inbound), forLib: make(chan []byte), slot: make(chan struct{}, 1),
		shaken: make(chan struct{}), closed: make(chan struct{}), pending: map[string]wire.Request{},
	}
	h.ctx, h.cancel = context.WithCancelCause(context.Background())
	client, err := signalr.NewClient(h.ctx, signalr.WithConnection(h),
		signalr.Logger(silent{}, false), // its default logger prints every frame, including the login
		signalr.KeepAliveInterval(pingEvery), signalr.TimeoutInterval(serverTimeout),
		signalr.MaximumReceiveMessageSize(maxForLibrary))
	if err != nil {
		socket.Close()
		return nil, err
	}
	h.client = client
	h.group.Go(h.read)
	client.Start()
	if err := h.shakeHands(ctx); err != nil {
		h.Close()
		return nil, err
	}
	h.group.Go(h.watch)
	return h, nil
}

// shakeHands waits for the handshake's answer. The signalr package must not be asked before: it holds a lock
// until then, and ignores contexts.
func (h *hubConn) shakeHands(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	select {
	case <-h.shaken:
	case <-h.ctx.Done():
	case <-limited.Done():
	}
	switch {
	case isClosed(h.shaken):
		<-h.client.WaitForState(h.ctx, signalr.ClientConnected) // if it fails, the link has ended, and the inbox says why
		return nil
	case h.ctx.Err() != nil:
		cause := context.Cause(h.ctx)
		var status *csta.StatusError
		if errors.Is(cause, csta.ErrProtocol) || errors.Is(cause, csta.ErrTooLarge) || errors.As(cause, &status) && status.Code == http.StatusUnauthorized {
			return cause
		}
		return &blocked{csta.TransportBroken, cause}
	case ctx.Err() != nil:
		return context.Cause(ctx)
	default:
		return &blocked{csta.TransportHeldBack, fmt.Errorf("%w SignalR handshake", csta.ErrNoAnswer)}
	}
}

// maxForLibrary is more than the largest record that the signalr package receives, which is a handshake's
// answer. It allocates a buffer of that size for each link.
const maxForLibrary = 32 << 10

// watch ends the link if the signalr package gives up on it: the server fell silent, or a ping could not be
// written.
func (h *hubConn) watch() {
	if err := <-h.client.WaitForState(h.ctx, signalr.ClientClosed); err != nil {
		return // the link ended first
	}
	err := h.client.Err()
	if err == nil {
		err = io.EOF
	}
	h.end(err)
}

// end closes the link once; only the first cause is reported.
func (h *hubConn) end(cause error) {
	h.cancel(cause)
	h.socket.Close()
}

// Close implements Conn.
func (h *hubConn) Close() {
	h.once.Do(func() {
		close(h.closed)
		if l, has := h.socket.(leaver); has && h.ctx.Err() == nil {
			l.leave()
		}
	})
	h.end(csta.ErrOffline)
	h.client.Stop()
	h.group.Wait()
}

// Path implements Conn.
func (h *hubConn) Path() csta.Path { return h.path }

// Inbox implements Conn.
func (h *hubConn) Inbox() <-chan Inbound { return h.in }

// Send invokes the hub method with the request's name. It returns when the invocation has been written.
func (h *hubConn) Send(ctx context.Context, r wire.Request) error {
	if r.Reply { // an invocation without an id has no completion, and the signalr package gives each of its own one
		record, err := json.Marshal(map[string]any{"type": 1, "target": r.Name(), "arguments": []any{wire.JsonObject(r.Body)}})
		if err != nil {
			return err
		}
		return h.write(ctx, append(record, recordEnd))
	}
	select {
	case h.slot <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	case <-h.ctx.Done():
		return context.Cause(h.ctx)
	}
	written := make(chan struct{})
	h.mu.Lock()
	h.asked, h.written = r, written
	h.mu.Unlock()
	results := h.client.Invoke(r.Name(), wire.JsonObject(r.WithID()))
	defer h.leave(written, results)
	select {
	case <-written:
		return nil // the answer will be in the inbox, in its place among the events
	case result := <-results: // before that, only an error can arrive
		if result.Error == nil || isClosed(written) {
			return nil
		}
		return result.Error
	case <-ctx.Done():
		return ctx.Err()
	case <-h.ctx.Done():
		return context.Cause(h.ctx)
	}
}

// leave lets the signalr package finish an invocation whose result nobody needs. The next one may begin only
// when this one is written or has failed: until then the package could give both the same number, and Write
// would take one for the other. The package closes the channel when the link ends, if not earlier.
func (h *hubConn) leave(written <-chan struct{}, results <-chan signalr.InvokeResult) {
	go func() {
		select {
		case <-written:
		case <-results:
		}
		<-h.slot
		for range results {
		}
	}()
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// Read gives the signalr package one record at a time.
func (h *hubConn) Read(p []byte) (int, error) {
	if len(h.rest) == 0 {
		select {
		case h.rest = <-h.forLib:
		case <-h.ctx.Done():
			return 0, net.ErrClosed // never io.EOF: the signalr package would read on after that, without a pause
		}
	}
	n := copy(p, h.rest)
	h.rest = h.rest[n:]
	return n, nil
}

// Write sends one record from the signalr package, within a time limit: a peer that stops reading would block
// it for ever. An invocation is recorded as pending before it is sent.
func (h *hubConn) Write(p []byte) (int, error) {
	var r hubRecord
	if json.Unmarshal(bytes.TrimSuffix(p, []byte{recordEnd}), &r) == nil && r.Type == 1 {
		h.mu.Lock()
		close(h.written)
		h.pending[r.InvocationID] = h.asked
		h.mu.Unlock()
	}
	ctx, cancel := context.WithTimeout(h.ctx, WriteLimit)
	defer cancel()
	if err := h.write(ctx, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (h *hubConn) write(ctx context.Context, record []byte) error {
	h.log.Debug("sent", "frame", h.secret.Frame(record))
	err := h.socket.Write(ctx, record)
	if err != nil {
		h.end(err)
	}
	return err
}

// Context ends with the link.
func (h *hubConn) Context() context.Context { return h.ctx }

// ConnectionID returns what the signalr package set.
func (h *hubConn) ConnectionID() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.id
}

// SetConnectionID is called by the signalr package.
func (h *hubConn) SetConnectionID(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.id = id
}

// silent is a logger that discards everything.
type silent struct{}

// Log drops its arguments.
func (silent) Log(...any) error { return nil }
