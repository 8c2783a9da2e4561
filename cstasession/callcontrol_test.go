package cstasession

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"calltray/cstasession/csta"
	"calltray/pbxsim"
)

// calls waits for a state whose calls are these, each "phase number", and returns them in that order.
func (c *client) calls(want ...string) []csta.Call {
	c.t.Helper()
	var found []csta.Call
	c.await(strings.Join(want, ", "), func(st csta.State) bool {
		found = make([]csta.Call, len(want))
		if len(st.Calls) != len(want) {
			return false
		}
		for _, call := range st.Calls {
			i := slices.Index(want, call.Phase.String()+" "+call.Remote.Number)
			if i < 0 {
				return false
			}
			found[i] = call
		}
		return !slices.ContainsFunc(found, func(c csta.Call) bool { return c.ID.IsZero() })
	})
	return found
}

// agrees fails unless the session's last state says of the calls what the PBX knows.
func (c *client) agrees(pbx *pbxsim.PBX, after string) {
	c.t.Helper()
	c.mu.Lock()
	last := c.states[len(c.states)-1]
	c.mu.Unlock()
	if got, want := told(last), truth(pbx, "200"); !slices.Equal(got, want) {
		c.t.Errorf("after %s the session's calls are\n%q\nand the PBX's\n%q", after, got, want)
	}
}

