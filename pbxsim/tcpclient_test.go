package pbxsim

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// tcpClient speaks XML.
type tcpClient struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
	read func(doc string) // sees every document, if not nil
}

func newTCPClient(t testing.TB, conn net.Conn) *tcpClient {
	c := &tcpClient{t: t, conn: conn, in: bufio.NewReader(conn)}
	t.Cleanup(c.close)
	return c
}

func dialTCP(t testing.TB, url string) *tcpClient {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "tcp://"))
	if err != nil {
		t.Fatal(err)
	}
	return newTCPClient(t, conn)
}

func (c *tcpClient) close() { _ = c.conn.Close() }

func (c *tcpClient) request(name string, args ...string) {
	c.t.Helper()
	c.write(xmlRequest(name, args) + "\x00")
}

func (c *tcpClient) write(s string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, s); err != nil {
		c.t.Fatal(err)
	}
}

// frame returns the next document, or the error that ended the link.
func (c *tcpClient) frame() (string, error) {
	if err := c.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return "", err
	}
	s, err := c.in.ReadString(0)
	return strings.TrimSuffix(s, "\x00"), err
}

func (c *tcpClient) next() message {
	c.t.Helper()
	s, err := c.frame()
	if err != nil {
		c.t.Fatalf("next document: %v (so far %q)", err, s)
	}
	if c.read != nil {
		c.read(s)
	}
	return parseXML(c.t, s)
}

// xmlRequest writes a request from "a.b=text" arguments, siblings with a common parent together.
func xmlRequest(name string, args []string) string {
	var b strings.Builder
	var open []string
	fmt.Fprintf(&b, "<%s>", name)
	for _, a := range args {
		path, value, _ := strings.Cut(a, "=")
		names := strings.Split(path, ".")
		parents, leaf := names[:len(names)-1], names[len(names)-1]
		common := 0
		for common < len(open) && common < len(parents) && open[common] == parents[common] {
			common++
		}
		for len(open) > common {
			fmt.Fprintf(&b, "</%s>", open[len(open)-1])
			open = open[:len(open)-1]
		}
		for _, p := range parents[common:] {
			fmt.Fprintf(&b, "<%s>", p)
			open = append(open, p)
		}
		fmt.Fprintf(&b, "<%s>", leaf)
		_ = xml.EscapeText(&b, []byte(value))
		fmt.Fprintf(&b, "</%s>", leaf)
	}
	for i := len(open) - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "</%s>", open[i])
	}
	fmt.Fprintf(&b, "</%s>", name)
	return b.String()
}

func parseXML(t testing.TB, doc string) message {
	t.Helper()
	m := message{leaf: make(map[string]string), raw: doc}
	d := xml.NewDecoder(strings.NewReader(doc))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	var path []string
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return m
		}
		if err != nil {
			t.Fatalf("unreadable document %q: %v", doc, err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if m.root == "" {
				m.root = strings.TrimSuffix(tok.Name.Local, "Event")
			} else {
				path = append(path, strings.ToLower(tok.Name.Local))
			}
		case xml.EndElement:
			if len(path) > 0 {
				path = path[:len(path)-1]
			}
		case xml.CharData:
			if len(path) > 0 {
				m.leaf[strings.Join(path, ".")] += string(tok)
			}
		}
	}
}
