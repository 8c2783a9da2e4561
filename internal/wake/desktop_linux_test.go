//go:build desktop

package wake

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// need fails the test when a tool of the system is missing.
func need(t *testing.T, tool, debian string) string {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err != nil {
		t.Fatalf("%s is missing: install the package %s.", tool, debian)
	}
	return path
}

// daemon starts a bus on the address; its end is awaited at the test's end, or by stop.
func daemon(t *testing.T, address string) (stop func()) {
	t.Helper()
	cmd := exec.Command(need(t, "dbus-daemon", "dbus"), "--session", "--nofork", "--nopidfile", "--print-address", "--address="+address)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := false
	stop = func() {
		if !ended {
			ended = true
			cmd.Process.Kill()
			cmd.Wait()
		}
	}
	t.Cleanup(stop)
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal("the bus did not start: ", err)
	}
	return stop
}

// peer connects to the bus, under a name if there is one.
func peer(t *testing.T, address, name string) *dbus.Conn {
	t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if name != "" {
		if reply, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
			t.Fatal("the fake logind has no name: ", reply, err)
		}
	}
	return conn
}

func prepareForSleep(t *testing.T, conn *dbus.Conn, start any) {
	t.Helper()
	if err := conn.Emit(loginPath, loginIface+"."+sleepMember, start); err != nil {
		t.Fatal(err)
	}
}

// TestLogind plays logind on a real bus: that is away, comes, goes and comes back.
func TestLogind(t *testing.T) {
	quicker(t, 20*time.Millisecond, patience)
	address := "unix:path=" + filepath.Join(t.TempDir(), "bus")
	s, log := start(t, address)
	if got := log.next(t); got != away {
		t.Fatalf("%q", got)
	}
	if children := childrenOf(t); len(children) != 0 {
		t.Errorf("processes were started: %q", children)
	}
	for round := range 3 {
		stop := daemon(t, address)
		if got := log.next(t); got != back {
			t.Fatalf("%q", got)
		}
		logind := peer(t, address, loginName)
		stranger := peer(t, address, "")
		prepareForSleep(t, stranger, false) // says so, and is not logind
		if err := stranger.BusObject().Call("org.freedesktop.DBus.GetId", 0).Err; err != nil {
			t.Fatal(err) // the bus has passed on by now what it passes on
		}
		prepareForSleep(t, logind, true)
		prepareForSleep(t, logind, "nonsense")
		if err := logind.Emit(loginPath, loginIface+".PrepareForShutdown", false); err != nil {
			t.Fatal(err)
		}
		// The bus keeps the order: when the last is here, the others were.
		prepareForSleep(t, logind, false)
		select {
		case <-s.slept:
		case <-time.After(patience):
			t.Fatalf("round %d: the end of a sleep was not noticed", round)
		}
		if len(s.slept) != 0 {
			t.Errorf("round %d: noticed more than it", round)
		}
		stop()
		if got := log.next(t); got != away {
			t.Fatalf("%q", got)
		}
	}
}

// childrenOf returns the processes that this one has started and not awaited.
func childrenOf(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil || len(files) == 0 {
		t.Fatal("the children cannot be read: ", err)
	}
	var all []string
	for _, file := range files {
		b, _ := os.ReadFile(file) // a thread may have ended
		all = append(all, strings.Fields(string(b))...)
	}
	return all
}

func init() { child = watching }

// watching is the child of the tests below: it runs Watch, writes what it hears line by line, and
// runs ip with the arguments on each line that it reads, until there are no more.
func watching() {
	ctx, cancel := context.WithCancel(context.Background())
	log := make(lines, 100)
	go func() {
		for line := range log {
			fmt.Println("log:", line)
		}
	}()
	go func() {
		for in := bufio.NewScanner(os.Stdin); in.Scan(); {
			out, err := exec.Command("ip", strings.Fields(in.Text())...).CombinedOutput()
			if err != nil {
				fmt.Printf("failed: ip %s: %v %s\n", in.Text(), err, strings.ReplaceAll(string(out), "\n", " "))
			} else {
				fmt.Println("done:", in.Text())
			}
		}
		cancel()
	}()
	Watch(ctx, slog.New(log), func(reason string) { fmt.Println("wake:", reason) })
	fmt.Println("ended")
}

// watcher is that child seen from here.
type watcher struct {
	t     *testing.T
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan string
}

