package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"calltray/cstasession"
)

// asking makes a call that asks about another one.
func asking(id string, phase cstasession.Phase, about cstasession.Call, number, name string) cstasession.Call {
	c := call(id, phase, number, name)
	c.Direction, c.Consults = cstasession.Outgoing, about.ID
	return c
}

var actionNames = map[callAction]string{actAnswer: "answer", actPassOn: "pass on", actHold: "hold", actResume: "resume",
	actSwap: "swap", actJoin: "join", actTransfer: "transfer", actAsk: "ask", actComplete: "complete", actBack: "back",
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
		{"is held, another is talked in", held, calls{with(cstasession.Active)}, "swap, join, hang up"},
		{"is held, about it is asked", held, calls{asks(cstasession.Active)}, "swap, join, hang up"},
		{"is held, to ask somebody is called", held, calls{asks(cstasession.Calling)}, "hang up"},
		{"asks", asks(cstasession.Active), calls{held}, "complete, back, keypad, hang up"},
		{"calls to ask", asks(cstasession.Calling), calls{held}, "complete, back, hang up"},
		{"asks, and is held itself", asks(cstasession.Held), calls{active}, "swap, join, hang up"},
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
		{held, []cstasession.Call{active}, "AlternateCall", "swap, join, hang up"}, // in two steps
		{held, []cstasession.Call{active}, "AlternateCall HoldCall", "(swap), join, hang up"},
		{held, []cstasession.Call{active}, "AlternateCall RetrieveCall", "(swap), join, hang up"},
		{held, []cstasession.Call{active}, "ConferenceCall", "swap, (join), hang up"},
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

// What each action asks the phone for, and what the user reads meanwhile.
func TestActionsAskThePhone(t *testing.T) {
	held, active := call("h", cstasession.Held, "22334455", "Ærø Bageri"), call("a", cstasession.Active, "203", "Bo")
	ring, talk := call("r", cstasession.Ringing, "22334455", "Ærø Bageri"), call("t", cstasession.Active, "22334455", "Ærø Bageri")
	asks := asking("h-att", cstasession.Active, held, "202", "Bo")
	for _, c := range []struct {
		calls   []cstasession.Call
		do      func(u *UI)
		message string
		want    string
	}{
		{[]cstasession.Call{ring}, func(u *UI) { u.act(actAnswer, ring) }, "", "answer r"},
		{[]cstasession.Call{ring}, func(u *UI) { u.pass("202", false) }, "Passing Ærø Bageri on to 202 …", "deflect r to 202"},
		{[]cstasession.Call{talk}, func(u *UI) { u.pass("+45 20 30 40 50", false) }, "Passing Ærø Bageri on to +45 20 30 40 50 …", "transfer t to +4520304050"},
		{[]cstasession.Call{talk}, func(u *UI) { u.pass("202", true) }, "Calling 202 about Ærø Bageri …", "consult t with 202"},
		{[]cstasession.Call{talk}, func(u *UI) { u.act(actHold, talk) }, "", "hold t"},
		{[]cstasession.Call{held}, func(u *UI) { u.act(actResume, held) }, "", "retrieve h"},
		{[]cstasession.Call{held, active}, func(u *UI) { u.act(actSwap, held) }, "", "alternate a and h"},
		{[]cstasession.Call{held, active}, func(u *UI) { u.act(actJoin, held) }, "", "conference a and h"},
		{[]cstasession.Call{held, asks}, func(u *UI) { u.act(actComplete, asks) }, "Passing Ærø Bageri on to Bo …", "transfer h-att and h"},
		{[]cstasession.Call{held, asks}, func(u *UI) { u.act(actBack, asks) }, "Back to Ærø Bageri …", "reconnect h-att and h"},
		{[]cstasession.Call{talk}, func(u *UI) { u.act(actHangUp, talk) }, "", "clear t"},
		{nil, func(u *UI) { u.pickUp(cstasession.ConnectionID{CallID: "x", DeviceID: "205"}) }, "Picking up the call at 205 …", "pick up x"},
	} {
		f := newFixture(t)
		f.openWindow()
		f.online(c.calls...)
		c.do(f.ui)
		if got := f.ui.window.message; got != c.message {
			t.Errorf("%s: the message is %q, want %q", c.want, got, c.message)
		}
		if got := f.asked(); got != c.want {
			t.Errorf("the phone was asked to %s, want %s", got, c.want)
		}
		f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
		if f.ui.window.message != "" {
			t.Errorf("%s: the message is still %q", c.want, f.ui.window.message)
		}
	}
}

func TestPassThatFails(t *testing.T) {
	f := newFixture(t)
	f.openWindow()
	f.phone.err = cstasession.ErrNoEffect
	f.online(call("r", cstasession.Ringing, "22334455", "Ærø Bageri"))
	f.ui.window.setNumber("202")
	f.ui.pass("202", false)
	f.asked()
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
	if got, want := f.ui.window.message, "Ærø Bageri was not passed on to 202. "+Explain(cstasession.ErrNoEffect); got != want {
		t.Errorf("the message is %q, want %q", got, want)
	}
	if f.ui.window.number != "202" {
		t.Errorf("the entry holds %q after a failure", f.ui.window.number)
	}
}

// What is in the entry goes with the transfer, unless somebody typed on.
func TestPassEmptiesTheEntry(t *testing.T) {
	f := newFixture(t)
	page := f.openWindow()
	f.phone.asked = make(chan string)
	f.online(call("t", cstasession.Active, "22334455", ""))
	for _, typed := range []string{"", "20304050"} {
		page.entry.SetText("202")
		f.ui.pass("202", false)
		if typed != "" {
			page.entry.SetText(typed)
		}
		f.asked()
		f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
		if page.entry.Text != typed {
			t.Errorf("the entry holds %q, want %q", page.entry.Text, typed)
		}
	}
}

func TestPassRefusesWithAReason(t *testing.T) {
	for _, c := range []struct {
		calls []cstasession.Call
		to    string
		ask   bool
		want  string
	}{
		{nil, "202", false, "There is no call to hand on: it must ring, or be talked in."},
		{[]cstasession.Call{call("h", cstasession.Held, "1", "")}, "202", false, "There is no call to hand on: it must ring, or be talked in."},
		{[]cstasession.Call{call("r", cstasession.Ringing, "1", "")}, "202", true, "Talk to a caller first: then you can ask somebody about the call."},
		{[]cstasession.Call{call("r", cstasession.Ringing, "1", "")}, "Bo", false, "A number cannot hold letters: write it in digits."},
	} {
		f := newFixture(t)
		f.openWindow()
		f.online(c.calls...)
		f.ui.pass(c.to, c.ask)
		f.notAsked("passing on")
		if f.ui.window.message != c.want {
			t.Errorf("the message is %q, want %q", f.ui.window.message, c.want)
		}
	}
}

// swapper is a PBX that has no AlternateCall.
type swapper struct {
	fakePhone
}

func (p *swapper) AlternateCall(context.Context, cstasession.ConnectionID, cstasession.ConnectionID) error {
	p.asked <- "alternate"
	return &cstasession.ServiceError{Service: "AlternateCall", Value: "serviceNotSupported"}
}

func TestSwapInTwoSteps(t *testing.T) {
	phone := &swapper{fakePhone{asked: make(chan string, 10)}}
	f := newFixture(t, func(c *Config) { c.Phone = func() (Phone, error) { return phone, nil } })
	f.phone = &phone.fakePhone
	f.openWindow()
	held, active := call("h", cstasession.Held, "1", ""), call("a", cstasession.Active, "2", "")
	f.online(held, active)
	f.ui.act(actSwap, held)
	if got := fmt.Sprint(f.asked(), ", ", f.asked(), ", ", f.asked()); got != "alternate, hold a, retrieve h" {
		t.Errorf("the phone was asked to %s", got)
	}
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
	s := f.ui.state
	s.Refused = map[string]string{"AlternateCall": "serviceNotSupported"}
	f.ui.Show(s)
	f.settle()
	f.ui.act(actSwap, held)
	if got := fmt.Sprint(f.asked(), ", ", f.asked()); got != "hold a, retrieve h" {
		t.Errorf("the second time, the phone was asked to %s", got)
	}
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
}

// One service at a time for a connection: a second press does nothing.
func TestOneServiceAtATime(t *testing.T) {
	f := newFixture(t)
	f.openWindow()
	f.phone.asked = make(chan string)
	talk := call("t", cstasession.Active, "1", "")
	f.online(talk)
	f.ui.act(actHold, talk)
	f.ui.act(actHold, talk)
	if got := f.ui.window.message; got != "The PBX is still at work on this call: wait a moment." {
		t.Errorf("the message is %q", got)
	}
	f.phone.err = errors.New("x")
	f.asked()
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
	f.notAsked("the second press")
}
