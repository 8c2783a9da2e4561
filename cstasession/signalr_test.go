package cstasession

import (
	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// What the signalr package does when it is used as documented, and the tests that fail when the guard
// against it is taken out (the numbers are those of the design's table):
//
//	 1 events out of order             TestEventsOfOneMessageStayInOrder
//	 2 answers to what asks for none   TestServerCallsAreNeverAnswered
//	 3 a dead connection is used on    TestFreshLinkAfterAFailedHandshake
//	 4 empty answers, and a panic      TestNoEmptyAnswers, TestLeavingManyTimes
//	 5 invocation ids that come twice  TestInvocationIDsAreUnique, TestGivenUpRequestsKeepTheirNames
//	 6 sockets left open               TestNoSocketIsLeftOpen, TestNoSocketIsLeftOpenAfterSilence
//	 7 requests before the login       TestNothingRunsBeforeTheLogin
//	 8 a state that is not so          TestNothingRunsBeforeTheLogin, TestHandshakeWithoutAnAnswer
//	 9 a peer that stops reading       TestPeerThatStopsReading
//	10 records behind the handshake    TestRecordsBehindTheHandshake
//	11 messages over 32 KiB            TestLargeMessages
//	12 frames on standard error        TestNothingOnStandardError
//	13 an end of trying                TestKeepsTryingForHours
//	14 its server                      not used: TestImports
//	15 events taken for silence        TestHubThatSendsOnlyEventsIsAlive, TestSilentHubIsNoticed

// bareHub is a SignalR hub without manners: a test scripts what each link gets, byte for byte.
type bareHub struct {
	t         *testing.T
	link      func(*peer)      // serves one WebSocket; it is cut when link returns
	negotiate http.HandlerFunc // nil: in form
	links     atomic.Int64     // that were opened
	idle      atomic.Int64     // connections that were kept alive for another request
}

func newBareHub(t *testing.T, link func(*peer)) (*bareHub, *httptest.Server) {
	h := &bareHub{t: t, link: link}
	server := httptest.NewUnstartedServer(h)
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateIdle {
			h.idle.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return h, server
}

func (h *bareHub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/negotiate") {
		if h.negotiate != nil {
			h.negotiate(w, r)
			return
		}
		fmt.Fprint(w, `{"negotiateVersion":1,"connectionId":"id","connectionToken":"token","availableTransports":[]}`)
		return
	}
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		h.t.Error(err)
		return
	}
	defer ws.CloseNow()
	ws.SetReadLimit(-1)
	h.link(&peer{t: h.t, ws: ws, number: int(h.links.Add(1)), request: r})
}

// peer is the hub's end of one link.
type peer struct {
	t       *testing.T
	ws      *websocket.Conn
	number  int // of the link, from 1
	request *http.Request
	mu      sync.Mutex
	records []string // all that the client sent
}

// sent is one record of the client.
type sent struct {
	Type         int
	Protocol     string
	Target       string
	InvocationID *string
	Arguments    []map[string]any
	raw          string
}

// read returns the client's next record; false when the link has ended.
func (p *peer) read() (sent, bool) {
	_, data, err := p.ws.Read(context.Background())
	if err != nil {
		return sent{}, false
	}
	text, whole := strings.CutSuffix(string(data), "\x1e")
	s := sent{raw: text}
	if err := json.Unmarshal([]byte(text), &s); err != nil || !whole {
		p.t.Errorf("the client sent %q: %v", data, err)
	}
	p.mu.Lock()
	p.records = append(p.records, text)
	p.mu.Unlock()
	return s, true
}

// write sends records in one WebSocket message.
func (p *peer) write(records ...string) error {
	return p.raw(strings.Join(records, "\x1e") + "\x1e")
}

func (p *peer) raw(text string) error {
	return p.ws.Write(context.Background(), websocket.MessageText, []byte(text))
}

// bye closes the WebSocket in form.
func (p *peer) bye(reason string) { p.ws.Close(websocket.StatusNormalClosure, reason) }

// hear reads until the link has ended.
func (p *peer) hear() {
	for {
		if _, ok := p.read(); !ok {
			return
		}
	}
}

// shake answers the handshake.
func (p *peer) shake() bool {
	s, ok := p.read()
	return ok && s.Protocol == "json" && p.write(`{}`) == nil
}

// invocation returns the client's next invocation, passing over its pings.
func (p *peer) invocation() (sent, bool) {
	for {
		s, ok := p.read()
		if !ok || s.Type == 1 {
			return s, ok
		}
	}
}

