package ui

import (
	"context"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"fyne.io/fyne/v2"

	"calltray/internal/text"
	"calltray/ui/widgets"
)

// mainLoop passes functions to the goroutine that owns the UI. That goroutine is in one of three states: parked, in
// our own function, which waits for posts at no cost; dozing, in one that waits for the window system as well; or in
// Fyne's loop, which polls the window system sixty times a second, a rate that cannot be lowered. It is parked until
// the first window is needed, and whenever no window is on the screen; while one is, it dozes until something happens.
type mainLoop struct {
	wake  chan struct{} // something was posted; buffers one
	rouse func()        // ends a doze

	// Owned by the UI's goroutine:
	draw    func() // draws what has changed
	drawn   time.Time
	waiting []chan struct{} // closed after the next drawing

	mu     sync.Mutex
	queue  []func()
	parked bool
	dozing bool
	ended  bool
	runs   int // counts the posts that have run; owned by the UI's goroutine
}

// drawPause is how long at most drawing is put off when posts arrive faster than they can be drawn.
const drawPause = 100 * time.Millisecond

func (l *mainLoop) init(rouse func()) {
	l.wake, l.rouse = make(chan struct{}, 1), rouse
	l.parked = true
}

// post runs f on the goroutine that owns the UI, after everything posted before. It never blocks.
// Once the loop has ended it does nothing.
func (u *UI) post(f func()) {
	l := &u.loop
	l.mu.Lock()
	if l.ended {
		l.mu.Unlock()
		return
	}
	l.queue = append(l.queue, f)
	l.unlockAndSignal()
}

// unlockAndSignal unlocks l.mu and makes the UI's goroutine drain the queue.
func (l *mainLoop) unlockAndSignal() {
	parked, dozing := l.parked, l.dozing
	if dozing {
		l.rouse() // under the lock: the window system is available as long as the goroutine dozes
	}
	l.mu.Unlock()
	switch {
	case dozing:
	case parked:
		select {
		case l.wake <- struct{}{}:
		default:
		}
	default:
		fyne.Do(l.drain)
	}
}

// drain runs what was posted, then draws, so that outdated states are not drawn one by one. It takes one function
// at a time, since a function may park.
func (l *mainLoop) drain() {
	for f := l.next(); f != nil; f = l.next() {
		l.runs++
		f()
		l.drawAfter(drawPause)
	}
	l.drawAfter(0)
	for _, drawn := range l.waiting {
		close(drawn)
	}
	l.waiting = nil
}

// Drawn returns when everything that was shown before is drawn, and after a moment at the latest. It must not be called
// on the UI's goroutine.
func (u *UI) Drawn() {
	const moment = 100 * time.Millisecond
	drawn := make(chan struct{})
	u.post(func() { u.loop.waiting = append(u.loop.waiting, drawn) })
	select {
	case <-drawn:
	case <-time.After(moment):
	}
}

// drawAfter draws if the last drawing was at least pause ago.
func (l *mainLoop) drawAfter(pause time.Duration) {
	if l.draw != nil && !l.hasEnded() && time.Since(l.drawn) >= pause {
		l.draw()
		l.drawn = time.Now()
	}
}

func (l *mainLoop) next() func() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) == 0 {
		return nil
	}
	f := l.queue[0]
	l.queue[0] = nil
	l.queue = l.queue[1:]
	return f
}

// park runs what is posted until enough returns true or limit fires; limit may be nil.
func (l *mainLoop) park(enough func() bool, limit <-chan time.Time) {
	l.setParked(true)
	for over := false; !over && !enough(); {
		l.drain()
		if enough() {
			break
		}
		select {
		case <-l.wake:
		case <-limit:
			over = true
		}
	}
}

// unpark sends posts to Fyne from now on, and runs those still queued.
func (l *mainLoop) unpark() {
	l.setParked(false)
	l.drain()
}

func (l *mainLoop) setParked(parked bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.parked = parked
}

// end drops the queue and all later posts, and then runs only last, which may be nil.
func (l *mainLoop) end(last func()) {
	l.mu.Lock()
	if l.ended {
		l.mu.Unlock()
		return
	}
	l.ended, l.queue = true, nil
	if last != nil {
		l.queue = []func(){last}
	}
	l.unlockAndSignal()
}

func (l *mainLoop) hasEnded() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ended
}

// Run shows the tray, and windows when they are needed. It must be called on the main goroutine. It returns nil when
// the user quits or ctx ends, or an error if no window can be opened at all.
func (u *UI) Run(ctx context.Context) error {
	if err := u.cfg.Desk.Display(); err != nil {
		return err
	}
	defer u.keeping.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, u.Quit)()
	u.ctx, u.alive = ctx, true

	defer u.tray.close()
	go u.cfg.Desk.WatchTray(ctx, func(shown bool) { u.post(func() { u.trayShown(shown) }) })
	go u.cfg.Desk.WatchPanel(ctx, func(dark bool) { u.post(func() { u.dark = dark; u.render() }) })
	go u.cfg.Desk.WatchScheme(ctx, func(dark bool) { u.post(func() { u.prefer(dark) }) })
	widgets.Choose(u.app, u.settings.Theme)
	if needsAccount(u.settings) && !u.cfg.Hidden {
		u.window.open(pageSettings)
	}

	if !u.cfg.Desk.TrayNeedsLoop() {
		u.startTray()
		u.loop.park(func() bool { return u.wantsFyne() || u.loop.hasEnded() }, nil)
	}
	if u.loop.hasEnded() {
		return nil
	}
	u.enter()
	u.loop.end(nil)
	return nil
}

