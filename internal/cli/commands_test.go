package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"calltray/internal/app"
	"calltray/internal/command"
	"calltray/pbxsim"
)

// limit is how long a test waits for what takes milliseconds, or a second or two.
const limit = 20 * time.Second

// exchange is a simulated PBX that a test's programs log in to.
type exchange struct {
	*pbxsim.PBX
	tcp, http string
	home      string
	log       logBuffer // of the application in this process

	mu    sync.Mutex
	lines []string
	news  chan struct{}
}

// logBuffer is a log that can be read while it is written.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *logBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(line)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func newExchange(t *testing.T, user pbxsim.User) *exchange {
	t.Helper()
	return newExchangeOf(t, pbxsim.Config{Users: []pbxsim.User{user}, Outside: pbxsim.Demo})
}

func newExchangeOf(t *testing.T, config pbxsim.Config) *exchange {
	t.Helper()
	x := &exchange{home: t.TempDir(), news: make(chan struct{}, 1)}
	x.PBX = pbxsim.New(config)
	t.Cleanup(func() { x.Close() })
	var err error
	if x.tcp, err = x.ListenTCP("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if x.http, err = x.ListenHTTP("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Watch(func(line string) {
		x.mu.Lock()
		x.lines = append(x.lines, line)
		x.mu.Unlock()
		select {
		case x.news <- struct{}{}:
		default:
		}
	}))
	return x
}

// await waits until the exchange has told count lines with the given text.
func (x *exchange) await(t *testing.T, text string, count int) {
	t.Helper()
	timeout := time.After(limit)
	for {
		x.mu.Lock()
		n := 0
		for _, l := range x.lines {
			if strings.Contains(l, text) {
				n++
			}
		}
		all := strings.Join(x.lines, "\n")
		x.mu.Unlock()
		if n >= count {
			return
		}
		select {
		case <-x.news:
		case <-timeout:
			t.Fatalf("the PBX saw %q %d times, want %d; it saw:\n%s", text, n, count, all)
		}
	}
}

// env is the environment in which a program logs in to the exchange: nothing of the machine's settings,
// and no display.
func (x *exchange) env(url string, user pbxsim.User, device string) []string {
	return append(bare(x.home), "CALLTRAY_URL="+url, "CALLTRAY_USER="+user.UserID, "CALLTRAY_PASSWORD="+user.Password,
		"CALLTRAY_PBX_DOMAIN="+x.Domain(), "CALLTRAY_DEVICE="+device)
}

func bare(home string) []string {
	return []string{"CALLTRAY_TEST_AS_PROGRAM=1", "PATH=" + os.Getenv("PATH"), "HOME=" + home, "LANG=C.UTF-8",
		"XDG_CONFIG_HOME=" + filepath.Join(home, "config"), "XDG_RUNTIME_DIR=" + home,
		"GORACE=atexit_sleep_ms=0 " + os.Getenv("GORACE")} // or every program of a raced test lives a second longer
}

// program is this program in a process of its own.
type program struct {
	*exec.Cmd
	stdout *bufio.Scanner
	printed,
	stderr bytes.Buffer
}

func start(t *testing.T, env []string, args ...string) *program {
	t.Helper()
	p := &program{Cmd: exec.Command(os.Args[0], args...)}
	p.Env = env
	p.Cmd.Stderr = &p.stderr
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdout = bufio.NewScanner(io.TeeReader(out, &p.printed))
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	overdue := time.AfterFunc(2*limit, func() { _ = p.Process.Kill() })
	t.Cleanup(func() { overdue.Stop(); _ = p.Process.Kill(); _ = p.Wait() })
	return p
}

// finish waits for the end, and returns the exit code.
func (p *program) finish(t *testing.T) int {
	t.Helper()
	for p.stdout.Scan() {
	}
	err := p.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return p.ProcessState.ExitCode()
}

func (p *program) interrupt(t *testing.T) {
	t.Helper()
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
}

var anna = pbxsim.User{UserID: "anna@example.dk", Password: "hemmelig-adgangskode"}

