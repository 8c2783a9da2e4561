package pbxsim

import (
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"testing"
)

// The vendor's elements in the vendor's order (protocol pages csta-api/events and the services' pages).
// A question mark follows what need not be there.
const (
	c       = "{callID deviceID}"
	d       = "{deviceIdentifier}"
	linked  = "callLinkageData{globalCallData{globalCallLinkageId}}"
	private = "privateData{eventOrderIncrement isCstaOriginated cstaCallRequestType? callDirection localStatus remoteUser callerName?"
	flags   = "{active activeSip activeMobile activeSkype agentDN}"
	agent   = "agentListItem{device" + d + " totalNoOfCalls totalAnsweredCalls totalMissedCalls averageTalkTime}"
	onCall  = "snapshotCallResponseInfo{deviceOnCall" + d + " callIdentifier" + c + " localConnectionInfo}"
	parties = " callingDevice" + d + " calledDevice" + d + " localConnectionInfo cause networkCallingDevice" + d + " networkCalledDevice" + d + " " + linked
)

// fourParties are three, of which one had two connections before.
var fourParties = strings.TrimSpace(strings.Repeat("connectionListItem{newConnection"+c+" oldConnection"+c+" endpoint{deviceID}} ", 4))

var shapes = map[string]string{
	"DeliveredEvent":         "monitorCrossRefID connection" + c + " alertingDevice" + d + parties + " " + private + "}",
	"EstablishedEvent":       "monitorCrossRefID establishedConnection" + c + " answeringDevice" + d + parties + " " + private + " timestamp}",
	"ConnectionClearedEvent": "monitorCrossRefID droppedConnection" + c + " releasingDevice" + d + " localConnectionInfo cause " + linked,
	"HeldEvent":              "monitorCrossRefID heldConnection" + c + " holdingDevice" + d + " localConnectionInfo " + linked + " " + private + "}",
	"DivertedEvent":          "monitorCrossRefID connection" + c + " divertingDevice" + d + parties,
	"TransferedEvent": "monitorCrossRefID primaryOldCall" + c + " transferringDevice" + d + " transferredToDevice" + d +
		" transferredConnections{connectionListItem{oldConnection" + c + "}} cause " + linked,
	"MonitorStartedEvent": "monitorCrossRefID privateData{eventOrderIncrement connectionId} monitoredConnection{deviceID monitorCrossRefID} deviceRelationList numberType",

	"StartApplicationSessionPosResponse": "sessionID actualProtocolVersion actualSessionDuration",
	"MonitorStartResponse":               "monitorCrossRefID privateData{monitoredConnection{deviceID} requestID monitorCount}",
	"SnapShotDeviceResponse":             "serviceCrossRefID snapshotData{snapshotDeviceResponseInfo} privateData{requestID}",
	"MakeCallResponse":                   "callingDevice" + c + " " + linked + " privateData{requestID}",
	"AnswerCallResponse":                 "answeredConnection" + c + " privateData{requestID}",
	"ClearConnectionResponse":            "privateData{requestID}",
	"HoldCallResponse":                   "privateData{requestID}",
	"RetrieveCallResponse":               "privateData{requestID}",
	"DeflectCallResponse":                "privateData{requestID}",
	"SingleStepTransferCallResponse":     "transferredCall" + c + " privateData{requestID}",

	"ConsultationCallResponse":   "privateData{requestID}", // without ECMA-323's initiatedCall
	"ReconnectCallResponse":      "reconnectedConnection" + c + " privateData{requestID}",
	"TransferCallResponse":       "transferredCall" + c + " privateData{requestID}",
	"DirectedPickupCallResponse": "privateData{requestID}",
	"GenerateDigitsResponse":     "privateData{requestID}",

	"DoNotDisturbEvent":       "monitorCrossRefID device" + d + " doNotDisturbOn",
	"ForwardingEvent":         "monitorCrossRefID device" + d + " forwardStatus forwardingType forwardTo ringDuration",
	"GetDoNotDisturbResponse": "doNotDisturbOn privateData{requestID}",
	"SetDoNotDisturbResponse": "privateData{requestID}",
	"GetForwardingResponse": "forwardingList{" + strings.TrimSpace(strings.Repeat("forwardListItem{forwardingType forwardStatus forwardDN ringDuration} ", 3)) +
		"} privateData{requestID}",
	"SetForwardingResponse": "privateData{requestID}",
	"GetCallProfileResponse": "callProfile{outgoingNumberPresentation{localNumberPresentation{numberType number} mobileNumberPresentation{numberType number} teamsNumberPresentation{numberType number}}" +
		" incomingCallMatrix{localDevice{local mobile teams} mobileDevice{local mobile teams} teamsDevice{local mobile teams}} routeHandling} privateData{requestID}",
	"SetCallProfileResponse": "privateData{requestID}",

	"OutgoingNumbersEvent":   "monitorCrossRefID privateData{eventOrderIncrement connectionId} outgoingNumbers{outgoingNumber{number}}",
	"QueueMemberEvent":       "monitorCrossRefID memberList{memberListItem" + flags + "}",
	"QueueAddedEvent":        "monitorCrossRefID localNumber name",
	"QueueRemovedEvent":      "monitorCrossRefID localNumber",
	"QueueStatisticsEvent":   "monitorCrossRefID localNumber currentCalls servicingCalls waitingCalls maxCurrentWait totalNoOfCalls totalAnsweredCalls totalMissedCalls averageWaitTime averageTalkTime maxWaitTime agentList{" + agent + " " + agent + "}",
	"GetQueueResponse":       "queueDevice{deviceDescription deviceIdentifier} privateData{requestID serviceLevelAgreement}",
	"GetQueueMemberResponse": "memberList{memberListItem" + flags + " memberListItem" + flags + "} privateData{requestID}",
	"SetQueueMemberResponse": "privateData{requestID}",

	// Of the standard; what the vendor adds to every event and answer is as in the others.
	"ConferencedEvent":       "monitorCrossRefID primaryOldCall" + c + " secondaryOldCall" + c + "? conferencingDevice" + d + " addedParty" + d + " conferenceConnections{" + fourParties + "} localConnectionInfo cause " + linked + " " + private + "}",
	"ConferenceCallResponse": "conferenceCall" + c + " connections{" + fourParties + "} privateData{requestID}",
	"AlternateCallResponse":  "privateData{requestID}",
	"SnapshotCallResponse":   "crossRefIDorSnapshotData{snapshotData{" + onCall + " " + onCall + " " + onCall + "}} callingDevice" + d + " calledDevice" + d + " " + linked + " privateData{requestID}",

	"CSTAErrorCode": "stateIncompatibility privateData{requestID}", // of the standard; privateData is inferred
}

