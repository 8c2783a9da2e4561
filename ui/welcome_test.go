package ui

import (
	"context"
	"image"
	"strings"
	"sync"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calltray/cstasession/csta"
	"calltray/internal/account"
)

// asked lists the keys of the rows that are on the screen; "" is the password.
func (p *settingsPage) asked() string {
	var keys []string
	for _, row := range p.tabs[p.open].rows {
		if row.box.Visible() {
			keys = append(keys, string(row.key))
		}
	}
	return strings.Join(keys, " ")
}

// Who starts for the first time is asked three things, if the administrator has set the others, and everything
// else only on request.
func TestWelcome(t *testing.T) {
	for name, c := range map[string]struct {
		set   account.Settings
		asked string
	}{
		"nothing is set":       {account.Settings{}, "user_id  device url pbx_domain"},
		"address is set":       {account.Settings{URL: goodSettings.URL}, "user_id  device pbx_domain"},
		"all that is not mine": {account.Settings{URL: goodSettings.URL, PBXDomain: goodSettings.PBXDomain}, "user_id  device"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, func(cfg *Config) { cfg.Settings = c.set })
			p := f.openSettings()
			if got := p.asked(); got != c.asked || p.buttons.Visible() || !p.welcome.legend.Visible() {
				t.Errorf("asked is for %q; all sections %v, the icons %v", got, p.buttons.Visible(), p.welcome.legend.Visible())
			}
			if got := f.ui.window.window.Canvas().Focused(); got != fyne.Focusable(p.entry(account.FieldUserID)) {
				t.Error("the keyboard is elsewhere")
			}
			test.Tap(p.welcome.more)
			if got := p.asked(); got != "user_id  device url pbx_domain" || !p.buttons.Visible() {
				t.Errorf("then it is for %q", got)
			}
		})
	}
}

// With three fields typed the account is complete, and the next time it is no welcome.
func TestWelcomeIsSaved(t *testing.T) {
	f := newFixture(t, func(c *Config) {
		c.Settings = account.Settings{URL: goodSettings.URL, PBXDomain: goodSettings.PBXDomain}
	})
	p := f.openSettings()
	p.fill(account.FieldUserID, goodSettings.UserID)
	p.fill(account.FieldDevice, goodSettings.Device)
	p.password.entry.SetText("hunter2")
	test.Tap(p.save)
	if got := <-f.saved; got.settings != goodSettings || got.password != "hunter2" {
		t.Errorf("saved %+v", got)
	}
	f.until("it is back at the calls", func() bool { return f.ui.window.page == pageCalls })
	if p = f.openSettings(); p.welcome.on || !p.buttons.Visible() {
		t.Error("it is welcomed again")
	}
}

// remembering has a fixture remember as the application does, and returns what it remembers.
func remembering(c *Config) chan account.Remembered {
	told := make(chan account.Remembered, 10)
	var mu sync.Mutex
	var now account.Remembered
	c.Remember = func(change func(*account.Remembered)) {
		mu.Lock()
		defer mu.Unlock()
		change(&now)
		told <- now
	}
	return told
}

// Once ever Calltray says where it is, when it starts and when its window is closed.
func TestIntroductions(t *testing.T) {
	var told chan account.Remembered
	f := newFixture(t, func(c *Config) { told = remembering(c) })
	f.openWindow() // Fyne's test driver needs one
	f.ui.window.window.Hide()
	f.ui.window.wanted, f.ui.window.shown = false, false
	f.show(csta.Connecting, nil)
	if f.ui.popup.notice != "" {
		t.Error("it says that it is there, and it is not")
	}
	f.online()
	if got := f.ui.popup.notice; !strings.Contains(got, "here, in the tray") {
		t.Errorf("at first it says %q", got)
	}
	if f.ui.window.message != "" {
		t.Errorf("the window will say %q, when it is open", f.ui.window.message)
	}
	if got := <-told; !got.Introduced || got.Closed {
		t.Errorf("remembered is %+v", got)
	}
	f.ui.popup.endNotice()
	f.show(csta.Offline, nil)
	f.online()
	if got := f.ui.popup.notice; got != "" {
		t.Errorf("the second time it says %q", got)
	}
	for _, want := range []string{"goes on in the tray", ""} {
		f.openWindow()
		f.ui.window.close()
		f.settle()
		if got := f.ui.popup.notice; want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("the window is closed, and it says %q, want %q", got, want)
		}
		f.ui.popup.endNotice()
	}
	f.ui.keeping.Wait()
}

// Who has read it once, and the demonstration, are told nothing.
func TestNoIntroductions(t *testing.T) {
	f := newFixture(t, func(c *Config) {
		remembering(c)
		c.Remembered = account.Remembered{Introduced: true, Closed: true}
	})
	f.online()
	f.openWindow()
	f.ui.window.close()
	f.settle()
	if got := f.ui.popup.notice; got != "" {
		t.Errorf("it says %q", got)
	}
	f.ui.keeping.Wait()
}

