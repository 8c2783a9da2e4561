package cstasession

import (
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
	"calltray/pbxsim"
)

// TestSilentQueues: a PBX that does not answer questions about its queues costs the session nothing: it
// is renewed in time, and a cut is noticed as ever.
func TestSilentQueues(t *testing.T) {
	cfg := pbxsim.Config{Behaviour: pbxsim.Behaviour{Ignored: "GetQueue,GetQueueMember", Timer: "terminate"}}
	for i := range 60 {
		cfg.Queues = append(cfg.Queues, pbxsim.Queue{Number: strconv.Itoa(400 + i), Name: "Salg", Members: []string{"200"}})
	}
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			inFakeTime(t, kind, cfg, func(c *Config) { c.OnColleague = func(csta.Colleague) {} }, func(b *bubble) {
				time.Sleep(10 * time.Second) // the questions have begun
				silence(b.pbx, true)
				cut := time.Now()
				for b.c.now().Status == csta.Online {
					time.Sleep(time.Second)
				}
				if took := time.Since(cut); took > quietBound {
					b.t.Errorf("a cut was noticed after %v, want %v at most", took, quietBound)
				}
				silence(b.pbx, false)
				time.Sleep(returnBound)
				before := b.dials.Load()
				time.Sleep(time.Hour)
				if now := b.c.now(); now.Status != csta.Online || b.dials.Load() != before {
					b.t.Errorf("an hour later: %v, %d new links, want none", now.Status, b.dials.Load()-before)
				}
			})
		})
	}
}

// TestSettingsAfterALostMonitor: how the telephone was set while no event came is asked for when the monitor
// is known to have been lost.
func TestSettingsAfterALostMonitor(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			cfg := pbxsim.Config{Behaviour: pbxsim.Behaviour{Snapshot: "vendor"}}
			inFakeTime(t, kind, cfg, func(c *Config) { c.WatchTelephone = true }, func(b *bubble) {
				teachSnapshots(b)
				b.pbx.Forget()
				b.call("22334455", "200")
				must(b.t, "DoNotDisturb", b.pbx.DoNotDisturb("200", true))
				time.Sleep(agreeBound)
				if got := b.c.now().Telephone.DoNotDisturb; got != csta.On {
					b.t.Errorf("do-not-disturb is %v, want on", got)
				}
			})
		})
	}
}

// TestTrunkAskedForAgain: State.Trunk says whether colleagues are being reported: a monitor that cannot be
// started a second time still exists, and one of another link does not.
func TestTrunkAskedForAgain(t *testing.T) {
	for _, test := range []struct {
		name  string
		later pbxsim.Behaviour
		fresh bool // over a new link
		want  csta.Switch
	}{
		{"refused, with one running", pbxsim.Behaviour{Refused: "MonitorTrunk"}, false, csta.On},
		{"ignored, with one running", pbxsim.Behaviour{Ignored: "MonitorTrunk"}, false, csta.On},
		{"refused at the next login", pbxsim.Behaviour{Refused: "MonitorTrunk"}, true, csta.Off},
		{"ignored at the next login", pbxsim.Behaviour{Ignored: "MonitorTrunk"}, true, csta.Unknown},
	} {
		t.Run(test.name, func(t *testing.T) {
			inFakeTime(t, "tcp", pbxsim.Config{}, func(c *Config) { c.OnColleague = func(csta.Colleague) {} }, func(b *bubble) {
				if got := b.c.now().Trunk; got != csta.On {
					t.Fatalf("the trunk is %v, want on", got)
				}
				b.pbx.Set(func(now *pbxsim.Behaviour) { *now = test.later })
				if test.fresh {
					b.pbx.Drop()
				}
				time.Sleep(linkEvery + returnBound)
				synctest.Wait()
				if st := b.c.now(); st.Status != csta.Online || st.Trunk != test.want {
					t.Errorf("%v, and the trunk is %v, want %v", st.Status, st.Trunk, test.want)
				}
			})
		})
	}
}

