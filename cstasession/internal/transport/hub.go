package transport

import (
	"context"
	"net/url"
)

// hubSocket carries the records of one link to a hub and back. Its end is the link's.
type hubSocket interface {
	// Read waits for what the hub sends next: any number of whole records. It is called by one goroutine.
	Read(ctx context.Context) ([]byte, error)
	// Write sends one record, with its end.
	Write(ctx context.Context, record []byte) error
	// Close ends the link at once, and with it a Read and a Write that wait. It may be called twice.
	Close()
}

// dialHub negotiates with a hub and shakes hands with it.
func dialHub(ctx context.Context, opts *Options, u *url.URL) (c Conn, err error) {
	private := *opts
	opts = &private
	defer func() { err = said(opts.Secret, err) }()
	w := newWeb(ctx, opts, u)
	ticket, err := w.negotiate(ctx)
	opts.Secret = opts.Secret.With(ticket.secrets...)
	if err != nil {
		return nil, err
	}
	opts.Secret = opts.Secret.WithQuery(ticket.address)
	socket, err := dialWebSocket(ctx, w, ticket)
	if err != nil {
		return nil, err
	}
	h, err := newHub(ctx, socket, opts)
	if err != nil {
		return nil, err
	}
	return h, nil
}
