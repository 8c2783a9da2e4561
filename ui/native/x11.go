//go:build linux || freebsd || openbsd || netbsd

package native

import (
	"encoding/binary"
	"image"
	"slices"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"

	"calltray/internal/xserver"
)

// windows returns the connection for showing the popup and changing Fyne's windows, nil without an X server. It
// is separate from GLFW's.
func (d *Desk) windows() *xgb.Conn {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn != nil {
		return d.conn
	}
	conn, err := xserver.Connect()
	if err != nil {
		d.log.Warn("no connection to the X server for the popup", "reason", err)
		return nil
	}
	d.conn, d.popup, d.atoms = conn, popup{}, make(map[string]uint32)
	go d.follow(conn)
	return conn
}

// raise puts the popup above the others, except those that it must be below. While that is a menu, it looks again: what
// covers the popup when the menu closes may have come meanwhile, and the X server reports only the first to cover it.
func (d *Desk) raise(conn *xgb.Conn, w xproto.Window) {
	c := d.askCover(conn)()
	raiseUnder(conn, w, c.lowest)
	if c.shown && c.lowest != c.lock {
		time.AfterFunc(menuGap, func() { d.raise(conn, w) })
	}
}

// menuGap is how often raise looks whether a menu is still open.
const menuGap = time.Second

// raiseUnder puts a window above the others, but below cover, if there is one.
func raiseUnder(conn *xgb.Conn, w, cover xproto.Window) {
	if cover != 0 {
		xproto.ConfigureWindow(conn, w, xproto.ConfigWindowSibling|xproto.ConfigWindowStackMode, []uint32{uint32(cover), xproto.StackModeBelow})
		return
	}
	xproto.ConfigureWindow(conn, w, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove})
}

// cover is what the popup must be below.
type cover struct {
	// lock is the lowest window that covers a whole screen and is not managed by the window manager, 0 if there is none.
	// Screen lockers use such windows, and nothing that names a caller may be above them.
	lock xproto.Window
	// lowest is that window or an open menu, whichever is lower: whoever has opened a menu, such as the tray's in the
	// popup's corner, wants to read it.
	lowest xproto.Window
	shown  bool // the popup is on the screen
}

// noteCover returns the cover, and notes it for recentCover.
func (d *Desk) noteCover(conn *xgb.Conn) cover {
	c := d.askCover(conn)()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.covered, d.looked = c, time.Now()
	return c
}

// recentCover requests the lowest window that the popup must be below, 0 if there is none, unless it has only just been
// noted: a call is shown right after the desktop was asked about it. The returned function waits for the answer.
func (d *Desk) recentCover(conn *xgb.Conn) func() xproto.Window {
	const recent = time.Second / 10
	d.mu.Lock()
	c, looked := d.covered, d.looked
	d.mu.Unlock()
	if time.Since(looked) < recent {
		return func() xproto.Window { return c.lowest }
	}
	asked := d.askCover(conn)
	return func() xproto.Window { return asked().lowest }
}

// askCover requests the cover. The returned function waits for the answer.
func (d *Desk) askCover(conn *xgb.Conn) func() cover {
	windows, screens := xproto.QueryTree(conn, xproto.Setup(conn).DefaultScreen(conn).Root), askMonitors(conn)
	return func() cover {
		tree, err := windows.Reply()
		places := screens()
		if err != nil {
			return cover{}
		}
		return d.coverAmong(conn, tree.Children, places)
	}
}

// coverAmong finds the cover among the screen's windows, the lowest of which is the first.
func (d *Desk) coverAmong(conn *xgb.Conn, children []xproto.Window, screens []monitor) (c cover) {
	setup := xproto.Setup(conn)
	attributes := make([]xproto.GetWindowAttributesCookie, len(children))
	sizes := make([]xproto.GetGeometryCookie, len(children))
	for i, w := range children { // requested together: one round trip
		attributes[i], sizes[i] = xproto.GetWindowAttributes(conn, w), xproto.GetGeometry(conn, xproto.Drawable(w))
	}
	var unmanaged []xproto.Window
	var types []xproto.GetPropertyCookie
	for i, w := range children {
		a, aErr := attributes[i].Reply()
		g, gErr := sizes[i].Reply()
		if aErr != nil || gErr != nil || !a.OverrideRedirect || a.MapState != xproto.MapStateViewable || a.Class != xproto.WindowClassInputOutput {
			continue
		}
		if w == d.popupWindow() {
			c.shown = true
			continue
		}
		if uint32(w)&^setup.ResourceIdMask == 0 { // the X server's own window, on which compositors draw
			continue
		}
		unmanaged = append(unmanaged, w)
		types = append(types, xproto.GetProperty(conn, false, w, d.atom(conn, "_NET_WM_WINDOW_TYPE"), xproto.AtomAtom, 0, 16))
		for _, m := range screens {
			s := m.place
			if c.lock == 0 && g.X <= s.X && g.Y <= s.Y && int(g.X)+int(g.Width) >= int(s.X)+int(s.Width) && int(g.Y)+int(g.Height) >= int(s.Y)+int(s.Height) {
				c.lock = w
			}
		}
	}
	for i, w := range unmanaged {
		if menu := d.isMenu(conn, numbers(types[i])); c.lowest == 0 && (menu || w == c.lock) {
			c.lowest = w
		}
	}
	return c
}

// isMenu reports whether a window's types (EWMH, _NET_WM_WINDOW_TYPE) are those of an open menu.
func (d *Desk) isMenu(conn *xgb.Conn, types []int) bool {
	for _, name := range []string{"_NET_WM_WINDOW_TYPE_POPUP_MENU", "_NET_WM_WINDOW_TYPE_DROPDOWN_MENU", "_NET_WM_WINDOW_TYPE_COMBO"} {
		if slices.Contains(types, int(d.atom(conn, name))) {
			return true
		}
	}
	return false
}

// monitor is a physical screen.
type monitor struct {
	place xproto.Rectangle // in pixels
	width uint32           // in millimetres; 0 if unknown
}

// askMonitors requests the monitors. The returned function waits for the answer: the whole screen as one if the
// X server does not say.
func askMonitors(conn *xgb.Conn) func() []monitor {
	screen := xproto.Setup(conn).DefaultScreen(conn)
	whole := []monitor{{xproto.Rectangle{Width: screen.WidthInPixels, Height: screen.HeightInPixels}, uint32(screen.WidthInMillimeters)}}
	if !xserver.Has(conn, xserver.RandR) {
		return func() []monitor { return whole }
	}
	asked := randr.GetMonitors(conn, screen.Root, true)
	return func() []monitor {
		reply, err := asked.Reply()
		if err != nil {
			return whole
		}
		var all []monitor
		for _, m := range reply.Monitors {
			all = append(all, monitor{xproto.Rectangle{X: m.X, Y: m.Y, Width: m.Width, Height: m.Height}, m.WidthInMillimeters})
		}
		return all
	}
}

// WindowPlace asks the X server.
func (d *Desk) WindowPlace(window uintptr) (at image.Point, ok bool) {
	conn := d.windows()
	if conn == nil || window == 0 {
		return at, false
	}
	root := xproto.Setup(conn).DefaultScreen(conn).Root
	reply, err := xproto.TranslateCoordinates(conn, xproto.Window(window), root, 0, 0).Reply()
	if err != nil {
		return at, false
	}
	return image.Pt(int(reply.DstX), int(reply.DstY)), true
}

// Minimise asks the window manager to iconify a window (ICCCM 4.1.4).
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

// atom returns the atom of a name, 0 if the X server does not answer.
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
