package cstasession

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/office"
	"calltray/cstasession/internal/wire"
)

// The fixtures under testdata/wire have the vendor's shapes with numbers and identifiers of our own.
// A file is named after the root element of its message; what follows the first dot tells variants
// apart. json/ holds the same messages as the hub carries them: the argument of a method, or its result.

// The traps of protocol.md 17, and the tests that walk into them:
//
//	 1 encoding="utf-16"              TestMended, TestServersOfOtherKinds
//	 2 vendorData not declared        TestRequestsAsXML, TestServerForms
//	 3 the vendor's unclosed login    TestUnreadable, TestRequestsAsXML
//	 4 characters over two reads      TestFrames, TestByteByByte, TestOverAWire
//	 5 documents and reads            TestFrames
//	 6 namespaces                     TestMended, TestOverAWire
//	 7 spellings of roots             TestVariantSpellings, TestOverAWire
//	 8 N/A, NotImplemented            TestDevices, TestPlaceholders
//	 9 MonitorTrunk's answer          TestEnvelope, TestVariantSpellings, TestColleagues
//	10 events that come twice         TestFold, TestFoldFixtures, TestOverAWire
//	11 legs joined by linkage         TestFold
//	12 -att                           TestFold, TestCallControl, TestReadEvent
//	13 HeldEvent's device             TestFold, TestReadEvent
//	14 localConnectionInfo's words    TestFold
//	15 causes as text                 TestFold, TestCauses
//	16 timestamp with a blank         TestReadEvent: nothing here reads it
//	17 order, unknown elements        TestMended, TestEnvelope, TestCodecsAgree
//	18 overtaken and missing answers  TestOverAWire, TestServicesThatNothingComesOf
//	19 half-open links                TestBlackHoleIsNoticed
//	20 the password in logs           TestUnreadableDocumentsAreSkipped
//	21 escaping, control characters   TestValuesAreEscaped, TestMended
//	22 invalid UTF-8, byte order mark TestMended, TestByteByByte
//	23 forms of numbers               TestSameNumber, TestDevices, TestFold
//	24 changes made elsewhere         TestDoNotDisturb, TestForwarding, TestQueues
//	25 events without xmlns           TestCodecsAgree, TestOfficeFixtures
//	26 forwardDN as a word            TestForwarding, TestOfficeFixtures
//	27 phones without auto-answer     TestServicesThatNothingComesOf

// fixture is the content of one file, without the newline at its end.
func fixture(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "wire", filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSuffix(b, []byte("\n"))
}

// stems lists the messages of a folder that are in it, without the extension.
func stems(t testing.TB, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "wire", folder, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures in %s: %v", folder, err)
	}
	var list []string
	for _, f := range files {
		list = append(list, strings.TrimSuffix(filepath.Base(f), filepath.Ext(f)))
	}
	return list
}

func rootOf(stem string) string { root, _, _ := strings.Cut(stem, "."); return root }

func fromXML(t testing.TB, doc []byte) wire.Message {
	t.Helper()
	root, err := wire.DecodeXML(doc)
	if err != nil {
		t.Fatalf("decodeXML: %v", err)
	}
	return wire.NewMessage(root)
}

