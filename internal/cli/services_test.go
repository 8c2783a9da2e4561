//go:build linux

package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/app"
	"calltray/internal/command"
	"calltray/internal/control"
	"calltray/internal/support"
	"calltray/pbxsim"
)

// running is the application in this process, without its window, and logged in to an exchange. Commands
// with the environment that it returns find it.
func running(t *testing.T, x *exchange, url, device string, log *slog.Logger) (*app.App, []string) {
	t.Helper()
	env := append(x.env(url, anna, device), "XDG_CONFIG_HOME="+x.home, "XDG_STATE_HOME="+x.home)
	adopt(t, env)
	if err := os.MkdirAll(support.Folder(), 0o700); err != nil {
		t.Fatal(err)
	}
	settings := account.Settings{URL: url, UserID: anna.UserID, PBXDomain: x.Domain(), Device: device}
	a := app.New(app.Config{Settings: settings, Password: anna.Password, Logger: log})
	t.Cleanup(a.Begin(t.Context()))
	instance, err := control.Acquire("calltray", a.Reply)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = instance.Close() })
	eventually(t, "the application knows its telephone and the queue", func() bool {
		s, err := a.Session()
		if err != nil {
			return false
		}
		st := a.State()
		queues := s.Queues()
		return command.ScopePhone.Known(st) && st.Trunk != csta.Unknown && (st.Trunk == csta.Off || len(queues) > 0 && len(queues[0].Members) > 0)
	})
	return a, env
}

// bothWays is every command: through the running application, and by a session of its own, where
// there is no app.
func bothWays(t *testing.T, test func(t *testing.T, x *exchange, env []string, a *app.App)) {
	for _, gateway := range []string{"tcp", "signalr"} {
		for _, own := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/own=%v", gateway, own), func(t *testing.T) {
				x := newExchange(t, anna)
				// A fresh session receives the existing calls, as in the standard and unlike the vendor.
				x.Set(func(b *pbxsim.Behaviour) { b.Snapshot = "ecma" })
				names := fmt.Sprintf("[%q]\n200 = 'Navnekanarie'\n202 = 'Bo'\n400 = 'Salg'\n", x.Domain())
				if err := errors.Join(os.MkdirAll(filepath.Join(x.home, "calltray"), 0o700),
					os.WriteFile(filepath.Join(x.home, "calltray", "names.toml"), []byte(names), 0o600)); err != nil {
					t.Fatal(err)
				}
				url := map[string]string{"tcp": x.tcp, "signalr": x.http}[gateway]
				env := append(x.env(url, anna, "201"), "XDG_CONFIG_HOME="+x.home)
				var a *app.App
				if !own {
					a, env = running(t, x, url, "201", slog.New(slog.NewTextHandler(&x.log, nil)))
				}
				test(t, x, env, a)
			})
		}
	}
}

// agrees reports whether the application knows of its telephone what is so, and of 202 that it rings if it
// does.
func (x *exchange) agrees(a *app.App) bool {
	s, err := a.Session()
	if err != nil {
		return false
	}
	st := a.State()
	var legs []string
	for _, c := range st.Calls {
		if c.Phase != csta.Ended {
			legs = append(legs, c.Phase.String()+" "+c.Remote.Number)
		}
	}
	rings := false
	for _, c := range s.Colleagues() {
		rings = rings || c.Device == "202" && c.Activity() == csta.RingingThere
	}
	return strings.EqualFold(strings.Join(legs, ", "), x.leg("201")) && rings == strings.HasPrefix(x.leg("202"), "Ringing") &&
		(st.Telephone.DoNotDisturb == csta.On) == x.phone("201").DoNotDisturb
}

