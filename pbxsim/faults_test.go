package pbxsim

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
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

// TestOneService: some faults are for the services that they name.
func TestOneService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPBX(t, Config{})
		c := pipe(t, p)
		login(t, c)
		run(t, p, "set wrong-answers MonitorStart\nset delayed MakeCall\nset answer-delay 5s")
		start := time.Now()
		c.request("MakeCall", "callingDevice=200", "calledDirectoryNumber=201", "privateData.requestID=1")
		c.request("MonitorStart", "monitorObject.deviceObject=200", "privateData.requestID=2")
		c.request("SnapShotDevice", "snapshotObject=200", "privateData.requestID=3")
		for _, want := range []string{"GetCallProfileResponse 2 0s", "SnapShotDeviceResponse 3 0s", "MakeCallResponse 1 5s"} {
			if got := c.next().say("privatedata.requestid") + " " + time.Since(start).String(); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	})
}

func TestErrorsAsResults(t *testing.T) {
	p := newPBX(t, Config{Behaviour: Behaviour{JSONErrors: "result"}})
	url, err := p.ListenHTTP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := dialHub(t, url)
	login(t, c)
	c.request("GetQueue", "device=200", "privateData.requestID=7")
	if got := c.next().say("operation", "privatedata.requestid"); got != "GetQueueResponse invalidDeviceID 7" {
		t.Errorf("got %q", got)
	}
}

