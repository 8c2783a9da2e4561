package cstasession

import (
	"bytes"
	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// seed adds every fixture of the folders.
func seed(f *testing.F, add func([]byte), folders ...string) {
	f.Helper()
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join("testdata", "wire", folder, "*"))
		if err != nil || len(files) == 0 {
			f.Fatal("no fixtures in", folder)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			add(b)
		}
	}
}

// FuzzFrames: however a stream is cut into reads, the same frames come out; none is over the limit, and
// none is empty.
func FuzzFrames(f *testing.F) {
	f.Add([]byte("<a/>\x00<b/>\x00"), 1)
	f.Add([]byte("\x00 \x00<a>æøå</a>\x00\r\n"), 3)
	f.Add(bytes.Repeat([]byte("x"), 100), 7)
	f.Fuzz(func(t *testing.T, stream []byte, size int) {
		const limit = 64
		whole, why := cut(bytes.NewReader(stream), limit)
		for _, frame := range whole {
			if len(frame) == 0 || len(frame) > limit || strings.ContainsRune(frame, 0) {
				t.Errorf("frame %q", frame)
			}
		}
		pieces, whyPieces := cut(&smallReads{stream, min(max(size, 1), 1<<12)}, limit)
		if !slices.Equal(whole, pieces) || errors.Is(why, csta.ErrTooLarge) != errors.Is(whyPieces, csta.ErrTooLarge) || errors.Is(why, io.EOF) != errors.Is(whyPieces, io.EOF) {
			t.Errorf("at once %q %v, in pieces %q %v", whole, why, pieces, whyPieces)
		}
	})
}

// smallReads gives a stream away in reads of one size.
type smallReads struct {
	rest []byte
	size int
}

func (s *smallReads) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.rest[:min(s.size, len(s.rest))])
	s.rest = s.rest[n:]
	return n, nil
}

// use does with a message what the session would, and checks what holds of whatever is read.
func use(t *testing.T, m wire.Message) {
	if strings.HasSuffix(strings.ToLower(m.Name), "event") && m.IsEvent() {
		ev, known := wire.ReadEvent(m)
		if known {
			table := newCallTable("310", &belief{})
			if c, changed := table.apply(ev, time.Unix(1, 0)); changed && c.ID.CallID == "" && c.Linkage == "" {
				t.Errorf("a call without a name: %+v", c)
			}
		}
		for _, text := range []string{ev.Remote.Name, string(ev.Cause), ev.Linkage, ev.Leg.CallID, string(ev.Leg.DeviceID), ev.Remote.Number} {
			fit(t, text)
		}
	}
	if e := m.Failure("MakeCall"); e != nil {
		fit(t, wire.Scrubber{}.Clean(e.Value)) // as link.judge makes it
	}
	newCallTable("310", &belief{true, true, true, true}).reconcile(wire.ReadSnapshot(m), time.Unix(1, 0))
}

// fit reports text that no person and no log should get.
func fit(t *testing.T, s string) {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > 512 || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
	}) {
		t.Errorf("unfit text %q", s)
	}
}

func depth(e wire.Element) int {
	most := 0
	for _, kid := range e.Children {
		most = max(most, depth(kid))
	}
	return most + 1
}

// FuzzXML: what decodes is bounded, and encodes to a document that decodes to the same.
func FuzzXML(f *testing.F) {
	seed(f, func(b []byte) { f.Add(b) }, "xml", "bad")
	f.Fuzz(func(t *testing.T, doc []byte) {
		root, err := wire.DecodeXML(doc)
		if err != nil {
			return
		}
		if d := depth(root); d > wire.MaxDepth {
			t.Errorf("%d levels", d)
		}
		use(t, wire.NewMessage(root))
		if !encodable(root) {
			return
		}
		again, err := wire.DecodeXML(wire.EncodeXML(root))
		if want, got := plain(bare(root)), plain(again); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v %v\nwant %+v\nencoded %q", got, err, want, wire.EncodeXML(root))
		}
	})
}

// encodable reports whether all names are such as we would write: a prefix that is dropped may leave
// something that is no name.
func encodable(e wire.Element) bool {
	if r, _ := utf8.DecodeRuneInString(e.Name); !unicode.IsLetter(r) && r != '_' {
		return false
	}
	return !slices.ContainsFunc(e.Children, func(kid wire.Element) bool { return !encodable(kid) })
}

// bare is an element without what stands beside its children, which no message of ours has.
func bare(e wire.Element) wire.Element {
	b := wire.Element{Name: e.Name, Text: e.Text}
	for _, kid := range e.Children {
		b.Children, b.Text = append(b.Children, bare(kid)), ""
	}
	return b
}

// FuzzJSON is the same for JSON. What has a name twice is a list, and not encoded by us.
func FuzzJSON(f *testing.F) {
	seed(f, func(b []byte) { f.Add(b) }, "json", "bad")
	f.Fuzz(func(t *testing.T, value []byte) {
		root, err := wire.DecodeJSON("DeliveredEvent", value)
		if err != nil {
			return
		}
		if d := depth(root); d > wire.MaxDepth+2 {
			t.Errorf("%d levels", d)
		}
		use(t, wire.NewMessage(root))
		if !unique(root) {
			return
		}
		raw, err := json.Marshal(wire.JsonObject(root))
		if err != nil {
			t.Fatalf("%v of %+v", err, root)
		}
		again, err := wire.DecodeJSON("DeliveredEvent", raw)
		if want, got := sorted(plain(root)), sorted(plain(again)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v %v\nwant %+v\nencoded %s", got, err, want, raw)
		}
	})
}

