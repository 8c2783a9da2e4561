package transport

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"sync"

	"calltray/cstasession/csta"
)

// eventSource is a hubSocket over server-sent events, with posts for what we send.
type eventSource struct {
	*requests
	stream *eventStream
	body   io.Closer
	rest   unfinished
	once   sync.Once
}

// dialEventStream requests a stream of events from the hub that a ticket leads to.
func dialEventStream(ctx context.Context, w *web, t ticket) (hubSocket, error) {
	r := newRequests(w, t)
	answer, err := r.open(ctx, "text/event-stream")
	if err != nil {
		r.Close()
		return nil, err
	}
	if kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type")); kind != "text/event-stream" {
		answer.Body.Close()
		r.Close()
		return nil, &blocked{csta.TransportRefused, fmt.Errorf("%w: it does not send events", csta.ErrProtocol)}
	}
	return &eventSource{requests: r, stream: newEventStream(answer.Body), body: answer.Body}, nil
}

// Read returns the records of the next event that completes any.
func (s *eventSource) Read(context.Context) ([]byte, error) { // Close ends it
	for {
		event, err := s.stream.next()
		if err != nil {
			return nil, err
		}
		if records, err := s.rest.whole(event); len(records) > 0 || err != nil {
			return records, err
		}
	}
}

// Close ends the stream.
func (s *eventSource) Close() {
	s.once.Do(func() {
		s.requests.Close()
		s.body.Close()
	})
}

// eventStream reads server-sent events: the data of those of the type message. (HTML Standard §9.2.6)
type eventStream struct {
	r       *bufio.Reader
	afterCR bool // a line feed that follows belongs to it
	line    []byte
	begun   bool
}

func newEventStream(r io.Reader) *eventStream { return &eventStream{r: bufio.NewReader(r)} }

// next returns the data of the next event. An event cut off by the end of the stream does not count.
func (s *eventStream) next() ([]byte, error) {
	var data []byte
	kind, any := "", false
	for {
		line, err := s.readLine()
		if err != nil {
			return nil, err
		}
		if len(line) == 0 {
			if any && (kind == "" || kind == "message") {
				return data, nil
			}
			data, kind, any = nil, "", false
			continue
		}
		field, value, _ := bytes.Cut(line, []byte(":")) // a comment is a field with an empty name
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(field) {
		case "event":
			kind = string(value)
		case "data":
			if len(data)+len(value) > maxWebSocket {
				return nil, errEventTooLarge
			}
			if any {
				data = append(data, '\n')
			}
			data, any = append(data, value...), true
		}
	}
}

var errEventTooLarge = fmt.Errorf("%w: an event of more than %d bytes", csta.ErrTooLarge, maxWebSocket)

// readLine returns the next line, terminated by CR, LF or both. It does not wait for a byte after the
// terminator.
func (s *eventStream) readLine() ([]byte, error) {
	s.line = s.line[:0]
	for {
		if _, err := s.r.Peek(1); err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) { // of a chunked response
				err = io.EOF
			}
			return nil, err
		}
		there, _ := s.r.Peek(s.r.Buffered())
		if s.afterCR && there[0] == '\n' {
			s.afterCR = false
			_, _ = s.r.Discard(1)
			continue
		}
		end := bytes.IndexAny(there, "\r\n")
		ended := end >= 0
		if !ended {
			end = len(there)
		}
		if len(s.line)+end > maxWebSocket {
			return nil, errEventTooLarge
		}
		s.line = append(s.line, there[:end]...)
		s.afterCR = ended && there[end] == '\r'
		if !ended {
			_, _ = s.r.Discard(end)
			continue
		}
		_, _ = s.r.Discard(end + 1)
		line := s.line
		if !s.begun {
			line, s.begun = bytes.TrimPrefix(line, []byte("\ufeff")), true
		}
		return line, nil
	}
}
