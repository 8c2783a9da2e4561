package cstasession

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/office"
	"calltray/cstasession/internal/wire"
	"calltray/pbxsim"
)

// officeView is what a session reported about colleagues and queues.
type officeView struct {
	*client
	colleagues map[string]csta.Colleague // guarded by client.mu, as is what follows
	queues     map[string]csta.Queue
	removed    map[string]int
}

// startOffice runs a session that receives the whole office.
func startOffice(t *testing.T, cfg Config) *officeView {
	t.Helper()
	b := &officeView{colleagues: map[string]csta.Colleague{}, queues: map[string]csta.Queue{}, removed: map[string]int{}}
	ready := make(chan struct{})
	note := func(change func()) {
		<-ready
		b.mu.Lock()
		change()
		b.mu.Unlock()
		select {
		case b.news <- struct{}{}:
		default:
		}
	}
	cfg.OnColleague = func(c csta.Colleague) { note(func() { b.colleagues[string(c.Device)] = c }) }
	cfg.OnQueue = func(q csta.Queue) {
		note(func() {
			if b.queues[string(q.Device)] = q; q.Removed {
				delete(b.queues, string(q.Device))
				b.removed[string(q.Device)]++
			}
		})
	}
	b.client = start(t, cfg)
	close(ready)
	return b
}

// until waits for a condition of the office.
func (b *officeView) until(what string, ok func() bool) {
	b.t.Helper()
	limit := time.After(patience)
	for {
		b.mu.Lock()
		so := ok()
		b.mu.Unlock()
		if so {
			return
		}
		select {
		case <-b.news:
		case <-limit:
			b.mu.Lock()
			defer b.mu.Unlock()
			b.t.Fatalf("%s: not seen; colleagues %+v, queues %+v", what, b.colleagues, b.queues)
		}
	}
}

// colleague is what is known of one now. (In a condition of until, b.colleagues is.)
func (b *officeView) colleague(number string) (c csta.Colleague, known bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c, known = b.colleagues[number]
	return c, known
}

func (b *officeView) busy(number string) csta.Activity { return b.colleagues[number].Activity() }

// known waits until the colleagues and the queue's members are.
func (b *officeView) known() {
	b.t.Helper()
	b.await("the trunk is monitored", func(st csta.State) bool { return online(st) && st.Trunk == csta.On })
	b.until("201, 202, 203, and 400 with two members", func() bool {
		return len(b.colleagues) == 3 && b.queues["400"].Name == "Reception" && len(b.queues["400"].Members) == 2
	})
}

func TestColleagues(t *testing.T) {
	overBoth(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		b := startOffice(t, config(url))
		b.known()
		if _, own := b.colleague("200"); own {
			t.Error("we are our own colleague")
		}
		call, err := pbx.Call("22334455", "201", "Ærø Bageri")
		must(t, "Call", err)
		b.until("201 rings", func() bool { return b.busy("201") == csta.RingingThere })
		one, _ := b.colleague("201")
		if got := one.Calls; len(got) != 1 || got[0].Remote != (csta.Party{Number: "22334455", Name: "Ærø Bageri"}) || got[0].ID.CallID != at(pbx, "201", "Alerting").CallID {
			t.Errorf("it rings with %+v", got)
		}
		must(t, "Answer", call.Answer("201"))
		b.until("201 talks", func() bool { return b.busy("201") == csta.Talking })
		must(t, "Hold", call.Hold("201"))
		b.until("201 holds", func() bool { return b.busy("201") == csta.Talking && b.colleagues["201"].Calls[0].Phase == csta.Held })
		must(t, "Transfer", call.Transfer("201", "202"))
		b.until("201 is free, and 202 rings", func() bool { return b.busy("201") == csta.Free && b.busy("202") == csta.RingingThere })
		must(t, "Clear", call.Clear("22334455"))
		b.until("202 is free", func() bool { return b.busy("202") == csta.Free && len(b.colleagues["202"].Calls) == 0 })

		// Names are learnt from those who call, and do not come from those who are called.
		hands(t, pbx, "dial 202 203")
		b.until("202 has a name", func() bool { return b.colleagues["202"].Name == "Cecilie" })
		hands(t, pbx, "answer 203\ntransfer 202 201\nanswer 201")
		b.until("201 talks to 203", func() bool { return b.busy("201") == csta.Talking && b.busy("202") == csta.Free })
		if c, _ := b.colleague("203"); c.Name == "Cecilie" {
			t.Errorf("203 is called %q, as 202 is", c.Name)
		}
		hands(t, pbx, "clear 201")

		must(t, "DoNotDisturb", pbx.DoNotDisturb("201", true))
		b.until("201 is not to be disturbed", func() bool { return b.colleagues["201"].DoNotDisturb })
		must(t, "Forward", pbx.Forward("202", "200"))
		b.until("202 is forwarded", func() bool { return b.colleagues["202"].ForwardedTo == "200" })
		must(t, "Forward", pbx.Forward("202", ""))
		b.until("202 is not forwarded", func() bool { return b.colleagues["202"].ForwardedTo == "" })
		if st := b.last(); st.Telephone.DoNotDisturb == csta.On || len(st.Calls) != 0 {
			t.Errorf("what colleagues do is told as ours: %+v", st)
		}
	})
}

