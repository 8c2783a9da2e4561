package control

import (
	"bufio"
	"bytes"
	"context"
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

func echo(_ context.Context, request []byte) []byte { return append([]byte("did "), request...) }

// ask sends a line to the instance of the tests.
func ask(t *testing.T, request string) (string, error) {
	t.Helper()
	answer, err := Send(t.Context(), "test", []byte(request))
	return string(answer), err
}

func acquire(t *testing.T, handle Handler) *Instance {
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
	if _, err := ask(t, "show"); !errors.Is(err, ErrNotRunning) {
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
	for _, line := range []string{"show", "", `{"a":"æøå"}`, "a\x00b", strings.Repeat("x", MaxRequest-1)} {
		if answer, err := ask(t, line); answer != "did "+line || err != nil {
			t.Errorf("%.40q: %.40q, %v", line, answer, err)
		}
	}
	if _, err := ask(t, strings.Repeat("x", MaxRequest)); !errors.Is(err, ErrTooLong) {
		t.Errorf("a request that is too long: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if _, err := ask(t, "show"); !errors.Is(err, ErrNotRunning) {
		t.Errorf("after Close: %v", err)
	}
	acquire(t, echo)
}

// What is longer than a request can be is handed to nobody, and costs no memory; a line may come in pieces.
func TestLines(t *testing.T) {
	runtimeDir(t)
	acquire(t, func(ctx context.Context, request []byte) []byte {
		if len(request) >= MaxRequest {
			t.Errorf("a request of %d bytes was handled", len(request))
		}
		return echo(ctx, request)
	})
	for name, tt := range map[string]struct {
		pieces []string
		want   string
	}{
		"in pieces": {[]string{"sh", "ow", "\n"}, "did show\n"},
		"too long":  {[]string{strings.Repeat("x", MaxRequest) + "\n"}, ""},
		"endless":   {[]string{strings.Repeat("x", 10*MaxRequest)}, ""},
		"two":       {[]string{"show\nshow\n"}, "did show\n"},
	} {
		t.Run(name, func(t *testing.T) {
			conn := connect(t)
			for _, piece := range tt.pieces {
				_, _ = io.WriteString(conn, piece) // an error says that it was cut off
			}
			if answer, _ := io.ReadAll(conn); string(answer) != tt.want {
				t.Errorf("got %q, want %q", answer, tt.want)
			}
		})
	}
}

// Clients that say nothing, or hang up, keep nobody out for good.
func TestSilentClients(t *testing.T) {
	runtimeDir(t)
	acquire(t, echo)
	for range maxClients {
		connect(t)
	}
	_ = connect(t).Close()
	if answer, err := ask(t, "show"); answer != "did show" || err != nil {
		t.Errorf("%q, %v", answer, err)
	}
}

func TestCloseEndsRequests(t *testing.T) {
	runtimeDir(t)
	begun := make(chan struct{})
	i := acquire(t, func(ctx context.Context, _ []byte) []byte {
		close(begun)
		<-ctx.Done()
		return nil
	})
	go func() {
		<-begun
		_ = i.Close()
	}()
	if answer, err := ask(t, "hangup"); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("%q, %v", answer, err)
	}
}

func TestSendEndsWithItsContext(t *testing.T) {
	runtimeDir(t)
	acquire(t, func(ctx context.Context, _ []byte) []byte {
		<-ctx.Done()
		return nil
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Send(ctx, "test", []byte("hangup")); !errors.Is(err, ErrNoAnswer) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// An answer of megabytes comes through; of one over the limit nothing does.
func TestLongAnswers(t *testing.T) {
	runtimeDir(t)
	var answer atomic.Value
	acquire(t, func(context.Context, []byte) []byte { return answer.Load().([]byte) })
	for _, tt := range []struct {
		size int
		ok   bool
	}{{0, false}, {1, true}, {8 << 20, true}, {MaxAnswer - 1, true}, {MaxAnswer, false}} {
		answer.Store([]byte(nil))
		if tt.size > 0 {
			answer.Store(bytes.Repeat([]byte("x"), tt.size))
		}
		got, err := ask(t, "colleagues")
		if tt.ok && (len(got) != tt.size || err != nil) || !tt.ok && !errors.Is(err, ErrNoAnswer) {
			t.Errorf("%d bytes: %d bytes, %v", tt.size, len(got), err)
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
		if _, err := Send(t.Context(), name, []byte("show")); err == nil || errors.Is(err, ErrNotRunning) {
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
	if _, err := ask(t, "show"); !errors.Is(err, ErrNotRunning) {
		t.Errorf("a dead channel: %v", err)
	}
	acquire(t, echo)
	if answer, err := ask(t, "show"); answer != "did show" || err != nil {
		t.Errorf("taken over: %q, %v", answer, err)
	}
}

func FuzzReadLine(f *testing.F) {
	for _, s := range []string{"", "\n", "a\nb", strings.Repeat("x", MaxRequest), strings.Repeat("x", MaxRequest-1) + "\n", strings.Repeat("x", 600) + "\n"} {
		f.Add(s, 7, MaxRequest)
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
