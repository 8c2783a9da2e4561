package ui

import (
	"context"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"calltray/cstasession/csta"
)

// desktopApp gives the test's application what that of a real desktop has: splash windows, windows that can be
// placed, and the state of the modifier keys.
type desktopApp struct {
	fyne.App
	driver *desktopDriver
	run    func() // what Run does after the application was started
}

func newDesktopApp(app fyne.App) *desktopApp {
	return &desktopApp{App: app, driver: &desktopDriver{Driver: app.Driver()}}
}

func (a *desktopApp) Driver() fyne.Driver { return a.driver }
func (a *desktopApp) NewWindow(title string) fyne.Window {
	return &desktopWindow{Window: a.App.NewWindow(title)}
}

// Lifecycle and Run are as on a desktop: what is to be done at the start is done when the loop runs.
func (a *desktopApp) Lifecycle() fyne.Lifecycle { return startedLife{a.App.Lifecycle(), a} }
func (a *desktopApp) Run()                      { a.run() }

type startedLife struct {
	fyne.Lifecycle
	app *desktopApp
}

func (l startedLife) SetOnStarted(f func()) {
	then := l.app.run
	l.app.run = func() { f(); then() }
}

type desktopDriver struct {
	fyne.Driver
	modifiers fyne.KeyModifier // that are held down
	splashes  int
	queue     chan func() // if set, what other goroutines want done waits here; else it is done at once, on theirs
}

func (d *desktopDriver) DoFromGoroutine(f func(), wait bool) {
	if d.queue == nil {
		d.Driver.DoFromGoroutine(f, wait)
		return
	}
	d.queue <- f
}

// StartAnimation ends an animation at the next turn of the loop.
func (d *desktopDriver) StartAnimation(a *fyne.Animation) {
	if d.queue == nil {
		d.Driver.StartAnimation(a)
		return
	}
	d.queue <- func() { a.Tick(1) }
}

func (d *desktopDriver) CreateSplashWindow() fyne.Window {
	d.splashes++
	return &desktopWindow{Window: d.CreateWindow("")}
}
func (d *desktopDriver) CurrentKeyModifiers() fyne.KeyModifier { return d.modifiers }
func (d *desktopDriver) HasSecondaryDisplay() bool             { return false }

// desktopWindow writes down where it was placed.
type desktopWindow struct {
	fyne.Window
	places [][2]int
	onTop  bool
}

var _ desktop.Window = (*desktopWindow)(nil)

func (w *desktopWindow) RequestFullScreenSecondary() {}
func (w *desktopWindow) RequestAlwaysOnTop()         { w.onTop = true }
func (w *desktopWindow) RequestPosition(x, y int)    { w.places = append(w.places, [2]int{x, y}) }

// platforms are the kinds of desktops, with what differs between them.
var platforms = map[string]func(*fakeDesk){
	"Linux":   func(*fakeDesk) {},
	"Windows": func(d *fakeDesk) { d.needsLoop = true },
	"macOS":   func(d *fakeDesk) { d.noPictures, d.needsLoop = true, true },
}

// onPlatforms runs a test on every kind of desktop.
func onPlatforms(t *testing.T, run func(t *testing.T, f *fixture)) {
	for name, change := range platforms {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			change(f.desk)
			run(t, f)
		})
	}
}

// The popup is in its corner, whichever way it is shown: also on another screen.
func TestPopupIsInItsCorner(t *testing.T) {
	onPlatforms(t, func(t *testing.T, f *fixture) {
		at := func() [2]int {
			if !f.desk.noPictures {
				end := f.desk.at.Add(f.desk.picture.Rect.Size())
				return [2]int{end.X, end.Y}
			}
			w := f.ui.popup.stand.(*splash).window.(*desktopWindow)
			if driver := f.ui.app.(*desktopApp).driver; driver.splashes != 1 || !w.onTop {
				t.Errorf("splash windows %d, kept on top %v", driver.splashes, w.onTop)
			}
			size, place := f.ui.popup.size(), w.places[len(w.places)-1]
			return [2]int{place[0] + int(size.Width+0.999), place[1] + int(size.Height+0.999)}
		}
		f.online(call("1", csta.Ringing, "203", ""))
		if got, want := at(), [2]int{1280 - popupMargin, 800 - popupMargin}; got != want {
			t.Errorf("it ends at %v, want %v", got, want)
		}
		f.online()
		f.desk.corner = [2]int{3840, 2160}
		f.online(call("2", csta.Ringing, "204", ""))
		if got, want := at(), [2]int{3840 - popupMargin, 2160 - popupMargin}; got != want {
			t.Errorf("on another screen it ends at %v, want %v", got, want)
		}
	})
}

// While a window is open in which nothing happens, Fyne's loop dozes until something is posted.
func TestRunDozesWhileAWindowIsOpen(t *testing.T) {
	f := newFixture(t)
	app := f.ui.app.(*desktopApp)
	app.driver.queue = make(chan func(), 100)
	f.ui.made, f.ui.app = nil, nil
	f.ui.cfg.NewApp = func() fyne.App { return app }
	app.run = func() {
		ran := 0
		f.desk.doze = func() { f.ui.post(func() { ran++ }) }
		for ran < 3 {
			(<-app.driver.queue)()
			if !f.ui.running || f.ui.loop.parked || !f.ui.window.shown {
				t.Fatalf("running %v, parked %v, a window is open: %v", f.ui.running, f.ui.loop.parked, f.ui.window.shown)
			}
		}
	}
	f.ui.ShowWindow()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := f.ui.Run(ctx); err != nil {
		t.Errorf("Run() = %v", err)
	}
}

// Where the tray needs Fyne's loop, Fyne is started at once, and its loop never stands still.
func TestRunWhereTheTrayNeedsTheLoop(t *testing.T) {
	f := newFixture(t)
	f.desk.needsLoop = true
	app := f.ui.app.(*desktopApp)
	app.driver.queue = make(chan func(), 100)
	f.ui.made, f.ui.app = nil, nil
	started := 0
	f.ui.cfg.NewApp = func() fyne.App { started++; return app }
	app.run = func() {
		f.ui.rest()
		if !f.ui.running || f.ui.resting || f.ui.loop.parked {
			t.Errorf("running %v, resting %v, parked %v", f.ui.running, f.ui.resting, f.ui.loop.parked)
		}
		for len(app.driver.queue) > 0 {
			(<-app.driver.queue)()
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := f.ui.Run(ctx); err != nil || started != 1 {
		t.Errorf("Run() = %v, Fyne was started %d times", err, started)
	}
}
