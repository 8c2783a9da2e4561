package cstasession

import (
	"context"
	"errors"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
	"calltray/pbxsim"
)

// services are all services of a session, each asked for where its request makes sense: call is ours, and
// other is one that rings at 202, unless prepare made another.
var services = []struct {
	name    string
	ask     func(ctx context.Context, c *client, call, other csta.ConnectionID) error
	prepare func(t *testing.T, pbx *pbxsim.PBX, c *client, call csta.ConnectionID) (other csta.ConnectionID)
}{
	{"AnswerCall", func(ctx context.Context, c *client, _, other csta.ConnectionID) error {
		return c.AnswerCall(ctx, other)
	}, ringsToo},
	{"DeflectCall", func(ctx context.Context, c *client, _, other csta.ConnectionID) error {
		return c.DeflectCall(ctx, other, "202")
	}, ringsToo},
	{"RetrieveCall", func(ctx context.Context, c *client, call, _ csta.ConnectionID) error {
		return c.RetrieveCall(ctx, call)
	},
		func(t *testing.T, _ *pbxsim.PBX, c *client, call csta.ConnectionID) csta.ConnectionID {
			must(t, "HoldCall", c.HoldCall(t.Context(), call))
			return call
		}},
	{"ReconnectCall", func(ctx context.Context, c *client, call, other csta.ConnectionID) error {
		return c.ReconnectCall(ctx, other, call)
	}, asks},
	{"TransferCall", func(ctx context.Context, c *client, call, other csta.ConnectionID) error {
		return c.TransferCall(ctx, other, call)
	}, asks},
	{"AlternateCall", func(ctx context.Context, c *client, call, other csta.ConnectionID) error {
		return c.AlternateCall(ctx, other, call)
	}, asks},
	{"ConferenceCall", func(ctx context.Context, c *client, call, other csta.ConnectionID) error {
		return c.ConferenceCall(ctx, other, call)
	}, asks},
	{"MakeCall", func(ctx context.Context, c *client, _, _ csta.ConnectionID) error {
		_, err := c.MakeCall(ctx, "33445566")
		return err
	}, nil},
	{"HoldCall", func(ctx context.Context, c *client, call, _ csta.ConnectionID) error { return c.HoldCall(ctx, call) }, nil},
	{"ClearConnection", func(ctx context.Context, c *client, call, _ csta.ConnectionID) error {
		return c.ClearConnection(ctx, call)
	}, nil},
	{"ConsultationCall", func(ctx context.Context, c *client, call, _ csta.ConnectionID) error {
		_, err := c.ConsultationCall(ctx, call, "202")
		return err
	}, nil},
	{"SingleStepTransferCall", func(ctx context.Context, c *client, call, _ csta.ConnectionID) error {
		return c.SingleStepTransferCall(ctx, call, "202")
	}, nil},
	{"DirectedPickupCall", func(ctx context.Context, c *client, _, other csta.ConnectionID) error {
		_, err := c.DirectedPickupCall(ctx, other)
		return err
	}, nil},
	{"SetDoNotDisturb", func(ctx context.Context, c *client, _, _ csta.ConnectionID) error {
		return c.SetDoNotDisturb(ctx, true)
	}, nil},
	{"SetForwarding", func(ctx context.Context, c *client, _, _ csta.ConnectionID) error {
		return c.SetForwarding(ctx, csta.Forwarding{Type: "forwardImmediate", Active: true, To: "202"})
	}, nil},
	{"SetQueueMember", func(ctx context.Context, c *client, _, _ csta.ConnectionID) error {
		return c.SetQueueMember(ctx, "400", false)
	}, nil},
	{"GenerateDigits", func(ctx context.Context, c *client, call, _ csta.ConnectionID) error {
		return c.GenerateDigits(ctx, call, "1")
	}, nil},
	{"SnapshotCall", func(ctx context.Context, c *client, call, _ csta.ConnectionID) error {
		_, err := c.SnapshotCall(ctx, call)
		return err
	}, nil},
	{"GetCallProfile", func(ctx context.Context, c *client, _, _ csta.ConnectionID) error {
		_, err := c.GetCallProfile(ctx)
		return err
	}, nil},
	{"SetCallProfile", func(ctx context.Context, c *client, _, _ csta.ConnectionID) error {
		return c.SetCallProfile(ctx, csta.CallProfile{})
	}, nil},
}

