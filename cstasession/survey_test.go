package cstasession

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"calltray/pbxsim"
)

// TestSilentQueues: an exchange that does not answer questions about its queues costs the session nothing: it
// is renewed in time, and a cut is noticed as ever.
func TestSilentQueues(t *testing.T) {
	cfg := pbxsim.Config{Behaviour: pbxsim.Behaviour{Ignored: "GetQueue,GetQueueMember", Timer: "terminate"}}
	for i := range 60 {
		cfg.Queues = append(cfg.Queues, pbxsim.Queue{Number: strconv.Itoa(400 + i), Name: "Salg", Members: []string{"200"}})
	}
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			inFakeTime(t, kind, cfg, func(c *Config) { c.OnColleague = func(Colleague) {} }, func(b *bubble) {
				time.Sleep(10 * time.Second) // the questions have begun
				silence(b.pbx, true)
				cut := time.Now()
				for b.c.now().Status == Online {
					time.Sleep(time.Second)
				}
				if took := time.Since(cut); took > quietBound {
					b.t.Errorf("a cut was noticed after %v, want %v at most", took, quietBound)
				}
				silence(b.pbx, false)
				time.Sleep(returnBound)
				before := b.dials.Load()
				time.Sleep(time.Hour)
				if now := b.c.now(); now.Status != Online || b.dials.Load() != before {
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
			inFakeTime(t, kind, cfg, func(c *Config) { c.Phone = true }, func(b *bubble) {
				teachSnapshots(b)
				b.pbx.Forget()
				b.call("22334455", "200")
				must(b.t, "DoNotDisturb", b.pbx.DoNotDisturb("200", true))
				time.Sleep(agreeBound)
				if got := b.c.now().Phone.DoNotDisturb; got != On {
					b.t.Errorf("do-not-disturb is %v, want on", got)
				}
			})
		})
	}
}

// TestTrunkAskedForAgain: State.Trunk says whether colleagues are told of now: a monitor that is not started a
// second time is there still, and one of another link is not.
func TestTrunkAskedForAgain(t *testing.T) {
	for _, test := range []struct {
		name  string
		later pbxsim.Behaviour
		fresh bool // over a new link
		want  Switch
	}{
		{"refused, with one running", pbxsim.Behaviour{Refused: "MonitorTrunk"}, false, On},
		{"ignored, with one running", pbxsim.Behaviour{Ignored: "MonitorTrunk"}, false, On},
		{"refused at the next login", pbxsim.Behaviour{Refused: "MonitorTrunk"}, true, Off},
		{"ignored at the next login", pbxsim.Behaviour{Ignored: "MonitorTrunk"}, true, Unknown},
	} {
		t.Run(test.name, func(t *testing.T) {
			inFakeTime(t, "tcp", pbxsim.Config{}, func(c *Config) { c.OnColleague = func(Colleague) {} }, func(b *bubble) {
				if got := b.c.now().Trunk; got != On {
					t.Fatalf("the trunk is %v, want on", got)
				}
				b.pbx.Set(func(now *pbxsim.Behaviour) { *now = test.later })
				if test.fresh {
					b.pbx.Drop()
				}
				time.Sleep(linkEvery + returnBound)
				synctest.Wait()
				if st := b.c.now(); st.Status != Online || st.Trunk != test.want {
					t.Errorf("%v, and the trunk is %v, want %v", st.Status, st.Trunk, test.want)
				}
			})
		})
	}
}
