package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func echo(_ context.Context, r Request) Response {
	return Response{OK: true, Message: "did " + r.Command}
}

func acquire(t *testing.T, handle func(context.Context, Request) Response) *Instance {
	t.Helper()
	i, err := Acquire("test", handle)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = i.Close() })
	return i
}

// connect is a client that says nothing yet.
func connect(t *testing.T) net.Conn {
	t.Helper()
	conn, err := dial(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func TestOneInstance(t *testing.T) {
	runtimeDir(t)
	if _, err := Send(t.Context(), "test", Request{Command: Show}); !errors.Is(err, ErrNotRunning) {
		t.Errorf("nobody there: %v", err)
	}
	first := acquire(t, echo)
	if err := first.Unreachable(); err != nil {
		t.Errorf("nobody can reach the first: %v", err)
	}
	if _, err := Acquire("test", echo); !errors.Is(err, ErrRunning) {
		t.Errorf("the second: %v", err)
	}
	other, err := Acquire("other", echo)
	if err != nil {
		t.Errorf("another name: %v", err)
	} else {
		defer other.Close()
	}
	for _, command := range []string{Show, HangUp, Diagnostics, Colleagues} {
		if r, err := Send(t.Context(), "test", Request{Command: command}); !r.OK || r.Message != "did "+command || err != nil {
			t.Errorf("%s: %+v, %v", command, r, err)
		}
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if _, err := Send(t.Context(), "test", Request{Command: Show}); !errors.Is(err, ErrNotRunning) {
		t.Errorf("after Close: %v", err)
	}
	acquire(t, echo)
}

func TestRefuses(t *testing.T) {
	runtimeDir(t)
	acquire(t, func(context.Context, Request) Response {
		t.Error("a refused request was handled")
		return Response{OK: true}
	})
	for _, request := range []Request{{Command: "dial"}, {Command: Transfer}, {Command: Transfer, Args: []string{"cafe"}}} {
		if r, err := Send(t.Context(), "test", request); r.OK || !strings.HasSuffix(r.Message, ".") || err != nil {
			t.Errorf("%+v: %+v, %v", request, r, err)
		}
	}
	for name, line := range map[string]string{
		"nothing":      "\n",
		"no JSON":      "show\n",
		"a list":       "[\"show\"]\n",
		"empty":        "{}\n",
		"capitals":     "{\"command\":\"SHOW\"}\n",
		"wrong type":   "{\"command\":1}\n",
		"two values":   "{\"command\":\"show\"}{\"command\":\"show\"}\n",
		"binary":       "\x00\x01\xff\n",
		"too long":     "{\"command\":\"show\",\"x\":\"" + strings.Repeat("x", maxRequest) + "\"}\n",
		"endless":      strings.Repeat("x", 10*maxRequest),
		"deep":         strings.Repeat("[", maxRequest-1) + "\n",
		"numbers":      "{\"command\":\"diagnostics\",\"numbers\":\"yes\"}\n",
		"no command":   "{\"numbers\":true}\n",
		"near miss":    "{\"command\":\"diagnostic\"}\n",
		"unknown kind": "{\"command\":\"quit\"}\n",
		"no number":    "{\"command\":\"transfer\"}\n",
		"two numbers":  "{\"command\":\"transfer\",\"args\":[\"201\",\"202\"]}\n",
		"arguments":    "{\"command\":\"show\",\"args\":[\"x\"]}\n",
		"a flag":       "{\"command\":\"transfer\",\"args\":[\"--help\"]}\n",
		"a tone":       "{\"command\":\"digits\",\"args\":[\"1\\u0000\"]}\n",
		"markup":       "{\"command\":\"pickup\",\"args\":[\"<a>\"]}\n",
		"no list":      "{\"command\":\"transfer\",\"args\":\"201\"}\n",
		"many":         "{\"command\":\"queue\",\"args\":[" + strings.Repeat("\"in\",", 400) + "\"in\"]}\n",
	} {
		t.Run(name, func(t *testing.T) {
			conn := connect(t)
			_, _ = io.WriteString(conn, line) // an error says that it was cut off
			answer, err := bufio.NewReader(conn).ReadBytes('\n')
			if len(line) > maxRequest && len(answer) == 0 {
				return // reset: the rest of the line was thrown away
			}
			var r Response
			if err != nil || json.Unmarshal(answer, &r) != nil || r.OK || !strings.HasSuffix(r.Message, ".") {
				t.Errorf("got %q, %v", answer, err)
			}
		})
	}
}

func TestAcceptsWhatANewerVersionSends(t *testing.T) {
	runtimeDir(t)
	acquire(t, echo)
	conn := connect(t)
	for _, part := range []string{`{"comm`, `and":"show",`, `"token":"x"}`, "\n"} { // in pieces, too
		if _, err := io.WriteString(conn, part); err != nil {
			t.Fatal(err)
		}
	}
	var r Response
	if err := json.NewDecoder(conn).Decode(&r); err != nil || !r.OK {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestDiagnostics(t *testing.T) {
	runtimeDir(t)
	acquire(t, func(_ context.Context, r Request) Response {
		return Response{OK: true, Path: fmt.Sprintf("/tmp/%s numbers=%v", r.Command, r.Numbers)}
	})
	for numbers, want := range map[bool]string{false: "/tmp/diagnostics numbers=false", true: "/tmp/diagnostics numbers=true"} {
		if r, err := Send(t.Context(), "test", Request{Command: Diagnostics, Numbers: numbers}); !r.OK || r.Path != want || err != nil {
			t.Errorf("%+v, %v, want %s", r, err, want)
		}
	}
}

// A client that says nothing, or hangs up, holds nobody up for long.
func TestSilentClients(t *testing.T) {
	runtimeDir(t)
	acquire(t, echo)
	for range maxClients {
		connect(t)
	}
	_ = connect(t).Close()
	start := time.Now()
	if r, err := Send(t.Context(), "test", Request{Command: Show}); !r.OK || err != nil {
		t.Errorf("%+v, %v", r, err)
	}
	if took := time.Since(start); took > 2*readLimit {
		t.Errorf("took %v", took)
	}
}

func TestCloseEndsRequests(t *testing.T) {
	runtimeDir(t)
	begun := make(chan struct{})
	i := acquire(t, func(ctx context.Context, _ Request) Response {
		close(begun)
		<-ctx.Done()
		return Response{Message: "No."}
	})
	go func() {
		<-begun
		_ = i.Close()
	}()
	if r, err := Send(t.Context(), "test", Request{Command: HangUp}); r.OK {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestSendEndsWithItsContext(t *testing.T) {
	runtimeDir(t)
	acquire(t, func(ctx context.Context, _ Request) Response {
		<-ctx.Done()
		return Response{}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Send(ctx, "test", Request{Command: HangUp}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// Somebody who clicks on the icon again is told soon that the instance that has the place hangs.
func TestShowDoesNotWaitForAHungInstance(t *testing.T) {
	runtimeDir(t)
	stopped := make(chan struct{})
	i := acquire(t, func(context.Context, Request) Response {
		<-stopped
		return Response{}
	})
	defer func() { close(stopped); _ = i.Close() }()
	start := time.Now()
	_, err := Send(t.Context(), "test", Request{Command: Show})
	if took := time.Since(start); !errors.Is(err, ErrNoAnswer) || !errors.Is(err, context.DeadlineExceeded) || took < quick || took > 2*quick {
		t.Errorf("after %v: %v", took, err)
	}
}

// A list of megabytes comes through; one over the limit is a sentence.
func TestLongAnswers(t *testing.T) {
	runtimeDir(t)
	var list []byte
	acquire(t, func(context.Context, Request) Response { return Response{OK: true, List: list} })
	for _, tt := range []struct {
		size int
		ok   bool
	}{{2, true}, {8 << 20, true}, {maxResponse - 100, true}, {maxResponse, false}} {
		list = append(append([]byte{'"'}, strings.Repeat("x", tt.size-2)...), '"')
		r, err := Send(t.Context(), "test", Request{Command: Colleagues})
		if err != nil || r.OK != tt.ok || tt.ok && len(r.List) != tt.size || !tt.ok && !strings.HasSuffix(r.Message, ".") {
			t.Errorf("%d bytes: %v, %d bytes, %q, %v", tt.size, r.OK, len(r.List), r.Message, err)
		}
	}
}

func TestNames(t *testing.T) {
	runtimeDir(t)
	for _, name := range []string{"", "../x", "a/b", "A", "æ", "a b", strings.Repeat("a", 33), "a\x00"} {
		if i, err := Acquire(name, echo); err == nil {
			t.Errorf("%q was accepted", name)
			_ = i.Close()
		}
		if _, err := Send(t.Context(), name, Request{Command: Show}); err == nil || errors.Is(err, ErrNotRunning) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// begin starts the test program as the application.
func begin(t *testing.T) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), asInstance+"=test")
	cmd.Stderr = os.Stderr
	if _, err := cmd.StdinPipe(); err != nil { // the process ends when it is closed, at the latest by Wait
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd, bufio.NewReader(out)
}

func TestTwentyStartsAtOnce(t *testing.T) {
	runtimeDir(t)
	var (
		primaries, shown atomic.Int32
		pid              string
		answers          = make(chan string, 20)
		all              sync.WaitGroup
	)
	for range 20 {
		_, out := begin(t)
		all.Go(func() {
			line, _ := out.ReadString('\n')
			if rest, ok := strings.CutPrefix(line, "primary "); ok {
				primaries.Add(1)
				answers <- "primary " + strings.TrimSpace(rest)
				return
			}
			if !strings.Contains(line, ErrRunning.Error()) {
				t.Errorf("a start says %q", line)
			}
			line, _ = out.ReadString('\n')
			if rest, ok := strings.CutPrefix(line, "shown "); ok && strings.HasSuffix(line, " <nil>\n") {
				shown.Add(1)
				answers <- strings.Fields(rest)[0]
			} else {
				t.Errorf("a second start says %q", line)
			}
		})
	}
	all.Wait()
	close(answers)
	if primaries.Load() != 1 || shown.Load() != 19 {
		t.Fatalf("%d are first, %d handed over", primaries.Load(), shown.Load())
	}
	served := map[string]bool{}
	for a := range answers {
		if p, ok := strings.CutPrefix(a, "primary "); ok {
			pid = p
		} else {
			served[a] = true
		}
	}
	if len(served) != 1 || !served[pid] {
		t.Errorf("the first is %s, served by %v", pid, served)
	}
}

func TestKilledInstance(t *testing.T) {
	dir := runtimeDir(t)
	first, out := begin(t)
	if line, _ := out.ReadString('\n'); line != fmt.Sprintf("primary %d\n", first.Process.Pid) {
		t.Fatalf("the first says %q", line)
	}
	_ = first.Process.Kill()
	_ = first.Wait()
	if runtime.GOOS != "windows" {
		if _, err := os.Lstat(filepath.Join(dir, "test.sock")); err != nil {
			t.Errorf("the killed process left no socket, so nothing is tested: %v", err)
		}
	}
	if _, err := Send(t.Context(), "test", Request{Command: Show}); !errors.Is(err, ErrNotRunning) {
		t.Errorf("a dead channel: %v", err)
	}
	acquire(t, echo)
	if r, err := Send(t.Context(), "test", Request{Command: Show}); !r.OK || err != nil {
		t.Errorf("taken over: %+v, %v", r, err)
	}
}

func FuzzReadLine(f *testing.F) {
	for _, s := range []string{"", "\n", "a\nb", strings.Repeat("x", maxRequest), strings.Repeat("x", maxRequest-1) + "\n", strings.Repeat("x", 600) + "\n"} {
		f.Add(s, 7, maxRequest)
	}
	f.Fuzz(func(t *testing.T, s string, piece, most int) {
		most = max(1, most%(1<<14))
		line, err := readLine(&pieces{s: s, n: max(1, piece)}, most)
		want, _, ok := strings.Cut(s, "\n")
		switch {
		case ok && len(want) < most:
			if string(line) != want || err != nil {
				t.Fatalf("%q: got %q, %v", s, line, err)
			}
		case err == nil:
			t.Fatalf("%q: no error", s)
		case len(line) > most:
			t.Fatalf("%d bytes", len(line))
		}
	})
}

// pieces is a reader that returns n bytes at a time.
type pieces struct {
	s string
	n int
}

func (p *pieces) Read(b []byte) (int, error) {
	if p.s == "" {
		return 0, io.EOF
	}
	n := copy(b, p.s[:min(p.n, len(p.s))])
	p.s = p.s[n:]
	return n, nil
}
