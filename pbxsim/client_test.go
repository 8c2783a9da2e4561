package pbxsim

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// The tests' own clients. They share no code with the PBX: what it writes is read with the
// standard library alone.

// message is what a client received: the root's name as the hub calls it, and the texts of its leaves
// by the path of their lower-case names.
type message struct {
	root   string
	leaf   map[string]string
	raw    string
	failed bool // a completion with an error
}

func (m message) String() string { return m.raw }

// say shows the named leaves: the short form that the tables compare.
func (m message) say(leaves ...string) string {
	words := []string{m.root}
	for _, l := range leaves {
		words = append(words, m.leaf[l])
	}
	return strings.Join(words, " ")
}

// client is a client of one gateway.
type client interface {
	// request sends a request; args are "name=value", names nested with dots.
	request(name string, args ...string)
	// next returns the next message.
	next() message
	close()
}

const patience = time.Minute // of a test that waits for what must come

// login logs in and monitors, and returns when both are done.
func login(t *testing.T, c client, objects ...string) {
	t.Helper()
	c.request("StartApplicationSession", loginArgs("user@example.dk", "secret", "12345678.pbx.one-connect.dk")...)
	if m := c.next(); m.root != "StartApplicationSessionPosResponse" || m.leaf["sessionid"] == "" {
		t.Fatalf("login: got %v", m)
	}
	for _, o := range objects {
		c.request("MonitorStart", "monitorObject.deviceObject="+o, "privateData.requestID=1")
		if m := c.next(); m.root != "MonitorStartResponse" || m.leaf["monitorcrossrefid"] == "" {
			t.Fatalf("monitor %s: got %v", o, m)
		}
	}
}

func loginArgs(user, password, domain string) []string {
	const info = "applicationInfo.applicationSpecificInfo.vendorData:"
	return []string{info + "userID=" + user, info + "password=" + password, info + "pbxDomain=" + domain,
		"requestedSessionDuration=120"}
}

// tcpClient speaks XML.
type tcpClient struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
	read func(doc string) // sees every document, if not nil
}

func newTCPClient(t testing.TB, conn net.Conn) *tcpClient {
	c := &tcpClient{t: t, conn: conn, in: bufio.NewReader(conn)}
	t.Cleanup(c.close)
	return c
}

func dialTCP(t testing.TB, url string) *tcpClient {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "tcp://"))
	if err != nil {
		t.Fatal(err)
	}
	return newTCPClient(t, conn)
}

func (c *tcpClient) close() { _ = c.conn.Close() }

func (c *tcpClient) request(name string, args ...string) {
	c.t.Helper()
	c.write(xmlRequest(name, args) + "\x00")
}

func (c *tcpClient) write(s string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, s); err != nil {
		c.t.Fatal(err)
	}
}

// frame returns the next document, or the error that ended the link.
func (c *tcpClient) frame() (string, error) {
	if err := c.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return "", err
	}
	s, err := c.in.ReadString(0)
	return strings.TrimSuffix(s, "\x00"), err
}

func (c *tcpClient) next() message {
	c.t.Helper()
	s, err := c.frame()
	if err != nil {
		c.t.Fatalf("next document: %v (so far %q)", err, s)
	}
	if c.read != nil {
		c.read(s)
	}
	return parseXML(c.t, s)
}

// xmlRequest writes a request from "a.b=text" arguments, siblings with a common parent together.
func xmlRequest(name string, args []string) string {
	var b strings.Builder
	var open []string
	fmt.Fprintf(&b, "<%s>", name)
	for _, a := range args {
		path, value, _ := strings.Cut(a, "=")
		names := strings.Split(path, ".")
		parents, leaf := names[:len(names)-1], names[len(names)-1]
		common := 0
		for common < len(open) && common < len(parents) && open[common] == parents[common] {
			common++
		}
		for len(open) > common {
			fmt.Fprintf(&b, "</%s>", open[len(open)-1])
			open = open[:len(open)-1]
		}
		for _, p := range parents[common:] {
			fmt.Fprintf(&b, "<%s>", p)
			open = append(open, p)
		}
		fmt.Fprintf(&b, "<%s>", leaf)
		_ = xml.EscapeText(&b, []byte(value))
		fmt.Fprintf(&b, "</%s>", leaf)
	}
	for i := len(open) - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "</%s>", open[i])
	}
	fmt.Fprintf(&b, "</%s>", name)
	return b.String()
}

func parseXML(t testing.TB, doc string) message {
	t.Helper()
	m := message{leaf: make(map[string]string), raw: doc}
	d := xml.NewDecoder(strings.NewReader(doc))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	var path []string
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return m
		}
		if err != nil {
			t.Fatalf("unreadable document %q: %v", doc, err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if m.root == "" {
				m.root = strings.TrimSuffix(tok.Name.Local, "Event")
			} else {
				path = append(path, strings.ToLower(tok.Name.Local))
			}
		case xml.EndElement:
			if len(path) > 0 {
				path = path[:len(path)-1]
			}
		case xml.CharData:
			if len(path) > 0 {
				m.leaf[strings.Join(path, ".")] += string(tok)
			}
		}
	}
}

// hubClient speaks the hub protocol's JSON.
type hubClient struct {
	t       testing.TB
	ws      *websocket.Conn
	records [][]byte
	calls   int
	asked   map[string]string // request by invocationId
}