// TestMonitorJSON plays one script to two monitors, over TCP and over SignalR at once: both write the
// same sequence of states.
func TestMonitorJSON(t *testing.T) {
	x := newExchange(t, anna)
	var monitors []*program
	for _, url := range []string{x.tcp, x.http} {
		monitors = append(monitors, start(t, x.env(url, anna, "200"), "monitor", "--json"))
	}
	x.await(t, " monitor ", 2)
	x.await(t, "SnapShotDevice", 2)

	script := strings.NewReader("call 22334455 200 \"Ærø Bageri\"\nwait 50ms\nanswer 200\nwait 50ms\nclear\nawait idle\n" +
		"call 33445566 200\nwait 50ms\nclear\nawait idle\n" +
		"call 44556677 200 \"<b>&amp; $(x)\"\nwait 50ms\ndeflect 200 201\nwait 50ms\nanswer 201\nclear\nawait idle\n" +
		"dial 200 22334455\nwait 3s\nclear\nawait idle\nwait 100ms\n")
	if err := x.Run(t.Context(), script, io.Discard); err != nil {
		t.Fatal(err)
	}
	var sequences [2][]string
	for i, m := range monitors {
		m.interrupt(t)
		if code := m.finish(t); code != 0 || m.stderr.Len() > 0 {
			t.Errorf("monitor %d: exit code %d, %s", i, code, &m.stderr)
		}
		sequences[i] = phases(t, m.printed.Bytes())
	}
	if !slices.Equal(sequences[0], sequences[1]) {
		t.Errorf("over TCP:\n%s\nover SignalR:\n%s", strings.Join(sequences[0], "\n"), strings.Join(sequences[1], "\n"))
	}
	want := []string{
		"ringing incoming 22334455 Ærø Bageri", "active incoming 22334455 Ærø Bageri", "ended incoming 22334455 Ærø Bageri",
		"ringing incoming 33445566 ", "ended incoming 33445566 ",
		`ringing incoming 44556677 <b>&amp; $(x)`, `ended incoming 44556677 <b>&amp; $(x)`,
		"calling outgoing 22334455 ", "active outgoing 22334455 ", "ended outgoing 22334455 ",
	}
	if got := sequences[0]; !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	x.await(t, "logout", 2)
}