// must fails the test on an error of a service.
func must(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// incoming is a call from outside that our phone has answered.
func incoming(t *testing.T, pbx *pbxsim.PBX, c *client) (*pbxsim.Call, csta.ConnectionID) {
	t.Helper()
	call, err := pbx.Call("22334455", "200", "Ærø Bageri")
	must(t, "Call", err)
	id := c.calls("ringing 22334455")[0].ID
	must(t, "AnswerCall", c.AnswerCall(within(t), id))
	c.calls("active 22334455")
	return call, id
}

// at finds the PBX's call that has a leg of a device in that state.
func at(pbx *pbxsim.PBX, device, status string) *pbxsim.LegInfo {
	for _, call := range pbx.Calls() {
		for _, leg := range call.Legs {
			if leg.Device == device && leg.Status == status {
				return &leg
			}
		}
	}
	return nil
}

// hands does a line of the PBX's script: what people do at other telephones.
func hands(t *testing.T, pbx *pbxsim.PBX, line string) {
	t.Helper()
	if err := pbx.Run(context.Background(), strings.NewReader(line), new(strings.Builder)); err != nil {
		t.Fatal(err)
	}
}

// TestCallControl plays every service of call control over both gateways; after each, the session says of
// the calls what the PBX knows.
func TestCallControl(t *testing.T) {
	for _, linkage := range []string{"own", "same"} {
		cfg := pbxsim.Config{Behaviour: pbxsim.Behaviour{ConsultLinkage: linkage}}
		for _, test := range []struct {
			name string
			play func(t *testing.T, pbx *pbxsim.PBX, c *client)
		}{
			{"HoldCall, RetrieveCall", func(t *testing.T, pbx *pbxsim.PBX, c *client) {
				_, id := incoming(t, pbx, c)
				must(t, "HoldCall", c.HoldCall(within(t), id))
				c.calls("held 22334455")
				c.agrees(pbx, "HoldCall")
				must(t, "RetrieveCall", c.RetrieveCall(within(t), id))
				c.calls("active 22334455")
			}},
			{"ConsultationCall, ReconnectCall", func(t *testing.T, pbx *pbxsim.PBX, c *client) {
				_, id := incoming(t, pbx, c)
				asking, err := c.ConsultationCall(within(t), id, "202")
				must(t, "ConsultationCall", err)
				if asking.CallID != id.CallID+"-att" {
					t.Errorf("the leg is %v, want that of %v with -att", asking, id)
				}
				got := c.calls("held 22334455", "calling 202")
				if got[1].ID != asking || got[1].Direction != csta.Outgoing {
					t.Errorf("the consultation is %+v", got[1])
				}
				c.agrees(pbx, "ConsultationCall")
				hands(t, pbx, "answer 202")
				c.calls("held 22334455", "active 202")
				must(t, "ReconnectCall", c.ReconnectCall(within(t), asking, id))
				if active := c.calls("active 22334455")[0]; active.ID != id || active.Remote.Name != "Ærø Bageri" {
					t.Errorf("back at %+v", active)
				}
				// Asking again at once, maybe somebody else, has the same callID.
				for range 2 {
					again, err := c.ConsultationCall(within(t), id, "202")
					must(t, "ConsultationCall again", err)
					c.calls("held 22334455", "calling 202")
					c.agrees(pbx, "ConsultationCall again")
					must(t, "ReconnectCall", c.ReconnectCall(within(t), again, id))
					c.calls("active 22334455")
				}
			}},
			{"ConsultationCall while it rings, ReconnectCall", func(t *testing.T, pbx *pbxsim.PBX, c *client) {
				_, id := incoming(t, pbx, c)
				asking, err := c.ConsultationCall(within(t), id, "202")
				must(t, "ConsultationCall", err)
				c.calls("held 22334455", "calling 202")
				must(t, "ReconnectCall", c.ReconnectCall(within(t), asking, id))
				c.calls("active 22334455")
			}},
			{"TransferCall", func(t *testing.T, pbx *pbxsim.PBX, c *client) {
				_, id := incoming(t, pbx, c)
				asking, err := c.ConsultationCall(within(t), id, "202")
				must(t, "ConsultationCall", err)
				hands(t, pbx, "answer 202")
				c.calls("held 22334455", "active 202")
				must(t, "TransferCall", c.TransferCall(within(t), asking, id))
				for _, call := range c.calls("ended 22334455", "ended 202") {
					if call.Outcome != csta.Transferred {
						t.Errorf("%+v: want %v", call, csta.Transferred)
					}
				}
				c.calls()
				if leg := at(pbx, "202", "Active"); leg == nil || leg.Remote != "22334455" {
					t.Errorf("202 is left with %+v", leg)
				}
			}},
			{"TransferCall of two callers", func(t *testing.T, pbx *pbxsim.PBX, c *client) {
				_, first := incoming(t, pbx, c)
				must(t, "HoldCall", c.HoldCall(within(t), first))
				_, err := pbx.Call("33445566", "200", "")
				must(t, "Call", err)
				second := c.calls("held 22334455", "ringing 33445566")[1].ID
				must(t, "AnswerCall", c.AnswerCall(within(t), second))
				c.calls("held 22334455", "active 33445566")
				must(t, "TransferCall", c.TransferCall(within(t), second, first))
				c.calls()
				c.agrees(pbx, "TransferCall")
				if leg := at(pbx, "33445566", "Active"); leg == nil || leg.Remote != "22334455" {
					t.Errorf("33445566 is left with %+v", leg)
				}
			}},
			{"SingleStepTransferCall", func(t *testing.T, pbx *pbxsim.PBX, c *client) {
				_, id := incoming(t, pbx, c)
				must(t, "SingleStepTransferCall", c.SingleStepTransferCall(within(t), id, "203"))
				if ended := c.calls("ended 22334455")[0]; ended.Outcome != csta.Transferred {
					t.Errorf("got %+v", ended)
				}
				c.calls()
				if at(pbx, "203", "Alerting") == nil {
					t.Errorf("203 does not ring: %+v", pbx.Calls())
				}
			}},
			{"DeflectCall", func(t *testing.T, pbx *pbxsim.PBX, c *client) {
				_, err := pbx.Call("22334455", "200", "")
				must(t, "Call", err)
				must(t, "DeflectCall", c.DeflectCall(within(t), c.calls("ringing 22334455")[0].ID, "202"))
				if ended := c.calls("ended 22334455")[0]; ended.Outcome != csta.DivertedAway {
					t.Errorf("got %+v", ended)
				}
				c.calls()
			}},
			{"DirectedPickupCall", func(t *testing.T, pbx *pbxsim.PBX, c *client) {
				_, err := pbx.Call("22334455", "202", "Ærø Bageri")
				must(t, "Call", err)
				ringing := csta.ConnectionID{CallID: at(pbx, "202", "Alerting").CallID, DeviceID: "202"}
				id, err := c.DirectedPickupCall(within(t), ringing)
				must(t, "DirectedPickupCall", err)
				got := c.calls("active 22334455")[0]
				if got.ID != id || got.Direction != csta.Incoming || got.Via != "202" || got.Remote.Name != "Ærø Bageri" {
					t.Errorf("picked up %+v", got)
				}
			}},
			{"GenerateDigits", func(t *testing.T, pbx *pbxsim.PBX, c *client) {
				noted := make(chan string, 100)
				defer pbx.Watch(func(line string) {
					if strings.HasPrefix(line, "digits ") {
						noted <- line
					}
				})()
				_, id := incoming(t, pbx, c)
				must(t, "GenerateDigits", c.GenerateDigits(within(t), id, "123#"))
				if got, want := <-noted, "digits 200 "+id.CallID+" 123#"; got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			}},
			{"a call that waits, answered while another is talked to", func(t *testing.T, pbx *pbxsim.PBX, c *client) {
				_, first := incoming(t, pbx, c)
				_, err := pbx.Call("33445566", "200", "")
				must(t, "Call", err)
				second := c.calls("active 22334455", "ringing 33445566")[1].ID
				must(t, "AnswerCall", c.AnswerCall(within(t), second))
				c.calls("held 22334455", "active 33445566")
				must(t, "RetrieveCall", c.RetrieveCall(within(t), first))
				c.calls("active 22334455", "held 33445566")
			}},
			{"who is asked is busy", func(t *testing.T, pbx *pbxsim.PBX, c *client) {
				_, id := incoming(t, pbx, c)
				must(t, "Busy", pbx.Busy("202", true))
				_, err := c.ConsultationCall(within(t), id, "202")
				must(t, "ConsultationCall", err)
				if ended := c.calls("held 22334455", "ended 202")[1]; ended.Outcome != csta.Busy {
					t.Errorf("got %+v", ended)
				}
				c.calls("held 22334455")
			}},
			{"the caller hangs up while somebody is asked", func(t *testing.T, pbx *pbxsim.PBX, c *client) {
				call, id := incoming(t, pbx, c)
				asking, err := c.ConsultationCall(within(t), id, "202")
				must(t, "ConsultationCall", err)
				hands(t, pbx, "answer 202")
				c.calls("held 22334455", "active 202")
				must(t, "Clear", call.Clear("22334455"))
				c.calls("active 202")
				must(t, "ClearConnection", c.ClearConnection(within(t), asking))
				c.calls()
			}},
			{"we are transferred by a colleague who asked us", func(t *testing.T, pbx *pbxsim.PBX, c *client) {
				hands(t, pbx, "call 22334455 202 \"Ærø Bageri\"\nanswer 202\nconsult 202 200\nanswer 200")
				if got := c.calls("active 202")[0]; got.Remote.Name != "Cecilie" {
					t.Errorf("asked by %+v", got)
				}
				hands(t, pbx, "complete 202")
				if got := c.calls("active 22334455")[0]; got.Remote.Name != "Ærø Bageri" {
					t.Errorf("left with %+v", got)
				}
			}},
			{"who we talk to is replaced by a blind transfer: the name goes with the person", func(t *testing.T, pbx *pbxsim.PBX, c *client) {
				hands(t, pbx, "dial 201 200\nanswer 200\ntransfer 201 202\nanswer 202")
				if got := c.calls("active 202")[0]; got.Remote.Name == "Bo" {
					t.Errorf("202 is called %q, which is the name of 201", got.Remote.Name)
				}
			}},
		} {
			t.Run(test.name+"/"+linkage+" linkage", func(t *testing.T) {
				overBoth(t, cfg, func(t *testing.T, pbx *pbxsim.PBX, url string) {
					c := start(t, config(url))
					c.await("online", online)
					test.play(t, pbx, c)
					c.agrees(pbx, test.name)
				})
			})
		}
	}
}

// TestServicesOfTheStandard: the vendor has neither AlternateCall nor ConferenceCall. They are requested,
// refused, and remembered as refused, over both gateways in their own terms.
func TestServicesOfTheStandard(t *testing.T) {
	overBoth(t, pbxsim.Config{Behaviour: pbxsim.Behaviour{Unsupported: "AlternateCall,ConferenceCall"}}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		c := start(t, config(url))
		c.await("online", online)
		_, first := incoming(t, pbx, c)
		asking, err := c.ConsultationCall(within(t), first, "202")
		must(t, "ConsultationCall", err)
		for name, ask := range map[string]func(context.Context, csta.ConnectionID, csta.ConnectionID) error{"AlternateCall": c.AlternateCall, "ConferenceCall": c.ConferenceCall} {
			var refusal *csta.ServiceError
			if err := ask(within(t), asking, first); !errors.As(err, &refusal) || refusal.Service != name {
				t.Errorf("%s: got %v, want a refusal", name, err)
			}
			c.await(name+" is known as refused", func(st csta.State) bool { return st.Refused[name] != "" })
		}
	})
}

// TestRefusalsThatAreNotForEver: a service that the PBX has, and refuses for this call, is not taken
// for unsupported.
func TestRefusalsThatAreNotForEver(t *testing.T) {
	overBoth(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		c := start(t, config(url))
		c.await("online", online)
		_, id := incoming(t, pbx, c)
		var refusal *csta.ServiceError
		if err := c.RetrieveCall(within(t), id); !errors.As(err, &refusal) {
			t.Errorf("RetrieveCall of an active call: got %v, want a refusal", err)
		}
		if err := c.HoldCall(within(t), csta.ConnectionID{CallID: "SIP/hpbx-ffffffff", DeviceID: "200"}); !errors.As(err, &refusal) {
			t.Errorf("HoldCall of no call: got %v, want a refusal", err)
		}
		must(t, "HoldCall", c.HoldCall(within(t), id))
		if st := c.await("held", func(st csta.State) bool { return len(st.Calls) == 1 && st.Calls[0].Phase == csta.Held }); len(st.Refused) > 0 {
			t.Errorf("Refused is %v", st.Refused)
		}
	})
}
