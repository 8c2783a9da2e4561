package transport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"

	"calltray/cstasession/csta"
)

// hubSocket carries the records of one link to a hub and back. The link ends when it does.
type hubSocket interface {
	// Read waits for the next data from the hub: any number of whole records; zero records are a sign of life.
	// With errGap, which does not end the link, something may be missing after them. It is called by one
	// goroutine.
	Read(ctx context.Context) ([]byte, error)
	// Write sends one record, with its end.
	Write(ctx context.Context, record []byte) error
	// Close ends the link at once, including a blocked Read or Write. It may be called twice.
	Close()
}

// leaver is a hubSocket whose hub must be told that a link is over.
type leaver interface{ leave() }

// errGap is returned by a Read, along with what arrived, if something that the hub sent may have been lost.
var errGap = errors.New("something of what the hub sent may be lost")

// carrier is a way to carry records.
type carrier struct {
	transport csta.Transport
	dial      func(context.Context, *web, ticket) (hubSocket, error)
}

// carriers has the best one first. (aspnetcore src/SignalR/docs/specs/TransportProtocols.md)
var carriers = []carrier{
	{csta.WebSockets, dialWebSocket},
	{csta.ServerSentEvents, dialEventStream},
	{csta.LongPolling, dialLongPolling},
}

// blocked is why a transport did not get through although another might. Any other error of dialling or of the
// handshake is the hub's own, or comes from the path to it.
type blocked struct {
	obstacle csta.Obstacle
	err      error
}

// Error returns the cause's text.
func (b *blocked) Error() string { return b.err.Error() }

// Unwrap returns the cause.
func (b *blocked) Unwrap() error { return b.err }

// dialHub negotiates with a hub and performs the handshake, over the transport that worked before, or else over
// the best one that works. Each attempt has a negotiation of its own.
func dialHub(ctx context.Context, opts *Options, u *url.URL) (c Conn, err error) {
	private := *opts
	opts = &private
	defer func() { err = said(opts.Secret, err) }()
	w := newWeb(ctx, opts, u)
	known := opts.Memory.recall(u)
	path := csta.Path{Obstacle: known.path.Obstacle} // that of WebSockets, which may not be tried now
	blockedBy := func(c carrier, o csta.Obstacle) {
		if c.transport == csta.WebSockets {
			path.Obstacle = o
		}
	}
	var t ticket
	var first error
	for _, c := range candidates(known.path.Transport, opts.BetterThan) {
		if t.address == nil {
			t, err = w.negotiate(ctx)
			opts.Secret = opts.Secret.With(t.secrets...)
			if err != nil {
				return nil, err
			}
			opts.Secret = opts.Secret.WithQuery(t.address)
			if opts.Negotiated != nil {
				opts.Negotiated()
			}
		}
		if !t.offers(c.transport) {
			blockedBy(c, csta.TransportNotOffered)
			continue
		}
		h, err := c.connect(ctx, w, t)
		var failed *blocked
		switch {
		case err == nil:
			if path.Transport = c.transport; c.transport == csta.WebSockets {
				path.Obstacle = ""
			}
			opts.Memory.note(u, path)
			if way, err := w.way(ctx, &url.URL{Scheme: t.address.Scheme, Host: withPort(t.address)}); err == nil {
				path.Proxy = way.Proxy
			}
			h.path = path
			return h, nil
		case ctx.Err() != nil || !errors.As(err, &failed):
			return nil, err
		}
		opts.Logger.Info("a transport of the hub did not get through", "transport", c.transport, "err", said(opts.Secret, err))
		blockedBy(c, failed.obstacle)
		t = ticket{}
		if first == nil {
			first = err
		}
	}
	if path.Transport = opts.BetterThan; path.Transport != "" {
		opts.Memory.noBetter(u, path)
	}
	if first == nil {
		first = fmt.Errorf("%w: the hub offers no transport that is known here", csta.ErrProtocol)
	}
	return nil, first
}

// withPort returns the host and port of an address, as package http dials it.
func withPort(u *url.URL) string {
	return net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme]))
}

// candidates returns the carriers in the order in which to try them: the one known to work, then the others;
// or, with betterThan, only those that are better.
func candidates(known, betterThan csta.Transport) (list []carrier) {
	for i, c := range carriers {
		if c.transport == betterThan {
			return carriers[:i]
		}
	}
	for _, c := range carriers {
		if c.transport == known {
			list = append(list, c)
		}
	}
	for _, c := range carriers {
		if c.transport != known {
			list = append(list, c)
		}
	}
	return list
}

// connect sets up a link with a ticket from the hub.
func (c carrier) connect(ctx context.Context, w *web, t ticket) (*hubConn, error) {
	socket, err := c.dial(ctx, w, t)
	if err != nil {
		return nil, err
	}
	return newHub(ctx, socket, w.opts)
}
