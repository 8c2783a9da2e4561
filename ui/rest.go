package ui

import (
	"time"

	"fyne.io/fyne/v2"
)

// How long Fyne's loop may stand still while nothing of it is on the screen. It must go on now and then, to answer the
// window system: X servers and Wayland ask nothing of a window that is not on the screen. And more often while another
// program may ask for what was copied here.
const (
	restLong  = 10 * time.Second
	restOften = time.Second // while a window is on the screen: Fyne itself may wait for something
	restShort = 50 * time.Millisecond
)

// How long Fyne's loop goes on in between: until all is drawn, and after the user has done something until what Fyne
// waits for is over, such as the second click of a double one.
const (
	restGap  = 50 * time.Millisecond
	watchful = 500 * time.Millisecond
)

// rest keeps Fyne's loop still, again and again, as long as nothing happens. It is called from that loop.
func (u *UI) rest() {
	u.resting = false
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

// parkAWhile waits until a window is needed, but not for ever.
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

// doze waits until something is posted, or the user does something with a window. It returns how long Fyne's loop
// should go on after it.
func (u *UI) doze() (gap time.Duration) {
	before, began := u.loop.runs, time.Now()
	u.loop.doze(func() { u.cfg.Desk.Doze(restOften) })
	if u.loop.runs > before || time.Since(began) >= restOften {
		return restGap
	}
	return watchful
}

// doze calls wait, which a post ends, unless something was posted by then. It runs what was posted.
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

// restSoon has the loop rest when it has drawn what there is to draw. An animation counts the time: it goes on only
// when Fyne has looked for news and is about to draw.
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
			if u.loop.runs > before+1 { // something else was posted: it may not be drawn yet
				u.resting = false
				u.restSoon(restGap)
				return
			}
			u.rest()
		})
	}).Start()
}

// visible reports whether something of ours is on the screen.
func (u *UI) visible() bool { return u.popup.shown || u.window.shown || u.asks.shown }

// drawing reports whether Fyne's loop is needed: one of its windows is on the screen.
func (u *UI) drawing() bool {
	return u.window.shown || u.asks.shown || u.popup.shown && u.popup.needsFyne()
}