func dialHub(t testing.TB, url string) *hubClient {
	t.Helper()
	c := rawHub(t, url)
	c.write(`{"protocol":"json","version":1}` + "\x1e")
	if rec := c.record(); rec != "{}" {
		t.Fatalf("handshake: got %s", rec)
	}
	return c
}

// rawHub opens the WebSocket without a handshake.
func rawHub(t testing.TB, url string) *hubClient {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	ws.SetReadLimit(-1)
	c := &hubClient{t: t, ws: ws, asked: make(map[string]string)}
	t.Cleanup(c.close)
	return c
}

func (c *hubClient) close() { _ = c.ws.CloseNow() }

func (c *hubClient) write(s string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := c.ws.Write(ctx, websocket.MessageText, []byte(s)); err != nil {
		c.t.Fatal(err)
	}
}

// read returns the next record, or the error that ended the link.
func (c *hubClient) read() (string, error) {
	for len(c.records) == 0 {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		_, data, err := c.ws.Read(ctx)
		cancel()
		if err != nil {
			return "", err
		}
		if !bytes.HasSuffix(data, []byte{0x1e}) {
			return "", fmt.Errorf("a message that does not end in 0x1E: %q", data)
		}
		c.records = bytes.Split(bytes.TrimSuffix(data, []byte{0x1e}), []byte{0x1e})
	}
	rec := c.records[0]
	c.records = c.records[1:]
	return string(rec), nil
}

func (c *hubClient) record() string {
	c.t.Helper()
	rec, err := c.read()
	if err != nil {
		c.t.Fatal(err)
	}
	return rec
}

func (c *hubClient) request(name string, args ...string) {
	c.t.Helper()
	c.calls++
	id := fmt.Sprint("call-", c.calls)
	c.asked[id] = name
	c.write(fmt.Sprintf(`{"type":1,"invocationId":%q,"target":%q,"arguments":[%s]}`+"\x1e", id, name, jsonRequest(args)))
}

func jsonRequest(args []string) string {
	root := map[string]any{}
	for _, a := range args {
		path, value, _ := strings.Cut(a, "=")
		names := strings.Split(path, ".")
		at := root
		for _, n := range names[:len(names)-1] {
			if at[n] == nil {
				at[n] = map[string]any{}
			}
			at = at[n].(map[string]any)
		}
		leaf := names[len(names)-1]
		if leaf == "callID" {
			leaf = "callId"
		}
		at[leaf] = value
	}
	out, _ := json.Marshal(root)
	return string(out)
}

// next returns the next event or completion; pings are passed over.
func (c *hubClient) next() message {
	c.t.Helper()
	for {
		rec := c.record()
		var r struct {
			Type         int
			InvocationID string
			Target       string
			Arguments    []json.RawMessage
			Result       json.RawMessage
			Error        *string
		}
		if err := json.Unmarshal([]byte(rec), &r); err != nil {
			c.t.Fatalf("unreadable record %q: %v", rec, err)
		}
		m := message{leaf: make(map[string]string), raw: rec}
		switch {
		case r.Type == 6:
			continue
		case r.Type == 1 && r.InvocationID == "" && len(r.Arguments) == 1:
			m.root = r.Target
			leaves(m.leaf, "", r.Arguments[0])
		case r.Type == 3 && r.Error != nil:
			m.root, m.failed = "CSTAErrorCode", true
			m.leaf["error"] = *r.Error
		case r.Type == 3:
			leaves(m.leaf, "", r.Result)
			m.root = c.asked[r.InvocationID] + "Response"
			switch {
			case strings.Contains(m.root, "Session") && m.leaf["errorcode.definederror"] != "":
				m.root = c.asked[r.InvocationID] + "NegResponse"
			case strings.Contains(m.root, "Session"):
				m.root = c.asked[r.InvocationID] + "PosResponse"
			case m.root == "MonitorTrunkResponse":
				m.root = "MonitorStartResponse"
			}
		default:
			c.t.Fatalf("unexpected record %s", rec)
		}
		return m
	}
}

func leaves(into map[string]string, path string, value json.RawMessage) {
	var object map[string]json.RawMessage
	var array []json.RawMessage
	var s string
	switch {
	case string(value) == "null" || len(value) == 0:
	case json.Unmarshal(value, &object) == nil:
		for k, v := range object {
			leaves(into, strings.TrimPrefix(path+"."+strings.ToLower(k), "."), v)
		}
	case json.Unmarshal(value, &array) == nil:
		for _, v := range array {
			leaves(into, path, v)
		}
	case json.Unmarshal(value, &s) == nil:
		into[path] = s
	default:
		into[path] = string(value) // a number or a boolean
	}
}

// both runs a test over either gateway, each time on a PBX of its own.
func both(t *testing.T, cfg Config, test func(t *testing.T, p *PBX, dial func() client)) {
	t.Helper()
	t.Run("tcp", func(t *testing.T) {
		p := newPBX(t, cfg)
		url, err := p.ListenTCP("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		test(t, p, func() client { return dialTCP(t, url) })
	})
	t.Run("hub", func(t *testing.T) {
		p := newPBX(t, cfg)
		url, err := p.ListenHTTP("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		test(t, p, func() client { return dialHub(t, url) })
	})
}

func newPBX(t testing.TB, cfg Config) *PBX {
	t.Helper()
	p := New(cfg)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func keys(m map[string]string) []string {
	var k []string
	for name := range m {
		k = append(k, name)
	}
	slices.Sort(k)
	return k
}
