package pbxsim

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

// TestFaultsKeepTheStory turns switches that change how things are written, and plays a call: what a
// tolerant client reads is the same.
func TestFaultsKeepTheStory(t *testing.T) {
	for _, set := range []string{
		"chunk 1", "chunk 7", "coalesce 20ms", "prolog on", "no-namespace on", "no-nulls on",
		"private-data first", "private-data random", "chunk 3; coalesce 5ms",
	} {
		f := flows[0]
		f.set = set
		t.Run(set, func(t *testing.T) {
			both(t, f.cfg, func(t *testing.T, p *PBX, dial func() client) {
				for _, sw := range strings.Split(f.set, ";") {
					run(t, p, "set "+strings.TrimSpace(sw))
				}
				play(t, p, dial(), f)
			})
		})
	}
}

// TestPieces looks at the writes themselves: with chunk none is longer, with coalesce one carries all.
func TestPieces(t *testing.T) {
	for _, set := range []string{"chunk 7", "coalesce 300ms"} {
		t.Run(set, func(t *testing.T) {
			both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
				var read func([]byte) (int, error)
				c := dial()
				switch c := c.(type) {
				case *tcpClient:
					c = pipe(t, p) // where a write is a read
					login(t, c, "200")
					read = c.conn.Read
				case *hubClient:
					login(t, c, "200")
					var message io.Reader
					ctx, cancel := context.WithTimeout(context.Background(), patience)
					defer cancel()
					read = func(b []byte) (n int, err error) {
						if message == nil {
							if _, message, err = c.ws.Reader(ctx); err != nil {
								return 0, err
							}
						}
						if n, err = message.Read(b); errors.Is(err, io.EOF) {
							message, err = nil, nil
						}
						return n, err
					}
				}
				run(t, p, "set "+set+"\ncall 22334455 200\nclear")
				var got []byte
				longest := 0
				for !strings.Contains(string(got), "Normal Clearing") {
					b := make([]byte, 64<<10)
					n, err := read(b)
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, b[:n]...)
					longest = max(longest, n)
				}
				if set == "chunk 7" && longest > 7 {
					t.Errorf("%d bytes at once", longest)
				}
				if set != "chunk 7" && (longest < len(got) || !strings.Contains(string(got), "Delivered")) {
					t.Errorf("%d bytes of %d at once", longest, len(got))
				}
			})
		})
	}
}

// TestWriting looks at the bytes of an event under each switch.
func TestWriting(t *testing.T) {
	for _, c := range []struct {
		set         string
		tcp, notTCP string
		hub, notHub string
	}{
		{"prolog off", `<DeliveredEvent xmlns="` + namespace + `"><monitorCrossRefID>`, `<?xml`, `"callId":"SIP`, `callID`},
		{"prolog on", `<?xml version="1.0" encoding="utf-16"?><DeliveredEvent xmlns=`, `\x00`, `"target":"Delivered"`, `xml`},
		{"no-namespace on", `<DeliveredEvent><monitorCrossRefID>`, `xmlns`, `"monitorCrossRefId":`, ``},
		{"no-nulls off", `<remoteUser>22334455</remoteUser>`, `timestamp`, `"timestamp":null`, ``},
		{"no-nulls on", `<remoteUser>22334455</remoteUser>`, `timestamp`, `"remoteUser":"22334455"`, `null,`},
		{"private-data first", `ed6"><privateData><event`, ``, `"arguments":[{"privateData":{"event`, ``},
		{"private-data last", `</privateData></DeliveredEvent>`, ``, `"callerName":"A & <B>","timestamp":null}}]}`, ``},
		{"case upper", `<DELIVEREDEVENT `, `callID`, `"CALLID":`, `callId`},
		{"case lower", `<callid>SIP`, `callID`, `"callid":"SIP`, `callId`},
	} {
		t.Run(c.set, func(t *testing.T) {
			both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
				cl := dial()
				login(t, cl, "200")
				run(t, p, "set "+c.set)
				run(t, p, `call 22334455 200 "A & <B>"`)
				got := cl.next().raw
				want, not := c.tcp, c.notTCP
				if _, hub := cl.(*hubClient); hub {
					want, not = c.hub, c.notHub
					got = strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(got)
				}
				if !strings.Contains(got, want) || not != "" && strings.Contains(got, not) {
					t.Errorf("got %s\nwant %s\nand no %s", got, want, not)
				}
			})
		})
	}
}

func TestAnswersAndEvents(t *testing.T) {
	// What MakeCall to a busy phone brings, by root names and requestID.
	for _, c := range []struct{ set, want string }{
		{"chunk 0", "MakeCallResponse:7 Delivered ConnectionCleared"},
		{"events-first on", "Delivered ConnectionCleared MakeCallResponse:7"},
		{"answer-delay 30ms", "Delivered ConnectionCleared MakeCallResponse:7"},
		{"out-of-order on", "Delivered ConnectionCleared MakeCallResponse:7"},
		{"drop-answers AnswerCall,MakeCall", "Delivered ConnectionCleared"},
		{"no-request-id on", "MakeCallResponse: Delivered ConnectionCleared"},
		{"drop-events Delivered", "MakeCallResponse:7 ConnectionCleared"},
		{"duplicates on", "MakeCallResponse:7 Delivered Delivered ConnectionCleared ConnectionCleared"},
	} {
		t.Run(c.set, func(t *testing.T) {
			both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
				cl := dial()
				login(t, cl, "200")
				run(t, p, "busy 201 on\nset "+c.set)
				cl.request("MakeCall", "callingDevice=200", "calledDirectoryNumber=201", "privateData.requestID=7")
				var got []string
				for range strings.Fields(c.want) {
					m := cl.next()
					s := m.root
					if strings.HasSuffix(s, "Response") {
						s += ":" + m.leaf["privatedata.requestid"]
					}
					got = append(got, s)
				}
				if s := strings.Join(got, " "); s != c.want {
					t.Errorf("got %s, want %s", s, c.want)
				}
				run(t, p, "set "+strings.Fields(c.set)[0]+" "+off(c.set))
				cl.request("SnapShotDevice", "snapshotObject=200")
				if m := cl.next(); m.root != "SnapShotDeviceResponse" {
					t.Errorf("one message too many: %s", m)
				}
			})
		})
	}
}

func off(set string) string {
	switch strings.Fields(set)[0] {
	case "chunk", "answer-delay":
		return "0"
	case "drop-answers", "drop-events":
		return "-"
	}
	return "off"
}
