package cstasession

import (
	"bufio"
	"bytes"
	"calltray/cstasession/csta"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"time"
)

// transport is one link to a gateway. Messages come out in the order in which they were sent.
type transport interface {
	// send hands one request to the gateway. It may block until it is written, but no longer than ctx or
	// writeLimit; the answer comes through inbox.
	send(ctx context.Context, r request) error
	// inbox delivers what the gateway sends. The last item has err set, and says why the link ended.
	inbox() <-chan inbound
	// close ends the link and waits until its goroutines are gone. It may be called twice.
	close()
}

type inbound struct {
	msg message
	err error
}

// request is one CSTA service on its way out.
type request struct {
	id    string // the requestID that the answer repeats
	body  element
	reply bool // to a request of the switching function's: it goes out as it is, and has no answer
}

func (r request) name() string { return r.body.name }

// withID is the request's body with the vendor's privateData/requestID, which every request but the
// login carries as a child of its root: the last one.
func (r request) withID() element {
	if r.name() == "StartApplicationSession" || r.reply {
		return r.body
	}
	at := len(r.body.kids)
	if r.name() == "SetCallProfile" {
		at = 1 // there the vendor's page has it second
	}
	return node(r.name(), slices.Insert(slices.Clone(r.body.kids), at, node("privateData", leaf("requestID", r.id)))...)
}

const (
	maxFrame   = 4 << 20          // bytes of one document; a trunk's queue statistics may be large
	dialLimit  = 10 * time.Second // to connect, to shake hands, to negotiate: each
	writeLimit = 5 * time.Second  // for one write, not longer than doubtLimit: a peer that stopped reading is noticed by it
)

// connect dials the gateway that the URL's scheme names. The transport lives until it is closed or the
// link breaks; ctx bounds the dialling only.
func connect(ctx context.Context, cfg *Config) (transport, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", csta.ErrConfig, err)
	}
	switch u.Scheme {
	case "tcp", "tls":
		return dialTCP(ctx, cfg, u)
	default: // New has seen to the others
		return dialHub(ctx, cfg, u)
	}
}

// frames cuts a byte stream into frames that end with a delimiter. It works on bytes: a character may
// be split over two reads.
type frames struct {
	r     *bufio.Reader
	delim byte
	limit int
}

func newFrames(r io.Reader, delim byte, limit int) *frames {
	return &frames{r: bufio.NewReaderSize(r, 16<<10), delim: delim, limit: limit}
}

// next returns the next frame without its delimiter; empty frames and such of white space only are
// passed over. The error is io.EOF at a clean end, io.ErrUnexpectedEOF within a frame, and wraps
// ErrTooLarge for a frame over the limit, after which the stream cannot be used.
func (f *frames) next() ([]byte, error) {
	var frame []byte
	for {
		part, err := f.r.ReadSlice(f.delim)
		if len(frame)+len(part) > f.limit+1 {
			return nil, fmt.Errorf("%w: more than %d bytes without an end, the limit is %d", csta.ErrTooLarge, len(frame)+len(part)-1, f.limit)
		}
		frame = append(frame, part...)
		switch {
		case err == nil:
			if frame = bytes.TrimSpace(frame[:len(frame)-1]); len(frame) > 0 {
				return frame, nil
			}
			frame = nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(bytes.TrimSpace(frame)) > 0:
			return nil, io.ErrUnexpectedEOF
		default:
			return nil, err
		}
	}
}
