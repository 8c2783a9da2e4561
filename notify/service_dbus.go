//go:build !windows && !darwin

package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"image"
	"image/draw"
	"image/png"
	"log/slog"
	"os/exec"
	"sync"
	"time"

	"github.com/esiqveland/notify"
	"github.com/godbus/dbus/v5"
)

// The notification service on the bus. (Desktop Notifications Specification 1.3)
const (
	service    = "org.freedesktop.Notifications"
	objectPath = "/org/freedesktop/Notifications"
	busName    = "org.freedesktop.DBus"
)

// dbusDesktop talks to the notification service over its own bus connection, which is made when first needed,
// and again after it has broken.
//
// The signals are read here and not by the notify package, whose reader trusts any sender and panics on a
// signal with an unexpected body.
type dbusDesktop struct {
	cfg    Config
	emit   func(event)
	icon   *image.RGBA
	ctx    context.Context // ends with stop, and closes the connection
	cancel context.CancelFunc
	done   sync.WaitGroup // the readers of signals

	conn *dbus.Conn // show and close are called one at a time, and own it

	mu    sync.Mutex
	owner string          // the service's unique bus name; "" if there is none
	caps  map[string]bool // the owner's capabilities; nil if not yet requested
}

func newDesktop(cfg Config, emit func(event)) desktop {
	d := &dbusDesktop{cfg: cfg, emit: emit}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	if img, err := png.Decode(bytes.NewReader(cfg.Icon)); err == nil {
		d.icon = image.NewRGBA(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
		draw.Draw(d.icon, d.icon.Bounds(), img, img.Bounds().Min, draw.Src)
	} else if len(cfg.Icon) > 0 {
		cfg.Logger.Warn("the notification icon is no PNG", slog.Any("error", err))
	}
	return d
}

func (d *dbusDesktop) stop() {
	d.mu.Lock()
	d.cancel() // closes the connection, which ends pending calls and the reader
	d.mu.Unlock()
	d.done.Wait()
}

func (d *dbusDesktop) show(n notice, replaces uint32) (uint32, error) {
	if err := d.connect(); err != nil {
		return 0, err
	}
	caps, err := d.capabilities()
	if absent(err) && hasDialogs() {
		// A bus without the service: beeep shows a dialog then. It is not used where it could only try the
		// service once more: a service that started at this moment would show a notification that cannot be
		// closed.
		if id, plainErr := (plain{d.cfg}).show(n, replaces); plainErr == nil {
			return id, nil
		}
	}
	if absent(err) {
		err = fmt.Errorf("%w: %w", ErrNoService, err)
	}
	if err != nil {
		return 0, err
	}
	return notify.SendNotification(d.conn, d.notification(n, replaces, caps))
}

// hasDialogs reports whether KDE's dialogs are installed, which beeep can use instead of the service.
func hasDialogs() bool {
	_, err := exec.LookPath("kdialog")
	return err == nil
}

// absent reports whether an error says that the service's name has no owner and none can be started.
func absent(err error) bool {
	var e dbus.Error
	return errors.As(err, &e) && (e.Name == "org.freedesktop.DBus.Error.ServiceUnknown" || e.Name == "org.freedesktop.DBus.Error.NameHasNoOwner")
}

// notification returns a notice in the terms of the specification.
func (d *dbusDesktop) notification(n notice, replaces uint32, caps map[string]bool) notify.Notification {
	m := notify.Notification{
		AppName:    d.cfg.AppName,
		ReplacesID: replaces,
		Summary:    sentence(n.title, maxText),
		Body:       sentence(n.body, maxBody),
		Hints: map[string]dbus.Variant{
			"suppress-sound": dbus.MakeVariant(true), // the telephone rings
		},
		ExpireTimeout: notify.ExpireTimeoutNever,
	}
	if caps["body-markup"] {
		m.Body = html.EscapeString(m.Body)
	}
	if d.cfg.DesktopEntry != "" {
		m.Hints["desktop-entry"] = dbus.MakeVariant(d.cfg.DesktopEntry)
	}
	if d.icon != nil {
		m.AddHint(notify.HintImageDataRGBA(d.icon))
	}
	m.SetUrgency(notify.UrgencyNormal)
	switch n.kind {
	case noticeRinging:
		m.SetUrgency(notify.UrgencyCritical)
		m.Hints["category"] = dbus.MakeVariant("call.incoming")
		m.Hints["resident"] = dbus.MakeVariant(true) // an action that fails can be chosen again
	case noticeMissed:
		m.Hints["category"] = dbus.MakeVariant("call.unanswered")
	case noticeLost:
		m.Hints["category"] = dbus.MakeVariant("network.disconnected")
	case noticeBack:
		m.SetUrgency(notify.UrgencyLow)
		m.Hints["category"] = dbus.MakeVariant("network.connected")
		m.ExpireTimeout = 15 * time.Second
	case noticeTest:
		m.Hints["transient"] = dbus.MakeVariant(true) // not kept in a list
		m.ExpireTimeout = 8 * time.Second
	}
	if !caps["actions"] || n.kind == noticeTest {
		return m
	}
	if d.cfg.OnOpen != nil {
		m.Actions = append(m.Actions, notify.Action{Key: actionOpen, Label: d.cfg.Say("Open")})
	}
	switch n.kind {
	case noticeMissed:
		if n.number != "" && d.cfg.OnCallBack != nil {
			m.Actions = append(m.Actions, notify.Action{Key: actionCallBack, Label: d.cfg.Say("Call back")})
		}
	case noticeRinging:
		if d.cfg.OnAnswer != nil {
			m.Actions = append(m.Actions, notify.Action{Key: actionAnswer, Label: d.cfg.Say("Answer")})
		}
		if d.cfg.OnHangUp != nil {
			m.Actions = append(m.Actions, notify.Action{Key: actionHangUp, Label: d.cfg.Say("Decline")})
		}
	}
	return m
}

func (d *dbusDesktop) close(id uint32) error {
	if d.conn == nil || !d.conn.Connected() {
		return nil // the id went with the connection's service
	}
	return d.conn.Object(service, objectPath).Call(service+".CloseNotification", dbus.FlagNoAutoStart, id).Err
}

// capabilities asks the service once in its lifetime. Asking starts it, if the bus can.
func (d *dbusDesktop) capabilities() (map[string]bool, error) {
	d.mu.Lock()
	caps := d.caps
	d.mu.Unlock()
	if caps != nil {
		return caps, nil
	}
	list, err := notify.GetCapabilities(d.conn)
	if err != nil {
		return nil, err
	}
	caps = map[string]bool{}
	for _, c := range list {
		caps[c] = true
	}
	d.mu.Lock()
	d.caps = caps
	d.mu.Unlock()
	return caps, nil
}

// connect makes the connection, unless there is one that works.
func (d *dbusDesktop) connect() error {
	if d.conn != nil && d.conn.Connected() {
		return nil
	}
	d.conn = nil
	// Without a session bus, there are no notifications: one that is started here, as godbus would do with
	// dbus-launch, has no services and stays behind.
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(d.ctx), dbus.WithSignalHandler(dbus.NewSequentialSignalHandler()))
	if err != nil {
		return fmt.Errorf("%w: no D-Bus session: %w", ErrNoService, err)
	}
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	err = conn.Auth(nil)
	if err == nil {
		err = conn.Hello()
	}
	if err == nil {
		err = conn.AddMatchSignal(dbus.WithMatchSender(service), dbus.WithMatchInterface(service), dbus.WithMatchObjectPath(objectPath))
	}
	if err == nil {
		err = conn.AddMatchSignal(dbus.WithMatchSender(busName), dbus.WithMatchInterface(busName),
			dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, service))
	}
	if err != nil {
		_ = conn.Close()
		return fmt.Errorf("D-Bus: %w", err)
	}
	var owner string
	_ = conn.BusObject().Call(busName+".GetNameOwner", 0, service).Store(&owner) // "" if the name has no owner
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.ctx.Err(); err != nil {
		_ = conn.Close()
		return err
	}
	d.conn, d.owner, d.caps = conn, owner, nil
	d.done.Go(func() { d.listen(signals) })
	return nil
}

