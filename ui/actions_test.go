package ui

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"calltray/cstasession/csta"
	"calltray/internal/text"
)

// asking makes a call that asks about another one.
func asking(id string, phase csta.Phase, about csta.Call, number, name string) csta.Call {
	c := call(id, phase, number, name)
	c.Direction, c.Consults = csta.Outgoing, about.ID
	return c
}

// What each action asks the phone for, and what the user reads meanwhile.
func TestActionsAskThePhone(t *testing.T) {
	held, active := call("h", csta.Held, "22334455", "Ærø Bageri"), call("a", csta.Active, "203", "Bo")
	ring, talk := call("r", csta.Ringing, "22334455", "Ærø Bageri"), call("t", csta.Active, "22334455", "Ærø Bageri")
	asks := asking("h-att", csta.Active, held, "202", "Bo")
	f := newFixture(t)
	f.openWindow()
	for _, c := range []struct {
		calls   []csta.Call
		do      func(u *UI)
		message string
		want    string
	}{
		{[]csta.Call{ring}, func(u *UI) { u.act(actAnswer, ring) }, "", "answer r"},
		{[]csta.Call{ring}, func(u *UI) { u.pass("202", false) }, "Transferring Ærø Bageri to 202 …", "deflect r to 202"},
		{[]csta.Call{talk}, func(u *UI) { u.pass("+45 20 30 40 50", false) }, "Transferring Ærø Bageri to +45 20 30 40 50 …", "transfer t to +4520304050"},
		{[]csta.Call{talk}, func(u *UI) { u.pass("202", true) }, "Calling 202 about Ærø Bageri …", "consult t with 202"},
		{[]csta.Call{talk}, func(u *UI) { u.act(actHold, talk) }, "", "hold t"},
		{[]csta.Call{held}, func(u *UI) { u.act(actResume, held) }, "", "retrieve h"},
		{[]csta.Call{held, active}, func(u *UI) { u.act(actSwap, held) }, "", "alternate a and h"},
		{[]csta.Call{held, active}, func(u *UI) { u.act(actJoin, held) }, "", "conference a and h"},
		{[]csta.Call{held, active}, func(u *UI) { u.connect(actConnect, active, held) }, "Transferring Ærø Bageri to Bo …", "transfer a and h"},
		{[]csta.Call{held, asks}, func(u *UI) { u.act(actComplete, asks) }, "Transferring Ærø Bageri to Bo …", "transfer h-att and h"},
		{[]csta.Call{held, asks}, func(u *UI) { u.act(actBack, asks) }, "Back to Ærø Bageri …", "reconnect h-att and h"},
		{[]csta.Call{talk}, func(u *UI) { u.act(actHangUp, talk) }, "", "clear t"},
		{nil, func(u *UI) { u.pickUp(csta.ConnectionID{CallID: "x", DeviceID: "205"}) }, "Picking up the call at 205 …", "pick up x"},
	} {
		f.online()
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
	f.phone.err = csta.ErrNoEffect
	f.online(call("r", csta.Ringing, "22334455", "Ærø Bageri"))
	f.ui.window.setNumber("202")
	f.ui.pass("202", false)
	f.asked()
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
	if got, want := f.ui.window.message, "Ærø Bageri was not transferred to 202. "+text.Explain(csta.ErrNoEffect); got != want {
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
	f.online(call("t", csta.Active, "22334455", ""))
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
	f := newFixture(t)
	f.openWindow()
	for _, c := range []struct {
		calls []csta.Call
		to    string
		ask   bool
		want  string
	}{
		{nil, "202", false, "There is no call to transfer: it must be ringing or active."},
		{[]csta.Call{call("h", csta.Held, "1", "")}, "202", false, "There is no call to transfer: it must be ringing or active."},
		{[]csta.Call{call("r", csta.Ringing, "1", "")}, "202", true, "Talk to a caller first: then you can ask somebody about the call."},
		{[]csta.Call{call("r", csta.Ringing, "1", "")}, "Bo", false, "A number cannot hold letters: write it in digits."},
	} {
		f.online()
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

func (p *swapper) AlternateCall(context.Context, csta.ConnectionID, csta.ConnectionID) error {
	p.asked <- "alternate"
	return &csta.ServiceError{Service: "AlternateCall", Value: "serviceNotSupported"}
}

func TestSwapInTwoSteps(t *testing.T) {
	phone := &swapper{fakePhone{asked: make(chan string, 10)}}
	f := newFixture(t, func(c *Config) { c.Phone = func() (Phone, error) { return phone, nil } })
	f.phone = &phone.fakePhone
	f.openWindow()
	held, active := call("h", csta.Held, "1", ""), call("a", csta.Active, "2", "")
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
	talk := call("t", csta.Active, "1", "")
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
