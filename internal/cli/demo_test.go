package cli

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calltray/pbxsim"
)

// TestDemoOffice: ten minutes of the demonstration. The caller calls when the user's extension is
// monitored, the colleagues work when the trunk is, and nothing else happens at the user's telephone.
func TestDemoOffice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		office := demoOffice
		office.Seed = 1
		pbx := newDemoPBX(office)
		defer pbx.Close()
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		seen := map[string][]string{} // events by device
		defer pbx.Watch(func(line string) {
			if words := strings.Fields(line); words[0] == "event" {
				seen[words[2]] = append(seen[words[2]], words[1])
			}
		})()
		play := &demoPlay{pbx: pbx, log: slog.New(slog.DiscardHandler)}
		for _, line := range []string{"link 1 monitor u-12345678-200", "link 1 monitor t-12345678", "link 2 monitor u-12345678-200"} {
			play.watch(ctx, line)
		}
		time.Sleep(demoAfter)
		synctest.Wait()
		if calls := pbx.Calls(); !slices.ContainsFunc(calls, func(c pbxsim.CallInfo) bool {
			return c.Caller == demoCaller && c.Name == demoName && c.Legs[1].Device == demoDevice && c.Legs[1].Status == "Alerting"
		}) {
			t.Errorf("after %v nobody calls: %+v", demoAfter, calls)
		}
		away := 0
		for _, p := range pbx.Phones() {
			if p.DoNotDisturb || p.Forwarding[0].On {
				away++
			}
		}
		if away < 2 {
			t.Errorf("%d colleagues are away, want two", away)
		}
		time.Sleep(10 * time.Minute)
		stop()
		synctest.Wait()
		if got := seen[demoDevice]; !slices.Equal(got, []string{"Delivered"}) {
			t.Errorf("at the user's telephone: %v", got)
		}
		for _, number := range []string{"201", "202", "203", "204", "205", "206", "207", "208", "209", "210", "400", "410"} {
			if len(seen[number]) == 0 {
				t.Errorf("nothing happened at %s", number)
			}
		}
		events := 0
		for _, list := range seen {
			events += len(list)
		}
		t.Logf("%d events in ten minutes", events)
	})
}

// TestDemoNames: everybody has a name from the beginning, and names are as Danish as they come.
func TestDemoNames(t *testing.T) {
	names := demoNames(demoOffice)
	for _, q := range demoOffice.Queues {
		for _, m := range q.Members {
			if names[m] == "" {
				t.Errorf("%s is a member of %s, and nobody", m, q.Name)
			}
		}
	}
	all := strings.Join(slices.Collect(maps.Values(names)), " ")
	if len(names) != 11 || !strings.Contains(all, "æ") || !strings.Contains(all, "ø") || !strings.Contains(all, "å") {
		t.Errorf("%q", names)
	}
}
