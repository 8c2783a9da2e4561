package cstasession

import (
	"time"
)

// quirks is what this server was seen to do where the vendor documents nothing.
type quirks struct {
	noRenewal   bool      // ResetApplicationSessionTimer has no effect here
	expires     bool      // sessions end when their time is over
	noRemonitor bool      // starting the monitor again is refused or ignored, or doubles its events
	busyUntil   time.Time // it says that it has too much to do
}

// Health is what there is to know about a link beside its status.
type Health struct {
	LastEvent time.Time     // when the last event of our monitor came; zero if none did
	RoundTrip time.Duration // of the last sign of life that was asked for; 0 before the first
	Checked   time.Time     // when it came
	Duration  time.Duration // granted by the PBX
	Renewal   string        // what keeps the session after that: "renewed", "by a new login", "not needed so far"
}

// Health returns the present figures. It may be called from any goroutine; they change without a call
// of OnChange.
func (s *Session) Health() Health {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.health
	switch {
	case !s.quirks.noRenewal:
		h.Renewal = "renewed"
	case s.quirks.expires:
		h.Renewal = "by a new login"
	default:
		h.Renewal = "not needed so far"
	}
	return h
}

// busy reports whether the PBX is to be spared.
func (q quirks) busy() bool { return time.Now().Before(q.busyUntil) }

// learn notes something about the server.
func (s *Session) learn(note func(*quirks)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	note(&s.quirks)
}

func (s *Session) known() quirks {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.quirks
}

// noteExpiry: a session ended when its time was over. A renewal, if there was one, had no effect.
func (s *Session) noteExpiry() { s.learn(func(w *quirks) { w.expires, w.noRenewal = true, true }) }
