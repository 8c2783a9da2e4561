package transport

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/hubtest"
	"calltray/cstasession/internal/wire"
)

// Row 1: the events of one WebSocket message come out in their order.
func TestEventsOfOneMessageStayInOrder(t *testing.T) {
	const calls = 500
	_, server := hubtest.New(t, func(p *hubtest.Peer) {
		if !p.Shake() {
			return
		}
		for n := range calls {
			call := fmt.Sprint("c", n)
			if p.Write(hubtest.Rings(call), hubtest.EventRecord("Established", "establishedConnection", "answeringDevice", call, "Active"),
				hubtest.EventRecord("ConnectionCleared", "droppedConnection", "releasingDevice", call, "Ended")) != nil {
				return
			}
		}
		p.Read()
	})
	l := dialBare(t, server)
	wrong := 0
	for n := range calls {
		for _, want := range []string{"DeliveredEvent", "EstablishedEvent", "ConnectionClearedEvent"} {
			in := receive(t, l)
			if in.Err != nil {
				t.Fatal(in.Err)
			}
			ev, _ := wire.ReadEvent(in.Msg)
			if in.Msg.Name != want || ev.Leg.CallID != fmt.Sprint("c", n) {
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
	_, server := hubtest.New(t, func(p *hubtest.Peer) {
		if !p.Shake() || p.Write(strange...) != nil {
			return
		}
		for range 3 {
			s, ok := p.Invocation()
			if !ok || p.Write(s.Result(`{"number":"`+s.RequestID()+`"}`)) != nil {
				break
			}
		}
		records <- p.Records()
		p.Read()
	})
	l := dialBare(t, server)
	for _, id := range []string{"1", "2", "3"} {
		var got wire.Message
		done := make(chan error, 1)
		go func() { done <- l.Send(within(t), wire.Request{ID: id, Body: wire.Node("Ask")}) }()
		for got.Name != "AskResponse" { // what the strange events are is not the point
			in := receive(t, l)
			if in.Err != nil {
				t.Fatalf("the link ended: %v", in.Err)
			}
			got = in.Msg
		}
		if got.RequestID != id || <-done != nil {
			t.Errorf("request %s got the answer to %q", id, got.RequestID)
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
	_, server := hubtest.New(t, func(p *hubtest.Peer) {
		if p.Shake() {
			p.Serve(func(s hubtest.Sent) string { return s.Result(`{"number":"` + s.RequestID() + `"}`) })
		}
	})
	l := dialBare(t, server)
	wrong := 0
	for n := range requests {
		id := fmt.Sprint(n)
		if m := ask(t, l, id, "Ask"); m.RequestID != id || m.Name != "AskResponse" || m.Body.Value("number") != id {
			wrong++
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d answers were empty or another's", wrong, requests)
	}
}

// Row 5: however many ask at once, no invocation id is used twice, and each gets the answer to its own
// request, in whatever order the hub answers.
func TestInvocationIDsAreUnique(t *testing.T) {
	const askers, each = 20, 10
	_, server := hubtest.New(t, func(p *hubtest.Peer) {
		if !p.Shake() {
			return
		}
		ids, answers := map[string]bool{}, []string{}
		for range askers * each {
			s, ok := p.Invocation()
			if !ok {
				return
			}
			if s.ID() == "" || ids[s.ID()] {
				t.Errorf("invocation id %q was used twice", s.ID())
			}
			ids[s.ID()] = true
			answers = append(answers, s.Result(`{"number":"`+s.RequestID()+`"}`))
		}
		slices.Reverse(answers)
		p.Write(answers...)
		p.Read()
	})
	l := dialBare(t, server)
	var group sync.WaitGroup
	for a := range askers {
		group.Go(func() {
			for n := range each {
				id := fmt.Sprintf("%d-%d", a, n)
				if err := l.Send(within(t), wire.Request{ID: id, Body: wire.Node("Ask")}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	for range askers * each {
		in := receive(t, l)
		if in.Err != nil {
			t.Fatal(in.Err)
		}
		if asked, got := in.Msg.RequestID, in.Msg.Body.Value("number"); asked != got {
			t.Errorf("request %s got the answer to %s", asked, got)
		}
	}
}

// A request that is abandoned at once is not confused with the next: each answer belongs to the request that
// the hub saw, and arrives late without harm.
func TestGivenUpRequestsKeepTheirNames(t *testing.T) {
	_, server := hubtest.New(t, func(p *hubtest.Peer) {
		if p.Shake() {
			p.Serve(func(s hubtest.Sent) string { return s.Result(`{"number":"` + s.RequestID() + `"}`) })
		}
	})
	l := dialBare(t, server)
	wrong := 0
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	for n := range 300 {
		id := fmt.Sprint("late", n)
		_ = l.Send(gone, wire.Request{ID: id, Body: wire.Node("Ask")})
		want := fmt.Sprint("asked", n)
		done := make(chan error, 1)
		go func() { done <- l.Send(within(t), wire.Request{ID: want, Body: wire.Node("Ask")}) }()
		for {
			in := receive(t, l)
			if in.Err != nil {
				t.Fatal(in.Err)
			}
			if in.Msg.RequestID != in.Msg.Body.Value("number") {
				wrong++
			}
			if in.Msg.RequestID == want {
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
	_, server := hubtest.New(t, func(p *hubtest.Peer) {
		p.Read()
		p.Write(`{}`, hubtest.Rings("c1"), `{"type":6}`, hubtest.Rings("c2"))
		p.Serve(hubtest.Switching)
	})
	l := dialBare(t, server)
	for _, want := range []string{"c1", "c2"} {
		in := receive(t, l)
		if in.Err != nil {
			t.Fatal(in.Err)
		}
		if ev, _ := wire.ReadEvent(in.Msg); ev.Leg.CallID != want {
			t.Errorf("got call %q, want %q", ev.Leg.CallID, want)
		}
	}
	if m := ask(t, l, "1", "MonitorStart"); m.Name != "MonitorStartResponse" {
		t.Errorf("got %s, want an answer", m.Name)
	}
}

// Row 11: one WebSocket message may be large, and hold many records; one record may not be too large.
func TestLargeMessages(t *testing.T) {
	many := func(bytes int) (records []string) {
		for size := 0; size < bytes; size += len(records[len(records)-1]) + 1 {
			records = append(records, hubtest.Rings(fmt.Sprint("c", len(records))))
		}
		return records
	}
	for _, test := range []struct {
		name    string
		records []string
		err     string // of the link; "" when all arrives
	}{
		{"40 KiB of events", many(40 << 10), ""},
		{"1 MiB of events", many(1 << 20), ""},
		{"a record of 4 MiB", []string{hubtest.Rings(strings.Repeat("c", 4<<20-500))}, ""},
		{"a larger record", []string{hubtest.Rings(strings.Repeat("c", 5<<20))}, "bytes, the limit is 4194304"},
		{"a larger message", []string{strings.Repeat(" ", maxWebSocket)}, "more than 16777216 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, server := hubtest.New(t, func(p *hubtest.Peer) {
				if p.Shake() && p.Write(test.records...) == nil {
					p.Read()
				}
			})
			l := dialBare(t, server)
			if test.err != "" {
				in := receive(t, l)
				if in.Err == nil || !strings.Contains(in.Err.Error(), test.err) || !strings.Contains(in.Err.Error(), csta.ErrTooLarge.Error()) {
					t.Errorf("got %v, want an error that says %q", in.Err, test.err)
				}
				return
			}
			for n := range test.records {
				in := receive(t, l)
				if in.Err != nil {
					t.Fatalf("record %d of %d: %v", n, len(test.records), in.Err)
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
			_, server := hubtest.New(t, func(p *hubtest.Peer) {
				if p.Shake() {
					p.Serve(func(s hubtest.Sent) string { return fmt.Sprintf(test.completion, s.ID()) })
				}
			})
			m := ask(t, dialBare(t, server), "1", "Ask")
			content := m.Body.Value("sessionID")
			if f := m.Failure("Ask"); f != nil {
				content = f.Value
			}
			if got := m.Name + " " + content; got != test.want || m.RequestID != "1" {
				t.Errorf("got %q for %q, want %q", got, m.RequestID, test.want)
			}
		})
	}
}
