package cstasession

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/fixture"
	"calltray/cstasession/internal/transport"
)

// requestNumber is what counts up in a requestID; the tests set what follows it.
var requestNumber = regexp.MustCompile(`[0-9]+-calltray`)

// gateway answers every request with fixtures, and keeps what came.
type gateway struct {
	t   testing.TB
	mu  sync.Mutex
	got map[string][]byte // the first request of each name, as it came
	ids map[string]bool
	all chan string // names, in order, as far as somebody reads them

	rewrite func(request string, reply []byte) []byte // changes what is sent; nil for nothing
	wire    chan func(frame []byte) error             // gets a way to send, with each link; nil if nobody wants it
}

func newGateway(t testing.TB) *gateway {
	return &gateway{t: t, got: map[string][]byte{}, ids: map[string]bool{}, all: make(chan string, 64)}
}

// note keeps a request and returns the fixtures to reply with: the answer, then perhaps an event.
func (g *gateway) note(name string, raw []byte) (id string, reply []string) {
	g.mu.Lock()
	if g.got[name] == nil {
		g.got[name] = bytes.Clone(raw)
	}
	if id = string(requestNumber.Find(raw)); id != "" {
		if g.ids[id] {
			g.t.Errorf("the requestID %s was used twice", id)
		}
		g.ids[id] = true
	}
	g.mu.Unlock()
	select {
	case g.all <- name:
	default:
	}
	return id, map[string][]string{
		"StartApplicationSession":      {"StartApplicationSessionPosResponse", "SystemStatus", "RequestSystemStatus"},
		"MonitorStop":                  {"MonitorStopResponse"},
		"SnapshotCall":                 {"SnapshotCallResponse"},
		"StopApplicationSession":       {"StopApplicationSessionPosResponse"},
		"ResetApplicationSessionTimer": {"ResetApplicationSessionTimerPosResponse"},
		"MonitorStart":                 {"MonitorStartResponse"},
		"SnapShotDevice":               {"SnapShotDeviceResponse.empty"},
		"MakeCall":                     {"MakeCallResponse", "DeliveredEvent.outgoing"},
		"AnswerCall":                   {"AnswerCallResponse", "EstablishedEvent"},
		"ClearConnection":              {"ClearConnectionResponse", "ConnectionClearedEvent"},
		"MonitorTrunk":                 {"MonitorStartResponse.trunk", "MonitorStartedEvent", "MonitorStartedEvent.queue"},
		"HoldCall":                     {"HoldCallResponse", "HeldEvent"},
		"RetrieveCall":                 {"RetrieveCallResponse", "EstablishedEvent"},
		"ConsultationCall":             {"ConsultationCallResponse", "DeliveredEvent.consultation", "EstablishedEvent.consultation"},
		"ReconnectCall":                {"ReconnectCallResponse", "EstablishedEvent"},
		"DirectedPickupCall":           {"DirectedPickupCallResponse", "EstablishedEvent.pickup"},
		"GenerateDigits":               {"GenerateDigitsResponse"},
		"GetDoNotDisturb":              {"GetDoNotDisturbResponse"},
		"GetForwarding":                {"GetForwardingResponse"},
		"GetCallProfile":               {"GetCallProfileResponse"},
		"GetQueue":                     {"GetQueueResponse"},
		"GetQueueMember":               {"GetQueueMemberResponse"},
		"SetDoNotDisturb":              {"SetDoNotDisturbResponse", "DoNotDisturbEvent"},
		"SetForwarding":                {"SetForwardingResponse", "ForwardingEvent"},
		"SetCallProfile":               {"SetCallProfileResponse"},
		"SetQueueMember":               {"SetQueueMemberResponse", "QueueMemberEvent"},
	}[name]
}

// check compares what came with the fixtures of a folder.
func (g *gateway) check(folder string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, name := range requests {
		want := requestNumber.ReplaceAll(fixture.Read(g.t, folder+"/"+name+"."+folder), []byte("#"))
		got := requestNumber.ReplaceAll(g.got[name], []byte("#"))
		if !bytes.Equal(got, want) {
			g.t.Errorf("%s\ngot  %s\nwant %s", name, got, want)
		}
	}
	if extra := slices.DeleteFunc(slices.Collect(maps.Keys(g.got)), func(n string) bool { return slices.Contains(requests, n) }); len(extra) > 0 {
		g.t.Errorf("requests without a fixture: %v", extra)
	}
}

