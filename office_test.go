//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

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
			const want = "calltray: The PBX does not tell this account of colleagues and queues: ask its administrator to allow monitoring of the trunk."
			for _, args := range []string{"colleagues", "colleagues --json", "queue", "queue in 400", "pickup 202"} {
				if got, code := said(t, env, args); got != want || code != 1 {
					t.Errorf("%s: %q, exit code %d", args, got, code)
				}
			}
			if got, code := said(t, env, "dnd on"); got != "Do-not-disturb is on: no call rings at your telephone." || code != 0 {
				t.Errorf("dnd on: %q, exit code %d", got, code)
			}
		})
	}
}

// TestLists: what is listed for programs, in an office of five thousand.
func TestLists(t *testing.T) {
	const extensions = 5000
	config := pbxsim.Office(extensions)
	config.Users = []pbxsim.User{anna}
	x := newExchangeOf(t, config)
	me := config.Queues[0].Members[0]
	_, env := running(t, x, x.tcp, me, slog.New(slog.DiscardHandler))
	caller := ""
	for _, e := range config.Extensions {
		if e.Number != me {
			caller = e.Number
			break
		}
	}
	if _, err := x.Call(caller, me, ""); err != nil {
		t.Fatal(err)
	}
	for _, own := range []bool{false, true} {
		if own {
			env = set("XDG_RUNTIME_DIR", t.TempDir())(env)
		}
		var busy, count int
		out, code := said(t, env, "colleagues --json")
		for line := range strings.Lines(out) {
			var c colleagueLine
			strictly(t, line, &c)
			count++
			if c.Extension == me || c.Extension == "" || c.Calls == nil || c.Activity != "free" && c.Activity != "talking" && c.Activity != "unknown" {
				t.Fatalf("line %s", line)
			}
			if c.Extension == caller && c.Activity == "talking" && c.Calls[0].Number == me {
				busy++
			}
			if c.Activity == "unknown" != own && c.Extension != caller {
				t.Fatalf("own=%v: %s", own, line)
			}
		}
		if code != 0 || count != extensions-1 || busy != 1 && !own {
			t.Errorf("own=%v: %d colleagues, %d of them as they are, exit code %d, %.200s", own, count, busy, code, out)
		}
		mine, count := 0, 0
		out, code = said(t, env, "queue list --json")
		for line := range strings.Lines(out) {
			var q queueLine
			strictly(t, line, &q)
			count++
			if q.Member && q.SignedIn && q.Queue == config.Queues[0].Number && q.Name == config.Queues[0].Name && len(q.Members) == len(config.Queues[0].Members) {
				mine++
			}
		}
		if code != 0 || count != len(config.Queues) || mine != 1 {
			t.Errorf("own=%v: %d queues, %d of them mine, exit code %d, %.300s", own, count, mine, code, out)
		}
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
