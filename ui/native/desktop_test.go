//go:build desktop && linux

package native

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
)

// These tests need Xvfb, xfwm4, dbus-daemon and xclip, and fail without them. They use a display and a
// session bus of their own, and the real user interface in testdata/stage.

// stagePath is the program under test, built once.
var stagePath string

// patience is how long a wait lasts before it is an error. What is waited for takes a moment; a test machine may be
// busy with compiling.
const patience = time.Minute

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "calltray-native")
	if err != nil {
		log.Print(err)
		return 1
	}
	defer os.RemoveAll(dir)
	stagePath = filepath.Join(dir, "stage")
	if out, err := exec.Command("go", "build", "-o", stagePath, "./testdata/stage").CombinedOutput(); err != nil {
		log.Printf("building the stage: %v\n%s", err, out)
		return 1
	}
	for key, value := range map[string]string{
		"HOME": dir, "XDG_RUNTIME_DIR": dir, "XDG_CONFIG_HOME": dir + "/config", "XDG_CACHE_HOME": dir,
		"XDG_CURRENT_DESKTOP": "", "WAYLAND_DISPLAY": "", "FYNE_PLATFORM": "", "FYNE_SCALE": "1", "FYNE_THEME": "light",
		"LANG": "C.UTF-8", "LC_ALL": "", "LANGUAGE": "", "LIBGL_ALWAYS_SOFTWARE": "1",
	} {
		os.Setenv(key, value)
	}
	display, stopX, err := startAndRead("Xvfb", "-displayfd", "3", "-screen", "0", "1280x800x24", "+extension", "GLX", "+extension", "RANDR", "-nolisten", "tcp")
	if err != nil {
		log.Print(err)
		return 1
	}
	defer stopX()
	os.Setenv("DISPLAY", ":"+display)
	bus, stopBus, err := startAndRead("dbus-daemon", "--session", "--nofork", "--print-address=3")
	if err != nil {
		log.Print(err)
		return 1
	}
	defer stopBus()
	os.Setenv("DBUS_SESSION_BUS_ADDRESS", bus)
	closeTray, err := serveTray(bus)
	if err != nil {
		log.Print(err)
		return 1
	}
	defer closeTray()
	wm := exec.Command("xfwm4", "--compositor=off")
	if err := wm.Start(); err != nil {
		log.Print(err)
		return 1
	}
	defer kill(wm)
	if err := managed(); err != nil {
		log.Print(err)
		return 1
	}
	return m.Run()
}

// managed waits until the window manager gives the keyboard to a window that opens. One that opens while it is starting
// up, even after it has announced itself, may never get it.
func managed() error {
	conn, err := xgb.NewConn()
	if err != nil {
		return err
	}
	defer conn.Close()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		w, err := openWindow(conn)
		if err != nil {
			return err
		}
		for next := time.Now().Add(time.Second); time.Now().Before(next); time.Sleep(10 * time.Millisecond) {
			if f, err := xproto.GetInputFocus(conn).Reply(); err == nil && f.Focus == w {
				return xproto.DestroyWindowChecked(conn, w).Check()
			}
		}
		if err := xproto.DestroyWindowChecked(conn, w).Check(); err != nil {
			return err
		}
	}
	return errors.New("xfwm4 gives no window the keyboard")
}

// openWindow opens a window that wants keys.
func openWindow(conn *xgb.Conn) (xproto.Window, error) {
	w, err := xproto.NewWindowId(conn)
	if err != nil {
		return 0, err
	}
	screen := xproto.Setup(conn).DefaultScreen(conn)
	if err := xproto.CreateWindowChecked(conn, screen.RootDepth, w, screen.Root, 100, 100, 400, 300, 0, xproto.WindowClassInputOutput,
		screen.RootVisual, xproto.CwBackPixel|xproto.CwEventMask, []uint32{screen.WhitePixel, xproto.EventMaskKeyPress}).Check(); err != nil {
		return 0, err
	}
	return w, xproto.MapWindowChecked(conn, w).Check()
}

