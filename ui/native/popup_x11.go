//go:build linux || freebsd || openbsd || netbsd

package native

import (
	"errors"
	"image"
	"os"
	"strings"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// popup is the window that shows the popup's picture. Like notifications, it is one that the window manager
// ignores (override-redirect), so it is on top and on every workspace, in no task bar, and neither mapping nor
// clicking it moves the keyboard focus.
//
// The picture is a pixmap, the window's background: the X server repaints it by itself.
type popup struct {
	window xproto.Window // 0 until the first picture
	pixmap xproto.Pixmap
	size   image.Point // of the pixmap
	paint  xproto.Gcontext
	place  image.Rectangle // of the window
	shown  bool
}

// errNoX is why there is no popup.
var errNoX = errors.New("the X server does not answer")

// ShowsPictures reports whether a window of ours can show a picture: on an X server with the usual pixel
// format.
func (d *Desk) ShowsPictures() bool {
	if !d.Placed() {
		return false
	}
	conn := d.windows()
	if conn == nil {
		return false
	}
	setup := xproto.Setup(conn)
	screen := setup.DefaultScreen(conn)
	plain := false
	for _, f := range setup.PixmapFormats {
		plain = plain || f.Depth == screen.RootDepth && f.BitsPerPixel == 32
	}
	for _, depth := range screen.AllowedDepths {
		for _, v := range depth.Visuals {
			if v.VisualId == screen.RootVisual {
				return plain && setup.ImageByteOrder == xproto.ImageOrderLSBFirst && v.RedMask == 0xff0000 && v.GreenMask == 0xff00 && v.BlueMask == 0xff
			}
		}
	}
	return false
}

// Screens returns the monitors.
func (d *Desk) Screens() (all []image.Rectangle) {
	if !d.Placed() {
		return nil
	}
	if conn := d.windows(); conn != nil {
		for _, m := range askMonitors(conn)() {
			all = append(all, rectangle(m.place))
		}
	}
	return all
}

// PopupScreen returns the work area of the monitor with the largest part of a rectangle or, if that is empty,
// of the one with the pointer, and the number of pixels in a Fyne unit there; false while no monitor is
// attached.
func (d *Desk) PopupScreen(of image.Rectangle) (area image.Rectangle, scale float32, ok bool) {
	if !d.Placed() {
		return area, 0, false
	}
	conn := d.windows()
	if conn == nil {
		return area, 0, false
	}
	if d.popupWindow() == 0 { // creating it takes a dozen round trips: done early, the first popup does not wait for them
		if err := d.makePopup(conn); err != nil {
			return area, 0, false
		}
	}
	root := xproto.Setup(conn).DefaultScreen(conn).Root
	// Everything is requested before the first answer is awaited.
	screens, pointer, working := askMonitors(conn), xproto.QueryPointer(conn, root), d.askWorkArea(conn, root)
	all, work := screens(), working()
	p, err := pointer.Reply()
	if len(all) == 0 {
		return area, 0, false
	}
	if of.Empty() && err == nil {
		of = image.Rect(0, 0, 1, 1).Add(image.Pt(int(p.RootX), int(p.RootY)))
	}
	here, most := all[0], 0
	for _, m := range all {
		if common := rectangle(m.place).Intersect(of).Size(); common.X*common.Y > most {
			here, most = m, common.X*common.Y
		}
	}
	area = rectangle(here.place)
	if left := area.Intersect(work); !left.Empty() {
		area = left
	}
	return area, fyneScale(int(here.place.Width), int(here.width)), !area.Empty()
}

func rectangle(r xproto.Rectangle) image.Rectangle {
	return image.Rect(0, 0, int(r.Width), int(r.Height)).Add(image.Pt(int(r.X), int(r.Y)))
}

// askWorkArea requests the part of the screen that panels leave free, on the current workspace (EWMH,
// _NET_WORKAREA). The returned function waits for the answer.
func (d *Desk) askWorkArea(conn *xgb.Conn, root xproto.Window) func() image.Rectangle {
	ask := func(property string) xproto.GetPropertyCookie {
		return xproto.GetProperty(conn, false, root, d.atom(conn, property), xproto.AtomCardinal, 0, 1<<10)
	}
	areas, now := ask("_NET_WORKAREA"), ask("_NET_CURRENT_DESKTOP")
	return func() image.Rectangle { return workArea(numbers(areas), numbers(now)) }
}

// numbers reads a property of 32-bit values.
func numbers(asked xproto.GetPropertyCookie) (n []int) {
	reply, err := asked.Reply()
	if err != nil || reply.Format != 32 {
		return nil
	}
	for b := reply.Value; len(b) >= 4; b = b[4:] {
		n = append(n, int(int32(xgb.Get32(b))))
	}
	return n
}

// workArea returns that of the current workspace.
func workArea(areas, now []int) image.Rectangle {
	if len(now) > 0 && now[0] >= 0 && 4*now[0]+4 <= len(areas) {
		areas = areas[4*now[0]:]
	}
	if len(areas) < 4 {
		return image.Rectangle{}
	}
	return image.Rect(areas[0], areas[1], areas[0]+areas[2], areas[1]+areas[3])
}

// fyneScale returns the number of pixels in a unit on a monitor with so many pixels and millimetres. It is
// computed as Fyne does, so that the popup and the window have the same scale.
func fyneScale(pixels, millimetres int) float32 {
	const plain, least, most = 120, 10, 1000 // dots per inch
	switch strings.ToLower(os.Getenv("FYNE_DISABLE_DPI_DETECTION")) {
	case "true", "t", "1":
		return 1
	}
	if millimetres == 0 {
		return 1
	}
	dpi := float32(pixels) / (float32(millimetres) / 25.4)
	if dpi < least || dpi > most {
		return 1
	}
	return max(1, dpi/plain)
}

// PopupPointer makes f be called for what the pointer does on the popup.
func (d *Desk) PopupPointer(f func(at, desktop image.Point, on, pressed bool)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pointer = f
}

// PreparePopup sends a picture to the X server.
func (d *Desk) PreparePopup(picture *image.NRGBA, changed image.Rectangle) error {
	conn := d.windows()
	if conn == nil {
		return errNoX
	}
	if d.popupWindow() == 0 {
		if err := d.makePopup(conn); err != nil {
			return err
		}
	}
	p, depth, size := &d.popup, xproto.Setup(conn).DefaultScreen(conn).RootDepth, picture.Rect.Size()
	if p.pixmap == 0 || size != p.size {
		if p.pixmap != 0 {
			xproto.FreePixmap(conn, p.pixmap)
		}
		var err error
		if p.pixmap, err = xproto.NewPixmapId(conn); err != nil {
			return err
		}
		xproto.CreatePixmap(conn, depth, p.pixmap, xproto.Drawable(p.window), uint16(size.X), uint16(size.Y))
		p.size, changed = size, picture.Rect
	}
	paint(conn, p, depth, picture, changed)
	return nil
}

// ShowPopup puts a picture on the screen, or updates a part of it.
func (d *Desk) ShowPopup(picture *image.NRGBA, at image.Point, changed image.Rectangle) error {
	conn := d.windows()
	if conn == nil {
		return errNoX
	}
	cover := func() xproto.Window { return 0 }
	if !d.popup.shown {
		cover = d.recentCover(conn) // answered while the picture is being sent
	}
	if err := d.PreparePopup(picture, changed); err != nil {
		return err
	}
	p, place := &d.popup, picture.Rect.Sub(picture.Rect.Min).Add(at)
	xproto.ChangeWindowAttributes(conn, p.window, xproto.CwBackPixmap, []uint32{uint32(p.pixmap)})
	if place != p.place {
		p.place = place
		xproto.ConfigureWindow(conn, p.window, xproto.ConfigWindowX|xproto.ConfigWindowY|xproto.ConfigWindowWidth|xproto.ConfigWindowHeight,
			[]uint32{uint32(int32(at.X)), uint32(int32(at.Y)), uint32(place.Dx()), uint32(place.Dy())})
	}
	if !p.shown {
		p.shown = true
		raiseUnder(conn, p.window, cover()) // before it is mapped
		return xproto.MapWindowChecked(conn, p.window).Check()
	}
	if changed = changed.Sub(picture.Rect.Min); changed.Empty() { // to the X server, a width of 0 is everything
		return nil
	}
	return xproto.ClearAreaChecked(conn, false, p.window, int16(changed.Min.X), int16(changed.Min.Y), uint16(changed.Dx()), uint16(changed.Dy())).Check()
}

// HidePopup removes the popup from the screen.
func (d *Desk) HidePopup() {
	d.mu.Lock()
	conn, window := d.conn, d.popup.window
	d.mu.Unlock()
	if conn != nil && window != 0 {
		d.popup.shown = false
		xproto.UnmapWindow(conn, window)
	}
}

// popupWindow returns the window, 0 until there is one.
func (d *Desk) popupWindow() xproto.Window {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.popup.window
}

// makePopup creates the window. Its properties tell compositors and screen readers what it is, and a window
// manager that manages it all the same what to do.
func (d *Desk) makePopup(conn *xgb.Conn) error {
	screen := xproto.Setup(conn).DefaultScreen(conn)
	w, err := xproto.NewWindowId(conn)
	if err != nil {
		return err
	}
	const events = xproto.EventMaskVisibilityChange | xproto.EventMaskPointerMotion | xproto.EventMaskButtonPress | xproto.EventMaskButtonRelease |
		xproto.EventMaskEnterWindow | xproto.EventMaskLeaveWindow
	if err := xproto.CreateWindowChecked(conn, screen.RootDepth, w, screen.Root, 0, 0, 1, 1, 0, xproto.WindowClassInputOutput,
		screen.RootVisual, xproto.CwOverrideRedirect|xproto.CwEventMask, []uint32{1, events}).Check(); err != nil {
		return err
	}
	paint, err := xproto.NewGcontextId(conn)
	if err != nil {
		return err
	}
	xproto.CreateGC(conn, paint, xproto.Drawable(w), 0, nil)
	d.setAtoms(conn, w, "_NET_WM_WINDOW_TYPE", "_NET_WM_WINDOW_TYPE_NOTIFICATION")
	d.setAtoms(conn, w, "_NET_WM_STATE", "_NET_WM_STATE_ABOVE", "_NET_WM_STATE_STICKY",
		"_NET_WM_STATE_SKIP_TASKBAR", "_NET_WM_STATE_SKIP_PAGER")
	d.set(conn, w, "_NET_WM_USER_TIME", xproto.AtomCardinal, 0) // EWMH: do not focus when mapped
	d.set(conn, w, "_NET_WM_PID", xproto.AtomCardinal, uint32(os.Getpid()))
	const inputHint, stateHint, normalState = 1, 2, 1
	d.set(conn, w, "WM_HINTS", xproto.AtomWmHints, inputHint|stateHint, 0, normalState, 0, 0, 0, 0, 0, 0)
	for property, text := range map[xproto.Atom]string{xproto.AtomWmClass: "calltray-popup\x00Calltray\x00", xproto.AtomWmName: popupTitle} {
		xproto.ChangeProperty(conn, xproto.PropModeReplace, w, property, xproto.AtomString, 8, uint32(len(text)), []byte(text))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.popup = popup{window: w, paint: paint}
	return nil
}

// paint copies a part of a picture into the popup's pixmap, in stripes: a request of the X protocol has at most
// 256 KiB.
func paint(conn *xgb.Conn, p *popup, depth byte, picture *image.NRGBA, part image.Rectangle) {
	const most = 255 << 10
	part = part.Intersect(picture.Rect)
	if part.Empty() {
		return
	}
	rows := max(1, most/(4*part.Dx()))
	data := make([]byte, 0, 4*part.Dx()*min(rows, part.Dy()))
	for top := part.Min.Y; top < part.Max.Y; top += rows {
		bottom := min(top+rows, part.Max.Y)
		data = data[:0]
		for y := top; y < bottom; y++ {
			from := picture.PixOffset(part.Min.X, y)
			for row := picture.Pix[from : from+4*part.Dx()]; len(row) >= 4; row = row[4:] {
				data = append(data, row[2], row[1], row[0], 0xff) // X has blue first
			}
		}
		xproto.PutImage(conn, xproto.ImageFormatZPixmap, xproto.Drawable(p.pixmap), p.paint, uint16(part.Dx()), uint16(bottom-top),
			int16(part.Min.X-picture.Rect.Min.X), int16(top-picture.Rect.Min.Y), 0, depth, data)
	}
}

// follow handles the X server's events for the popup. It raises the popup again when another window covers it,
// but no more often than raiseGap: two programs that both insist must not fight at full speed.
func (d *Desk) follow(conn *xgb.Conn) {
	const raiseGap = time.Second
	var raised time.Time // or when it will be
	for {
		event, err := conn.WaitForEvent()
		if event == nil && err == nil {
			d.mu.Lock()
			if d.conn == conn {
				d.conn = nil // the connection is closed; the next popup tries again
			}
			d.mu.Unlock()
			return
		}
		const first = xproto.KeyButMaskButton1
		switch e := event.(type) {
		case xproto.VisibilityNotifyEvent:
			now := time.Now()
			if e.State == xproto.VisibilityUnobscured || e.Window != d.popupWindow() || raised.After(now) {
				continue
			}
			wait := max(0, raised.Add(raiseGap).Sub(now))
			raised = now.Add(wait)
			time.AfterFunc(wait, func() { d.raise(conn, e.Window) })
		case xproto.MotionNotifyEvent:
			d.pointed(e.EventX, e.EventY, e.RootX, e.RootY, true, e.State&first != 0)
		case xproto.EnterNotifyEvent:
			d.pointed(e.EventX, e.EventY, e.RootX, e.RootY, true, e.State&first != 0)
		case xproto.LeaveNotifyEvent:
			d.pointed(e.EventX, e.EventY, e.RootX, e.RootY, false, e.State&first != 0)
		case xproto.ButtonPressEvent:
			if e.Detail == xproto.ButtonIndex1 {
				d.pointed(e.EventX, e.EventY, e.RootX, e.RootY, true, true)
			}
		case xproto.ButtonReleaseEvent:
			if e.Detail == xproto.ButtonIndex1 {
				d.pointed(e.EventX, e.EventY, e.RootX, e.RootY, true, false)
			}
		}
	}
}

func (d *Desk) pointed(x, y, rootX, rootY int16, on, pressed bool) {
	d.mu.Lock()
	f := d.pointer
	d.mu.Unlock()
	if f != nil {
		f(image.Pt(int(x), int(y)), image.Pt(int(rootX), int(rootY)), on, pressed)
	}
}
