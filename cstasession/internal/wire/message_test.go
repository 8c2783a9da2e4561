package wire_test

import (
	"encoding/json"
	"strings"
	"testing"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/fixture"
	"calltray/cstasession/internal/wire"
)

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
			x := fixture.XML(t, fixture.Read(t, "xml/"+stem+".xml"))
			j := fixture.JSON(t, fixture.Root(stem), fixture.Read(t, "json/"+stem+".json"))
			for encoding, m := range map[string]wire.Message{"XML": x, "JSON": j} {
				got := m.Failure("")
				if (got == nil) != (want == nil) || got != nil && *got != *want {
					t.Errorf("%s: got %+v, want %+v", encoding, got, want)
				}
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
			m := fixture.XML(t, []byte(test.doc))
			if m.RequestID != test.id || m.IsEvent() != test.event {
				t.Errorf("got %q %v, want %q %v", m.RequestID, m.IsEvent(), test.id, test.event)
			}
		})
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
}

// TestServerForms are the server's spellings of the login that our own decoder reads alike (protocol
// trap 2).
func TestServerForms(t *testing.T) {
	for _, stem := range []string{"StartApplicationSession", "StartApplicationSession.declared"} {
		root, err := wire.DecodeXML(fixture.Read(t, "xml/"+stem+".xml"))
		if err != nil || root.Value("applicationInfo", "applicationSpecificInfo", "password") != "rød & grød <3" {
			t.Errorf("%s: %v %+v", stem, err, root)
		}
	}
}
