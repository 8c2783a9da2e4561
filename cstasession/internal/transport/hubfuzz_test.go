package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"testing"
	"time"

	"calltray/cstasession/internal/wire"
)

// sentRecords is a socket that a hub sends nothing over. It takes completions of the hub's invocations alone.
type sentRecords struct {
	t           *testing.T
	completions int
}

func (s *sentRecords) Read(ctx context.Context) ([]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (s *sentRecords) Write(_ context.Context, sent []byte) error {
	s.completions++
	var r hubRecord
	if err := json.Unmarshal(bytes.TrimSuffix(sent, []byte{recordEnd}), &r); err != nil || r.Type != 3 || r.InvocationID == "" || r.Error == "" {
		s.t.Errorf("the hub was sent %q", sent)
	}
	return nil
}

func (s *sentRecords) Close() {}

// FuzzHubRecord: whatever record a hub sends, the link hands on at most one message for it, gives the
// signalr package none that it would die of, and ends only for a reason.
func FuzzHubRecord(f *testing.F) {
	for _, record := range []string{
		`{}`, `{"type":6}`, `{"type":7}`, `{"type":7,"error":"bye","allowReconnect":true}`, `{"type":1,"target":"Delivered","arguments":[{"connection":{"callId":"1"}}]}`,
		`{"type":1,"target":"","arguments":[null]}`, `{"type":1,"target":"HeldEvent","arguments":[{"a":1},{"b":2}]}`, `{"type":1,"target":"Held","invocationId":"1","arguments":[{}]}`, `{"type":1,"target":"Held","arguments":[{}],"arguments":[{}]}`, `{"type":3,"invocationId":"1","result":{"errorCode":{"definedError":"x"}}}`, `{"type":3,"invocationId":"1","error":"no"}`,
		`{"type":3,"invocationId":"2","result":1}`, `{"type":3}`, `{"type":"1"}`, `{"type":1,"invocationId":"7","target":"Delivered","arguments":[{}]}`, `{"type":1,"invocationId":"7","target":1}`, `{"type":2,"item":{}}`, `[]`, `null`, `{"error":"refused"}`, `{"type":9,"sequenceId":1}`,
	} {
		f.Add([]byte(record), true)
		f.Add([]byte(record), false)
	}
	f.Fuzz(func(t *testing.T, record []byte, shaken bool) {
		sent := &sentRecords{t: t}
		h := &hubConn{socket: sent, log: slog.New(slog.DiscardHandler), amiss: complaints{log: slog.New(slog.DiscardHandler)}, in: make(chan Inbound, 8), forLib: make(chan []byte, 8), closed: make(chan struct{}),
			ctx: t.Context(), pending: map[string]wire.Request{"1": {ID: "1-a", Body: wire.Element{Name: "MakeCall"}}}}
		var fed time.Time
		if shaken {
			fed = time.Now().Add(-time.Hour)
		}
		if got, plain := wire.PlainEvent(record); plain {
			var r hubRecord
			err := json.Unmarshal(record, &r)
			if err != nil || r.Type != 1 || r.InvocationID != "" || len(r.Arguments) != 1 {
				t.Fatalf("taken for an event: %q %+v %v", record, r, err)
			}
			if want, err := wire.HubEvent(r.Target, r.Arguments[0]); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v %v", got, want, err)
			}
		}
		err := h.dispatch(record, &fed)
		if len(h.in) > 1 || len(h.forLib) > 1 || sent.completions > 1 {
			t.Fatalf("%d messages, %d records for the package, %d completions", len(h.in), len(h.forLib), sent.completions)
		}
		if err == nil && len(h.in) == 1 {
			(<-h.in).Msg.IsEvent()
		}
		if len(h.forLib) == 1 && shaken {
			var told struct {
				Type         int
				InvocationID string
			}
			raw := <-h.forLib
			if err := json.Unmarshal(bytes.TrimSuffix(raw, []byte{recordEnd}), &told); err != nil || told.Type != 6 && (told.Type != 3 || told.InvocationID != "1") {
				t.Errorf("the package was given %q", raw)
			}
		}
	})
}

// answering is a web server that says one thing to every request.
type answering struct {
	body  []byte
	asked int
}

func (a *answering) RoundTrip(r *http.Request) (*http.Response, error) {
	a.asked++
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(a.body)), Request: r, Header: http.Header{}}, nil
}

// FuzzNegotiate: an answer to the negotiation leads to an address with a token, never away from TLS
// or to another host, or it is an error; and it is asked for a bounded number of times.
func FuzzNegotiate(f *testing.F) {
	for _, body := range []string{
		`{"connectionToken":"a","connectionId":"b"}`, `{"connectionId":"b"}`, `{"error":"no"}`, `{"url":"https://other.example/csta","accessToken":"t"}`,
		`{"url":"http://other.example/csta"}`, `{"url":"//x"}`, `{"url":"/relative"}`, `{"url":"javascript:x"}`, `{}`, `[]`, ``, `<html>`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		server := &answering{body: body}
		u, _ := url.Parse("https://gateway.example/csta")
		w := newWeb(context.Background(), optionsFor(u.String()), u)
		w.client.Transport = server
		ticket, err := w.negotiate(context.Background())
		target := ticket.address
		if server.asked > maxRedirects+1 {
			t.Errorf("asked %d times", server.asked)
		}
		switch {
		case err != nil && target != nil:
			t.Error("an error and an address")
		case err == nil && (target.Scheme != "https" || target.Hostname() != "gateway.example" || target.Query().Get("id") == ""):
			t.Errorf("it leads to %q", target)
		}
	})
}
