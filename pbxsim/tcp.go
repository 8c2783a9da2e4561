package pbxsim

import (
	"bufio"
	"net"
	"time"
)

// writeLimit is how long a client may fail to read before its link is cut.
const writeLimit = time.Minute

// xmlCodec writes documents for the TCP gateway: UTF-8 and one NUL.
type xmlCodec struct{}

func (xmlCodec) event(e *element, _ string, b *Behaviour) []byte { return append(encodeXML(e, b), 0) }

func (c xmlCodec) answer(_ *request, e *element, b *Behaviour) []byte { return c.event(e, "", b) }

func (c xmlCodec) refusal(r *request, err error, b *Behaviour) []byte {
	id := r.requestID
	if b.NoRequestID {
		id = ""
	}
	return c.event(b.arrange(errorCode(err, id)), "", b)
}

func (xmlCodec) malformed() []byte {
	return []byte("<DeliveredEvent><monitorCrossRefID>u-1</DeliveredEvent>\x00")
}

// ServeTCP serves the TCP gateway's protocol on one connection, and returns when that has ended. It closes the
// connection. In a testing/synctest bubble, use it with net.Pipe: everything it starts blocks durably.
func (p *PBX) ServeTCP(conn net.Conn) { p.serveTCP(conn, "tcp", always) }

func (p *PBX) serveTCP(conn net.Conn, kind string, life int) {
	write := func(data []byte, chunk int) error {
		if err := conn.SetWriteDeadline(time.Now().Add(writeLimit)); err != nil {
			return err
		}
		for len(data) > 0 {
			n := len(data)
			if chunk > 0 {
				n = min(n, chunk)
			}
			if _, err := conn.Write(data[:n]); err != nil {
				return err
			}
			data = data[n:]
		}
		return nil
	}
	l := p.open(kind, conn.RemoteAddr().String(), life, xmlCodec{}, write, func() { _ = conn.Close() })
	if l == nil {
		_ = conn.Close()
		return
	}
	defer l.close()
	l.start(nil)
	in := bufio.NewReader(conn)
	for {
		doc, err := readFrame(in)
		if err != nil {
			l.complain(err)
			return
		}
		root, err := decodeXML(doc)
		if err != nil {
			l.complain(err)
			p.refuse(l, &request{}, err)
			continue
		}
		p.serve(l, &request{name: root.name, args: root})
	}
}
