package cstasession

import (
	"strings"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

// fold applies an event of our monitor to the calls, and publishes the changes.
func (s *Session) fold(l *link, m wire.Message) {
	if n := len(m.Name) - len("Event"); n < 0 || !strings.EqualFold(m.Name[n:], "Event") {
		return
	}
	ev, known := wire.ReadEvent(m)
	if !known {
		changed, known := s.office.FoldOther(m, l.crossRef)
		if name := s.secret.Clean(m.Name); !known && !s.unknown[name] && len(s.unknown) < 100 {
			s.unknown[name] = true
			s.cfg.Logger.Info("an event without a meaning here was skipped", "name", name)
		}
		s.tellOffice(l, changed)
		return
	}
	if ev.CrossRef != "" && !strings.EqualFold(ev.CrossRef, l.crossRef) && !s.table.Ours(csta.DeviceID(ev.CrossRef)) {
		if s.watchesOffice() {
			s.tellOffice(l, s.office.Fold(ev, time.Now()))
		}
		return // not of our own monitor
	}
	told := ev
	told.Order = 0 // perhaps the monitor's own order
	switch {
	case told != l.last:
	case l.monitors < 2:
		l.twice = true // this server sends events twice, which does no harm
	case !l.twice && !s.known().noRemonitor:
		s.cfg.Logger.Info("events come twice: the monitor is not started again here")
		s.learn(func(w *quirks) { w.noRemonitor = true })
	}
	l.last = told
	now := time.Now()
	s.mu.Lock()
	s.health.LastEvent = now
	s.mu.Unlock()
	s.tellOffice(l, s.office.LearnName(ev))
	if strings.EqualFold(ev.RequestType, "MakeCall") {
		s.made = ev.Leg.CallID
	}
	if s.table.Supersede(ev, now) {
		s.update()
	}
	if c, changed := s.table.Apply(ev, now); changed {
		if s.update(); c.Via != "" && c.Phase != csta.Ended && s.office.WantName(c.Via) {
			l.announce()
		}
	}
}
