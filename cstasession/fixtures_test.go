package cstasession

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/fixture"
	"calltray/cstasession/internal/office"
	"calltray/cstasession/internal/wire"
)

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

func TestCodecsAgree(t *testing.T) {
	inJSON := fixture.Stems(t, "json")
	for _, stem := range fixture.Stems(t, "xml") {
		root := fixture.Root(stem)
		if stem == "StartApplicationSession.declared" || slices.Contains(requests, stem) {
			continue
		}
		if !slices.Contains(inJSON, stem) {
			t.Errorf("%s has no fixture in JSON", stem)
			continue
		}
		t.Run(stem, func(t *testing.T) {
			x, j := fixture.XML(t, fixture.Read(t, "xml/"+stem+".xml")), fixture.JSON(t, root, fixture.Read(t, "json/"+stem+".json"))
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
			px, pj := fixture.Plain(x.Body), fixture.Plain(j.Body)
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
				"XML":  fixture.XML(t, fixture.Read(t, "xml/"+stem+".xml")),
				"JSON": fixture.JSON(t, fixture.Root(stem), fixture.Read(t, "json/"+stem+".json")),
			} {
				if got := test.left(foldOne(t, m, device)); got != test.want {
					t.Errorf("%s: got  %s\nwant %s", encoding, got, test.want)
				}
			}
		})
	}
	for stem, want := range map[string]int{"GetQueueMemberResponse": 3, "GetQueueMemberResponse.none": 0} {
		x, j := fixture.XML(t, fixture.Read(t, "xml/"+stem+".xml")), fixture.JSON(t, fixture.Root(stem), fixture.Read(t, "json/"+stem+".json"))
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

func TestControlCharactersAreRefused(t *testing.T) {
	if _, err := (&Session{}).MakeCall(t.Context(), "12\x0134"); err == nil {
		t.Error("a number with a control character was accepted")
	}
}
