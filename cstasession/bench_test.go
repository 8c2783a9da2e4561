package cstasession

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/fixture"
	"calltray/cstasession/internal/wire"
)

// What a message costs: to read, from the wire to OnChange, and there and back. The last two stand
// beside the same bytes over the same kind of socket with nothing of ours in between: ratio-p50 is how
// many times longer ours takes.

func BenchmarkDecode(b *testing.B) {
	doc := fixture.Read(b, "xml/DeliveredEvent.incoming.xml")
	b.Run("XML", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(doc)))
		for b.Loop() {
			root, err := wire.DecodeXML(doc)
			if err != nil {
				b.Fatal(err)
			}
			if ev, known := wire.ReadEvent(wire.NewMessage(root)); !known || ev.Leg != fixLeg {
				b.Fatal(ev)
			}
		}
	})
	value := fixture.Read(b, "json/DeliveredEvent.incoming.json")
	b.Run("JSON", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(value)))
		for b.Loop() {
			root, err := wire.DecodeJSON("DeliveredEvent", value)
			if err != nil {
				b.Fatal(err)
			}
			if ev, known := wire.ReadEvent(wire.NewMessage(root)); !known || ev.Leg != fixLeg {
				b.Fatal(ev)
			}
		}
	})
}

// doors are the two gateways with servers as thin as they can be.
var doors = []struct {
	name   string
	frame  func(b *testing.B, stem string) []byte
	listen func(b *testing.B, g *gateway) (url string)
	raw    func(b *testing.B) (near, far rawLink)
}{
	{"TCP", func(b *testing.B, stem string) []byte { return append(fixture.Read(b, "xml/"+stem+".xml"), 0) }, func(b *testing.B, g *gateway) string {
		l := listenTCP(b)
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				go g.serveXML(conn)
			}
		}()
		return "tcp://" + l.Addr().String()
	}, rawTCP},
	{"SignalR", func(b *testing.B, stem string) []byte {
		var value bytes.Buffer
		if err := json.Compact(&value, fixture.Read(b, "json/"+stem+".json")); err != nil {
			b.Fatal(err)
		}
		return fmt.Appendf(nil, `{"type":1,"target":"%s","arguments":[%s]}%c`, fixture.Root(stem)[:len(fixture.Root(stem))-len("Event")], value.Bytes(), 0x1e)
	}, func(b *testing.B, g *gateway) string {
		server := httptest.NewServer(http.HandlerFunc(g.serveHub))
		b.Cleanup(server.Close)
		return server.URL + "/csta"
	}, rawWebSocket},
}

func listenTCP(b *testing.B) net.Listener {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	return l
}

// rawLink is one end of a socket: frames, and nothing that reads them.
type rawLink struct {
	write func([]byte) error
	read  func() error // one frame
}

func rawTCP(b *testing.B) (near, far rawLink) {
	l := listenTCP(b)
	end := func(conn net.Conn, err error) rawLink {
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conn.Close() })
		in := bufio.NewReaderSize(conn, 16<<10)
		return rawLink{func(p []byte) error { _, err := conn.Write(p); return err }, func() error { _, err := in.ReadSlice(0); return err }}
	}
	near = end(new(net.Dialer).DialContext(context.Background(), "tcp", l.Addr().String()))
	return near, end(l.Accept())
}

func rawWebSocket(b *testing.B) (near, far rawLink) {
	ctx := context.Background()
	end := func(conn *websocket.Conn, err error) rawLink {
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conn.CloseNow() })
		return rawLink{func(p []byte) error { return conn.Write(ctx, websocket.MessageText, p) }, func() error { _, _, err := conn.Read(ctx); return err }}
	}
	accepted := make(chan *websocket.Conn, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, err := websocket.Accept(w, r, nil); err == nil {
			accepted <- conn
		}
	}))
	b.Cleanup(server.Close)
	conn, _, err := websocket.Dial(ctx, server.URL, nil)
	near = end(conn, err)
	return near, end(<-accepted, nil)
}

// renamed is a frame about call number n.
func renamed(frame []byte, n int) []byte {
	frame = bytes.ReplaceAll(frame, []byte("SIP/hpbx-0001c2e0"), fmt.Appendf(nil, "SIP/hpbx-%08x", n))
	return bytes.ReplaceAll(frame, []byte(fixLink), fmt.Appendf(nil, "5b1f0c3e-7d42-4a19-9c55-%012x", n))
}

// report prints the middle and the far end of what took how long, beside the raw socket's.
func report(b *testing.B, ours, raw []time.Duration) {
	at := func(list []time.Duration, part float64) float64 { return float64(list[int(float64(len(list)-1)*part)]) }
	slices.Sort(ours)
	slices.Sort(raw)
	b.ReportMetric(0, "ns/op") // hides what counts the clean-up as well
	b.ReportMetric(at(ours, 0.5)/1e3, "p50-µs")
	b.ReportMetric(at(ours, 0.99)/1e3, "p99-µs")
	b.ReportMetric(at(raw, 0.5)/1e3, "raw-p50-µs")
	b.ReportMetric(at(raw, 0.99)/1e3, "raw-p99-µs")
	b.ReportMetric(at(ours, 0.5)/at(raw, 0.5), "ratio-p50")
}