// listen reads the signals of one connection, until it is closed.
func (d *dbusDesktop) listen(signals <-chan *dbus.Signal) {
	for s := range signals {
		d.hear(s)
	}
	d.own("", true)
}

// hear handles a signal. Any program on the bus can send one: it counts only if it comes from the service
// itself or from the bus, and has the form that the specification gives.
func (d *dbusDesktop) hear(s *dbus.Signal) {
	if s.Sender == busName && s.Name == busName+".NameOwnerChanged" {
		var name, old, owner string
		if dbus.Store(s.Body, &name, &old, &owner) == nil && name == service {
			d.own(owner, old != "")
		}
		return
	}
	d.mu.Lock()
	owner := d.owner
	d.mu.Unlock()
	if owner == "" || s.Sender != owner || s.Path != objectPath {
		return
	}
	var id, reason uint32
	var action string
	switch s.Name {
	case service + ".ActionInvoked":
		if dbus.Store(s.Body, &id, &action) == nil {
			d.emit(event{acted, id, action})
		}
	case service + ".NotificationClosed":
		if dbus.Store(s.Body, &id, &reason) == nil {
			d.emit(event{closed, id, ""})
		}
	}
}

// own records who owns the service's name now.
func (d *dbusDesktop) own(owner string, left bool) {
	d.mu.Lock()
	d.owner, d.caps = owner, nil
	d.mu.Unlock()
	if left {
		d.emit(event{kind: serviceLeft})
	}
	if owner != "" {
		d.emit(event{kind: serviceCame})
	}
}
