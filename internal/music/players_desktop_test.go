//go:build desktop && linux

package music

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"calltray/cstasession/csta"
)

// soon is how long the tests wait for what must happen.
const soon = time.Minute

// startBus runs a session bus of the test's own, which can start one service: a player that leaves a file.
func startBus(t *testing.T) (daemon *exec.Cmd, started string) {
	t.Helper()
	dir := t.TempDir()
	started = filepath.Join(dir, "started")
	config := filepath.Join(dir, "bus.conf")
	for name, content := range map[string]string{
		config: `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth><servicedir>` + dir + `</servicedir>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`,
		filepath.Join(dir, "asleep.service"): "[D-BUS Service]\nName=" + namePrefix + "asleep\nExec=/usr/bin/touch " + started + "\n",
	} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	daemon = exec.Command("dbus-daemon", "--config-file="+config, "--nofork", "--print-address=1")
	out, err := daemon.StdoutPipe()
	if err == nil {
		err = daemon.Start()
	}
	if err != nil {
		t.Fatalf("the test needs dbus-daemon: %v", err)
	}
	t.Cleanup(func() {
		_ = daemon.Process.Kill()
		_ = daemon.Wait()
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimSpace(address))
	return daemon, started
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

// until waits for what another process does.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(soon); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("in vain: " + what)
		}
	}
}

// cmus is a music player on the bus, with a tune that does not end and no sound card.
type cmus struct {
	t      *testing.T
	conn   *dbus.Conn
	object dbus.BusObject
	socket string
	tune   string
	pid    int
	says   chan *dbus.Signal // what it reports
}

const cmusName = namePrefix + "cmus"

func startCmus(t *testing.T) *cmus {
	t.Helper()
	dir := t.TempDir()
	c := &cmus{t: t, conn: connect(t), socket: filepath.Join(dir, "socket"), tune: filepath.Join(dir, "tune.wav"), says: make(chan *dbus.Signal, 100)}
	c.object = c.conn.Object(cmusName, objectPath)
	for name, content := range map[string][]byte{
		filepath.Join(dir, "rc"):     []byte("set output_plugin=ao\nset mpris=true\nset repeat_current=true\n"),
		filepath.Join(dir, ".libao"): []byte("default_driver=null\n"),
		c.tune:                       silence(8000, 10*time.Minute),
	} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.conn.AddMatchSignal(dbus.WithMatchSender(cmusName), dbus.WithMatchMember("PropertiesChanged")); err != nil {
		t.Fatal(err)
	}
	c.conn.Signal(c.says)
	terminal := exec.Command("script", "-qfec", "cmus --listen "+c.socket, "/dev/null")
	terminal.Env = append(os.Environ(), "HOME="+dir, "CMUS_HOME="+dir, "XDG_RUNTIME_DIR="+dir, "TERM=xterm")
	keys, err := terminal.StdinPipe() // nobody types
	if err == nil {
		err = terminal.Start()
	}
	if err != nil {
		t.Fatalf("the test needs script and cmus: %v", err)
	}
	t.Cleanup(func() { // first the player, which has no time to write files then
		if c.pid != 0 {
			_ = syscall.Kill(c.pid, syscall.SIGKILL)
		}
		_ = terminal.Process.Kill()
		_ = keys.Close()
		_ = terminal.Wait()
	})
	until(t, "cmus is on the bus", func() bool {
		var pid uint32
		ok := c.conn.BusObject().Call("org.freedesktop.DBus.GetConnectionUnixProcessID", 0, cmusName).Store(&pid) == nil
		c.pid = int(pid)
		return ok
	})
	return c
}

// silence returns a WAV file: 16 bits, mono.
func silence(rate uint32, d time.Duration) []byte {
	n := uint32(d.Seconds()) * rate * 2
	le := binary.LittleEndian
	b := le.AppendUint32([]byte("RIFF"), 36+n)
	b = le.AppendUint32(append(b, "WAVEfmt "...), 16)
	b = le.AppendUint16(le.AppendUint16(b, 1), 1)
	b = le.AppendUint32(le.AppendUint32(b, rate), 2*rate)
	b = le.AppendUint16(le.AppendUint16(b, 2), 16)
	b = le.AppendUint32(append(b, "data"...), n)
	return append(b, make([]byte, n)...)
}

// user does what the user does at the player, and waits until it reports the status that this leads to.
func (c *cmus) user(command, status string) {
	c.t.Helper()
	for len(c.says) > 0 {
		<-c.says
	}
	if out, err := exec.Command("cmus-remote", "--server", c.socket, "-C", command).CombinedOutput(); err != nil {
		c.t.Fatalf("%s: %v, %s", command, err, out)
	}
	for deadline := time.After(soon); ; {
		select {
		case s := <-c.says:
			if values, ok := s.Body[1].(map[string]dbus.Variant); ok && values["PlaybackStatus"].Value() == status {
				return
			}
		case <-deadline:
			c.t.Fatalf("%s: it never reports %s", command, status)
		}
	}
}

