package cstasession

import (
	"slices"
	"strings"
	"testing"

	"calltray/cstasession/csta"
	"calltray/pbxsim"
)

// TestSnapshotsOfTheOffice: Colleagues and Queues agree with what was told, in order, from any goroutine;
// without a link there are none.
func TestSnapshotsOfTheOffice(t *testing.T) {
	overBoth(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		b := startOffice(t, config(url))
		b.known()
		must(t, "AddQueue", pbx.AddQueue(pbxsim.Queue{Number: "90", Name: "Bagerst", Members: []string{"202"}}))
		b.until("a second queue", func() bool { return len(b.queues["90"].Members) == 1 })
		hands(t, pbx, "call 22334455 202")
		b.until("202 rings", func() bool { return b.busy("202") == csta.RingingThere })

		var numbers []string
		for _, c := range b.Colleagues() {
			numbers = append(numbers, string(c.Device)+" "+strings.Repeat("rings", len(c.Calls)))
		}
		for _, q := range b.Queues() {
			numbers = append(numbers, string(q.Device)+" "+q.Name)
		}
		if want := []string{"201 ", "202 rings", "203 ", "90 Bagerst", "400 Reception"}; !slices.Equal(numbers, want) {
			t.Errorf("got %q, want %q", numbers, want)
		}
		b.stop()
		b.await("offline", func(st csta.State) bool { return st.Status == csta.Offline })
		if c, q := b.Colleagues(), b.Queues(); c != nil || q != nil {
			t.Errorf("offline: %v, %v", c, q)
		}
	})
}

// TestNamesOfOurCalls: a call has the names that the PBX sent elsewhere: of the queue it comes through, of the
// colleague it goes to; also if they arrive after the call.
func TestNamesOfOurCalls(t *testing.T) {
	cfg := pbxsim.Config{
		Queues:     []pbxsim.Queue{{Number: "400", Name: "Reception", Members: []string{"200", "201"}}},
		Extensions: []pbxsim.Extension{{Number: "200", AutoAnswer: true}, {Number: "201", Name: "Bo"}, {Number: "202", Name: "Cecilie"}, {Number: "203", Name: "Dan"}},
	}
	overBoth(t, cfg, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		b := startOffice(t, config(url))
		b.known()
		hands(t, pbx, "call 22334455 400")
		if got := b.calls("ringing 22334455")[0]; got.Via != "400" || got.ViaName != "Reception" {
			t.Errorf("through %q %q", got.Via, got.ViaName)
		}
		hands(t, pbx, "clear 22334455")
		b.calls()

		made, err := b.MakeCall(within(t), "202")
		must(t, "MakeCall", err)
		if got := b.calls("calling 202")[0]; got.Remote.Name != "" {
			t.Errorf("202 is called %q, which nothing told", got.Remote.Name)
		}
		hands(t, pbx, "dial 202 203")
		b.await("the name of 202", func(st csta.State) bool {
			return len(st.Calls) == 1 && st.Calls[0].Remote == (csta.Party{Number: "202", Name: "Cecilie"})
		})
		must(t, "ClearConnection", b.ClearConnection(within(t), made))
		hands(t, pbx, "clear 203\ncall 33445566 201\nanswer 201\nconsult 201 202")
		b.until("201 asks Cecilie", func() bool {
			return slices.ContainsFunc(b.colleagues["201"].Calls, func(c csta.Call) bool {
				return c.Remote == csta.Party{Number: "202", Name: "Cecilie"} && !c.Consults.IsZero()
			})
		})
	})
}

// TestNameOfAQueueWithoutTheTrunk: an account that may not monitor the trunk still learns the name of the queue
// that calls come through, by asking once.
func TestNameOfAQueueWithoutTheTrunk(t *testing.T) {
	cfg := pbxsim.Config{
		Queues:    []pbxsim.Queue{{Number: "400", Name: "Reception", Members: []string{"200"}}},
		Behaviour: pbxsim.Behaviour{Unsupported: "MonitorTrunk"},
	}
	overBoth(t, cfg, func(t *testing.T, pbx *pbxsim.PBX, url string) {
		asked := make(chan string, 100)
		defer pbx.Watch(func(line string) {
			if strings.HasPrefix(line, "service GetQueue 400") {
				asked <- line
			}
		})()
		conf := config(url)
		conf.WatchTelephone = true
		c := start(t, conf)
		c.await("online", online)
		for range 3 {
			hands(t, pbx, "call 22334455 400")
			c.await("the queue's name", func(st csta.State) bool { return len(st.Calls) == 1 && st.Calls[0].ViaName == "Reception" })
			hands(t, pbx, "clear 22334455")
			c.calls()
		}
		hands(t, pbx, "call 22334455 201\ndeflect 201 200") // 201 is no queue
		if got := c.calls("ringing 22334455")[0]; got.Via != "201" || got.ViaName != "" {
			t.Errorf("through %q %q", got.Via, got.ViaName)
		}
		hands(t, pbx, "clear 22334455")
		c.calls()
		if n := len(asked); n != 1 {
			t.Errorf("GetQueue of 400 was asked for %d times", n)
		}
	})
}
