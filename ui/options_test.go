package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"calltray/cstasession/csta"
)

var actionNames = map[callAction]string{actAnswer: "answer", actPassOn: "pass on", actHold: "hold", actResume: "resume",
	actSwap: "swap", actConnect: "connect", actJoin: "join", actTransfer: "transfer", actAsk: "ask", actComplete: "complete", actBack: "back",
	actKeypad: "keypad", actHangUp: "hang up"}

// shown writes options down: an action that is out of use is in brackets.
func shown(list []option) string {
	var words []string
	for _, o := range list {
		if o.why == "" {
			words = append(words, actionNames[o.action])
		} else {
			words = append(words, "("+actionNames[o.action]+")")
		}
	}
	return strings.Join(words, ", ")
}

// busyWithAll is when every action with a call is on its way.
func busyWithAll(c csta.Call) map[doing]bool {
	busy := map[doing]bool{}
	for _, a := range actions {
		busy[doing{c.ID, a.action}] = true
	}
	return busy
}

func TestOptions(t *testing.T) {
	test.NewTempApp(t)
	ringing, calling := call("1", csta.Ringing, "1", ""), call("1", csta.Calling, "1", "")
	active, held := call("1", csta.Active, "1", ""), call("1", csta.Held, "1", "")
	over, conference := call("1", csta.Ended, "1", ""), call("1", csta.Active, "1", "")
	conference.Conference = true
	conference2 := call("2", csta.Active, "2", "")
	conference2.Conference = true
	with := func(phase csta.Phase) csta.Call { return call("2", phase, "2", "") }
	asks := func(phase csta.Phase) csta.Call { return asking("1-att", phase, held, "2", "") }
	type calls = []csta.Call
	for _, c := range []struct {
		what  string
		of    csta.Call
		other calls
		want  string
	}{
		{"rings", ringing, nil, "answer, pass on, hang up"},
		{"rings, another is talked in", ringing, calls{with(csta.Active)}, "answer, pass on, hang up"},
		{"is being called", calling, nil, "hang up"},
		{"is talked in", active, nil, "hold, transfer, ask, keypad, hang up"},
		{"is talked in, another rings", active, calls{with(csta.Ringing)}, "hold, transfer, ask, keypad, hang up"},
		{"is talked in, another is held", active, calls{with(csta.Held)}, "hold, transfer, ask, keypad, hang up"},
		{"is held", held, nil, "resume, hang up"},
		{"is held, another rings", held, calls{with(csta.Ringing)}, "resume, hang up"},
		{"is held, another is held", held, calls{with(csta.Held)}, "resume, hang up"},
		{"is held, another is being called", held, calls{with(csta.Calling)}, "hang up"},
		{"is held, another is talked in", held, calls{with(csta.Active)}, "swap, connect, join, hang up"},
		{"is held, a conference is talked in", held, calls{with(csta.Ringing), conference2}, "swap, join, hang up"},
		{"is held, about it is asked", held, calls{asks(csta.Active)}, "swap, join, hang up"},
		{"is held, to ask somebody is called", held, calls{asks(csta.Calling)}, "hang up"},
		{"asks", asks(csta.Active), calls{held}, "complete, back, keypad, hang up"},
		{"calls to ask", asks(csta.Calling), calls{held}, "complete, back, hang up"},
		{"asks, and is held itself", asks(csta.Held), calls{active}, "swap, connect, join, hang up"},
		{"is a conference", conference, nil, "hold, keypad, hang up"},
		{"has ended", over, nil, ""},
	} {
		s := csta.State{Status: csta.Online, Calls: append(calls{c.of}, c.other...)}
		list := options(c.of, s, nil)
		if got := shown(list); got != c.want {
			t.Errorf("a call that %s: %s, want %s", c.what, got, c.want)
		}
		for _, out := range []struct {
			how    string
			status csta.Status
			busy   map[doing]bool
		}{{"offline", csta.Offline, nil}, {"connecting", csta.Connecting, nil}, {"busy", csta.Online, busyWithAll(c.of)}} {
			s.Status = out.status
			for i, o := range options(c.of, s, out.busy) {
				if o.why == "" || o.action != list[i].action {
					t.Errorf("a call that %s, %s: %v, want it in its place and out of use", c.what, out.how, shown(options(c.of, s, out.busy)))
				}
			}
		}
	}
}

