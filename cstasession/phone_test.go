package cstasession

import (
	"slices"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/pbxsim"
)

// withPhone is a session that asks for its telephone's settings.
func withPhone(t *testing.T, url string) *client {
	t.Helper()
	cfg := config(url)
	cfg.WatchTelephone = true
	c := start(t, cfg)
	c.await("the telephone's settings", func(st csta.State) bool {
		return online(st) && st.Telephone.DoNotDisturb == csta.Off && st.Telephone.Forwarding != nil
	})
	return c
}

// rule is the present rule of a type.
func rule(p csta.Telephone, forwardingType string) csta.Forwarding {
	for _, f := range p.Forwarding {
		if f.Is(forwardingType) {
			return f
		}
	}
	return csta.Forwarding{}
}

// TestDoNotDisturb is set by us and at the telephone; State follows, and so does the PBX.
func TestDoNotDisturb(t *testing.T) {
	overBoth(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		c := withPhone(t, url)
		must(t, "on", c.SetDoNotDisturb(within(t), true))
		c.await("on", func(st csta.State) bool { return st.Telephone.DoNotDisturb == csta.On })
		must(t, "on, which it is already", c.SetDoNotDisturb(within(t), true))
		hands(t, pbx, "dial 201 200")
		if calls := pbx.Calls(); len(calls) != 0 {
			t.Errorf("200 is disturbed: %+v", calls)
		}
		must(t, "DoNotDisturb", pbx.DoNotDisturb("200", false))
		c.await("off, at the telephone", func(st csta.State) bool { return st.Telephone.DoNotDisturb == csta.Off })
		must(t, "DoNotDisturb", pbx.DoNotDisturb("201", true))
		must(t, "on", c.SetDoNotDisturb(within(t), true))
		c.await("on", func(st csta.State) bool { return st.Telephone.DoNotDisturb == csta.On })
	})
}

// TestForwarding is set by us and at the telephone, with numbers and with a word (protocol trap 26).
func TestForwarding(t *testing.T) {
	overBoth(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		c := withPhone(t, url)
		if got, want := rule(c.last().Telephone, "forwardNoAns"), (csta.Forwarding{Type: "forwardNoAns", To: "busy", After: 90 * time.Second}); got != want {
			t.Errorf("at first: got %+v, want %+v", got, want)
		}
		for _, f := range []csta.Forwarding{
			{Type: "forwardImmediate", Active: true, To: "22334455"},
			{Type: "forwardNoAns", Active: true, To: "202", After: 20 * time.Second},
			{Type: "forwardNoAns", Active: true, To: "202", After: 30 * time.Second},
			{Type: "forwardBusy", Active: true, To: "busy"},
			{Type: "forwardImmediate"},
			{Type: "forwardImmediate"}, // which is so already
		} {
			must(t, "SetForwarding", c.SetForwarding(within(t), f))
			st := c.last()
			if got := rule(st.Telephone, f.Type); got.Active != f.Active || f.Active && (got.To != f.To || f.After > 0 && got.After != f.After) {
				t.Errorf("got %+v, want %+v", got, f)
			}
			types := map[string]int{}
			for _, f := range st.Telephone.Forwarding {
				types[f.Type]++
			}
			if len(types) != len(st.Telephone.Forwarding) {
				t.Errorf("a rule is there twice: %+v", st.Telephone.Forwarding)
			}
		}
		must(t, "Forward", pbx.Forward("200", "203"))
		c.await("forwarded at the telephone", func(st csta.State) bool {
			f := rule(st.Telephone, "forwardImmediate")
			return f.Active && f.To == "203"
		})
		if err := c.SetForwarding(within(t), csta.Forwarding{Type: "forwardImmediate", Active: true, To: "hjem"}); err == nil {
			t.Error("a forward to nowhere was accepted")
		}
	})
}

// TestStatesAreNotChangedAfterwards: who keeps a State sees no later rule in it.
func TestStatesAreNotChangedAfterwards(t *testing.T) {
	overBoth(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		c := withPhone(t, url)
		kept := c.last().Telephone.Forwarding
		before := slices.Clone(kept)
		must(t, "SetForwarding", c.SetForwarding(within(t), csta.Forwarding{Type: "forwardImmediate", Active: true, To: "202"}))
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
		want := csta.CallProfile{LocalNumber: csta.PresentedNumber{Type: "Main", Number: "12345678"}, MobileNumber: csta.PresentedNumber{Type: "Mobile", Number: "20000200"}, TeamsNumber: csta.PresentedNumber{Type: "Teams", Number: "70000200"},
			LocalRings: csta.Rings{Local: true}, MobileRings: csta.Rings{Mobile: true}, TeamsRings: csta.Rings{Teams: true}, RouteHandling: "None"}
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

// TestPhoneOfASilentPBX: one that tells nothing of telephones is as good as one without: calls work,
// and what it does not have is known.
func TestPhoneOfASilentPBX(t *testing.T) {
	cfg := pbxsim.Config{Behaviour: pbxsim.Behaviour{Unsupported: "GetDoNotDisturb,GetForwarding"}}
	overBoth(t, cfg, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		conf := config(url)
		conf.WatchTelephone = true
		c := start(t, conf)
		st := c.await("both are known as refused", func(st csta.State) bool { return len(st.Refused) == 2 })
		if st.Status != csta.Online || st.Telephone.DoNotDisturb != csta.Unknown || st.Telephone.Forwarding != nil {
			t.Errorf("got %+v", st)
		}
		incoming(t, pbx, c)
		must(t, "DoNotDisturb", pbx.DoNotDisturb("200", true))
		c.await("on", func(st csta.State) bool { return st.Telephone.DoNotDisturb == csta.On })
	})
}

// last is the newest state.
func (c *client) last() csta.State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.states[len(c.states)-1]
}