// phases reads the lines of monitor --json, checks their form, and returns the phases of the calls in
// order, each once.
func phases(t *testing.T, out []byte) (list []string) {
	t.Helper()
	ids := map[string]string{} // linkage to callID: told once, the same for ever
	for line := range bytes.Lines(out) {
		var st command.StateLine
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&st); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if _, err := time.Parse("2006-01-02T15:04:05.000Z", st.Time); err != nil {
			t.Errorf("time: %v", err)
		}
		if !bytes.HasPrefix(line, []byte(`{"time":"`)) || !bytes.Contains(line, []byte(`"calls":[`)) {
			t.Errorf("line %s", line)
		}
		for _, c := range st.Calls {
			if c.Linkage == "" || c.CallID == "" || c.DeviceID == "" || c.Since == "" {
				t.Errorf("incomplete call: %+v", c)
			}
			if before, known := ids[c.Linkage]; known && before != c.CallID {
				t.Errorf("call %s was %s and is %s", c.Linkage, before, c.CallID)
			}
			ids[c.Linkage] = c.CallID
			s := strings.Join([]string{c.Phase, c.Direction, c.Number, c.Name}, " ")
			if len(list) == 0 || list[len(list)-1] != s {
				list = append(list, s)
			}
		}
	}
	return list
}

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
		code   int
		stdout string // a part of it
		stderr string
	}{
		{name: "version", args: "--version", stdout: "calltray " + app.Version + "\ncommit "},
		{name: "help", args: "--help", stdout: "dial"},
		{name: "unknown command", args: "diel 22334455", code: 2, stderr: "There is no command “diel”. Did you mean “dial”?"},
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
		{name: "answered", args: "dial +45 22 33 44 55", stdout: "Connected to "},
		{name: "busy", args: "dial 999", code: 1, stdout: "999 is busy."},
		{name: "no answer", args: "dial --wait 1s 998", code: 1, stderr: "998 did not answer in time. The call was hung up."},
		{name: "nothing to hang up", args: "hangup", code: 1, stderr: "There is no call to hang up. The PBX does not report earlier calls"},
		{name: "refused login", args: "dial 22334455", code: 1, stderr: "calltray: ", change: set("CALLTRAY_PASSWORD", "wrong")},
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
				t.Parallel()
				x := newExchange(t, anna)
				env := x.env(map[string]string{"tcp": x.tcp, "signalr": x.http}[gateway], anna, "200")
				if tc.change != nil {
					env = tc.change(env)
				}
				p := start(t, env, strings.Fields(tc.args)...)
				if code := p.finish(t); code != tc.code {
					t.Errorf("exit code %d, want %d", code, tc.code)
				}
				stdout, stderr := p.printed.String(), p.stderr.String()
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

// TestInterruptDial: Ctrl-C before the answer hangs up, and logs out.
func TestInterruptDial(t *testing.T) {
	x := newExchange(t, anna)
	p := start(t, x.env(x.http, anna, "200"), "dial", "998")
	x.await(t, "service MakeCall", 1)
	for p.stdout.Scan() && !strings.HasPrefix(p.stdout.Text(), "Calling") {
	}
	x.await(t, "service MakeCall", 1)
	p.interrupt(t)
	if code := p.finish(t); code != 1 || !strings.HasPrefix(p.stderr.String(), "calltray: Interrupted") {
		t.Errorf("exit code %d, %s", code, &p.stderr)
	}
	x.await(t, "logout", 1)
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
	p := start(t, x.env(x.tcp, anna, "200"), "hangup")
	if code := p.finish(t); code != 0 || !strings.HasPrefix(p.printed.String(), "Hung up: ") {
		t.Errorf("exit code %d, %s%s", code, &p.printed, &p.stderr)
	}
	if calls := x.Calls(); len(calls) != 0 {
		t.Errorf("still there: %+v", calls)
	}
}

// TestPBXCommand drives the PBX as an integrator would: a script, then the prompt.
func TestPBXCommand(t *testing.T) {
	home := t.TempDir()
	script := filepath.Join(home, "script")
	if err := os.WriteFile(script, []byte("# a remark\ncall 22334455 200 \"Ærø Bageri\"\ncalls\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, bare(home), "pbx", "--tcp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--script", script)
	var seen []string
	for p.stdout.Scan() {
		seen = append(seen, p.stdout.Text())
		if p.stdout.Text() == "calls 1" {
			break
		}
	}
	p.interrupt(t)
	if code := p.finish(t); code != 0 {
		t.Errorf("exit code %d, %s", code, &p.stderr)
	}
	all := strings.Join(seen, "\n")
	for _, want := range []string{"tcp://127.0.0.1:", "http://127.0.0.1:", "password secret", "22334455", "Ærø Bageri"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in:\n%s", want, all)
		}
	}
}

// TestPBXOffice: an office of any size, with life in it.
func TestPBXOffice(t *testing.T) {
	for args, want := range map[string]string{
		"":                            "PBX domain 12345678.pbx.one-connect.dk, extensions 200-203, queues 400",
		"--extensions 1":              "extensions 200, queues 400-401",
		"--extensions 500":            "extensions 200-399, 5000-5299, queues 400-409",
		"--extensions 20 --life 50/s": "event Established",
		"--life 50/s":                 "event ConnectionCleared",
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			p := start(t, bare(t.TempDir()), append([]string{"pbx", "--tcp", "127.0.0.1:0"}, strings.Fields(args)...)...)
			for p.stdout.Scan() && !strings.Contains(p.stdout.Text(), want) {
			}
			p.interrupt(t)
			if code := p.finish(t); code != 0 || !strings.Contains(p.printed.String(), want) {
				t.Errorf("exit code %d, %s\nno %q in:\n%s", code, &p.stderr, want, &p.printed)
			}
		})
	}
}

// TestBrokenPipe: "calltray monitor | head -1" logs out and ends.
func TestBrokenPipe(t *testing.T) {
	x := newExchange(t, anna)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := exec.Command(os.Args[0], "monitor", "--json")
	p.Env = x.env(x.tcp, anna, "200")
	p.Stdout = w
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill(); _ = p.Wait() })
	w.Close()
	if _, err := bufio.NewReader(r).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	r.Close()
	x.await(t, "SnapShotDevice", 1)
	if _, err := x.Call("22334455", "200", ""); err != nil {
		t.Fatal(err)
	}
	x.await(t, "logout", 1)
}
