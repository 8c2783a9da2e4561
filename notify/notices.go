package notify

import (
	"maps"
	"slices"
	"strings"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/foreign"
)

// maxMissed is how many missed calls wait for a desktop that does not answer, and how many of those
// that were shown can still be called back from their notification.
const maxMissed = 20

// notice is what a notification says: a plain value.
type notice struct {
	kind        noticeKind
	key         string // of the call; one call has one notification
	title, body string
	call        csta.Call         // that was missed; zero in any other notice
	id          csta.ConnectionID // what Answer and Hang up are about
	number      string            // what Call back is about; "" if not told
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

// shownNotice is a notice that was put up.
type shownNotice struct {
	notice
	// desktopID is the desktop's name for it. 0: the user closed it, or it could not be shown, or nothing can
	// be done about it any more; it is not put up again while the call rings.
	desktopID uint32
	stale     bool // it says what is no longer so, and is to be taken down
}

// notices is what should be on the desktop, and what is. Its methods are pure bookkeeping: no I/O, no
// clock, no lock; the worker owns it.
type notices struct {
	cfg     Config                  // its words
	ringing []notice                // that should be there, oldest first
	missed  []notice                // that are still to be put up, oldest first
	up      map[string]*shownNotice // that are there, by key
	order   []string                // keys of missed calls that are there, oldest first
	asked   *shownNotice            // the missed call that the desktop is asked to show
	link    linkNotice
	heard   map[string]bool // the ringing calls that have been heard, by key
	sound   bool            // one is still to be
}

// op is one thing to ask of the desktop.
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

// update takes in a state: who should be ringing, and who is to be reported as missed.
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
			// While not Online the calls are as last known: nobody could answer them from here.
			n := b.describe(c, false)
			show, sound := b.cfg.Announce(c)
			if show {
				b.ringing = append(b.ringing, n)
			}
			if rings[n.key] = true; sound && !b.heard[n.key] {
				b.heard[n.key], b.sound = true, true
			}
		case c.Phase == csta.Ended:
			b.supersede(c)
			if c.Outcome == csta.Missed {
				b.missed = append(b.missed, b.describe(c, true))
			}
		}
	}
	if over := len(b.missed) - maxMissed; over > 0 {
		b.missed = b.missed[over:]
	}
}

// supersede takes back what was said of earlier attempts of a call: one call has one notification. What is on the
// desktop already is replaced by the next one, or taken down if nothing was missed in the end.
func (b *notices) supersede(c csta.Call) {
	b.missed = slices.DeleteFunc(b.missed, func(n notice) bool { return c.Supersedes(n.call) })
	mark := func(shown *shownNotice) {
		if shown.kind == noticeMissed && c.Supersedes(shown.call) {
			shown.stale = c.Outcome != csta.Missed
		}
	}
	for _, shown := range b.up {
		mark(shown)
	}
	if b.asked != nil {
		mark(b.asked)
	}
}

// describe words a notification.
func (b *notices) describe(c csta.Call, missed bool) notice {
	n := notice{id: c.ID, number: c.Remote.Number}
	n.key = c.Linkage
	if n.key == "" {
		n.key = c.ID.CallID + "/" + string(c.ID.DeviceID)
	}
	// A caller who sends a page for a name does not push the number out of the line.
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
	if missed {
		n.kind, n.key, n.call = noticeMissed, "missed "+n.key, c
		if c.Linkage == "" || c.Linkage == c.ID.CallID { // the next call may have the same
			n.key += c.Began.Format(" " + time.RFC3339Nano)
		}
	}
	n.title, n.body = sentence(n.title, maxText), sentence(b.cfg.Describe(c), maxText)
	return n
}

// describe is what is said of a call where nobody says it better.
func (cfg Config) describe(c csta.Call) string {
	words := "Incoming call"
	if c.Phase == csta.Ended {
		words = "Missed call"
		if !c.Began.IsZero() {
			words += c.Began.Local().Format(" at 15:04")
		}
	}
	switch via, name := Clean(cfg.Format(c.Via)), clip(Clean(c.ViaName), 60); {
	case via != "" && name != "" && name != via: // the user greets with it
		words += " for " + foreign.Isolate(name) + " (" + via + ")"
	case via != "":
		words += " for " + via
	}
	return words
}