// TestStoppedTrunk: a PBX that says that it stopped the trunk's monitor is asked to start it again, and
// what colleagues did meanwhile is not believed to go on.
func TestStoppedTrunk(t *testing.T) {
	for _, crossRef := range []string{"t-12345678", "12345678"} {
		inFakeTime(t, "tcp", pbxsim.Config{}, func(c *Config) { c.OnColleague = func(csta.Colleague) {} }, func(b *bubble) {
			call := b.call("22334455", "202")
			b.pbx.Forget()
			must(b.t, "Clear", call.Clear("22334455"))
			b.pbx.Inject([]byte("<MonitorStop><monitorCrossRefID>" + crossRef + "</monitorCrossRefID></MonitorStop>\x00"))
			time.Sleep(monitorPause + time.Second)
			b.call("33445566", "201")
			list := b.c.Colleagues()
			if len(list) != 3 || list[0].Activity() != csta.RingingThere || list[1].Activity() != csta.Free {
				b.t.Errorf("%s: got %+v", crossRef, list)
			}
		})
	}
}

// TestColleaguesAfterABrokenSuccession: if a link falls before its successor is complete, events were missed,
// and colleagues are reported again.
func TestColleaguesAfterABrokenSuccession(t *testing.T) {
	cfg := pbxsim.Config{Behaviour: pbxsim.Behaviour{Timer: "close", Reset: "error"}}
	conf := func(c *Config) { c.Duration, c.OnColleague = 16*time.Second, func(csta.Colleague) {} }
	inFakeTime(t, "tcp", cfg, conf, func(b *bubble) {
		time.Sleep(20 * time.Second) // the first link has fallen, and taught when
		b.c.now()
		call := b.call("22334455", "202")
		links := b.dials.Load()
		b.pbx.Set(func(w *pbxsim.Behaviour) { w.AnswerDelay, w.Delayed = 4*time.Second, "StartApplicationSession" })
		for b.c.now().Status == csta.Online {
			time.Sleep(time.Second)
		}
		must(b.t, "Clear", call.Clear("22334455"))
		time.Sleep(5 * time.Second)
		if st := b.c.now(); st.Status != csta.Online || b.dials.Load() != links+1 {
			b.t.Fatalf("%v over %d links more, want the successor's", st.Status, b.dials.Load()-links)
		}
		for _, c := range b.c.Colleagues() {
			if c.Activity() != csta.Free {
				b.t.Errorf("got %+v, want nobody in a call", c)
			}
		}
	})
}

// TestEventsOfNobody: settings and queues are taken from events that say whose they are, and from no others.
func TestEventsOfNobody(t *testing.T) {
	inFakeTime(t, "tcp", pbxsim.Config{}, func(c *Config) { c.WatchTelephone, c.OnColleague = true, func(csta.Colleague) {} }, func(b *bubble) {
		colleagues, queues := len(b.c.Colleagues()), len(b.c.Queues())
		for _, doc := range []string{
			"<DoNotDisturbEvent><monitorCrossRefID>t-12345678</monitorCrossRefID><doNotDisturbOn>true</doNotDisturbOn></DoNotDisturbEvent>",
			"<QueueMemberEvent><monitorCrossRefID>12345678</monitorCrossRefID><memberList/></QueueMemberEvent>",
			"<QueueAddedEvent><monitorCrossRefID>t-12345678</monitorCrossRefID><name>Salg</name></QueueAddedEvent>",
			"<QueueStatisticsEvent><waitingCalls>3</waitingCalls></QueueStatisticsEvent>",
		} {
			b.pbx.Inject([]byte(doc + "\x00"))
		}
		if st := b.c.now(); st.Telephone.DoNotDisturb != csta.Off || len(b.c.Colleagues()) != colleagues || len(b.c.Queues()) != queues {
			b.t.Errorf("do-not-disturb %v, colleagues %+v, queues %+v", st.Telephone.DoNotDisturb, b.c.Colleagues(), b.c.Queues())
		}
		b.pbx.Inject([]byte("<DoNotDisturbEvent><device><notKnown/></device><doNotDisturbOn>true</doNotDisturbOn></DoNotDisturbEvent>\x00"))
		if got := b.c.now().Telephone.DoNotDisturb; got != csta.On {
			b.t.Errorf("an event of our own monitor: do-not-disturb is %v, want on", got)
		}
	})
}

