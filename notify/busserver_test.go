//go:build desktop && linux

package notify

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// soon is how long the tests wait for what must happen.
const soon = time.Minute

// startBus runs a session bus of the test's own, and makes it the process's.
func startBus(t *testing.T) *exec.Cmd {
	t.Helper()
	config := filepath.Join(t.TempDir(), "bus.conf") // with no service that the bus could start
	if err := os.WriteFile(config, []byte(`<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("dbus-daemon", "--config-file="+config, "--nofork", "--print-address=1")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatalf("the test needs dbus-daemon: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimSpace(address))
	t.Setenv("PATH", t.TempDir()) // no notify-send, no kdialog
	return cmd
}

// server is a notification service on a real bus.
type server struct {
	conn *dbus.Conn
	caps []string
	got  chan notified

	mu   sync.Mutex
	next uint32
	hang chan struct{}
}

// notified is what the server was asked.
type notified struct {
	close         bool
	sender        dbus.Sender
	id            uint32
	app           string
	replaces      uint32
	summary, body string
	actions       []string
	hints         map[string]dbus.Variant
	timeout       int32
}

func (s *server) wait() {
	s.mu.Lock()
	hang := s.hang
	s.mu.Unlock()
	if hang != nil {
		<-hang
	}
}

func (s *server) GetCapabilities() ([]string, *dbus.Error) {
	s.wait()
	return s.caps, nil
}

func (s *server) Notify(sender dbus.Sender, app string, replaces uint32, _, summary, body string, actions []string, hints map[string]dbus.Variant, timeout int32) (uint32, *dbus.Error) {
	s.wait()
	id := replaces
	if id == 0 {
		s.mu.Lock()
		s.next++
		id = s.next
		s.mu.Unlock()
	}
	s.got <- notified{false, sender, id, app, replaces, summary, body, actions, hints, timeout}
	return id, nil
}

func (s *server) CloseNotification(id uint32) *dbus.Error {
	s.wait()
	s.got <- notified{close: true, id: id}
	_ = s.conn.Emit(objectPath, service+".NotificationClosed", id, uint32(3))
	return nil
}

func connect(t *testing.T) *dbus.Conn {
	t.Helper()
	conn, err := dbus.Connect(os.Getenv("DBUS_SESSION_BUS_ADDRESS"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func serve(t *testing.T, first uint32, caps ...string) *server {
	t.Helper()
	s := &server{conn: connect(t), caps: caps, got: make(chan notified, 100), next: first}
	if err := s.conn.Export(s, objectPath, service); err != nil {
		t.Fatal(err)
	}
	if r, err := s.conn.RequestName(service, dbus.NameFlagDoNotQueue); err != nil || r != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("the name of the service: %v, %v", r, err)
	}
	return s
}

// take returns what the server is asked next.
func (s *server) take(t *testing.T) notified {
	t.Helper()
	select {
	case n := <-s.got:
		return n
	case <-time.After(soon):
		t.Fatal("the service is not asked")
		panic("unreachable")
	}
}

// syncLog is a log that a test may read while it is written.
type syncLog struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *syncLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *syncLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func start(t *testing.T, cfg Config) (*Notifier, *syncLog) {
	t.Helper()
	log := &syncLog{}
	cfg.Logger = slog.New(slog.NewTextHandler(io.MultiWriter(log, t.Output()), nil))
	n := New(cfg)
	t.Cleanup(n.Close)
	return n, log
}

// until waits for a condition that another goroutine, or process, brings about.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(soon); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(what)
		}
	}
}
