//go:build linux

package desktoptest

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Command prepares a program for this desktop, to be started with Run or by the caller.
func (d *Desktop) Command(name string, arg ...string) *exec.Cmd {
	c := exec.Command(name, arg...)
	c.Env = d.Env()
	c.Dir = d.Home
	// Should this process die without a Close, its children go with it.
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	return c
}

// Process is a program that Run started.
type Process struct {
	*exec.Cmd
	name string
	log  string
	done chan struct{} // closed when the program has ended
	err  error
	wait time.Duration // how long Ended waits
}

// Run starts a program in the background. What it prints on stdout and stderr goes to Log, unless the
// caller has set them.
func (d *Desktop) Run(c *exec.Cmd) (*Process, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := &Process{Cmd: c, name: filepath.Base(c.Path), done: make(chan struct{}), wait: cmp.Or(d.Patience, patience)}
	p.log = d.path(filepath.Join("log", fmt.Sprintf("%02d-%s.log", len(d.procs), p.name)))
	f, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if c.Stdout == nil {
		c.Stdout = f
	}
	if c.Stderr == nil {
		c.Stderr = f
	}
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("%s does not start: %w", p.name, err)
	}
	d.procs = append(d.procs, p)
	go func() {
		p.err = c.Wait()
		close(p.done)
	}()
	return p, nil
}

// Log returns what the program has printed so far.
func (p *Process) Log() string {
	b, _ := os.ReadFile(p.log)
	return string(b)
}

// Done is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Ended waits for the program to end, and returns the result of exec.Cmd.Wait. A program that does not end is
// killed; a Go program first prints where it hung.
func (p *Process) Ended() error {
	select {
	case <-p.done:
		return p.err
	case <-time.After(p.wait):
	}
	_ = p.Signal(syscall.SIGQUIT)
	select {
	case <-p.done:
	case <-time.After(p.wait / 10):
		_ = p.Process.Kill()
	}
	return fmt.Errorf("%s did not end within %v:\n%s", p.name, p.wait, p.Log())
}

// Signal sends a signal to the program.
func (p *Process) Signal(s syscall.Signal) error { return p.Process.Signal(s) }
