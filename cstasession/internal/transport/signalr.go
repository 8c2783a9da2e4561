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
	"net/url"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/philippseith/signalr"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

// hubConn is the JSON gateway: an ASP.NET Core SignalR hub over a WebSocket. (hub protocol: aspnetcore
// src/SignalR/docs/specs/HubProtocol.md; methods and keys: the vendor's page csta-signalr-json of
// 2025-05-19)
//
// The signalr package shakes hands, pings, notices a silent server, and correlates invocations. It is
// used for one link, over the Connection that this type is, and sees only what it handles well:
//
//   - Invocations of ours by the server (the events) never reach it: it would run each in a goroutine
//     of its own, and answer the unknown ones with an empty invocationId, which ends the link.
//   - Completions reach it without their content, after the content was handed on in stream order; and
//     only for invocations that are pending, since it hangs up over any other.
//   - It gets one record per read: records that arrive together with the handshake's answer would be
//     lost.
//   - One request is handed to it at a time, until it is written: its invocation ids are not unique
//     under concurrency. Answers are not waited for, or a slow one would hold up the sign of life.
//   - Its reconnection is not used, and the socket is ours to close.
type hubConn struct {
	log    *slog.Logger
	secret wire.Scrubber
	socket *websocket.Conn
	out    func(context.Context, []byte) error // writes a record to it
	client signalr.Client
	in     chan Inbound
	forLib chan []byte // records for the signalr package, each with its delimiter
	rest   []byte      // of the record that it is reading

	ctx    context.Context // ends with the link, for whatever cause
	cancel context.CancelCauseFunc
	shaken chan struct{} // closed by the handshake's answer
	closed chan struct{} // by close: nobody reads the inbox any more
	once   sync.Once
	group  sync.WaitGroup
	amiss  complaints    // of the reader
	slot   chan struct{} // held by the request that is being handed over

	mu      sync.Mutex
	id      string                  // of the connection, for the package
	asked   wire.Request            // the request that is being handed over
	written chan struct{}           // closed when it has its invocation id and is on its way
	pending map[string]wire.Request // by invocation id: sent and not answered
}

const (
	recordEnd     = 0x1e
	maxWebSocket  = 16 << 20 // one WebSocket message may hold many records
	pingEvery     = 15 * time.Second
	serverTimeout = 30 * time.Second
)

var _ signalr.Connection = (*hubConn)(nil)

func dialHub(ctx context.Context, opts *Options, u *url.URL) (c Conn, err error) {
	private := *opts
	opts = &private
	defer func() { err = said(opts.Secret, err) }()
	w := newWeb(ctx, opts, u)
	ticket, err := w.negotiate(ctx)
	opts.Secret = opts.Secret.With(ticket.secrets...)
	if err != nil {
		return nil, err
	}
	opts.Secret = opts.Secret.WithQuery(ticket.address)
	header := http.Header{}
	if ticket.bearer != "" {
		header.Set("Authorization", "Bearer "+ticket.bearer)
	}
	dialCtx, cancel := context.WithTimeout(ctx, DialLimit)
	defer cancel()
	socket, answer, err := websocket.Dial(dialCtx, ticket.address.String(), &websocket.DialOptions{HTTPClient: w.client, HTTPHeader: header})
	if err != nil {
		return nil, notUpgraded(answer, err)
	}
	h, err := newHub(ctx, socket, opts)
	if err != nil {
		return nil, err
	}
	return h, nil
}

// notUpgraded says why there is no WebSocket; answer is the web server's, if there is one.
func notUpgraded(answer *http.Response, err error) error {
	if answer == nil {
		return err
	}
	switch answer.StatusCode {
	case http.StatusSwitchingProtocols:
		return fmt.Errorf("%w: its upgrade to a WebSocket is not one", csta.ErrProtocol)
	case http.StatusOK, http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusUpgradeRequired, http.StatusNotImplemented:
		return fmt.Errorf("%w (%d %s)", csta.ErrNoWebSocket, answer.StatusCode, http.StatusText(answer.StatusCode))
	}
	return statusError(answer)
}

