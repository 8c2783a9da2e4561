package pbxsim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// The SignalR gateway: the hub protocol's JSON form, written from its specification (dotnet/aspnetcore,
// HubProtocol.md and TransportProtocols.md) and as strict as ASP.NET Core: it closes a connection wherever that
// does.

const recordEnd = 0x1e

// handshakeLimit is how long a client may take for its first record.
const handshakeLimit = 15 * time.Second

// affinity is the cookie by which a load balancer finds the node that negotiated.
const affinity = "calltray-affinity"

// maxTokens is how many negotiations may wait for their link.
const maxTokens = 1000

// Handler returns the hub. It answers at every path: POST <path>/negotiate; and at <path> a WebSocket, with the
// negotiated id or without any, server-sent events, and long polling.
func (p *PBX) Handler() http.Handler { return p.handler(always) }

func (p *PBX) handler(life int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case p.Behaviour().Silence:
			select {
			case <-r.Context().Done():
			case <-p.done:
			}
		case strings.HasSuffix(r.URL.Path, "/negotiate"):
			p.negotiate(w, r)
		default:
			p.transport(w, r, life)
		}
	})
}

func (p *PBX) negotiate(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "Negotiation is a POST.", http.StatusMethodNotAllowed)
		return
	}
	if status := p.Behaviour().HubStatus; status != 0 {
		if after := p.Behaviour().RetryAfter; after > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(after/time.Second)))
		}
		http.Error(w, http.StatusText(status), status)
		return
	}
	p.mu.Lock()
	id, token := p.uuid(), p.uuid()
	var offered []any
	for _, name := range Transports {
		if p.behaviour.offers(name) {
			offered = append(offered, map[string]any{"transport": name, "transferFormats": []string{"Text"}})
		}
	}
	answer := map[string]any{"connectionId": id, "availableTransports": offered}
	if r.URL.Query().Get("negotiateVersion") == "1" {
		answer["negotiateVersion"], answer["connectionToken"] = 1, token
	} else {
		token = id
	}
	if len(p.tokens) >= maxTokens {
		clear(p.tokens)
	}
	p.tokens[token] = ""
	if p.behaviour.Cookie {
		p.tokens[token] = p.uuid()
		http.SetCookie(w, &http.Cookie{Name: affinity, Value: p.tokens[token], Path: "/", HttpOnly: true})
	}
	p.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer) // the client is gone: there is nobody left to tell
}

func (p *PBX) upgrade(w http.ResponseWriter, r *http.Request, life int) {
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true}) // any origin
	if err != nil {
		return // Accept has answered
	}
	ws.SetReadLimit(maxFrame)
	p.serveHub(webSocket{ws}, r.RemoteAddr, life)
}

// hubSocket is what a transport does for a link: read returns what a client sent next, io.EOF when it has left.
type hubSocket interface {
	read(limit time.Duration) ([]byte, error)
	write(data []byte, chunk int) error
	shut()
}

type webSocket struct{ *websocket.Conn }

func (ws webSocket) read(limit time.Duration) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	_, data, err := ws.Read(ctx)
	if websocket.CloseStatus(err) != -1 {
		return nil, io.EOF
	}
	return data, err
}

func (ws webSocket) write(data []byte, chunk int) error {
	ctx, cancel := context.WithTimeout(context.Background(), writeLimit)
	defer cancel()
	if chunk <= 0 {
		return ws.Write(ctx, websocket.MessageText, data)
	}
	w, err := ws.Writer(ctx, websocket.MessageText)
	for err == nil && len(data) > 0 {
		n := min(chunk, len(data))
		_, err = w.Write(data[:n])
		data = data[n:]
	}
	if err != nil {
		return err
	}
	return w.Close()
}

func (ws webSocket) shut() { _ = ws.CloseNow() }

// serveHub serves one link until it ends.
func (p *PBX) serveHub(socket hubSocket, remote string, life int) {
	l := p.open("hub", remote, life, jsonCodec{}, socket.write, socket.shut)
	if l == nil {
		socket.shut()
		return
	}
	defer l.close()
	in := &records{socket: socket}
	if err := handshake(in); err != nil {
		l.complain(err)
		return
	}
	l.start(record(`{"type":6}`))
	for {
		rec, err := in.next(p.cfg.ClientTimeout)
		if err != nil {
			l.complain(err)
			return
		}
		if reason := p.receive(l, rec); reason != nil {
			if !errors.Is(reason, errClientClosed) {
				l.complain(reason)
				l.send(closeRecord(reason))
			}
			l.hangUp()
			for err == nil { // until the writer has said so and closed
				_, err = in.next(p.cfg.ClientTimeout)
			}
			return
		}
	}
}

func record(s string) []byte { return append([]byte(s), recordEnd) }

func closeRecord(err error) []byte {
	quoted, _ := json.Marshal("Connection closed with an error. " + err.Error()) // marshalling a string cannot fail
	return record(`{"type":7,"error":` + string(quoted) + `}`)
}