// TestPickupOfAColleaguesCall uses the connection that the colleague's call has.
func TestPickupOfAColleaguesCall(t *testing.T) {
	overBoth(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		b := startOffice(t, config(url))
		b.known()
		_, err := pbx.Call("22334455", "202", "Ærø Bageri")
		must(t, "Call", err)
		b.until("202 rings", func() bool { return b.busy("202") == csta.RingingThere })
		ringing, _ := b.colleague("202")
		id, err := b.DirectedPickupCall(within(t), ringing.Calls[0].ID)
		must(t, "DirectedPickupCall", err)
		if got := b.calls("active 22334455")[0]; got.ID != id || got.Via != "202" {
			t.Errorf("got %+v", got)
		}
		b.until("202 is free", func() bool { return b.busy("202") == csta.Free })
		b.agrees(pbx, "the pickup")
	})
}

func TestQueues(t *testing.T) {
	cfg := pbxsim.Config{Queues: []pbxsim.Queue{{Number: "400", Name: "Reception", Members: []string{"200", "201"}}},
		Extensions: []pbxsim.Extension{{Number: "200", AutoAnswer: true}, {Number: "201"}, {Number: "202"}, {Number: "203"}}}
	overBoth(t, cfg, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		b := startOffice(t, config(url))
		b.known()
		signedIn := func(agent string) bool {
			m, member := b.queues["400"].Member(csta.DeviceID(agent))
			return member && m.SignedIn()
		}
		b.until("200 and 201 are signed in", func() bool { return signedIn("200") && signedIn("201") })
		call, err := pbx.Call("22334455", "400", "Ærø Bageri")
		must(t, "Call", err)
		b.until("a call waits", func() bool {
			q := b.queues["400"]
			return q.Waiting == 1 && q.Total == 1 && len(q.Calls) == 1 && q.Calls[0].Remote.Number == "22334455"
		})
		if got := b.calls("ringing 22334455")[0]; got.Via != "400" {
			t.Errorf("it rings via %q, want the queue", got.Via)
		}
		must(t, "Answer", call.Answer("201"))
		b.until("it is answered", func() bool {
			q := b.queues["400"]
			return q.Waiting == 0 && q.Talking == 1 && q.Answered == 1 && len(q.Calls) == 0
		})
		must(t, "Clear", call.Clear("22334455"))
		b.until("it is over", func() bool { q := b.queues["400"]; return q.Talking == 0 && q.Missed == 0 })

		must(t, "sign out", b.SetQueueMember(within(t), "400", false))
		b.until("we are out", func() bool { return !signedIn("200") && signedIn("201") })
		must(t, "sign out, which we are", b.SetQueueMember(within(t), "q-12345678-400", false))
		call, err = pbx.Call("33445566", "400", "")
		must(t, "Call", err)
		b.until("a call waits", func() bool { return b.queues["400"].Waiting == 1 })
		if leg := at(pbx, "200", "Alerting"); leg != nil {
			t.Errorf("we ring: %+v", leg)
		}
		must(t, "Clear", call.Clear("33445566"))
		b.until("it is missed", func() bool { return b.queues["400"].Missed == 1 && b.queues["400"].Total == 2 })
		must(t, "sign in", b.SetQueueMember(within(t), "400", true))
		must(t, "SignIn", pbx.SignIn("400", "201", false))
		b.until("we are in, and 201 is out", func() bool { return signedIn("200") && !signedIn("201") })

		must(t, "AddQueue", pbx.AddQueue(pbxsim.Queue{Number: "410", Name: "Æbler & Pærer", Members: []string{"202"}}))
		b.until("a new queue", func() bool { return b.queues["410"].Name == "Æbler & Pærer" && len(b.queues["410"].Members) == 1 })
		must(t, "RemoveQueue", pbx.RemoveQueue("410"))
		b.until("it is gone, told once", func() bool { return b.removed["410"] == 1 })
		if err := b.SetQueueMember(within(t), "410", true); err == nil {
			t.Error("one may sign in at a queue that is gone")
		}
	})
}