func (c *cmus) status() string {
	v, err := c.object.GetProperty(playerIface + ".PlaybackStatus")
	if err != nil {
		return err.Error()
	}
	s, _ := v.Value().(string)
	return s
}

// A call, with a real player; what the user does at it during the call counts.
func TestCallWithMusic(t *testing.T) {
	_, started := startBus(t)
	c := startCmus(t)
	for _, step := range []struct {
		name   string
		during func(p *Pauser)
		want   string
	}{
		{"nothing", func(*Pauser) {}, playing},
		{"hold and retrieve", func(p *Pauser) { p.Follow(online(csta.Held)); p.Follow(online(csta.Active)) }, playing},
		{"the user starts it", func(*Pauser) { c.user("player-pause", playing) }, playing},
		{"the user starts and pauses it", func(*Pauser) { c.user("player-pause", playing); c.user("player-pause", paused) }, paused},
		{"the user stops it", func(*Pauser) { c.user("player-stop", "Stopped") }, "Stopped"},
		{"the user switches it off", func(p *Pauser) { p.Set(false) }, playing},
		{"Calltray ends", func(p *Pauser) { p.End() }, paused},
	} {
		c.user("player-stop", "Stopped")
		c.user("player-play "+c.tune, playing)
		p := New(slog.New(slog.NewTextHandler(t.Output(), nil)), true)
		p.Begin()
		p.Follow(online(csta.Active))
		until(t, step.name+": it is paused", func() bool { return c.status() == paused })
		step.during(p)
		p.Follow(online())
		p.End()
		until(t, fmt.Sprintf("%s: it is %s", step.name, step.want), func() bool { return c.status() == step.want })
	}
	if _, err := os.Stat(started); err == nil {
		t.Error("the bus had to start a player")
	}
}

// What is not playing when the call begins is not touched.
func TestCallWithoutMusic(t *testing.T) {
	startBus(t)
	c := startCmus(t)
	c.user("player-play "+c.tune, playing)
	c.user("player-pause", paused)
	end := pausePlayers(t.Context(), slog.New(slog.DiscardHandler))
	end(true)
	if got := c.status(); got != paused {
		t.Errorf("it is %s", got)
	}
}

// other is a second player on the bus: there can be one cmus only.
type other struct {
	mu     sync.Mutex
	status string
}

func (o *other) set(status string) *dbus.Error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.status = status
	return nil
}

func (o *other) Pause() *dbus.Error                          { return o.set(paused) }
func (o *other) Play() *dbus.Error                           { return o.set(playing) }
func (o *other) Get(_, _ string) (dbus.Variant, *dbus.Error) { return dbus.MakeVariant(o.now()), nil }
func (o *other) now() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.status
}

func serve(t *testing.T, name string) *other {
	t.Helper()
	o, conn := &other{status: playing}, connect(t)
	for _, iface := range []string{playerIface, propsIface} {
		if err := conn.Export(o, objectPath, iface); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil || r != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("the player's name: %v, %v", r, err)
	}
	return o
}

// A player that hangs holds up nobody, and is not paused when it wakes up. Neither is what only passes commands on.
func TestHangingPlayer(t *testing.T) {
	startBus(t)
	c := startCmus(t)
	c.user("player-play "+c.tune, playing)
	beside, proxy := serve(t, namePrefix+"beside"), serve(t, passesOn)
	if err := syscall.Kill(c.pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	end := pausePlayers(t.Context(), slog.New(slog.DiscardHandler))
	if beside.now() != paused || proxy.now() != playing {
		t.Errorf("the others are %s and %s", beside.now(), proxy.now())
	}
	end(true)
	if beside.now() != playing {
		t.Errorf("after the call, the other is %s", beside.now())
	}
	if err := syscall.Kill(c.pid, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if got := c.status(); got != playing {
		t.Errorf("it wakes up %s", got)
	}
}

// A player that quits during the call, and the bus that goes: nothing waits, and nothing else happens.
func TestPlayerAndBusGo(t *testing.T) {
	bus, _ := startBus(t)
	c := startCmus(t)
	c.user("player-play "+c.tune, playing)
	beside := serve(t, namePrefix+"beside")
	end := pausePlayers(t.Context(), slog.New(slog.DiscardHandler))
	if err := syscall.Kill(c.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	end(true)
	if beside.now() != playing {
		t.Errorf("the other player is %s", beside.now())
	}
	end = pausePlayers(t.Context(), slog.New(slog.DiscardHandler))
	_ = bus.Process.Kill()
	_ = bus.Wait()
	end(true)
	pausePlayers(t.Context(), slog.New(slog.DiscardHandler))(true) // without a bus
}

// A bus that takes the connection and says nothing: Calltray ends all the same.
func TestSilentBus(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bus")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+path)
	p := New(slog.New(slog.DiscardHandler), true)
	p.Begin()
	p.Follow(online(csta.Active))
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	p.End()
}
