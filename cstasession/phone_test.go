package cstasession

import (
	"slices"
	"testing"
	"time"

	"calltray/pbxsim"
)

// withPhone is a session that asks for its telephone's settings.
func withPhone(t *testing.T, url string) *client {
	t.Helper()
	cfg := config(url)
	cfg.Phone = true
	c := start(t, cfg)
	c.await("the telephone's settings", func(st State) bool { return online(st) && st.Phone.DoNotDisturb == Off && st.Phone.Forwarding != nil })
	return c
}

// rule is the present rule of a type.
func rule(p Phone, forwardingType string) Forwarding {
	for _, f := range p.Forwarding {
		if f.Is(forwardingType) {
			return f
		}
	}
	return Forwarding{}
}

// TestDoNotDisturb is set by us and at the telephone; State follows, and so does the exchange.
func TestDoNotDisturb(t *testing.T) {
	overBoth(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		c := withPhone(t, url)
		must(t, "on", c.SetDoNotDisturb(within(t), true))
		c.await("on", func(st State) bool { return st.Phone.DoNotDisturb == On })
		must(t, "on, which it is already", c.SetDoNotDisturb(within(t), true))
		hands(t, pbx, "dial 201 200")
		if calls := pbx.Calls(); len(calls) != 0 {
			t.Errorf("200 is disturbed: %+v", calls)
		}
		must(t, "DoNotDisturb", pbx.DoNotDisturb("200", false))
		c.await("off, at the telephone", func(st State) bool { return st.Phone.DoNotDisturb == Off })
		must(t, "DoNotDisturb", pbx.DoNotDisturb("201", true))
		must(t, "on", c.SetDoNotDisturb(within(t), true))
		c.await("on", func(st State) bool { return st.Phone.DoNotDisturb == On })
	})
}

// TestForwarding is set by us and at the telephone, with numbers and with a word (protocol trap 26).
func TestForwarding(t *testing.T) {
	overBoth(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		c := withPhone(t, url)
		if got, want := rule(c.last().Phone, "forwardNoAns"), (Forwarding{Type: "forwardNoAns", To: "busy", After: 90 * time.Second}); got != want {
			t.Errorf("at first: got %+v, want %+v", got, want)
		}
		for _, f := range []Forwarding{
			{Type: "forwardImmediate", Active: true, To: "22334455"},
			{Type: "forwardNoAns", Active: true, To: "202", After: 20 * time.Second},
			{Type: "forwardNoAns", Active: true, To: "202", After: 30 * time.Second},
			{Type: "forwardBusy", Active: true, To: "busy"},
			{Type: "forwardImmediate"},
			{Type: "forwardImmediate"}, // which is so already
		} {
			must(t, "SetForwarding", c.SetForwarding(within(t), f))
			st := c.last()
			if got := rule(st.Phone, f.Type); got.Active != f.Active || f.Active && (got.To != f.To || f.After > 0 && got.After != f.After) {
				t.Errorf("got %+v, want %+v", got, f)
			}
			types := map[string]int{}
			for _, f := range st.Phone.Forwarding {
				types[f.Type]++
			}
			if len(types) != len(st.Phone.Forwarding) {
				t.Errorf("a rule is there twice: %+v", st.Phone.Forwarding)
			}
		}
		must(t, "Forward", pbx.Forward("200", "203"))
		c.await("forwarded at the telephone", func(st State) bool {
			f := rule(st.Phone, "forwardImmediate")
			return f.Active && f.To == "203"
		})
		if err := c.SetForwarding(within(t), Forwarding{Type: "forwardImmediate", Active: true, To: "hjem"}); err == nil {
			t.Error("a forward to nowhere was accepted")
		}
	})
}

// TestStatesAreNotChangedAfterwards: who keeps a State sees no later rule in it.
func TestStatesAreNotChangedAfterwards(t *testing.T) {
	overBoth(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		c := withPhone(t, url)
		kept := c.last().Phone.Forwarding
		before := slices.Clone(kept)
		must(t, "SetForwarding", c.SetForwarding(within(t), Forwarding{Type: "forwardImmediate", Active: true, To: "202"}))
		if !slices.Equal(kept, before) {
			t.Errorf("got %+v, was %+v", kept, before)
		}
	})
}

func TestCallProfile(t *testing.T) {
	overBoth(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		c := start(t, config(url))
		c.await("online", online)
		p, err := c.GetCallProfile(within(t))
		want := CallProfile{LocalNumber: PresentedNumber{"Main", "12345678"}, MobileNumber: PresentedNumber{"Mobile", "20000200"}, TeamsNumber: PresentedNumber{"Teams", "70000200"},
			LocalRings: Rings{Local: true}, MobileRings: Rings{Mobile: true}, TeamsRings: Rings{Teams: true}, RouteHandling: "None"}
		if err != nil || p != want {
			t.Errorf("got %+v %v, want %+v", p, err, want)
		}
		p.LocalNumber.Type, p.LocalRings.Mobile, p.TeamsRings.Teams = "None", true, false
		must(t, "SetCallProfile", c.SetCallProfile(within(t), p))
		p.LocalNumber.Number = ""
		if got, err := c.GetCallProfile(within(t)); err != nil || got != p {
			t.Errorf("got %+v %v, want %+v", got, err, p)
		}
	})
}

// TestPhoneOfASilentExchange: one that tells nothing of telephones is as good as one without: calls work,
// and what it does not have is known.
func TestPhoneOfASilentExchange(t *testing.T) {
	cfg := pbxsim.Config{Behaviour: pbxsim.Behaviour{Unsupported: "GetDoNotDisturb,GetForwarding"}}
	overBoth(t, cfg, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		conf := config(url)
		conf.Phone = true
		c := start(t, conf)
		st := c.await("both are known as refused", func(st State) bool { return len(st.Refused) == 2 })
		if st.Status != Online || st.Phone.DoNotDisturb != Unknown || st.Phone.Forwarding != nil {
			t.Errorf("got %+v", st)
		}
		incoming(t, pbx, c)
		must(t, "DoNotDisturb", pbx.DoNotDisturb("200", true))
		c.await("on", func(st State) bool { return st.Phone.DoNotDisturb == On })
	})
}

// last is the newest state.
func (c *client) last() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.states[len(c.states)-1]
}