// ringsToo is a second call for us, which rings.
func ringsToo(t *testing.T, pbx *pbxsim.PBX, c *client, _ csta.ConnectionID) csta.ConnectionID {
	_, err := pbx.Call("44556677", "200", "")
	must(t, "Call", err)
	return c.now().Calls[1].ID
}

// asks is a consultation, which was answered.
func asks(t *testing.T, pbx *pbxsim.PBX, c *client, call csta.ConnectionID) csta.ConnectionID {
	asking, err := c.ConsultationCall(t.Context(), call, "33445566")
	must(t, "ConsultationCall", err)
	hands(t, pbx, "answer 33445566")
	c.now()
	return asking
}

// The limits of the services that wait for something else than effectLimit.
var limits = map[string]time.Duration{"MakeCall": callLimit, "ConsultationCall": callLimit}

// TestServicesThatGoWrong: every service over both gateways, refused, ignored, answered late, never or with
// the wrong identifier. In each case the caller gets one error that says which it was, or none where the
// effect was seen, at a time that is known; nothing is kept, the link lives, and the next service works.
func TestServicesThatGoWrong(t *testing.T) {
	noEvents := map[string]bool{"GenerateDigits": true, "GetCallProfile": true, "SetCallProfile": true, "SnapshotCall": true}
	const effect = -time.Second // stands for the service's own limit
	type outcome struct {
		err   error // nil: none; ErrConfig: a refusal
		after time.Duration
	}
	for _, service := range services {
		name := service.name
		for _, test := range []struct {
			name string
			how  pbxsim.Behaviour
			want outcome
			dull outcome // for services that no event reports
			says string  // the refusal's value; State.Refused has it if it is serviceNotSupported
		}{
			{"refused as unsupported", pbxsim.Behaviour{Unsupported: name}, outcome{csta.ErrConfig, 0}, outcome{csta.ErrConfig, 0}, "serviceNotSupported"},
			{"refused", pbxsim.Behaviour{Refused: name}, outcome{csta.ErrConfig, 0}, outcome{csta.ErrConfig, 0}, "privilegeViolationSpecifiedDevice"},
			{"refused for now", pbxsim.Behaviour{Refused: name, RefusedWith: "stateIncompatibility invalidObjectState"}, outcome{csta.ErrConfig, 0}, outcome{csta.ErrConfig, 0}, "invalidObjectState"},
			{"refused late", pbxsim.Behaviour{Refused: name, AnswerDelay: 9 * time.Second, Delayed: name}, outcome{csta.ErrConfig, 9 * time.Second}, outcome{csta.ErrConfig, 9 * time.Second}, "privilegeViolationSpecifiedDevice"},
			{"answered, without effect", pbxsim.Behaviour{NoEffect: name}, outcome{csta.ErrNoEffect, effect}, outcome{}, ""},
			{"answered late, without effect", pbxsim.Behaviour{NoEffect: name, AnswerDelay: 9 * time.Second, Delayed: name}, outcome{csta.ErrNoEffect, 9*time.Second + effect}, outcome{nil, 9 * time.Second}, ""},
			{"ignored", pbxsim.Behaviour{Ignored: name}, outcome{csta.ErrNoAnswer, answerLimit}, outcome{csta.ErrNoAnswer, answerLimit}, ""},
			{"never answered", pbxsim.Behaviour{DropAnswers: name}, outcome{}, outcome{csta.ErrNoAnswer, answerLimit}, ""},
			{"never answered, without effect", pbxsim.Behaviour{DropAnswers: name, NoEffect: name}, outcome{csta.ErrNoAnswer, answerLimit}, outcome{csta.ErrNoAnswer, answerLimit}, ""},
			{"answered after nine seconds", pbxsim.Behaviour{AnswerDelay: 9 * time.Second, Delayed: name}, outcome{}, outcome{nil, 9 * time.Second}, ""},
			{"answered after eleven seconds", pbxsim.Behaviour{AnswerDelay: 11 * time.Second, Delayed: name}, outcome{}, outcome{csta.ErrNoAnswer, answerLimit}, ""},
			{"answered too late, without effect", pbxsim.Behaviour{NoEffect: name, AnswerDelay: 11 * time.Second, Delayed: name}, outcome{csta.ErrNoAnswer, answerLimit}, outcome{csta.ErrNoAnswer, answerLimit}, ""},
			{"answered without requestID", pbxsim.Behaviour{NoRequestID: true}, outcome{}, outcome{}, ""},
			{"refused without requestID", pbxsim.Behaviour{NoRequestID: true, Unsupported: name}, outcome{csta.ErrConfig, 0}, outcome{csta.ErrConfig, 0}, "serviceNotSupported"},
			{"answered with another requestID", pbxsim.Behaviour{OtherRequestID: true}, outcome{}, outcome{}, ""},
			{"refused with another requestID", pbxsim.Behaviour{OtherRequestID: true, Unsupported: name}, outcome{csta.ErrConfig, 0}, outcome{csta.ErrConfig, 0}, "serviceNotSupported"},
			{"answered as another service", pbxsim.Behaviour{WrongAnswers: name}, outcome{}, outcome{}, ""},
			{"the event first", pbxsim.Behaviour{EventsFirst: true}, outcome{}, outcome{}, ""},
			{"every event twice", pbxsim.Behaviour{Duplicates: true}, outcome{}, outcome{}, ""},
		} {
			want := test.want
			if noEvents[name] {
				want = test.dull
			} else if test.want.after == effect || test.want.after == 9*time.Second+effect {
				limit := effectLimit
				if own, longer := limits[name]; longer {
					limit = own
				}
				want.after += limit - effect
			}
			for _, kind := range kinds {
				t.Run(name+"/"+test.name+"/"+kind, func(t *testing.T) {
					cfg := pbxsim.Config{
						Extensions: []pbxsim.Extension{{Number: "200", Name: "Astrid", AutoAnswer: true}, {Number: "202", Name: "Bo"}},
						Queues:     []pbxsim.Queue{{Number: "400", Name: "Salg", Members: []string{"200"}}},
					}
					inFakeTime(t, kind, cfg, nil, func(b *bubble) {
						t, pbx, c := b.t, b.pbx, b.c
						call := b.call("22334455", "200")
						must(t, "Answer", call.Answer("200"))
						id := c.now().Calls[0].ID
						b.call("33445577", "202")
						other := csta.ConnectionID{CallID: at(pbx, "202", "Alerting").CallID, DeviceID: "202"}
						if name == "SetQueueMember" {
							pbxMonitorsQueue(t, c)
						}
						if service.prepare != nil {
							other = service.prepare(t, pbx, c, id)
						}
						pbx.Set(func(b *pbxsim.Behaviour) { *b = test.how })
						began := time.Now()
						err := service.ask(t.Context(), c, id, other)
						took := time.Since(began)

						var refusal *csta.ServiceError
						var request *csta.RequestError
						switch {
						case want.err == csta.ErrConfig:
							if !errors.As(err, &refusal) || refusal.Service != name || refusal.Value != test.says {
								t.Errorf("got %v, want a refusal that says %s", err, test.says)
							}
						case !errors.Is(err, want.err):
							t.Errorf("got %v, want %v", err, want.err)
						case err != nil && (!errors.As(err, &request) || request.Service != name):
							t.Errorf("%v does not say which service it was", err)
						}
						if took != want.after {
							t.Errorf("it took %v, want %v", took, want.after)
						}
						unsupported := test.says == "serviceNotSupported"
						if refused := c.now().Refused; (refused[name] != "") != unsupported || len(refused) > 1 {
							t.Errorf("State.Refused is %v", refused)
						}

						pbx.Set(func(b *pbxsim.Behaviour) { *b = pbxsim.Behaviour{} })
						began = time.Now()
						must(t, "the next service", c.SetDoNotDisturb(t.Context(), true))
						if _, err := c.GetCallProfile(t.Context()); err != nil || time.Since(began) > 0 {
							t.Errorf("the services after it: %v after %v", err, time.Since(began))
						}
						time.Sleep(2 * answerLimit) // a late answer has come, or is not waited for any more
						c.now()
						l, err := c.current()
						if err != nil || b.dials.Load() != 1 {
							t.Fatalf("it cost the link: %v, %d links", err, b.dials.Load())
						}
						l.mu.Lock()
						defer l.mu.Unlock()
						c.Session.mu.Lock()
						defer c.Session.mu.Unlock()
						if len(l.pending) > 0 || len(c.watches) > 0 || len(c.making) > 0 {
							t.Errorf("kept: %d requests, %d watches", len(l.pending), len(c.watches))
						}
					})
				})
			}
		}
	}
}

// pbxMonitorsQueue has the link monitor the queue, as MonitorTrunk does.
func pbxMonitorsQueue(t *testing.T, c *client) {
	t.Helper()
	_, err := perform(t.Context(), c.Session, answerLimit, wire.Node("MonitorStart", wire.Node("monitorObject", wire.Leaf("deviceObject", "q-12345678-400"))), positive)
	must(t, "MonitorStart", err)
}