func TestServicesRefused(t *testing.T) {
	const ringing = "callToBeAnswered.callID=SIP/hpbx-00000234"
	for _, c := range []struct {
		request string
		args    []string
		want    string
	}{
		{"MakeCall", []string{"callingDevice=299", "calledDirectoryNumber=22334455"}, "operation invalidCallingDeviceID"},
		{"MakeCall", []string{"calledDirectoryNumber=22334455"}, "operation invalidCallingDeviceID"},
		{"MakeCall", []string{"callingDevice=200", "calledDirectoryNumber=bager"}, "operation invalidCalledDeviceID"},
		{"MakeCall", []string{"callingDevice=200", "calledDirectoryNumber=200"}, "operation invalidCalledDeviceID"},
		{"MakeCall", []string{"callingDevice=200"}, "operation invalidCalledDeviceID"},
		{"AnswerCall", []string{"callToBeAnswered.callID=SIP/hpbx-ffff", "callToBeAnswered.deviceID=200"}, "operation invalidConnectionID"},
		{"AnswerCall", []string{ringing, "callToBeAnswered.deviceID=201"}, "operation invalidConnectionID"},
		{"AnswerCall", nil, "operation invalidConnectionID"},
		{"HoldCall", []string{strings.Replace(ringing, "Answered", "Held", 1)}, "stateIncompatibility invalidConnectionState"},
		{"RetrieveCall", []string{strings.Replace(ringing, "Answered", "Retrieved", 1)}, "stateIncompatibility noHeldCall"},
		{"AnswerCall", []string{"callToBeAnswered.deviceID=22334455"}, "stateIncompatibility noCallToAnswer"},
		{"DeflectCall", []string{strings.Replace(ringing, "Answered", "Diverted", 1), "newDestination=bager"}, "operation invalidDestination"},
		{"DeflectCall", []string{"callToBeDiverted.deviceID=22334455", "newDestination=202"}, "stateIncompatibility invalidConnectionState"},
		{"SingleStepTransferCall", []string{"activeCall.deviceID=200", "transferredTo=202"}, "stateIncompatibility invalidConnectionState"},
		{"SingleStepTransferCall", []string{"activeCall.deviceID=200", "transferredTo=200"}, "operation invalidDestination"},
		{"MonitorTrunk", []string{"monitorObject.deviceObject=2"}, "operation invalidMonitorObject"},
		{"SnapShotDevice", []string{"snapshotObject=u-12345678-299"}, "operation invalidDeviceID"},
		{"ConsultationCall", []string{"existingCall.deviceID=200", "consultedDevice=202"}, "stateIncompatibility invalidConnectionState"},
		{"ConsultationCall", []string{"existingCall.deviceID=200", "consultedDevice=200"}, "operation invalidDestination"},
		{"ReconnectCall", []string{"activeCall.deviceID=200", "heldCall.deviceID=200"}, "stateIncompatibility invalidConnectionState"},
		{"TransferCall", []string{"activeCall.deviceID=200", "heldCall.callID=SIP/hpbx-ffff"}, "operation invalidConnectionID"},
		{"DirectedPickupCall", []string{"callToBePickedUp.deviceID=200", "requestingDevice.deviceID=299"}, "operation invalidDeviceID"},
		{"DirectedPickupCall", []string{"callToBePickedUp.deviceID=22334455", "requestingDevice.deviceID=201"}, "stateIncompatibility noCallToAnswer"},
		{"GenerateDigits", []string{"connectionToSendDigits.deviceID=200", "charactersToSend=12"}, "stateIncompatibility invalidConnectionState"},
		{"GenerateDigits", []string{"connectionToSendDigits.deviceID=200", "charactersToSend=æ"}, "operation invalidParameterValue"},
		{"GetForwarding", []string{"device=400"}, "operation invalidDeviceID"},
		{"SetDoNotDisturb", []string{"device=200"}, "operation invalidParameterValue"},
		{"SetForwarding", []string{"device=200", "forwardingType=forwardNever", "activateForward=true", "forwardDN=202"}, "operation invalidParameterValue"},
		{"SetForwarding", []string{"device=200", "forwardingType=forwardImmediate", "activateForward=true", "forwardDN=200"}, "operation invalidForwardingDestination"},
		{"SetForwarding", []string{"device=200", "forwardingType=forwardImmediate", "activateForward=true", "forwardDN=hjem"}, "operation invalidForwardingDestination"},
		{"SetForwarding", []string{"device=200", "forwardingType=forwardNoAns", "activateForward=true", "forwardDN=202", "ringDuration=-1"}, "operation valueOutOfRange"},
		{"SetCallProfile", []string{"device=200", "callProfile.routeHandling=Somehow"}, "operation invalidParameterValue"},
		{"GetQueue", []string{"device=200"}, "operation invalidDeviceID"},
		{"SetQueueMember", []string{"device=400", "agentDN=200"}, "operation invalidParameterValue"},
		{"SetQueueMember", []string{"device=400", "agentDN=201", "activateAgent=perhaps"}, "operation invalidParameterValue"},
	} {
		t.Run(c.request+" "+strings.Join(c.args, " "), func(t *testing.T) {
			both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
				cl := dial()
				login(t, cl, "200")
				run(t, p, "call 22334455 200")
				cl.next()
				cl.request(c.request, append(c.args, "privateData.requestID=7")...)
				m := cl.next()
				category, value, _ := strings.Cut(c.want, " ")
				got := m.leaf[strings.ToLower(category)] == value && m.leaf["privatedata.requestid"] == "7"
				if m.failed {
					got = strings.HasSuffix(m.leaf["error"], "HubException: "+c.want)
				}
				if m.root != "CSTAErrorCode" || !got {
					t.Errorf("got %s, want %s", m, c.want)
				}
			})
		})
	}
	t.Run("every documented request is known", func(t *testing.T) {
		both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
			cl := dial()
			for _, name := range strings.Fields(`MonitorStart MonitorTrunk MakeCall AnswerCall ClearConnection HoldCall RetrieveCall
				ConsultationCall ReconnectCall TransferCall SingleStepTransferCall DeflectCall DirectedPickupCall GenerateDigits
				SnapShotDevice GetDoNotDisturb GetForwarding GetCallProfile GetQueueMember GetQueue
				SetDoNotDisturb SetForwarding SetCallProfile SetQueueMember`) {
				login(t, cl)
				cl.request(name)
				if m := cl.next(); strings.Contains(m.raw, "Unknown") || m.root != "CSTAErrorCode" {
					t.Errorf("%s: got %s", name, m)
				}
			}
		})
	})
	t.Run("a request that nobody knows", func(t *testing.T) {
		both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
			cl := dial()
			login(t, cl)
			cl.request("OrderPizza", "topping=æg")
			m := cl.next()
			if m.leaf["operation"] != "serviceNotSupported" && m.leaf["error"] != "Unknown hub method 'OrderPizza'" {
				t.Errorf("got %s", m)
			}
		})
	})
}

