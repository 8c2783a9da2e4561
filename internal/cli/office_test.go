//go:build linux

package cli

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"calltray/cstasession/csta"
	"calltray/internal/app"
	"calltray/internal/command"
	"calltray/pbxsim"
)

// TestWithoutTheTrunk: an account that may not monitor the trunk is told so, and keeps its own telephone.
func TestWithoutTheTrunk(t *testing.T) {
	for _, own := range []bool{false, true} {
		t.Run(fmt.Sprint("own=", own), func(t *testing.T) {
			x := newExchange(t, anna)
			x.Set(func(b *pbxsim.Behaviour) { b.Unsupported = "MonitorTrunk" })
			env := x.env(x.tcp, anna, "201")
			if !own {
				_, env = running(t, x, x.tcp, "201", slog.New(slog.DiscardHandler))
			}
			const want = "calltray: The PBX does not report colleagues and queues to this account: ask its administrator to allow monitoring of the trunk."
			for _, args := range []string{"colleagues", "colleagues --json", "queue", "queue in 400", "pickup 202"} {
				want := want
				if strings.HasSuffix(args, "--json") {
					want = `{"code":"trunk-not-monitored","error":"` + strings.TrimPrefix(want, "calltray: ") + `"}`
				}
				if got, code := said(t, env, args); got != want || code != 1 {
					t.Errorf("%s: %q, exit code %d", args, got, code)
				}
			}
			if got, code := said(t, env, "dnd on"); got != "Do-not-disturb is on: your telephone does not ring." || code != 0 {
				t.Errorf("dnd on: %q, exit code %d", got, code)
			}
		})
	}
}

// TestLists: what is listed for programs, by the running application in an office of five thousand and by a
// session of the command's own.
func TestLists(t *testing.T) {
	for _, tt := range []struct {
		own        bool
		extensions int
	}{{false, 5000}, {true, 60}} {
		t.Run(fmt.Sprint(tt.extensions), func(t *testing.T) {
			config := pbxsim.Office(tt.extensions)
			config.Users = []pbxsim.User{anna}
			x := newExchangeOf(t, config)
			me := config.Queues[0].Members[0]
			env := x.env(x.tcp, anna, me)
			var a *app.App
			if !tt.own {
				a, env = running(t, x, x.tcp, me, slog.New(slog.DiscardHandler))
			}
			caller := config.Extensions[0].Number
			if caller == me {
				caller = config.Extensions[1].Number
			}
			if _, err := x.Call(caller, me, ""); err != nil {
				t.Fatal(err)
			}
			if a != nil {
				eventually(t, "the application knows of the call", func() bool {
					s, err := a.Session()
					return err == nil && slices.ContainsFunc(s.Colleagues(), func(c csta.Colleague) bool { return string(c.Device) == caller && c.Activity() == csta.Talking })
				})
			}
			out, code := said(t, env, "colleagues --json")
			count := 0
			for line := range strings.Lines(out) {
				var c command.ColleagueLine
				strictly(t, line, &c)
				count++
				want := "free"
				if tt.own { // was not there when it began
					want = "unknown"
				} else if c.Extension == caller {
					want = "talking"
				}
				if c.Extension == me || c.Extension == "" || c.Calls == nil || c.Activity != want {
					t.Fatalf("%s, want %s", line, want)
				}
			}
			if code != 0 || count != tt.extensions-1 {
				t.Errorf("%d colleagues, exit code %d, %.200s", count, code, out)
			}
			out, code = said(t, env, "queue list --json")
			count, mine := 0, 0
			for line := range strings.Lines(out) {
				var q command.QueueLine
				strictly(t, line, &q)
				if count++; q.Member && q.SignedIn && q.Queue == config.Queues[0].Number && q.Name == config.Queues[0].Name && len(q.Members) == len(config.Queues[0].Members) {
					mine++
				}
			}
			if code != 0 || count != len(config.Queues) || mine != 1 {
				t.Errorf("%d queues, %d of them mine, exit code %d, %.300s", count, mine, code, out)
			}
		})
	}
}

// strictly decodes a line that has no field which is not documented.
func strictly(t *testing.T, line string, into any) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
}