// serve answers every invocation as answer says, until the link ends.
func (p *peer) serve(answer func(sent) string) {
	for {
		s, ok := p.invocation()
		if !ok || p.write(answer(s)) != nil {
			return
		}
	}
}

func (s sent) id() string {
	if s.InvocationID == nil {
		return ""
	}
	return *s.InvocationID
}

// result is a completion.
func (s sent) result(value string) string {
	return `{"type":3,"invocationId":"` + s.id() + `","result":` + value + `}`
}

// requestID is the one in the request's private data.
func (s sent) requestID() string {
	if len(s.Arguments) == 1 {
		if private, ok := s.Arguments[0]["privateData"].(map[string]any); ok {
			return fmt.Sprint(private["requestId"])
		}
	}
	return ""
}

// switching answers as a switching function without calls does.
func switching(s sent) string {
	switch s.Target {
	case "StartApplicationSession":
		return s.result(`{"sessionId":"7","actualSessionDuration":"120"}`)
	case "MonitorStart":
		return s.result(`{"monitorCrossRefId":"42"}`)
	default:
		return s.result(`{}`)
	}
}

// rings is the record of an incoming call.
func rings(call string) string {
	return eventRecord("Delivered", "connection", "alertingDevice", call, "Alerting")
}

func eventRecord(target, connection, device, call, status string) string {
	return fmt.Sprintf(`{"type":1,"target":%q,"arguments":[{"monitorCrossRefId":"42",%q:{"callId":%q,"deviceId":"200"},`+
		`%q:{"deviceIdentifier":"200"},"callingDevice":{"deviceIdentifier":"22334455"},"calledDevice":{"deviceIdentifier":"200"},`+
		`"cause":null,"localConnectionInfo":null,"privateData":{"localStatus":%q,"callDirection":"Inbound"}}]}`, target, connection, call, device, status)
}

// dialBare makes one link to a hub, without a session on it.
func dialBare(t *testing.T, server *httptest.Server) *hubConn {
	t.Helper()
	l, err := dial(within(t), checked(t, config(server.URL+"/csta")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.close)
	return l.(*hubConn)
}

// checked is what a transport is told of a Config.
func checked(t *testing.T, cfg Config) *options {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s.gateway()
}

// pipeHub is a link to a hub through net.Pipe, for a synctest bubble: nothing on the way buffers, and all
// of it waits durably.
func pipeHub(ctx context.Context, opts *options, hub *bareHub) (conn, error) {
	near, far := net.Pipe()
	server := &http.Server{Handler: hub}
	go server.Serve(&oneConn{conn: far})
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return near, nil },
	}}
	socket, _, err := websocket.Dial(ctx, "http://hub/csta", &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		return nil, err
	}
	return newHub(ctx, socket, opts)
}

// oneConn is a listener that has one connection.
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

// bubbleLink is pipeHub that must come up, with a link function for the hub.
func bubbleLink(t *testing.T, cfg Config, serve func(*peer)) *hubConn {
	t.Helper()
	l, err := pipeHub(t.Context(), checked(t, cfg), &bareHub{t: t, link: serve})
	if err != nil {
		t.Fatal(err)
	}
	return l.(*hubConn)
}

// receive is the next item of a link's inbox.
func receive(t *testing.T, l conn) inbound {
	t.Helper()
	select {
	case in := <-l.inbox():
		return in
	case <-time.After(patience):
		t.Fatal("nothing came")
		return inbound{}
	}
}

// ask sends a request over a bare link and returns its answer.
func ask(t *testing.T, l conn, id, service string) wire.Message {
	t.Helper()
	sent := make(chan error, 1)
	go func() {
		sent <- l.send(within(t), wire.Request{ID: id, Body: wire.Node(service, wire.Leaf("number", id))})
	}()
	in := receive(t, l)
	if err := <-sent; err != nil || in.err != nil {
		t.Fatalf("%s %s: send says %v, the inbox %v", service, id, err, in.err)
	}
	return in.msg
}

// bubbleSession runs a session inside a synctest bubble, until the test ends.
func bubbleSession(t *testing.T, cfg Config, dial func(context.Context, *options) (conn, error)) *client {
	t.Helper()
	c := &client{t: t, news: make(chan struct{}, 1)}
	cfg.OnChange = func(st csta.State) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.states = append(c.states, st)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.dial = dial
	c.Session = s
	ctx, stop := context.WithCancel(t.Context())
	c.stop = stop
	done := make(chan struct{})
	go func() { s.Run(ctx); close(done) }()
	t.Cleanup(func() { stop(); <-done })
	return c
}
