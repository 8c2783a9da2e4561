//go:build linux && desktop

package hotkey

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"

	"calltray/internal/xserver"
)

// board is a keyboard at an X server.
type board struct {
	*testing.T
	conn *xgb.Conn
	keys keyboard
}

// newBoard starts an X server, to which Watch connects.
func newBoard(t *testing.T) *board {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	server := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "64x64x24", "-nolisten", "tcp", "-noreset")
	server.ExtraFiles = []*os.File{w}
	server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	err = server.Start()
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal("the X server does not start: ", err)
	}
	t.Setenv("DISPLAY", ":"+strings.TrimSpace(number))
	t.Setenv("WAYLAND_DISPLAY", "")
	b := &board{T: t}
	b.conn, err = xserver.Connect()
	b.must(err)
	t.Cleanup(b.conn.Close)
	b.must(xtest.Init(b.conn))
	b.keys, err = readKeyboard(b.conn)
	b.must(err)
	return b
}

func (b *board) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// press presses keys together, and lets them go.
func (b *board) press(symbols ...xproto.Keysym) {
	b.Helper()
	b.send(xproto.KeyPress, symbols...)
	b.send(xproto.KeyRelease, symbols...)
}

func (b *board) send(what byte, symbols ...xproto.Keysym) {
	b.Helper()
	for _, s := range symbols {
		codes := b.keys.codes(s)
		if len(codes) == 0 {
			b.Fatalf("the keyboard has no %#x", s)
		}
		b.must(xtest.FakeInputChecked(b.conn, what, byte(codes[0]), 0, 0, 0, 0, 0).Check())
	}
}

const (
	symControl, symAlt, symShift = 0xffe3, 0xffe9, 0xffe1
	symCaps, symNum              = 0xffe5, 0xff7f
)

// watched is a Watch that goes on.
type watched struct {
	*testing.T
	told    chan error
	pressed chan string
	end     func()
}

func watching(t *testing.T, keys ...string) *watched {
	t.Helper()
	var bindings []Binding
	for _, k := range keys {
		key, err := Parse(k)
		if err != nil {
			t.Fatal(err)
		}
		bindings = append(bindings, Binding{ID: k, Key: key})
	}
	w := &watched{T: t, told: make(chan error, 100), pressed: make(chan string, 100)}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- Watch(ctx, bindings, func(_ Binding, why error) { w.told <- why }, func(b Binding) { w.pressed <- b.ID })
	}()
	over := false
	w.end = func() {
		if over {
			return
		}
		over = true
		cancel()
		if err := <-ended; err != nil {
			t.Error("Watch ended with ", err)
		}
	}
	t.Cleanup(w.end)
	return w
}

func (w *watched) expect(want string) {
	w.Helper()
	select {
	case got := <-w.pressed:
		if got != want {
			w.Errorf("%s was pressed, want %s", got, want)
		}
	case <-time.After(time.Minute):
		w.Fatalf("%s was not told", want)
	}
}

// TestX11: keys work whatever Caps Lock and Num Lock are, once however long they are held down, and other keys are
// other programs'.
func TestX11(t *testing.T) {
	b := newBoard(t)
	w := watching(t, "Ctrl+Alt+K", "Shift+F8", "Ctrl+5")
	for range 3 {
		b.must(<-w.told)
	}
	for _, lock := range []xproto.Keysym{0, symCaps, symNum, symCaps} { // none, caps, both, num
		if lock != 0 {
			b.press(lock)
		}
		b.press(symControl, symAlt, 'k')
		w.expect("Ctrl+Alt+K")
		b.press(symShift, 0xffc5)
		w.expect("Shift+F8")
		b.press(symControl, '5')
		w.expect("Ctrl+5")
	}
	b.press('k')
	b.press(symControl, 'k')
	b.press(symControl, symAlt, symShift, 'k')
	b.press(0xffc5)

	b.send(xproto.KeyPress, symControl, symAlt, 'k') // held down until the keyboard has repeated it
	w.expect("Ctrl+Alt+K")
	time.Sleep(1200 * time.Millisecond)
	b.send(xproto.KeyRelease, symControl, symAlt, 'k')
	b.press(symControl, '5')
	w.expect("Ctrl+5") // and nothing before it

	w.end()
	again := watching(t, "Ctrl+5") // the keys are free
	b.must(<-again.told)
}

// TestX11Taken: a key that another program has is reported, and the others work.
func TestX11Taken(t *testing.T) {
	b := newBoard(t)
	first := watching(t, "Ctrl+Alt+K")
	b.must(<-first.told)
	second := watching(t, "Ctrl+Alt+K", "Ctrl+Alt+L", "Ctrl+F24")
	if err := <-second.told; !errors.Is(err, ErrTaken) {
		t.Errorf("a key that is taken: %v", err)
	}
	b.must(<-second.told)
	if err := <-second.told; err != nil && !errors.Is(err, ErrNoKey) {
		t.Errorf("F24: %v", err)
	}
	b.press(symControl, symAlt, 'l')
	second.expect("Ctrl+Alt+L")
	b.press(symControl, symAlt, 'k')
	first.expect("Ctrl+Alt+K")
}

// TestX11Layout: a key is where the layout has it.
func TestX11Layout(t *testing.T) {
	b := newBoard(t)
	w := watching(t, "Ctrl+Alt+K")
	b.must(<-w.told)
	k, j := b.keys.codes('k')[0], b.keys.codes('j')[0]
	width := int(b.keys.keys.KeysymsPerKeycode)
	row := func(c xproto.Keycode) []xproto.Keysym { return b.keys.keys.Keysyms[int(c-b.keys.first)*width:][:width] }
	onK, onJ := row(k), row(j)
	b.must(xproto.ChangeKeyboardMappingChecked(b.conn, 1, k, byte(width), onJ).Check())
	b.must(xproto.ChangeKeyboardMappingChecked(b.conn, 1, j, byte(width), onK).Check())
	for limit := time.Now().Add(time.Minute); ; {
		b.press(symControl, symAlt, 'j') // where k is now
		select {
		case <-w.pressed:
			return
		case <-time.After(100 * time.Millisecond):
		}
		if time.Now().After(limit) {
			t.Fatal("the key has not moved with the layout")
		}
	}
}

// TestWithoutServer: without an X server it says so at once.
func TestWithoutServer(t *testing.T) {
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	if err := Watch(t.Context(), nil, nil, nil); !errors.Is(err, ErrUnsupported) {
		t.Error(err)
	}
	t.Setenv("WAYLAND_DISPLAY", "wayland-0")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
	if err := Watch(t.Context(), nil, nil, nil); !errors.Is(err, ErrUnsupported) {
		t.Error(err)
	}
}
