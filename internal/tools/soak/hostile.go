package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The harm that a broken or hostile server can do to the built program: for each kind, how much memory
// “calltray monitor” takes at most, how long it needs to show a call that comes afterwards, and how long
// SIGTERM takes. Linux only.

const (
	ourDevice    = "200"
	mostMemory   = 3 << 20          // KB, beyond which a program is stopped
	nextLimit    = 30 * time.Second // for the call that comes afterwards
	quitLimit    = 20 * time.Second
	hostileTrunk = "12345678"
)

// harm is one harmful thing that a server does.
type harm struct {
	line, what string
	play       func(*scene)
	noCall     bool // nothing can be shown afterwards
}

// scene is a program at a server that does harm.
type scene struct {
	*server
	program *program
	env     []string
	args    []string
	url     string
	deaf    bool // nobody reads what the program prints
	notes   []string
	end     func() // cleans up after the program; may be nil
}

func (s *scene) note(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// measureHarm prints a row for the kind of harm named by line, or for every kind if that is "all".
func measureHarm(binary, line string) error {
	binary, err := filepath.Abs(binary)
	if err != nil {
		return err
	}
	fmt.Println("| line | what | memory | next call | quit | |\n|---|---|---|---|---|---|")
	for _, h := range harms {
		if line != "all" && line != h.line {
			continue
		}
		if err := h.measure(binary); err != nil {
			return fmt.Errorf("%s, %s: %w", h.line, h.what, err)
		}
	}
	return nil
}

func (h harm) measure(binary string) error {
	folder, err := os.MkdirTemp("", "hostile")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	s := &scene{args: []string{"monitor", "--json", "--office"}}
	if s.server, err = newServer(); err != nil {
		return err
	}
	defer s.close()
	s.url = "tcp://" + s.listener.Addr().String()
	for _, name := range []string{"CONFIG", "STATE", "DATA", "CACHE"} {
		s.env = append(s.env, "XDG_"+name+"_HOME="+folder)
	}
	s.env = append(s.env, "HOME="+folder, "XDG_RUNTIME_DIR="+folder, "PATH="+os.Getenv("PATH"), "DBUS_SESSION_BUS_ADDRESS=unix:path="+folder+"/none",
		"CALLTRAY_USER=user@example.dk", "CALLTRAY_PASSWORD=secret", "CALLTRAY_PBX_DOMAIN="+hostileTrunk+".pbx.one-connect.dk", "CALLTRAY_DEVICE="+ourDevice)
	s.program = &program{binary: binary, lines: make(chan string, 1<<16)}
	h.play(s)
	if s.end != nil {
		defer s.end()
	}
	next := "-"
	if !h.noCall && s.program.alive() {
		next = s.nextCall()
	}
	quit := s.program.quit()
	fmt.Printf("| %s | %s | %s | %s | %s | %s |\n", h.line, h.what, s.program.peak(), next, quit, strings.Join(s.notes, "; "))
	return nil
}

// begin starts the program, and waits until it is online.
func (s *scene) begin() {
	if err := s.program.start(append(s.env, "CALLTRAY_URL="+s.url), s.args, s.deaf); err != nil {
		s.note("not started: %v", err)
		return
	}
	select {
	case <-s.monitoring:
		time.Sleep(time.Second) // the rest of the login
	case <-time.After(nextLimit):
		s.note("never logged in")
	}
}

var shownAsRinging = regexp.MustCompile(`"linkage":"real-call"[^}]*"phase":"ringing"[^}]*"number":"20212223"`)

// nextCall makes a call ring and returns how long it takes to be shown.
func (s *scene) nextCall() string {
	began := time.Now()
	again := time.NewTicker(time.Second) // the program may have lost the link and reconnected
	defer again.Stop()
	s.send(ringing("SIP/real-1", "real-call", "20212223"))
	for limit := time.After(nextLimit); ; {
		select {
		case <-again.C:
			s.send(ringing("SIP/real-1", "real-call", "20212223"))
		case line, open := <-s.program.lines:
			switch {
			case !open:
				return "ended before"
			case shownAsRinging.MatchString(line):
				return fmt.Sprintf("%.2f s", time.Since(began).Seconds())
			}
		case <-limit:
			return fmt.Sprintf("not in %v", nextLimit)
		}
	}
}

// await waits for a line for which ok returns true.
func (s *scene) await(limit time.Duration, ok func(line string) bool) (time.Duration, bool) {
	began, over := time.Now(), time.After(limit)
	for {
		select {
		case line, open := <-s.program.lines:
			if open && ok(line) {
				return time.Since(began), true
			}
			if !open {
				return 0, false
			}
		case <-over:
			return 0, false
		}
	}
}

// lineNames are the lines that can be measured.
func lineNames() string {
	var names []string
	for _, h := range harms {
		names = append(names, h.line)
	}
	return strings.Join(slices.Compact(names), ", ")
}