// startTray shows the icon, and watches the clipboard for its menu. On Windows the watch has a window, and waits until
// Fyne has one: Wine hangs when two threads open their first windows at the same time.
func (u *UI) startTray() {
	u.tray.start(u)
	go u.cfg.Desk.WatchClipboard(u.ctx, u.clipboardChanged)
	u.hotkeys.bind()
}

// wantsFyne reports whether a window of Fyne's should be on the screen, and can be opened.
func (u *UI) wantsFyne() bool {
	popup := u.popup.wanted() && u.popup.needsFyne() && u.opens != cannot
	return (u.window.wanted || u.asks.wanted || popup) && u.canOpen()
}

// application returns Fyne's application, whose theme everything is drawn in. It is created on first use, and runs
// once a window is needed.
func (u *UI) application() fyne.App {
	if u.made == nil {
		if cache, err := os.UserCacheDir(); err == nil {
			_ = os.MkdirAll(cache, 0o700) // Fyne creates its folder in it; a new home has none
		}
		u.made = u.cfg.NewApp()
		widgets.StartTheme(u.made, !u.cfg.Desk.TrayNeedsLoop(), func() { u.post(u.restyle) }) // pictures must follow light and dark
	}
	return u.made
}

// prefer applies the desktop's preference for dark or light.
func (u *UI) prefer(dark bool) {
	u.application()
	widgets.Prefer(dark)
}

// restyle redraws everything after a change of theme.
func (u *UI) restyle() {
	if _, is := u.popup.stand.(*picture); is {
		u.popup.root = nil
	}
	u.render()
}

// enter starts Fyne, and returns when it ends.
func (u *UI) enter() {
	text.TeachFyne()
	u.app = u.application()
	u.app.Lifecycle().SetOnStarted(func() {
		if u.cfg.Desk.TrayNeedsLoop() {
			u.startTray()
		}
		fyne.SetCurrentApp(steady{u.app}) // not earlier: Fyne needs its own type when it starts to watch the theme
		u.running = true
		u.render()
		u.loop.unpark()
		u.restSoon(watchful)
	})
	u.app.Lifecycle().SetOnEnteredForeground(func() { u.activated(true) })
	u.app.Lifecycle().SetOnExitedForeground(func() { u.activated(false) })
	endAtOnce(u.app)
	u.app.Run()
}

// activated handles a window of Fyne's gaining or losing the keyboard focus.
func (u *UI) activated(on bool) {
	u.post(func() {
		u.active = on
		u.tellActive()
		u.popup.render()
	})
}

// inWindow reports whether the user works in the window, whose rows show the calls. Fyne alone does not know: it does
// not say which window has the focus, and, since its loop rests as soon as the window is hidden, may learn only when
// the window is shown again that it had lost the focus.
func (u *UI) inWindow() bool { return u.active && u.window.shown }

// tellActive passes on whether the user works in the window, if that has changed.
func (u *UI) tellActive() {
	if on := u.inWindow(); on != u.toldActive && u.cfg.OnActive != nil {
		u.toldActive = on
		u.cfg.OnActive(on)
	}
}

// endAtOnce removes the hook that saves Fyne's preferences at exit: there are none. Fyne queues the hook for its loop
// just after that has stopped; if it comes too late (v2.8.1, internal/driver/glfw/loop.go), Run waits for it forever.
func endAtOnce(app fyne.App) {
	if l, ok := app.Lifecycle().(interface{ SetOnStoppedHookExecuted(func()) }); ok {
		l.SetOnStoppedHookExecuted(nil)
	}
}

// steady is the application without animations: for each step of a blinking caret or a fading button, Fyne paints the
// whole window, which takes a quarter of a processor without a graphics card.
type steady struct{ fyne.App }

// Settings returns Fyne's settings, with animations off.
func (s steady) Settings() fyne.Settings { return steadySettings{s.App.Settings()} }

type steadySettings struct{ fyne.Settings }

// ShowAnimations returns false.
func (steadySettings) ShowAnimations() bool { return false }

// tidyAfter is how long after the last popup the memory used for painting is returned to the system.
const tidyAfter = 3 * time.Second

// tidySoon returns memory to the system if the popup stays hidden.
func (u *UI) tidySoon() {
	if !u.alive {
		return
	}
	if u.tidying == nil {
		u.tidying = time.AfterFunc(tidyAfter, debug.FreeOSMemory)
	} else {
		u.tidying.Reset(tidyAfter)
	}
}

// Quit ends Run at once, without waiting for pending updates.
func (u *UI) Quit() {
	u.loop.end(func() {
		if u.window.shown {
			u.window.keepPlace()
		}
		if u.app != nil {
			u.app.Quit()
		}
	})
}
