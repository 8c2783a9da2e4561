//go:build foreign

package pbxsim

import (
	"bufio"
	"context"
	"encoding/json"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestForeignClient lets Microsoft's own SignalR client, of the npm registry, use the hub: log in,
// monitor, and receive 1,000 calls in a row, their events in order; then stay connected through an
// idle time that only the hub's pings make bearable. It needs node, and before it
//
//	npm ci --prefix pbxsim/testdata/foreign
func TestForeignClient(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("node is not installed: install Node.js 18 or newer, then run npm ci --prefix pbxsim/testdata/foreign")
	}
	const calls, idle = 1000, 6 * time.Second
	for _, mode := range []string{"negotiate", "skip"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			// The client's server timeout is 2 s and it pings every 100 ms: both sides' limits pass
			// three times over while nothing but pings is sent.
			p := newPBX(t, Config{PingInterval: 100 * time.Millisecond, ClientTimeout: 2 * time.Second})
			url, err := p.ListenHTTP("127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, node, "client.mjs", url, mode, strconv.Itoa(calls), strconv.FormatInt(idle.Milliseconds(), 10))
			cmd.Dir = "testdata/foreign"
			var complaints strings.Builder
			cmd.Stderr = &complaints
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(stdout)
			if !lines.Scan() || lines.Text() != "ready" {
				_ = cmd.Wait()
				t.Fatalf("the client did not get as far as its monitor (was npm ci run?): %q %s", lines.Text(), complaints.String())
			}
			for range calls {
				c, err := p.Call("22334455", "200", "Ærø Bageri")
				if err != nil {
					t.Fatal(err)
				}
				if err := c.Answer("200"); err != nil {
					t.Fatal(err)
				}
				if err := c.Clear("22334455"); err != nil {
					t.Fatal(err)
				}
			}
			var saw struct {
				Calls, Pings, Longest                 int
				Wrong                                 []string
				Closed, Refused, UnknownMethod, State string
			}
			if !lines.Scan() {
				_ = cmd.Wait()
				t.Fatalf("the client did not see %d calls end: %v %s", calls, ctx.Err(), complaints.String())
			}
			if err := json.Unmarshal(lines.Bytes(), &saw); err != nil {
				t.Fatalf("%q: %v", lines.Text(), err)
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("%v: %s", err, complaints.String())
			}
			t.Logf("%s", lines.Text())
			if saw.Calls != calls || len(saw.Wrong) > 0 {
				t.Errorf("%d calls of %d; out of order: %v", saw.Calls, calls, saw.Wrong)
			}
			if saw.State != "Connected" || saw.Closed != "" {
				t.Errorf("after %v of idle the client is %s: %s", idle, saw.State, saw.Closed)
			}
			if saw.Pings < 10 {
				t.Errorf("%d pings in %v, want one every 100 ms", saw.Pings, idle)
			}
			if saw.Refused != "invalidApplicationInfo" || !strings.Contains(saw.UnknownMethod, "NoSuchMethod") {
				t.Errorf("refusals: login %q, unknown method %q", saw.Refused, saw.UnknownMethod)
			}
		})
	}
}
