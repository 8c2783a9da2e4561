package notify

import (
	"strings"
	"time"

	"calltray/cstasession/csta"
)

const (
	// lossDelay is how long the link must be down before the user is notified: most losses are over sooner.
	lossDelay = time.Minute
	// leastGap is the least time between two notifications that the link is down, and between two that it is
	// back, so that an unstable link does not cause a series of them.
	leastGap = 10 * time.Minute
)

// linkNotice is what the desktop shows about the link to the PBX: that it is down, after a while, and that it
// is back. It belongs to the notices and is equally pure: the time is passed in.
type linkNotice struct {
	seen bool      // it has been online in this run; before that, the user looks at the window
	lost time.Time // since when it is down; zero while it is up
	err  error     // why it is down

	down  *notice      // the one that should be shown; nil if none should
	back  *notice      // still to be shown
	shown *shownNotice // either of them, once shown

	toldDown, toldBack time.Time // when each was last made; zero if never
}

// update records the state of the link.
func (l *linkNotice) update(s csta.State, now time.Time, cfg Config) {
	since := s.Since
	if since.IsZero() || since.After(now) {
		since = now
	}
	switch {
	case s.Status == csta.Online:
		if l.down != nil && (l.toldBack.IsZero() || now.Sub(l.toldBack) >= leastGap) {
			l.back, l.toldBack = &notice{kind: noticeBack, key: "link back", title: cfg.Say("Connected again"),
				body: cfg.Say("Calls in this time were not seen: {{.Times}}", "Times", span(l.lost, since))}, now
		}
		l.seen, l.lost, l.err, l.down = true, time.Time{}, nil, nil
		return
	case l.seen && l.lost.IsZero():
		l.lost, l.back = since, nil
	}
	if s.Err != nil {
		l.err = s.Err
	}
}

// due returns when there will be something to show if nothing changes; false if never.
func (l *linkNotice) due() (time.Time, bool) {
	if l.lost.IsZero() || l.down != nil {
		return time.Time{}, false
	}
	at := l.lost.Add(lossDelay)
	if again := l.toldDown.Add(leastGap); !l.toldDown.IsZero() && again.After(at) {
		at = again
	}
	return at, true
}

// tick shows it if it is time. The text is made once: a reason that changes while the link stays down is shown
// in the window, but not notified again.
func (l *linkNotice) tick(now time.Time, cfg Config) {
	if at, ok := l.due(); !ok || now.Before(at) {
		return
	}
	body := cfg.Say("Calls are not shown.")
	if l.err != nil {
		body += " " + cfg.Explain(l.err)
	}
	l.down, l.toldDown = &notice{kind: noticeLost, key: "link down", title: cfg.Say("Not connected"), body: sentence(body, maxBody)}, now
}

// next returns the first thing to do. One notification replaces the other.
func (l *linkNotice) next() (step, bool) {
	var id uint32
	if l.shown != nil {
		id = l.shown.desktopID
	}
	switch {
	case l.back != nil:
		return step{op: show, notice: *l.back, id: id}, true
	case l.down != nil && (l.shown == nil || l.shown.notice != *l.down):
		return step{op: show, notice: *l.down, id: id}, true
	case l.down == nil && l.shown != nil && l.shown.kind == noticeLost:
		return step{op: hide, notice: l.shown.notice, id: id}, true
	}
	return step{}, false
}

// did records that a step was taken.
func (l *linkNotice) did(s step, id uint32) {
	if l.back != nil && *l.back == s.notice {
		l.back = nil
	}
	l.shown = nil
	if s.op == show && (id != 0 || s.notice.kind == noticeLost) {
		l.shown = &shownNotice{notice: s.notice, desktopID: id} // one that could not be shown is not retried while the link is down
	}
}

// closed records that the notification is gone.
func (l *linkNotice) closed() {
	if l.shown.desktopID = 0; l.shown.kind == noticeBack {
		l.shown = nil
	}
}

// span formats a period: 12:03 - 12:41, with the days if they differ.
func span(from, to time.Time) string {
	from, to = from.Local(), to.Local()
	layout := "15:04"
	if from.YearDay() != to.YearDay() || from.Year() != to.Year() {
		layout = "2 Jan 15:04"
	}
	return strings.Join([]string{from.Format(layout), to.Format(layout)}, " - ")
}