// TestShapes plays all flows, and compares each document with the documented one.
func TestShapes(t *testing.T) {
	seen := make(map[string]bool)
	for _, f := range slices.Concat(flows, officeFlows, standardFlows) {
		if f.set != "" {
			continue // the standard's shapes
		}
		t.Run(f.name, func(t *testing.T) {
			p := newPBX(t, f.cfg)
			url, err := p.ListenTCP("127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			cl := dialTCP(t, url)
			cl.read = func(doc string) {
				root, got := shape(t, doc)
				want, ok := shapes[root]
				if !ok {
					t.Fatalf("an undocumented document: %s", doc)
				}
				seen[root] = true
				full := strings.ReplaceAll(want, "?", "")
				for _, optional := range []string{" cstaCallRequestType", " callerName", " secondaryOldCall" + c} {
					if !strings.Contains(got, optional) {
						full = strings.Replace(full, optional, "", 1)
					}
				}
				if got != full {
					t.Errorf("%s:\n got %s\nwant %s", root, got, full)
				}
				if root == "QueueStatisticsEvent" || root == "OutgoingNumbersEvent" {
					if strings.Contains(doc, "xmlns") {
						t.Errorf("the vendor shows it without a namespace: %s", doc)
					}
				} else if !strings.HasPrefix(doc, "<"+root+` xmlns="http://www.ecma.ch/standards/ecma-323/csta/ed6">`) {
					t.Errorf("not in the vendor's namespace: %s", doc)
				}
			}
			play(t, p, cl, f)
		})
	}
	for root := range shapes {
		if !seen[root] {
			t.Errorf("no flow has a %s", root)
		}
	}
}

// TestDocumented: every message that the vendor documents is served, and its shape compared.
func TestDocumented(t *testing.T) {
	p := newPBX(t, Config{})
	for _, request := range strings.Fields(`StartApplicationSession MonitorStart MonitorTrunk
		MakeCall AnswerCall ClearConnection HoldCall RetrieveCall ConsultationCall ReconnectCall TransferCall
		SingleStepTransferCall DeflectCall DirectedPickupCall GenerateDigits
		SnapShotDevice GetDoNotDisturb GetForwarding GetCallProfile GetQueueMember GetQueue
		SetDoNotDisturb SetForwarding SetCallProfile SetQueueMember`) {
		answer := request + "Response"
		switch request {
		case "StartApplicationSession":
			answer = request + "PosResponse"
		case "MonitorTrunk":
			answer = "MonitorStartResponse"
		}
		if p.table[request] == nil || shapes[answer] == "" {
			t.Errorf("%s: served %v, its answer's shape is %q", request, p.table[request] != nil, shapes[answer])
		}
	}
	for _, event := range strings.Fields(`Delivered Established ConnectionCleared Held Diverted Transfered DoNotDisturb Forwarding
		MonitorStarted OutgoingNumbers QueueMember QueueAdded QueueRemoved QueueStatistics`) {
		if shapes[event+"Event"] == "" {
			t.Errorf("%sEvent has no shape", event)
		}
	}
}

// shape is the root's name, and the names of what is in it.
func shape(t *testing.T, doc string) (root, inside string) {
	t.Helper()
	var b strings.Builder
	d := xml.NewDecoder(strings.NewReader(doc))
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			b.WriteString(tok.Name.Local + "{")
		case xml.EndElement:
			b.WriteString("} ")
		}
	}
	s := strings.ReplaceAll(strings.ReplaceAll(b.String(), "{} ", " "), " }", "}")
	root, inside, _ = strings.Cut(strings.TrimSpace(s), "{")
	return root, strings.TrimSuffix(inside, "}")
}
