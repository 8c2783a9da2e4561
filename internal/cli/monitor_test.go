//go:build linux

package cli

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"calltray/internal/command"
	"calltray/pbxsim"
)

// officeHour makes things happen at the user's telephone, at a colleague's and in the queue, each after the
// previous one was reported.
func officeHour(t *testing.T, x *exchange) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(x.DoNotDisturb("200", true))
	must(x.DoNotDisturb("200", false))
	must(x.ForwardWhen("200", "forwardNoAns", "202", 20*time.Second))
	must(x.DoNotDisturb("203", true))
	call, err := x.Call("22334455", "202", "Ærø Bageri")
	must(errors.Join(err, call.Answer("202"), call.Clear("202")))
	waiting, err := x.Call("33445566", "400", "")
	must(errors.Join(err, waiting.Clear("33445566")))
	must(x.SignIn("400", "202", false))
	queued, err := x.Call("44556677", "200", "")
	must(errors.Join(err, queued.Answer("200"), queued.Clear("200")))
	must(x.RemoveQueue("400"))
}

// TestMonitorOffice: one reader of JSON lines sees everything, over both gateways; each line is of one of
// the three documented kinds.
func TestMonitorOffice(t *testing.T) {
	for _, gateway := range []string{"tcp", "signalr"} {
		t.Run(gateway, func(t *testing.T) {
			t.Parallel()
			x := newExchange(t, anna)
			env := x.env(map[string]string{"tcp": x.tcp, "signalr": x.http}[gateway], anna, "200")
			p := start(t, env, "monitor", "--office", "--json")
			seen := map[string]bool{}
			until := func(what string) {
				t.Helper()
				for !seen[what] && p.stdout.Scan() {
					for _, s := range facts(t, p.stdout.Text()) {
						seen[s] = true
					}
				}
				if !seen[what] {
					t.Fatalf("never told: %s", what)
				}
			}
			until("queue 400 Reception 2 members, 2 signed in, waiting 0")
			officeHour(t, x)
			until("queue 400 is removed")
			p.interrupt(t)
			if code := p.finish(t); code != 0 || p.stderr.Len() > 0 {
				t.Errorf("exit code %d, %s", code, &p.stderr)
			}
			for _, want := range []string{
				"dnd unknown", "dnd off", "dnd on", "forwarding null", "forwarding forwardNoAns true 202 20", "trunk unknown", "trunk on",
				"colleague 202 unknown", "colleague 202 ringing 22334455", "colleague 202 talking 22334455", "colleague 202 free",
				"colleague 203 unknown", "colleague 203 dnd", "queue 400 Reception 2 members, 1 signed in, waiting 0", "queue 400 Reception 2 members, 2 signed in, waiting 1",
				"call active 44556677", "call ended 44556677",
			} {
				if !seen[want] {
					t.Errorf("never told: %s", want)
				}
			}
			if seen["colleague 203 free"] || seen["colleague 200 unknown"] {
				t.Error("told: what nobody knows, or the user's own extension as a colleague")
			}
			if t.Failed() {
				t.Logf("%s", &p.printed)
			}
		})
	}
}

// facts are what a line of monitor --office --json says, in words.
func facts(t *testing.T, line string) (list []string) {
	t.Helper()
	var kinds map[string]json.RawMessage
	strictly(t, line, &kinds)
	_, state := kinds["status"]
	var other command.OfficeLine
	switch {
	case state:
		var st command.StateLine
		strictly(t, line, &st)
		list = append(list, "dnd "+st.Phone.DoNotDisturb, "trunk "+st.Trunk)
		if st.Phone.Forwarding == nil {
			list = append(list, "forwarding null")
		}
		for _, f := range st.Phone.Forwarding {
			list = append(list, strings.TrimSpace(strings.Join([]string{"forwarding", f.Type, output(t, f.Active), f.To, output(t, f.After)}, " ")))
		}
		for _, c := range st.Calls {
			list = append(list, "call "+c.Phase+" "+c.Number)
		}
		if st.Calls == nil || st.Refused == nil {
			t.Errorf("line %s", line)
		}
		return list
	default:
		strictly(t, line, &other)
	}
	if _, err := time.Parse(time.RFC3339, other.Time); err != nil || (other.Colleague == nil) == (other.Queue == nil) {
		t.Fatalf("a line of no kind, or of two: %s", line)
	}
	if c := other.Colleague; c != nil {
		s := "colleague " + c.Extension + " " + c.Activity
		for _, call := range c.Calls {
			s += " " + call.Number
		}
		if list = append(list, s); c.DoNotDisturb {
			list = append(list, "colleague "+c.Extension+" dnd")
		}
		return list
	}
	q := other.Queue
	if q.Removed {
		return []string{"queue " + q.Queue + " is removed"}
	}
	in := 0
	for _, m := range q.Members {
		if m.SignedIn {
			in++
		}
	}
	return []string{"queue " + q.Queue + " " + q.Name + " " + output(t, len(q.Members)) + " members, " + output(t, in) + " signed in, waiting " + output(t, q.Waiting)}
}

