//go:build linux

// Command beside measures "calltray monitor --json" and a monitor written with Microsoft's own SignalR client
// for Node, alternately, at the same simulated hub, with the same calls: how long a single event takes to be
// printed, how many events a second are handled in a burst, and how much processor time an event costs in
// either case.
//
//	npm ci --prefix pbxsim/testdata/foreign
//	go build -o out/calltray . && go run ./internal/tools/beside out/calltray
package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"calltray/pbxsim"
)

//go:embed client.mjs
var client string

const (
	limit    = time.Minute           // for anything
	pause    = 20 * time.Millisecond // between events that come alone
	perCall  = 3                     // events: Delivered, Established, ConnectionCleared
	tick     = 10 * time.Millisecond // unit of processor time in /proc (USER_HZ, proc(5))
	settling = time.Second           // after the login
)

func main() {
	rounds := flag.Int("rounds", 5, "how often each client is measured, in turn with the other")
	alone := flag.Int("alone", 40, "how many calls come one event at a time, in a round")
	burst := flag.Int("burst", 1000, "how many calls come at once, in a round")
	modules := flag.String("modules", "pbxsim/testdata/foreign", "the folder with the Node client's modules")
	flag.Parse()
	program, err := filepath.Abs(flag.Arg(0))
	if err == nil && flag.NArg() != 1 {
		err = errors.New("which program? give the path of calltray")
	}
	if err == nil {
		err = run(program, *modules, *rounds, *alone, *burst)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "beside:", err)
		os.Exit(1)
	}
}

// result is what was measured of one client.
type result struct {
	latency            []time.Duration
	aloneCPU, burstCPU time.Duration
	aloneN, burstN     int // events
	took               time.Duration
	lines              int // while they came at once
}

func run(program, modules string, rounds, alone, burst int) error {
	pbx := pbxsim.New(pbxsim.Config{})
	defer pbx.Close()
	url, err := pbx.ListenHTTP("127.0.0.1:0")
	if err != nil {
		return err
	}
	home, err := os.MkdirTemp("", "beside")
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	clients := []struct {
		name string
		cmd  func() *exec.Cmd
	}{
		{"calltray monitor --json", func() *exec.Cmd {
			c := exec.Command(program, "monitor", "--json")
			c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_RUNTIME_DIR=" + home, "CALLTRAY_URL=" + url, "CALLTRAY_USER=user@example.dk",
				"CALLTRAY_PASSWORD=secret", "CALLTRAY_PBX_DOMAIN=" + pbx.Domain(), "CALLTRAY_DEVICE=200"}
			return c
		}},
		{"@microsoft/signalr on Node", func() *exec.Cmd {
			c := exec.Command("node", "--input-type=module", "--eval", client, url)
			c.Dir = modules
			return c
		}},
	}
	results := make([]result, len(clients))
	for range rounds {
		for i, c := range clients {
			if err := results[i].measure(pbx, c.cmd(), alone, burst); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
		}
	}
	fmt.Println("| client | event to line: median | p95 | events a second, at once | processor for an event, at once | alone | lines for an event, at once |\n|---|---|---|---|---|---|---|")
	for i, r := range results {
		slices.Sort(r.latency)
		fmt.Printf("| %s | %v | %v | %.0f | %v | %v | %.2f |\n", clients[i].name, r.latency[len(r.latency)/2].Round(time.Microsecond), r.latency[len(r.latency)*95/100].Round(time.Microsecond),
			float64(r.burstN)/r.took.Seconds(), (r.burstCPU / time.Duration(r.burstN)).Round(time.Microsecond), (r.aloneCPU / time.Duration(r.aloneN)).Round(time.Microsecond), float64(r.lines)/float64(r.burstN))
	}
	return nil
}

// line is what a client prints.
type line struct {
	Status string `json:"status"`
	Calls  []struct {
		Linkage string `json:"linkage"`
		Phase   string `json:"phase"`
	} `json:"calls"`
}

