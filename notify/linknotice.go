package notify

import (
	"strings"
	"time"

	"calltray/cstasession/csta"
)

const (
	// lossDelay is how long the link may be down before that is worth a word: most losses are over sooner.
	lossDelay = time.Minute
	// leastGap is the least time between two notifications that the link is down, and between two that it
	// is back: a link that comes and goes makes no series.
	leastGap = 10 * time.Minute
)

// linkNotice is what the desktop is told about the link to the PBX: that it is down, after a while, and
// that it is back. It is a part of the notices, and as pure: the time is told to it.
type linkNotice struct {
	seen bool      // it has been online in this run; before, the window is what the user looks at
	lost time.Time // since when it is not; zero while it is
	err  error     // why not

	down  *notice      // that should be there; nil if none should
	back  *notice      // that is still to be put up
	shown *shownNotice // of either, that was put up

	toldDown, toldBack time.Time // when the last of each was made; zero if none was
}

// update takes in how the link is.
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

// due returns when there will be something to say if nothing changes, false if nothing.
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

// tick says it, if it is time. The words are made once: a reason that changes while the link stays down
// is in the window, and no news here.
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

// next returns what to do first. One notification takes the other's place.
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
		l.shown = &shownNotice{notice: s.notice, desktopID: id} // one that could not be shown is not tried again while the link is down
	}
}

// closed records that the notification is no longer there.
func (l *linkNotice) closed() {
	if l.shown.desktopID = 0; l.shown.kind == noticeBack {
		l.shown = nil
	}
}

// span words a time with a beginning and an end: 12:03 - 12:41, with the days where they differ.
func span(from, to time.Time) string {
	from, to = from.Local(), to.Local()
	layout := "15:04"
	if from.YearDay() != to.YearDay() || from.Year() != to.Year() {
		layout = "2 Jan 15:04"
	}
	return strings.Join([]string{from.Format(layout), to.Format(layout)}, " - ")
}
