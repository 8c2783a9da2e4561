package transport

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

// tcpConn is the ECMA-323 XML gateway: one UTF-8 document and one NUL each way. (vendor page client)
type tcpConn struct {
	socket  net.Conn
	log     *slog.Logger
	secret  wire.Scrubber
	declare bool // bind the vendorData prefix in the login
	path    csta.Path
	in      chan Inbound
	writing sync.Mutex
	done    chan struct{}
	ended   sync.Once
	reader  sync.WaitGroup
}

func dialTCP(ctx context.Context, opts *Options, u *url.URL) (Conn, error) {
	way, err := FindWay(ctx, u, opts)
	if err != nil {
		return nil, err
	}
	conn, err := way.reach(ctx, u.Scheme, opts)
	if err != nil {
		return nil, err
	}
	t := newTCP(conn, opts)
	t.path.Proxy = way.Proxy
	return t, nil
}

func newTCP(conn net.Conn, opts *Options) *tcpConn {
	t := &tcpConn{socket: conn, log: opts.Logger, secret: opts.Secret, declare: opts.DeclareVendorData, in: make(chan Inbound), done: make(chan struct{})}
	t.reader.Go(t.read)
	return t
}

// Path implements Conn.
func (t *tcpConn) Path() csta.Path { return t.path }

// Inbox implements Conn.
func (t *tcpConn) Inbox() <-chan Inbound { return t.in }

// Send writes one document. A write that does not finish within its limit breaks the link: the peer
// has stopped reading.
func (t *tcpConn) Send(ctx context.Context, r wire.Request) error {
	document := wire.EncodeXML(r.WithID())
	if r.Name() == "StartApplicationSession" {
		document = wire.LoginXML(r.Body, t.declare)
	}
	t.log.Debug("sent", "frame", t.secret.Frame(document))
	t.writing.Lock()
	defer t.writing.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := t.socket.SetWriteDeadline(time.Now().Add(WriteLimit)); err != nil {
		return err
	}
	_, err := t.socket.Write(append(document, 0))
	if err != nil {
		t.socket.Close() // half a document may have been sent: nothing can follow it
	}
	return err
}

// Close implements Conn.
func (t *tcpConn) Close() {
	t.ended.Do(func() { close(t.done) })
	t.socket.Close()
	t.reader.Wait()
}

func (t *tcpConn) read() {
	amiss := complaints{log: t.log}
	frames := wire.NewFrames(&sniffer{words: t.secret.Clean, r: t.socket}, 0, maxFrame)
	for {
		frame, err := frames.Next()
		if err != nil {
			t.deliver(Inbound{Err: said(t.secret, err)})
			return
		}
		t.log.Debug("received", "frame", t.secret.Frame(frame))
		root, err := wire.DecodeXML(frame)
		if err != nil {
			amiss.warn("an unreadable document was skipped", "err", err, "frame", t.secret.Frame(frame))
			continue
		}
		if !t.deliver(Inbound{Msg: wire.NewMessage(root)}) {
			return
		}
	}
}

func (t *tcpConn) deliver(in Inbound) bool {
	select {
	case t.in <- in:
		return true
	case <-t.done:
		return false
	}
}

// sniffer looks at the first byte that a peer sends: a CSTA gateway sends XML. Without this check, a web
// server, a mail server or a TLS port would look silent, since none of them sends a NUL.
type sniffer struct {
	words func(string) string // makes the peer's text safe to show
	r     io.Reader
	head  []byte // what has arrived, until the check is done
	seen  bool
}

func (s *sniffer) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if s.seen {
		return n, err
	}
	s.head = append(s.head, p[:n]...)
	first := bytes.TrimLeft(s.head, " \t\r\n\x00")
	if len(first) == 0 {
		s.head = nil
		return n, err
	}
	enough := 1
	switch first[0] {
	case '<', 0xfe, 0xff: // perhaps UTF-16
		enough = 2
	case 0xef: // perhaps a byte order mark
		enough = 4
	}
	if len(first) < enough {
		return n, err
	}
	s.seen, s.head = true, nil
	if wire.LooksUTF16(first) || len(first) > 1 && first[1] == 0 {
		return 0, fmt.Errorf("%w: it sends UTF-16, not UTF-8", csta.ErrProtocol)
	}
	if first = bytes.TrimPrefix(first, []byte("\ufeff")); first[0] != '<' {
		return 0, fmt.Errorf("%w: it begins with %q", csta.ErrProtocol, firstWords(s.words(string(first))))
	}
	return n, err
}

// firstWords shortens a text, after secrets have been removed from it.
func firstWords(text string) string {
	const most = 40
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most])
	}
	return text
}