// TestRefusalOfWhom: a refusal that names no request while two are pending blames nobody for good.
func TestRefusalOfWhom(t *testing.T) {
	cfg := pbxsim.Config{Behaviour: pbxsim.Behaviour{NoRequestID: true, Ignored: "GetCallProfile", Unsupported: "GetForwarding"}}
	inFakeTime(t, "tcp", cfg, nil, func(b *bubble) {
		ignored := make(chan error, 1)
		go func() { _, err := b.c.GetCallProfile(b.t.Context()); ignored <- err }()
		synctest.Wait()
		_, _ = perform(b.t.Context(), b.c.Session, answerLimit, wire.Node("GetForwarding", b.c.device()), positive)
		<-ignored
		if refused := b.c.now().Refused; len(refused) != 0 {
			b.t.Errorf("refused is %v, want nothing: it was not said of what", refused)
		}
		_, _ = perform(b.t.Context(), b.c.Session, answerLimit, wire.Node("GetForwarding", b.c.device()), positive)
		if refused := b.c.now().Refused; refused["GetForwarding"] == "" || len(refused) != 1 {
			b.t.Errorf("refused is %v, want GetForwarding", refused)
		}
	})
}

// TestRefusalInASurvey: a refusal that names no request, and comes before the answer about a colleague, is not taken to
// say that the PBX does not tell of this one: he is asked about again.
func TestRefusalInASurvey(t *testing.T) {
	cfg := pbxsim.Config{Behaviour: pbxsim.Behaviour{NoRequestID: true, Snapshot: "vendor"}}
	inFakeTime(t, "tcp", cfg, func(c *Config) { c.OnColleague = func(csta.Colleague) {} }, func(b *bubble) {
		b.call("33445566", "200")
		time.Sleep(2 * quietLimit) // snapshots are seen to list calls
		b.pbx.Set(func(w *pbxsim.Behaviour) { w.AnswerDelay, w.Delayed = 2*time.Second, "SnapShotDevice" })
		b.call("22334455", "202")
		ours := b.c.now().Calls[0].ID
		asked := make(chan struct{}, 100)
		defer b.pbx.Watch(func(line string) {
			if strings.Contains(line, "SnapShotDevice u-12345678-202") {
				asked <- struct{}{}
			}
		})()
		b.pbx.Drop()
		<-asked
		_ = b.c.HoldCall(b.t.Context(), ours) // refused, since it rings, before the colleague's calls are told
		time.Sleep(settled)
		synctest.Wait()
		for _, c := range b.c.Colleagues() {
			if c.Device == "202" && c.Activity() != csta.RingingThere {
				b.t.Errorf("got %+v, want ringing", c)
			}
		}
	})
}

// TestForwardingInAnotherForm: the PBX may tell the number that was set with its country.
func TestForwardingInAnotherForm(t *testing.T) {
	for _, test := range []struct {
		told, asked string
		want        bool
	}{
		{"22334455", "22334455", true}, {"+4522334455", "22334455", true}, {"004522334455", "+4522334455", true},
		{"22334456", "22334455", false}, {"busy", "22334455", false}, {"", "22334455", false}, {"Busy", "busy", true},
	} {
		if got := sameTarget(test.told, test.asked); got != test.want {
			t.Errorf("%q for %q: got %v", test.told, test.asked, got)
		}
	}
}
