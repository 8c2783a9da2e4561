package notify

import (
	"strings"

	"calltray/cstasession/csta"
)

// maxMissed is how many missed calls wait for a desktop that does not answer, and how many of those
// that were shown can still be called back from their notification.
const maxMissed = 20

// note is what a notification says: a plain value.
type note struct {
	kind        noteKind
	key         string // of the call; one call has one notification
	title, body string
	id          csta.ConnectionID // what Answer and Hang up are about
	number      string            // what Call back is about; "" if not told
}

// noteKind is what a notification is about.
type noteKind int

const (
	noteRinging noteKind = iota
	noteMissed
	noteLost  // the link is down
	noteBack  // the link is back
	noteTrial // see Test
)

// card is a note that was put up.
type card struct {
	note
	// desk is the desktop's name for it. 0: the user closed it, or it could not be shown, or nothing can
	// be done about it any more; it is not put up again while the call rings.
	desk uint32
}

// board is what should be on the desktop, and what is. Its methods are pure bookkeeping: no I/O, no
// clock, no lock; the worker owns it.
type board struct {
	cfg     Config           // its words
	ringing []note           // that should be there, oldest first
	missed  []note           // that are still to be put up, oldest first
	up      map[string]*card // that are there, by key
	order   []string         // keys of missed calls that are there, oldest first
	link    link
}

// op is one thing to ask of the desktop.
type op int

const (
	show op = iota // a new notification, or a new text for the one that has the id
	hide           // take down
)

type step struct {
	op   op
	note note
	id   uint32 // to take down or to replace; 0 for none
}

// update takes in a state: who should be ringing, and who is to be reported as missed.
func (b *board) update(s csta.State) {
	b.ringing = b.ringing[:0:0]
	for _, c := range s.Calls {
		switch {
		case c.Direction != csta.Incoming:
		case c.Phase == csta.Ringing && s.Status == csta.Online:
			// While not Online the calls are as last known: nobody could answer them from here.
			b.ringing = append(b.ringing, b.describe(c, false))
		case c.Phase == csta.Ended && c.Outcome == csta.Missed:
			b.missed = append(b.missed, b.describe(c, true))
		}
	}
	if over := len(b.missed) - maxMissed; over > 0 {
		b.missed = b.missed[over:]
	}
}

// describe words a notification.
func (b *board) describe(c csta.Call, missed bool) note {
	n := note{id: c.ID, number: c.Remote.Number}
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
		n.title = name + " · " + number
	}
	if missed {
		n.kind, n.key = noteMissed, "missed "+n.key
	}
	n.title, n.body = Clean(n.title), Clean(b.cfg.Describe(c))
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
		words += " for " + name + " (" + via + ")"
	case via != "":
		words += " for " + via
	}
	return words
}

// next returns what to do first: take down, then put up who rings, then who was missed, then how the
// link is.
func (b *board) next() (step, bool) {
	wanted := map[string]bool{}
	for _, n := range b.ringing {
		wanted[n.key] = true
	}
	var stale *card
	for key, c := range b.up {
		if c.kind == noteRinging && !wanted[key] && (stale == nil || key < stale.key) {
			stale = c
		}
	}
	if stale != nil {
		return step{op: hide, note: stale.note, id: stale.desk}, true
	}
	for _, n := range b.ringing {
		switch c := b.up[n.key]; {
		case c == nil:
			return step{op: show, note: n}, true
		case c.note != n && c.desk != 0:
			return step{op: show, note: n, id: c.desk}, true
		}
	}
	if len(b.missed) > 0 {
		return step{op: show, note: b.missed[0]}, true
	}
	return b.link.next()
}

// did records that a step was taken; id is what the desktop returned for a note that was shown, 0 if it
// failed: what fails is dropped, not repeated.
func (b *board) did(s step, id uint32) {
	if b.up == nil {
		b.up = map[string]*card{}
	}
	switch {
	case s.note.kind == noteLost, s.note.kind == noteBack:
		b.link.did(s, id)
	case s.op == hide:
		delete(b.up, s.note.key)
	case s.note.kind == noteMissed:
		b.unqueue(s.note)
		if id == 0 {
			return
		}
		b.up[s.note.key] = &card{s.note, id}
		if b.order = append(b.order, s.note.key); len(b.order) > maxMissed {
			delete(b.up, b.order[0])
			b.order = b.order[1:]
		}
	default:
		b.up[s.note.key] = &card{s.note, id}
	}
}

// unqueue takes out a missed call that was reported.
func (b *board) unqueue(n note) {
	for i := range b.missed {
		if b.missed[i] == n {
			b.missed = append(b.missed[:i:i], b.missed[i+1:]...)
			return
		}
	}
}

// find returns the card that the desktop calls id. Anybody may be meant by an id that is not here.
func (b *board) find(id uint32) *card {
	for _, c := range b.up {
		if id != 0 && c.desk == id {
			return c
		}
	}
	if c := b.link.card; c != nil && id != 0 && c.desk == id {
		return c
	}
	return nil
}

// closed records that a notification is no longer there.
func (b *board) closed(id uint32) {
	switch c := b.find(id); {
	case c == nil:
	case c == b.link.card:
		b.link.closed()
	case c.kind == noteMissed:
		delete(b.up, c.key)
	default:
		c.desk = 0
	}
}

// reset forgets what is on the desktop: the service that knew the ids is gone.
func (b *board) reset() { b.up, b.order, b.link.card = nil, nil, nil }

// again lets what could not be shown be tried again: a service has come.
func (b *board) again() {
	for key, c := range b.up {
		if c.desk == 0 {
			delete(b.up, key)
		}
	}
	if c := b.link.card; c != nil && c.desk == 0 {
		b.link.card = nil
	}
}

// leave asks for nothing more but that what is true no longer be taken down.
func (b *board) leave() { b.ringing, b.missed, b.link.down, b.link.back = nil, nil, nil, nil }

// clip cuts a text to a number of characters.
func clip(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return strings.TrimSpace(string(r[:limit-1])) + "…"
	}
	return s
}
