package cstasession

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"calltray/pbxsim"
)

// calls waits for a state whose calls are these, each "phase number", and returns them in that order.
func (c *client) calls(want ...string) []Call {
	c.t.Helper()
	var found []Call
	c.await(strings.Join(want, ", "), func(st State) bool {
		found = make([]Call, len(want))
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
		return !slices.ContainsFunc(found, func(c Call) bool { return c.ID.IsZero() })
	})
	return found
}

// agrees fails unless the session's last state says of the calls what the exchange knows.
func (c *client) agrees(pbx *pbxsim.PBX, after string) {
	c.t.Helper()
	c.mu.Lock()
	last := c.states[len(c.states)-1]
	c.mu.Unlock()
	if got, want := told(last), truth(pbx, "200"); !slices.Equal(got, want) {
		c.t.Errorf("after %s the session's calls are\n%q\nand the exchange's\n%q", after, got, want)
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
func incoming(t *testing.T, pbx *pbxsim.PBX, c *client) (*pbxsim.Call, ConnectionID) {
	t.Helper()
	call, err := pbx.Call("22334455", "200", "Ærø Bageri")
	must(t, "Call", err)
	id := c.calls("ringing 22334455")[0].ID
	must(t, "AnswerCall", c.AnswerCall(within(t), id))
	c.calls("active 22334455")
	return call, id
}

// at finds the exchange's call that has a leg of a device in that state.
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

// hands does a line of the exchange's script: what people do at other telephones.
func hands(t *testing.T, pbx *pbxsim.PBX, line string) {
	t.Helper()
	if err := pbx.Run(context.Background(), strings.NewReader(line), new(strings.Builder)); err != nil {
		t.Fatal(err)
	}
}

// TestCallControl plays every service of call control over both gateways; after each, the session says of
// the calls what the exchange knows.
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
				if got[1].ID != asking || got[1].Direction != Outgoing {
					t.Errorf("the consultation is %+v", got[1])
				}
				c.agrees(pbx, "ConsultationCall")
				hands(t, pbx, "answer 202")
				c.calls("held 22334455", "active 202")
				must(t, "ReconnectCall", c.ReconnectCall(within(t), asking, id))
				if active := c.calls("active 22334455")[0]; active.ID != id || active.Remote.Name != "Ærø Bageri" {
					t.Errorf("back at %+v", active)
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
					if call.Outcome != Transferred {
						t.Errorf("%+v: want %v", call, Transferred)
					}
				}
				c.calls()
				if leg := at(pbx, "202", "Active"); leg == nil || leg.Remote != "22334455" {
					t.Errorf("202 is left with %+v", leg)
				}
			}},
			{"SingleStepTransferCall", func(t *testing.T, pbx *pbxsim.PBX, c *client) {
				_, id := incoming(t, pbx, c)
				must(t, "SingleStepTransferCall", c.SingleStepTransferCall(within(t), id, "203"))
				if ended := c.calls("ended 22334455")[0]; ended.Outcome != Transferred {
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
				if ended := c.calls("ended 22334455")[0]; ended.Outcome != DivertedAway {
					t.Errorf("got %+v", ended)
				}
				c.calls()
			}},
			{"DirectedPickupCall", func(t *testing.T, pbx *pbxsim.PBX, c *client) {
				_, err := pbx.Call("22334455", "202", "Ærø Bageri")
				must(t, "Call", err)
				ringing := ConnectionID{at(pbx, "202", "Alerting").CallID, "202"}
				id, err := c.DirectedPickupCall(within(t), ringing)
				must(t, "DirectedPickupCall", err)
				got := c.calls("active 22334455")[0]
				if got.ID != id || got.Direction != Incoming || got.Via != "202" || got.Remote.Name != "Ærø Bageri" {
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
				if ended := c.calls("held 22334455", "ended 202")[1]; ended.Outcome != Busy {
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

// services are all services of a session, each asked for where its request makes sense: call is ours, and
// other is one that rings at 202, unless prepare made another.
var services = []struct {
	name    string
	ask     func(ctx context.Context, c *client, call, other ConnectionID) error
	prepare func(t *testing.T, pbx *pbxsim.PBX, c *client, call ConnectionID) (other ConnectionID)
}{
	{"AnswerCall", func(ctx context.Context, c *client, _, other ConnectionID) error { return c.AnswerCall(ctx, other) }, ringsToo},
	{"DeflectCall", func(ctx context.Context, c *client, _, other ConnectionID) error {
		return c.DeflectCall(ctx, other, "202")
	}, ringsToo},
	{"RetrieveCall", func(ctx context.Context, c *client, call, _ ConnectionID) error { return c.RetrieveCall(ctx, call) },
		func(t *testing.T, _ *pbxsim.PBX, c *client, call ConnectionID) ConnectionID {
			must(t, "HoldCall", c.HoldCall(t.Context(), call))
			return call
		}},
	{"ReconnectCall", func(ctx context.Context, c *client, call, other ConnectionID) error {
		return c.ReconnectCall(ctx, other, call)
	}, asks},
	{"TransferCall", func(ctx context.Context, c *client, call, other ConnectionID) error {
		return c.TransferCall(ctx, other, call)
	}, asks},
	{"MakeCall", func(ctx context.Context, c *client, _, _ ConnectionID) error {
		_, err := c.MakeCall(ctx, "33445566")
		return err
	}, nil},
	{"HoldCall", func(ctx context.Context, c *client, call, _ ConnectionID) error { return c.HoldCall(ctx, call) }, nil},
	{"ClearConnection", func(ctx context.Context, c *client, call, _ ConnectionID) error { return c.ClearConnection(ctx, call) }, nil},
	{"ConsultationCall", func(ctx context.Context, c *client, call, _ ConnectionID) error {
		_, err := c.ConsultationCall(ctx, call, "202")
		return err
	}, nil},
	{"SingleStepTransferCall", func(ctx context.Context, c *client, call, _ ConnectionID) error {
		return c.SingleStepTransferCall(ctx, call, "202")
	}, nil},
	{"DirectedPickupCall", func(ctx context.Context, c *client, _, other ConnectionID) error {
		_, err := c.DirectedPickupCall(ctx, other)
		return err
	}, nil},
	{"SetDoNotDisturb", func(ctx context.Context, c *client, _, _ ConnectionID) error { return c.SetDoNotDisturb(ctx, true) }, nil},
	{"SetForwarding", func(ctx context.Context, c *client, _, _ ConnectionID) error {
		return c.SetForwarding(ctx, Forwarding{Type: "forwardImmediate", Active: true, To: "202"})
	}, nil},
	{"SetQueueMember", func(ctx context.Context, c *client, _, _ ConnectionID) error {
		return c.SetQueueMember(ctx, "400", false)
	}, nil},
	{"GenerateDigits", func(ctx context.Context, c *client, call, _ ConnectionID) error {
		return c.GenerateDigits(ctx, call, "1")
	}, nil},
	{"GetCallProfile", func(ctx context.Context, c *client, _, _ ConnectionID) error {
		_, err := c.GetCallProfile(ctx)
		return err
	}, nil},
	{"SetCallProfile", func(ctx context.Context, c *client, _, _ ConnectionID) error {
		return c.SetCallProfile(ctx, CallProfile{})
	}, nil},
}

// ringsToo is a second call for us, which rings.
func ringsToo(t *testing.T, pbx *pbxsim.PBX, c *client, _ ConnectionID) ConnectionID {
	_, err := pbx.Call("44556677", "200", "")
	must(t, "Call", err)
	return c.now().Calls[1].ID
}

// asks is a consultation, which was answered.
func asks(t *testing.T, pbx *pbxsim.PBX, c *client, call ConnectionID) ConnectionID {
	asking, err := c.ConsultationCall(t.Context(), call, "33445566")
	must(t, "ConsultationCall", err)
	hands(t, pbx, "answer 33445566")
	c.now()
	return asking
}

// TestServicesThatGoWrong: every service, refused as unsupported, without an effect, without an answer,
// answered late, without a requestID or with another one, and with another service's answer. In each case
// the caller gets one error that says which it was, or none where the effect was seen.
func TestServicesThatGoWrong(t *testing.T) {
	noEvents := map[string]bool{"GenerateDigits": true, "GetCallProfile": true, "SetCallProfile": true}
	for _, service := range services {
		for _, test := range []struct {
			name string
			how  pbxsim.Behaviour
			want error // nil: none; ErrConfig: a refusal
			dull error // for services that no event tells of
		}{
			{"refused", pbxsim.Behaviour{Unsupported: service.name}, ErrConfig, ErrConfig},
			{"no effect", pbxsim.Behaviour{NoEffect: service.name}, ErrNoEffect, nil},
			{"no answer", pbxsim.Behaviour{DropAnswers: service.name}, nil, ErrNoAnswer},
			{"neither answer nor effect", pbxsim.Behaviour{DropAnswers: service.name, NoEffect: service.name}, ErrNoAnswer, ErrNoAnswer},
			{"answered after nine seconds", pbxsim.Behaviour{AnswerDelay: 9 * time.Second, Delayed: service.name}, nil, nil},
			{"answered after eleven seconds", pbxsim.Behaviour{AnswerDelay: 11 * time.Second, Delayed: service.name}, nil, ErrNoAnswer},
			{"without requestID", pbxsim.Behaviour{NoRequestID: true}, nil, nil},
			{"refused without requestID", pbxsim.Behaviour{NoRequestID: true, Unsupported: service.name}, ErrConfig, ErrConfig},
			{"another requestID", pbxsim.Behaviour{OtherRequestID: true}, nil, nil},
			{"refused with another requestID", pbxsim.Behaviour{OtherRequestID: true, Unsupported: service.name}, ErrConfig, ErrConfig},
			{"another service's answer", pbxsim.Behaviour{WrongAnswers: service.name}, nil, nil},
			{"the event first", pbxsim.Behaviour{EventsFirst: true}, nil, nil},
			{"every event twice", pbxsim.Behaviour{Duplicates: true}, nil, nil},
		} {
			t.Run(service.name+"/"+test.name, func(t *testing.T) {
				cfg := pbxsim.Config{
					Extensions: []pbxsim.Extension{{Number: "200", Name: "Astrid", AutoAnswer: true}, {Number: "202", Name: "Bo"}},
					Queues:     []pbxsim.Queue{{Number: "400", Name: "Salg", Members: []string{"200"}}},
				}
				inBubble(t, cfg, func(t *testing.T, pbx *pbxsim.PBX, c *client, dials *atomic.Int32) {
					if _, err := pbx.Call("22334455", "200", ""); err != nil {
						t.Fatal(err)
					}
					call := c.now().Calls[0].ID
					must(t, "AnswerCall", c.AnswerCall(t.Context(), call))
					if _, err := pbx.Call("33445577", "202", ""); err != nil {
						t.Fatal(err)
					}
					other := ConnectionID{at(pbx, "202", "Alerting").CallID, "202"}
					c.now()
					hands(t, pbx, "await monitor 200")
					if service.name == "SetQueueMember" {
						pbxMonitorsQueue(t, c)
					}
					if service.prepare != nil {
						other = service.prepare(t, pbx, c, call)
					}
					pbx.Set(func(b *pbxsim.Behaviour) { *b = test.how })
					err := service.ask(t.Context(), c, call, other)
					want := test.want
					if noEvents[service.name] {
						want = test.dull
					}
					var refusal *ServiceError
					switch {
					case want == ErrConfig:
						if !errors.As(err, &refusal) || refusal.Service != service.name || refusal.Value != "serviceNotSupported" {
							t.Errorf("got %v, want a refusal", err)
						}
						if why := c.now().Refused[service.name]; why == "" {
							t.Errorf("State.Refused is %v", c.now().Refused)
						}
					case !errors.Is(err, want):
						t.Errorf("got %v, want %v", err, want)
					}
					if want != ErrConfig && len(c.now().Refused) > 0 {
						t.Errorf("State.Refused is %v", c.now().Refused)
					}
					if st := c.now(); st.Status != Online || dials.Load() != 1 {
						t.Errorf("it cost the link: %v, %d links", st.Status, dials.Load())
					}
				})
			})
		}
	}
}

// pbxMonitorsQueue has the link monitor the queue, as MonitorTrunk does.
func pbxMonitorsQueue(t *testing.T, c *client) {
	t.Helper()
	_, err := c.request(t.Context(), node("MonitorStart", node("monitorObject", leaf("deviceObject", "q-12345678-400"))))
	must(t, "MonitorStart", err)
}

// TestServicesOfTheStandard: the vendor has neither AlternateCall nor ConferenceCall. They are asked for,
// refused, and remembered as refused, over both gateways in their own words.
func TestServicesOfTheStandard(t *testing.T) {
	overBoth(t, pbxsim.Config{Behaviour: pbxsim.Behaviour{Unsupported: "AlternateCall,ConferenceCall"}}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		c := start(t, config(url))
		c.await("online", online)
		_, first := incoming(t, pbx, c)
		asking, err := c.ConsultationCall(within(t), first, "202")
		must(t, "ConsultationCall", err)
		for name, ask := range map[string]func(context.Context, ConnectionID, ConnectionID) error{"AlternateCall": c.AlternateCall, "ConferenceCall": c.ConferenceCall} {
			var refusal *ServiceError
			if err := ask(within(t), asking, first); !errors.As(err, &refusal) || refusal.Service != name {
				t.Errorf("%s: got %v, want a refusal", name, err)
			}
			c.await(name+" is known as refused", func(st State) bool { return st.Refused[name] != "" })
		}
	})
}

// TestRefusalsThatAreNotForEver: a service that the exchange has, and refuses for this call, is not taken
// for unsupported.
func TestRefusalsThatAreNotForEver(t *testing.T) {
	overBoth(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		c := start(t, config(url))
		c.await("online", online)
		_, id := incoming(t, pbx, c)
		var refusal *ServiceError
		if err := c.RetrieveCall(within(t), id); !errors.As(err, &refusal) {
			t.Errorf("RetrieveCall of an active call: got %v, want a refusal", err)
		}
		if err := c.HoldCall(within(t), ConnectionID{"SIP/hpbx-ffffffff", "200"}); !errors.As(err, &refusal) {
			t.Errorf("HoldCall of no call: got %v, want a refusal", err)
		}
		must(t, "HoldCall", c.HoldCall(within(t), id))
		if st := c.await("held", func(st State) bool { return len(st.Calls) == 1 && st.Calls[0].Phase == Held }); len(st.Refused) > 0 {
			t.Errorf("Refused is %v", st.Refused)
		}
	})
}
