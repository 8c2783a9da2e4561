package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// The harm that a broken or hostile server can do to a program that is built: for each kind, how much memory
// “calltray monitor” takes at most, how long it needs to show a call that comes afterwards, and how long SIGTERM
// takes. Linux only.

const (
	ourDevice    = "200"
	mostMemory   = 3 << 20          // KB, at which a program is stopped
	nextLimit    = 30 * time.Second // for the call that comes afterwards
	quitLimit    = 20 * time.Second
	hostileTrunk = "12345678"
)

// harm is one thing that a server does.
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
	end     func() // what the scene has begun, after the program; nil for nothing
}

func (s *scene) note(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// measureHarm prints a row for each kind of harm whose line is asked for; "all" for each.
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

// nextCall lets a call ring and returns how long it takes to be shown.
func (s *scene) nextCall() string {
	began := time.Now()
	again := time.NewTicker(time.Second) // the program may have lost the link, and begun anew
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

// await waits for a line about which ok is true.
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

// program is the one that is measured.
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
				default: // the oldest is overtaken
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

// watch notes how much memory it had at most.
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

// server is a PBX that answers what a client needs, and then whatever the scene sends.
type server struct {
	listener   net.Listener
	monitoring chan struct{} // closed when our device is monitored

	mu       sync.Mutex
	conn     net.Conn
	asked    map[string]int
	grants   string // actualSessionDuration
	snapshot string // the items that it lists
}

func newServer() (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{listener: l, monitoring: make(chan struct{}), asked: map[string]int{}, grants: "120"}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conn = conn
			s.mu.Unlock()
			go s.serve(conn)
		}
	}()
	return s, nil
}

func (s *server) close() {
	s.listener.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil {
		s.conn.Close()
	}
}

var requestRoot, requestID = regexp.MustCompile(`<([A-Za-z]+)`), regexp.MustCompile(`<requestID>[^<]*</requestID>`)

func (s *server) serve(conn net.Conn) {
	for in := bufio.NewReader(conn); ; {
		doc, err := in.ReadBytes(0)
		if err != nil {
			return
		}
		found := requestRoot.FindSubmatch(doc)
		if found == nil {
			continue
		}
		name, id := string(found[1]), "<privateData>"+string(requestID.Find(doc))+"</privateData>"
		s.mu.Lock()
		s.asked[name]++
		first, grants, snapshot := s.asked[name] == 1, s.grants, s.snapshot
		s.mu.Unlock()
		var answer string
		switch name {
		case "StartApplicationSession":
			answer = "<StartApplicationSessionPosResponse><sessionID>1</sessionID><actualSessionDuration>" + grants + "</actualSessionDuration></StartApplicationSessionPosResponse>"
		case "ResetApplicationSessionTimer":
			answer = "<ResetApplicationSessionTimerPosResponse><actualSessionDuration>" + grants + "</actualSessionDuration>" + id + "</ResetApplicationSessionTimerPosResponse>"
		case "MonitorStart":
			answer = "<MonitorStartResponse><monitorCrossRefID>u-" + hostileTrunk + "-" + ourDevice + "</monitorCrossRefID>" + id + "</MonitorStartResponse>"
		case "MonitorTrunk":
			answer = "<MonitorStartResponse><monitorCrossRefID>" + hostileTrunk + "</monitorCrossRefID>" + id + "</MonitorStartResponse>"
		case "SnapShotDevice":
			answer = "<SnapShotDeviceResponse><serviceCrossRefID>u-" + hostileTrunk + "-" + ourDevice + "</serviceCrossRefID><snapshotData>" + cmp.Or(snapshot, "<snapshotDeviceResponseInfo/>") + "</snapshotData>" + id + "</SnapShotDeviceResponse>"
		case "GetDoNotDisturb":
			answer = "<GetDoNotDisturbResponse><doNotDisturbOn>false</doNotDisturbOn>" + id + "</GetDoNotDisturbResponse>"
		case "SnapshotCall":
			answer = "<CSTAErrorCode><operation>serviceNotSupported</operation>" + id + "</CSTAErrorCode>"
		default:
			answer = "<" + name + "Response>" + id + "</" + name + "Response>"
		}
		s.send(answer)
		if name == "MonitorStart" && first {
			close(s.monitoring)
		}
	}
}

// send writes documents to the newest link. What cannot be written in half a minute is given up.
func (s *server) send(docs ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return
	}
	var b bytes.Buffer
	for _, doc := range docs {
		b.WriteString(doc)
		b.WriteByte(0)
	}
	_ = s.conn.SetWriteDeadline(time.Now().Add(nextLimit))
	_, _ = s.conn.Write(b.Bytes()) // a program that has ended is seen elsewhere
}

func (s *server) count(service string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[service]
}

// refusing is a web server with a status, and how often it was asked.
func refusing(status int, retryAfter string) (url string, asked *atomic.Int64, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, nil, err
	}
	asked = &atomic.Int64{}
	web := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Retry-After", retryAfter)
		w.WriteHeader(status)
	})}
	go func() {
		if err := web.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	return "http://" + l.Addr().String() + "/csta", asked, func() { _ = web.Shutdown(context.Background()) }, nil
}

// lineNames are the lines that can be measured.
func lineNames() string {
	var names []string
	for _, h := range harms {
		names = append(names, h.line)
	}
	return strings.Join(slices.Compact(names), ", ")
}
