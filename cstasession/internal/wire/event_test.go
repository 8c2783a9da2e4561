package wire_test

import (
	"reflect"
	"strings"
	"testing"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/fixture"
	"calltray/cstasession/internal/wire"
)

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
			got, known := wire.ReadEvent(fixture.XML(t, fixture.Read(t, "xml/"+stem+".xml")))
			if !known || got != want {
				t.Errorf("got  %v %+v\nwant true %+v", known, got, want)
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
			if got := wire.ReadSnapshot(fixture.XML(t, fixture.Read(t, "xml/"+stem+".xml"))); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

// TestPlaceholders are the vendor's words for "no identifier" (protocol trap 8).
func TestPlaceholders(t *testing.T) {
	m := fixture.XML(t, fixture.Read(t, "xml/MakeCallResponse.xml"))
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