// TestServices is a receptionist's day at the command line: after every command the exchange is as it says.
func TestServices(t *testing.T) {
	bothWays(t, func(t *testing.T, x *exchange, env []string, a *app.App) {
		own := a == nil
		const baker, caller = "Ærø Bageri (22 33 44 55)", "33 44 55 66"
		from := func(name string) string { // a snapshot tells numbers only
			if own {
				return strings.TrimSuffix(strings.TrimPrefix(name[strings.LastIndex(name, "("):], "("), ")")
			}
			return name
		}
		ring := func(from, to, name string) func() {
			return func() {
				if _, err := x.Call(from, to, name); err != nil {
					t.Fatal(err)
				}
			}
		}
		elsewhere := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		at := func(device, want string) func() error {
			return func() error {
				if got := x.leg(device); got != want {
					return fmt.Errorf("%s has %q, want %q", device, got, want)
				}
				return nil
			}
		}
		set := func(what string, is func() bool) func() error {
			return func() error {
				if !is() {
					return errors.New("it is not so: " + what)
				}
				return nil
			}
		}
		dnd := func(want bool) func() error {
			return set(fmt.Sprint("do not disturb ", want), func() bool { return x.phone("201").DoNotDisturb == want })
		}
		rule := func(forwardingType, want string) func() error {
			return set(forwardingType+" "+want, func() bool {
				for _, f := range x.phone("201").Forwarding {
					if f.Type == forwardingType {
						return fmt.Sprint(f.On, " ", f.To, " ", f.After) == want
					}
				}
				return false
			})
		}
		noCall := func(words string) string {
			if own {
				return "calltray: " + words + " The PBX does not report earlier calls to a new login: leave Calltray running, and it knows them."
			}
			return "calltray: " + words
		}
		type step struct {
			before func()
			args   string
			want   string
			code   int
			after  func() error
		}
		pickup := step{nil, "pickup 202", "Picked up from Bo (202): " + baker + ".", 0, at("201", "Active 22334455")}
		over := step{nil, "hangup", "Hung up: " + baker + ".", 0, at("201", "")}
		if own { // no snapshot tells what goes on elsewhere
			pickup = step{nil, "pickup 202", noCall("There is no call to pick up at Bo (202)."), 1, at("202", "Ringing 22334455")}
			over = step{nil, "hangup", noCall("There is no call to hang up."), 1, nil}
		}
		for _, step := range []step{
			{nil, "hangup", noCall("There is no call to hang up."), 1, nil},
			{nil, "answer", noCall("There is no call to answer."), 1, nil},
			{nil, "hold", noCall("There is no active call to put on hold."), 1, nil},
			{nil, "resume", noCall("There is no call on hold."), 1, nil},
			{nil, "transfer 202", noCall("There is no active call to transfer."), 1, nil},
			{nil, "deflect 202", noCall("There is no ringing call to transfer."), 1, nil},
			{nil, "digits 1", noCall("There is no active call to play digits into."), 1, nil},
			{nil, "pickup 202", noCall("There is no call to pick up at Bo (202)."), 1, nil},

			{ring("22334455", "201", "Ærø Bageri"), "hold", noCall("There is no active call to put on hold."), 1, at("201", "Ringing 22334455")},
			{nil, "answer", "Answered: " + from(baker) + ".", 0, at("201", "Active 22334455")},
			{nil, "answer", noCall("There is no call to answer."), 1, nil},
			{nil, "digits 1 2 #", "Played 3 digits to " + from(baker) + ".", 0, func() error { x.await(t, " 12#", 1); return nil }},
			{nil, "hold", "On hold: " + from(baker) + ".", 0, at("201", "Held 22334455")},
			{nil, "resume", "Resumed: " + from(baker) + ".", 0, at("201", "Active 22334455")},
			{nil, "transfer 202", "Transferred: " + from(baker) + " to Bo (202).", 0, at("201", "")},
			pickup, over,
			{ring("33445566", "201", ""), "deflect 203", "Transferred: " + caller + " to 203.", 0, at("203", "Ringing 33445566")},
			{ring("44556677", "201", ""), "hangup", "Hung up: 44 55 66 77.", 0, at("201", "")},

			{nil, "dnd", "Do-not-disturb is off.", 0, nil},
			{nil, "dnd on", "Do-not-disturb is on: your telephone does not ring.", 0, dnd(true)},
			{nil, "dnd on", "Do-not-disturb is on: your telephone does not ring.", 0, dnd(true)},
			{func() { elsewhere(x.DoNotDisturb("201", false)) }, "dnd", "Do-not-disturb is off.", 0, nil},
			{nil, "dnd off", "Do-not-disturb is off.", 0, dnd(false)},
			{nil, "forward", "Calls are not forwarded.", 0, nil},
			{nil, "forward immediate 22 33 44 55", "All calls are forwarded to 22 33 44 55.", 0, rule("forwardImmediate", "true 22334455 0s")},
			{nil, "forward no-answer 202 --after 25s", "Unanswered calls are forwarded to Bo (202) after 25 seconds.", 0, rule("forwardNoAns", "true 202 25s")},
			{nil, "forward busy 203", "When you are busy, calls are forwarded to 203.", 0, rule("forwardBusy", "true 203 0s")},
			{nil, "forward busy off", "Forwarding when busy is off.", 0, rule("forwardBusy", "false 203 0s")},
			{nil, "forward off", "Forwarding of all calls is off.", 0, rule("forwardImmediate", "false 22334455 0s")},
			{nil, "forward", "Unanswered calls are forwarded to Bo (202) after 25 seconds.", 0, nil},

			{nil, "queue", "400     Salg                      signed in   0 waiting, 0 talking, 2 of 2 agents signed in", 0, nil},
			{nil, "queue out 400", "Signed out of Salg (400).", 0, set("out", func() bool { return !x.signedIn("201") && x.signedIn("202") })},
			{nil, "queue list 400", "400     Salg                      signed out  0 waiting, 0 talking, 1 of 2 agents signed in", 0, nil},
			{nil, "queue in", "Signed in to Salg (400).", 0, set("in", func() bool { return x.signedIn("201") })},
			{nil, "queue in 401", "calltray: The PBX reports no queue 401: “calltray queue list” lists those it does.", 1, nil},
			{nil, "pickup 201", "calltray: 201 is your own extension: use “calltray answer” for a call that rings there.", 1, nil},
			{nil, "pickup 299", "calltray: The PBX reports no extension 299: “calltray colleagues” lists those it does.", 1, nil},
		} {
			if step.before != nil {
				step.before()
			}
			if !own {
				eventually(t, "the application knows what is so", func() bool { return x.agrees(a) })
			}
			if got, code := said(t, env, step.args); got != step.want || code != step.code {
				t.Fatalf("%s:\ngot  %q, exit code %d\nwant %q, %d", step.args, got, code, step.want, step.code)
			}
			if step.after != nil {
				if err := step.after(); err != nil {
					t.Fatalf("%s: %v", step.args, err)
				}
			}
		}
	})
}
