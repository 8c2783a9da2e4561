package pbxsim

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

const asked = "activeCall.callID SIP/hpbx-00000234-att activeCall.deviceID=200 heldCall.callID=SIP/hpbx-00000234 heldCall.deviceID=200"
const back = "activeCall.callID SIP/hpbx-00000234 activeCall.deviceID=200 heldCall.callID=SIP/hpbx-00000234-att heldCall.deviceID=200"

// standardFlows are the stories of what the standard has and the vendor does not document.
var standardFlows = []flow{{
	name:     "a conference, which one leaves",
	monitors: "200 202",
	story: `
		! call 22334455 200 "Ærø Bageri"
		< Delivered u-200 200 alerting Alerting Inbound newCall 22334455->200 rings 200 for 200, remote 22334455 "Ærø Bageri"
		! answer
		< Established u-200 200 connected Active Inbound normal 22334455->200 answered 200 for 200, remote 22334455 "Ærø Bageri"
		! consult 202
		< Held u-200 22334455 held Held Inbound by 200, remote 22334455 "Ærø Bageri"
		< Delivered u-200 200 connected Ringing_AttendedTransfer Outbound newCall 200->202 rings 202 for 202, remote 202 "Astrid"
		< Delivered u-202 202 alerting Alerting Inbound newCall 200->202 rings 202 for 202, remote 200 "Astrid"
		! answer 202
		< Established u-200 200 connected Active_AttendedTransfer Outbound normal 200->202 answered 202 for 202, remote 202 "Astrid"
		< Established u-202 202 connected Active Inbound normal 200->202 answered 202 for 202, remote 200 "Astrid"
		> ConferenceCall ` + asked + `
		< ConferenceCallResponse
		< Conferenced u-200 200 connected Active Inbound conference by 200 with 202 and SIP/hpbx-00000234-att, remote 22334455 "Ærø Bageri" by ConferenceCall
		< Conferenced u-202 202 connected Active Inbound conference by 200 with 202, remote 200 "Astrid" by ConferenceCall
		> SnapshotCall snapshotObject @200
		< SnapshotCallResponse
		> HoldCall callToBeHeld @200
		< HoldCallResponse
		< Held u-200 22334455 held Held Inbound by 200, remote 22334455 "Ærø Bageri" by HoldCall
		> RetrieveCall callToBeRetrieved @200
		< RetrieveCallResponse
		< Established u-200 200 connected Active Inbound normal 22334455->200 answered 200 for 200, remote 22334455 "Ærø Bageri" by RetrieveCall
		> ClearConnection connectionToBeCleared @200
		< ClearConnectionResponse
		< ConnectionCleared u-200 200 null Normal Clearing by 200
		< Established u-202 202 connected Active Inbound normal 200->202 answered 22334455 for 202, remote 22334455 "Astrid"
		! clear 22334455
		< ConnectionCleared u-202 202 null Normal Clearing by 22334455`,
}, {
	name:     "from one call to the other, and back, and both together",
	monitors: "200",
	story: `
		! call 22334455 200
		< Delivered u-200 200 alerting Alerting Inbound newCall 22334455->200 rings 200 for 200, remote 22334455
		! answer
		< Established u-200 200 connected Active Inbound normal 22334455->200 answered 200 for 200, remote 22334455
		! consult 202
		< Held u-200 22334455 held Held Inbound by 200, remote 22334455
		< Delivered u-200 200 connected Ringing_AttendedTransfer Outbound newCall 200->202 rings 202 for 202, remote 202 "Astrid"
		> AlternateCall ` + asked + `
		< CSTAErrorCode
		! answer 202
		< Established u-200 200 connected Active_AttendedTransfer Outbound normal 200->202 answered 202 for 202, remote 202 "Astrid"
		> AlternateCall ` + asked + `
		< AlternateCallResponse
		< Held u-200 202 held Held Outbound by 200, remote 202 "Astrid" by AlternateCall
		< Established u-200 200 connected Active Inbound normal 22334455->200 answered 200 for 200, remote 22334455 by AlternateCall
		> AlternateCall ` + asked + `
		< CSTAErrorCode
		> ConferenceCall ` + back + `
		< ConferenceCallResponse
		< Conferenced u-200 200 connected Active Outbound conference by 200 with 22334455 and SIP/hpbx-00000234, remote 202 "Astrid" by ConferenceCall`,
}, {
	name:     "a conference of two calls that came by themselves",
	monitors: "200",
	story: `
		! call 22334455 200
		< Delivered u-200 200 alerting Alerting Inbound newCall 22334455->200 rings 200 for 200, remote 22334455
		! answer
		< Established u-200 200 connected Active Inbound normal 22334455->200 answered 200 for 200, remote 22334455
		! call 66778899 200
		< Delivered u-200 200 alerting Alerting Inbound newCall 66778899->200 rings 200 for 200, remote 66778899
		! answer
		< Held u-200 22334455 held Held Inbound by 200, remote 22334455
		< Established u-200 200 connected Active Inbound normal 66778899->200 answered 200 for 200, remote 66778899
		> ConferenceCall activeCall.callID SIP/hpbx-00000236 activeCall.deviceID=200 heldCall.callID=SIP/hpbx-00000234 heldCall.deviceID=200
		< ConferenceCallResponse
		< Conferenced u-200 200 connected Active Inbound conference by 200 with 66778899 and SIP/hpbx-00000236, remote 22334455 by ConferenceCall
		! clear 22334455
		< Established u-200 200 connected Active Inbound normal 22334455->200 answered 66778899 for 200, remote 66778899
		! clear 66778899
		< ConnectionCleared u-200 200 null Normal Clearing by 66778899`,
}}