// The window is as large as it was when it was closed.
func TestWindowSizeIsRemembered(t *testing.T) {
	var told chan account.Remembered
	f := newFixture(t, func(c *Config) {
		told = remembering(c)
		c.Remembered = account.Remembered{Introduced: true, Closed: true, Width: 1100, Height: 720}
	})
	f.openWindow()
	w := &f.ui.window
	if got := w.window.Canvas().Size(); got != fyne.NewSize(1100, 720) {
		t.Errorf("it opens with %v", got)
	}
	w.window.Resize(fyne.NewSize(1000, 700))
	w.close()
	if got := <-told; got.Width != 1000 || got.Height != 700 {
		t.Errorf("remembered is %+v", got)
	}
	f.ui.keeping.Wait()
}

// The window comes up where it was, wholly on a screen; not where no screen is any more.
func TestWindowPlaceIsRemembered(t *testing.T) {
	var told chan account.Remembered
	f := newFixture(t, func(c *Config) {
		told = remembering(c)
		c.Remembered = account.Remembered{Introduced: true, Closed: true, Width: 800, Height: 600, X: 100, Y: 100, Placed: true}
	})
	f.desk.second = image.Rect(1280, 0, 2560, 1024)
	f.openWindow()
	w := &f.ui.window
	for _, tt := range []struct{ was, want image.Point }{
		{image.Pt(100, 100), image.Pt(100, 100)},
		{image.Pt(1500, 200), image.Pt(1500, 200)}, // on the second
		{image.Pt(-300, -20), image.Pt(4, 40)},     // its frame can be taken hold of
		{image.Pt(2500, 1000), image.Pt(1756, 420)},
		{image.Pt(4000, 100), image.Point{}},
		{image.Pt(-32000, -32000), image.Point{}},
	} {
		at, ok := w.placeFor(w.pixels(tt.was))
		if at != tt.want || ok != (tt.want != image.Point{}) {
			t.Errorf("a window that was at %v comes up at %v (%v), want %v", tt.was, at, ok, tt.want)
		}
	}
	f.desk.window = image.Pt(1500, 200)
	w.close()
	if got := <-told; !got.Placed || got.X != 1500 || got.Y != 200 {
		t.Errorf("remembered is %+v", got)
	}
	f.desk.window = image.Pt(-32000, -32000) // where Windows has those that are icons
	f.openWindow()
	w.window.Resize(fyne.NewSize(810, 610))
	w.close()
	if got := <-told; got.X != 1500 || got.Y != 200 || got.Width != 810 {
		t.Errorf("remembered is %+v", got)
	}
	f.ui.keeping.Wait()
}

// A test call is made on request, to the number that was typed; what is no number is not called.
func TestTestCall(t *testing.T) {
	called := make(chan string, 5)
	f := newFixture(t, func(c *Config) {
		c.Check = func(_ context.Context, _ account.Settings, _, number string, _ func(Step)) error {
			called <- number
			return nil
		}
	})
	p := f.openSettings()
	test.Tap(p.test)
	check := f.ui.window.check
	over := func() bool { return !check.running }
	for _, c := range []struct{ typed, press, want string }{
		{"22 33 44 55", "Make a test call", "22334455"}, {"22 33 44 55", "Test again", ""},
	} {
		f.until("the test is over", over)
		for len(called) > 0 {
			<-called
		}
		check.number.SetText(c.typed)
		f.page().press(c.press)
		if got := <-called; got != c.want {
			t.Errorf("%s called %q, want %q", c.press, got, c.want)
		}
	}
	f.until("the test is over", over)
	check.number.SetText("my mobile")
	f.page().press("Make a test call")
	if check.running || len(called) > 0 || !strings.Contains(check.end.Text, "letters") {
		t.Errorf("running %v, and it says %q", check.running, check.end.Text)
	}
}

// The window is not larger than the screen that it comes up on.
func TestWindowFitsTheScreen(t *testing.T) {
	for _, c := range []struct {
		screen [2]int
		scale  float32
		want   fyne.Size
	}{
		{[2]int{1920, 1080}, 1, windowSize},
		{[2]int{1024, 560}, 1, fyne.NewSize(960, 520)},
		{[2]int{2048, 1120}, 2, fyne.NewSize(960, 520)},
		{[2]int{800, 1080}, 1, fyne.NewSize(792, 690)},
	} {
		f := newFixture(t)
		f.desk.corner, f.desk.scale = c.screen, c.scale
		if got := f.ui.window.size(); got != c.want {
			t.Errorf("on a screen of %v at scale %v the window is %v, want %v", c.screen, c.scale, got, c.want)
		}
	}
}