// newHub shakes hands over an open WebSocket, which it owns from now on.
func newHub(ctx context.Context, socket *websocket.Conn, opts *Options) (*hubConn, error) {
	socket.SetReadLimit(maxWebSocket)
	h := &hubConn{
		log: opts.Logger, secret: opts.Secret, socket: socket,
		amiss: complaints{log: opts.Logger}, in: make(chan Inbound), forLib: make(chan []byte), slot: make(chan struct{}, 1),
		shaken: make(chan struct{}), closed: make(chan struct{}), pending: map[string]wire.Request{},
	}
	h.out = func(ctx context.Context, record []byte) error {
		return socket.Write(ctx, websocket.MessageText, record)
	}
	h.ctx, h.cancel = context.WithCancelCause(context.Background())
	client, err := signalr.NewClient(h.ctx, signalr.WithConnection(h),
		signalr.Logger(silent{}, false), // its default logger prints every frame, the login too
		signalr.KeepAliveInterval(pingEvery), signalr.TimeoutInterval(serverTimeout),
		signalr.MaximumReceiveMessageSize(maxForLibrary))
	if err != nil {
		socket.CloseNow()
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

// shakeHands waits for the handshake's answer. The package is asked no earlier: it holds a lock until
// then, and sees no context.
func (h *hubConn) shakeHands(ctx context.Context) error {
	limited, cancel := context.WithTimeoutCause(ctx, DialLimit, fmt.Errorf("%w SignalR handshake", csta.ErrNoAnswer))
	defer cancel()
	select {
	case <-h.shaken:
	case <-h.ctx.Done():
	case <-limited.Done():
	}
	switch {
	case isClosed(h.shaken):
		<-h.client.WaitForState(h.ctx, signalr.ClientConnected) // if it fails, the link has ended: the inbox says why
		return nil
	case h.ctx.Err() != nil:
		return context.Cause(h.ctx)
	default:
		return context.Cause(limited)
	}
}

// maxForLibrary is more than the largest record that the signalr package gets: a handshake's answer.
// It allocates a buffer of that size for each link.
const maxForLibrary = 32 << 10

// watch ends the link when the signalr package gives up on it: the server fell silent, or a ping could
// not be written.
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

// end closes the link once; the first cause is the one that is told.
func (h *hubConn) end(cause error) {
	h.cancel(cause)
	h.socket.CloseNow()
}

// Close is one of Conn's.
func (h *hubConn) Close() {
	h.once.Do(func() { close(h.closed) })
	h.end(csta.ErrOffline)
	h.client.Stop()
	h.group.Wait()
}

// Inbox is one of Conn's.
func (h *hubConn) Inbox() <-chan Inbound { return h.in }

// Send invokes the hub's method of the request's name. It returns when that is on its way.
func (h *hubConn) Send(ctx context.Context, r wire.Request) error {
	if r.Reply { // an invocation without an id has no completion; the package gives each of its own one
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
	case result := <-results: // before that only an error comes
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

// leave lets the package finish an invocation, whose result nobody looks at. The next one may begin when
// this one is written or has failed: until then the package could number both alike, and Write would
// take one for the other. The package closes the channel at the latest when the link ends.
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

// read takes the WebSocket's messages apart and gives each record to whom it concerns.
func (h *hubConn) read() {
	err := h.readAll()
	if cause := context.Cause(h.ctx); cause != nil {
		err = cause // what ended the link, rather than how that looks to a reader
	}
	h.end(err)
	h.deliver(Inbound{Err: said(h.secret, err)})
}

func (h *hubConn) deliver(in Inbound) {
	select {
	case h.in <- in:
	case <-h.closed:
	}
}

func (h *hubConn) readAll() error {
	var fed time.Time // when the package last heard of the server; zero before the handshake's answer
	for {
		_, data, err := h.socket.Read(h.ctx)
		if err != nil {
			return h.parting(err)
		}
		for len(data) > 0 {
			record, rest, whole := bytes.Cut(data, []byte{recordEnd})
			if data = rest; !whole {
				return fmt.Errorf("%w: a record has no end", csta.ErrProtocol)
			}
			if record = bytes.TrimSpace(record); len(record) == 0 {
				continue
			}
			if len(record) > maxFrame {
				return fmt.Errorf("%w: %d bytes, the limit is %d", csta.ErrTooLarge, len(record), maxFrame)
			}
			h.log.Debug("received", "frame", h.secret.Frame(record))
			if fed.IsZero() {
				err, fed = h.handshake(record), time.Now()
			} else {
				err = h.dispatch(record, &fed)
			}
			if err != nil {
				return err
			}
		}
	}
}

// parting says why the WebSocket broke, in our own words where the server's come with it.
func (h *hubConn) parting(err error) error {
	var closed websocket.CloseError
	switch {
	case errors.Is(err, websocket.ErrMessageTooBig):
		return fmt.Errorf("%w: a WebSocket message of more than %d bytes", csta.ErrTooLarge, maxWebSocket)
	case errors.As(err, &closed):
		return h.farewell(closed.Reason)
	}
	return err
}

// farewell is the end of a link that the server closed in form.
func (h *hubConn) farewell(words string) error {
	if words == "" {
		return io.EOF
	}
	return fmt.Errorf("the server closed the connection: %s", h.secret.Clean(words))
}

// ping is a sign of life of the server, for the signalr package.
const ping = `{"type":6}`

// dispatch hands an event or an answer on, and tells the signalr package what it has to know.
func (h *hubConn) dispatch(record []byte, fed *time.Time) error {
	var r hubRecord
	if err := json.Unmarshal(bytes.ToValidUTF8(record, []byte("\uFFFD")), &r); err != nil {
		h.amiss.warn("an unreadable record was skipped", "err", err, "frame", h.secret.Frame(record))
		if r.Type == 1 {
			return h.complete(r.InvocationID)
		}
		return nil
	}
	switch r.Type {
	case 1:
		h.event(r)
		if err := h.complete(r.InvocationID); err != nil {
			return err
		}
		// The package must not take a server that sends only events for a silent one. Once a second does.
		if time.Since(*fed) < time.Second {
			return nil
		}
		record = []byte(ping)
	case 3:
		asked, known := h.settle(r.InvocationID)
		if !known {
			h.amiss.warn("an answer to no request was skipped", "invocationId", h.secret.Clean(r.InvocationID))
			return nil
		}
		h.deliver(Inbound{Msg: wire.HubAnswer(asked, r.Result, h.secret.Scrub(r.Error))})
		// Without a result: the package hands one on in goroutines of its own, of which one panics or stays
		// for ever if the link ends meanwhile.
		record = []byte(`{"type":3,"invocationId":` + jsonString(r.InvocationID) + `}`)
	case 7:
		return h.farewell(r.Error)
	case 6:
		record = []byte(ping)
	default:
		h.log.Debug("a record of an unused type was skipped", "type", r.Type)
		return nil
	}
	*fed = time.Now()
	return h.feed(record)
}

// complete answers an invocation of the server's that waits for a result, which no method here has, in the
// words of Microsoft's clients. Events have no id, and no completion.
func (h *hubConn) complete(invocationID string) error {
	if invocationID == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(h.ctx, WriteLimit)
	defer cancel()
	return h.write(ctx, []byte(`{"type":3,"invocationId":`+jsonString(invocationID)+`,"error":"Client didn't provide a result."}`+string(rune(recordEnd))))
}

// handshake takes the first record of a hub.
func (h *hubConn) handshake(record []byte) error {
	var r hubRecord
	if err := json.Unmarshal(record, &r); err != nil || r.Error == "" && r.Type != 0 {
		return fmt.Errorf("%w: no answer to the SignalR handshake, but %q", csta.ErrProtocol, h.secret.Clean(string(record)))
	}
	if r.Error != "" {
		return fmt.Errorf("%w: the SignalR handshake was refused: %s", csta.ErrProtocol, h.secret.Clean(r.Error))
	}
	defer close(h.shaken)
	return h.feed([]byte("{}"))
}

// feed gives one record to the signalr package.
func (h *hubConn) feed(record []byte) error {
	select {
	case h.forLib <- append(bytes.Clone(record), recordEnd):
		return nil
	case <-h.ctx.Done():
		return context.Cause(h.ctx)
	}
}

func jsonString(s string) string {
	b, _ := json.Marshal(s) // a string does not fail
	return string(b)
}

// settle forgets a pending invocation and says which request it was.
func (h *hubConn) settle(invocationID string) (wire.Request, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	asked, known := h.pending[invocationID]
	delete(h.pending, invocationID)
	return asked, known
}

// Read gives the signalr package one record at a time.
func (h *hubConn) Read(p []byte) (int, error) {
	if len(h.rest) == 0 {
		select {
		case h.rest = <-h.forLib:
		case <-h.ctx.Done():
			return 0, net.ErrClosed // never io.EOF: the package reads on after that, without a pause
		}
	}
	n := copy(p, h.rest)
	h.rest = h.rest[n:]
	return n, nil
}

// Write sends one record of the signalr package, within a time limit: a peer that stops reading would
// hold it for ever. An invocation is noted as pending before it is out.
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
	err := h.out(ctx, record)
	if err != nil {
		h.end(err)
	}
	return err
}

// Context ends with the link.
func (h *hubConn) Context() context.Context { return h.ctx }

// ConnectionID is what the signalr package set.
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

// silent is a logger that says nothing.
type silent struct{}

// Log drops its arguments.
func (silent) Log(...any) error { return nil }