// benchSession runs a session against a thin gateway, and gives the way to send on its link.
func benchSession(b *testing.B, g *gateway, url string, tell func(csta.State), change ...func(*Config)) (*Session, func([]byte) error) {
	online := make(chan struct{}, 1)
	cfg := config(url)
	cfg.PBXDomain, cfg.Device = "87654321.pbx.one-connect.dk", "310"
	cfg.OnChange = func(st csta.State) {
		tell(st)
		if st.Status == csta.Online && len(st.Calls) == 0 {
			select {
			case online <- struct{}{}:
			default:
			}
		}
	}
	for _, change := range change {
		change(&cfg)
	}
	g.wire = make(chan func([]byte) error, 1)
	s, err := New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	s.tag = "calltray"
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { _ = s.Run(ctx); close(done) }()
	b.Cleanup(func() { stop(); <-done })
	<-online
	return s, <-g.wire
}

// BenchmarkDelivered is from the write of a Delivered event on the gateway's side to OnChange with the
// ringing call; raw is from that write to the same bytes read.
func BenchmarkDelivered(b *testing.B) {
	for _, door := range doors {
		b.Run(door.name, func(b *testing.B) {
			delivered, cleared := door.frame(b, "DeliveredEvent.incoming"), door.frame(b, "ConnectionClearedEvent")
			rang, gone := make(chan time.Time, 1), make(chan struct{}, 1)
			var last csta.Phase = csta.Ended
			g := newGateway(b)
			_, send := benchSession(b, g, door.listen(b, g), func(st csta.State) {
				switch {
				case len(st.Calls) == 1 && st.Calls[0].Phase == csta.Ringing && last == csta.Ended:
					last = csta.Ringing
					rang <- time.Now()
				case st.Status == csta.Online && len(st.Calls) == 0 && last == csta.Ringing:
					last = csta.Ended
					gone <- struct{}{}
				}
			})
			near, far := door.raw(b)
			arrived := make(chan time.Time, 1)
			go func() {
				for near.read() == nil {
					arrived <- time.Now()
				}
			}()
			var ours, raw []time.Duration
			n := 0
			for b.Loop() {
				n++
				frame := renamed(delivered, n)
				began := time.Now()
				if err := send(frame); err != nil {
					b.Fatal(err)
				}
				ours = append(ours, (<-rang).Sub(began))
				if err := send(renamed(cleared, n)); err != nil {
					b.Fatal(err)
				}
				<-gone
				began = time.Now()
				if err := far.write(frame); err != nil {
					b.Fatal(err)
				}
				raw = append(raw, (<-arrived).Sub(began))
			}
			report(b, ours, raw)
		})
	}
}

// BenchmarkMakeCall is from the call of MakeCall to its return, which an event brings; raw is the same
// bytes there, and the answer's and the event's back.
func BenchmarkMakeCall(b *testing.B) {
	for _, door := range doors {
		b.Run(door.name, func(b *testing.B) {
			var n atomic.Int64
			g := newGateway(b)
			g.rewrite = func(request string, reply []byte) []byte {
				if request == "MakeCall" && bytes.Contains(reply, []byte("N/A")) {
					n.Add(1)
				}
				return renamed(reply, int(n.Load()))
			}
			s, _ := benchSession(b, g, door.listen(b, g), func(csta.State) {})
			near, far := door.raw(b)
			request := append(fixture.Read(b, "xml/MakeCall.xml"), 0) // much the same size in both
			answer, event := door.frame(b, "DeliveredEvent.outgoing")[:200], door.frame(b, "DeliveredEvent.outgoing")
			answer[199] = 0
			go func() {
				for far.read() == nil {
					if far.write(answer) != nil || far.write(event) != nil {
						return
					}
				}
			}()
			var ours, raw []time.Duration
			ctx := context.Background()
			for b.Loop() {
				began := time.Now()
				id, err := s.MakeCall(ctx, "31415926")
				if err != nil {
					b.Fatal(err)
				}
				ours = append(ours, time.Since(began))
				if err := s.ClearConnection(ctx, id); err != nil {
					b.Fatal(err)
				}
				began = time.Now()
				if err := near.write(request); err != nil {
					b.Fatal(err)
				}
				if err := near.read(); err != nil {
					b.Fatal(err)
				}
				if err := near.read(); err != nil {
					b.Fatal(err)
				}
				raw = append(raw, time.Since(began))
			}
			report(b, ours, raw)
		})
	}
}