var identifiers = strings.NewReplacer("SIP/hpbx-0000023", "SIP/")

// documents are the standard's messages as they are written, in both encodings: the linkage is LINK, and
// callIDs are short.
var documents = []struct{ request, xml, json string }{
	{"AlternateCall " + asked,
		`<AlternateCallResponse xmlns="NS"><privateData><requestID>7</requestID></privateData></AlternateCallResponse>`,
		`{"type":3,"invocationId":"call-2","result":{"privateData":{"requestId":"7"}}}`},
	{"ConferenceCall " + back,
		`<ConferenceCallResponse xmlns="NS"><conferenceCall><callID>SIP/4-att</callID><deviceID>200</deviceID></conferenceCall><connections>` +
			`<connectionListItem><newConnection><callID>SIP/4-att</callID><deviceID>200</deviceID></newConnection><oldConnection><callID>SIP/4-att</callID><deviceID>200</deviceID></oldConnection><endpoint><deviceID>200</deviceID></endpoint></connectionListItem>` +
			`<connectionListItem><newConnection><callID>SIP/4-att</callID><deviceID>200</deviceID></newConnection><oldConnection><callID>SIP/4</callID><deviceID>200</deviceID></oldConnection><endpoint><deviceID>200</deviceID></endpoint></connectionListItem>` +
			`<connectionListItem><newConnection><callID>SIP/5</callID><deviceID>202</deviceID></newConnection><oldConnection><callID>SIP/5</callID><deviceID>202</deviceID></oldConnection><endpoint><deviceID>202</deviceID></endpoint></connectionListItem>` +
			`<connectionListItem><newConnection><callID>SIP/3</callID><deviceID>22334455</deviceID></newConnection><oldConnection><callID>SIP/3</callID><deviceID>22334455</deviceID></oldConnection><endpoint><deviceID>22334455</deviceID></endpoint></connectionListItem>` +
			`</connections><privateData><requestID>7</requestID></privateData></ConferenceCallResponse>`,
		`{"type":3,"invocationId":"call-3","result":{"conferenceCall":{"callId":"SIP/4-att","deviceId":"200"},"connections":[` +
			`{"newConnection":{"callId":"SIP/4-att","deviceId":"200"},"oldConnection":{"callId":"SIP/4-att","deviceId":"200"},"endpoint":{"deviceId":"200"}},` +
			`{"newConnection":{"callId":"SIP/4-att","deviceId":"200"},"oldConnection":{"callId":"SIP/4","deviceId":"200"},"endpoint":{"deviceId":"200"}},` +
			`{"newConnection":{"callId":"SIP/5","deviceId":"202"},"oldConnection":{"callId":"SIP/5","deviceId":"202"},"endpoint":{"deviceId":"202"}},` +
			`{"newConnection":{"callId":"SIP/3","deviceId":"22334455"},"oldConnection":{"callId":"SIP/3","deviceId":"22334455"},"endpoint":{"deviceId":"22334455"}}` +
			`],"privateData":{"requestId":"7"}}}`},
	{"SnapshotCall snapshotObject.callID SIP/hpbx-00000235 snapshotObject.deviceID=202",
		`<SnapshotCallResponse xmlns="NS"><crossRefIDorSnapshotData><snapshotData>` +
			`<snapshotCallResponseInfo><deviceOnCall><deviceIdentifier>200</deviceIdentifier></deviceOnCall><callIdentifier><callID>SIP/4-att</callID><deviceID>200</deviceID></callIdentifier><localConnectionInfo>connected</localConnectionInfo></snapshotCallResponseInfo>` +
			`<snapshotCallResponseInfo><deviceOnCall><deviceIdentifier>202</deviceIdentifier></deviceOnCall><callIdentifier><callID>SIP/5</callID><deviceID>202</deviceID></callIdentifier><localConnectionInfo>connected</localConnectionInfo></snapshotCallResponseInfo>` +
			`<snapshotCallResponseInfo><deviceOnCall><deviceIdentifier>22334455</deviceIdentifier></deviceOnCall><callIdentifier><callID>SIP/3</callID><deviceID>22334455</deviceID></callIdentifier><localConnectionInfo>connected</localConnectionInfo></snapshotCallResponseInfo>` +
			`</snapshotData></crossRefIDorSnapshotData><callingDevice><deviceIdentifier>200</deviceIdentifier></callingDevice><calledDevice><deviceIdentifier>202</deviceIdentifier></calledDevice>` +
			`<callLinkageData><globalCallData><globalCallLinkageId>LINK</globalCallLinkageId></globalCallData></callLinkageData><privateData><requestID>7</requestID></privateData></SnapshotCallResponse>`,
		`{"type":3,"invocationId":"call-4","result":{"crossRefIDorSnapshotData":{"snapshotData":{"snapshotCallResponseInfo":[` +
			`{"deviceOnCall":{"deviceIdentifier":"200"},"callIdentifier":{"callId":"SIP/4-att","deviceId":"200"},"localConnectionInfo":"connected"},` +
			`{"deviceOnCall":{"deviceIdentifier":"202"},"callIdentifier":{"callId":"SIP/5","deviceId":"202"},"localConnectionInfo":"connected"},` +
			`{"deviceOnCall":{"deviceIdentifier":"22334455"},"callIdentifier":{"callId":"SIP/3","deviceId":"22334455"},"localConnectionInfo":"connected"}]}},` +
			`"callingDevice":{"deviceIdentifier":"200"},"calledDevice":{"deviceIdentifier":"202"},"callLinkageData":{"globalCallData":{"globalCallLinkageId":"LINK"}},"privateData":{"requestId":"7"}}}`},
	{"RequestSystemStatus sysStatRegisterID 1",
		`<RequestSystemStatusResponse xmlns="NS"><systemStatus>normal</systemStatus><privateData><requestID>7</requestID></privateData></RequestSystemStatusResponse>`,
		`{"type":3,"invocationId":"call-5","result":{"systemStatus":"normal","privateData":{"requestId":"7"}}}`},
	{"SystemStatus systemStatus normal",
		`<SystemStatusResponse xmlns="NS"><privateData><requestID>7</requestID></privateData></SystemStatusResponse>`,
		`{"type":3,"invocationId":"call-6","result":{"privateData":{"requestId":"7"}}}`},
}

