package cstasession

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/pbxsim"
)

func TestIncomingCallAnsweredAndHungUp(t *testing.T) {
	overBoth(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		c := start(t, config(url))
		c.await("online", online)
		if _, err := pbx.Call("22334455", "200", "Ærø Bageri"); err != nil {
			t.Fatal(err)
		}
		got := c.phase(csta.Ringing)
		if want := (csta.Party{Number: "22334455", Name: "Ærø Bageri"}); got.Remote != want || got.Direction != csta.Incoming || got.ID.DeviceID != "200" || got.ID.IsZero() {
			t.Errorf("ringing: got %+v, want an incoming call from %+v at 200", got, want)
		}
		if err := c.AnswerCall(within(t), got.ID); err != nil {
			t.Fatalf("AnswerCall: %v", err)
		}
		c.phase(csta.Active)
		if err := c.ClearConnection(within(t), got.ID); err != nil {
			t.Fatalf("ClearConnection: %v", err)
		}
		if ended := c.phase(csta.Ended); ended.Outcome != csta.Answered {
			t.Errorf("outcome: got %v, want %v", ended.Outcome, csta.Answered)
		}
		c.await("no call", func(st csta.State) bool { return online(st) && len(st.Calls) == 0 })
		if got, want := c.phases(), []string{"ringing", "active", "ended"}; !slices.Equal(got, want) {
			t.Errorf("phases: got %v, want %v", got, want)
		}
		if calls := pbx.Calls(); len(calls) != 0 {
			t.Errorf("the PBX still has %+v", calls)
		}
	})
}

func TestMakeCallIsLearntFromItsEvent(t *testing.T) {
	overBoth(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		c := start(t, config(url))
		c.await("online", online)
		id, err := c.MakeCall(within(t), "22334455")
		if err != nil {
			t.Fatalf("MakeCall: %v", err)
		}
		calling := c.phase(csta.Calling)
		if calling.ID != id || calling.Direction != csta.Outgoing || calling.Remote.Number != "22334455" {
			t.Errorf("got %+v, want an outgoing call to 22334455 with connection %v", calling, id)
		}
		if err := c.ClearConnection(within(t), id); err != nil {
			t.Fatal(err)
		}
		if ended := c.phase(csta.Ended); ended.Outcome != csta.Cancelled {
			t.Errorf("outcome: got %v, want %v", ended.Outcome, csta.Cancelled)
		}
	})
}

func TestOutcomes(t *testing.T) {
	for _, test := range []struct {
		name string
		play func(t *testing.T, pbx *pbxsim.PBX, c *client)
		want csta.Outcome
	}{
		{"the caller gives up", func(t *testing.T, pbx *pbxsim.PBX, c *client) {
			call, _ := pbx.Call("22334455", "200", "")
			c.phase(csta.Ringing)
			call.Clear("22334455")
		}, csta.Missed},
		{"a colleague of the queue answers", func(t *testing.T, pbx *pbxsim.PBX, c *client) {
			call, _ := pbx.Call("22334455", "400", "")
			if got := c.phase(csta.Ringing); got.Via != "400" {
				t.Errorf("via: got %q, want the queue 400", got.Via)
			}
			call.Answer("201")
		}, csta.AnsweredElsewhere},
		{"deflected", func(t *testing.T, pbx *pbxsim.PBX, c *client) {
			call, _ := pbx.Call("22334455", "200", "")
			c.phase(csta.Ringing)
			call.Deflect("200", "202")
		}, csta.DivertedAway},
		{"hung up while it rings", func(t *testing.T, pbx *pbxsim.PBX, c *client) {
			pbx.Call("22334455", "200", "")
			if err := c.ClearConnection(within(t), c.phase(csta.Ringing).ID); err != nil {
				t.Error(err)
			}
		}, csta.Rejected},
		{"busy", func(t *testing.T, pbx *pbxsim.PBX, c *client) {
			if _, err := c.MakeCall(within(t), "999"); err != nil {
				t.Error(err)
			}
		}, csta.Busy},
		{"transferred", func(t *testing.T, pbx *pbxsim.PBX, c *client) {
			call, _ := pbx.Call("22334455", "200", "")
			c.phase(csta.Ringing)
			call.Answer("200")
			c.phase(csta.Active)
			call.Transfer("200", "201")
		}, csta.Transferred},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := pbxsim.Config{Outside: pbxsim.Demo, Queues: []pbxsim.Queue{{Number: "400", Name: "Salg", Members: []string{"200", "201"}}}}
			overBoth(t, cfg, func(t *testing.T, pbx *pbxsim.PBX, url string) {
				c := start(t, config(url))
				c.await("online", online)
				test.play(t, pbx, c)
				if got := c.phase(csta.Ended); got.Outcome != test.want {
					t.Errorf("outcome: got %v, want %v (cause %q)", got.Outcome, test.want, got.Cause)
				}
			})
		})
	}
}

