//go:build linux || freebsd || openbsd || netbsd

package native

import (
	"context"
	"encoding/binary"
	"errors"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/godbus/dbus/v5"
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"

	"calltray/internal/attention"
	"calltray/internal/sessionbus"
	"calltray/internal/xserver"
)

// Around asks the X server and the buses, all at once: a call is not shown before they have answered. That others see the
// screen is known only where two outputs show the same: no desktop tells which program records the screen.
func (d *Desk) Around(ctx context.Context, focus bool) (a attention.Desktop) {
	var locked, saver, quiet bool
	var buses sync.WaitGroup
	buses.Go(func() { locked = d.lockedSession(ctx) })
	buses.Go(func() { saver, quiet = d.sessionSays(ctx, focus) })
	if d.Placed() {
		if conn := d.windows(); conn != nil {
			a.FullScreen = d.fullScreen(conn)
			a.Locked = d.noteCover(conn).lock != 0
			a.Shared = mirrored(conn)
		}
	}
	buses.Wait()
	a.Locked, a.Focus = a.Locked || locked || saver, quiet
	return a
}

// keptBus is a connection to a bus that stays open: connecting takes several times as long as asking, and a call is
// not shown before the answer.
type keptBus struct {
	mu   sync.Mutex
	conn *dbus.Conn // nil until it is needed
}

// connected returns the connection. It connects if there is none, or if the bus has closed it; ctx limits only that.
func (k *keptBus) connected(ctx context.Context, connect func(...dbus.ConnOption) (*dbus.Conn, error)) (*dbus.Conn, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.conn != nil && k.conn.Connected() {
		return k.conn, nil
	}
	life, end := context.WithCancel(context.Background())
	keep := context.AfterFunc(ctx, end)
	conn, err := connect(dbus.WithContext(life))
	if err != nil || !keep() {
		end()
		return nil, errors.Join(err, ctx.Err())
	}
	k.conn = conn
	return conn, nil
}

// sessionSays asks the programs of the user's session whether the screen is locked, and, if focus matters, whether
// notifications are kept back.
func (d *Desk) sessionSays(ctx context.Context, focus bool) (locked, quiet bool) {
	if !sessionbus.Present() {
		return false, false
	}
	bus, err := d.sessionBus.connected(ctx, dbus.ConnectSessionBus)
	if err != nil {
		return false, false
	}
	var asked sync.WaitGroup
	if focus {
		asked.Go(func() { quiet = quieted(ctx, bus) })
	}
	locked = saved(ctx, bus)
	asked.Wait()
	return locked, quiet
}

// fullScreen reports whether the active window fills the screen (EWMH, _NET_WM_STATE).
func (d *Desk) fullScreen(conn *xgb.Conn) bool {
	root := xproto.Setup(conn).DefaultScreen(conn).Root
	active := d.values(conn, root, "_NET_ACTIVE_WINDOW", xproto.AtomWindow)
	if len(active) == 0 || active[0] == 0 {
		return false
	}
	full := uint32(d.atom(conn, "_NET_WM_STATE_FULLSCREEN"))
	for _, state := range d.values(conn, xproto.Window(active[0]), "_NET_WM_STATE", xproto.AtomAtom) {
		if state == full && full != 0 {
			return true
		}
	}
	return false
}

// values reads a property of 32-bit values.
func (d *Desk) values(conn *xgb.Conn, w xproto.Window, property string, kind xproto.Atom) (values []uint32) {
	reply, err := xproto.GetProperty(conn, false, w, d.atom(conn, property), kind, 0, 64).Reply()
	if err != nil || reply.Format != 32 {
		return nil
	}
	for data := reply.Value; len(data) >= 4; data = data[4:] {
		values = append(values, binary.LittleEndian.Uint32(data))
	}
	return values
}

// mirrored reports whether two outputs show the same content, as with a projector.
func mirrored(conn *xgb.Conn) bool {
	if !xserver.Has(conn, xserver.RandR) {
		return false
	}
	reply, err := randr.GetMonitors(conn, xproto.Setup(conn).DefaultScreen(conn).Root, true).Reply()
	if err != nil {
		return false
	}
	for _, m := range reply.Monitors {
		if len(m.Outputs) > 1 {
			return true
		}
	}
	return false
}

// lockedSession asks systemd's login manager (org.freedesktop.login1, LockedHint).
func (d *Desk) lockedSession(ctx context.Context) bool {
	bus, err := d.systemBus.connected(ctx, dbus.ConnectSystemBus)
	if err != nil {
		return false
	}
	var v dbus.Variant
	session := bus.Object("org.freedesktop.login1", "/org/freedesktop/login1/session/auto")
	err = session.CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart, "org.freedesktop.login1.Session", "LockedHint").Store(&v)
	locked, _ := v.Value().(bool)
	return err == nil && locked
}

// saved asks the desktop's screen saver, which is what locks in GNOME, KDE and Xfce.
func saved(ctx context.Context, bus *dbus.Conn) bool {
	var active atomic.Bool
	var asked sync.WaitGroup
	for _, name := range []string{"org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver", "org.xfce.ScreenSaver", "org.cinnamon.ScreenSaver", "org.mate.ScreenSaver"} {
		asked.Go(func() {
			path := dbus.ObjectPath("/" + strings.ReplaceAll(name, ".", "/"))
			var on bool
			if err := bus.Object(name, path).CallWithContext(ctx, name+".GetActive", dbus.FlagNoAutoStart).Store(&on); err == nil && on {
				active.Store(true)
			}
		})
	}
	asked.Wait()
	return active.Load()
}

// quieted reports whether the desktop holds notifications back: KDE's service says so itself, Xfce and GNOME
// have a setting for it.
func quieted(ctx context.Context, bus *dbus.Conn) bool {
	var v dbus.Variant
	notifications := bus.Object("org.freedesktop.Notifications", "/org/freedesktop/Notifications")
	err := notifications.CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart, "org.freedesktop.Notifications", "Inhibited").Store(&v)
	if on, is := v.Value().(bool); err == nil && is && on {
		return true
	}
	switch {
	case desktopIs("XFCE"):
		err = bus.Object("org.xfce.Xfconf", "/org/xfce/Xfconf").CallWithContext(ctx, "org.xfce.Xfconf.GetProperty", dbus.FlagNoAutoStart, "xfce4-notifyd", "/do-not-disturb").Store(&v)
		on, is := v.Value().(bool)
		return err == nil && is && on
	case desktopIs("GNOME", "Unity", "Budgie"):
		shows, err := exec.CommandContext(ctx, "gsettings", "get", "org.gnome.desktop.notifications", "show-banners").Output()
		return err == nil && strings.TrimSpace(string(shows)) == "false"
	}
	return false
}
