package notify

import (
	"maps"
	"strings"

	"calltray/cstasession/csta"
	"calltray/internal/foreign"
)

// notice is the content of a notification: a plain value.
type notice struct {
	kind        noticeKind
	key         string // identifies the call; one call has one notification
	title, body string
	id          csta.ConnectionID // the call for Answer and Hang up
	number      string            // the number for Call back; "" if not known
}

// noticeKind is what a notification is about.
type noticeKind int

const (
	noticeRinging noticeKind = iota
	noticeMissed
	noticeLost // the link is down
	noticeBack // the link is back
	noticeTest // see Test
)

// shownNotice is a notice that was shown.
type shownNotice struct {
	notice
	// desktopID is the desktop's id for it. 0: the user closed it, or it could not be shown, or it can no
	// longer be changed; it is not shown again while the call rings.
	desktopID uint32
}

// notices records what should be on the desktop and what is. Its methods are pure bookkeeping: no I/O, no
// clock, no lock; the worker owns it.
type notices struct {
	cfg     Config                  // its texts
	ringing []notice                // those that should be shown, oldest first
	up      map[string]*shownNotice // those of them that are shown, by key
	missed  missedNotice
	link    linkNotice
	heard   map[string]bool // the ringing calls whose sound was played, by key
	sound   bool            // a sound is still to be played
}

// op is a request to the desktop.
type op int

const (
	show op = iota // a new notification, or a new text for the one that has the id
	hide           // take down
)

type step struct {
	op     op
	notice notice
	id     uint32 // to take down or to replace; 0 for none
}

// update applies a state: which calls should be shown as ringing, and which to report as missed.
func (b *notices) update(s csta.State) {
	b.ringing = b.ringing[:0:0]
	rings := map[string]bool{}
	if b.heard == nil {
		b.heard = map[string]bool{}
	}
	defer maps.DeleteFunc(b.heard, func(key string, _ bool) bool { return !rings[key] })
	for _, c := range s.Calls {
		switch {
		case c.Direction != csta.Incoming:
		case c.Alerts() && s.Status == csta.Online:
			// While not Online, the calls are as last known: nobody could answer them from here.
			n := b.describe(c)
			show, sound := b.cfg.Announce(c)
			if show {
				b.ringing = append(b.ringing, n)
			}
			if rings[n.key] = true; sound && !b.heard[n.key] {
				b.heard[n.key], b.sound = true, true
			}
		case c.Phase == csta.Ended:
			b.missed.update(c)
		}
	}
}

// describe makes the notification of a ringing call.
func (b *notices) describe(c csta.Call) notice {
	n := notice{id: c.ID, number: c.Remote.Number}
	n.key = c.Linkage
	if n.key == "" {
		n.key = c.ID.CallID + "/" + string(c.ID.DeviceID)
	}
	if b.cfg.Nameless() {
		n.title, n.number = b.cfg.Say("Incoming call"), ""
		if c.Phase == csta.Ended {
			n.title = b.cfg.Say("Missed call")
		}
		return n
	}
	// A caller who sends a page-long name must not push the number out of the line.
	number, name := Clean(b.cfg.Format(c.Remote.Number)), clip(Clean(c.Remote.Name), 60)
	switch {
	case number == "" && name == "":
		n.title = b.cfg.Say("Number withheld")
	case name == "" || name == number:
		n.title = number
	case number == "":
		n.title = name
	default:
		n.title = foreign.Isolate(name) + " · " + number
	}
	n.title, n.body = sentence(n.title, maxText), sentence(b.cfg.Describe(c), maxText)
	return n
}

// describe is the default description of a call.
func (cfg Config) describe(c csta.Call) string {
	words := "Incoming call"
	if c.Phase == csta.Ended {
		words = "Missed call"
		if !c.Began.IsZero() {
			words += c.Began.Local().Format(" at 15:04")
		}
	}
	switch via, name := Clean(cfg.Format(c.Via)), clip(Clean(c.ViaName), 60); {
	case via != "" && name != "" && name != via: // the user answers with that name
		words += " for " + foreign.Isolate(name) + " (" + via + ")"
	case via != "":
		words += " for " + via
	}
	return words
}

// next returns the first thing to do: take down, then show ringing calls, then missed ones, then the state of
// the link.
func (b *notices) next() (step, bool) {
	wanted := map[string]bool{}
	for _, n := range b.ringing {
		wanted[n.key] = true
	}
	var over *shownNotice
	for key, c := range b.up {
		if !wanted[key] && (over == nil || key < over.key) {
			over = c
		}
	}
	if over != nil {
		return step{op: hide, notice: over.notice, id: over.desktopID}, true
	}
	for _, n := range b.ringing {
		switch c := b.up[n.key]; {
		case c == nil:
			return step{op: show, notice: n}, true
		case c.notice != n && c.desktopID != 0:
			return step{op: show, notice: n, id: c.desktopID}, true
		}
	}
	if s, ok := b.missed.next(b); ok {
		return s, true
	}
	return b.link.next()
}

// did records that a step was taken; id is what the desktop returned for a notice that was shown, 0 if it
// failed: a failed one is dropped, not retried.
func (b *notices) did(s step, id uint32) {
	if b.up == nil {
		b.up = map[string]*shownNotice{}
	}
	switch {
	case s.notice.kind == noticeLost, s.notice.kind == noticeBack:
		b.link.did(s, id)
	case s.notice.kind == noticeMissed:
		b.missed.did(s, id)
	case s.op == hide:
		delete(b.up, s.notice.key)
	default:
		b.up[s.notice.key] = &shownNotice{notice: s.notice, desktopID: id}
	}
}

// find returns the notification with the desktop's id. An unknown id may be another program's.
func (b *notices) find(id uint32) *shownNotice {
	for _, c := range b.up {
		if id != 0 && c.desktopID == id {
			return c
		}
	}
	for _, c := range []*shownNotice{b.link.shown, b.missed.shown} {
		if c != nil && id != 0 && c.desktopID == id {
			return c
		}
	}
	return nil
}

// closed records that a notification is gone.
func (b *notices) closed(id uint32) {
	switch c := b.find(id); {
	case c == nil:
	case c == b.link.shown:
		b.link.closed()
	case c == b.missed.shown:
		b.missed.shown = nil
		b.missed.seen()
	default:
		c.desktopID = 0
	}
}

// reset forgets what is on the desktop: the service that knew the ids is gone.
func (b *notices) reset() { b.up, b.missed.shown, b.link.shown = nil, nil, nil }

// again makes everything that could not be shown be tried again: there is a new service.
func (b *notices) again() {
	for key, c := range b.up {
		if c.desktopID == 0 {
			delete(b.up, key)
		}
	}
	if c := b.link.shown; c != nil && c.desktopID == 0 {
		b.link.shown = nil
	}
	b.missed.again()
}

// leave asks for nothing more, except that correct notifications no longer be taken down.
func (b *notices) leave() {
	b.ringing, b.link.down, b.link.back = nil, nil, nil
	b.missed.leave()
}

// clip cuts a text to a number of characters.
func clip(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return strings.TrimSpace(string(r[:limit-1])) + "…"
	}
	return s
}
