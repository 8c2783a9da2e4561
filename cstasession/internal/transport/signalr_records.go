package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

// recordEnd ends every record of a hub.
const recordEnd = 0x1e

// hubRecord is the envelope of every record; a handshake's answer has only the error.
type hubRecord struct {
	Type         int               `json:"type"`
	Target       string            `json:"target"`
	InvocationID string            `json:"invocationId"`
	Arguments    []json.RawMessage `json:"arguments"`
	Result       json.RawMessage   `json:"result"`
	Error        string            `json:"error"`
}

// read splits the socket's messages and passes each record to its recipient.
func (h *hubConn) read() {
	err := h.readAll()
	if cause := context.Cause(h.ctx); cause != nil {
		err = cause // the cause, rather than how it looks to a reader
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
	var fed time.Time // when the signalr package last heard from the server; zero before the handshake's answer
	for {
		data, err := h.socket.Read(h.ctx)
		gap := err == errGap
		switch {
		case err != nil && !gap:
			return err
		case len(data) == 0 && !gap && !fed.IsZero() && time.Since(fed) >= time.Second: // a poll that brought nothing
			fed = time.Now()
			if err := h.feed([]byte(ping)); err != nil {
				return err
			}
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
		if gap && !fed.IsZero() {
			h.deliver(Inbound{Gap: true})
		}
	}
}

// ping is a sign of life of the server, for the signalr package.
const ping = `{"type":6}`

// dispatch passes on an event or an answer, and tells the signalr package what it needs to know.
func (h *hubConn) dispatch(record []byte, fed *time.Time) error {
	if m, plain := wire.PlainEvent(record); plain {
		h.deliver(Inbound{Msg: m})
		return h.alive(fed)
	}
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
		return h.alive(fed)
	case 3:
		asked, known := h.settle(r.InvocationID)
		if !known {
			h.amiss.warn("an answer to no request was skipped", "invocationId", h.secret.Clean(r.InvocationID))
			return nil
		}
		h.deliver(Inbound{Msg: wire.HubAnswer(asked, r.Result, h.secret.Scrub(r.Error))})
		// Without a result: the signalr package passes one on in goroutines of its own, one of which panics or
		// leaks if the link ends meanwhile.
		record = []byte(`{"type":3,"invocationId":` + jsonString(r.InvocationID) + `}`)
	case 7:
		return farewell(h.secret, r.Error)
	case 6:
		record = []byte(ping)
	default:
		h.log.Debug("a record of an unused type was skipped", "type", r.Type)
		return nil
	}
	*fed = time.Now()
	return h.feed(record)
}

// alive gives the signalr package a sign of life once a second: it must not consider a server that sends only
// events to be silent.
func (h *hubConn) alive(fed *time.Time) error {
	if time.Since(*fed) < time.Second {
		return nil
	}
	*fed = time.Now()
	return h.feed([]byte(ping))
}

// complete answers an invocation from the server that expects a result, which no method here has, with the
// message of Microsoft's clients. Events have no id and no completion.
func (h *hubConn) complete(invocationID string) error {
	if invocationID == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(h.ctx, WriteLimit)
	defer cancel()
	return h.write(ctx, []byte(`{"type":3,"invocationId":`+jsonString(invocationID)+`,"error":"Client didn't provide a result."}`+string(rune(recordEnd))))
}

// handshake handles the first record from a hub.
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

// feed passes one record to the signalr package.
func (h *hubConn) feed(record []byte) error {
	select {
	case h.forLib <- append(bytes.Clone(record), recordEnd):
		return nil
	case <-h.ctx.Done():
		return context.Cause(h.ctx)
	}
}

func jsonString(s string) string {
	b, _ := json.Marshal(s) // marshalling a string does not fail
	return string(b)
}

// event passes on an event from the server.
func (h *hubConn) event(r hubRecord) {
	if r.Target == "" || len(r.Arguments) == 0 {
		h.amiss.warn("an event without name or content was skipped", "target", h.secret.Clean(r.Target))
		return
	}
	m, err := wire.HubEvent(r.Target, r.Arguments[0])
	if err != nil {
		h.amiss.warn("an unreadable event was skipped", "target", h.secret.Clean(r.Target), "err", err)
		return
	}
	h.deliver(Inbound{Msg: m})
}

// settle removes a pending invocation and returns its request.
func (h *hubConn) settle(invocationID string) (wire.Request, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	asked, known := h.pending[invocationID]
	delete(h.pending, invocationID)
	return asked, known
}

// farewell is the error for a link that the server closed properly.
func farewell(secret wire.Scrubber, words string) error {
	if words == "" {
		return io.EOF
	}
	return fmt.Errorf("the server closed the connection: %s", secret.Clean(words))
}