// watch starts the child by way of the tool, if any, and waits until it listens.
func watch(t *testing.T, by ...string) *watcher {
	t.Helper()
	args := append(by, os.Args[0])
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "WAKE_TEST_CHILD=1", "DBUS_SYSTEM_BUS_ADDRESS=unix:path="+filepath.Join(t.TempDir(), "none"))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w := &watcher{t, cmd, in, make(chan string, 100)}
	go func() {
		defer close(w.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			w.lines <- s.Text()
		}
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		for range w.lines {
		}
		cmd.Wait()
	})
	w.until("log: listening for changes of the network", patience)
	return w
}

// until reads lines up to the one wanted, and returns those before.
func (w *watcher) until(want string, limit time.Duration) (before []string) {
	w.t.Helper()
	deadline := time.After(limit)
	for {
		select {
		case line, ok := <-w.lines:
			switch {
			case !ok:
				w.t.Fatalf("the child ended before %q; before that: %q", want, before)
			case strings.HasPrefix(line, "failed: "):
				w.t.Fatal(line)
			case line == want:
				return before
			}
			before = append(before, line)
		case <-deadline:
			w.t.Fatalf("no %q; before that: %q", want, before)
		}
	}
}

// ip changes the child's network.
func (w *watcher) ip(args string) {
	w.t.Helper()
	if _, err := fmt.Fprintln(w.in, args); err != nil {
		w.t.Fatal(err)
	}
}

// TestNetworkOfItsOwn changes a network namespace's addresses, routes and links for real.
func TestNetworkOfItsOwn(t *testing.T) {
	need(t, "ip", "iproute2")
	unshare := need(t, "unshare", "util-linux")
	if out, err := exec.Command(unshare, "-rn", "true").CombinedOutput(); err != nil {
		t.Fatalf("This machine lets nobody make a network namespace: run the test as root, or allow user namespaces. (%v: %s)", err, out)
	}
	w := watch(t, unshare, "-rn")
	for _, quiet := range []string{
		"link set lo up", "link add ct0 type veth peer name ct1", "link add docker0 type bridge", "addr add 172.17.0.1/16 dev docker0", "link set docker0 up",
		"link add veth3f2a1b0 type veth peer name veth3f2a1b1", "link set veth3f2a1b0 up", "link set veth3f2a1b1 up",
	} {
		w.ip(quiet)
	}
	w.until("done: link set veth3f2a1b1 up", patience)
	for _, change := range []struct{ sign, ip string }{
		{"an address", "addr add 10.9.0.1/24 dev ct0"},
		{"a link, up", "link set ct0 up\nlink set ct1 up"},
		{"a route", "route add default via 10.9.0.2"},
		{"an address less", "addr del 10.9.0.1/24 dev ct0"},
		{"another", "addr add 10.9.1.1/24 dev ct0"},
		{"a link, down", "link set ct0 down"},
	} {
		w.ip(change.ip)
		began := time.Now()
		before := w.until("wake: "+Changed, patience)
		if last := change.ip[strings.LastIndexByte(change.ip, '\n')+1:]; !slices.Contains(before, "done: "+last) {
			t.Errorf("%s: told before it happened: %q", change.sign, before)
		}
		t.Logf("%s: told after %v (%q)", change.sign, time.Since(began).Round(time.Millisecond), before)
	}
	// What was quiet above made no call, nor does what is set to what it was; nothing is left to tell.
	w.ip("link set ct0 down")
	w.until("done: link set ct0 down", patience)
	select {
	case line := <-w.lines:
		t.Errorf("told of nothing: %q", line)
	case <-time.After(3 * pause):
	}
	w.in.Close()
	w.until("ended", patience)
}

// TestStopped stops the program for a while, which is as near to sleep as a test comes.
func TestStopped(t *testing.T) {
	w := watch(t)
	<-time.After(tick) // the clocks have been looked at
	if err := w.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	<-time.After(tick + slack + 2*time.Second)
	if err := w.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for _, line := range w.until("wake: "+Slept, patience) {
		if strings.HasPrefix(line, "wake: ") && line != "wake: "+Changed {
			t.Errorf("%q too", line)
		}
	}
	t.Logf("told %v after it went on", time.Since(began).Round(time.Millisecond))
	w.in.Close()
	w.until("ended", patience)
}