// next returns what to do first: take down, then put up who rings, then who was missed, then how the
// link is.
func (b *notices) next() (step, bool) {
	wanted := map[string]bool{}
	for _, n := range b.ringing {
		wanted[n.key] = true
	}
	var stale *shownNotice
	for key, c := range b.up {
		if (c.stale || c.kind == noticeRinging && !wanted[key]) && (stale == nil || key < stale.key) {
			stale = c
		}
	}
	if stale != nil {
		return step{op: hide, notice: stale.notice, id: stale.desktopID}, true
	}
	for _, n := range b.ringing {
		switch c := b.up[n.key]; {
		case c == nil:
			return step{op: show, notice: n}, true
		case c.notice != n && c.desktopID != 0:
			return step{op: show, notice: n, id: c.desktopID}, true
		}
	}
	if len(b.missed) > 0 {
		s := step{op: show, notice: b.missed[0]}
		if c := b.up[s.notice.key]; c != nil {
			s.id = c.desktopID
		}
		b.asked = &shownNotice{notice: s.notice}
		return s, true
	}
	return b.link.next()
}

// did records that a step was taken; id is what the desktop returned for a notice that was shown, 0 if it
// failed: what fails is dropped, not repeated.
func (b *notices) did(s step, id uint32) {
	if b.up == nil {
		b.up = map[string]*shownNotice{}
	}
	switch {
	case s.notice.kind == noticeLost, s.notice.kind == noticeBack:
		b.link.did(s, id)
	case s.op == hide:
		b.drop(s.notice.key)
	case s.notice.kind == noticeMissed:
		b.unqueue(s.notice)
		b.drop(s.notice.key)
		stale := b.asked != nil && b.asked.stale // answered in between
		if b.asked = nil; id == 0 {
			return
		}
		b.up[s.notice.key] = &shownNotice{notice: s.notice, desktopID: id, stale: stale}
		if b.order = append(b.order, s.notice.key); len(b.order) > maxMissed {
			delete(b.up, b.order[0])
			b.order = b.order[1:]
		}
	default:
		b.up[s.notice.key] = &shownNotice{notice: s.notice, desktopID: id}
	}
}

// drop forgets a notice that is no longer there, or not as it was.
func (b *notices) drop(key string) {
	delete(b.up, key)
	b.order = slices.DeleteFunc(b.order, func(k string) bool { return k == key })
}

// unqueue takes out a missed call that was reported.
func (b *notices) unqueue(n notice) {
	for i := range b.missed {
		if b.missed[i] == n {
			b.missed = append(b.missed[:i:i], b.missed[i+1:]...)
			return
		}
	}
}

// find returns the notification that the desktop calls id. Anybody may be meant by an id that is not here.
func (b *notices) find(id uint32) *shownNotice {
	for _, c := range b.up {
		if id != 0 && c.desktopID == id {
			return c
		}
	}
	if c := b.link.shown; c != nil && id != 0 && c.desktopID == id {
		return c
	}
	return nil
}

// closed records that a notification is no longer there.
func (b *notices) closed(id uint32) {
	switch c := b.find(id); {
	case c == nil:
	case c == b.link.shown:
		b.link.closed()
	case c.kind == noticeMissed:
		b.drop(c.key)
	default:
		c.desktopID = 0
	}
}

// reset forgets what is on the desktop: the service that knew the ids is gone.
func (b *notices) reset() { b.up, b.order, b.link.shown = nil, nil, nil }

// again lets what could not be shown be tried again: a service has come.
func (b *notices) again() {
	for key, c := range b.up {
		if c.desktopID == 0 {
			delete(b.up, key)
		}
	}
	if c := b.link.shown; c != nil && c.desktopID == 0 {
		b.link.shown = nil
	}
}

// leave asks for nothing more but that what is true no longer be taken down.
func (b *notices) leave() { b.ringing, b.missed, b.link.down, b.link.back = nil, nil, nil, nil }

// clip cuts a text to a number of characters.
func clip(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return strings.TrimSpace(string(r[:limit-1])) + "…"
	}
	return s
}
