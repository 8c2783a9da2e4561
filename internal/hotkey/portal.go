//go:build linux || freebsd || openbsd || netbsd

package hotkey

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"calltray/internal/sessionbus"
)

// The portal through which Wayland desktops give keys to programs (XDG Desktop Portal, GlobalShortcuts). The
// desktop asks the user, who may choose other keys there.
const (
	portalName      = "org.freedesktop.portal.Desktop"
	portalPath      = "/org/freedesktop/portal/desktop"
	portalShortcuts = "org.freedesktop.portal.GlobalShortcuts"
	portalRequest   = "org.freedesktop.portal.Request"
	portalSession   = "org.freedesktop.portal.Session"
	portalRegistry  = "org.freedesktop.host.portal.Registry"

	appID = "dk.calltray.Calltray" // the name of the desktop entry
)

var (
	// errLostBus: the session bus disappeared, or the desktop took the keys back.
	errLostBus = errors.New("hotkey: the desktop's portal is gone")
	// errEnded: the portal ended, because it crashed or was upgraded.
	errEnded = errors.New("hotkey: the desktop's portal has ended")
)

// How often to look for the portal after it has ended, and at which interval.
const (
	portalTries = 30
	portalPause = 2 * time.Second
)

// watchPortal asks the portal for the keys, and asks again after it was restarted.
func watchPortal(ctx context.Context, bindings []Binding, told func(Binding, error), pressed func(Binding)) error {
	for left := 0; ; left-- {
		err := watchOnePortal(ctx, bindings, told, pressed)
		switch {
		case errors.Is(err, errEnded):
			left = portalTries
		case left <= 0 || !errors.Is(err, ErrUnsupported):
			return err
		}
		select {
		case <-time.After(portalPause):
		case <-ctx.Done():
			return nil
		}
	}
}

// watchOnePortal is watchPortal until the portal ends.
func watchOnePortal(ctx context.Context, bindings []Binding, told func(Binding, error), pressed func(Binding)) error {
	if !sessionbus.Present() {
		return fmt.Errorf("%w: there is no session bus", ErrUnsupported)
	}
	bus, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	defer bus.Close()
	p := portal{bus: bus, object: bus.Object(portalName, portalPath), signals: make(chan *dbus.Signal, 16)}
	if _, err := p.object.GetProperty(portalShortcuts + ".version"); err != nil {
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	bus.Signal(p.signals)
	for _, from := range []string{portalRequest, portalShortcuts, portalSession} {
		if err := bus.AddMatchSignalContext(ctx, dbus.WithMatchSender(portalName), dbus.WithMatchInterface(from)); err != nil {
			return fmt.Errorf("%w: %w", ErrUnsupported, err)
		}
	}
	if err := bus.AddMatchSignalContext(ctx, dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, portalName)); err != nil {
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	// A program outside a sandbox identifies itself; portals before 1.20 do not require it.
	_ = p.object.CallWithContext(ctx, portalRegistry+".Register", 0, appID, map[string]dbus.Variant{}).Err

	made, err := p.ask(ctx, "CreateSession", map[string]dbus.Variant{"session_handle_token": dbus.MakeVariant("calltray")})
	if err != nil {
		return over(ctx, err)
	}
	session, _ := made["session_handle"].Value().(string)
	type shortcut struct {
		ID    string
		About map[string]dbus.Variant
	}
	var wanted []shortcut
	for _, b := range bindings {
		wanted = append(wanted, shortcut{b.ID, map[string]dbus.Variant{"description": dbus.MakeVariant(b.What), "preferred_trigger": dbus.MakeVariant(b.Key.trigger())}})
	}
	bound, err := p.ask(ctx, "BindShortcuts", map[string]dbus.Variant{}, dbus.ObjectPath(session), wanted, "")
	if err != nil {
		return over(ctx, err)
	}
	var given []shortcut
	if v, ok := bound["shortcuts"]; ok {
		_ = v.Store(&given)
	}
	byID := map[string]Binding{}
	for _, g := range given {
		byID[g.ID] = Binding{}
	}
	for _, b := range bindings {
		if _, ok := byID[b.ID]; !ok {
			told(b, ErrRefused)
			continue
		}
		byID[b.ID] = b
		told(b, nil)
	}
	for {
		s, err := p.next(ctx)
		if err != nil {
			return over(ctx, err)
		}
		switch {
		case s.Name == portalSession+".Closed" && string(s.Path) == session:
			return errLostBus
		case s.Name == portalShortcuts+".Activated" && len(s.Body) > 1:
			id, _ := s.Body[1].(string)
			if b, ok := byID[id]; ok && fmt.Sprint(s.Body[0]) == session {
				pressed(b)
			}
		}
	}
}

// over returns what watch returns for an error: nil if ctx ended.
func over(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// portal is the desktop's portal.
type portal struct {
	bus     *dbus.Conn
	object  dbus.BusObject
	signals chan *dbus.Signal
	asked   int
}

// next waits for a signal. A portal that ends does not say so: the bus does.
func (p *portal) next(ctx context.Context) (*dbus.Signal, error) {
	select {
	case s := <-p.signals:
		switch {
		case s == nil:
			return nil, errLostBus
		case s.Name == "org.freedesktop.DBus.NameOwnerChanged":
			return nil, errEnded
		}
		return s, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// ask calls a method, which the portal answers with a signal once the user has decided (XDG Desktop Portal,
// Request). options are its last argument.
func (p *portal) ask(ctx context.Context, method string, options map[string]dbus.Variant, args ...any) (map[string]dbus.Variant, error) {
	p.asked++
	token := fmt.Sprintf("calltray%d", p.asked)
	options["handle_token"] = dbus.MakeVariant(token)
	sender := strings.ReplaceAll(strings.TrimPrefix(p.bus.Names()[0], ":"), ".", "_")
	handle := dbus.ObjectPath(portalPath + "/request/" + sender + "/" + token)
	var told dbus.ObjectPath
	if err := p.object.CallWithContext(ctx, portalShortcuts+"."+method, 0, append(args, options)...).Store(&told); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	for {
		s, err := p.next(ctx)
		if err != nil {
			return nil, err
		}
		if s.Name != portalRequest+".Response" || s.Path != handle && s.Path != told || len(s.Body) < 2 {
			continue
		}
		results, _ := s.Body[1].(map[string]dbus.Variant)
		if code, _ := s.Body[0].(uint32); code != 0 {
			return nil, ErrRefused
		}
		return results, nil
	}
}

// trigger returns a key in the portal's notation (XDG shortcuts specification).
func (k Key) trigger() string {
	var parts []string
	for _, modifier := range []struct {
		name string
		held bool
	}{{"CTRL", k.Ctrl}, {"ALT", k.Alt}, {"SHIFT", k.Shift}, {"LOGO", k.Super}} {
		if modifier.held {
			parts = append(parts, modifier.name)
		}
	}
	name := map[string]string{"Space": "space", "PageUp": "Page_Up", "PageDown": "Page_Down"}[k.Name]
	switch {
	case name != "":
	case len(k.Name) == 1:
		name = strings.ToLower(k.Name)
	default:
		name = k.Name
	}
	return strings.Join(append(parts, name), "+")
}
