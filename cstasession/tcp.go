package cstasession

import (
	"bytes"
	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"time"
)

// tcpConn is the ECMA-323 XML gateway: one UTF-8 document and one NUL each way. (vendor page client)
type tcpConn struct {
	conn    net.Conn
	log     *slog.Logger
	secret  wire.Scrubber
	declare bool // bind the vendorData prefix in the login
	in      chan inbound
	writing sync.Mutex
	done    chan struct{}
	ended   sync.Once
	reader  sync.WaitGroup
}

func dialTCP(ctx context.Context, opts *options, u *url.URL) (conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialLimit)
	defer cancel()
	conn, err := dialRaw(ctx, opts, u)
	if err != nil {
		return nil, err
	}
	if u.Scheme == "tls" {
		secured := tlsConfig(opts)
		secured.ServerName = u.Hostname()
		client := tls.Client(conn, secured)
		if err := client.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, notTLS(err)
		}
		conn = client
	}
	return newTCP(conn, opts), nil
}

func newTCP(conn net.Conn, opts *options) *tcpConn {
	t := &tcpConn{conn: conn, log: opts.Logger, secret: opts.Secret, declare: opts.DeclareVendorData, in: make(chan inbound), done: make(chan struct{})}
	t.reader.Go(t.read)
	return t
}

func (t *tcpConn) inbox() <-chan inbound { return t.in }

// send writes one document. A write that does not finish within its limit breaks the link: the peer
// has stopped reading.
func (t *tcpConn) send(ctx context.Context, r wire.Request) error {
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
	if err := t.conn.SetWriteDeadline(time.Now().Add(writeLimit)); err != nil {
		return err
	}
	_, err := t.conn.Write(append(document, 0))
	if err != nil {
		t.conn.Close() // half a document may be out: nothing can follow it
	}
	return err
}

func (t *tcpConn) close() {
	t.ended.Do(func() { close(t.done) })
	t.conn.Close()
	t.reader.Wait()
}

func (t *tcpConn) read() {
	frames := wire.NewFrames(&sniffer{words: t.secret.Clean, r: t.conn}, 0, maxFrame)
	for {
		frame, err := frames.Next()
		if err != nil {
			t.deliver(inbound{err: err})
			return
		}
		t.log.Debug("received", "frame", t.secret.Frame(frame))
		root, err := wire.DecodeXML(frame)
		if err != nil {
			t.log.Warn("an unreadable document was skipped", "err", err, "frame", t.secret.Frame(frame))
			continue
		}
		if !t.deliver(inbound{msg: wire.NewMessage(root)}) {
			return
		}
	}
}

func (t *tcpConn) deliver(in inbound) bool {
	select {
	case t.in <- in:
		return true
	case <-t.done:
		return false
	}
}

// sniffer looks at the first byte that a peer sends: a CSTA gateway sends XML. A web server, a mail
// server or a TLS port would otherwise be silence, since none of them sends a NUL.
type sniffer struct {
	words func(string) string // makes the peer's text fit to show
	r     io.Reader
	head  []byte // what came so far, until it is judged
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

// firstWords cuts a text short, after whatever had to be taken out of it.
func firstWords(text string) string {
	const most = 40
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most])
	}
	return text
}
