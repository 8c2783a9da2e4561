//go:build desktop && linux

package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/esiqveland/notify"
	"github.com/godbus/dbus/v5"

	"calltray/cstasession/csta"
)

func TestBus(t *testing.T) {
	startBus(t)
	s := serve(t, 0, "actions", "body", "body-markup")
	var icon bytes.Buffer
	if err := png.Encode(&icon, image.NewRGBA(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	nothing := func(csta.ConnectionID) {}
	n, log := start(t, Config{AppName: "Calltray", DesktopEntry: "calltray", Icon: icon.Bytes(), OnAnswer: nothing, OnHangUp: nothing, OnOpen: func() {}, OnCallBack: func(string) {}})

	n.Show(online(call("a", csta.Ringing, named("<b>Ole</b> & Ida"), func(c *csta.Call) { c.Via = "<400>" })))
	got := s.take(t)
	if got.app != "Calltray" || got.replaces != 0 || got.timeout != 0 {
		t.Errorf("%+v", got)
	}
	if got.summary != "<b>Ole</b> & Ida · 22334455" || got.body != "Incoming call for &lt;400&gt;" {
		t.Errorf("says %q, %q", got.summary, got.body)
	}
	if want := []string{"default", "Open", "answer", "Answer", "hangup", "Decline"}; !slices.Equal(got.actions, want) {
		t.Errorf("offers %q, want %q", got.actions, want)
	}
	for k, want := range map[string]any{"urgency": byte(2), "category": "call.incoming", "resident": true, "suppress-sound": true, "desktop-entry": "calltray"} {
		if got.hints[k].Value() != want {
			t.Errorf("hint %s is %v, want %v", k, got.hints[k].Value(), want)
		}
	}
	if v, ok := got.hints["image-data"].Value().([]any); !ok || len(v) != 7 || v[0] != int32(2) || v[2] != int32(8) {
		t.Errorf("the icon: %v", got.hints["image-data"])
	}

	n.Show(online(call("a", csta.Ringing, named("Ida"))))
	if got := s.take(t); got.replaces != 1 || got.summary != "Ida · 22334455" {
		t.Errorf("changed: %+v", got)
	}
	n.Show(online(call("a", 0, ended(csta.Missed))))
	if got := s.take(t); !got.close || got.id != 1 {
		t.Errorf("ended: %+v", got)
	}
	missed := s.take(t)
	if want := []string{"default", "Open", "callback", "Call back"}; missed.body != "Missed call at 14:05" || !slices.Equal(missed.actions, want) {
		t.Errorf("missed: %+v", missed)
	}
	if missed.hints["urgency"].Value() != byte(1) || missed.hints["resident"].Value() != nil || missed.timeout != 0 {
		t.Errorf("missed: %+v", missed)
	}
	n.Close()
	select {
	case got := <-s.got:
		t.Errorf("Close takes the missed call away: %+v", got)
	default:
	}
	if log.String() != "" {
		t.Errorf("log: %s", log)
	}
}

// The notifications about the link, and the test: as the service is asked.
func TestBusQuietNotifications(t *testing.T) {
	open := []notify.Action{{Key: "default", Label: "Open"}}
	nothing := func(csta.ConnectionID) {}
	d := newDesktop(Config{OnAnswer: nothing, OnHangUp: nothing, OnOpen: func() {}, OnCallBack: func(string) {}}.complete(), nil).(*dbusDesktop)
	long := strings.Repeat("x", 2*maxText)
	for kind, want := range map[noticeKind]struct {
		urgency   byte
		category  any
		transient any
		expires   time.Duration
		actions   []notify.Action
	}{
		noticeLost: {1, "network.disconnected", nil, 0, open},
		noticeBack: {0, "network.connected", nil, 15 * time.Second, open},
		noticeTest: {1, nil, true, 8 * time.Second, nil},
	} {
		got := d.notification(notice{kind: kind, title: "$Title", body: "<" + long[1:]}, 7, map[string]bool{"actions": true, "body-markup": true})
		if got.ReplacesID != 7 || got.Summary != "Title" || got.Body != "&lt;"+long[1:] || got.ExpireTimeout != want.expires || !slices.Equal(got.Actions, want.actions) {
			t.Errorf("kind %d: %+v", kind, got)
		}
		for k, want := range map[string]any{"urgency": want.urgency, "category": want.category, "transient": want.transient, "suppress-sound": true, "resident": nil} {
			if v := got.Hints[k].Value(); v != want {
				t.Errorf("kind %d: hint %s is %v, want %v", kind, k, v, want)
			}
		}
	}
}

func TestBusTrial(t *testing.T) {
	bus := startBus(t)
	n, _ := start(t, Config{OnOpen: func() {}})
	if err := n.Test(t.Context()); !errors.Is(err, ErrNoService) {
		t.Errorf("no service: %v", err)
	}
	s := serve(t, 0, "actions")
	if err := n.Test(t.Context()); err != nil {
		t.Error(err)
	}
	test := Config{}.complete().testNotice()
	if got := s.take(t); got.summary != test.title || got.body != test.body || got.timeout != 8000 || len(got.actions) > 0 {
		t.Errorf("%+v", got)
	}
	hang := make(chan struct{})
	s.mu.Lock()
	s.hang = hang
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := n.Test(ctx); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("hung: %v", err)
	}
	close(hang)
	_ = bus.Process.Kill()
	_ = bus.Wait()
	until(t, "no bus, and a test is accepted", func() bool { return errors.Is(n.Test(t.Context()), ErrNoService) })
}

func TestBusWithoutCapabilities(t *testing.T) {
	startBus(t)
	s := serve(t, 0, "body")
	n, _ := start(t, Config{OnAnswer: func(csta.ConnectionID) {}, OnOpen: func() {}})
	n.Show(online(call("a", csta.Ringing, func(c *csta.Call) { c.Via = "<400>" })))
	if got := s.take(t); len(got.actions) > 0 || got.body != "Incoming call for <400>" {
		t.Errorf("%+v", got)
	}
	n.Close() // while it rings
	if got := s.take(t); !got.close || got.id != 1 {
		t.Errorf("Close leaves the ringing call: %+v", got)
	}
}

func TestBusActions(t *testing.T) {
	startBus(t)
	s := serve(t, 6, "actions")
	stranger := connect(t)
	did := make(chan string, 10)
	n, _ := start(t, Config{
		OnAnswer:   func(id csta.ConnectionID) { did <- "answer " + id.CallID },
		OnHangUp:   func(id csta.ConnectionID) { did <- "hang up " + id.CallID },
		OnCallBack: func(number string) { did <- "call back " + number },
	})
	n.Show(online(call("a", csta.Ringing), call("m", 0, ended(csta.Missed))))
	a, m := s.take(t), s.take(t)
	if a.id != 7 || m.id != 8 {
		t.Fatalf("ids %d and %d", a.id, m.id)
	}
	emit := func(conn *dbus.Conn, name string, body ...any) {
		t.Helper()
		if err := conn.Emit(objectPath, service+"."+name, body...); err != nil {
			t.Fatal(err)
		}
	}
	// The client learns an id after the server has sent it: a first click that counts shows that it has.
	click := func(id uint32, action, want string) {
		t.Helper()
		until(t, "a click on "+action+" does nothing", func() bool {
			emit(s.conn, "ActionInvoked", id, action)
			for patience := time.After(100 * time.Millisecond); ; {
				select {
				case got := <-did:
					if got == want {
						return true
					}
				case <-patience:
					return false
				}
			}
		})
	}
	click(7, "answer", "answer id-a")
	click(8, "callback", "call back 22334455")
	emit(s.conn, "ActionInvoked", uint32(7), "hangup") // comes after all the clicks before it
	for got := range did {
		if got == "hang up id-a" {
			break
		}
	}
	// Straight to us, past what we have asked the bus for.
	if call := stranger.Send(&dbus.Message{
		Type: dbus.TypeSignal,
		Headers: map[dbus.HeaderField]dbus.Variant{
			dbus.FieldDestination: dbus.MakeVariant(string(a.sender)),
			dbus.FieldPath:        dbus.MakeVariant(dbus.ObjectPath(objectPath)),
			dbus.FieldInterface:   dbus.MakeVariant(service),
			dbus.FieldMember:      dbus.MakeVariant("ActionInvoked"),
			dbus.FieldSignature:   dbus.MakeVariant(dbus.SignatureOf(uint32(7), "hangup")),
		},
		Body: []any{uint32(7), "hangup"},
	}, nil); call != nil && call.Err != nil {
		t.Fatal(call.Err)
	}
	emit(stranger, "ActionInvoked", uint32(7), "hangup") // not the service
	emit(s.conn, "ActionInvoked", uint32(99), "hangup")  // another program's
	emit(s.conn, "ActionInvoked", "7", "hangup")         // not as the specification says
	emit(s.conn, "ActionInvoked", uint32(7))             // too short
	emit(s.conn, "ActionInvoked")                        // empty
	emit(s.conn, "NotificationClosed", "x")              // not as the specification says
	emit(stranger, "NotificationClosed", uint32(8), uint32(2))
	emit(s.conn, "ActivationToken", uint32(7), "token") // of the specification, not used
	emit(s.conn, "ActionInvoked", uint32(8), "callback")
	select {
	case got := <-did:
		if got != "call back 22334455" {
			t.Errorf("got %q, want the call back alone", got)
		}
	case <-time.After(soon):
		t.Fatal("a click on Call back does nothing")
	}
	// Taken away by the user: it is not closed once more.
	emit(s.conn, "NotificationClosed", uint32(7), uint32(2))
	emit(s.conn, "ActionInvoked", uint32(8), "callback") // the same way, behind it
	<-did
	n.Show(online(call("b", csta.Ringing)))
	if got := s.take(t); got.close || got.id != 9 {
		t.Errorf("got %+v, want the next call", got)
	}
}

func TestBusHungService(t *testing.T) {
	startBus(t)
	s := serve(t, 0, "actions")
	n, log := start(t, Config{})
	n.Show(online(call("first", csta.Ringing)))
	s.take(t)
	hang := make(chan struct{})
	s.mu.Lock()
	s.hang = hang
	s.mu.Unlock()
	n.Show(online(call("first", csta.Ringing), call("a", csta.Ringing)))
	until(t, "nothing is said about it", func() bool { return strings.Contains(log.String(), "does not answer") })
	n.Show(online(call("first", csta.Active), call("a", 0, ended(csta.AnsweredElsewhere))))
	n.Show(online(call("first", csta.Active)))
	s.mu.Lock()
	s.hang = nil
	s.mu.Unlock()
	close(hang)
	if got := s.take(t); got.close || got.id != 2 {
		t.Fatalf("got %+v, want the notification that was on its way", got)
	}
	var closed []uint32
	for range 2 {
		if got := s.take(t); got.close {
			closed = append(closed, got.id)
		}
	}
	slices.Sort(closed)
	if !slices.Equal(closed, []uint32{1, 2}) {
		t.Errorf("closed %v, want both", closed)
	}
}

func TestBusServiceRestarts(t *testing.T) {
	startBus(t)
	n, log := start(t, Config{})
	n.Show(online(call("a", csta.Ringing)))
	until(t, "no line in the log", func() bool { return strings.Contains(log.String(), "no desktop notifications") })
	s := serve(t, 0, "actions") // comes while it rings
	if got := s.take(t); got.id != 1 {
		t.Errorf("%+v", got)
	}
	_ = s.conn.Close() // crashes
	second := serve(t, 40, "actions")
	if got := second.take(t); got.id != 41 || got.replaces != 0 {
		t.Errorf("at the second service: %+v", got)
	}
	n.Show(online())
	if got := second.take(t); !got.close || got.id != 41 {
		t.Errorf("ended: %+v", got)
	}
}

func TestBusDies(t *testing.T) {
	bus := startBus(t)
	s := serve(t, 0, "actions")
	n, log := start(t, Config{})
	n.Show(online(call("a", csta.Ringing)))
	s.take(t)
	_ = bus.Process.Kill()
	until(t, "no line in the log", func() bool { return strings.Contains(log.String(), "no desktop notifications") })
	for i := range 10 {
		n.Show(online(call(fmt.Sprint(i), csta.Ringing)))
		n.Show(online(call(fmt.Sprint(i), 0, ended(csta.Missed))))
	}
	n.Close()
	if got := strings.Count(log.String(), "\n"); got != 1 {
		t.Errorf("%d lines: %s", got, log)
	}
}

func TestNoBus(t *testing.T) {
	// A dbus-launch that tells when it is run.
	bin := t.TempDir()
	ran := filepath.Join(bin, "ran")
	if err := os.WriteFile(filepath.Join(bin, "dbus-launch"), []byte("#!/bin/sh\n: > '"+ran+"'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"", "autolaunch:", "unix:path=" + filepath.Join(bin, "nobody")} {
		t.Run(address, func(t *testing.T) {
			t.Setenv("PATH", bin)
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
			n, log := start(t, Config{})
			n.Show(online(call("a", csta.Ringing)))
			n.Show(online(call("a", 0, ended(csta.Missed))))
			if _, err := os.Stat(fmt.Sprintf("/run/user/%d/bus", os.Getuid())); err != nil || strings.HasPrefix(address, "unix:") {
				until(t, "no line in the log", func() bool { return strings.Contains(log.String(), "no desktop notifications") })
			}
			n.Close()
			if got := strings.Count(log.String(), "\n"); got > 1 {
				t.Errorf("%d lines: %s", got, log)
			}
			if _, err := os.Stat(ran); err == nil {
				t.Error("dbus-launch was run: it leaves a bus behind")
			}
		})
	}
}
