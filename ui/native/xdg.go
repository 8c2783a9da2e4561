//go:build linux || freebsd || openbsd || netbsd

package native

import (
	"context"
	"image"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/jezek/xgb"

	"calltray/internal/sessionbus"
)

// desk is the state for a freedesktop.org desktop.
type desk struct {
	mu    sync.Mutex
	conn  *xgb.Conn // to the X server, for windows; nil until needed
	atoms map[string]uint32
	popup popup

	covered cover     // the result of noteCover
	looked  time.Time // when that was

	sessionBus, systemBus keptBus

	pointer func(at, desktop image.Point, on, pressed bool) // receives what the pointer does on the popup; nil until set
	copied  *copied                                         // what SetClipboard offers; nil while there is nothing
}

// noDisplay is why no window can be opened in a session without a screen.
type noDisplay struct{}

func (noDisplay) Error() string { return "native: no display" }

// Sentence is what the user reads.
func (noDisplay) Sentence() string {
	return "There is no display: start Calltray in a graphical session, or use “calltray monitor” and “calltray dial”."
}

// Display returns why no window can be opened.
func (d *Desk) Display() error {
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return noDisplay{}
	}
	return nil
}

// Placed reports whether windows will be X11 windows. Fyne chooses X11 even in a Wayland session if the
// compositor leaves window frames to programs, as GNOME does.
func (d *Desk) Placed() bool {
	wayland, x11 := os.Getenv("WAYLAND_DISPLAY") != "", os.Getenv("DISPLAY") != ""
	switch os.Getenv("FYNE_PLATFORM") {
	case "x11":
		return x11
	case "wayland":
		return false
	}
	return x11 && (!wayland || desktopIs("GNOME"))
}

// desktopIs looks names up in XDG_CURRENT_DESKTOP, a colon-separated list.
func desktopIs(names ...string) bool {
	for have := range strings.SplitSeq(os.Getenv("XDG_CURRENT_DESKTOP"), ":") {
		for _, name := range names {
			if strings.EqualFold(have, name) {
				return true
			}
		}
	}
	return false
}

// WatchPanel calls report with whether the panel is dark. The panels of GNOME, Unity and Xfce are, whatever the
// rest of the desktop looks like; elsewhere it follows the desktop's preference, as in WatchScheme.
func (d *Desk) WatchPanel(ctx context.Context, report func(dark bool)) {
	switch os.Getenv("FYNE_THEME") {
	case "dark":
		report(true)
	case "light":
		report(false)
	default:
		if desktopIs("GNOME", "Unity", "XFCE") {
			report(true)
			return
		}
		d.WatchScheme(ctx, report)
	}
}

// The desktop's preferred appearance is at its settings portal (XDG Desktop Portal, Settings).
const (
	portalName      = "org.freedesktop.portal.Desktop"
	portalPath      = "/org/freedesktop/portal/desktop"
	portalSettings  = "org.freedesktop.portal.Settings"
	portalNamespace = "org.freedesktop.appearance"
	portalScheme    = "color-scheme"
	preferDark      = 1
)

// preferred reports whether the desktop prefers dark.
func preferred(ctx context.Context, bus *dbus.Conn) (dark bool, err error) {
	var v dbus.Variant
	if err := bus.Object(portalName, portalPath).CallWithContext(ctx, portalSettings+".Read", dbus.FlagNoAutoStart,
		portalNamespace, portalScheme).Store(&v); err != nil {
		return false, err
	}
	return isDark(v), nil
}

// isDark reads a value of the portal, which wraps its answers twice.
func isDark(v dbus.Variant) bool {
	for {
		inner, ok := v.Value().(dbus.Variant)
		if !ok {
			break
		}
		v = inner
	}
	scheme, _ := v.Value().(uint32)
	return scheme == preferDark
}

// WatchScheme calls report with the desktop's preferred appearance, and again when that changes. It returns
// when ctx ends, or at once if there is no portal. Fyne asks only after it has started.
func (d *Desk) WatchScheme(ctx context.Context, report func(dark bool)) {
	if os.Getenv("FYNE_THEME") != "" || !d.HasTray() {
		return
	}
	bus, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return
	}
	defer bus.Close()
	signals := make(chan *dbus.Signal, 16)
	bus.Signal(signals)
	if err := bus.AddMatchSignalContext(ctx, dbus.WithMatchInterface(portalSettings), dbus.WithMatchObjectPath(portalPath)); err != nil {
		return
	}
	asked, cancel := context.WithTimeout(ctx, busLimit)
	dark, err := preferred(asked, bus)
	cancel()
	if err != nil {
		return
	}
	report(dark)
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-signals:
			if s == nil {
				return // the bus is gone
			}
			var namespace, key string
			var v dbus.Variant
			if dbus.Store(s.Body, &namespace, &key, &v) == nil && namespace == portalNamespace && key == portalScheme {
				report(isDark(v))
			}
		}
	}
}

const (
	busLimit = 2 * time.Second
	// At login the panel may start after us: it gets this long before the user is told that there is no tray.
	panelLimit = 6 * time.Second
)

// HasTray reports whether there is a session bus for an icon.
func (d *Desk) HasTray() bool { return sessionbus.Present() }

// TrayNeedsLoop: the icon lives on the session bus.
func (d *Desk) TrayNeedsLoop() bool { return false }

const (
	watcherName = "org.kde.StatusNotifierWatcher"
	watcherPath = "/StatusNotifierWatcher"
)

// WatchTray reports whether a host shows StatusNotifierItems (freedesktop's specification of that name).
func (d *Desk) WatchTray(ctx context.Context, report func(shown bool)) {
	if !d.HasTray() {
		report(false)
		return
	}
	bus, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		report(false)
		return
	}
	defer bus.Close()
	signals := make(chan *dbus.Signal, 16)
	bus.Signal(signals)
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, watcherName)},
		{dbus.WithMatchInterface(watcherName), dbus.WithMatchObjectPath(watcherPath)},
	} {
		if err := bus.AddMatchSignalContext(ctx, match...); err != nil {
			report(false)
			return
		}
	}
	shown := hostRegistered(ctx, bus)
	if shown {
		report(true)
	}
	patience := time.NewTimer(panelLimit)
	defer patience.Stop()
	for told := shown; ; {
		select {
		case <-ctx.Done():
			return
		case <-patience.C:
			if !told {
				told = true
				report(shown)
			}
		case s := <-signals:
			if s == nil { // the bus is gone, and the icon with it
				if ctx.Err() == nil {
					report(false)
				}
				return
			}
			now := hostRegistered(ctx, bus)
			if now != shown && (told || now) {
				told = true
				report(now)
			}
			shown = now
		}
	}
}

func hostRegistered(ctx context.Context, bus *dbus.Conn) bool {
	ctx, cancel := context.WithTimeout(ctx, busLimit)
	defer cancel()
	var v dbus.Variant
	err := bus.Object(watcherName, watcherPath).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get",
		dbus.FlagNoAutoStart, watcherName, "IsStatusNotifierHostRegistered").Store(&v)
	shown, ok := v.Value().(bool)
	return err == nil && ok && shown
}

// Links does nothing: on this system, a link is an argument of a second start.
func Links(func(link string)) {}
