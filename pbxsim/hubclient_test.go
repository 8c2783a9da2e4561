package pbxsim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

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