var linkageText = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

func TestStandardDocuments(t *testing.T) {
	both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
		run(t, p, "call 22334455 200\nanswer\nconsult 200 202\nanswer 202")
		c := dial()
		login(t, c)
		for _, d := range documents {
			words := strings.Fields(d.request)
			c.request(words[0], append([]string{words[1] + "=" + words[2]}, append(slices.Clone(words[3:]), "privateData.requestID=7")...)...)
			want := strings.Replace(d.xml, "NS", "http://www.ecma.ch/standards/ecma-323/csta/ed6", 1)
			if _, hub := c.(*hubClient); hub {
				want = d.json
			}
			if got := identifiers.Replace(linkageText.ReplaceAllString(c.next().raw, "LINK")); got != want {
				t.Errorf("%s:\n got %s\nwant %s", words[0], got, want)
			}
		}
	})
}

func TestConferencedEvent(t *testing.T) {
	const party = `<connectionListItem><newConnection><callID>SIP/%1</callID><deviceID>%2</deviceID></newConnection><oldConnection><callID>SIP/%3</callID><deviceID>%2</deviceID></oldConnection><endpoint><deviceID>%2</deviceID></endpoint></connectionListItem>`
	item := func(now, device, before string) string {
		return strings.NewReplacer("%1", now, "%2", device, "%3", before).Replace(party)
	}
	wantXML := `<ConferencedEvent xmlns="http://www.ecma.ch/standards/ecma-323/csta/ed6"><monitorCrossRefID>u-12345678-200</monitorCrossRefID>` +
		`<primaryOldCall><callID>SIP/4</callID><deviceID>200</deviceID></primaryOldCall><secondaryOldCall><callID>SIP/4-att</callID><deviceID>200</deviceID></secondaryOldCall>` +
		`<conferencingDevice><deviceIdentifier>200</deviceIdentifier></conferencingDevice><addedParty><deviceIdentifier>202</deviceIdentifier></addedParty><conferenceConnections>` +
		item("3", "22334455", "3") + item("4", "200", "4") + item("4", "200", "4-att") + item("5", "202", "5") + `</conferenceConnections>` +
		`<localConnectionInfo>connected</localConnectionInfo><cause>conference</cause><callLinkageData><globalCallData><globalCallLinkageId>LINK</globalCallLinkageId></globalCallData></callLinkageData>` +
		`<privateData><eventOrderIncrement>0</eventOrderIncrement><isCstaOriginated>false</isCstaOriginated><callDirection>Inbound</callDirection><localStatus>Active</localStatus><remoteUser>22334455</remoteUser></privateData></ConferencedEvent>`
	const wantJSON = `{"type":1,"target":"Conferenced","arguments":[{"monitorCrossRefId":"u-12345678-200",` +
		`"primaryOldCall":{"callId":"SIP/4","deviceId":"200"},"secondaryOldCall":{"callId":"SIP/4-att","deviceId":"200"},` +
		`"conferencingDevice":{"deviceIdentifier":"200"},"addedParty":{"deviceIdentifier":"202"},"conferenceConnections":[` +
		`{"newConnection":{"callId":"SIP/3","deviceId":"22334455"},"oldConnection":{"callId":"SIP/3","deviceId":"22334455"},"endpoint":{"deviceId":"22334455"}},` +
		`{"newConnection":{"callId":"SIP/4","deviceId":"200"},"oldConnection":{"callId":"SIP/4","deviceId":"200"},"endpoint":{"deviceId":"200"}},` +
		`{"newConnection":{"callId":"SIP/4","deviceId":"200"},"oldConnection":{"callId":"SIP/4-att","deviceId":"200"},"endpoint":{"deviceId":"200"}},` +
		`{"newConnection":{"callId":"SIP/5","deviceId":"202"},"oldConnection":{"callId":"SIP/5","deviceId":"202"},"endpoint":{"deviceId":"202"}}],` +
		`"localConnectionInfo":"connected","cause":"conference","callLinkageData":{"globalCallData":{"globalCallLinkageId":"LINK"}},` +
		`"privateData":{"eventOrderIncrement":0,"isCstaOriginated":false,"cstaCallRequestType":null,"callDirection":"Inbound","localStatus":"Active","remoteUser":"22334455","callerName":null,"timestamp":null}}]}`
	both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
		run(t, p, "call 22334455 200\nanswer\nconsult 200 202\nanswer 202")
		c := dial()
		login(t, c, "200")
		run(t, p, "conference 200")
		want := wantXML
		if _, hub := c.(*hubClient); hub {
			want = wantJSON
		}
		if got := identifiers.Replace(linkageText.ReplaceAllString(c.next().raw, "LINK")); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		// Who made it leaves: the other two talk on.
		run(t, p, "clear SIP/hpbx-00000234")
		if calls := p.Calls(); len(calls) != 1 || len(calls[0].Legs) != 2 || calls[0].Legs[0].Remote != "202" || calls[0].Legs[1].Remote != "22334455" {
			t.Errorf("left are %+v", calls)
		}
	})
}

