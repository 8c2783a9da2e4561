//go:build linux

package desktoptest

import (
	"context"
	"fmt"
	"image"
	"slices"
	"strings"
	"sync"

	"github.com/godbus/dbus/v5"
)

const notifications = "org.freedesktop.Notifications"

// Notification is a desktop notification, as the daemon was asked to show it.
type Notification struct {
	ID       uint32
	App      string
	Summary  string
	Body     string
	Actions  []string // key, label, key, label, ...
	Category string
	Urgency  byte // 0 low, 1 normal, 2 critical
	Resident bool
	Open     bool     // shown, and not closed since
	Reason   uint32   // why it was closed: 1 expired, 2 by the user, 3 by the program
	Invoked  []string // the keys of the actions that were taken
}

// Key returns the key of the action with a label, "" if there is none.
func (n Notification) Key(label string) string {
	for i := 0; i+1 < len(n.Actions); i += 2 {
		if n.Actions[i+1] == label {
			return n.Actions[i]
		}
	}
	return ""
}

// noticeBoard listens to everything sent to and by the notification daemon: a monitor of the session bus, like
// dbus-monitor.
type noticeBoard struct {
	conn    *dbus.Conn
	mu      sync.Mutex
	pending map[string]Notification // by sender and serial number of the call
	list    []Notification          // oldest first
	done    chan struct{}
}

func watchNotifications(address string) (*noticeBoard, error) {
	conn, err := dbus.Connect(address)
	if err != nil {
		return nil, err
	}
	heard := make(chan *dbus.Message, 4096)
	b := &noticeBoard{conn: conn, pending: map[string]Notification{}, done: make(chan struct{})}
	rules := []string{
		"interface='" + notifications + "'",
		"type='method_return',sender='" + notifications + "'",
		"type='error',sender='" + notifications + "'",
	}
	if err := conn.BusObject().Call("org.freedesktop.DBus.Monitoring.BecomeMonitor", 0, rules, uint32(0)).Err; err != nil {
		conn.Close()
		return nil, err
	}
	conn.Eavesdrop(heard)
	go func() {
		defer close(b.done)
		for m := range heard {
			b.hear(m)
		}
	}()
	return b, nil
}

func (b *noticeBoard) close() {
	_ = b.conn.Close() // closes the eavesdropping channel
	<-b.done
}

func (b *noticeBoard) hear(m *dbus.Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	member, _ := m.Headers[dbus.FieldMember].Value().(string)
	switch m.Type {
	case dbus.TypeMethodCall:
		if member != "Notify" || len(m.Body) < 8 {
			return
		}
		sender, _ := m.Headers[dbus.FieldSender].Value().(string)
		b.pending[fmt.Sprint(sender, m.Serial())] = parseNotify(m.Body)
	case dbus.TypeMethodReply:
		caller, _ := m.Headers[dbus.FieldDestination].Value().(string)
		key := fmt.Sprint(caller, m.Headers[dbus.FieldReplySerial].Value())
		n, ok := b.pending[key]
		if !ok || len(m.Body) != 1 {
			return
		}
		delete(b.pending, key)
		n.ID, _ = m.Body[0].(uint32)
		n.Open = true
		if i := slices.IndexFunc(b.list, func(o Notification) bool { return o.ID == n.ID }); i >= 0 {
			n.Invoked = b.list[i].Invoked
			b.list[i] = n
			return
		}
		b.list = append(b.list, n)
	case dbus.TypeSignal:
		if len(m.Body) < 2 {
			return
		}
		id, _ := m.Body[0].(uint32)
		i := slices.IndexFunc(b.list, func(o Notification) bool { return o.ID == id })
		if i < 0 {
			return
		}
		switch member {
		case "NotificationClosed":
			b.list[i].Open = false
			b.list[i].Reason, _ = m.Body[1].(uint32)
		case "ActionInvoked":
			key, _ := m.Body[1].(string)
			b.list[i].Invoked = append(b.list[i].Invoked, key)
		}
	}
}

func parseNotify(body []any) Notification {
	var n Notification
	n.App, _ = body[0].(string)
	n.Summary, _ = body[3].(string)
	n.Body, _ = body[4].(string)
	n.Actions, _ = body[5].([]string)
	hints, _ := body[6].(map[string]dbus.Variant)
	n.Category, _ = hints["category"].Value().(string)
	n.Urgency, _ = hints["urgency"].Value().(byte)
	n.Resident, _ = hints["resident"].Value().(bool)
	return n
}

// Notifications returns every notification since the start, oldest first. One that was replaced appears once,
// in its last form.
func (d *Desktop) Notifications() []Notification {
	d.posts.mu.Lock()
	defer d.posts.mu.Unlock()
	return slices.Clone(d.posts.list)
}

// Notification returns the newest open notification with the given text in its summary or body.
func (d *Desktop) Notification(text string) (Notification, bool) {
	list := d.Notifications()
	slices.Reverse(list)
	for _, n := range list {
		if n.Open && (strings.Contains(n.Summary, text) || strings.Contains(n.Body, text)) {
			return n, true
		}
	}
	return Notification{}, false
}

// ClickAction clicks the real button of a notification. xfce4-notifyd lays the buttons of a
// notification out in one row at its lower edge, in the order of the actions, the last at the right
// edge; whether the action "default" has a button differs between its versions, so that one has to
// come first. Only one notification may be on the screen.
func (d *Desktop) ClickAction(ctx context.Context, n Notification, key string) error {
	var keys []string
	for i := 0; i+1 < len(n.Actions); i += 2 {
		if n.Actions[i] != "default" {
			keys = append(keys, n.Actions[i])
		}
	}
	at := slices.Index(keys, key)
	if at < 0 {
		return fmt.Errorf("the notification %q has no action %q; it has %q", n.Summary, key, n.Actions)
	}
	bubble, err := d.bubble(ctx)
	if err != nil {
		return err
	}
	if err := d.Click(ctx, button(bubble, at, len(keys))); err != nil {
		return err
	}
	defer func() { _ = d.Point(image.Pt(2, 2)) }()
	return d.Until(ctx, "the notification daemon to report the action "+key, func() bool {
		for _, o := range d.Notifications() {
			if o.ID == n.ID && slices.Contains(o.Invoked, key) {
				return true
			}
		}
		return false
	})
}

// bubble returns the place of the notification on the screen, once that changes no more: while the daemon lays it out
// anew, because more has become known about a call, it takes no click.
func (d *Desktop) bubble(ctx context.Context) (at image.Rectangle, err error) {
	for {
		before := at
		if err := d.Until(ctx, "the notification on the screen", func() bool {
			for _, w := range d.Windows() {
				if w.Visible && strings.EqualFold(w.Class, "xfce4-notifyd") && w.Rect.Dy() > 40 {
					at = w.Rect
					return true
				}
			}
			return false
		}); err != nil || at == before {
			return at, err
		}
		if _, err := d.Still(ctx, at); err != nil {
			return at, err
		}
	}
}

// button returns the centre of the i-th of n buttons.
func button(r image.Rectangle, i, n int) image.Point {
	const pitch, fromRight, fromBottom = 92, 57, 31
	return image.Pt(r.Max.X-fromRight-(n-1-i)*pitch, r.Max.Y-fromBottom)
}
