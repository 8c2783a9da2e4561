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

// mainLoop is the way to the goroutine that owns the UI. That goroutine is in one of three places: parked, in
// a function of ours that waits for posts and costs nothing; dozing, in one that waits for the window system, too; or
// in Fyne's loop, which asks the window system for news sixty times a second, and cannot be told to do so less often.
// It is parked until the first window is needed, and again whenever no window is on the screen; while one is, it dozes
// as long as nothing happens.
type mainLoop struct {
	wake  chan struct{} // something was posted; holds one
	rouse func()        // ends a doze

	draw  func() // draws what has changed; owned by the same goroutine
	drawn time.Time

	mu     sync.Mutex
	queue  []func()
	parked bool
	dozing bool
	ended  bool
	runs   int // counts the posts that were run; owned by the same goroutine
}

// drawPause is the longest that drawing waits for posts which come faster than they can be drawn.
const drawPause = 100 * time.Millisecond

func (l *mainLoop) init(rouse func()) {
	l.wake, l.rouse = make(chan struct{}, 1), rouse
	l.parked = true
}

// post has f run on the goroutine that owns the UI, after everything posted before. It never blocks.
// After the end it does nothing.
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

// unlockAndSignal has the goroutine of the UI drain the queue.
func (l *mainLoop) unlockAndSignal() {
	parked, dozing := l.parked, l.dozing
	if dozing {
		l.rouse() // while it is locked: the window system is there as long as the goroutine dozes
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

// drain runs what was posted, and then draws: states that were overtaken are not drawn one by one. It takes one
// function at a time, since a function may park.
func (l *mainLoop) drain() {
	for f := l.next(); f != nil; f = l.next() {
		l.runs++
		f()
		l.drawAfter(drawPause)
	}
	l.drawAfter(0)
}

// drawAfter draws if the last drawing is longer ago than a pause.
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

// park runs what is posted until enough says so, or the limit has passed, if there is one.
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

// unpark has posts go to Fyne from now on. It leaves none behind.
func (l *mainLoop) unpark() {
	l.setParked(false)
	l.drain()
}

func (l *mainLoop) setParked(parked bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.parked = parked
}

// end drops what waits, and whatever is posted from now on, but for the last function, which may be nil.
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

// Run shows the tray, and the windows when they are needed. It must be called on the main goroutine, and
// returns when the user quits or ctx ends: nil, or why no window can be opened at all.
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

// startTray shows the icon, and has its menu know the clipboard. On Windows the watch has a window, and waits until
// Fyne has one: Wine hangs when two threads open their first windows at the same time.
func (u *UI) startTray() {
	u.tray.start(u)
	go u.cfg.Desk.WatchClipboard(u.ctx, u.clipboardChanged)
	u.hotkeys.bind()
}

// wantsFyne reports whether something ought to be on the screen.
func (u *UI) wantsFyne() bool {
	popup := u.popup.wanted() && u.popup.needsFyne() && u.opens != cannot
	return (u.window.wanted || u.asks.wanted || popup) && u.canOpen()
}

// application returns Fyne's application, whose theme everything is drawn in. It is made when it is first needed,
// and runs once a window is.
func (u *UI) application() fyne.App {
	if u.made == nil {
		if cache, err := os.UserCacheDir(); err == nil {
			_ = os.MkdirAll(cache, 0o700) // Fyne makes its own folder in it; a home that is new has none
		}
		u.made = u.cfg.NewApp()
		widgets.StartTheme(u.made, !u.cfg.Desk.TrayNeedsLoop(), func() { u.post(u.restyle) }) // the pictures follow light and dark
	}
	return u.made
}

// prefer is told whether the desktop prefers dark.
func (u *UI) prefer(dark bool) {
	u.application()
	widgets.Prefer(dark)
}

// restyle draws everything in another theme.
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
		fyne.SetCurrentApp(steady{u.app}) // not before: Fyne looks for its own when it starts to watch the theme
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

// activated is told when the window gets the keyboard, or loses it.
func (u *UI) activated(on bool) {
	u.post(func() { u.active = on; u.popup.render() })
	if u.cfg.OnActive != nil {
		u.cfg.OnActive(on)
	}
}

// endAtOnce takes the hook away that saves Fyne's preferences at the end: there are none. Fyne queues the hook for its
// loop when that has just stopped; if it comes too late (v2.8.1, internal/driver/glfw/loop.go), Run waits for it for ever.
func endAtOnce(app fyne.App) {
	if l, ok := app.Lifecycle().(interface{ SetOnStoppedHookExecuted(func()) }); ok {
		l.SetOnStoppedHookExecuted(nil)
	}
}

// steady is the application without animations: for each step of a caret that blinks, or of a button that fades, Fyne
// paints the whole window, which takes a quarter of a processor where there is no graphics card.
type steady struct{ fyne.App }

// Settings are Fyne's, but for the animations.
func (s steady) Settings() fyne.Settings { return steadySettings{s.App.Settings()} }

type steadySettings struct{ fyne.Settings }

// ShowAnimations is false.
func (steadySettings) ShowAnimations() bool { return false }

// tidyAfter is how long after the last popup the memory that painting took is given back to the system.
const tidyAfter = 3 * time.Second

// tidySoon gives memory back when the popup stays away.
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

// Quit ends Run, at once: what is still to be shown is not waited for.
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