// TestConferenceOfAQueue: the agent who took a queue's call leaves the conference, and the queue's figures
// agree.
func TestConferenceOfAQueue(t *testing.T) {
	p := newPBX(t, Config{})
	run(t, p, "call 22334455 400\nanswer 201\nconsult 201 203\nanswer 203\nconference 201")
	q := p.queues["400"]
	if q.talking != 1 || len(q.waiting) != 0 {
		t.Errorf("in the conference: %d talk, %d wait", q.talking, len(q.waiting))
	}
	run(t, p, "clear 201")
	if calls := p.Calls(); q.talking != 0 || len(calls) != 1 {
		t.Errorf("after: %d talk to the queue, calls %+v", q.talking, calls)
	}
}

func TestSystemStatus(t *testing.T) {
	both(t, Config{Behaviour: Behaviour{Greet: true}}, func(t *testing.T, p *PBX, dial func() client) {
		c := dial()
		if got := c.next().say("systemstatus"); got != "SystemStatus normal" {
			t.Fatalf("a link begins with %s", got)
		}
		if _, tcp := c.(*tcpClient); tcp {
			c.request("SystemStatusResponse", "privateData.requestID=1") // has no answer
		}
		c.request("RequestSystemStatus", "privateData.requestID=2")
		if m := c.next(); m.root != "RequestSystemStatusResponse" || m.leaf["systemstatus"] != "normal" {
			t.Errorf("before the login: got %s", m)
		}
		login(t, c)
		run(t, p, "system overloadReached")
		if got := c.next().say("systemstatus"); got != "SystemStatus overloadReached" {
			t.Errorf("got %s", got)
		}
		c.request("RequestSystemStatus", "privateData.requestID=3")
		if got := c.next().say("systemstatus"); got != "RequestSystemStatusResponse overloadReached" {
			t.Errorf("got %s", got)
		}
	})
}
