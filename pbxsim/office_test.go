package pbxsim

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// officeFlows are the stories of attended transfer, pickup, phone settings and queues.
var officeFlows = []flow{{
	name:     "attended transfer: asked, answered, completed",
	monitors: "200 202",
	story: `
		! call 22334455 200 "Ærø Bageri"
		< Delivered u-200 200 alerting Alerting Inbound newCall 22334455->200 rings 200 for 200, remote 22334455 "Ærø Bageri"
		! answer
		< Established u-200 200 connected Active Inbound normal 22334455->200 answered 200 for 200, remote 22334455 "Ærø Bageri"
		> ConsultationCall existingCall @200 consultedDevice=202
		< ConsultationCallResponse
		< Held u-200 22334455 held Held Inbound by 200, remote 22334455 "Ærø Bageri" by ConsultationCall
		< Delivered u-200 200 connected Ringing_AttendedTransfer Outbound newCall 200->202 rings 202 for 202, remote 202 "Astrid" by ConsultationCall
		< Delivered u-202 202 alerting Alerting Inbound newCall 200->202 rings 202 for 202, remote 200 "Astrid"
		! answer 202
		< Established u-200 200 connected Active_AttendedTransfer Outbound normal 200->202 answered 202 for 202, remote 202 "Astrid" by ConsultationCall
		< Established u-202 202 connected Active Inbound normal 200->202 answered 202 for 202, remote 200 "Astrid"
		> TransferCall activeCall.callID SIP/hpbx-00000234-att activeCall.deviceID=200 heldCall.callID=SIP/hpbx-00000234 heldCall.deviceID=200
		< TransferCallResponse
		< Transfered u-200 200 transfer by 200 to 202
		< ConnectionCleared u-200 200 null Normal Clearing by 200
		< Established u-202 202 connected Active Inbound normal 22334455->202 answered 202 for 202, remote 22334455 "Ærø Bageri" by TransferCall
		! clear 22334455
		< ConnectionCleared u-202 202 null Normal Clearing by 22334455`,
}, {
	name:     "attended transfer: asked, and back",
	monitors: "200",
	story: `
		! dial 200 22334455
		< Delivered u-200 200 connected Ringing Outbound newCall 200->22334455 rings 22334455 for 22334455, remote 22334455 "Astrid"
		! answer 22334455
		< Established u-200 200 connected Active Outbound normal 200->22334455 answered 22334455 for 22334455, remote 22334455 "Astrid"
		> ConsultationCall existingCall @200 consultedDevice=202
		< ConsultationCallResponse
		< Held u-200 22334455 held Held Outbound by 200, remote 22334455 "Astrid" by ConsultationCall
		< Delivered u-200 200 connected Ringing_AttendedTransfer Outbound newCall 200->202 rings 202 for 202, remote 202 "Astrid" by ConsultationCall
		> ReconnectCall activeCall.callID SIP/hpbx-00000233-att activeCall.deviceID=200 heldCall.callID=SIP/hpbx-00000233 heldCall.deviceID=200
		< ReconnectCallResponse
		< ConnectionCleared u-200 200 null Normal Clearing by 200
		< Established u-200 200 connected Active Outbound normal 200->22334455 answered 200 for 22334455, remote 22334455 "Astrid" by ReconnectCall`,
}, {
	name:     "attended transfer to one who still rings",
	monitors: "202",
	story: `
		! call 22334455 200
		! answer
		! consult 200 202
		< Delivered u-202 202 alerting Alerting Inbound newCall 200->202 rings 202 for 202, remote 200 "Astrid"
		! complete 200
		< Delivered u-202 202 alerting Alerting Inbound newCall 22334455->202 rings 202 for 202, remote 22334455
		! answer 202
		< Established u-202 202 connected Active Inbound normal 22334455->202 answered 202 for 202, remote 22334455`,
}, {
	name:     "who is asked is busy: the first call stays held",
	monitors: "200",
	story: `
		! busy 202 on
		! call 22334455 200
		< Delivered u-200 200 alerting Alerting Inbound newCall 22334455->200 rings 200 for 200, remote 22334455
		! answer
		< Established u-200 200 connected Active Inbound normal 22334455->200 answered 200 for 200, remote 22334455
		! consult 202
		< Held u-200 22334455 held Held Inbound by 200, remote 22334455
		< Delivered u-200 200 connected Ringing_AttendedTransfer Outbound newCall 200->202 rings 202 for 202, remote 202 "Astrid"
		< ConnectionCleared u-200 200 null User busy by 202
		! retrieve
		< Established u-200 200 connected Active Inbound normal 22334455->200 answered 200 for 200, remote 22334455`,
}, {
	name:     "a colleague's ringing call is picked up",
	monitors: "200 202",
	story: `
		! call 22334455 202 "Ærø Bageri"
		< Delivered u-202 202 alerting Alerting Inbound newCall 22334455->202 rings 202 for 202, remote 22334455 "Ærø Bageri"
		> DirectedPickupCall callToBePickedUp @202 requestingDevice.deviceID=200
		< DirectedPickupCallResponse
		< Delivered u-200 200 alerting Alerting Inbound newCall 22334455->200 rings 200 for 202, remote 22334455 "Ærø Bageri" by DirectedPickupCall
		< Diverted u-202 202 null Answered elsewhere 22334455->200 for 202
		< Established u-200 200 connected Active Inbound normal 22334455->200 answered 200 for 202, remote 22334455 "Ærø Bageri" by DirectedPickupCall`,
}, {
	name:     "a pickup by a phone without auto-answer rings there first",
	monitors: "203",
	story: `
		! call 22334455 202
		> DirectedPickupCall callToBePickedUp.deviceID 202 requestingDevice.deviceID=203
		< DirectedPickupCallResponse
		< Delivered u-203 203 alerting Alerting Inbound newCall 22334455->203 rings 203 for 202, remote 22334455 by DirectedPickupCall
		! answer 203
		< Established u-203 203 connected Active Inbound normal 22334455->203 answered 203 for 202, remote 22334455 by DirectedPickupCall`,
}, {
	name:     "digits",
	monitors: "200",
	story: `
		! call 22334455 200
		< Delivered u-200 200 alerting Alerting Inbound newCall 22334455->200 rings 200 for 200, remote 22334455
		! answer
		< Established u-200 200 connected Active Inbound normal 22334455->200 answered 200 for 200, remote 22334455
		> GenerateDigits connectionToSendDigits @200 charactersToSend=123#
		< GenerateDigitsResponse`,
}, {
	name:     "do-not-disturb by a service and at the phone: who calls finds it busy",
	monitors: "200 201",
	story: `
		> SetDoNotDisturb device 200 doNotDisturbOn=true
		< SetDoNotDisturbResponse
		< DoNotDisturb u-200 200 true
		> SetDoNotDisturb device u-12345678-200 doNotDisturbOn=true
		< SetDoNotDisturbResponse
		> GetDoNotDisturb device 200
		< GetDoNotDisturbResponse
		! dial 201 200
		< Delivered u-201 201 connected Ringing Outbound newCall 201->200 rings 200 for 200, remote 200 "Bo"
		< ConnectionCleared u-201 201 null User busy by 200
		! dnd 200 off
		< DoNotDisturb u-200 200 false`,
}, {
	name:     "forwarding when busy, by a service",
	monitors: "200 202",
	story: `
		> SetForwarding device 200 forwardingType=forwardBusy activateForward=true forwardDN=202
		< SetForwardingResponse
		< Forwarding u-200 200 forwardBusy true 202 0
		> GetForwarding device 200
		< GetForwardingResponse
		! busy 200 on
		! call 22334455 200
		< Delivered u-202 202 alerting Alerting Inbound newCall 22334455->202 rings 202 for 200, remote 22334455`,
}, {
	name:     "forwarding to the word busy",
	monitors: "200 201",
	story: `
		! forward 200 busy
		< Forwarding u-200 200 forwardImmediate true busy 0
		! dial 201 200
		< Delivered u-201 201 connected Ringing Outbound newCall 201->200 rings 200 for 200, remote 200 "Bo"
		< ConnectionCleared u-201 201 null User busy by 200`,
}, {
	name:     "the call profile",
	monitors: "200",
	story: `
		> SetCallProfile device 200 callProfile.outgoingNumberPresentation.localNumberPresentation.numberType=None callProfile.incomingCallMatrix.localDevice.mobile=true
		< SetCallProfileResponse
		> GetCallProfile device 200
		< GetCallProfileResponse`,
}, {
	name:     "a queue: who signed out does not ring",
	monitors: "400 201 202",
	story: `
		> GetQueue device 400
		< GetQueueResponse
		> GetQueueMember device q-12345678-400
		< GetQueueMemberResponse
		> SetQueueMember device 400 activateAgent=true activateMobile=false activateSip=false activateSkype=false agentDN=201 agentPosition=1
		< SetQueueMemberResponse
		< QueueMember q-400 201 true false false false
		! call 22334455 400
		< Delivered q-400 400 queued Alerting Inbound newCall 22334455->400 rings 400 for 400, remote 22334455
		< Delivered u-202 202 alerting Alerting Inbound newCall 22334455->202 rings 202 for 400, remote 22334455
		< QueueStatistics q-400 waiting 1 talking 0, of 1 answered 0 missed 0; 201 0/0/0 202 0/0/0
		! answer 202
		< ConnectionCleared q-400 400 null Answered elsewhere by 202
		< Established u-202 202 connected Active Inbound normal 22334455->202 answered 202 for 400, remote 22334455
		< QueueStatistics q-400 waiting 0 talking 1, of 1 answered 1 missed 0; 201 0/0/0 202 1/1/0
		! transfer 202 203
		< Transfered u-202 202 singleStepTransfer by 202 to 203
		< QueueStatistics q-400 waiting 0 talking 0, of 1 answered 1 missed 0; 201 0/0/0 202 1/1/0
		! member 400 201 in
		< QueueMember q-400 201 true true false false`,
}, {
	name:     "the snapshot of a trunk is followed by its numbers",
	monitors: "trunk",
	story: `
		> SnapShotDevice snapshotObject t-12345678
		< SnapShotDeviceResponse
		< OutgoingNumbers t 12345678`,
}, {
	name:     "queues come and go",
	monitors: "trunk",
	story: `
		! queue add 410 "Æbler & Pærer" 200
		< QueueAdded t 410 Æbler & Pærer
		! member 410 200 out
		< QueueMember q-410 200 true false false false
		! queue remove 410
		< QueueRemoved q-410 410`,
}}