func unique(e wire.Element) bool {
	seen := map[string]bool{}
	for _, kid := range e.Children {
		if key := strings.ToLower(wire.JSONKey(kid.Name)); seen[key] || !unique(kid) || strings.Contains(key, ":") {
			return false
		} else {
			seen[key] = true
		}
	}
	return true
}

func sorted(e wire.Element) wire.Element {
	for i := range e.Children {
		e.Children[i] = sorted(e.Children[i])
	}
	slices.SortFunc(e.Children, func(a, b wire.Element) int { return strings.Compare(a.Name, b.Name) })
	return e
}

// FuzzHubRecord: whatever record a hub sends, the link hands on at most one message for it, gives the
// signalr package none that it would die of, and ends only for a reason.
func FuzzHubRecord(f *testing.F) {
	for _, record := range []string{
		`{}`, `{"type":6}`, `{"type":7}`, `{"type":7,"error":"bye","allowReconnect":true}`, `{"type":1,"target":"Delivered","arguments":[{"connection":{"callId":"1"}}]}`,
		`{"type":1,"target":"","arguments":[null]}`, `{"type":3,"invocationId":"1","result":{"errorCode":{"definedError":"x"}}}`, `{"type":3,"invocationId":"1","error":"no"}`,
		`{"type":3,"invocationId":"2","result":1}`, `{"type":3}`, `{"type":"1"}`, `{"type":2,"item":{}}`, `[]`, `null`, `{"error":"refused"}`, `{"type":9,"sequenceId":1}`,
	} {
		f.Add([]byte(record), true)
		f.Add([]byte(record), false)
	}
	f.Fuzz(func(t *testing.T, record []byte, shaken bool) {
		h := &hubConn{log: slog.New(slog.DiscardHandler), in: make(chan inbound, 8), forLib: make(chan []byte, 8), closed: make(chan struct{}),
			ctx: t.Context(), pending: map[string]wire.Request{"1": {ID: "1-a", Body: wire.Element{Name: "MakeCall"}}}}
		var fed time.Time
		if shaken {
			fed = time.Now().Add(-time.Hour)
		}
		err := h.dispatch(record, &fed)
		if len(h.in) > 1 || len(h.forLib) > 1 {
			t.Fatalf("%d messages and %d records for the package", len(h.in), len(h.forLib))
		}
		if err == nil && len(h.in) == 1 {
			use(t, (<-h.in).msg)
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

// FuzzNegotiate: an answer to the negotiation leads to an address with a token, never away from TLS, or
// it is an error; and it is asked for a bounded number of times.
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
		target, _, err := negotiate(context.Background(), &http.Client{Transport: server}, u, func(s string) string { return s })
		if server.asked > maxRedirects+1 {
			t.Errorf("asked %d times", server.asked)
		}
		switch {
		case err != nil && target != nil:
			t.Error("an error and an address")
		case err == nil && (target.Scheme != "https" || target.Host == "" || target.Query().Get("id") == ""):
			t.Errorf("it leads to %q", target)
		}
	})
}

// FuzzFold: whatever sequence of events comes, the calls stay few, distinct and consistent.
func FuzzFold(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 0, 0, 2, 0, 0})
	f.Add([]byte("a sequence of events, three bytes each"))
	names := []string{"Delivered", "Established", "ConnectionCleared", "Held", "Retrieved", "Diverted", "Transfered", "Failed", "Originated", "ServiceInitiated", "NetworkReached"}
	legs := []csta.ConnectionID{{CallID: "A", DeviceID: "200"}, {CallID: "B", DeviceID: dun}, {CallID: "A", DeviceID: dun}, {CallID: "C", DeviceID: "200"}, {CallID: "A-att", DeviceID: "200"}, {CallID: "", DeviceID: "200"}, {CallID: "C", DeviceID: ""}, {CallID: "D", DeviceID: "201"}}
	infos := []string{"", "null", "alerting", "connected", "hold", "fail", "initiated", "queued"}
	states := []string{"", "alerting", "ringing", "active", "held", "idle", "active_attendedtransfer", "?"}
	f.Fuzz(func(t *testing.T, script []byte) {
		table, now := newCallTable("200", &belief{}), time.Unix(1e9, 0)
		for ; len(script) >= 3; script = script[3:] {
			a, b, c := script[0], script[1], script[2]
			ev := wire.Event{Name: names[int(a)%len(names)], Leg: legs[b%8], Info: infos[b>>3%8], Status: states[c%8],
				Linkage: []string{"L", "M", "", "L"}[c>>3%4], Subject: []csta.DeviceID{"200", dun, "201", ""}[c>>5%4], Direction: []string{"", "inbound", "outbound"}[a>>4%3]}
			if a>>6 == 3 {
				ev.Secondary, ev.NewCallID = csta.ConnectionID{CallID: "C", DeviceID: "200"}, "E"
			}
			now = now.Add(time.Duration(a) * 10 * time.Millisecond)
			table.apply(ev, now)
			for _, call := range table.calls() {
				if (call.Phase == csta.Ended) != (call.Outcome != csta.NotEnded) {
					t.Fatalf("after %+v: %+v", ev, call)
				}
				if call.Phase == csta.Active && call.Answered.IsZero() || call.Since.Before(call.Began) {
					t.Fatalf("times of %+v", call)
				}
			}
			if table.take(); len(table.entries) > len(legs)+2 {
				t.Fatalf("%d calls", len(table.entries))
			}
		}
	})
}