func output(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestMonitorOfACallFromBefore: of a call that began before the login, monitor claims no direction until the PBX says
// it, and never our own name.
func TestMonitorOfACallFromBefore(t *testing.T) {
	for _, gateway := range []string{"tcp", "signalr"} {
		for _, format := range []struct{ flag, unknown, known string }{
			{"", `^\d\d:\d\d:\d\d  Talking  +22 33 44 55$`, `^\d\d:\d\d:\d\d  On hold  +outgoing  22 33 44 55$`},
			{"--json", `"phase":"active","direction":"unknown","number":"22334455","name":""`, `"phase":"held","direction":"outgoing","number":"22334455","name":""`},
		} {
			t.Run(gateway+" "+format.flag, func(t *testing.T) {
				x := newExchange(t, anna)
				x.Set(func(b *pbxsim.Behaviour) { b.Snapshot, b.Unsupported = "vendor", "SnapshotCall" })
				call, err := x.Call("200", "22334455", "Anna")
				if err = errors.Join(err, call.Answer("22334455")); err != nil {
					t.Fatal(err)
				}
				env := x.env(map[string]string{"tcp": x.tcp, "signalr": x.http}[gateway], anna, "200")
				p := start(t, env, strings.Fields("monitor "+format.flag)...)
				until := func(line string) {
					t.Helper()
					is := regexp.MustCompile(line)
					for p.stdout.Scan() && !is.MatchString(p.stdout.Text()) {
					}
					if !is.MatchString(p.stdout.Text()) {
						t.Fatalf("never told: %s\n%s", line, &p.printed)
					}
				}
				until(format.unknown)
				if err := call.Hold("200"); err != nil {
					t.Fatal(err)
				}
				until(format.known)
				p.interrupt(t)
				if code := p.finish(t); code != 0 || strings.Contains(p.printed.String(), "Anna") || strings.Contains(p.printed.String(), "incoming") {
					t.Errorf("exit code %d, %s", code, &p.printed)
				}
			})
		}
	}
}

// TestMonitorForPeople: the same, in lines for people.
func TestMonitorForPeople(t *testing.T) {
	x := newExchange(t, anna)
	x.Set(func(b *pbxsim.Behaviour) { b.Unsupported = "GetForwarding" })
	p := start(t, x.env(x.tcp, anna, "200"), "monitor", "--office")
	for p.stdout.Scan() && !strings.Contains(p.stdout.Text(), "2 of 2 agents signed in") {
	}
	officeHour(t, x)
	for p.stdout.Scan() && !strings.Contains(p.stdout.Text(), "no longer exists") {
	}
	p.interrupt(t)
	if code := p.finish(t); code != 0 || p.stderr.Len() > 0 {
		t.Errorf("exit code %d, %s", code, &p.stderr)
	}
	lines := strings.Split(p.printed.String(), "\n")
	for _, want := range []string{
		"Online", "Do-not-disturb is off.", "Do-not-disturb is on: your telephone does not ring.", "Unanswered calls are forwarded to 202 after 20 seconds.",
		`The PBX does not offer forwarding \(serviceNotSupported\): use the telephone's own keys.`,
		"202  *unknown", `202  *ringing: Ærø Bageri \(22 33 44 55\)`, `202  *talking: Ærø Bageri \(22 33 44 55\)`, "202  *free",
		"203  *unknown, do not disturb", "queue 400  *Reception  *not yours  *0 waiting, 0 talking, 1 of 2 agents signed in",
		"Talking  *incoming  *44 55 66 77", `The queue Reception \(400\) no longer exists.`,
	} {
		line := regexp.MustCompile(`^\d\d:\d\d:\d\d  ` + want + `$`)
		if !slices.ContainsFunc(lines, line.MatchString) {
			t.Errorf("no line %q", want)
		}
	}
	if t.Failed() {
		t.Logf("%s", &p.printed)
	}
}
