//go:build desktop && linux

package native

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

func TestClipboard(t *testing.T) {
	desk := New(nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	changed := make(chan struct{}, 10)
	go desk.WatchClipboard(ctx, func(readable bool) {
		if readable {
			changed <- struct{}{}
		}
	})
	<-changed // what is there at the start

	for _, text := range []string{"Tlf.: +45 22 33 44 55 (kontor)", "", "Ærø\u00a0Bageri 22\u202f33\u202f44\u202f55"} {
		cmd := exec.Command("xclip", "-selection", "clipboard", "-quiet")
		cmd.Stdin = strings.NewReader(text)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		<-changed
		got, err := desk.Clipboard(ctx)
		if err != nil || got != text {
			t.Errorf("Clipboard() = %q, %v, want %q", got, err, text)
		}
		kill(cmd)
		<-changed
	}
	if got, err := desk.Clipboard(ctx); got != "" || err != nil {
		t.Errorf("without an owner: Clipboard() = %q, %v, want nothing", got, err)
	}
}

// A program that owns the clipboard and does not answer costs the time limit, and no more.
func TestClipboardOfAProgramThatHangs(t *testing.T) {
	screen := openScreen(t)
	w, _ := screen.window()
	name, err := xproto.InternAtom(screen.conn, false, 9, "CLIPBOARD").Reply()
	if err != nil {
		t.Fatal(err)
	}
	if err := xproto.SetSelectionOwnerChecked(screen.conn, w, name.Atom, xproto.TimeCurrentTime).Check(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err = New(nil).Clipboard(ctx)
	if took := time.Since(start); err == nil || took > 30*time.Second {
		t.Errorf("Clipboard() = %v after %v, want an error after 200ms", err, took)
	}
}

// A program that takes the clipboard and never answers, whether it lives on or dies: what was there before is
// gone at once, and the next program is heard.
func TestWatchClipboardOfAProgramThatHangs(t *testing.T) {
	for _, end := range []string{"dies", "is stopped"} {
		t.Run(end, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
			defer cancel()
			changed := make(chan bool, 100)
			go New(nil).WatchClipboard(ctx, func(readable bool) { changed <- readable })
			expect := func(when string, want ...bool) {
				t.Helper()
				for _, w := range want {
					select {
					case got := <-changed:
						if got != w {
							t.Fatalf("%s: told %v, want %v", when, got, w)
						}
					case <-ctx.Done():
						t.Fatalf("%s: not told %v", when, w)
					}
				}
			}
			expect("at the start", false, true)
			conn, err := xgb.NewConn()
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			hung := &selection{conn: conn}
			w, err := hung.newWindow()
			if err != nil {
				t.Fatal(err)
			}
			name, err := hung.atom("CLIPBOARD")
			if err != nil {
				t.Fatal(err)
			}
			if err := xproto.SetSelectionOwnerChecked(conn, w, name, xproto.TimeCurrentTime).Check(); err != nil {
				t.Fatal(err)
			}
			expect("the hung program takes it", false)
			if end == "dies" {
				conn.Close()
				expect("it dies", false, true)
			}
			for i := range 3 {
				cmd := exec.Command("xclip", "-selection", "clipboard", "-quiet")
				cmd.Stdin = strings.NewReader("22 33 44 55")
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				expect("another program takes it", false, true)
				if got, err := New(nil).Clipboard(ctx); got != "22 33 44 55" || err != nil {
					t.Errorf("copy %d: Clipboard() = %q, %v", i, got, err)
				}
				kill(cmd)
				expect("it ends", false, true)
			}
		})
	}
}

// A program that wakes up and answers late is not taken for the one that is asked now.
func TestClipboardLateAnswer(t *testing.T) {
	s, err := openSelection(t.Context(), "CLIPBOARD")
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	owner, err := openSelection(t.Context(), "CLIPBOARD")
	if err != nil {
		t.Fatal(err)
	}
	defer owner.close()
	if err := xproto.SetSelectionOwnerChecked(owner.conn, owner.window, owner.clipboard, xproto.TimeCurrentTime).Check(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.convert("UTF8_STRING"); !errors.Is(err, errNoOwner) {
		t.Fatalf("a program that does not answer: %v, want %v", err, errNoOwner)
	}
	late := (<-owner.events).(xproto.SelectionRequestEvent)
	go func() {
		now := (<-owner.events).(xproto.SelectionRequestEvent)
		for _, to := range []xproto.SelectionRequestEvent{late, now} {
			text := map[bool]string{true: "late", false: "now"}[to.Requestor == late.Requestor]
			xproto.ChangeProperty(owner.conn, xproto.PropModeReplace, to.Requestor, to.Property, to.Target, 8, uint32(len(text)), []byte(text))
			answer := xproto.SelectionNotifyEvent{Requestor: to.Requestor, Selection: to.Selection, Target: to.Target, Property: to.Property}
			xproto.SendEvent(owner.conn, false, to.Requestor, 0, string(answer.Bytes()))
		}
	}()
	if got, err := s.convert("UTF8_STRING"); string(got) != "now" || err != nil {
		t.Errorf("got %q, %v, want the answer of now", got, err)
	}
}

func TestClipboardWithoutX(t *testing.T) {
	t.Setenv("DISPLAY", "")
	if _, err := New(nil).Clipboard(t.Context()); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Clipboard() = %v, want ErrUnsupported", err)
	}
}

// A connection to a bus is kept, and made anew when it is lost. Whoever does not want to wait for it any longer gets
// an error.
func TestKeptBus(t *testing.T) {
	var kept keptBus
	bus, err := kept.connected(t.Context(), dbus.ConnectSessionBus)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := kept.connected(t.Context(), dbus.ConnectSessionBus); again != bus || err != nil {
		t.Errorf("asked again: another connection, or error %v", err)
	}
	bus.Close()
	if again, err := kept.connected(t.Context(), dbus.ConnectSessionBus); again == bus || err != nil || !again.Connected() {
		t.Errorf("after its end: error %v", err)
	}
	kept.conn.Close()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := kept.connected(over, dbus.ConnectSessionBus); err == nil {
		t.Error("connected for somebody who waits no longer")
	}
}

func TestWatchTray(t *testing.T) {
	address, stop, err := startAndRead("dbus-daemon", "--session", "--nofork", "--print-address=3")
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	reports := make(chan bool, 10)
	go New(nil).WatchTray(ctx, func(shown bool) { reports <- shown })

	for range 2 { // a panel that is started, stopped, and started again
		closeTray, err := serveTray(address)
		if err != nil {
			t.Fatal(err)
		}
		if shown := <-reports; !shown {
			t.Error("a host is there, and was not reported")
		}
		closeTray()
		if shown := <-reports; shown {
			t.Error("the host went, and was not reported")
		}
	}
}

func TestWatchTrayWithoutABus(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	reports := make(chan bool, 1)
	go New(nil).WatchTray(t.Context(), func(shown bool) { reports <- shown })
	if shown := <-reports; shown {
		t.Error("without a bus: a tray was reported")
	}
}

// Placed decides by the environment, which is all there is before Fyne is started.
func TestPlaced(t *testing.T) {
	for _, c := range []struct {
		x11, wayland, desktop, fyne string
		want                        bool
	}{
		{":0", "", "", "", true},
		{":0", "", "XFCE", "", true},
		{"", "wayland-0", "sway", "", false},
		{":0", "wayland-0", "KDE", "", false},
		{":0", "wayland-0", "ubuntu:GNOME", "", true},
		{":0", "wayland-0", "KDE", "x11", true},
		{":0", "wayland-0", "GNOME", "wayland", false},
	} {
		t.Setenv("DISPLAY", c.x11)
		t.Setenv("WAYLAND_DISPLAY", c.wayland)
		t.Setenv("XDG_CURRENT_DESKTOP", c.desktop)
		t.Setenv("FYNE_PLATFORM", c.fyne)
		if got := New(nil).Placed(); got != c.want {
			t.Errorf("%+v: Placed() = %v", c, got)
		}
	}
}

func TestDisplay(t *testing.T) {
	if err := New(nil).Display(); err != nil {
		t.Errorf("with a display: %v", err)
	}
	t.Setenv("DISPLAY", "")
	if err := New(nil).Display(); err == nil {
		t.Error("without a display: no error")
	}
}