// overLine plays a session in which every request is made once.
func (g *gateway) overLine(cfg Config, dial func(context.Context, *transport.Options) (transport.Conn, error)) {
	t := g.t
	t.Helper()
	cfg.UserID, cfg.Password = "anna@example.dk", csta.NewPassword("rød & grød <3")
	cfg.PBXDomain, cfg.Device = "87654321.pbx.one-connect.dk", "310"
	online, surveyed := make(chan struct{}), make(chan struct{})
	once := func(c chan struct{}) {
		select {
		case <-c:
		default:
			close(c)
		}
	}
	cfg.OnChange = func(st csta.State) {
		if st.Status == csta.Online {
			once(online)
		}
	}
	cfg.WatchTelephone, cfg.OnColleague = true, func(csta.Colleague) {}
	cfg.OnQueue = func(q csta.Queue) {
		if len(q.Members) == 3 && q.Name != "" {
			once(surveyed)
		}
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.tag = "calltray"
	if dial != nil {
		s.dial = dial
	}
	ctx, stop := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx) }()
	<-online
	id, err := s.MakeCall(ctx, "+4531415926")
	if err != nil || id != fixLeg {
		t.Errorf("MakeCall: got %v %v, want %v", id, err, fixLeg)
	}
	if err := s.AnswerCall(ctx, id); err != nil {
		t.Errorf("AnswerCall: %v", err)
	}
	<-surveyed
	asking, err := s.ConsultationCall(ctx, id, "312")
	if want := (csta.ConnectionID{CallID: fixLeg.CallID + "-att", DeviceID: "310"}); err != nil || asking != want {
		t.Errorf("ConsultationCall: got %v %v, want %v", asking, err, want)
	}
	picked, err := s.DirectedPickupCall(ctx, csta.ConnectionID{CallID: "SIP/hpbx-0001c2e9", DeviceID: "311"})
	if want := (csta.ConnectionID{CallID: "SIP/hpbx-0001c2ea", DeviceID: "310"}); err != nil || picked != want {
		t.Errorf("DirectedPickupCall: got %v %v, want %v", picked, err, want)
	}
	parties, err := s.SnapshotCall(ctx, id)
	if len(parties) != 3 || err != nil {
		t.Errorf("SnapshotCall: got %v %v", parties, err)
	}
	if _, err := perform(ctx, s, answerLimit, monitorStop(fixRef), positive); err != nil {
		t.Errorf("MonitorStop: %v", err)
	}
	profile, err := s.GetCallProfile(ctx)
	if err != nil {
		t.Errorf("GetCallProfile: %v", err)
	}
	for name, err := range map[string]error{
		"HoldCall":        s.HoldCall(ctx, id),
		"RetrieveCall":    s.RetrieveCall(ctx, id),
		"ReconnectCall":   s.ReconnectCall(ctx, asking, id),
		"GenerateDigits":  s.GenerateDigits(ctx, id, "1*3#"),
		"SetDoNotDisturb": s.SetDoNotDisturb(ctx, true),
		"SetForwarding":   s.SetForwarding(ctx, csta.Forwarding{Type: "forwardNoAns", Active: true, To: "312", After: 25 * time.Second}),
		"SetCallProfile":  s.SetCallProfile(ctx, profile),
		"SetQueueMember":  s.SetQueueMember(ctx, "q-87654321-450", false),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// These would end the call, or are not known here: that they are sent is enough.
	for name, ask := range map[string]func(context.Context) error{
		"TransferCall":           func(ctx context.Context) error { return s.TransferCall(ctx, asking, id) },
		"SingleStepTransferCall": func(ctx context.Context) error { return s.SingleStepTransferCall(ctx, id, "312") },
		"DeflectCall":            func(ctx context.Context) error { return s.DeflectCall(ctx, id, "312") },
		"AlternateCall":          func(ctx context.Context) error { return s.AlternateCall(ctx, asking, id) },
		"ConferenceCall":         func(ctx context.Context) error { return s.ConferenceCall(ctx, asking, id) },
	} {
		asked, leave := context.WithCancel(ctx)
		over := make(chan error)
		go func() { over <- ask(asked) }()
		for came := range g.all {
			if came == name {
				break
			}
		}
		leave()
		<-over
	}
	if err := s.ClearConnection(ctx, id); err != nil {
		t.Errorf("ClearConnection: %v", err)
	}
	for name := range g.all {
		if name == "ResetApplicationSessionTimer" {
			break
		}
	}
	stop()
	<-ran
}

