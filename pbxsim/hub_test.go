package pbxsim

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// TestHubIsStrict sends single records after the handshake. ASP.NET Core would close the connection for
// the bad ones; Microsoft's own client would never send them.
func TestHubIsStrict(t *testing.T) {
	const completed = `{"type":3,"invocationId":"7","error":"`
	for _, c := range []struct{ name, send, want string }{
		{"not JSON", `{"type":1,`, `{"type":7,"error":"`},
		{"two values", `{"type":6}{"type":6}`, `{"type":7,"error":"`},
		{"not an object", `[6]`, `{"type":7,"error":"`},
		{"no type", `{"target":"MonitorStart"}`, `{"type":7,"error":"`},
		{"no target", `{"type":1,"invocationId":"7","arguments":[{}]}`, `{"type":7,"error":"`},
		{"no arguments", `{"type":1,"invocationId":"7","target":"MonitorStart"}`, `{"type":7,"error":"`},
		{"an answer to nothing", `{"type":3,"invocationId":"","result":null}`, `{"type":7,"error":"`},
		{"an answer without an id", `{"type":3,"result":null}`, `{"type":7,"error":"`},
		{"close", `{"type":7}`, ``},
		{"ping", `{"type":6}`, `next`},
		{"a type of the future", `{"type":99,"sequenceId":1}`, `next`},
		{"an answer to an id that was never given", `{"type":3,"invocationId":"x"}`, `next`},
		{"cancel", `{"type":5,"invocationId":"x"}`, `next`},
		{"an invocation that wants no answer", `{"type":1,"target":"MonitorStart","arguments":[{}]}`, `next`},
		{"unknown method", `{"type":1,"invocationId":"7","target":"Nothing","arguments":[]}`, completed + `Unknown hub method 'Nothing'"}`},
		{"the method's name in another case", `{"type":1,"invocationId":"7","target":"monitorStart","arguments":[{}]}`, completed + `Unknown hub method 'monitorStart'"}`},
		{"too many arguments", `{"type":1,"invocationId":"7","target":"MonitorStart","arguments":[{},{}]}`, completed + `Failed to invoke`},
		{"stream", `{"type":4,"invocationId":"7","target":"MonitorStart","arguments":[{}]}`, completed},
		{"null", `{"type":1,"invocationId":"7","target":"MonitorStart","arguments":[null]}`, completed},
		{"no session", `{"type":1,"invocationId":"7","target":"MonitorStart","arguments":[{"monitorObject":{"deviceObject":"200"}}]}`, completed + `An unexpected error occurred invoking 'MonitorStart' on the server. HubException: security generic"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPBX(t, Config{})
			url, err := p.ListenHTTP("127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			cl := dialHub(t, url)
			cl.write(c.send + "\x1e")
			if c.want == "next" { // it means nothing: the next invocation's answer comes next
				cl.write(`{"type":1,"invocationId":"next","target":"Nothing","arguments":[]}` + "\x1e")
				if rec := cl.record(); !strings.HasPrefix(rec, `{"type":3,"invocationId":"next"`) {
					t.Errorf("got %s", rec)
				}
				return
			}
			if c.want == "" {
				ended(t, cl)
				return
			}
			rec := cl.record()
			if !strings.HasPrefix(rec, c.want) || !json.Valid([]byte(rec)) {
				t.Errorf("got %s, want %s", rec, c.want)
			}
			if strings.Contains(c.want, `"type":7`) {
				ended(t, cl)
			}
		})
	}
}

func TestHubHandshake(t *testing.T) {
	for _, c := range []struct{ send, want string }{
		{`{"protocol":"json","version":1}` + "\x1e", "{}"},
		{`{"protocol":"messagepack","version":1}` + "\x1e", `{"error":`},
		{`{"protocol":"json","version":9}` + "\x1e", `{"error":`},
		{`{"type":6}` + "\x1e", `{"error":`},
		{"GET / HTTP/1.1\x1e", `{"error":`},
	} {
		p := newPBX(t, Config{})
		url, err := p.ListenHTTP("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		cl := rawHub(t, url)
		cl.write(c.send)
		if rec := cl.record(); !strings.HasPrefix(rec, c.want) {
			t.Errorf("%q: got %s, want %s", c.send, rec, c.want)
		}
		if c.want != "{}" {
			ended(t, cl)
		}
	}
}

// TestHubRecords: records may share a message with the handshake and each other, or be cut anywhere.
func TestHubRecords(t *testing.T) {
	p := newPBX(t, Config{})
	url, err := p.ListenHTTP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	one := rawHub(t, url)
	one.write(`{"protocol":"json","version":1}` + "\x1e" + `{"type":6}` + "\x1e" + `{"type":1,"invocationId":"7","target":"Æ","arguments":[]}` + "\x1e")
	if rec := one.record(); rec != "{}" {
		t.Errorf("got %s", rec)
	}
	if rec := one.record(); rec != `{"type":3,"invocationId":"7","error":"Unknown hub method 'Æ'"}` {
		t.Errorf("got %s", rec)
	}
	cut := dialHub(t, url)
	for _, b := range []byte(`{"type":1,"invocationId":"8","target":"Nothing","arguments":[]}` + "\x1e") {
		cut.write(string([]byte{b}))
	}
	if rec := cut.record(); !strings.Contains(rec, `"invocationId":"8"`) {
		t.Errorf("got %s", rec)
	}
}

func TestNegotiate(t *testing.T) {
	p := newPBX(t, Config{})
	server := httptest.NewServer(p.Handler())
	defer server.Close()
	post := func(path string) map[string]any {
		t.Helper()
		r, err := http.Post(server.URL+path, "text/plain", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		var answer map[string]any
		if err := json.NewDecoder(r.Body).Decode(&answer); err != nil {
			t.Fatal(err)
		}
		return answer
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	open := func(id string) int {
		ws, r, err := websocket.Dial(ctx, server.URL+"/any/path?id="+id, nil)
		if err == nil {
			_ = ws.CloseNow()
		}
		if r == nil {
			t.Fatal(err)
		}
		return r.StatusCode
	}
	one := post("/any/path/negotiate?negotiateVersion=1")
	if one["negotiateVersion"] != 1.0 || one["connectionToken"] == one["connectionId"] {
		t.Errorf("version 1: got %v", one)
	}
	zero := post("/negotiate")
	if zero["connectionToken"] != nil || zero["connectionId"] == "" {
		t.Errorf("version 0: got %v", zero)
	}
	for _, c := range []struct {
		name, id string
		want     int
	}{
		{"token", one["connectionToken"].(string), http.StatusSwitchingProtocols},
		{"the same token again", one["connectionToken"].(string), http.StatusNotFound},
		{"version 1's connection id", one["connectionId"].(string), http.StatusNotFound},
		{"version 0's connection id", zero["connectionId"].(string), http.StatusSwitchingProtocols},
		{"none", "", http.StatusSwitchingProtocols},
	} {
		if got := open(c.id); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/csta/negotiate", http.StatusMethodNotAllowed},
		{"GET", "/csta", http.StatusBadRequest},
	} {
		req, err := http.NewRequestWithContext(ctx, c.method, server.URL+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
		if r.StatusCode != c.want {
			t.Errorf("%s %s: got %d, want %d", c.method, c.path, r.StatusCode, c.want)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

// TestHubSpelling compares whole records, letter by letter.
func TestHubSpelling(t *testing.T) {
	p := newPBX(t, Config{Seed: 1})
	url, err := p.ListenHTTP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := dialHub(t, url)
	login(t, c)
	c.write(`{"type":1,"invocationId":"m","target":"MonitorStart","arguments":[{"MonitorObject":{"DeviceObject":"u-12345678-200"},"PrivateData":{"RequestId":7},"padding":"` + strings.Repeat("x", 100<<10) + `"}]}` + "\x1e")
	const monitor = `{"type":3,"invocationId":"m","result":{"monitorCrossRefId":"u-12345678-200","privateData":{"monitoredConnection":{"deviceId":"200"},"requestId":"7","monitorCount":0}}}`
	if got := c.record(); got != monitor {
		t.Errorf("got  %s\nwant %s", got, monitor)
	}
	call, err := p.Call("22334455", "200", "Ærø")
	if err != nil {
		t.Fatal(err)
	}
	delivered := `{"type":1,"target":"Delivered","arguments":[{"monitorCrossRefId":"u-12345678-200",` +
		`"connection":{"callId":"SIP/hpbx-00000234","deviceId":"200"},"alertingDevice":{"deviceIdentifier":"200"},` +
		`"callingDevice":{"deviceIdentifier":"22334455"},"calledDevice":{"deviceIdentifier":"200"},` +
		`"localConnectionInfo":"alerting","cause":"newCall",` +
		`"networkCallingDevice":{"deviceIdentifier":"22334455"},"networkCalledDevice":{"deviceIdentifier":"200"},` +
		`"callLinkageData":{"globalCallData":{"globalCallLinkageId":"` + call.Linkage() + `"}},` +
		`"privateData":{"eventOrderIncrement":0,"isCstaOriginated":false,"cstaCallRequestType":null,"callDirection":"Inbound",` +
		`"localStatus":"Alerting","remoteUser":"22334455","callerName":"Ærø","timestamp":null}}]}`
	if got := c.record(); got != delivered {
		t.Errorf("got  %s\nwant %s", got, delivered)
	}
}

// TestHubTimes: the hub pings, and ends the link of a client that says nothing.
func TestHubTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPBX(t, Config{})
		ours, theirs := net.Pipe()
		server := &http.Server{Handler: p.Handler()}
		listener := &oneConn{conn: theirs, closed: make(chan struct{})}
		go func() { _ = server.Serve(listener) }()
		defer server.Close()
		ws, _, err := websocket.Dial(t.Context(), "ws://pbx/csta", &websocket.DialOptions{HTTPClient: &http.Client{
			Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return ours, nil }},
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer ws.CloseNow()
		read := func() string {
			_, data, err := ws.Read(t.Context())
			if err != nil {
				return "ended"
			}
			return string(data)
		}
		write := func(s string) {
			if err := ws.Write(t.Context(), websocket.MessageText, []byte(s)); err != nil {
				t.Fatal(err)
			}
		}
		write(`{"protocol":"json","version":1}` + "\x1e")
		if got := read(); got != "{}\x1e" {
			t.Fatalf("got %q", got)
		}
		last := time.Now()
		for range 10 {
			start := time.Now()
			if got, d := read(), time.Since(start); got != `{"type":6}`+"\x1e" || d != 15*time.Second {
				t.Fatalf("after %v: %q", d, got)
			}
			write(`{"type":6}` + "\x1e")
			last = time.Now()
		}
		for got := ""; got != "ended"; {
			got = read()
		}
		if d := time.Since(last); d != 30*time.Second {
			t.Errorf("ended %v after the client's last record", d)
		}
	})
}

// oneConn is a listener that has one client.
type oneConn struct {
	conn   net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *oneConn) Accept() (net.Conn, error) {
	if conn := l.conn; conn != nil {
		l.conn = nil
		return conn, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}

func (l *oneConn) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{} }

// TestOnePBX: what is done over one gateway is seen over the other.
func TestOnePBX(t *testing.T) {
	p := newPBX(t, Config{})
	tcp, err := p.ListenTCP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hub, err := p.ListenHTTP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	clients := []client{dialTCP(t, tcp), dialHub(t, hub)}
	for _, c := range clients {
		login(t, c, "200")
	}
	for i, c := range clients {
		c.request("MakeCall", "callingDevice=200", "calledDirectoryNumber=22334455")
		if m := c.next(); m.root != "MakeCallResponse" {
			t.Errorf("got %s", m)
		}
		run(t, p, "answer 22334455")
		other := clients[1-i]
		other.request("ClearConnection", "connectionToBeCleared.deviceID=200")
		if i == 0 { // the requester's answer comes before the event, after the call's events
			for _, want := range []string{"Delivered", "Established"} {
				if m := other.next(); m.root != want {
					t.Errorf("got %s, want %s", m, want)
				}
			}
		} else {
			other.next()
			other.next()
		}
		if m := other.next(); m.root != "ClearConnectionResponse" {
			t.Errorf("got %s", m)
		}
		for _, want := range []string{"Delivered", "Established", "ConnectionCleared"} {
			if m := c.next(); m.root != want {
				t.Errorf("got %s, want %s", m, want)
			}
		}
		if m := other.next(); m.root != "ConnectionCleared" {
			t.Errorf("got %s", m)
		}
	}
}