// startAndRead starts a program, and returns the line that it writes to descriptor 3 when it is ready.
func startAndRead(name string, args ...string) (line string, stop func(), err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return "", nil, err
	}
	cmd := exec.Command(name, args...)
	cmd.ExtraFiles = []*os.File{w}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	w.Close()
	line, err = bufio.NewReader(r).ReadString('\n')
	if err != nil {
		kill(cmd)
		return "", nil, fmt.Errorf("%s did not start: %w", name, err)
	}
	return strings.TrimSpace(line), func() { kill(cmd) }, nil
}

// watcher is as much of a StatusNotifierWatcher as systray and WatchTray look at.
type watcher struct{}

// RegisterStatusNotifierItem takes every icon, and shows none.
func (watcher) RegisterStatusNotifierItem(string) *dbus.Error { return nil }

// serveTray is a tray's host on a bus, until it is closed.
func serveTray(address string) (closeTray func(), err error) {
	bus, err := dbus.Connect(address)
	if err != nil {
		return nil, err
	}
	if err := bus.Export(watcher{}, watcherPath, watcherName); err != nil {
		return nil, err
	}
	if _, err := prop.Export(bus, watcherPath, prop.Map{watcherName: {
		"IsStatusNotifierHostRegistered": {Value: true, Emit: prop.EmitTrue},
	}}); err != nil {
		return nil, err
	}
	if _, err := bus.RequestName(watcherName, dbus.NameFlagDoNotQueue); err != nil {
		return nil, err
	}
	return func() { bus.Close() }, nil
}

func kill(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

// stage is a running user interface.
type stage struct {
	t     *testing.T
	pid   int
	in    io.WriteCloser
	lines chan string
}

func startStage(t *testing.T) *stage {
	t.Helper()
	cmd := exec.Command(stagePath)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, pid: cmd.Process.Pid, in: in, lines: make(chan string, 1000)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for sc := bufio.NewScanner(out); sc.Scan(); {
			s.lines <- sc.Text()
		}
	}()
	t.Cleanup(func() {
		in.Close()
		timer := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
		<-done
		if err := cmd.Wait(); err != nil {
			t.Errorf("the stage ended with %v\n%s", err, &stderr)
		}
		if bytes.Contains(stderr.Bytes(), []byte("Error in Fyne call thread")) {
			t.Errorf("a widget was touched from the wrong goroutine:\n%s", &stderr)
		}
	})
	return s
}

// do gives a command, and waits until it has been taken.
func (s *stage) do(command string) {
	s.t.Helper()
	fmt.Fprintln(s.in, command)
	s.wait("ok")
}

// wait returns the rest of the next line that begins with a word.
func (s *stage) wait(word string) string {
	s.t.Helper()
	limit := time.After(patience)
	for {
		select {
		case line := <-s.lines:
			if first, rest, _ := strings.Cut(line, " "); first == word {
				return rest
			}
		case <-limit:
			s.t.Fatalf("the stage did not say %q", word)
		}
	}
}

// memory returns the resident memory in kilobytes, after a collection.
func (s *stage) memory() (kilobytes int) {
	s.t.Helper()
	fmt.Fprintln(s.in, "memory")
	if _, err := fmt.Sscan(s.wait("memory"), &kilobytes); err != nil {
		s.t.Fatal(err)
	}
	return kilobytes
}

// wakes returns how often all threads were given a processor so far (proc(5), schedstat). A busy machine does not
// change how often something that waits is woken.
func (s *stage) wakes() int { return s.wakesOf("*") }

// loops returns how often the thread of the window has been woken since it began.
func (s *stage) loops() int { return s.wakesOf(fmt.Sprint(s.pid)) }

func (s *stage) wakesOf(thread string) (sum int) {
	s.t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/%s/schedstat", s.pid, thread))
	if err != nil || threads == nil {
		s.t.Fatalf("no threads of the stage: %v", err)
	}
	for _, name := range threads {
		data, err := os.ReadFile(name)
		var running, waiting, times int
		if _, scanErr := fmt.Sscan(string(data), &running, &waiting, &times); err != nil || scanErr != nil {
			s.t.Fatalf("%s: %v, %v", name, err, scanErr)
		}
		sum += times
	}
	return sum
}

