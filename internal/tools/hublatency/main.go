// Hublatency measures, on a hub of real ASP.NET Core, how long an event takes from the request that makes the server
// send it to the line that "calltray monitor --json" prints: over WebSockets, server-sent events and long polling, and
// beside it a client that is given, in one run.
//
//	CALLTRAY_REAL_HUB="dotnet hub.dll" go run ./internal/tools/hublatency [-peer "dotnet netclient.dll"] out/calltray
//
// The peer gets CALLTRAY_URL and CALLTRAY_PASSWORD, and prints lines of the same kind: calls with linkage and phase.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// limit is how long anything may take before the run is aborted.
const limit = time.Minute

// rounds is how often each client is measured, alternating with the other.
const rounds = 5

func main() {
	events := flag.Int("events", 300, "how many events are measured for each client and transport")
	peer := flag.String("peer", "", "the command of another client")
	flag.Parse()
	program, err := filepath.Abs(flag.Arg(0))
	if err == nil && flag.NArg() != 1 {
		err = errors.New("which program? give the path of calltray")
	}
	if err == nil {
		err = run(strings.Fields(os.Getenv("CALLTRAY_REAL_HUB")), program, strings.Fields(*peer), *events)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "hublatency:", err)
		os.Exit(1)
	}
}

func run(hub []string, program string, peer []string, events int) error {
	if len(hub) == 0 {
		return errors.New("CALLTRAY_REAL_HUB does not say how to start the hub: see internal/realhub/README.md")
	}
	home, err := os.MkdirTemp("", "hublatency")
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	clients := [][]string{{program, "monitor", "--json"}}
	if len(peer) > 0 {
		clients = append(clients, peer)
	}
	fmt.Printf("%-20s %-12s %9s %9s\n", "transport", "client", "median", "p95")
	for _, transport := range []struct{ name, only string }{{"WebSockets", "ALL=1"}, {"server-sent events", "NOWS=1"}, {"long polling", "LONGPOLLING=1"}} {
		address, end, err := startHub(hub, transport.only)
		if err != nil {
			return err
		}
		took := make([][]time.Duration, len(clients))
		for range rounds { // alternating, so that a busy period of the computer affects both
			for i, client := range clients {
				some, err := measure(client, address, home, events/rounds)
				if err != nil {
					end()
					return fmt.Errorf("%s, %s: %w", transport.name, filepath.Base(client[0]), err)
				}
				took[i] = append(took[i], some...)
			}
		}
		for i := range clients {
			slices.Sort(took[i])
			middle, late := took[i][len(took[i])/2], took[i][len(took[i])*95/100]
			fmt.Printf("%-20s %-12s %9v %9v\n", transport.name, []string{"calltray", "peer"}[i], middle.Round(time.Microsecond), late.Round(time.Microsecond))
		}
		end()
	}
	return nil
}

// startHub starts a hub, with a switch of its environment.
func startHub(hub []string, only string) (address string, end func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	address = l.Addr().String()
	l.Close()
	process := exec.Command(hub[0], append(hub[1:], "--urls", "http://"+address)...)
	process.Env = append(os.Environ(), only)
	if err := process.Start(); err != nil {
		return "", nil, err
	}
	end = func() { _ = process.Process.Kill(); _ = process.Wait() }
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		answer, err := http.Get("http://" + address + "/log")
		if err == nil {
			answer.Body.Close()
			return address, end, nil
		}
		if time.Since(began) > limit {
			end()
			return "", nil, errors.New("the hub does not start")
		}
	}
}

// line is what a client prints: the state of the session.
type line struct {
	Status string `json:"status"`
	Calls  []struct {
		Linkage string `json:"linkage"`
		Phase   string `json:"phase"`
	} `json:"calls"`
}

// printed is a line, and when it was read.
type printed struct {
	line
	at time.Time
}

// measure makes calls, one event after the other, and returns how long the client took to print each.
func measure(client []string, address, home string, events int) (took []time.Duration, err error) {
	process := exec.Command(client[0], client[1:]...)
	process.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_RUNTIME_DIR=" + home, "CALLTRAY_URL=http://" + address + "/csta",
		"CALLTRAY_USER=user@example.dk", "CALLTRAY_PASSWORD=secret", "CALLTRAY_PBX_DOMAIN=12345678.pbx.one-connect.dk", "CALLTRAY_DEVICE=200"}
	out, err := process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, err
	}
	defer func() { _ = process.Process.Kill(); _ = process.Wait() }()
	lines := make(chan printed, 100)
	go func() {
		defer close(lines)
		for sc := bufio.NewScanner(out); sc.Scan(); {
			p := printed{at: time.Now()}
			if json.Unmarshal(sc.Bytes(), &p.line) == nil {
				lines <- p
			}
		}
	}()
	if _, err := await(lines, func(l line) bool { return l.Status == "online" }); err != nil {
		return nil, err
	}
	for call := 0; len(took) < events; call++ {
		linkage := fmt.Sprintf("l-%d", call)
		for _, e := range []struct{ what, phase string }{{"Delivered", "ringing"}, {"Established", "active"}, {"ConnectionCleared", "ended"}} {
			time.Sleep(20 * time.Millisecond) // a single event, not part of a burst
			query := url.Values{"what": {e.what}, "call": {fmt.Sprintf("SIP/hpbx-%d", call)}, "link": {linkage}, "from": {"22334455"}, "name": {"Ærø Bageri"}}
			began := time.Now()
			answer, err := http.Post("http://"+address+"/play?"+query.Encode(), "", nil)
			if err != nil {
				return nil, err
			}
			answer.Body.Close()
			p, err := await(lines, func(l line) bool {
				for _, c := range l.Calls {
					if c.Linkage == linkage && c.Phase == e.phase {
						return true
					}
				}
				return false
			})
			if err != nil {
				return nil, fmt.Errorf("%s of %s: %w", e.what, linkage, err)
			}
			took = append(took, p.at.Sub(began))
		}
	}
	return took[:events], nil
}

func await(lines <-chan printed, is func(line) bool) (printed, error) {
	for timer := time.After(limit); ; {
		select {
		case p, ok := <-lines:
			if !ok {
				return p, errors.New("the client has ended")
			}
			if is(p.line) {
				return p, nil
			}
		case <-timer:
			return printed{}, errors.New("the client does not print it")
		}
	}
}
