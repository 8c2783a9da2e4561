package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
)

// How long Fyne's loop may pause. While none of its windows is on the screen, it must run only now and then to answer
// the window system: X servers and Wayland ask nothing of a window that is not shown. It must run more often while
// another program may request what was copied here.
const (
	restLong  = time.Minute
	restOften = time.Second // while a window is on the screen: Fyne itself may be waiting for something
	restShort = 50 * time.Millisecond
)

// How long Fyne's loop runs between pauses: until everything is drawn; after user input, until Fyne's own waits are
// over, such as the one for a second click.
const (
	restGap  = 50 * time.Millisecond
	watchful = 500 * time.Millisecond
)

// rest pauses Fyne's loop, and schedules the next pause. It is called from that loop.
func (u *UI) rest() {
	u.resting = false
	u.wakeFyne()
	defer u.wakeFyne()
	if u.loop.hasEnded() || u.cfg.Desk.TrayNeedsLoop() {
		return
	}
	gap := restGap
	if u.drawing() {
		gap = u.doze()
	} else {
		u.parkAWhile()
	}
	u.restSoon(gap)
}

// stood is how long Fyne's clock may stand still.
const stood = 10 * time.Second

// wakeFyne prepares Fyne for being drawn with after its loop has stood still, because no window was on the screen or the
// computer slept. Fyne forgets what it has not drawn for a minute, by a clock that only drawing sets: without this, what
// has just been made or drawn already counts as old, and what changes in a window that Fyne has forgotten is not drawn
// (v2.8.1, internal/cache). It does nothing if it was called a moment ago.
func (u *UI) wakeFyne() {
	now := time.Now().Round(0) // without the monotonic clock, which may stand still while the computer sleeps
	gap := now.Sub(u.looped)
	u.looped = now
	if gap < stood {
		return
	}
	empty := software.NewTransparentCanvas()
	empty.Resize(fyne.NewSquareSize(1))
	empty.Capture() // sets the clock
	if u.app == nil {
		return
	}
	for _, w := range u.app.Driver().AllWindows() {
		if c, is := w.Canvas().(interface{ SetDirty() }); is {
			c.SetDirty()
		}
	}
}

// parkAWhile waits until a window is needed, but not forever.
func (u *UI) parkAWhile() {
	limit := restLong
	if u.clip.ours {
		limit = restShort
	}
	timer := time.NewTimer(limit)
	u.loop.park(func() bool { return u.drawing() || u.loop.hasEnded() }, timer.C)
	timer.Stop()
	u.loop.unpark()
}

// doze waits until something is posted, or there is input to a window. It returns how long Fyne's loop should run
// afterwards.
func (u *UI) doze() (gap time.Duration) {
	before, began := u.loop.runs, time.Now()
	u.loop.doze(func() { u.cfg.Desk.Doze(restOften) })
	if u.loop.runs > before || time.Since(began) >= restOften {
		return restGap
	}
	return watchful
}

// doze calls wait, which a post ends, unless something is queued already. Then it runs what was posted.
func (l *mainLoop) doze(wait func()) {
	l.mu.Lock()
	l.dozing = true
	waits := len(l.queue) > 0
	l.mu.Unlock()
	if !waits {
		wait()
	}
	l.mu.Lock()
	l.dozing = false
	l.mu.Unlock()
	l.drain()
}

// restSoon pauses the loop after gap, once everything is drawn. An animation measures the time, because it advances
// only when Fyne has polled for events and is about to draw.
func (u *UI) restSoon(gap time.Duration) {
	if !u.running || u.resting {
		return
	}
	u.resting = true
	before := u.loop.runs
	fyne.NewAnimation(gap, func(done float32) {
		if done < 1 {
			return
		}
		u.post(func() {
			if u.loop.runs > before+1 { // something else was posted and may not be drawn yet
				u.resting = false
				u.restSoon(restGap)
				return
			}
			u.rest()
		})
	}).Start()
}

// visible reports whether the popup or one of our windows is on the screen.
func (u *UI) visible() bool { return u.popup.shown || u.window.shown || u.asks.shown }

// drawing reports whether Fyne's loop is needed, because one of its windows is on the screen.
func (u *UI) drawing() bool {
	return u.window.shown || u.asks.shown || u.popup.shown && u.popup.needsFyne()
}