// screen is the test's own eye and hand at the X server.
type screen struct {
	t    *testing.T
	conn *xgb.Conn
	root xproto.Window
}

func openScreen(t *testing.T) *screen {
	t.Helper()
	conn, err := xgb.NewConn()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	if err := xtest.Init(conn); err != nil {
		t.Fatal(err)
	}
	return &screen{t, conn, xproto.Setup(conn).DefaultScreen(conn).Root}
}

// popup returns the popup's window if it is on the screen.
func (s *screen) popup() (xproto.Window, bool) {
	tree, err := xproto.QueryTree(s.conn, s.root).Reply()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, w := range tree.Children {
		class, err := xproto.GetProperty(s.conn, false, w, xproto.AtomWmClass, xproto.AtomString, 0, 64).Reply()
		if err != nil || !bytes.HasPrefix(class.Value, []byte("calltray-popup")) {
			continue
		}
		a, err := xproto.GetWindowAttributes(s.conn, w).Reply()
		if err == nil && a.MapState == xproto.MapStateViewable {
			return w, true
		}
	}
	return 0, false
}

// until waits for a condition on the screen.
func (s *screen) until(what string, ok func() bool) {
	s.t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(patience)
	for !ok() {
		select {
		case <-tick.C:
		case <-limit:
			s.t.Fatalf("waited in vain until %s", what)
		}
	}
}

func (s *screen) untilShown() xproto.Window {
	s.t.Helper()
	var w xproto.Window
	s.until("the popup is on the screen", func() (ok bool) { w, ok = s.popup(); return ok })
	return w
}

func (s *screen) untilHidden() {
	s.t.Helper()
	s.until("the popup is gone", func() bool { _, ok := s.popup(); return !ok })
}

func (s *screen) geometry(w xproto.Window) (x, y, width, height int) {
	s.t.Helper()
	g, err := xproto.GetGeometry(s.conn, xproto.Drawable(w)).Reply()
	if err != nil {
		s.t.Fatal(err)
	}
	return int(g.X), int(g.Y), int(g.Width), int(g.Height)
}

// window opens a window of the test's own, waits until the window manager has given it the keyboard, and
// returns it and the keys that it gets.
func (s *screen) window() (xproto.Window, <-chan xproto.Keycode) {
	s.t.Helper()
	w, err := openWindow(s.conn)
	if err != nil {
		s.t.Fatal(err)
	}
	keys := make(chan xproto.Keycode, 1000)
	go func() {
		for {
			event, err := s.conn.WaitForEvent()
			if event == nil && err == nil {
				return
			}
			if k, ok := event.(xproto.KeyPressEvent); ok {
				keys <- k.Detail
			}
		}
	}()
	s.until("the test's window has the keyboard", func() bool { return s.focused() == w })
	return w, keys
}

func (s *screen) focused() xproto.Window {
	f, err := xproto.GetInputFocus(s.conn).Reply()
	if err != nil {
		s.t.Fatal(err)
	}
	return f.Focus
}

func (s *screen) fake(kind byte, detail byte, x, y int) {
	s.t.Helper()
	if err := xtest.FakeInputChecked(s.conn, kind, detail, 0, s.root, int16(x), int16(y), 0).Check(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *screen) click(x, y int) {
	s.t.Helper()
	s.fake(xproto.MotionNotify, 0, x, y)
	s.fake(xproto.ButtonPress, 1, x, y)
	s.fake(xproto.ButtonRelease, 1, x, y)
}

// typeKey presses a key, and fails unless the test's window gets it.
func (s *screen) typeKey(keys <-chan xproto.Keycode, when string) {
	s.t.Helper()
	const aKey = 38
	s.fake(xproto.KeyPress, aKey, 0, 0)
	s.fake(xproto.KeyRelease, aKey, 0, 0)
	select {
	case <-keys:
	case <-time.After(patience):
		s.t.Fatalf("%s: a key did not reach the window that had the keyboard", when)
	}
}
