//go:build linux

package desktoptest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// The names of the tray's interfaces. (freedesktop.org StatusNotifierItem; KDE gave the bus names)
const (
	watcherName = "org.kde.StatusNotifierWatcher"
	itemName    = "org.kde.StatusNotifierItem"
	menuName    = "com.canonical.dbusmenu"
)

// trayHost reports whether the panel is ready to show tray icons.
func (d *Desktop) trayHost() bool {
	v, err := d.bus.Object(watcherName, "/StatusNotifierWatcher").GetProperty(watcherName + ".IsStatusNotifierHostRegistered")
	return err == nil && v.Value() == true
}

// Tray is the tray icon of one program.
type Tray struct {
	d    *Desktop
	name string // on the bus
}

// Tray returns the tray icon of a process. ok is false while the panel does not show one.
func (d *Desktop) Tray(pid int) (t Tray, ok bool) {
	v, err := d.bus.Object(watcherName, "/StatusNotifierWatcher").GetProperty(watcherName + ".RegisteredStatusNotifierItems")
	if err != nil {
		return t, false
	}
	registered, _ := v.Value().([]string)
	for _, item := range registered {
		name, _, _ := strings.Cut(item, "/")
		var owner uint32
		if d.bus.BusObject().Call("org.freedesktop.DBus.GetConnectionUnixProcessID", 0, name).Store(&owner) == nil && int(owner) == pid {
			return Tray{d, name}, true
		}
	}
	return t, false
}

func (t Tray) property(name string) dbus.Variant {
	v, _ := t.d.bus.Object(t.name, "/StatusNotifierItem").GetProperty(itemName + "." + name)
	return v
}

// Title is the icon's title.
func (t Tray) Title() string { s, _ := t.property("Title").Value().(string); return s }

// ToolTip is the text that the panel shows when the pointer rests on the icon.
func (t Tray) ToolTip() string {
	var tip struct {
		Icon        string
		Pixmaps     []pixmap
		Title, Text string
	}
	if v := t.property("ToolTip"); v.Value() == nil || v.Store(&tip) != nil {
		return ""
	}
	return strings.TrimSpace(tip.Title + " " + tip.Text)
}

type pixmap struct {
	Width, Height int32
	Pixels        []byte
}

// Icon returns the picture that the panel shows, as bytes that differ when the picture does.
func (t Tray) Icon() string {
	var list []pixmap
	if v := t.property("IconPixmap"); v.Value() == nil || v.Store(&list) != nil || len(list) == 0 {
		return ""
	}
	return string(list[0].Pixels)
}

// MenuItem is a line of the tray's menu.
type MenuItem struct {
	ID       int32
	Label    string
	Disabled bool
	Hidden   bool
	Checked  bool // has a tick
	Items    []MenuItem
}

type layout struct {
	ID         int32
	Properties map[string]dbus.Variant
	Children   []dbus.Variant
}

// Menu requests the program's menu, as the panel does when the menu is opened.
func (t Tray) Menu() ([]MenuItem, error) {
	menu := t.d.bus.Object(t.name, "/StatusNotifierItem/menu")
	var needed bool
	_ = menu.Call(menuName+".AboutToShow", 0, int32(0)).Store(&needed) // lets the program update its menu
	var revision uint32
	var top layout
	if err := menu.Call(menuName+".GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &top); err != nil {
		return nil, err
	}
	return items(top), nil
}

func items(l layout) (list []MenuItem) {
	for _, v := range l.Children {
		var child layout
		if dbus.Store([]any{v.Value()}, &child) != nil {
			continue
		}
		item := MenuItem{ID: child.ID, Items: items(child)}
		item.Label, _ = child.Properties["label"].Value().(string)
		if enabled, ok := child.Properties["enabled"].Value().(bool); ok {
			item.Disabled = !enabled
		}
		if visible, ok := child.Properties["visible"].Value().(bool); ok {
			item.Hidden = !visible
		}
		if state, ok := child.Properties["toggle-state"].Value().(int32); ok {
			item.Checked = state == 1
		}
		list = append(list, item)
	}
	return list
}

// Labels returns what a person can read in the menu, from top to bottom; a disabled line is in brackets, and
// one with a tick begins with "✓ ".
func (t Tray) Labels() []string {
	list, _ := t.Menu()
	return labels(list)
}

func labels(list []MenuItem) (s []string) {
	for _, m := range list {
		switch {
		case m.Hidden || m.Label == "":
		case m.Disabled:
			s = append(s, "("+ticked(m)+")")
		default:
			s = append(s, ticked(m))
		}
		if !m.Hidden {
			s = append(s, labels(m.Items)...)
		}
	}
	return s
}

func ticked(m MenuItem) string {
	if m.Checked {
		return "✓ " + m.Label
	}
	return m.Label
}

// readTime is how long a person takes to read a line that has changed. Calltray ignores a quicker click.
const readTime = time.Second

// Click clicks the first line of the menu whose label starts with the given text, once it can be clicked and
// has stayed the same long enough to be read. Lines get new numbers whenever a menu is rebuilt, so the line
// is looked up each time.
func (t Tray) Click(ctx context.Context, label string) error {
	var line MenuItem
	var since time.Time
	if err := t.d.Until(ctx, fmt.Sprintf("%q in the tray menu", label), func() bool {
		list, err := t.Menu()
		found, ok := find(list, label)
		if err != nil || !ok || found.ID != line.ID || found.Label != line.Label || found.Checked != line.Checked {
			line, since = found, time.Now()
			return false
		}
		return time.Since(since) > readTime
	}); err != nil {
		return fmt.Errorf("%w; it has %q", err, t.Labels())
	}
	err := t.d.bus.Object(t.name, "/StatusNotifierItem/menu").
		Call(menuName+".Event", 0, line.ID, "clicked", dbus.MakeVariant(""), uint32(0)).Err
	var failed dbus.Error
	if errors.As(err, &failed) && failed.Name == "org.freedesktop.DBus.Error.NoReply" {
		return nil // "Quit" may end the program before it has answered
	}
	return err
}

func find(list []MenuItem, label string) (MenuItem, bool) {
	for _, m := range list {
		if m.Hidden {
			continue
		}
		if strings.HasPrefix(m.Label, label) && !m.Disabled {
			return m, true
		}
		if below, ok := find(m.Items, label); ok {
			return below, true
		}
	}
	return MenuItem{}, false
}

// Has reports whether the menu has a line that starts with the given text.
func (t Tray) Has(label string) bool {
	return slices.ContainsFunc(t.Labels(), func(s string) bool { return strings.HasPrefix(strings.TrimLeft(s, "(✓ "), label) })
}

// Can reports whether the menu has a line that starts with the given text and can be clicked.
func (t Tray) Can(label string) bool {
	list, err := t.Menu()
	_, ok := find(list, label)
	return err == nil && ok
}

// Activate is a left click on the icon.
func (t Tray) Activate() error {
	return t.d.bus.Object(t.name, "/StatusNotifierItem").Call(itemName+".Activate", 0, int32(0), int32(0)).Err
}