// TestSigningInAgain brings back the devices that were on; the first time, and where nothing was seen, the
// telephone alone.
func TestSigningInAgain(t *testing.T) {
	cfg := pbxsim.Config{Queues: []pbxsim.Queue{{Number: "400", Name: "Reception", Members: []string{"200", "201"}}}}
	overBoth(t, cfg, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		b := startOffice(t, config(url))
		b.known()
		member := func(want csta.Member) func() bool {
			want.Agent, want.Active = "200", true
			return func() bool { m, _ := b.queues["400"].Member("200"); return m == want }
		}
		out, phone, both := csta.Member{}, csta.Member{SIP: true}, csta.Member{SIP: true, Mobile: true}
		must(t, "sign out", b.SetQueueMember(within(t), "400", false))
		b.until("out", member(out))
		must(t, "sign in", b.SetQueueMember(within(t), "400", true))
		b.until("in, as before", member(phone))
		_, err := perform(within(t), b.Session, answerLimit, wire.Node("SetQueueMember", wire.Leaf("device", "400"), wire.Boolean("activateAgent", true), wire.Boolean("activateMobile", true),
			wire.Boolean("activateSip", true), wire.Boolean("activateSkype", false), wire.Leaf("agentDN", "200"), wire.Number("agentPosition", "1")), positive)
		must(t, "the mobile phone, on the web", err)
		b.until("two devices", member(both))
		must(t, "sign in, which we are", b.SetQueueMember(within(t), "400", true))
		b.until("two devices still", member(both))
		must(t, "SignIn", pbx.SignIn("400", "200", false)) // at the telephone
		b.until("out", member(out))
		pbx.Drop()
		b.await("not online", func(st csta.State) bool { return st.Status != csta.Online })
		b.await("the trunk again", func(st csta.State) bool { return online(st) && st.Trunk == csta.On })
		b.until("out still", member(out))
		must(t, "sign in", b.SetQueueMember(within(t), "q-12345678-400", true))
		b.until("two devices again", member(both))
	})
}

// TestWithoutTheTrunk: an account that may not monitor the trunk is told so, and otherwise works.
func TestWithoutTheTrunk(t *testing.T) {
	overBoth(t, pbxsim.Config{Behaviour: pbxsim.Behaviour{Unsupported: "MonitorTrunk"}}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		b := startOffice(t, config(url))
		b.await("Trunk is Off, with the reason", func(st csta.State) bool {
			return online(st) && st.Trunk == csta.Off && st.Refused["MonitorTrunk"] != ""
		})
		incoming(t, pbx, b.client)
	})
}

// TestOfficeAfterAGap: after the link was lost, everybody is reported again, and nobody is shown as ringing who
// is not.
func TestOfficeAfterAGap(t *testing.T) {
	overBoth(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		b := startOffice(t, config(url))
		b.known()
		call, err := pbx.Call("22334455", "201", "")
		must(t, "Call", err)
		b.until("201 rings", func() bool { return b.busy("201") == csta.RingingThere })
		pbx.Drop()
		b.await("offline", func(st csta.State) bool { return st.Status != csta.Online })
		must(t, "Clear", call.Clear("22334455"))
		b.await("online", online)
		b.until("201 is free", func() bool { return b.busy("201") == csta.Free })
		hands(t, pbx, "call 33445566 202")
		b.until("202 rings", func() bool { return b.busy("202") == csta.RingingThere })
	})
}

