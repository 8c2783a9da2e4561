package cstasession

import (
	"bytes"
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
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// bareHub is a SignalR hub without manners: a test scripts what each link gets, byte for byte.
type bareHub struct {
	t         *testing.T
	link      func(*peer)      // serves one WebSocket; it is cut when link returns
	negotiate http.HandlerFunc // nil: in form
	links     atomic.Int64     // that were opened
	open      atomic.Int64     // sockets that are open now
}

func newBareHub(t *testing.T, link func(*peer)) (*bareHub, *httptest.Server) {
	h := &bareHub{t: t, link: link}
	server := httptest.NewServer(h)
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
	h.open.Add(1)
	defer h.open.Add(-1)
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
func dialBare(t *testing.T, server *httptest.Server) *hubLink {
	t.Helper()
	l, err := connect(within(t), checked(t, config(server.URL+"/csta")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.close)
	return l.(*hubLink)
}

// checked is a Config with its defaults.
func checked(t *testing.T, cfg Config) *Config {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &s.cfg
}

// pipeHub is a link to a hub through net.Pipe, for a synctest bubble: nothing on the way buffers, and all
// of it waits durably.
func pipeHub(ctx context.Context, cfg *Config, hub *bareHub) (transport, error) {
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
	return newHubLink(ctx, socket, cfg)
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
func bubbleLink(t *testing.T, cfg Config, serve func(*peer)) *hubLink {
	t.Helper()
	l, err := pipeHub(t.Context(), checked(t, cfg), &bareHub{t: t, link: serve})
	if err != nil {
		t.Fatal(err)
	}
	return l.(*hubLink)
}

// receive is the next item of a link's inbox.
func receive(t *testing.T, l transport) inbound {
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
func ask(t *testing.T, l transport, id, service string) message {
	t.Helper()
	sent := make(chan error, 1)
	go func() { sent <- l.send(within(t), request{id: id, body: node(service, leaf("number", id))}) }()
	in := receive(t, l)
	if err := <-sent; err != nil || in.err != nil {
		t.Fatalf("%s %s: send says %v, the inbox %v", service, id, err, in.err)
	}
	return in.msg
}

// Row 1: the events of one WebSocket message come out in their order.
func TestEventsOfOneMessageStayInOrder(t *testing.T) {
	const calls = 500
	_, server := newBareHub(t, func(p *peer) {
		if !p.shake() {
			return
		}
		for n := range calls {
			call := fmt.Sprint("c", n)
			if p.write(rings(call), eventRecord("Established", "establishedConnection", "answeringDevice", call, "Active"),
				eventRecord("ConnectionCleared", "droppedConnection", "releasingDevice", call, "Ended")) != nil {
				return
			}
		}
		p.read()
	})
	l := dialBare(t, server)
	wrong := 0
	for n := range calls {
		for _, want := range []string{"DeliveredEvent", "EstablishedEvent", "ConnectionClearedEvent"} {
			in := receive(t, l)
			if in.err != nil {
				t.Fatal(in.err)
			}
			ev, _ := readEvent(in.msg)
			if in.msg.name != want || ev.leg.CallID != fmt.Sprint("c", n) {
				wrong++
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d events came out of order", wrong, 3*calls)
	}
}

// Row 2: a server call that asks for no answer gets none, whatever it is, and the link lives on.
func TestServerCallsAreNeverAnswered(t *testing.T) {
	strange := []string{
		`{"type":1,"target":"Nonsense","arguments":[{}]}`,
		`{"type":1,"target":"Delivered","arguments":[]}`,
		`{"type":1,"target":"Delivered","arguments":[{},1,"two"]}`,
		`{"type":1,"target":"Delivered","arguments":null}`,
		`{"type":1,"target":"Delivered","arguments":[null]}`,
		`{"type":1,"target":"Delivered","arguments":["text"]}`,
		`{"type":1,"target":"","arguments":[{"privateData":{"requestId":"1"}}]}`,
		`{"type":1,"target":"Delivered","arguments":{}}`,
		`{"type":1}`, `{"type":2,"invocationId":"9","item":1}`, `{"type":4,"invocationId":"9","target":"Delivered","arguments":[]}`,
		`{"type":5,"invocationId":"9"}`, `{"type":8}`, `{"type":99}`, `{"type":"1"}`, `{}`, `{"a":`, `nonsense`, `[]`, `null`, ``,
		`{"type":3,"invocationId":"999","result":{}}`, `{"type":3}`, `{"type":3,"error":"what?"}`,
		`{"type":6,"padding":"` + strings.Repeat("x", 2*maxForLibrary) + `"}`,
	}
	records := make(chan []string, 1)
	_, server := newBareHub(t, func(p *peer) {
		if !p.shake() || p.write(strange...) != nil {
			return
		}
		for range 3 {
			s, ok := p.invocation()
			if !ok || p.write(s.result(`{"number":"`+s.requestID()+`"}`)) != nil {
				break
			}
		}
		records <- p.records
		p.read()
	})
	l := dialBare(t, server)
	for _, id := range []string{"1", "2", "3"} {
		var got message
		done := make(chan error, 1)
		go func() { done <- l.send(within(t), request{id: id, body: node("Ask")}) }()
		for got.name != "AskResponse" { // what the strange events are is not the point
			in := receive(t, l)
			if in.err != nil {
				t.Fatalf("the link ended: %v", in.err)
			}
			got = in.msg
		}
		if got.requestID != id || <-done != nil {
			t.Errorf("request %s got the answer to %q", id, got.requestID)
		}
	}
	for _, r := range <-records {
		if !strings.Contains(r, `"protocol"`) && !strings.HasPrefix(r, `{"type":1,`) && r != `{"type":6}` {
			t.Errorf("the client sent %s", r)
		}
	}
}

// Row 4: every one of many requests gets its whole answer.
func TestNoEmptyAnswers(t *testing.T) {
	const requests = 2000
	_, server := newBareHub(t, func(p *peer) {
		if p.shake() {
			p.serve(func(s sent) string { return s.result(`{"number":"` + s.requestID() + `"}`) })
		}
	})
	l := dialBare(t, server)
	wrong := 0
	for n := range requests {
		id := fmt.Sprint(n)
		if m := ask(t, l, id, "Ask"); m.requestID != id || m.name != "AskResponse" || m.body.value("number") != id {
			wrong++
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d answers were empty or another's", wrong, requests)
	}
}

// Row 5: however many ask at once, no invocation id is used twice, and no request waits for the answer
// to another.
func TestInvocationIDsAreUnique(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const askers, each = 20, 5
		invoked := make(chan sent, askers*each)
		answer := make(chan string)
		l := bubbleLink(t, config("http://hub/csta"), func(p *peer) {
			if !p.shake() {
				return
			}
			go func() {
				for a := range answer {
					p.write(a)
				}
			}()
			for {
				s, ok := p.invocation()
				if !ok {
					return
				}
				invoked <- s
			}
		})
		defer l.close()
		defer close(answer)
		var answers []string
		go func() {
			for {
				select {
				case in := <-l.in:
					answers = append(answers, in.msg.requestID+" "+in.msg.body.value("number"))
				case <-l.closed:
					return
				}
			}
		}()
		var group sync.WaitGroup
		for a := range askers {
			group.Go(func() {
				for n := range each {
					id := fmt.Sprintf("%d-%d", a, n)
					if err := l.send(t.Context(), request{id: id, body: node("Ask")}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait() // nothing was answered so far
		ids := map[string]bool{}
		for range askers * each {
			s := <-invoked
			if ids[s.id()] || s.id() == "" {
				t.Fatalf("invocation id %q was used twice", s.id())
			}
			ids[s.id()] = true
			answer <- s.result(`{"number":"` + s.requestID() + `"}`)
		}
		synctest.Wait()
		for _, a := range answers {
			if asked, got, _ := strings.Cut(a, " "); asked != got {
				t.Errorf("request %s got the answer to %s", asked, got)
			}
		}
		if len(answers) != askers*each {
			t.Errorf("got %d answers, want %d", len(answers), askers*each)
		}
	})
}

// A request that is given up at once does not lend its place to the next: each answer belongs to the
// request that the hub saw, and comes too late without harm.
func TestGivenUpRequestsKeepTheirNames(t *testing.T) {
	_, server := newBareHub(t, func(p *peer) {
		if p.shake() {
			p.serve(func(s sent) string { return s.result(`{"number":"` + s.requestID() + `"}`) })
		}
	})
	l := dialBare(t, server)
	wrong := 0
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	for n := range 300 {
		id := fmt.Sprint("late", n)
		_ = l.send(gone, request{id: id, body: node("Ask")})
		want := fmt.Sprint("asked", n)
		done := make(chan error, 1)
		go func() { done <- l.send(within(t), request{id: want, body: node("Ask")}) }()
		for {
			in := receive(t, l)
			if in.err != nil {
				t.Fatal(in.err)
			}
			if in.msg.requestID != in.msg.body.value("number") {
				wrong++
			}
			if in.msg.requestID == want {
				break
			}
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	if wrong > 0 {
		t.Errorf("%d answers were taken for another request's", wrong)
	}
}

// Row 10: what comes in one WebSocket message with the handshake's answer is not lost.
func TestRecordsBehindTheHandshake(t *testing.T) {
	_, server := newBareHub(t, func(p *peer) {
		p.read()
		p.write(`{}`, rings("c1"), `{"type":6}`, rings("c2"))
		p.serve(switching)
	})
	l := dialBare(t, server)
	for _, want := range []string{"c1", "c2"} {
		in := receive(t, l)
		if in.err != nil {
			t.Fatal(in.err)
		}
		if ev, _ := readEvent(in.msg); ev.leg.CallID != want {
			t.Errorf("got call %q, want %q", ev.leg.CallID, want)
		}
	}
	if m := ask(t, l, "1", "MonitorStart"); m.name != "MonitorStartResponse" {
		t.Errorf("got %s, want an answer", m.name)
	}
}

// Row 11: one WebSocket message may be large, and hold many records; one record may not be too large.
func TestLargeMessages(t *testing.T) {
	many := func(bytes int) (records []string) {
		for size := 0; size < bytes; size += len(records[len(records)-1]) + 1 {
			records = append(records, rings(fmt.Sprint("c", len(records))))
		}
		return records
	}
	for _, test := range []struct {
		name    string
		records []string
		err     string // of the link; "" when all arrives
	}{
		{"40 KiB of events", many(40 << 10), ""},
		{"3 MiB of events", many(3 << 20), ""},
		{"a record of 4 MiB", []string{rings(strings.Repeat("c", 4<<20-500))}, ""},
		{"a larger record", []string{rings(strings.Repeat("c", 5<<20))}, "bytes, the limit is 4194304"},
		{"a larger message", []string{strings.Repeat(" ", maxWebSocket)}, "more than 16777216 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, server := newBareHub(t, func(p *peer) {
				if p.shake() && p.write(test.records...) == nil {
					p.read()
				}
			})
			l := dialBare(t, server)
			if test.err != "" {
				in := receive(t, l)
				if in.err == nil || !strings.Contains(in.err.Error(), test.err) || !strings.Contains(in.err.Error(), ErrTooLarge.Error()) {
					t.Errorf("got %v, want an error that says %q", in.err, test.err)
				}
				return
			}
			for n := range test.records {
				in := receive(t, l)
				if in.err != nil {
					t.Fatalf("record %d of %d: %v", n, len(test.records), in.err)
				}
			}
		})
	}
}

// What the gateway may write differently without meaning anything else.
func TestAnswersOfManyShapes(t *testing.T) {
	for _, test := range []struct {
		name, completion string // %q is the invocation id
		want             string // the message's name, and what is left of its content
	}{
		{"result", `{"type":3,"invocationId":%q,"result":{"sessionId":"7"}}`, "AskResponse 7"},
		{"number", `{"type":3,"invocationId":%q,"result":{"SessionID":7}}`, "AskResponse 7"},
		{"null", `{"type":3,"invocationId":%q,"result":null}`, "AskResponse "},
		{"nothing", `{"type":3,"invocationId":%q}`, "AskResponse "},
		{"null error", `{"type":3,"invocationId":%q,"result":{"sessionId":null},"error":null}`, "AskResponse "},
		{"error", `{"type":3,"invocationId":%q,"error":"No such user"}`, "CSTAErrorCode No such user"},
		{"HubException", `{"type":3,"invocationId":%q,"error":"An unexpected error occurred invoking 'Ask' on the server. HubException: No such user"}`,
			"CSTAErrorCode An unexpected error occurred invoking 'Ask' on the server. HubException: No such user"},
		{"NegResponse", `{"type":3,"invocationId":%q,"result":{"errorCode":{"definedError":"invalidPassword"}}}`, "AskNegResponse invalidPassword"},
		{"universal failure", `{"type":3,"invocationId":%q,"result":{"operation":"invalidDeviceID"}}`, "CSTAErrorCode invalidDeviceID"},
		{"list", `{"type":3,"invocationId":%q,"result":[1,2]}`, "CSTAErrorCode the answer cannot be read: the message is a list"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, server := newBareHub(t, func(p *peer) {
				if p.shake() {
					p.serve(func(s sent) string { return fmt.Sprintf(test.completion, s.id()) })
				}
			})
			m := ask(t, dialBare(t, server), "1", "Ask")
			content := m.body.value("sessionID")
			if f := m.failure("Ask"); f != nil {
				content = f.Value
			}
			if got := m.name + " " + content; got != test.want || m.requestID != "1" {
				t.Errorf("got %q for %q, want %q", got, m.requestID, test.want)
			}
		})
	}
}

// Row 12: nothing is written past the Logger: the package's own would print every frame.
func TestNothingOnStandardError(t *testing.T) {
	printed := capture(t, func() {
		_, server := newBareHub(t, func(p *peer) {
			if p.shake() && p.write(rings("c1"), `nonsense`) == nil {
				p.serve(switching)
			}
		})
		c := start(t, config(server.URL))
		c.await("online", online)
		c.stop()
		<-c.result
		c.result <- nil
		server.Close()
	})
	if len(bytes.TrimSpace(printed)) > 0 {
		t.Errorf("printed:\n%s", printed)
	}
}

// The arguments that travel are the vendor's, and the login is the first that does.
func TestWhatTheHubGets(t *testing.T) {
	seen := make(chan sent, 10)
	_, server := newBareHub(t, func(p *peer) {
		if p.shake() {
			p.serve(func(s sent) string { seen <- s; return switching(s) })
		}
	})
	c := start(t, config(server.URL))
	c.await("online", online)
	login := <-seen
	want := `[{"applicationInfo":{"applicationSpecificInfo":{"vendorData:password":"secret","vendorData:pbxDomain":"12345678.pbx.one-connect.dk",` +
		`"vendorData:userID":"user@example.dk"}},"requestedSessionDuration":120}]`
	if got, _ := json.Marshal(login.Arguments); login.Target != "StartApplicationSession" || string(got) != want {
		t.Errorf("got %s %s, want the login %s", login.Target, got, want)
	}
	var targets []string
	for range 2 {
		s := <-seen
		targets = append(targets, s.Target)
		if s.requestID() == "" {
			t.Errorf("%s carries no requestId", s.raw)
		}
	}
	if want := []string{"MonitorStart", "SnapShotDevice"}; !slices.Equal(targets, want) {
		t.Errorf("then came %v, want %v", targets, want)
	}
}
