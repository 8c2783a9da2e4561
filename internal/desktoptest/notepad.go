//go:build linux

package desktoptest

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// Notepad is another program's window, in which a person is writing while the telephone rings. It
// remembers every key and every loss of the focus.
type Notepad struct {
	desktop *Desktop

	conn *xgb.Conn
	id   xproto.Window
	gc   xproto.Gcontext
	keys *xproto.GetKeyboardMappingReply
	low  xproto.Keycode
	done chan struct{}

	mu      sync.Mutex
	text    []byte
	focused bool
	losses  int
	thief   string
}

// OpenNotepad opens the window; the window manager gives it the focus, as it does with any new window.
func (d *Desktop) OpenNotepad(title string) (*Notepad, error) {
	conn, err := xgb.NewConnDisplay(d.display)
	if err != nil {
		return nil, err
	}
	setup := xproto.Setup(conn)
	screen := setup.DefaultScreen(conn)
	n := &Notepad{desktop: d, conn: conn, low: setup.MinKeycode, done: make(chan struct{})}
	fail := func(err error) (*Notepad, error) { conn.Close(); return nil, err }
	if n.keys, err = xproto.GetKeyboardMapping(conn, n.low, byte(setup.MaxKeycode-n.low)+1).Reply(); err != nil {
		return fail(err)
	}
	if n.id, err = xproto.NewWindowId(conn); err != nil {
		return fail(err)
	}
	if err := xproto.CreateWindowChecked(conn, screen.RootDepth, n.id, screen.Root, 60, 90, 520, 220, 0,
		xproto.WindowClassInputOutput, screen.RootVisual, xproto.CwBackPixel|xproto.CwEventMask, []uint32{
			screen.WhitePixel, xproto.EventMaskKeyPress | xproto.EventMaskFocusChange | xproto.EventMaskExposure,
		}).Check(); err != nil {
		return fail(err)
	}
	for name, value := range map[string]string{"WM_NAME": title, "WM_CLASS": "notepad\x00Notepad\x00"} {
		atom, err := xproto.InternAtom(conn, false, uint16(len(name)), name).Reply()
		if err != nil {
			return fail(err)
		}
		xproto.ChangeProperty(conn, xproto.PropModeReplace, n.id, atom.Atom, xproto.AtomString, 8, uint32(len(value)), []byte(value))
	}
	font, err := xproto.NewFontId(conn)
	if err != nil {
		return fail(err)
	}
	if n.gc, err = xproto.NewGcontextId(conn); err != nil {
		return fail(err)
	}
	if err := xproto.OpenFontChecked(conn, font, 5, "fixed").Check(); err != nil {
		return fail(err)
	}
	xproto.CreateGC(conn, n.gc, xproto.Drawable(n.id), xproto.GcForeground|xproto.GcBackground|xproto.GcFont,
		[]uint32{screen.BlackPixel, screen.WhitePixel, uint32(font)})
	if err := xproto.MapWindowChecked(conn, n.id).Check(); err != nil {
		return fail(err)
	}
	go n.listen()
	return n, nil
}

func (n *Notepad) listen() {
	defer close(n.done)
	for {
		event, err := n.conn.WaitForEvent()
		if event == nil && err == nil {
			return // closed
		}
		n.mu.Lock()
		switch e := event.(type) {
		case xproto.KeyPressEvent:
			if sym := n.symbol(e); sym >= 0x20 && sym < 0x7f {
				n.text = append(n.text, byte(sym))
			}
		case xproto.FocusInEvent:
			n.focused = true
		case xproto.FocusOutEvent:
			n.focused = false
			// A keyboard grab, by a window manager's shortcut for example, is not a loss of focus.
			if e.Mode == xproto.NotifyModeNormal || e.Mode == xproto.NotifyModeWhileGrabbed {
				n.losses++
				w, _ := n.desktop.FocusedWindow()
				n.thief = fmt.Sprintf("%q of %q at %v, %v by %v", w.Title, w.Class, w.Rect, e.Mode, e.Detail)
			}
		}
		n.draw()
		n.mu.Unlock()
	}
}

// symbol returns the character of a key, for ordinary typing keys.
func (n *Notepad) symbol(e xproto.KeyPressEvent) xproto.Keysym {
	width := int(n.keys.KeysymsPerKeycode)
	row := n.keys.Keysyms[int(e.Detail-n.low)*width:][:width]
	if e.State&xproto.ModMaskShift != 0 && width > 1 && row[1] != 0 {
		return row[1]
	}
	return row[0]
}

func (n *Notepad) draw() {
	const columns = 80
	for i, y := 0, int16(24); i < len(n.text); i, y = i+columns, y+18 {
		line := string(n.text[i:min(i+columns, len(n.text))])
		xproto.ImageText8(n.conn, byte(len(line)), xproto.Drawable(n.id), n.gc, 12, y, line)
	}
}

// Text is everything that was typed into the window.
func (n *Notepad) Text() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return string(n.text)
}

// Focused reports whether the window has the focus.
func (n *Notepad) Focused() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.focused
}

// TakeFocus waits for the focus. xfwm4 gives it to a new window, but not to one that existed before xfwm4 was
// ready: on a busy machine that may be this one, which then takes the focus as a click on the task list would.
func (n *Notepad) TakeFocus(ctx context.Context) error {
	asked := time.Now()
	return n.desktop.Until(ctx, "the notepad to get the focus", func() bool {
		if !n.Focused() && time.Since(asked) > 5*time.Second {
			asked = time.Now()
			_ = n.desktop.tool("xdotool", "windowactivate", strconv.Itoa(int(n.id))) // the wait reports a failure
		}
		return n.Focused()
	})
}

// Losses returns how often the window has lost the focus to another.
func (n *Notepad) Losses() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.losses
}

// Thief returns which window had the focus after the last loss.
func (n *Notepad) Thief() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.thief
}

// Forgive resets the losses: the user went to another window, and is back.
func (n *Notepad) Forgive() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.losses = 0
}

// ID is the window's identifier, to be compared with that of FocusedWindow.
func (n *Notepad) ID() xproto.Window { return n.id }

// Close closes the window.
func (n *Notepad) Close() {
	n.conn.Close()
	<-n.done
}
