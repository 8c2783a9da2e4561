//go:build linux && desktop

package desktoptest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/esiqveland/notify"
	"github.com/godbus/dbus/v5"
)

// TestDesktop starts a desktop, and uses every part of it once.
func TestDesktop(t *testing.T) {
	d, err := Start(t.Context(), filepath.Join("..", "..", "out", "desktop"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if got := d.windowManager(); got != "Xfwm4" {
		t.Errorf("window manager %q", got)
	}
	pad, err := d.OpenNotepad("A letter")
	if err != nil {
		t.Fatal(err)
	}
	defer pad.Close()
	if err := pad.TakeFocus(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Type("Dear Anna, 1+1=2"); err != nil {
		t.Fatal(err)
	}
	if err := d.Until(t.Context(), "the letter", func() bool { return pad.Text() == "Dear Anna, 1+1=2" }); err != nil {
		t.Errorf("%v: got %q", err, pad.Text())
	}
	if err := d.SetClipboard(t.Context(), "Tlf.: 22 33 44 55 (kontor) æøå"); err != nil {
		t.Error(err)
	}
	conn, err := dbus.Connect(d.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, key := range []string{"answer", "hangup"} {
		id, err := notify.SendNotification(conn, notify.Notification{Summary: "Somebody calls", Body: "22 33 44 55",
			Actions:       []notify.Action{{Key: "default", Label: "Open"}, {Key: "answer", Label: "Answer"}, {Key: "hangup", Label: "Hang up"}},
			ExpireTimeout: notify.ExpireTimeoutNever})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Until(t.Context(), "the notification", func() bool { _, ok := d.Notification("Somebody"); return ok }); err != nil {
			t.Fatal(err)
		}
		n, _ := d.Notification("Somebody")
		if key == "answer" {
			if _, err := d.Screenshot("desktop"); err != nil {
				t.Error(err)
			}
		}
		if n.ID != id || n.Body != "22 33 44 55" {
			t.Errorf("notification %+v", n)
		}
		if err := d.ClickAction(t.Context(), n, key); err != nil {
			shot, _ := d.Screenshot("failed")
			t.Fatal(err, shot)
		}
		if err := d.Until(t.Context(), "the notification to close", func() bool { _, ok := d.Notification("Somebody"); return !ok }); err != nil {
			t.Error(err)
		}
	}
	shot, err := d.Screenshot("desktop-after")
	if err != nil {
		t.Fatal(err)
	}
	if fi, err := os.Stat(shot); err != nil || fi.Size() < 1000 {
		t.Errorf("screenshot: %v %v", fi, err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if left := d.stragglers(); len(left) > 0 {
		t.Errorf("still running after Close: %v", left)
	}
}
