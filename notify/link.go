package notify

import (
	"strings"
	"time"

	"calltray/cstasession/csta"
)

const (
	// patience is how long the link may be down before that is worth a word: most losses are over sooner.
	patience = time.Minute
	// quiet is the least time between two notifications that the link is down, and between two that it
	// is back: a link that comes and goes makes no series.
	quiet = 10 * time.Minute
)

// link is what the desktop is told about the link to the exchange: that it is down, after a while, and
// that it is back. It is a part of the board, and as pure: the time is told to it.
type link struct {
	seen bool      // it has been online in this run; before, the window is what the user looks at
	lost time.Time // since when it is not; zero while it is
	err  error     // why not

	down *note // that should be there; nil if none should
	back *note // that is still to be put up
	card *card // of either, that was put up

	toldDown, toldBack time.Time // when the last of each was made; zero if none was
}

// update takes in how the link is.
func (l *link) update(s csta.State, now time.Time, cfg Config) {
	since := s.Since
	if since.IsZero() || since.After(now) {
		since = now
	}
	switch {
	case s.Status == csta.Online:
		if l.down != nil && (l.toldBack.IsZero() || now.Sub(l.toldBack) >= quiet) {
			l.back, l.toldBack = &note{kind: noteBack, key: "link back", title: cfg.Say("Connected again"),
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
func (l *link) due() (time.Time, bool) {
	if l.lost.IsZero() || l.down != nil {
		return time.Time{}, false
	}
	at := l.lost.Add(patience)
	if again := l.toldDown.Add(quiet); !l.toldDown.IsZero() && again.After(at) {
		at = again
	}
	return at, true
}

// tick says it, if it is time. The words are made once: a reason that changes while the link stays down
// is in the window, and no news here.
func (l *link) tick(now time.Time, cfg Config) {
	if at, ok := l.due(); !ok || now.Before(at) {
		return
	}
	body := cfg.Say("Calls are not shown.")
	if l.err != nil {
		body += " " + cfg.Explain(l.err)
	}
	l.down, l.toldDown = &note{kind: noteLost, key: "link down", title: cfg.Say("Not connected"), body: clean(body, maxBody)}, now
}

// next returns what to do first. One notification takes the other's place.
func (l *link) next() (step, bool) {
	var id uint32
	if l.card != nil {
		id = l.card.desk
	}
	switch {
	case l.back != nil:
		return step{op: show, note: *l.back, id: id}, true
	case l.down != nil && (l.card == nil || l.card.note != *l.down):
		return step{op: show, note: *l.down, id: id}, true
	case l.down == nil && l.card != nil && l.card.kind == noteLost:
		return step{op: hide, note: l.card.note, id: id}, true
	}
	return step{}, false
}

// did records that a step was taken.
func (l *link) did(s step, id uint32) {
	if l.back != nil && *l.back == s.note {
		l.back = nil
	}
	l.card = nil
	if s.op == show && (id != 0 || s.note.kind == noteLost) {
		l.card = &card{s.note, id} // one that could not be shown is not tried again while the link is down
	}
}

// closed records that the notification is no longer there.
func (l *link) closed() {
	if l.card.desk = 0; l.card.kind == noteBack {
		l.card = nil
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