// records splits the input into records.
type records struct {
	socket hubSocket
	buf    []byte
}

func (r *records) next(limit time.Duration) ([]byte, error) {
	for {
		if i := bytes.IndexByte(r.buf, recordEnd); i >= 0 {
			rec := r.buf[:i]
			r.buf = r.buf[i+1:]
			return rec, nil
		}
		if len(r.buf) > maxFrame {
			return nil, fmt.Errorf("a record of more than %d bytes", maxFrame)
		}
		data, err := r.socket.read(limit)
		if err != nil {
			return nil, err
		}
		r.buf = append(r.buf, data...)
	}
}

func handshake(in *records) error {
	rec, err := in.next(handshakeLimit)
	if err != nil {
		return err
	}
	answer := func(s string) error { return in.socket.write(record(s), 0) }
	var h struct {
		Protocol string
		Version  int
	}
	switch {
	case json.Unmarshal(rec, &h) != nil:
		err = errors.New("the handshake is not JSON")
	case h.Protocol != "json":
		err = errors.New("the protocol is not json")
	case h.Version < 1 || h.Version > 2:
		err = errors.New("the version is not 1")
	default:
		return answer(`{}`)
	}
	quoted, _ := json.Marshal(err.Error()) // marshalling a string cannot fail
	_ = answer(`{"error":` + string(quoted) + `}`)
	return err
}

var errClientClosed = errors.New("closed by the client")

// receive handles one record from a client. An error ends the link.
func (p *PBX) receive(l *link, rec []byte) error {
	m, err := decodeJSON("record", rec)
	if err != nil {
		return err
	}
	if m.kind != kindTree {
		return errors.New("a record that is no object")
	}
	id := m.value("invocationId")
	switch m.value("type") {
	case "1", "4":
		args := m.get("arguments")
		target := m.value("target")
		if target == "" || args == nil || args.kind != kindList {
			return errors.New("an invocation without target or arguments")
		}
		r := &request{name: target, args: &element{}, invocation: id, quiet: id == ""}
		if m.value("type") == "4" {
			p.refuse(l, r, errors.New("the hub has no streams"))
			return nil
		}
		if len(args.kids) != 1 && p.knows(target) {
			p.refuse(l, r, errArguments)
			return nil
		}
		if len(args.kids) == 1 {
			r.args = args.kids[0]
		}
		p.serve(l, r)
	case "3":
		if id == "" {
			return errors.New("a completion without an invocationId")
		}
		outcome := "result"
		if e := m.get("error"); e != nil && e.kind != kindAbsent {
			outcome = "error"
		}
		p.mu.Lock()
		p.note("link %d completion %s %s", l.id, word(id), outcome)
		p.mu.Unlock()
	case "7":
		return errClientClosed
	case "":
		return errors.New("a record without a type")
	}
	return nil // types 2, 5, 6 and future ones mean nothing here
}

// jsonCodec writes records for the hub.
type jsonCodec struct{}

func (jsonCodec) event(e *element, invocation string, b *Behaviour) []byte {
	quoted, _ := json.Marshal(e.target()) // marshalling a string cannot fail
	if invocation != "" {
		invocation = `"invocationId":"` + invocation + `",`
	}
	return record(`{"type":1,` + invocation + `"target":` + string(quoted) + `,"arguments":[` + string(encodeJSON(e, b)) + `]}`)
}

func (jsonCodec) answer(r *request, e *element, b *Behaviour) []byte {
	return completion(r, "result", encodeJSON(e, b))
}

// errArguments is the error for an invocation with too few or too many arguments.
var errArguments = errors.New("the method takes one argument")

// refusal is the text that ASP.NET Core makes of a HubException, or a CSTAErrorCode as a result.
func (c jsonCodec) refusal(r *request, err error, b *Behaviour) []byte {
	var s *serviceError
	if b.JSONErrors == "result" {
		return c.answer(r, errorCode(err, r.requestID), b)
	}
	reason := err.Error()
	switch {
	case errors.Is(err, errUnknownService):
		reason = "Unknown hub method '" + r.name + "'"
	case errors.Is(err, errArguments):
		reason = "Failed to invoke '" + r.name + "' due to an error on the server."
	case errors.As(err, &s):
		reason = "An unexpected error occurred invoking '" + r.name + "' on the server. HubException: " + s.category + " " + s.value
	}
	quoted, _ := json.Marshal(reason) // marshalling a string cannot fail
	return completion(r, "error", quoted)
}

func (jsonCodec) malformed() []byte { return record(`{"type":1,"target":"Delivered","arguments":[{]}`) }

func completion(r *request, member string, value []byte) []byte {
	quoted, _ := json.Marshal(r.invocation) // marshalling a string cannot fail
	return record(`{"type":3,"invocationId":` + string(quoted) + `,"` + member + `":` + string(value) + `}`)
}
