package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// program is the process being measured.
type program struct {
	binary string
	cmd    *exec.Cmd
	lines  chan string
	errs   atomic.Int64 // bytes on standard error
	ended  chan struct{}
	high   atomic.Int64 // KB
	fat    atomic.Bool
}

func (p *program) start(env, args []string, deaf bool) error {
	p.cmd = exec.Command(p.binary, args...)
	p.cmd.Env = env
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	errs, err := p.cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	p.ended = make(chan struct{})
	var reading sync.WaitGroup
	reading.Go(func() {
		_, _ = io.Copy(counter{&p.errs}, errs) // until it ends
	})
	if !deaf {
		reading.Go(func() {
			defer close(p.lines)
			for in := bufio.NewReaderSize(out, 1<<20); ; {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				select {
				case p.lines <- line:
				default: // drop the oldest
					select {
					case <-p.lines:
					default:
					}
					p.lines <- line
				}
			}
		})
	}
	go func() {
		if !deaf {
			reading.Wait()
		}
		_ = p.cmd.Wait() // how it ended does not matter
		close(p.ended)
	}()
	go p.watch()
	return nil
}

type counter struct{ n *atomic.Int64 }

func (c counter) Write(b []byte) (int, error) { c.n.Add(int64(len(b))); return len(b), nil }

// watch records the program's peak memory.
func (p *program) watch() {
	for tick := time.Tick(10 * time.Millisecond); ; {
		select {
		case <-p.ended:
			return
		case <-tick:
		}
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(status)) {
			var kb int64
			if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kb); err == nil {
				p.high.Store(kb)
				if kb > mostMemory && p.fat.CompareAndSwap(false, true) {
					_ = p.cmd.Process.Kill()
				}
			}
		}
	}
}

func (p *program) alive() bool {
	if p.ended == nil {
		return false
	}
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

func (p *program) peak() string {
	if p.fat.Load() {
		return fmt.Sprintf("over %d MB: stopped", mostMemory>>10)
	}
	return fmt.Sprintf("%d MB", p.high.Load()>>10)
}

// quit sends SIGTERM and returns how long the program takes to end.
func (p *program) quit() string {
	if !p.alive() {
		return "had ended"
	}
	began := time.Now()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
		return fmt.Sprintf("%.2f s", time.Since(began).Seconds())
	case <-time.After(quitLimit):
		_ = p.cmd.Process.Kill()
		<-p.ended
		return fmt.Sprintf("not in %v", quitLimit)
	}
}