func TestSnapshots(t *testing.T) {
	const id, state = "snapshotdata.snapshotdeviceresponseinfo.connectionidentifier.callid", "snapshotdata.snapshotdeviceresponseinfo.localcallstate.compoundcallstate"
	for _, c := range []struct{ set, before, want string }{
		{"empty", "", ""},
		{"vendor", "", "SIP/hpbx-00000234 held"},
		{"ecma", "crossrefidorsnapshotdata.", "SIP/hpbx-00000234 hold"},
	} {
		t.Run(c.set, func(t *testing.T) {
			both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
				cl := dial()
				login(t, cl)
				run(t, p, "set snapshot "+c.set+"\ncall 22334455 200\nanswer\nhold")
				cl.request("SnapShotDevice", "snapshotObject=u-12345678-200", "privateData.requestID=7")
				m := cl.next()
				got := strings.TrimSpace(m.leaf[c.before+id] + " " + m.leaf[c.before+state] + m.leaf[c.before+state+".localconnectionstate"])
				if got != c.want || m.leaf["privatedata.requestid"] != "7" || m.root != "SnapShotDeviceResponse" {
					t.Errorf("got %q, want %q: %s", got, c.want, m)
				}
			})
		})
	}
	for story, want := range map[string][]string{ // what tells a call that is being set up from a conversation
		"dial 200 22334455":         {`<compoundCallState><localConnectionState>connected</localConnectionState><localConnectionState>alerting</localConnectionState></compoundCallState>`, `"compoundCallState":["connected","alerting"]`},
		"dial 200 22334455\nanswer": {`<compoundCallState><localConnectionState>connected</localConnectionState><localConnectionState>connected</localConnectionState></compoundCallState>`, `"compoundCallState":["connected","connected"]`},
		"call 22334455 200":         {`<compoundCallState><localConnectionState>alerting</localConnectionState></compoundCallState>`, `"compoundCallState":["alerting"]`},
	} {
		t.Run(story, func(t *testing.T) {
			both(t, Config{Behaviour: Behaviour{Snapshot: "vendor"}}, func(t *testing.T, p *PBX, dial func() client) {
				cl := dial()
				login(t, cl)
				run(t, p, story)
				cl.request("SnapShotDevice", "snapshotObject=200")
				m := cl.next()
				if !strings.Contains(m.raw, want[0]) && !strings.Contains(m.raw, want[1]) {
					t.Errorf("got %s", m)
				}
			})
		})
	}
	t.Run("a request without a requestID", func(t *testing.T) {
		p := newPBX(t, Config{})
		url, err := p.ListenTCP("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		cl := dialTCP(t, url)
		login(t, cl)
		cl.request("SnapShotDevice", "snapshotObject=200")
		if m := cl.next(); !strings.HasSuffix(m.raw, `<snapshotData><snapshotDeviceResponseInfo /></snapshotData><privateData /></SnapShotDeviceResponse>`) {
			t.Errorf("got %s", m)
		}
	})
	t.Run("queue", func(t *testing.T) {
		both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
			cl := dial()
			login(t, cl)
			cl.request("SnapShotDevice", "snapshotObject=q-12345678-400", "privateData.requestID=7")
			if got := cl.next().say("servicecrossrefid", "privatedata.queuename"); got != "SnapShotDeviceResponse q-12345678-400 Reception" {
				t.Errorf("got %q", got)
			}
		})
	})
}

func TestInjections(t *testing.T) {
	both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
		c := dial()
		login(t, c, "200")
		p.InjectUnknown()
		if got := c.next().say("monitorcrossrefid", "strange.nested"); got != "CalltrayUnknown u-12345678-200 Ærø & <Ø>" {
			t.Errorf("got %q", got)
		}
		p.InjectMalformed()
		run(t, p, `inject raw "r\x61w\x00raw\x1E"`)
		switch c := c.(type) {
		case *tcpClient:
			for _, want := range []string{string(xmlCodec{}.malformed()), "raw\x00", "raw\x1e"} {
				if want == "raw\x1e" {
					break // no NUL: it stands before whatever comes next
				}
				if got, err := c.frame(); err != nil || got+"\x00" != want {
					t.Errorf("got %q, %v, want %q", got, err, want)
				}
			}
		case *hubClient:
			for _, want := range []string{string(jsonCodec{}.malformed()), "raw\x00raw\x1e"} {
				if got, err := c.read(); err != nil || got+"\x1e" != want {
					t.Errorf("got %q, %v, want %q", got, err, want)
				}
			}
		}
	})
}

