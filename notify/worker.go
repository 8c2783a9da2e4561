package notify

import (
	"context"
	"log/slog"
	"time"
)

const (
	// answerLimit is how long the desktop may take before it counts as hung.
	answerLimit = 3 * time.Second
	closeLimit  = time.Second
	soundLimit  = 10 * time.Second
)

// desktop is the desktop's notification service. show and close may block for as long as the service takes: the
// worker calls one of them at a time, in a goroutine of its own, and never waits for it.
type desktop interface {
	// show puts up a notification, or changes the one whose id is replaces, and returns its id; 0 if it can no
	// longer be closed and no events of it will arrive.
	show(n notice, replaces uint32) (uint32, error)
	close(id uint32) error
	// stop disconnects from the service; a show or close in progress returns.
	stop()
}

// event is news from the desktop.
type event struct {
	kind   eventKind
	id     uint32
	action string
}

type eventKind int

const (
	acted       eventKind = iota // the user chose an action of a notification
	closed                       // a notification was closed, by anyone
	serviceLeft                  // the service is gone, and the ids with it
	serviceCame                  // a service is there
)

// The actions, under the names that the service reports.
const (
	actionAnswer   = "answer"
	actionHangUp   = "hangup"
	actionCallBack = "callback"
	actionOpen     = "default" // the notification itself; the specification's name
)

// worker owns the notices and the desktop. One step is in progress at a time, in a goroutine that reports to
// results; meanwhile the worker accepts states and events, so that a service that recovers receives what is
// true then. A notification that turns out to have been shown after the call ended is closed like any other:
// the late answer brings its id.
type worker struct {
	cfg     Config
	n       *Notifier
	desktop desktop
	notices notices
	events  chan event

	sound   func(context.Context) error // plays the sound of a ringing call
	results chan result
	step    *step  // in progress
	tests   []test // waiting
	test    *test  // whose step is in progress
	service int    // counts services that left
	came    int    // counts services that came
	hung    bool
	failing bool
}

type result struct {
	id      uint32
	err     error
	service int
	came    int
}

func newWorker(cfg Config, n *Notifier, open func(Config, func(event)) desktop) *worker {
	w := &worker{cfg: cfg, n: n, events: make(chan event, 16), sound: playRinging, results: make(chan result, 1)}
	w.notices.cfg = cfg
	w.desktop = open(cfg, func(e event) {
		select {
		case w.events <- e:
		case <-n.quit: // nobody listens any more
		}
	})
	return w
}

func (w *worker) run() {
	defer close(w.n.done)
	limit := time.NewTimer(answerLimit)
	limit.Stop()
	defer limit.Stop()
	due := time.NewTimer(lossDelay)
	defer due.Stop()
	for {
		if w.step == nil {
			if s, ok := w.next(); ok {
				w.start(s)
				limit.Reset(answerLimit)
			}
		}
		if at, ok := w.notices.link.due(); ok {
			due.Reset(time.Until(at))
		} else {
			due.Stop()
		}
		select {
		case <-w.n.wake:
			s, seen := w.n.take()
			if seen {
				w.notices.missed.seen()
			}
			if s != nil {
				w.notices.update(*s)
				w.notices.link.update(*s, time.Now(), w.cfg)
				w.play()
			}
		case <-due.C:
			w.notices.link.tick(time.Now(), w.cfg)
		case t := <-w.n.tests:
			w.tests = append(w.tests, t)
		case e := <-w.events:
			w.heard(e)
		case r := <-w.results:
			limit.Stop()
			w.finish(r)
		case <-limit.C:
			w.hung = true
			w.cfg.Logger.Warn("the desktop's notification service does not answer: notifications wait")
		case <-w.n.quit:
			w.leave()
			return
		}
	}
}

// play plays the sound of a new call, once.
func (w *worker) play() {
	if w.notices.sound && w.n.playing.CompareAndSwap(false, true) {
		go func() {
			defer w.n.playing.Store(false)
			ctx, cancel := context.WithTimeout(context.Background(), soundLimit)
			defer cancel()
			go func() {
				select {
				case <-w.n.quit:
					cancel()
				case <-ctx.Done():
				}
			}()
			if err := w.sound(ctx); err != nil && ctx.Err() == nil {
				w.cfg.Logger.Warn("no sound for a call", slog.Any("error", err))
			}
		}()
	}
	w.notices.sound = false
}

// next returns what the notices ask for, or else a test that somebody still waits for.
func (w *worker) next() (step, bool) {
	if s, ok := w.notices.next(); ok {
		return s, true
	}
	for len(w.tests) > 0 {
		t := w.tests[0]
		w.tests = w.tests[1:]
		select {
		case <-t.gone:
		default:
			w.test = &t
			return step{op: show, notice: t.notice}, true
		}
	}
	return step{}, false
}

func (w *worker) start(s step) {
	w.step = &s
	r := result{service: w.service, came: w.came}
	go func() {
		if s.op == show {
			w.cfg.Turn()
			r.id, r.err = w.desktop.show(s.notice, s.id)
		} else if s.id != 0 {
			r.err = w.desktop.close(s.id)
		}
		w.results <- r
	}()
}

func (w *worker) finish(r result) {
	s := *w.step
	w.step = nil
	if w.hung {
		w.hung = false
		w.cfg.Logger.Info("the desktop's notification service answers again")
	}
	switch {
	case w.test != nil:
		w.test.done <- r.err
		w.test = nil
	case r.service != w.service && s.op == show:
		// The service left in between, and took the notification with it: it must be shown again.
	case s.op == hide:
		w.notices.did(s, 0) // an error means that it was already gone
	case r.err != nil && r.came != w.came:
		// A service started in between: try again.
	case r.err != nil:
		if !w.failing {
			w.cfg.Logger.Warn("no desktop notifications", slog.Any("error", r.err))
		}
		w.failing = true
		w.notices.did(s, 0)
	default:
		w.failing = false
		w.notices.did(s, r.id)
	}
}

func (w *worker) heard(e event) {
	switch e.kind {
	case acted:
		w.act(w.notices.find(e.id), e.action)
	case closed:
		w.notices.closed(e.id)
	case serviceLeft:
		w.service++
		w.notices.reset()
	case serviceCame:
		w.came++
		w.notices.again()
	}
}

// act does what the user chose. A notification that is not on the desktop is another program's, or belongs to a
// call that is over.
func (w *worker) act(c *shownNotice, action string) {
	if c == nil {
		return
	}
	switch {
	case action == actionOpen && w.cfg.OnOpen != nil:
		go w.cfg.OnOpen()
	case action == actionAnswer && c.kind == noticeRinging && w.cfg.OnAnswer != nil:
		go w.cfg.OnAnswer(c.id)
	case action == actionHangUp && c.kind == noticeRinging && w.cfg.OnHangUp != nil:
		go w.cfg.OnHangUp(c.id)
	case action == actionCallBack && c.kind == noticeMissed && w.cfg.OnCallBack != nil:
		go w.cfg.OnCallBack(c.number)
	}
}

// leave takes down the notifications of ringing calls and of the lost link, as long as the desktop answers, and
// disconnects.
func (w *worker) leave() {
	limit := time.NewTimer(closeLimit)
	defer limit.Stop()
	w.notices.leave()
	for {
		if w.step == nil {
			s, ok := w.notices.next()
			if !ok {
				w.desktop.stop()
				return
			}
			w.start(s)
		}
		select {
		case r := <-w.results:
			w.finish(r)
		case <-limit.C:
			w.desktop.stop() // the step's goroutine ends with it; results has room for its result
			return
		}
	}
}