// TestColleaguesBeforeWeCame: how telephones were set before the session began, and the calls that they
// had, are asked for; where the PBX tells nothing, only a few times.
func TestColleaguesBeforeWeCame(t *testing.T) {
	ask := func(t *testing.T, kind string, cfg pbxsim.Config, test func(b *bubble, asked map[string]int)) {
		asked := map[string]int{}
		conf := func(c *Config) { c.OnColleague = func(csta.Colleague) {} }
		inFakeTime(t, kind, cfg, conf, func(b *bubble) {
			defer b.pbx.Watch(func(line string) {
				if words := strings.Fields(line); words[0] == "service" && !strings.HasSuffix(words[2], "200") {
					asked[words[1]]++
				}
			})()
			must(b.t, "DoNotDisturb", b.pbx.DoNotDisturb("201", true))
			must(b.t, "Forward", b.pbx.Forward("202", "22334455"))
			must(b.t, "Forward", b.pbx.ForwardWhen("203", "forwardBusy", "201", 0))
			teachSnapshots(b)
			b.call("33445566", "203")
			b.pbx.Drop()
			time.Sleep(returnBound)
			b.c.now()
			test(b, asked)
		})
	}
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			ask(t, kind, pbxsim.Config{Behaviour: pbxsim.Behaviour{Snapshot: "vendor"}}, func(b *bubble, _ map[string]int) {
				list := b.c.Colleagues()
				if len(list) != 3 || !list[0].DoNotDisturb || list[0].ForwardedTo != "" || list[1].ForwardedTo != "22334455" || list[1].DoNotDisturb ||
					list[2].ForwardedTo != "" || list[2].Activity() != csta.RingingThere {
					t.Errorf("got %+v", list)
				}
			})
			ask(t, kind, pbxsim.Config{Behaviour: pbxsim.Behaviour{Unsupported: "GetDoNotDisturb"}, Extensions: pbxsim.Office(50).Extensions}, func(b *bubble, asked map[string]int) {
				if asked["GetDoNotDisturb"] > 2*office.MostUnanswered || asked["GetForwarding"] < 49 || asked["SnapShotDevice"] > 0 {
					t.Errorf("asked for %v", asked)
				}
			})
		})
	}
	ask(t, "tcp", pbxsim.Config{Extensions: pbxsim.Office(1000).Extensions}, func(b *bubble, asked map[string]int) {
		time.Sleep(2 * surveySlower * office.MostPhones * phoneEvery)
		synctest.Wait()
		if n := asked["GetDoNotDisturb"]; n > 2*office.MostPhones || n < office.MostPhones {
			t.Errorf("in an office of a thousand, over two links, asked for %d telephones", n)
		}
	})
}

// teachSnapshots shows the session a call in a snapshot: from then on it asks for those of colleagues.
func teachSnapshots(b *bubble) {
	c := b.call("22334455", "200")
	time.Sleep(2 * quietLimit)
	_ = c.Clear("22334455")
}

// TestOfficeLife: after random office life, what was reported about every colleague agrees with the PBX.
func TestOfficeLife(t *testing.T) {
	office := pbxsim.Office(25)
	office.Seed = 11
	overBoth(t, office, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		b := startOffice(t, config(url))
		b.await("the trunk is monitored", func(st csta.State) bool { return st.Trunk == csta.On })
		ctx, stop := context.WithTimeout(t.Context(), 2*time.Second)
		defer stop()
		pbx.Life(ctx, 300, "200")
		want := map[string][]string{}
		for _, e := range office.Extensions[1:] {
			if legs := truth(pbx, e.Number); len(legs) > 0 {
				want[e.Number] = legs
			}
		}
		b.until("it agrees with the PBX", func() bool {
			if len(b.colleagues) != len(office.Extensions)-1 {
				return false
			}
			for number, c := range b.colleagues {
				if !slices.Equal(told(csta.State{Calls: c.Calls}), want[number]) {
					return false
				}
			}
			return true
		})
		if len(want) == 0 {
			t.Error("nobody is in a call: the test shows nothing")
		}
	})
}
