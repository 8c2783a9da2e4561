package transport

import (
	"bytes"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/internal/hubtest"
)

// A hub that waits for the result of a client method is told that there is none, as Microsoft's clients do;
// otherwise its worker would wait for ever. Events among these invocations are still handled.
func TestInvocationsOfTheServerAreCompleted(t *testing.T) {
	asked := map[string]string{
		"1":    `{"type":1,"invocationId":"1","target":"Delivered","arguments":[{"connection":{"callId":"c1","deviceId":"200"}}]}`,
		"two":  `{"type":1,"invocationId":"two","target":"Nonsense","arguments":[{}]}`,
		"3":    `{"type":1,"invocationId":"3","target":"","arguments":[]}`,
		`4"é\`: `{"type":1,"invocationId":"4\"é\\","target":"Delivered","arguments":[null]}`,
		"5":    `{"type":1,"invocationId":"5","target":"Delivered","arguments":{}}`,
	}
	got := make(chan string, len(asked)+1)
	_, server := hubtest.New(t, func(p *hubtest.Peer) {
		if !p.Shake() {
			return
		}
		for _, record := range asked {
			if p.Write(record) != nil {
				return
			}
		}
		for {
			s, ok := p.Read()
			if !ok {
				return
			}
			if s.Type != 6 {
				got <- s.ID() + " " + s.Raw
			}
		}
	})
	l := dialBare(t, server)
	ctx := within(t)
	go func() {
		for {
			select {
			case <-l.Inbox():
			case <-ctx.Done():
				return
			}
		}
	}()
	for range asked {
		select {
		case answer := <-got:
			id, raw, _ := strings.Cut(answer, " ")
			if asked[id] == "" || !strings.Contains(raw, `"type":3`) || !strings.Contains(raw, `"error":"Client didn't provide a result."`) {
				t.Errorf("the hub got %s", raw)
			}
			delete(asked, id)
		case <-ctx.Done():
			t.Fatalf("no completion of %v", asked)
		}
	}
}

// What cannot be read is said in the log at a bounded rate, with how much was left out.
func TestUnreadableIsLoggedAtABoundedRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		var log syncBuffer
		opts := optionsFor("tcp://pbx")
		opts.Logger = slog.New(slog.NewTextHandler(&log, nil))
		l := newTCP(near, opts)
		document := append(bytes.Repeat([]byte("<x>"), 200), 0)
		for range 60 {
			for range 50 {
				if _, err := far.Write(document); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Second)
		}
		l.Close()
		far.Close()
		text := log.String()
		if lines := strings.Count(text, "\n"); lines < 2 || lines > 30 || len(text) > 32<<10 {
			t.Errorf("3000 unreadable documents in a minute made %d lines, %d bytes", lines, len(text))
		}
		if !strings.Contains(text, "leftOut=") {
			t.Errorf("the log does not say how many were left out:\n%s", text)
		}
	})
}
