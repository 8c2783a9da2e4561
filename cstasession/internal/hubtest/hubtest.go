// Package hubtest is a SignalR hub for tests: the test scripts what each link receives, byte for byte.
package hubtest

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/coder/websocket"
)

// Hub is a SignalR hub that follows no rules but the test's. It is an http.Handler.
type Hub struct {
	T         *testing.T
	Link      func(*Peer)      // serves one WebSocket, which is closed abruptly when Link returns
	Negotiate http.HandlerFunc // nil: the normal negotiation
	Links     atomic.Int64     // opened so far
	Idle      atomic.Int64     // connections kept alive for another request
}

// New starts a hub on a socket, and stops it when the test ends.
func New(t *testing.T, link func(*Peer)) (*Hub, *httptest.Server) {
	h := &Hub{T: t, Link: link}
	server := httptest.NewUnstartedServer(h)
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateIdle {
			h.Idle.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return h, server
}

// ServeHTTP negotiates, and serves WebSockets.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/negotiate") {
		if h.Negotiate != nil {
			h.Negotiate(w, r)
			return
		}
		fmt.Fprint(w, `{"negotiateVersion":1,"connectionId":"id","connectionToken":"token","availableTransports":[]}`)
		return
	}
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		h.T.Error(err)
		return
	}
	defer ws.CloseNow()
	ws.SetReadLimit(-1)
	h.Link(&Peer{t: h.T, WS: ws, Number: int(h.Links.Add(1)), Request: r})
}

// Peer is the hub's end of one link.
type Peer struct {
	t       *testing.T
	WS      *websocket.Conn
	Number  int // of the link, from 1
	Request *http.Request
	mu      sync.Mutex
	records []string
}

// Sent is one record of the client.
type Sent struct {
	Type         int
	Protocol     string
	Target       string
	InvocationID *string
	Arguments    []map[string]any
	Raw          string
}

// Read returns the client's next record; false when the link has ended.
func (p *Peer) Read() (Sent, bool) {
	_, data, err := p.WS.Read(context.Background())
	if err != nil {
		return Sent{}, false
	}
	text, whole := strings.CutSuffix(string(data), "\x1e")
	s := Sent{Raw: text}
	if err := json.Unmarshal([]byte(text), &s); err != nil || !whole {
		p.t.Errorf("the client sent %q: %v", data, err)
	}
	p.mu.Lock()
	p.records = append(p.records, text)
	p.mu.Unlock()
	return s, true
}

// Write sends records in one WebSocket message.
func (p *Peer) Write(records ...string) error {
	return p.Raw(strings.Join(records, "\x1e") + "\x1e")
}

// Raw sends one WebSocket message.
func (p *Peer) Raw(text string) error {
	return p.WS.Write(context.Background(), websocket.MessageText, []byte(text))
}

// Bye closes the WebSocket properly.
func (p *Peer) Bye(reason string) { p.WS.Close(websocket.StatusNormalClosure, reason) }

// Hear reads until the link has ended.
func (p *Peer) Hear() {
	for {
		if _, ok := p.Read(); !ok {
			return
		}
	}
}

// Shake answers the handshake.
func (p *Peer) Shake() bool {
	s, ok := p.Read()
	return ok && s.Protocol == "json" && p.Write(`{}`) == nil
}

// Invocation returns the client's next invocation, skipping pings.
func (p *Peer) Invocation() (Sent, bool) {
	for {
		s, ok := p.Read()
		if !ok || s.Type == 1 {
			return s, ok
		}
	}
}

// Serve answers every invocation with the result of answer, until the link ends.
func (p *Peer) Serve(answer func(Sent) string) {
	for {
		s, ok := p.Invocation()
		if !ok || p.Write(answer(s)) != nil {
			return
		}
	}
}

// ID is the invocation's, "" where it has none.
func (s Sent) ID() string {
	if s.InvocationID == nil {
		return ""
	}
	return *s.InvocationID
}

// Result is a completion.
func (s Sent) Result(value string) string {
	return `{"type":3,"invocationId":"` + s.ID() + `","result":` + value + `}`
}

// RequestID is the one in the request's private data.
func (s Sent) RequestID() string {
	if len(s.Arguments) == 1 {
		if private, ok := s.Arguments[0]["privateData"].(map[string]any); ok {
			return fmt.Sprint(private["requestId"])
		}
	}
	return ""
}

// Switching answers like a PBX without calls.
func Switching(s Sent) string {
	switch s.Target {
	case "StartApplicationSession":
		return s.Result(`{"sessionId":"7","actualSessionDuration":"120"}`)
	case "MonitorStart":
		return s.Result(`{"monitorCrossRefId":"42"}`)
	default:
		return s.Result(`{}`)
	}
}

// Rings returns the record of an incoming call.
func Rings(call string) string {
	return EventRecord("Delivered", "connection", "alertingDevice", call, "Alerting")
}

// EventRecord returns the record of an event at telephone 200.
func EventRecord(target, connection, device, call, status string) string {
	return fmt.Sprintf(`{"type":1,"target":%q,"arguments":[{"monitorCrossRefId":"42",%q:{"callId":%q,"deviceId":"200"},`+
		`%q:{"deviceIdentifier":"200"},"callingDevice":{"deviceIdentifier":"22334455"},"calledDevice":{"deviceIdentifier":"200"},`+
		`"cause":null,"localConnectionInfo":null,"privateData":{"localStatus":%q,"callDirection":"Inbound"}}]}`, target, connection, call, device, status)
}

// Records returns everything that the client has sent.
func (p *Peer) Records() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.records)
}

// Dial returns a connection to the hub through net.Pipe, for a synctest bubble: nothing on the way buffers, and
// all of it waits durably.
func (h *Hub) Dial(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	server := &http.Server{Handler: h}
	go func() { _ = server.Serve(&oneConn{conn: far}) }()
	return near, nil
}

// oneConn is a listener that accepts one connection.
type oneConn struct{ conn net.Conn }

func (l *oneConn) Accept() (net.Conn, error) {
	if l.conn == nil {
		return nil, net.ErrClosed
	}
	conn := l.conn
	l.conn = nil
	return conn, nil
}
func (l *oneConn) Close() error   { return nil }
func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{} }
