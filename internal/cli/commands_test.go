package cli

import (
	"net"
	"slices"
	"strings"
	"testing"

	"calltray/internal/app"
	"calltray/pbxsim"
)

// TestCommands: what the commands print, and their exit codes.
func TestCommands(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closedPort := "tcp://" + closed.Addr().String()
	closed.Close()
	for _, tc := range []struct {
		name   string
		args   string
		change func(env []string) []string
		alone  bool // in a process of its own
		code   int
		stdout string // a part of it
		stderr string
	}{
		{name: "version", args: "--version", alone: true, stdout: "calltray " + app.Version + "\ncommit "},
		{name: "help", args: "--help", stdout: "dial"},
		{name: "unknown command", args: "diel 22334455", alone: true, code: 2, stderr: "There is no command “diel”. Did you mean “dial”?"},
		{name: "unknown flag", args: "monitor --password x", code: 2, stderr: "There is no flag --password."},
		{name: "unknown gateway", args: "demo --gateway pigeon", code: 2, stderr: "tcp or signalr, not “pigeon”"},
		{name: "no number", args: "dial", code: 2, stderr: "Usage: calltray dial NUMBER."},
		{name: "too many words", args: "monitor now", code: 2, stderr: "takes no arguments"},
		{name: "letters", args: "dial 22cafe33", code: 2, stderr: "calltray: "},
		{name: "no number to transfer to", args: "transfer", code: 2, stderr: "Usage: calltray transfer NUMBER."},
		{name: "letters to transfer to", args: "transfer 22cafe33", code: 2, stderr: "calltray: "},
		{name: "nothing to play", args: "digits", code: 2, stderr: "Usage: calltray digits DIGITS."},
		{name: "no digits", args: "digits hello", code: 2, stderr: "Only the digits 0 to 9"},
		{name: "a name to pick up", args: "pickup Bo", code: 2, stderr: "by its short number"},
		{name: "a word too many", args: "answer now", code: 2, stderr: "answer takes no arguments."},
		{name: "neither on nor off", args: "dnd maybe", code: 2, stderr: "“maybe” is not one of on, off."},
		{name: "forwarding nowhere", args: "forward busy", code: 2, stderr: "Usage: calltray forward"},
		{name: "forwarding sometimes", args: "forward sometimes 202", code: 2, stderr: "immediate, busy, no-answer"},
		{name: "forwarding after nothing", args: "forward --after 20s", code: 2, stderr: "--after needs a number"},
		{name: "forwarding of busy after a time", args: "forward busy 202 --after 20s", code: 2, stderr: "Only no-answer can"},
		{name: "forwarding after half a second", args: "forward no-answer 202 --after 500ms", code: 2, stderr: "whole seconds"},
		{name: "queue away", args: "queue away", code: 2, stderr: "list, in, out"},
		{name: "queue in as JSON", args: "queue in --json", code: 2, stderr: "Only “queue list” has the flag --json."},
		{name: "colleagues of somebody", args: "colleagues 202", code: 2, stderr: "takes no arguments"},
		{name: "a member of nothing", args: "queue in", code: 1, stderr: "You are not a member of any queue"},
		{name: "not connected", args: "dnd", code: 1, stderr: "calltray: ", change: set("CALLTRAY_URL", closedPort)},
		{name: "refused login for a service", args: "colleagues", code: 1, stderr: "The PBX refused the login", change: set("CALLTRAY_PASSWORD", "wrong")},
		{name: "a link to nobody", args: "sip:anna@example.dk", alone: true, code: 1, stderr: "calltray: "},
		{name: "a scheme that is none of ours", args: "mailto:22334455", code: 2, stderr: "There is no command"},
		{name: "a link, typed", args: "dial tel:+45-22-33-44-55", alone: true, stdout: "Connected to "},
		{name: "answered", args: "dial +45 22 33 44 55", alone: true, stdout: "Connected to "},
		{name: "busy", args: "dial 999", code: 1, stdout: "999 is busy."},
		{name: "no answer", args: "dial --wait 1s 998", code: 1, stderr: "998 did not answer in time. The call was hung up."},
		{name: "nothing to hang up", args: "hangup", code: 1, stderr: "There is no call to hang up. The PBX does not report earlier calls"},
		{name: "refused login", args: "dial 22334455", alone: true, code: 1, stderr: "calltray: ", change: set("CALLTRAY_PASSWORD", "wrong")},
		{name: "refused monitor", args: "monitor", code: 1, stderr: "calltray: ", change: set("CALLTRAY_PASSWORD", "wrong")},
		{name: "unknown extension", args: "dial 22334455", code: 1, stderr: "calltray: ", change: set("CALLTRAY_DEVICE", "999")},
		{name: "closed port", args: "dial 22334455", code: 1, stderr: "calltray: ", change: set("CALLTRAY_URL", closedPort)},
		{name: "no account", args: "monitor", code: 1, stderr: "No account is set up", change: func(env []string) []string { return without(env, "CALLTRAY_") }},
		{name: "bad extension", args: "monitor", code: 1, stderr: "must be written in digits", change: set("CALLTRAY_DEVICE", "two hundred")},
		{name: "no display", args: "", code: 1, stderr: "calltray: "},
		{name: "demo without a display", args: "demo", code: 1, stderr: "There is no display"},
		{name: "an office of letters", args: "pbx --extensions many", code: 2, stderr: "--extensions"},
		{name: "an office of nobody", args: "pbx --extensions -1", code: 2, stderr: "between 1 and 50000 extensions, not -1."},
		{name: "no rate of life", args: "pbx --life often", code: 2, stderr: "“often” is not a rate: write it like 2/s or 30/m."},
		{name: "script that is not there", args: "pbx --tcp 127.0.0.1:0 --script nowhere", code: 1, stderr: "The script cannot be read"},
	} {
		for _, gateway := range []string{"tcp", "signalr"} {
			t.Run(tc.name+"/"+gateway, func(t *testing.T) {
				if tc.alone {
					t.Parallel()
				}
				x := newExchange(t, anna)
				env := x.env(map[string]string{"tcp": x.tcp, "signalr": x.http}[gateway], anna, "200")
				if tc.change != nil {
					env = tc.change(env)
				}
				var r result
				if tc.alone {
					p := start(t, env, strings.Fields(tc.args)...)
					code := p.finish(t)
					r = result{p.printed.String(), p.stderr.String(), code}
				} else {
					r = <-begin(t.Context(), t, env, strings.Fields(tc.args)...)
				}
				if r.code != tc.code {
					t.Errorf("exit code %d, want %d", r.code, tc.code)
				}
				stdout, stderr := r.stdout, r.stderr
				if !strings.Contains(stdout, tc.stdout) || !strings.Contains(stderr, tc.stderr) {
					t.Errorf("stdout %q\nwant %q\nstderr %q\nwant %q", stdout, tc.stdout, stderr, tc.stderr)
				}
				if tc.stderr == "" && stderr != "" {
					t.Errorf("stderr %q", stderr)
				}
				if tc.code != 0 && strings.Count(strings.TrimSpace(stderr), "\n") > 0 {
					t.Errorf("more than one line on stderr: %q", stderr)
				}
				t.Logf("%s%s", stdout, stderr)
			})
		}
	}
}

func set(key, value string) func([]string) []string {
	return func(env []string) []string { return append(without(env, key+"="), key+"="+value) }
}

func without(env []string, prefix string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(s string) bool {
		return strings.HasPrefix(s, prefix) && !strings.HasPrefix(s, "CALLTRAY_TEST_")
	})
}

// TestHangupByItself: without a running application, hangup logs in, and hangs up the call that the
// snapshot shows.
func TestHangupByItself(t *testing.T) {
	x := newExchange(t, anna)
	x.Set(func(b *pbxsim.Behaviour) { b.Snapshot = "ecma" })
	call, err := x.Call("22334455", "200", "Ærø Bageri")
	if err != nil {
		t.Fatal(err)
	}
	if err := call.Answer("200"); err != nil {
		t.Fatal(err)
	}
	if got, code := said(t, x.env(x.tcp, anna, "200"), "hangup"); code != 0 || !strings.HasPrefix(got, "Hung up: ") {
		t.Errorf("exit code %d, %s", code, got)
	}
	if calls := x.Calls(); len(calls) != 0 {
		t.Errorf("still there: %+v", calls)
	}
}