func TestRequestsAsXML(t *testing.T) {
	for _, declare := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			g := newGateway(t)
			g.rewrite = func(_ string, b []byte) []byte { // half of it comes before the first probe
				return bytes.ReplaceAll(b, []byte(">90<"), []byte(">10<"))
			}
			g.overLine(Config{URL: "tcp://pbx:7000", DeclareVendorData: declare}, func(_ context.Context, opts *transport.Options) (transport.Conn, error) {
				near, far := net.Pipe()
				go g.serveXML(far)
				return overConn(near, opts)
			})
			if !declare {
				g.check("xml")
			} else if got, want := g.got["StartApplicationSession"], fixture.Read(t, "xml/StartApplicationSession.declared.xml"); !bytes.Equal(got, want) {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func (g *gateway) rewritten(request string, reply []byte) []byte {
	if g.rewrite == nil {
		return reply
	}
	return g.rewrite(request, reply)
}

// serveXML reads what is sent to its very end: a document, one NUL, nothing else.
func (g *gateway) serveXML(conn net.Conn) {
	if g.wire != nil {
		g.wire <- func(frame []byte) error { _, err := conn.Write(frame); return err }
	}
	var rest []byte
	buf := make([]byte, 4096)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			if len(rest) > 0 {
				g.t.Errorf("bytes without a NUL at the end: %q", rest)
			}
			return
		}
		rest = append(rest, buf[:n]...)
		for {
			doc, more, whole := bytes.Cut(rest, []byte{0})
			if !whole {
				break
			}
			rest = more
			name, _, _ := strings.Cut(strings.TrimPrefix(string(doc), "<"), ">")
			id, reply := g.note(name, doc)
			for _, stem := range reply {
				answer := requestNumber.ReplaceAll(fixture.Read(g.t, "xml/"+stem+".xml"), []byte(id))
				answer = g.rewritten(name, answer)
				if _, err := conn.Write(append(answer, 0)); err != nil {
					return
				}
			}
		}
	}
}

func TestRequestsAsJSON(t *testing.T) {
	g := newGateway(t)
	g.rewrite = func(_ string, b []byte) []byte {
		return bytes.ReplaceAll(b, []byte(`"actualSessionDuration":90`), []byte(`"actualSessionDuration":1`))
	}
	server := httptest.NewServer(http.HandlerFunc(g.serveHub))
	g.overLine(Config{URL: server.URL + "/csta"}, nil)
	server.Close()
	g.check("json")
}

// serveHub is as much of a hub as these tests need.
func (g *gateway) serveHub(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/negotiate") {
		_, _ = w.Write([]byte(`{"negotiateVersion":1,"connectionId":"a","connectionToken":"b","availableTransports":[{"transport":"WebSockets","transferFormats":["Text"]}]}`))
		return
	}
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		g.t.Error(err)
		return
	}
	defer conn.CloseNow()
	ctx := context.Background()
	write := func(frame []byte) error { return conn.Write(ctx, websocket.MessageText, frame) }
	send := func(record string) { _ = write([]byte(record + "\x1e")) }
	if g.wire != nil {
		g.wire <- write
	}
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return
		}
		for record := range bytes.SplitSeq(bytes.TrimSuffix(data, []byte{0x1e}), []byte{0x1e}) {
			var m struct {
				Protocol, Target, InvocationID string
				Type                           int
				Arguments                      []json.RawMessage
			}
			if err := json.Unmarshal(record, &m); err != nil {
				g.t.Errorf("%v in %q", err, record)
			}
			if m.Protocol != "" {
				send("{}")
			}
			if m.Type != 1 {
				continue
			}
			if reply := strings.HasSuffix(m.Target, "Response"); len(m.Arguments) != 1 || (m.InvocationID == "") != reply {
				g.t.Errorf("got %s, want an invocation with one argument, and an id unless it is an answer", record)
				return
			}
			id, reply := g.note(m.Target, m.Arguments[0])
			for i, stem := range reply {
				var value bytes.Buffer
				if err := json.Compact(&value, requestNumber.ReplaceAll(fixture.Read(g.t, "json/"+stem+".json"), []byte(id))); err != nil {
					g.t.Error(err)
				}
				v := string(g.rewritten(m.Target, value.Bytes()))
				if i == 0 {
					send(`{"type":3,"invocationId":"` + m.InvocationID + `","result":` + v + `}`)
				} else {
					send(`{"type":1,"target":"` + strings.TrimSuffix(fixture.Root(stem), "Event") + `","arguments":[` + v + `]}`)
				}
			}
		}
	}
}