func TestHeldAndRetrieved(t *testing.T) {
	overBoth(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		c := start(t, config(url))
		c.await("online", online)
		call, err := pbx.Call("22334455", "200", "")
		if err != nil {
			t.Fatal(err)
		}
		ringing := c.phase(csta.Ringing)
		call.Answer("200")
		c.phase(csta.Active)
		call.Hold("200")
		if held := c.phase(csta.Held); held.ID != ringing.ID {
			t.Errorf("held: got connection %v, want %v", held.ID, ringing.ID)
		}
		call.Retrieve("200")
		c.phase(csta.Active)
		call.Clear("22334455")
		c.phase(csta.Ended)
	})
}

func TestRefusedLoginEndsTheSession(t *testing.T) {
	for _, as := range []string{"neg", "error"} {
		t.Run(as, func(t *testing.T) {
			overBoth(t, pbxsim.Config{Behaviour: pbxsim.Behaviour{RefuseAs: as}}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
				cfg := config(url)
				cfg.Password = csta.NewPassword("wrong")
				c := start(t, cfg)
				select {
				case err := <-c.result:
					var words *csta.ServiceError
					if !errors.Is(err, csta.ErrLoginRefused) || !errors.As(err, &words) || words.Value == "" {
						t.Errorf("Run: got %v, want a refusal with the server's words", err)
					}
					c.result <- err
				case <-time.After(patience):
					t.Fatal("Run goes on")
				}
				c.await("offline", func(st csta.State) bool { return st.Status == csta.Offline && errors.Is(st.Err, csta.ErrLoginRefused) })
			})
		})
	}
}

func TestUnknownExtension(t *testing.T) {
	overBoth(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		cfg := config(url)
		cfg.Device = "299"
		err := Try(within(t), cfg)
		var refusal *csta.ServiceError
		if !errors.As(err, &refusal) || refusal.Service != "MonitorStart" {
			t.Errorf("Try: got %v, want a refused MonitorStart", err)
		}
		cfg.Device = "200"
		if err := Try(within(t), cfg); err != nil {
			t.Errorf("Try with a known extension: %v", err)
		}
	})
}

func TestServicesAreRefusedWhileOffline(t *testing.T) {
	overBoth(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		cfg := config(url)
		cfg.Backoff = func(int) time.Duration { return time.Hour }
		c := start(t, cfg)
		c.await("online", online)
		pbx.Drop()
		c.await("offline", func(st csta.State) bool { return st.Status == csta.Offline && st.Err != nil })
		if _, err := c.MakeCall(within(t), "22334455"); !errors.Is(err, csta.ErrOffline) {
			t.Errorf("MakeCall: got %v, want %v", err, csta.ErrOffline)
		}
		c.Wake()
		c.await("online again", online)
		if calls := pbx.Calls(); len(calls) != 0 {
			t.Errorf("the refused call was made after all: %+v", calls)
		}
	})
}

func TestLinkLostWhileARequestIsPending(t *testing.T) {
	overBoth(t, pbxsim.Config{Behaviour: pbxsim.Behaviour{DropAnswers: "MakeCall", BusyAs: "silent"}, Outside: pbxsim.Demo}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		c := start(t, config(url))
		c.await("online", online)
		failed := make(chan error, 1)
		go func() { _, err := c.MakeCall(within(t), "999"); failed <- err }()
		for len(c.Session.busy()) == 0 { // until it is on its way
			time.Sleep(time.Millisecond)
		}
		pbx.Drop()
		select {
		case err := <-failed:
			if !errors.Is(err, csta.ErrOffline) {
				t.Errorf("MakeCall: got %v, want %v", err, csta.ErrOffline)
			}
		case <-time.After(patience):
			t.Error("MakeCall outlived its link")
		}
	})
}

// busy lists the services that wait for an answer.
func (s *Session) busy() (services []string) {
	l, err := s.current()
	if err != nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.pending {
		services = append(services, p.service)
	}
	return services
}

func TestCallsOnTwoGatewaysLookAlike(t *testing.T) {
	pbx := pbxsim.New(pbxsim.Config{Outside: pbxsim.Demo})
	t.Cleanup(func() { pbx.Close() })
	var clients []*client
	for _, g := range gateways {
		url, err := g.listen(pbx)
		if err != nil {
			t.Fatal(err)
		}
		c := start(t, config(url))
		c.await("online", online)
		clients = append(clients, c)
	}
	call, err := pbx.Call("22334455", "200", "Ærø Bageri")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range clients {
		c.phase(csta.Ringing)
	}
	call.Answer("200")
	call.Clear("22334455")
	var told []string
	for _, c := range clients {
		c.phase(csta.Ended)
		c.await("no call", func(st csta.State) bool { return len(st.Calls) == 0 })
		c.mu.Lock()
		told = append(told, story(c.states))
		c.mu.Unlock()
	}
	if told[0] != told[1] {
		t.Errorf("over TCP:\n%s\nover SignalR:\n%s", told[0], told[1])
	}
}

func TestGoodbye(t *testing.T) {
	var log syncBuffer
	overBoth(t, pbxsim.Config{Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		c := start(t, config(url))
		c.await("online", online)
		c.stop()
		if err := <-c.result; !errors.Is(err, context.Canceled) {
			t.Errorf("Run: got %v, want %v", err, context.Canceled)
		}
		c.result <- nil
		if !strings.Contains(log.String(), "StopApplicationSession") {
			t.Errorf("no StopApplicationSession reached the PBX:\n%s", log.String())
		}
	})
}
