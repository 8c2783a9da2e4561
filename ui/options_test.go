package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"calltray/cstasession"
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

func TestOptions(t *testing.T) {
	test.NewTempApp(t)
	ringing, calling := call("1", cstasession.Ringing, "1", ""), call("1", cstasession.Calling, "1", "")
	active, held := call("1", cstasession.Active, "1", ""), call("1", cstasession.Held, "1", "")
	over, conference := call("1", cstasession.Ended, "1", ""), call("1", cstasession.Active, "1", "")
	conference.Conference = true
	conference2 := call("2", cstasession.Active, "2", "")
	conference2.Conference = true
	with := func(phase cstasession.Phase) cstasession.Call { return call("2", phase, "2", "") }
	asks := func(phase cstasession.Phase) cstasession.Call { return asking("1-att", phase, held, "2", "") }
	type calls = []cstasession.Call
	for _, c := range []struct {
		what  string
		of    cstasession.Call
		other calls
		want  string
	}{
		{"rings", ringing, nil, "answer, pass on, hang up"},
		{"rings, another is talked in", ringing, calls{with(cstasession.Active)}, "answer, pass on, hang up"},
		{"is being called", calling, nil, "hang up"},
		{"is talked in", active, nil, "hold, transfer, ask, keypad, hang up"},
		{"is talked in, another rings", active, calls{with(cstasession.Ringing)}, "hold, transfer, ask, keypad, hang up"},
		{"is talked in, another is held", active, calls{with(cstasession.Held)}, "hold, transfer, ask, keypad, hang up"},
		{"is held", held, nil, "resume, hang up"},
		{"is held, another rings", held, calls{with(cstasession.Ringing)}, "resume, hang up"},
		{"is held, another is held", held, calls{with(cstasession.Held)}, "resume, hang up"},
		{"is held, another is being called", held, calls{with(cstasession.Calling)}, "hang up"},
		{"is held, another is talked in", held, calls{with(cstasession.Active)}, "swap, connect, join, hang up"},
		{"is held, a conference is talked in", held, calls{with(cstasession.Ringing), conference2}, "swap, join, hang up"},
		{"is held, about it is asked", held, calls{asks(cstasession.Active)}, "swap, join, hang up"},
		{"is held, to ask somebody is called", held, calls{asks(cstasession.Calling)}, "hang up"},
		{"asks", asks(cstasession.Active), calls{held}, "complete, back, keypad, hang up"},
		{"calls to ask", asks(cstasession.Calling), calls{held}, "complete, back, hang up"},
		{"asks, and is held itself", asks(cstasession.Held), calls{active}, "swap, connect, join, hang up"},
		{"is a conference", conference, nil, "hold, keypad, hang up"},
		{"has ended", over, nil, ""},
	} {
		s := cstasession.State{Status: cstasession.Online, Calls: append(calls{c.of}, c.other...)}
		list := options(c.of, s, false)
		if got := shown(list); got != c.want {
			t.Errorf("a call that %s: %s, want %s", c.what, got, c.want)
		}
		for _, out := range []struct {
			how    string
			status cstasession.Status
			busy   bool
		}{{"offline", cstasession.Offline, false}, {"connecting", cstasession.Connecting, false}, {"busy", cstasession.Online, true}} {
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
	active, held := call("1", cstasession.Active, "1", ""), call("2", cstasession.Held, "2", "")
	asks := asking("2-att", cstasession.Active, held, "3", "")
	for _, c := range []struct {
		of      cstasession.Call
		calls   []cstasession.Call
		refused string
		want    string
	}{
		{call("3", cstasession.Ringing, "3", ""), nil, "AnswerCall", "(answer), pass on, hang up"},
		{call("3", cstasession.Ringing, "3", ""), nil, "DeflectCall", "answer, (pass on), hang up"},
		{active, nil, "HoldCall", "(hold), transfer, ask, keypad, hang up"},
		{active, nil, "SingleStepTransferCall", "hold, (transfer), ask, keypad, hang up"},
		{active, nil, "ConsultationCall", "hold, transfer, (ask), keypad, hang up"},
		{active, nil, "GenerateDigits", "hold, transfer, ask, (keypad), hang up"},
		{active, nil, "ClearConnection", "hold, transfer, ask, keypad, (hang up)"},
		{active, nil, "MonitorTrunk", "hold, transfer, ask, keypad, hang up"},
		{held, nil, "RetrieveCall", "(resume), hang up"},
		{held, []cstasession.Call{active}, "AlternateCall", "swap, connect, join, hang up"}, // in two steps
		{held, []cstasession.Call{active}, "AlternateCall HoldCall", "(swap), connect, join, hang up"},
		{held, []cstasession.Call{active}, "AlternateCall RetrieveCall", "(swap), connect, join, hang up"},
		{held, []cstasession.Call{active}, "ConferenceCall", "swap, connect, (join), hang up"},
		{held, []cstasession.Call{active}, "TransferCall", "swap, (connect), join, hang up"},
		{asks, []cstasession.Call{held}, "TransferCall", "(complete), back, keypad, hang up"},
		{asks, []cstasession.Call{held}, "ReconnectCall", "complete, (back), keypad, hang up"},
	} {
		s := cstasession.State{Status: cstasession.Online, Calls: append(c.calls, c.of), Refused: map[string]string{}}
		for _, service := range strings.Fields(c.refused) {
			s.Refused[service] = "serviceNotSupported"
		}
		if got := shown(options(c.of, s, false)); got != c.want {
			t.Errorf("%s refused: %s, want %s", c.refused, got, c.want)
		}
	}
}

func TestSubject(t *testing.T) {
	type calls = []cstasession.Call
	ring, ring2 := call("ring", cstasession.Ringing, "", ""), call("ring2", cstasession.Ringing, "", "")
	active, held := call("active", cstasession.Active, "", ""), call("held", cstasession.Held, "", "")
	dial := call("dial", cstasession.Calling, "", "")
	asks := asking("asks", cstasession.Calling, held, "", "")
	for _, c := range []struct {
		calls  calls
		chosen cstasession.Call
		want   string
	}{
		{nil, cstasession.Call{}, ""},
		{calls{ended("1", cstasession.Missed, "", "")}, cstasession.Call{}, ""},
		{calls{ring, ring2}, cstasession.Call{}, "ring"},
		{calls{ring, ring2}, ring2, "ring2"},
		{calls{ring, active, held}, cstasession.Call{}, "active"},
		{calls{ring, active, held}, held, "held"},
		{calls{ring, held}, cstasession.Call{}, "ring"},
		{calls{held, dial}, cstasession.Call{}, "dial"},
		{calls{held, asks, ring}, cstasession.Call{}, "asks"},
		{calls{held}, ring, "held"},
	} {
		if got, ok := subjectOf(c.calls, c.chosen.ID); got.ID.CallID != c.want || ok != (c.want != "") {
			t.Errorf("the subject of %d calls is %q, %v, want %q", len(c.calls), got.ID.CallID, ok, c.want)
		}
	}
}

// A choice stands only as long as nothing has moved on: "Hang up" must not hit a call of long ago.
func TestChoiceEnds(t *testing.T) {
	type calls = []cstasession.Call
	a, b := call("a", cstasession.Held, "", ""), call("b", cstasession.Ringing, "", "")
	in := func(c cstasession.Call, phase cstasession.Phase) cstasession.Call { c.Phase = phase; return c }
	for _, c := range []struct {
		what  string
		now   calls
		stays bool
	}{
		{"nothing", calls{a, b}, true},
		{"another call comes", calls{a, b, call("c", cstasession.Ringing, "", "")}, true},
		{"another call ends", calls{a}, true},
		{"another call is answered", calls{a, in(b, cstasession.Active)}, false},
		{"it is resumed", calls{in(a, cstasession.Active), b}, false},
		{"it ends", calls{in(a, cstasession.Ended), b}, false},
		{"it is gone", calls{b}, false},
	} {
		if got := stillChosen(a.ID, calls{a, b}, c.now); (got == a.ID) != c.stays {
			t.Errorf("%s: the choice is %v, want it to stay: %v", c.what, got, c.stays)
		}
	}
}
