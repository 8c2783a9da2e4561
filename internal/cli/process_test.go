package cli

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func bare(home string) []string {
	return []string{"CALLTRAY_TEST_AS_PROGRAM=1", "PATH=" + os.Getenv("PATH"), "HOME=" + home, "LANG=C.UTF-8",
		"XDG_CONFIG_HOME=" + filepath.Join(home, "config"), "XDG_RUNTIME_DIR=" + home,
		"GORACE=atexit_sleep_ms=0 " + os.Getenv("GORACE")} // or every program of a raced test lives a second longer
}

// program is this program in a process of its own, for what is a process's: signals, pipes, a crash, the exit code.
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

// TestInterruptDial: Ctrl-C before the answer hangs up, and logs out.
func TestInterruptDial(t *testing.T) {
	x := newExchange(t, anna)
	p := start(t, x.env(x.http, anna, "200"), "dial", "--hangup-on-interrupt", "998")
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
