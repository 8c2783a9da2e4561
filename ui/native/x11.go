//go:build linux || freebsd || openbsd || netbsd

package native

import (
	"encoding/binary"
	"io"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// xgb writes to the standard error what it tries while connecting. Its errors are returned, too.
func init() { xgb.Logger.SetOutput(io.Discard) }

// FramedPopup: an ordinary window loses its frame in Dress. Fyne's splash windows would be moved into the
// middle of the screen after that.
func (d *Desk) FramedPopup() bool { return d.Placed() }

// windows returns the connection that changes Fyne's windows, nil without an X server. It is not GLFW's
// own, so what must have happened before GLFW goes on is asked for with a reply.
func (d *Desk) windows() *xgb.Conn {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn != nil {
		return d.conn
	}
	conn, err := xgb.NewConn()
	if err != nil {
		d.log.Warn("no connection to the X server for the popup", "reason", err)
		return nil
	}
	d.conn, d.dressed, d.atoms = conn, make(map[uint32]bool), make(map[string]uint32)
	go d.keepAbove(conn)
	return conn
}

// Dress makes a window what notifications are: one that the window manager leaves alone
// (override-redirect). It is then above the others and on every workspace, in no task bar, and neither
// mapping it nor clicking into it moves the keyboard's focus. The other properties tell compositors and
// screen readers what it is, and a window manager that manages it nevertheless what to do.
func (d *Desk) Dress(window uintptr) {
	conn := d.windows()
	if conn == nil {
		return
	}
	w := xproto.Window(window)
	d.mu.Lock()
	d.dressed[uint32(w)] = true
	d.mu.Unlock()

	d.setAtoms(conn, w, "_NET_WM_WINDOW_TYPE", "_NET_WM_WINDOW_TYPE_NOTIFICATION")
	d.setAtoms(conn, w, "_NET_WM_STATE", "_NET_WM_STATE_ABOVE", "_NET_WM_STATE_STICKY",
		"_NET_WM_STATE_SKIP_TASKBAR", "_NET_WM_STATE_SKIP_PAGER")
	d.set(conn, w, "_NET_WM_USER_TIME", xproto.AtomCardinal, 0) // EWMH: do not focus when mapped
	const inputHint, stateHint, normalState = 1, 2, 1
	d.set(conn, w, "WM_HINTS", xproto.AtomWmHints, inputHint|stateHint, 0, normalState, 0, 0, 0, 0, 0, 0)
	const decorations = 2
	d.set(conn, w, "_MOTIF_WM_HINTS", d.atom(conn, "_MOTIF_WM_HINTS"), decorations, 0, 0, 0, 0)
	class := []byte("calltray-popup\x00Calltray\x00")
	xproto.ChangeProperty(conn, xproto.PropModeReplace, w, xproto.AtomWmClass, xproto.AtomString, 8, uint32(len(class)), class)
	// The event mask is this connection's own; GLFW's stays.
	if err := xproto.ChangeWindowAttributesChecked(conn, w, xproto.CwOverrideRedirect|xproto.CwEventMask,
		[]uint32{1, xproto.EventMaskVisibilityChange}).Check(); err != nil {
		d.log.Warn("the popup may take the keyboard", "reason", err)
	}
}

// Raise puts a window above the others.
func (d *Desk) Raise(window uintptr) {
	if conn := d.windows(); conn != nil {
		raise(conn, xproto.Window(window))
	}
}

func raise(conn *xgb.Conn, w xproto.Window) {
	xproto.ConfigureWindow(conn, w, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove})
}

// keepAbove raises a dressed window again when another one is put over it, but not more often than
// raiseGap: two programs that both insist must not fight at full speed.
func (d *Desk) keepAbove(conn *xgb.Conn) {
	const raiseGap = time.Second
	var last time.Time
	for {
		event, err := conn.WaitForEvent()
		if event == nil && err == nil {
			return // the connection is closed
		}
		v, ok := event.(xproto.VisibilityNotifyEvent)
		if !ok || v.State == xproto.VisibilityUnobscured {
			continue
		}
		d.mu.Lock()
		ours := d.dressed[uint32(v.Window)]
		d.mu.Unlock()
		if ours {
			time.Sleep(raiseGap - time.Since(last))
			last = time.Now()
			raise(conn, v.Window)
		}
	}
}

// Minimise asks the window manager to make an icon of a window (ICCCM 4.1.4).
func (d *Desk) Minimise(window uintptr) bool {
	conn := d.windows()
	if conn == nil || window == 0 {
		return false
	}
	const iconicState = 3
	event := xproto.ClientMessageEvent{
		Format: 32,
		Window: xproto.Window(window),
		Type:   d.atom(conn, "WM_CHANGE_STATE"),
		Data:   xproto.ClientMessageDataUnionData32New([]uint32{iconicState, 0, 0, 0, 0}),
	}
	root := xproto.Setup(conn).DefaultScreen(conn).Root
	const mask = xproto.EventMaskSubstructureRedirect | xproto.EventMaskSubstructureNotify
	return xproto.SendEventChecked(conn, false, root, mask, string(event.Bytes())).Check() == nil
}

// atom returns the number of a name, 0 if the X server does not answer.
func (d *Desk) atom(conn *xgb.Conn, name string) xproto.Atom {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a, ok := d.atoms[name]; ok {
		return xproto.Atom(a)
	}
	reply, err := xproto.InternAtom(conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		return 0
	}
	d.atoms[name] = uint32(reply.Atom)
	return reply.Atom
}

func (d *Desk) setAtoms(conn *xgb.Conn, w xproto.Window, property string, names ...string) {
	var values []uint32
	for _, name := range names {
		values = append(values, uint32(d.atom(conn, name)))
	}
	d.set(conn, w, property, xproto.AtomAtom, values...)
}

// set replaces a property of 32-bit values.
func (d *Desk) set(conn *xgb.Conn, w xproto.Window, property string, kind xproto.Atom, values ...uint32) {
	data := make([]byte, 0, 4*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint32(data, v) // xgb speaks little-endian
	}
	xproto.ChangeProperty(conn, xproto.PropModeReplace, w, d.atom(conn, property), kind, 32, uint32(len(values)), data)
}