// monitor is a client that runs.
type monitor struct {
	cmd   *exec.Cmd
	lines chan printed
}

// printed is a line as it came, and when.
type printed struct {
	text string
	at   time.Time
}

// measure runs a client through one round.
func (r *result) measure(pbx *pbxsim.PBX, cmd *exec.Cmd, alone, burst int) error {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	m := monitor{cmd: cmd, lines: make(chan printed, 1<<16)}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	go func() {
		defer close(m.lines)
		sc := bufio.NewScanner(out)
		for sc.Buffer(nil, 1<<20); sc.Scan(); { // read now and parsed later, so that parsing does not count as the client's time
			m.lines <- printed{sc.Text(), time.Now()}
		}
	}()
	if _, _, err := m.await(func(l line) bool { return l.Status == "online" }); err != nil {
		return err
	}
	time.Sleep(settling)

	before, err := m.processor()
	if err != nil {
		return err
	}
	for range alone {
		if err := r.one(pbx, &m); err != nil {
			return err
		}
	}
	after, err := m.processor()
	if err != nil {
		return err
	}
	r.aloneCPU, r.aloneN = r.aloneCPU+after-before, r.aloneN+perCall*alone

	began, last := time.Now(), ""
	for range burst {
		c, err := pbx.Call("22334455", "200", "Ærø Bageri")
		if err != nil {
			return err
		}
		if err := errors.Join(c.Answer("200"), c.Clear("22334455")); err != nil {
			return err
		}
		last = c.Linkage()
	}
	at, lines, err := m.await(is(last, "ended"))
	if err != nil {
		return err
	}
	end, err := m.processor()
	r.burstCPU, r.burstN = r.burstCPU+end-after, r.burstN+perCall*burst
	r.took, r.lines = r.took+at.Sub(began), r.lines+lines
	return err
}

// one makes a call, one event after the other.
func (r *result) one(pbx *pbxsim.PBX, m *monitor) error {
	var c *pbxsim.Call
	for _, step := range []struct {
		phase string
		do    func() error
	}{
		{"ringing", func() (err error) { c, err = pbx.Call("22334455", "200", "Ærø Bageri"); return err }},
		{"active", func() error { return c.Answer("200") }},
		{"ended", func() error { return c.Clear("22334455") }},
	} {
		time.Sleep(pause)
		began := time.Now()
		if err := step.do(); err != nil {
			return err
		}
		at, _, err := m.await(is(c.Linkage(), step.phase))
		if err != nil {
			return err
		}
		r.latency = append(r.latency, at.Sub(began))
	}
	return nil
}

func is(linkage, phase string) func(line) bool {
	return func(l line) bool {
		for _, c := range l.Calls {
			if c.Linkage == linkage && c.Phase == phase {
				return true
			}
		}
		return false
	}
}

// await waits for a line, and returns when it came, and how many came until then.
func (m *monitor) await(is func(line) bool) (at time.Time, lines int, err error) {
	for timer := time.After(limit); ; {
		select {
		case p, ok := <-m.lines:
			if !ok {
				return at, lines, errors.New("it has ended")
			}
			lines++
			var l line
			if json.Unmarshal([]byte(p.text), &l) == nil && is(l) {
				return p.at, lines, nil
			}
		case <-timer:
			return at, lines, errors.New("it does not print the event")
		}
	}
}

// processor returns the processor time that the client has used.
func (m *monitor) processor() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", m.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(stat), ") ") // the program's name may contain spaces
	const user, system = 11, 12                   // from the third on (proc(5): utime, stime)
	fields := strings.Fields(rest)
	if len(fields) <= system {
		return 0, fmt.Errorf("/proc tells %q", rest)
	}
	u, err := strconv.Atoi(fields[user])
	s, bad := strconv.Atoi(fields[system])
	return time.Duration(u+s) * tick, errors.Join(err, bad)
}
