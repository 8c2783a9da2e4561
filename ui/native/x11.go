//go:build linux || freebsd || openbsd || netbsd

package native

import (
	"encoding/binary"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"
)

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
	conn, err := connectX()
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
	if d.cover(conn) != 0 {
		d.raise(conn, w) // under it, before it is mapped
	}
}

// Raise puts a window above the others, but for what covers the screen.
func (d *Desk) Raise(window uintptr) {
	if conn := d.windows(); conn != nil {
		d.raise(conn, xproto.Window(window))
	}
}

func (d *Desk) raise(conn *xgb.Conn, w xproto.Window) {
	if cover := d.cover(conn); cover != 0 {
		xproto.ConfigureWindow(conn, w, xproto.ConfigWindowSibling|xproto.ConfigWindowStackMode, []uint32{uint32(cover), xproto.StackModeBelow})
		return
	}
	xproto.ConfigureWindow(conn, w, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove})
}

// cover returns the lowest window that covers a whole screen and that no window manager manages, 0 if there is
// none. Screen lockers are made so, and nothing that names a caller may be above them.
func (d *Desk) cover(conn *xgb.Conn) xproto.Window {
	setup := xproto.Setup(conn)
	tree, err := xproto.QueryTree(conn, setup.DefaultScreen(conn).Root).Reply()
	if err != nil {
		return 0
	}
	screens := screenSizes(conn)
	attributes := make([]xproto.GetWindowAttributesCookie, len(tree.Children))
	sizes := make([]xproto.GetGeometryCookie, len(tree.Children))
	for i, w := range tree.Children { // asked together: one round trip
		attributes[i], sizes[i] = xproto.GetWindowAttributes(conn, w), xproto.GetGeometry(conn, xproto.Drawable(w))
	}
	cover := xproto.Window(0)
	for i, w := range tree.Children {
		a, aErr := attributes[i].Reply()
		g, gErr := sizes[i].Reply()
		if cover != 0 || aErr != nil || gErr != nil || !a.OverrideRedirect || a.MapState != xproto.MapStateViewable || a.Class != xproto.WindowClassInputOutput {
			continue
		}
		d.mu.Lock()
		ours := d.dressed[uint32(w)]
		d.mu.Unlock()
		if ours || uint32(w)&^setup.ResourceIdMask == 0 { // the X server's own, on which compositors draw
			continue
		}
		for _, s := range screens {
			if g.X <= s.X && g.Y <= s.Y && int(g.X)+int(g.Width) >= int(s.X)+int(s.Width) && int(g.Y)+int(g.Height) >= int(s.Y)+int(s.Height) {
				cover = w
			}
		}
	}
	return cover
}

// screenSizes returns where the monitors are, or the whole screen where the X server does not tell.
func screenSizes(conn *xgb.Conn) []xproto.Rectangle {
	screen := xproto.Setup(conn).DefaultScreen(conn)
	whole := []xproto.Rectangle{{Width: screen.WidthInPixels, Height: screen.HeightInPixels}}
	if !hasExtension(conn, extRandR) {
		return whole
	}
	if v, err := randr.QueryVersion(conn, 1, 5).Reply(); err != nil || v.MajorVersion == 1 && v.MinorVersion < 5 {
		return whole
	}
	reply, err := randr.GetMonitors(conn, screen.Root, true).Reply()
	if err != nil || len(reply.Monitors) == 0 {
		return whole
	}
	var all []xproto.Rectangle
	for _, m := range reply.Monitors {
		all = append(all, xproto.Rectangle{X: m.X, Y: m.Y, Width: m.Width, Height: m.Height})
	}
	return all
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
			d.raise(conn, v.Window)
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
