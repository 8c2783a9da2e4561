package notify

import (
	"slices"
	"strconv"
	"strings"

	"calltray/cstasession/csta"
	"calltray/internal/foreign"
)

const (
	// maxMissed is how many unseen missed calls are remembered; older ones are counted.
	maxMissed = 20
	// namedMissed is how many callers the notification names.
	namedMissed = 2
)

// missedNotice is the single notification about missed calls that the user has not seen. It belongs to the
// notices and is equally pure.
type missedNotice struct {
	calls []csta.Call  // unseen, oldest first
	older int          // unseen as well, but not remembered
	told  notice       // as it was last shown or tried
	shown *shownNotice // on the desktop; nil if it is not shown
	left  bool         // it stays on the desktop
}

// update records a call that has ended. A call may have been missed before and answered now.
func (m *missedNotice) update(c csta.Call) {
	m.calls = slices.DeleteFunc(m.calls, c.Supersedes)
	if c.Outcome == csta.Missed {
		m.calls = append(m.calls, c)
	}
	if over := len(m.calls) - maxMissed; over > 0 {
		m.calls, m.older = m.calls[over:], m.older+over
	}
	if len(m.calls) == 0 {
		m.seen()
	}
}

// seen removes the calls: the user has seen them.
func (m *missedNotice) seen() { m.calls, m.older, m.told = nil, 0, notice{} }

// again shows the notification again: there is a new service, which does not have it.
func (m *missedNotice) again() {
	if m.shown == nil {
		m.told = notice{}
	}
}

// leave lets a correct notification stay on the desktop.
func (m *missedNotice) leave() {
	if len(m.calls) > 0 {
		m.shown = nil
	}
	m.calls, m.left = nil, true
}

// next returns the first thing to do.
func (m *missedNotice) next(b *notices) (step, bool) {
	var id uint32
	if m.shown != nil {
		id = m.shown.desktopID
	}
	if len(m.calls) == 0 {
		return step{op: hide, notice: notice{kind: noticeMissed, key: "missed"}, id: id}, m.shown != nil
	}
	n := m.notice(b)
	return step{op: show, notice: n, id: id}, n != m.told
}

// did records that a step was taken.
func (m *missedNotice) did(s step, id uint32) {
	m.shown = nil
	if s.op == hide || m.left {
		return
	}
	if id != 0 {
		m.shown = &shownNotice{notice: s.notice, desktopID: id}
	}
	if m.told = s.notice; len(m.calls) == 0 {
		m.told = notice{} // the calls were seen in between
	}
}

// notice makes the notification: a single caller can be called back, of several the most recent are named. Each
// caller counts once.
func (m *missedNotice) notice(b *notices) notice {
	last := m.calls[len(m.calls)-1]
	n := b.describe(last)
	n.kind, n.key = noticeMissed, "missed"
	callers := m.callers(b)
	count := len(callers) + m.older
	switch {
	case count == 1 && len(m.calls) > 1 && last.Began.IsZero():
		n.body = sentence(b.cfg.Say("Missed {{.Count}} times", "Count", strconv.Itoa(len(m.calls))), maxText)
	case count == 1 && len(m.calls) > 1:
		n.body = sentence(b.cfg.Say("Missed {{.Count}} times, last at {{.Time}}", "Count", strconv.Itoa(len(m.calls)), "Time", last.Began.Local().Format("15:04")), maxText)
	case count > 1:
		n.id, n.number = csta.ConnectionID{}, ""
		n.title = sentence(b.cfg.Say("{{.Count}} missed calls", "Count", strconv.Itoa(count)), maxText)
		if b.cfg.Nameless() {
			return n
		}
		named := callers[:min(len(callers), namedMissed)]
		n.body = strings.Join(named, ", ")
		if more := count - len(named); more > 0 {
			n.body = b.cfg.Say("{{.Callers}} and {{.Count}} more", "Callers", n.body, "Count", strconv.Itoa(more))
		}
		n.body = sentence(n.body, maxBody)
	}
	return n
}

// callers returns who called, each once, most recent first. Callers who withhold their number cannot be told
// apart.
func (m *missedNotice) callers(b *notices) (list []string) {
	met := map[string]bool{}
	for _, c := range slices.Backward(m.calls) {
		number, name := Clean(b.cfg.Format(c.Remote.Number)), clip(Clean(c.Remote.Name), 60)
		who := csta.DeviceID(c.Remote.Number).Number()
		if who == "" {
			who = name
		}
		if who != "" && met[who] {
			continue
		}
		met[who] = true
		switch {
		case name != "":
			list = append(list, foreign.Isolate(name))
		case number != "":
			list = append(list, number)
		default:
			list = append(list, b.cfg.Say("Number withheld"))
		}
	}
	return list
}