func TestForwardingWhenNobodyAnswers(t *testing.T) {
	for _, test := range []struct{ to, want string }{
		{"202", "202 Alerting"},
		{"busy", ""},
	} {
		t.Run(test.to, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPBX(t, Config{})
				run(t, p, "forward 200 no-answer "+test.to+" 20s")
				run(t, p, "call 22334455 200")
				time.Sleep(19 * time.Second)
				if got := rings(p); got != "200 Alerting" {
					t.Errorf("after 19 s: %q", got)
				}
				time.Sleep(time.Second)
				synctest.Wait()
				if got := rings(p); got != test.want {
					t.Errorf("after 20 s: got %q, want %q", got, test.want)
				}
			})
		})
	}
}

// rings is who is called by the PBX's only call, and how far it is.
func rings(p *PBX) string {
	for _, c := range p.Calls() {
		for _, l := range c.Legs {
			if !l.Out {
				return l.Device + " " + l.Status
			}
		}
	}
	return ""
}

func TestDigitsAreNoted(t *testing.T) {
	p := newPBX(t, Config{})
	url, err := p.ListenTCP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	noted := make(chan string, 100)
	defer p.Watch(func(line string) {
		if strings.HasPrefix(line, "digits ") {
			noted <- line
		}
	})()
	run(t, p, "call 22334455 200")
	run(t, p, "answer")
	c := dialTCP(t, url)
	login(t, c)
	c.request("GenerateDigits", "connectionToSendDigits.callID=SIP/hpbx-00000234", "connectionToSendDigits.deviceID=200", "charactersToSend=12*3")
	c.next()
	if got, want := <-noted, "digits 200 SIP/hpbx-00000234 12*3"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCallProfileIsKept(t *testing.T) {
	both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
		c := dial()
		login(t, c)
		c.request("SetCallProfile", "device=200", "callProfile.outgoingNumberPresentation.localNumberPresentation.numberType=Mobile", "callProfile.incomingCallMatrix.localDevice.teams=true")
		c.next()
		c.request("GetCallProfile", "device=200")
		const numbers, matrix = "callprofile.outgoingnumberpresentation.", "callprofile.incomingcallmatrix."
		got := c.next().say(numbers+"localnumberpresentation.numbertype", numbers+"localnumberpresentation.number", numbers+"teamsnumberpresentation.numbertype",
			matrix+"localdevice.local", matrix+"localdevice.teams", matrix+"mobiledevice.local", "callprofile.routehandling")
		if want := "GetCallProfileResponse Mobile 20000200 Teams true true false None"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestUnsupportedAndWithoutEffect(t *testing.T) {
	both(t, Config{Behaviour: Behaviour{Unsupported: "SetForwarding,MonitorTrunk", NoEffect: "SetDoNotDisturb"}}, func(t *testing.T, p *PBX, dial func() client) {
		c := dial()
		login(t, c, "200")
		for _, name := range []string{"SetForwarding", "MonitorTrunk"} {
			c.request(name, "device=200")
			if m := c.next(); m.root != "CSTAErrorCode" || !strings.Contains(m.raw, "serviceNotSupported") {
				t.Errorf("%s: got %s", name, m)
			}
		}
		c.request("SetDoNotDisturb", "device=200", "doNotDisturbOn=true", "privateData.requestID=7")
		if m := c.next(); m.root != "SetDoNotDisturbResponse" || m.leaf["privatedata.requestid"] != "7" {
			t.Errorf("got %s", m)
		}
		c.request("GetDoNotDisturb", "device=200")
		if got := c.next().say("donotdisturbon"); got != "GetDoNotDisturbResponse false" {
			t.Errorf("got %s", got)
		}
	})
}

// TestEveryServiceFails: every service can be refused, ignored, carried out without an answer, answered
// late, and answered with another requestID.
func TestEveryServiceFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPBX(t, Config{})
		c := pipe(t, p)
		login(t, c)
		for name := range p.table {
			if name == "StartApplicationSession" || name == "StopApplicationSession" || name == "SystemStatusResponse" {
				continue
			}
			ask := func(b Behaviour) (m message, after time.Duration) {
				p.Set(func(now *Behaviour) { *now = b })
				asked := time.Now()
				c.request(name, "device=299", "privateData.requestID=7")
				if b.Ignored+b.DropAnswers != "" {
					c.request("GetQueue", "device=400") // the only one that is answered
				}
				m = c.next()
				return m, time.Since(asked)
			}
			usual, _ := ask(Behaviour{})
			for _, tc := range []struct {
				b         Behaviour
				want      string
				requestID string
			}{
				{Behaviour{Unsupported: name}, "<operation>serviceNotSupported</operation>", "7"},
				{Behaviour{Refused: name}, "<operation>privilegeViolationSpecifiedDevice</operation>", "7"},
				{Behaviour{Refused: name, RefusedWith: "resourceBusy"}, "<operation>resourceBusy</operation>", "7"},
				{Behaviour{Refused: name, RefusedWith: "stateIncompatibility noActiveCall"}, "<stateIncompatibility>noActiveCall</stateIncompatibility>", "7"},
				{Behaviour{NoEffect: name}, "<" + name + "Response xmlns", "7"},
				{Behaviour{OtherRequestID: true}, "<" + usual.root, "101-null"},
				{Behaviour{NoRequestID: true}, "<" + usual.root, ""},
			} {
				if m, _ := ask(tc.b); !strings.Contains(m.raw, tc.want) || m.leaf["privatedata.requestid"] != tc.requestID {
					t.Errorf("%s: %s: got %s", name, tc.want, m)
				}
			}
			if m, after := ask(Behaviour{AnswerDelay: 3 * time.Second, Delayed: name}); after != 3*time.Second || m.root != usual.root {
				t.Errorf("%s: late: got %s after %v", name, m, after)
			}
			if name == "GetQueue" {
				continue
			}
			for _, b := range []Behaviour{{Ignored: name}, {DropAnswers: name}} {
				if m, _ := ask(b); m.root != "GetQueueResponse" {
					t.Errorf("%s: without an answer: got %s", name, m)
				}
			}
		}
	})
}