func TestRefusedServices(t *testing.T) {
	test.NewTempApp(t)
	active, held := call("1", csta.Active, "1", ""), call("2", csta.Held, "2", "")
	asks := asking("2-att", csta.Active, held, "3", "")
	for _, c := range []struct {
		of      csta.Call
		calls   []csta.Call
		refused string
		want    string
	}{
		{call("3", csta.Ringing, "3", ""), nil, "AnswerCall", "(answer), pass on, hang up"},
		{call("3", csta.Ringing, "3", ""), nil, "DeflectCall", "answer, (pass on), hang up"},
		{active, nil, "HoldCall", "(hold), transfer, ask, keypad, hang up"},
		{active, nil, "SingleStepTransferCall", "hold, (transfer), ask, keypad, hang up"},
		{active, nil, "ConsultationCall", "hold, transfer, (ask), keypad, hang up"},
		{active, nil, "GenerateDigits", "hold, transfer, ask, (keypad), hang up"},
		{active, nil, "ClearConnection", "hold, transfer, ask, keypad, (hang up)"},
		{active, nil, "MonitorTrunk", "hold, transfer, ask, keypad, hang up"},
		{held, nil, "RetrieveCall", "(resume), hang up"},
		{held, []csta.Call{active}, "AlternateCall", "swap, connect, join, hang up"}, // in two steps
		{held, []csta.Call{active}, "AlternateCall HoldCall", "(swap), connect, join, hang up"},
		{held, []csta.Call{active}, "AlternateCall RetrieveCall", "(swap), connect, join, hang up"},
		{held, []csta.Call{active}, "ConferenceCall", "swap, connect, (join), hang up"},
		{held, []csta.Call{active}, "TransferCall", "swap, (connect), join, hang up"},
		{asks, []csta.Call{held}, "TransferCall", "(complete), back, keypad, hang up"},
		{asks, []csta.Call{held}, "ReconnectCall", "complete, (back), keypad, hang up"},
	} {
		s := csta.State{Status: csta.Online, Calls: append(c.calls, c.of), Refused: map[string]string{}}
		for _, service := range strings.Fields(c.refused) {
			s.Refused[service] = "serviceNotSupported"
		}
		if got := shown(options(c.of, s, nil)); got != c.want {
			t.Errorf("%s refused: %s, want %s", c.refused, got, c.want)
		}
	}
}

func TestSubject(t *testing.T) {
	type calls = []csta.Call
	ring, ring2 := call("ring", csta.Ringing, "", ""), call("ring2", csta.Ringing, "", "")
	active, held := call("active", csta.Active, "", ""), call("held", csta.Held, "", "")
	dial := call("dial", csta.Calling, "", "")
	asks := asking("asks", csta.Calling, held, "", "")
	for _, c := range []struct {
		calls  calls
		chosen csta.Call
		want   string
	}{
		{nil, csta.Call{}, ""},
		{calls{ended("1", csta.Missed, "", "")}, csta.Call{}, ""},
		{calls{ring, ring2}, csta.Call{}, "ring"},
		{calls{ring, ring2}, ring2, "ring2"},
		{calls{ring, active, held}, csta.Call{}, "active"},
		{calls{ring, active, held}, held, "held"},
		{calls{ring, held}, csta.Call{}, "ring"},
		{calls{held, dial}, csta.Call{}, "dial"},
		{calls{held, asks, ring}, csta.Call{}, "asks"},
		{calls{held}, ring, "held"},
	} {
		if got, ok := subjectOf(c.calls, c.chosen.ID); got.ID.CallID != c.want || ok != (c.want != "") {
			t.Errorf("the subject of %d calls is %q, %v, want %q", len(c.calls), got.ID.CallID, ok, c.want)
		}
	}
}

// A choice stands only as long as nothing has moved on: "Hang up" must not hit a call of long ago.
func TestChoiceEnds(t *testing.T) {
	type calls = []csta.Call
	a, b := call("a", csta.Held, "", ""), call("b", csta.Ringing, "", "")
	in := func(c csta.Call, phase csta.Phase) csta.Call { c.Phase = phase; return c }
	for _, c := range []struct {
		what  string
		now   calls
		stays bool
	}{
		{"nothing", calls{a, b}, true},
		{"another call comes", calls{a, b, call("c", csta.Ringing, "", "")}, true},
		{"another call ends", calls{a}, true},
		{"another call is answered", calls{a, in(b, csta.Active)}, false},
		{"it is resumed", calls{in(a, csta.Active), b}, false},
		{"it ends", calls{in(a, csta.Ended), b}, false},
		{"it is gone", calls{b}, false},
	} {
		if got := stillChosen(a.ID, calls{a, b}, c.now); (got == a.ID) != c.stays {
			t.Errorf("%s: the choice is %v, want it to stay: %v", c.what, got, c.stays)
		}
	}
}
