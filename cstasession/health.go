package cstasession

import (
	"time"
)

// quirks is how this server was seen to behave where the vendor documents nothing.
type quirks struct {
	noRenewal   bool      // ResetApplicationSessionTimer has no effect here
	expires     bool      // sessions end when their time runs out
	noRemonitor bool      // restarting the monitor is refused or ignored, or doubles its events
	busyUntil   time.Time // until then it counts as overloaded, as it reported
}

// Health describes a link in more detail than its status.
type Health struct {
	LastEvent time.Time     // when the last event of our monitor came; zero if none has
	RoundTrip time.Duration // of the last sign of life that was requested; 0 before the first
	Checked   time.Time     // when it came
	Duration  time.Duration // granted by the PBX
	Renewal   string        // how the session is kept after that: "renewed", "by a new login", "not needed so far"
}

// Health returns the current figures. It may be called from any goroutine; they change without a call of
// OnChange.
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

// busy reports whether to send the PBX fewer requests.
func (q quirks) busy() bool { return time.Now().Before(q.busyUntil) }

// learn records something about the server.
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

// noteExpiry records that a session ended when its time ran out. A renewal, if there was one, had no effect.
func (s *Session) noteExpiry() { s.learn(func(w *quirks) { w.expires, w.noRenewal = true, true }) }
