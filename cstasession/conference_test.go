package cstasession

import (
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/fixture"
	"calltray/cstasession/internal/wire"
	"calltray/pbxsim"
)

// TestConference with the PBX: consultation, conference, who is in it, one leaves, the end; the
// session agrees with the PBX after each step.
func TestConference(t *testing.T) {
	overBoth(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		c := start(t, config(url))
		c.await("online", online)
		_, id := incoming(t, pbx, c)
		asking, err := c.ConsultationCall(within(t), id, "202")
		must(t, "ConsultationCall", err)
		hands(t, pbx, "answer 202")
		c.calls("held 22334455", "active 202")
		must(t, "AlternateCall", c.AlternateCall(within(t), asking, id))
		c.calls("active 22334455", "held 202")
		c.agrees(pbx, "AlternateCall")
		must(t, "AlternateCall, back", c.AlternateCall(within(t), id, asking))
		c.calls("held 22334455", "active 202")
		must(t, "ConferenceCall", c.ConferenceCall(within(t), asking, id))
		if got := c.calls("active 22334455")[0]; !got.Conference || got.ID != id {
			t.Errorf("the conference is %+v", got)
		}
		c.agrees(pbx, "ConferenceCall")
		parties, err := c.SnapshotCall(within(t), id)
		devices := map[csta.DeviceID]csta.Phase{}
		for _, p := range parties {
			devices[p.Device] = p.Phase
		}
		if err != nil || len(devices) != 3 || devices["200"] != csta.Active || devices["202"] != csta.Active || devices["22334455"] != csta.Active {
			t.Errorf("SnapshotCall: %+v %v", parties, err)
		}
		must(t, "HoldCall", c.HoldCall(within(t), id))
		must(t, "RetrieveCall", c.RetrieveCall(within(t), id))
		if got := c.calls("active 22334455")[0]; !got.Conference {
			t.Errorf("held and retrieved, the conference is %+v", got)
		}
		hands(t, pbx, "clear 202")
		c.await("an ordinary call", func(st csta.State) bool {
			return len(st.Calls) == 1 && !st.Calls[0].Conference && st.Calls[0].Phase == csta.Active
		})
		must(t, "ClearConnection", c.ClearConnection(within(t), id))
		c.calls()
		c.mu.Lock()
		defer c.mu.Unlock()
		if wrong := history(c.states); wrong != "" {
			t.Error(wrong)
		}
	})
}

// TestSystemStatus: a PBX that wants to be answered before anything else is, and one that is not
// well is asked at once for a sign of life.
func TestSystemStatus(t *testing.T) {
	overBoth(t, pbxsim.Config{Behaviour: pbxsim.Behaviour{Greet: true}}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		heard := make(chan string, 100)
		defer pbx.Watch(func(line string) {
			if strings.HasPrefix(line, "service SystemStatusResponse") || strings.HasPrefix(line, "refused ") {
				heard <- line
			}
		})()
		c := start(t, config(url))
		c.await("online", online)
		if line := <-heard; !strings.HasPrefix(line, "service ") {
			t.Errorf("the greeting: %s", line)
		}
		must(t, "SystemStatus", pbx.SystemStatus("overloadReached"))
		if line := <-heard; !strings.HasPrefix(line, "service ") {
			t.Errorf("the overload: %s", line)
		}
		incoming(t, pbx, c)
	})
	for status, asks := range map[string]bool{"normal": false, "overloadRelieved": false, "messagesLost": true, "disabled": true} {
		inBubble(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, c *client, dials *atomic.Int32) {
			time.Sleep(time.Second)
			before := c.Health().Checked
			must(t, "SystemStatus", pbx.SystemStatus(status))
			synctest.Wait()
			if after := c.Health().Checked; after.Equal(before) == asks {
				t.Errorf("%s: a sign of life at %v, one before at %v; want a new one: %v", status, after, before, asks)
			}
		})
	}
}

// TestAskedTooOften: a peer that sends endless requests, and reads no answers, costs neither memory nor the
// link.
func TestAskedTooOften(t *testing.T) {
	s, err := New(config("tcp://pbx:7000"))
	must(t, "New", err)
	s.cfg.Logger = slog.New(slog.DiscardHandler)
	l := &link{s: s, replies: make(chan wire.Element, 8), poke: make(chan struct{}, 1)}
	for range 1000 {
		s.systemStatus(l, fixture.XML(t, fixture.Read(t, "xml/SystemStatus.xml")))
	}
	if len(l.replies) != cap(l.replies) {
		t.Errorf("%d answers are waiting", len(l.replies))
	}
}

// TestMonitorThatIsLost: a lost monitor is restarted when that is detected, by a call in a snapshot that no
// event reported, or by the PBX's own MonitorStop, but no more often than the pause between two attempts.
func TestMonitorThatIsLost(t *testing.T) {
	inBubble(t, pbxsim.Config{Behaviour: pbxsim.Behaviour{Snapshot: "vendor"}}, func(t *testing.T, pbx *pbxsim.PBX, c *client, _ *atomic.Int32) {
		time.Sleep(time.Second)
		pbx.Forget()
		call, err := pbx.Call("22334455", "200", "")
		must(t, "Call", err)
		time.Sleep(quietLimit + time.Second) // a snapshot shows it
		must(t, "Answer", call.Answer("200"))
		if st := c.now(); len(st.Calls) != 1 || st.Calls[0].Phase != csta.Active {
			t.Errorf("no event tells of the answer: %s", story([]csta.State{st}))
		}
	})
	inBubble(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, c *client, _ *atomic.Int32) {
		var monitors atomic.Int32
		defer pbx.Watch(func(line string) {
			if strings.Contains(line, " monitor u-12345678-200") {
				monitors.Add(1)
			}
		})()
		stop := append([]byte(strings.ReplaceAll(string(fixture.Read(t, "xml/MonitorStop.told.xml")), "u-87654321-310", "u-12345678-200")), 0)
		time.Sleep(20 * time.Second)
		before := monitors.Load()
		for range 10 {
			pbx.Inject(stop)
			synctest.Wait()
		}
		if monitors.Load() != before+1 {
			t.Errorf("ten times told that its monitor was stopped, it started it %d times", monitors.Load()-before)
		}
		time.Sleep(2 * monitorPause)
		synctest.Wait()
		if monitors.Load() != before+2 {
			t.Errorf("told so after it had started it again, it started it %d times more", monitors.Load()-before-1)
		}
		pbx.Inject([]byte(strings.ReplaceAll(string(stop), "-200", "-201")))
		time.Sleep(2 * monitorPause)
		synctest.Wait()
		if monitors.Load() != before+2 {
			t.Error("another's monitor was taken for ours")
		}
	})
}