func TestDropAndForget(t *testing.T) {
	both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
		a, b := dial(), dial()
		login(t, a, "200")
		login(t, b, "200")
		p.Forget()
		run(t, p, "call 22334455 200") // heard by nobody
		a.request("MonitorStart", "monitorObject.deviceObject=200")
		if m := a.next(); m.root != "MonitorStartResponse" {
			t.Errorf("got %s", m)
		}
		run(t, p, "clear")
		if m := a.next(); m.root != "ConnectionCleared" {
			t.Errorf("got %s", m)
		}
		p.Drop()
		ended(t, a)
		ended(t, b)
		login(t, dial(), "200") // the listener is still there
	})
}

func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPBX(t, Config{})
		c := pipe(t, p)
		login(t, c, "200")
		run(t, p, "silence")
		for range 100 { // everything is read
			c.request("SnapShotDevice", "snapshotObject=200")
		}
		run(t, p, "call 22334455 200")
		_ = c.conn.SetReadDeadline(time.Now().Add(time.Hour))
		if s, err := c.in.ReadString(0); err == nil || errors.Is(err, io.EOF) || s != "" {
			t.Errorf("got %q, %v", s, err)
		}
		run(t, p, "silence off\nclear")
		if m := c.next(); m.root != "ConnectionCleared" {
			t.Errorf("got %s", m)
		}
	})
}

func TestDemoNumbers(t *testing.T) {
	for number, want := range map[string][]string{
		"22334455": {"Established 2s"},
		"999":      {"ConnectionCleared 0s"},
		"998":      {"ConnectionCleared 1m0s"}, // given up by the no-answer switch
	} {
		t.Run(number, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPBX(t, Config{Outside: Demo, Behaviour: Behaviour{NoAnswer: time.Minute}})
				c := pipe(t, p)
				login(t, c, "200")
				start := time.Now()
				run(t, p, "dial 200 "+number)
				c.next() // Delivered
				_ = c.conn.SetReadDeadline(start.Add(time.Hour))
				s, err := c.in.ReadString(0)
				if err != nil {
					t.Fatal(err)
				}
				m := parseXML(t, strings.TrimSuffix(s, "\x00"))
				if got := m.root + " " + time.Since(start).String(); !slices.Contains(want, got) {
					t.Errorf("got %s, want %v: %s", got, want, m)
				}
				if number == "998" && m.leaf["cause"] != "No user responding" {
					t.Errorf("cause %q", m.leaf["cause"])
				}
			})
		})
	}
}

// TestSlowReader: a client that does not read is cut after a while, and holds nobody up.
func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPBX(t, Config{})
		slow, quick := pipe(t, p), pipe(t, p)
		login(t, slow, "200")
		login(t, quick, "200")
		start := time.Now()
		for range 100 {
			run(t, p, "call 22334455 200\nclear")
		}
		for range 200 {
			quick.next()
		}
		if d := time.Since(start); d > time.Second {
			t.Errorf("the quick one waited %v", d)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		if err := p.Run(ctx, strings.NewReader("await links 1"), io.Discard); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d < writeLimit || d > 2*writeLimit {
			t.Errorf("the slow one was cut after %v, want %v", d, writeLimit)
		}
	})
}

// TestDropIsAtOnce: what a client sent before it is told of its end is not carried out.
func TestDropIsAtOnce(t *testing.T) {
	p := New(Config{})
	defer p.Close()
	near, far := net.Pipe()
	defer near.Close()
	go p.ServeTCP(far)
	var l *link
	for l == nil {
		p.mu.Lock()
		for l = range p.links {
		}
		p.mu.Unlock()
	}
	l.session = &session{}
	p.Drop()
	p.serve(l, &request{name: "MakeCall", args: tree("MakeCall", text("callingDevice", "200"), text("calledDirectoryNumber", "22334455"))})
	if calls := p.Calls(); len(calls) > 0 {
		t.Errorf("a call was made over a link that was dropped: %v", calls)
	}
}
