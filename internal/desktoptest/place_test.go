//go:build linux && desktop

package desktoptest_test

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"calltray/internal/desktoptest"
)

// TestDesktopWindowPlace: the window comes up where it was when it was closed, also after a restart; and on the screen,
// when the screen on which it was has gone.
func TestDesktopWindowPlace(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "place")
	d.ownAccount()
	d.start()
	d.must(d.app.Says(d.ctx, "online"))
	w := d.window()
	d.must(d.Command("xdotool", "windowmove", strconv.Itoa(int(w.ID)), "150", "55").Run())
	var was image.Rectangle
	d.until("the window to be moved", func() bool {
		now, ok := d.WindowByTitle(desktoptest.MainTitle)
		was = now.Rect
		return ok && was.Min != w.Rect.Min
	})
	same := func(when string) {
		t.Helper()
		if now := d.window().Rect; now != was {
			t.Errorf("%s the window is at %v, and was at %v", when, now, was)
		}
	}
	d.hide()
	same("shown again")
	d.quit()
	d.start()
	same("after a restart")
	d.hide()
	d.quit()

	path := filepath.Join(d.Home, ".local/state/calltray/remembered.toml")
	kept, err := os.ReadFile(path)
	d.must(err)
	gone := strings.Replace(string(kept), "x = "+strconv.Itoa(was.Min.X), "x = 5000", 1)
	if gone == string(kept) {
		t.Fatalf("the place is not kept:\n%s", kept)
	}
	d.must(os.WriteFile(path, []byte(gone), 0o600))
	d.start()
	if now := d.window().Rect; !now.In(d.WorkArea()) {
		t.Errorf("the window is at %v, outside of the screen", now)
	}
	d.quit()
}

// ownAccount writes the account into the user's settings: of one in the environment nothing is remembered.
func (d *desk) ownAccount() {
	d.Helper()
	settings := filepath.Join(d.Home, ".config/calltray")
	d.must(os.MkdirAll(settings, 0o700))
	d.must(os.WriteFile(filepath.Join(settings, "settings.toml"), fmt.Appendf(nil, "url = %q\nuser_id = %q\npbx_domain = %q\ndevice = %q\n", d.pbx.TCP, d.pbx.User, d.pbx.Domain, device), 0o600))
	password := d.command(nil, "settings", "password")
	password.Stdin = strings.NewReader(d.pbx.Password)
	d.must(password.Run())
}

// hide takes the window off the screen.
func (d *desk) hide() {
	d.Helper()
	d.must(d.Again(d.ctx, func() error { return d.Key("Escape") }, func() bool { _, ok := d.WindowByTitle(desktoptest.MainTitle); return !ok }))
}

// TestDesktopNarrowWindow: the user drags the window narrow, works in it, and finds it narrow after a restart. The
// settings make it wide for as long as they are open, and wholly on the screen.
func TestDesktopNarrowWindow(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "narrow")
	d.ownAccount()
	d.must(d.NameColleagues(d.pbx.Domain, map[string]string{"200": "Astrid", "202": "Cecilie", "203": "Bo"}))
	d.start()
	d.must(d.app.Says(d.ctx, "online"))
	w := d.window()
	wide := w.Rect
	rect := func() image.Rectangle {
		now, _ := d.WindowByTitle(desktoptest.MainTitle)
		return now.Rect
	}
	var last *image.RGBA
	shot := func(state string) { // once it is drawn
		t.Helper()
		d.until("something else in the window", func() bool {
			img, err := d.Still(d.ctx, rect())
			drawn := err == nil && (last == nil || desktoptest.Different(last, img, rect()))
			if drawn {
				last = img
			}
			return drawn
		})
		d.shot(state)
	}
	// drag moves the right edge, as a hand does.
	drag := func(to int) {
		t.Helper()
		from := image.Pt(rect().Max.X+1, rect().Min.Y+200)
		d.must(d.Point(from))
		d.must(d.Command("xdotool", "mousedown", "1").Run())
		for _, x := range []int{(2*from.X + to) / 3, (from.X + 2*to) / 3, to} {
			d.must(d.Point(image.Pt(x, from.Y)))
		}
		d.must(d.Command("xdotool", "mouseup", "1").Run())
	}
	drag(wide.Min.X + 100)
	d.until("the window to be narrow", func() bool { return rect().Dx() == 380 })
	d.must(d.Command("xdotool", "windowmove", strconv.Itoa(int(w.ID)), strconv.Itoa(d.WorkArea().Max.X-390), "55").Run())
	d.until("it to be at the right edge", func() bool { return rect().Min.X > wide.Min.X+300 })
	narrow := rect()
	shot("narrow")

	d.must(d.Activate(d.ctx, w))
	d.rings("22334455", device, "Bager")
	d.press("F2", []string{device + " Active 22334455"}, "Talking")
	shot("talking")
	d.must(d.Type("cec"))
	shot("colleagues")
	d.must(d.Key("F8"))
	d.calls("202 Alerting 22334455")
	d.sees()
	d.must(d.pbx.Do("clear 22334455"))
	d.over()

	d.must(d.Click(d.ctx, narrow.Min.Add(image.Pt(306, 31))))
	d.until("the settings to be wide", func() bool { return rect().Dx() == wide.Dx() })
	d.until("all of it to be on the screen", func() bool { return rect().In(d.WorkArea()) })
	shot("settings")
	d.must(d.Key("Escape"))
	d.until("it to be as before", func() bool { return rect() == narrow })
	shot("narrow-again")
	d.hide()
	d.quit()
	d.start()
	if now := d.window().Rect; now != narrow {
		t.Errorf("after a restart the window is at %v, and was at %v", now, narrow)
	}
	d.hide()
	d.must(d.app.Click(d.ctx, "Settings"))
	d.until("the settings to come up wide, on the screen", func() bool { return rect().Dx() == wide.Dx() && rect().In(d.WorkArea()) })
	d.until("them to have the keyboard", func() bool {
		w, ok := d.FocusedWindow()
		return ok && w.Title == desktoptest.MainTitle
	})
	d.must(d.Key("Escape")) // once: a second one would hide the window
	d.until("it to be narrow again", func() bool { return rect() == narrow })
	drag(narrow.Min.X + 20) // to the left: no narrower than it is
	d.must(d.Command("xdotool", "windowmove", strconv.Itoa(int(d.window().ID)), "20", "55").Run())
	d.until("it to be at the left edge", func() bool { return rect().Min.X < 100 })
	drag(rect().Min.X + 960)
	d.until("the window to be wide again", func() bool { return rect().Dx() > 900 })
	shot("wide")
	d.quit()
	d.healthy()
}