// fromJSON decodes a message as the hub carries it: an event comes as the argument of a method of its
// name, an answer as a result that has no name of its own.
func fromJSON(t testing.TB, root string, value []byte) wire.Message {
	t.Helper()
	if !(wire.Message{Name: root}).IsEvent() {
		return wire.HubAnswer(wire.Request{ID: "9-hub", Body: wire.Element{Name: serviceOf(root)}}, value, "")
	}
	m, err := wire.HubEvent(strings.TrimSuffix(root, "Event"), value)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// serviceOf is the request that an answer of that root belongs to.
func serviceOf(root string) string {
	for _, end := range []string{"PosResponse", "NegResponse", "Response"} {
		if s, found := strings.CutSuffix(root, end); found {
			return s
		}
	}
	return "AnswerCall" // which may get a CSTAErrorCode
}

// plain is a message without what differs lawfully between the encodings: the case of names, the kind of
// a leaf, members without content.
func plain(e wire.Element) wire.Element {
	p := wire.Element{Name: strings.ToLower(e.Name), Text: e.Text}
	for _, kid := range e.Children {
		if kid = plain(kid); kid.Text != "" || len(kid.Children) > 0 {
			p.Children = append(p.Children, kid)
		}
	}
	return p
}

func TestCodecsAgree(t *testing.T) {
	inJSON := stems(t, "json")
	for _, stem := range stems(t, "xml") {
		root := rootOf(stem)
		if stem == "StartApplicationSession.declared" || slices.Contains(requests, stem) {
			continue
		}
		if !slices.Contains(inJSON, stem) {
			t.Errorf("%s has no fixture in JSON", stem)
			continue
		}
		t.Run(stem, func(t *testing.T) {
			x, j := fromXML(t, fixture(t, "xml/"+stem+".xml")), fromJSON(t, root, fixture(t, "json/"+stem+".json"))
			if x.IsEvent() != j.IsEvent() {
				t.Errorf("is an event: XML %v, JSON %v", x.IsEvent(), j.IsEvent())
			}
			if x.IsEvent() {
				ex, knownX := wire.ReadEvent(x)
				ej, knownJ := wire.ReadEvent(j)
				if ex != ej || knownX != knownJ {
					t.Errorf("XML  %v %+v\nJSON %v %+v", knownX, ex, knownJ, ej)
				}
				if !knownX && !strings.EqualFold(root, "ApplicationSessionTerminated") && foldOne(t, x, "310").unknown[root] {
					t.Errorf("%s has no meaning", root)
				}
			} else {
				fx, fj := x.Failure(""), j.Failure("")
				if !reflect.DeepEqual(fx, fj) {
					t.Errorf("failure: XML %+v, JSON %+v", fx, fj)
				}
				if fx == nil && !strings.EqualFold(x.Name, j.Name) && !strings.HasPrefix(root, "Snap") {
					t.Errorf("name: XML %s, JSON %s", x.Name, j.Name)
				}
				if !reflect.DeepEqual(wire.ReadSnapshot(x), wire.ReadSnapshot(j)) {
					t.Errorf("snapshot: XML %+v, JSON %+v", wire.ReadSnapshot(x), wire.ReadSnapshot(j))
				}
			}
			if slices.Contains([]string{"QueueStatisticsEvent", "QueueMemberEvent", "OutgoingNumbersEvent", "GetForwardingResponse", "GetQueueMemberResponse"}, root) {
				return // JSON writes its list without the level of its items; TestOfficeFixtures reads both
			}
			px, pj := plain(x.Body), plain(j.Body)
			pj.Name = px.Name // the hub names no result
			if !reflect.DeepEqual(px, pj) {
				t.Errorf("XML  %+v\nJSON %+v", px, pj)
			}
		})
	}
}

// foldOne is a session to which nothing happened but one event.
func foldOne(t testing.TB, m wire.Message, device csta.DeviceID) *Session {
	t.Helper()
	cfg := config("tcp://pbx:7000")
	cfg.PBXDomain, cfg.Device = "87654321.pbx.one-connect.dk", device
	cfg.OnColleague, cfg.OnQueue = func(csta.Colleague) {}, func(csta.Queue) {}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.fold(&link{s: s, crossRef: fixRef, survey: make(chan struct{}, 1)}, m)
	return s
}

// TestOfficeFixtures is what the events of settings and queues leave behind, in both encodings.
func TestOfficeFixtures(t *testing.T) {
	queue := func(s *Session) string {
		text := ""
		for _, q := range s.office.EveryQueue() {
			text += fmt.Sprintf("%s %q waits %d %v talks %d of %d/%d/%d average %v %v members %+v", q.Device, q.Name, q.Waiting, q.LongestWait, q.Talking,
				q.Total, q.Answered, q.Missed, q.AverageWait, q.AverageTalk, q.Members)
		}
		return text
	}
	colleagues := func(s *Session) string {
		text := ""
		for _, st := range s.office.Everybody() {
			text += fmt.Sprintf("%s disturb %v to %q", st.Device, !st.DoNotDisturb, st.ForwardedTo)
		}
		return text
	}
	const none = " waits 0 0s talks 0 of 0/0/0 average 0s 0s members "
	for stem, test := range map[string]struct {
		left func(*Session) string
		want string
	}{
		"DoNotDisturbEvent":           {func(s *Session) string { return fmt.Sprint(s.state.Telephone.DoNotDisturb == csta.On) }, "true"},
		"DoNotDisturbEvent.colleague": {colleagues, `311 disturb false to ""`},
		"ForwardingEvent":             {func(s *Session) string { return fmt.Sprint(s.state.Telephone.Forwarding) }, "[{forwardNoAns true 312 25s}]"},
		"ForwardingEvent.word":        {func(s *Session) string { return fmt.Sprint(s.state.Telephone.Forwarding) }, "[{forwardBusy true busy 0s}]"},
		"ForwardingEvent.colleague":   {colleagues, `311 disturb true to "312"`},
		"MonitorStartedEvent":         {colleagues, `310 disturb true to ""`},
		"MonitorStartedEvent.queue":   {queue, `450 ""` + none + "[]"},
		"QueueAddedEvent":             {queue, `451 "Udlån & Salg"` + none + "[]"},
		"QueueRemovedEvent":           {queue, ""},
		"QueueMemberEvent":            {queue, `450 ""` + none + "[{Agent:310 Active:true SIP:false Mobile:false Skype:false} {Agent:311 Active:true SIP:true Mobile:true Skype:false}]"},
		"QueueStatisticsEvent":        {queue, `450 "" waits 2 41s talks 1 of 17/12/3 average 19s 2m16s members []`},
		"OutgoingNumbersEvent":        {func(s *Session) string { return fmt.Sprint(s.unknown) }, "map[]"},
	} {
		t.Run(stem, func(t *testing.T) {
			device := csta.DeviceID("310")
			if stem == "MonitorStartedEvent" {
				device = "200" // the fixture is about 310: a colleague
			}
			for encoding, m := range map[string]wire.Message{
				"XML":  fromXML(t, fixture(t, "xml/"+stem+".xml")),
				"JSON": fromJSON(t, rootOf(stem), fixture(t, "json/"+stem+".json")),
			} {
				if got := test.left(foldOne(t, m, device)); got != test.want {
					t.Errorf("%s: got  %s\nwant %s", encoding, got, test.want)
				}
			}
		})
	}
	for stem, want := range map[string]int{"GetQueueMemberResponse": 3, "GetQueueMemberResponse.none": 0} {
		x, j := fromXML(t, fixture(t, "xml/"+stem+".xml")), fromJSON(t, rootOf(stem), fixture(t, "json/"+stem+".json"))
		if got := office.ReadMembers(&x.Body); len(got) != want || !slices.Equal(got, office.ReadMembers(&j.Body)) {
			t.Errorf("%s: XML %+v, JSON %+v, want %d members", stem, got, office.ReadMembers(&j.Body), want)
		}
	}
}

// The parts that all event fixtures share.
const (
	fixLink = "5b1f0c3e-7d42-4a19-9c55-0e6a1f7b2d90"
	fixRef  = "u-87654321-310"
	fixName = `Ærø Bageri & Søn <"1904">`
)

var fixLeg = csta.ConnectionID{CallID: "SIP/hpbx-0001c2e0", DeviceID: "310"}

func TestReadEvent(t *testing.T) {
	const x = "31415926"
	for stem, want := range map[string]wire.Event{
		"DeliveredEvent.incoming": {Name: "Delivered", Leg: fixLeg, Subject: "310", Calling: x, Called: "310", Info: "alerting", Cause: "newCall",
			NetworkCalled: "310", Status: "alerting", Direction: "inbound", Remote: csta.Party{Number: x, Name: fixName}},
		"DeliveredEvent.queue": {Name: "Delivered", Leg: fixLeg, Subject: "310", Calling: x, Called: "310", Info: "alerting", Cause: "newCall",
			NetworkCalled: "450", Status: "alerting", Direction: "inbound", Remote: csta.Party{Number: x, Name: fixName}},
		"DeliveredEvent.outgoing": {Name: "Delivered", Leg: fixLeg, Subject: x, Calling: "310", Called: x, Info: "connected", Cause: "newCall",
			NetworkCalled: x, Status: "ringing", Direction: "outbound", RequestType: "MakeCall", Remote: csta.Party{Number: x}},
		"EstablishedEvent": {Name: "Established", Leg: fixLeg, Subject: "310", Calling: x, Called: "310", Info: "connected", Cause: "normal",
			NetworkCalled: "310", Status: "active", Direction: "inbound", RequestType: "AnswerCall", Remote: csta.Party{Number: x, Name: fixName}},
		"ConnectionClearedEvent": {Name: "ConnectionCleared", Leg: fixLeg, Subject: x, Info: "null", Cause: "Normal Clearing"},
		"HeldEvent": {Name: "Held", Leg: csta.ConnectionID{CallID: fixLeg.CallID, DeviceID: "311"}, Subject: "310", Info: "held",
			Status: "held", Direction: "inbound", RequestType: "HoldCall", Remote: csta.Party{Number: "311"}},
		"DeliveredEvent.consultation": {Name: "Delivered", Leg: csta.ConnectionID{CallID: fixLeg.CallID + "-att", DeviceID: "310"}, Subject: "312", Calling: "310", Called: "312", Info: "connected", Cause: "newCall",
			NetworkCalled: "312", Status: "ringing_attendedtransfer", Direction: "outbound", RequestType: "ConsultationCall", Remote: csta.Party{Number: "312"}},
		"EstablishedEvent.consultation": {Name: "Established", Leg: csta.ConnectionID{CallID: fixLeg.CallID + "-att", DeviceID: "310"}, Subject: "312", Calling: "310", Called: "312", Info: "connected", Cause: "normal",
			NetworkCalled: "312", Status: "active_attendedtransfer", Direction: "outbound", RequestType: "ConsultationCall", Remote: csta.Party{Number: "312"}},
		"EstablishedEvent.pickup": {Name: "Established", Leg: csta.ConnectionID{CallID: "SIP/hpbx-0001c2ea", DeviceID: "310"}, Subject: "310", Calling: "27182818", Called: "310", Info: "connected", Cause: "normal",
			NetworkCalled: "311", Status: "active", Direction: "inbound", RequestType: "DirectedPickupCall", Remote: csta.Party{Number: "27182818"}},
		"RetrievedEvent":  {Name: "Retrieved", Leg: fixLeg, Subject: "310", Info: "connected", Cause: "normal"},
		"DivertedEvent":   {Name: "Diverted", Leg: fixLeg, Subject: "310", Calling: x, Called: "312", Info: "null", Cause: "Answered elsewhere", NetworkCalled: "310"},
		"TransferedEvent": {Name: "Transfered", Leg: fixLeg, Subject: "310", Cause: "singleStepTransfer", TransferredTo: "312"},
		"TransferedEvent.joined": {Name: "Transfered", Leg: csta.ConnectionID{CallID: "77", DeviceID: "310"}, Subject: "310", Info: "null", Cause: "transfer", TransferredTo: "312",
			Secondary: csta.ConnectionID{CallID: "78", DeviceID: "310"}, NewCallID: "79", Parties: "31415926 312 "},
		"ConferencedEvent": {Name: "Conferenced", Leg: fixLeg, Subject: "310", Info: "connected", Cause: "conference", Secondary: csta.ConnectionID{CallID: fixLeg.CallID + "-att", DeviceID: "310"},
			NewCallID: fixLeg.CallID, Parties: "310 31415926 312 ", Status: "active", Direction: "inbound", RequestType: "ConferenceCall", Remote: csta.Party{Number: x}},
		"ConferencedEvent.ecma": {Name: "Conferenced", Leg: csta.ConnectionID{CallID: "77", DeviceID: "310"}, Subject: "310", Info: "connected", Cause: "conference", Secondary: csta.ConnectionID{CallID: "78", DeviceID: "310"},
			NewCallID: "79", Parties: "310 31415926 312 ", Linkage: "0A0B0C0D01020399"},
		"FailedEvent":           {Name: "Failed", Leg: fixLeg, Subject: x, Calling: "310", Called: x, Info: "fail", Cause: "busy"},
		"OriginatedEvent":       {Name: "Originated", Leg: fixLeg, Subject: "310", Calling: "310", Called: x, Info: "connected", Cause: "newCall"},
		"ServiceInitiatedEvent": {Name: "ServiceInitiated", Leg: fixLeg, Subject: "310", Info: "initiated", Cause: "makeCall"},
		"NetworkReachedEvent": {Name: "NetworkReached", Leg: csta.ConnectionID{CallID: "SIP/hpbx-0001c2e1", DeviceID: x}, Subject: "t-87654321", Calling: "310", Called: x,
			Info: "connected", Cause: "normal"},
	} {
		t.Run(stem, func(t *testing.T) {
			want.CrossRef = fixRef
			switch _, variant, _ := strings.Cut(stem, "."); variant {
			case "joined", "ecma": // the standard does not ask for a linkage
			case "consultation":
				want.Linkage = "7c0d9e52-1f4b-4d86-a3a7-90b5c4e8d261"
			case "pickup":
				want.Linkage = "2e8f4a10-66b3-4c0e-9a7d-5d1f0b3c8e47"
			default:
				want.Linkage = fixLink
			}
			got, known := wire.ReadEvent(fromXML(t, fixture(t, "xml/"+stem+".xml")))
			if !known || got != want {
				t.Errorf("got  %v %+v\nwant true %+v", known, got, want)
			}
		})
	}
}

func TestFailures(t *testing.T) {
	for stem, want := range map[string]*csta.ServiceError{
		"StartApplicationSessionNegResponse.defined":   {Category: "definedError", Value: "invalidApplicationInfo"},
		"StartApplicationSessionNegResponse.words":     {Category: "applError", Value: "Forkert adgangskode"},
		"StopApplicationSessionNegResponse":            {Category: "definedError", Value: "invalidSessionID"},
		"ResetApplicationSessionTimerNegResponse":      {Category: "definedError", Value: "serverCannotResetSessionTimer"},
		"CSTAErrorCode.operation":                      {Category: "operation", Value: "invalidDeviceID"},
		"CSTAErrorCode.security":                       {Category: "security", Value: "generic"},
		"CSTAErrorCode.stateIncompatibility":           {Category: "stateIncompatibility", Value: "noCallToAnswer"},
		"CSTAErrorCode.systemResourceAvailibility":     {Category: "systemResourceAvailibility", Value: "resourceBusy"},
		"CSTAErrorCode.subscribedResourceAvailability": {Category: "subscribedResourceAvailability", Value: "objectMonitorLimitExceeded"},
		"CSTAErrorCode.performanceManagement":          {Category: "performanceManagement", Value: "performanceLimitExceeded"},
		"CSTAErrorCode.unspecified":                    {Category: "unspecified"},
		"CSTAErrorCode.privateErrorCode":               {Category: "privateErrorCode", Value: "Call Manager Denied"},
		"CSTAErrorCode.privateData":                    {Category: "privateData", Value: "cSTAPrivateDataInfoError"},
		"CSTAErrorCode.requestIDFirst":                 {Category: "operation", Value: "invalidConnectionID"},
		"StartApplicationSessionPosResponse":           nil,
		"StopApplicationSessionPosResponse":            nil,
		"ResetApplicationSessionTimerPosResponse":      nil,
		"MonitorStartResponse":                         nil,
		"MakeCallResponse":                             nil,
		"AnswerCallResponse":                           nil,
		"ClearConnectionResponse":                      nil,
		"SnapShotDeviceResponse.vendor":                nil,
	} {
		t.Run(stem, func(t *testing.T) {
			x := fromXML(t, fixture(t, "xml/"+stem+".xml"))
			j := fromJSON(t, rootOf(stem), fixture(t, "json/"+stem+".json"))
			for encoding, m := range map[string]wire.Message{"XML": x, "JSON": j} {
				got := m.Failure("")
				if (got == nil) != (want == nil) || got != nil && *got != *want {
					t.Errorf("%s: got %+v, want %+v", encoding, got, want)
				}
			}
		})
	}
}

func TestReadSnapshot(t *testing.T) {
	for stem, want := range map[string][]wire.SnapshotItem{
		"SnapShotDeviceResponse.empty": nil,
		"SnapShotDeviceResponse.vendor": {
			{Leg: fixLeg, Remote: "31415926", Linkage: fixLink, States: []string{"connected"}},
			{Leg: csta.ConnectionID{CallID: "SIP/hpbx-0001c2f4", DeviceID: "310"}, Remote: "27182818", Linkage: "9a0d7c11-3e58-4f02-b6c4-77e1d2a90b36", States: []string{"alerting"}},
		},
		"SnapshotDeviceResponse.ecma": {
			{Leg: csta.ConnectionID{CallID: "77", DeviceID: "310"}, Remote: "31415926", Linkage: "0A0B0C0D01020304", States: []string{"hold", "connected"}},
			{Leg: csta.ConnectionID{CallID: "78", DeviceID: "310"}, States: []string{"calldelivered"}},
		},
	} {
		t.Run(stem, func(t *testing.T) {
			if got := wire.ReadSnapshot(fromXML(t, fixture(t, "xml/"+stem+".xml"))); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

// TestEnvelope is where a message keeps its requestID, and what is news.
func TestEnvelope(t *testing.T) {
	for name, test := range map[string]struct {
		doc, id string
		event   bool
	}{
		"last":                               {`<MakeCallResponse><callingDevice/><privateData><requestID>5-a</requestID></privateData></MakeCallResponse>`, "5-a", false},
		"first":                              {`<MakeCallResponse><privateData><requestID>5-a</requestID></privateData><callingDevice/></MakeCallResponse>`, "5-a", false},
		"in the standard's place":            {`<MakeCallResponse><extensions><privateData><private><requestID>5-a</requestID></private></privateData></extensions></MakeCallResponse>`, "5-a", false},
		"another case":                       {`<makecallresponse><PRIVATEDATA><requestid>5-a</requestid></PRIVATEDATA></makecallresponse>`, "5-a", false},
		"none":                               {`<ClearConnectionResponse/>`, "", false},
		"trap 9: the answer of MonitorTrunk": {`<MonitorStartResponse><monitorCrossRefID>87654321</monitorCrossRefID></MonitorStartResponse>`, "", false},
		"an event":                           {`<deliveredevent/>`, "", true},
		"the end of the session":             {`<ApplicationSessionTerminated/>`, "", true},
		"a monitor that the server stops":    {`<MonitorStop/>`, "", true},
		"SystemStatus":                       {`<SystemStatus/>`, "", true},
		"a root that is just called Event":   {`<Event/>`, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			m := fromXML(t, []byte(test.doc))
			if m.RequestID != test.id || m.IsEvent() != test.event {
				t.Errorf("got %q %v, want %q %v", m.RequestID, m.IsEvent(), test.id, test.event)
			}
		})
	}
}

// TestPlaceholders are the vendor's words for "no identifier" (protocol trap 8).
func TestPlaceholders(t *testing.T) {
	m := fromXML(t, fixture(t, "xml/MakeCallResponse.xml"))
	if c := wire.ReadConnection(m.Body.Child("callingDevice")); !c.IsZero() || c.DeviceID != "310" {
		t.Errorf("got %+v, want no call at 310", c)
	}
	if linkage := wire.ReadLinkage(&m.Body); linkage != "" {
		t.Errorf("linkage: got %q", linkage)
	}
	if !(csta.ConnectionID{CallID: "NotImplemented", DeviceID: "1"}).IsZero() || (csta.ConnectionID{CallID: "SIP/hpbx-1", DeviceID: ""}).IsZero() {
		t.Error("IsZero")
	}
}

// TestDevices is what a device may look like (protocol traps 8, 23).
func TestDevices(t *testing.T) {
	for doc, want := range map[string]csta.DeviceID{
		`<d><deviceIdentifier>31415926</deviceIdentifier></d>`:                                "31415926",
		`<d><deviceIdentifier typeOfNumber="explicitPublic:unknown">4</deviceIdentifier></d>`: "4",
		`<d>311</d>`: "311",
		`<d><numberDialed>450</numberDialed></d>`: "450",
		`<d><notKnown/></d>`:                      "",
		`<d><restricted/></d>`:                    "",
		`<d><notRequired/></d>`:                   "",
		`<d>anonymous</d>`:                        "",
		`<d>N/A</d>`:                              "",
		`<d>NotImplemented</d>`:                   "",
		`<d/>`:                                    "",
		`<d><deviceIdentifier>+45 31</deviceIdentifier></d>`: "+45 31",
	} {
		root, err := wire.DecodeXML([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		if got := wire.ReadDevice(&root); got != want {
			t.Errorf("%s: got %q, want %q", doc, got, want)
		}
	}
	for device, want := range map[csta.DeviceID]string{
		"200": "200", "u-87654321-310": "310", "q-87654321-450": "450", "tel:1062": "1062", "tel:4922;device=0014": "4922",
		"sip:455455@host": "455455", "SIPS:31@host;x=y": "31", "+4531415926": "+4531415926", "": "", " 12 ": "12",
	} {
		if got := device.Number(); got != want {
			t.Errorf("%q.Number(): got %q, want %q", device, got, want)
		}
	}
}

// TestVariantSpellings are the roots that have two (protocol trap 7).
func TestVariantSpellings(t *testing.T) {
	for _, root := range []string{"TransferedEvent", "TransferredEvent", "transferedevent"} {
		if _, known := wire.ReadEvent(wire.Message{Name: root, Body: wire.Node(root)}); !known {
			t.Errorf("%s is not known", root)
		}
	}
	for _, service := range []string{"SnapShotDevice", "SnapshotDevice"} {
		if !strings.EqualFold(wire.AnswerName("SnapShotDevice"), service+"Response") {
			t.Errorf("%sResponse is no answer to SnapShotDevice", service)
		}
	}
	if got := wire.AnswerName("MonitorTrunk"); got != "MonitorStartResponse" {
		t.Errorf("the answer to MonitorTrunk: got %s", got)
	}
}

// TestValuesAreEscaped: a value of ours comes out of our own decoder as it went in (protocol trap 21).
func TestValuesAreEscaped(t *testing.T) {
	for _, value := range []string{`&`, `<a>`, `]]>`, `"'`, "Æ ø å 漢 🙂", "tab\there", "a&#1;b", "%s%d"} {
		e := wire.Node("MakeCall", wire.Leaf("calledDirectoryNumber", value))
		back, err := wire.DecodeXML(wire.EncodeXML(e))
		if err != nil || back.Value("calledDirectoryNumber") != value {
			t.Errorf("XML: got %q %v, want %q", back.Value("calledDirectoryNumber"), err, value)
		}
		raw, err := json.Marshal(wire.JsonObject(e))
		if err != nil {
			t.Fatal(err)
		}
		back, err = wire.DecodeJSON("MakeCall", raw)
		if err != nil || back.Value("calledDirectoryNumber") != value {
			t.Errorf("JSON: got %q %v, want %q", back.Value("calledDirectoryNumber"), err, value)
		}
	}
	if _, err := (&Session{}).MakeCall(t.Context(), "12\x0134"); err == nil {
		t.Error("a number with a control character was accepted")
	}
}

// TestServerForms are the server's spellings of the login that our own decoder reads alike (protocol
// trap 2).
func TestServerForms(t *testing.T) {
	for _, stem := range []string{"StartApplicationSession", "StartApplicationSession.declared"} {
		root, err := wire.DecodeXML(fixture(t, "xml/"+stem+".xml"))
		if err != nil || root.Value("applicationInfo", "applicationSpecificInfo", "password") != "rød & grød <3" {
			t.Errorf("%s: %v %+v", stem, err, root)
		}
	}
}
