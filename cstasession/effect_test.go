package cstasession

import (
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
	"calltray/pbxsim"
)

// TestEffectWithoutItsAnswer: a service returns when its effect was seen, and does not wait for an answer
// that may never come. A refusal that came first wins over what happens afterwards.
func TestEffectWithoutItsAnswer(t *testing.T) {
	for _, answers := range []pbxsim.Behaviour{
		{DropAnswers: "HoldCall"}, {AnswerDelay: 9 * time.Second, Delayed: "HoldCall"},
		{AnswerDelay: 9 * time.Second, Delayed: "HoldCall", NoRequestID: true},
	} {
		inBubble(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, c *client, _ *atomic.Int32) {
			call, err := pbx.Call("22334455", "200", "")
			must(t, "Call", err)
			must(t, "Answer", call.Answer("200"))
			id := c.now().Calls[0].ID
			pbx.Set(func(b *pbxsim.Behaviour) { *b = answers })
			began := time.Now()
			must(t, "HoldCall", c.HoldCall(t.Context(), id))
			if took := time.Since(began); took > 0 {
				t.Errorf("%+v: HoldCall took %v, with its event there at once", answers, took)
			}
			must(t, "RetrieveCall", c.RetrieveCall(t.Context(), id))
			began = time.Now()
			must(t, "HoldCall", c.HoldCall(t.Context(), id)) // the first one's answer is still to come
			if took := time.Since(began); took > 0 {
				t.Errorf("%+v: the second HoldCall took %v", answers, took)
			}
			time.Sleep(answerLimit)
			synctest.Wait()
			l, err := c.current()
			must(t, "the link", err)
			l.mu.Lock()
			defer l.mu.Unlock()
			if slices.ContainsFunc(l.pending, func(p *pending) bool { return p.service == "HoldCall" }) {
				t.Error("a request of which nothing will come is still kept")
			}
		})
	}
	inBubble(t, pbxsim.Config{Behaviour: pbxsim.Behaviour{Unsupported: "HoldCall"}}, func(t *testing.T, pbx *pbxsim.PBX, c *client, _ *atomic.Int32) {
		call, err := pbx.Call("22334455", "200", "")
		must(t, "Call", err)
		must(t, "Answer", call.Answer("200"))
		id := c.now().Calls[0].ID
		// The refusal and the event come together: both are there when the service looks.
		pbx.Set(func(b *pbxsim.Behaviour) { b.Coalesce = time.Second })
		held := make(chan error)
		go func() { held <- c.HoldCall(t.Context(), id) }()
		synctest.Wait()
		must(t, "Hold", call.Hold("200"))
		var refusal *csta.ServiceError
		if err := <-held; !errors.As(err, &refusal) {
			t.Errorf("got %v, want the refusal that came first", err)
		}
	})
}

// TestPickupAmongOtherCalls: without a monitor of the trunk nothing tells who calls the colleague, and a
// call for us that comes just then is not taken for the one that was picked up.
func TestPickupAmongOtherCalls(t *testing.T) {
	cfg := pbxsim.Config{Queues: []pbxsim.Queue{{Number: "400", Name: "Salg", Members: []string{"200", "202"}}}}
	inBubble(t, cfg, func(t *testing.T, pbx *pbxsim.PBX, c *client, _ *atomic.Int32) {
		_, err := c.MakeCall(t.Context(), "55667788") // from now on it is known that the PBX names the request behind an event
		must(t, "MakeCall", err)
		hands(t, pbx, "clear 200\ncall 22334455 202")
		ringing := csta.ConnectionID{CallID: at(pbx, "202", "Alerting").CallID, DeviceID: "202"}
		c.now()
		pbx.Set(func(b *pbxsim.Behaviour) { b.NoEffect = "DirectedPickupCall" })
		type result struct {
			id  csta.ConnectionID
			err error
		}
		picked := make(chan result)
		pickup := func() {
			id, err := c.DirectedPickupCall(t.Context(), ringing)
			picked <- result{id, err}
		}
		go pickup()
		synctest.Wait()
		hands(t, pbx, "call 33445566 200")
		if got := <-picked; !errors.Is(got.err, csta.ErrNoEffect) {
			t.Errorf("got %+v, want no effect: the new call is another", got)
		}
		pbx.Set(func(b *pbxsim.Behaviour) { b.NoEffect = "" })
		go pickup()
		if got := <-picked; got.err != nil || got.id.CallID != at(pbx, "200", "Active").CallID {
			t.Errorf("got %+v", got)
		}
	})
	// A call of a queue rings at both: ours is the leg that is answered.
	inBubble(t, cfg, func(t *testing.T, pbx *pbxsim.PBX, c *client, _ *atomic.Int32) {
		hands(t, pbx, "call 22334455 400")
		ringing := csta.ConnectionID{CallID: at(pbx, "202", "Alerting").CallID, DeviceID: "202"}
		c.now()
		id, err := c.DirectedPickupCall(t.Context(), ringing)
		if err != nil || id.CallID != at(pbx, "200", "Active").CallID {
			t.Errorf("got %v %v", id, err)
		}
	})
}

// TestRefusedAtTheNextLogin: the PBX may have been upgraded, or may have lost a service.
func TestRefusedAtTheNextLogin(t *testing.T) {
	overBoth(t, pbxsim.Config{Behaviour: pbxsim.Behaviour{Unsupported: "GenerateDigits"}}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		c := start(t, config(url))
		c.await("online", online)
		_, id := incoming(t, pbx, c)
		if err := c.GenerateDigits(within(t), id, "1"); err == nil {
			t.Error("no refusal")
		}
		c.await("it is known", func(st csta.State) bool { return st.Refused["GenerateDigits"] != "" })
		pbx.Set(func(b *pbxsim.Behaviour) { b.Unsupported = "" })
		pbx.Drop()
		c.await("online again, with nothing refused", func(st csta.State) bool { return online(st) && len(st.Refused) == 0 })
		must(t, "GenerateDigits", c.GenerateDigits(within(t), id, "1"))
	})
}

// TestNumbersThatCannotBeSent: no message goes out that would hold another number than was asked for.
func TestNumbersThatCannotBeSent(t *testing.T) {
	s, err := New(config("tcp://pbx:7000"))
	must(t, "New", err)
	call := csta.ConnectionID{CallID: "A", DeviceID: "200"}
	for _, number := range []string{"", "20\x002", "22\n33", "\x7f"} {
		_, made := s.MakeCall(t.Context(), number)
		_, asked := s.ConsultationCall(t.Context(), call, number)
		for service, err := range map[string]error{
			"MakeCall": made, "ConsultationCall": asked,
			"DeflectCall":            s.DeflectCall(t.Context(), call, number),
			"SingleStepTransferCall": s.SingleStepTransferCall(t.Context(), call, number),
			"SetForwarding":          s.SetForwarding(t.Context(), csta.Forwarding{Type: "forwardImmediate", Active: true, To: number}),
		} {
			if !errors.Is(err, csta.ErrConfig) {
				t.Errorf("%s %q: got %v, want %v", service, number, err, csta.ErrConfig)
			}
		}
	}
	for _, digits := range []string{"", "12E", "1\x00", "4711;"} {
		if err := s.GenerateDigits(t.Context(), call, digits); !errors.Is(err, csta.ErrConfig) || digits != "" && strings.Contains(err.Error(), digits) {
			t.Errorf("%q: got %v, want %v without the digits", digits, err, csta.ErrConfig)
		}
	}
}
