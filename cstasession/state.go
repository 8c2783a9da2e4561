package cstasession

import (
	"slices"
	"time"

	"calltray/cstasession/csta"
)

// State returns the newest state, the one last passed to OnChange or being passed now. It may be called from
// any goroutine. Before Run it is the zero State.
func (s *Session) State() csta.State {
	if st := s.told.Load(); st != nil {
		return *st
	}
	return csta.State{}
}

// tell publishes the current state.
func (s *Session) tell() {
	st := s.state
	s.told.Store(&st)
	s.cfg.OnChange(st)
}

// enter changes the status and publishes it.
func (s *Session) enter(status csta.Status, why error) {
	if s.state.Status == status && s.state.Err == nil && why == nil && !s.state.Since.IsZero() {
		return
	}
	if s.state.Status != status || s.state.Since.IsZero() {
		s.state.Since = time.Now()
	}
	s.state.Status, s.state.Err = status, why
	s.publish()
}

func (s *Session) publish() {
	s.state.Calls = s.office.Named(s.table.Take())
	if s.table.Full() && !s.full {
		s.full = true
		s.cfg.Logger.Warn("the PBX told of more than is kept: the rest was cut off", "what", "calls")
	}
	s.tell()
	ended := func(c csta.Call) bool { return c.Phase == csta.Ended }
	if !slices.ContainsFunc(s.state.Calls, ended) {
		return
	}
	told := s.state.Calls
	s.state.Calls = s.office.Named(s.table.Take())
	s.tell()
	for _, c := range told { // not earlier: whoever waits for the end may ask for the State
		s.settle(c)
	}
}

// update publishes the calls after a change.
func (s *Session) update() {
	s.publish()
	s.follow()
}

// follow tells the services that wait for a change of a call that it was published.
func (s *Session) follow() {
	for _, c := range s.state.Calls {
		s.settle(c)
	}
}

// online is called by the reader when a link is complete and calls are seen. Services use the link from now on,
// or once it takes over from the current one.
func (s *Session) online(l *link) {
	l.complete = true
	if s.completed.IsZero() {
		s.completed = time.Now()
	}
	if s.state.Status != csta.Online {
		s.use(l)
		s.state.Path = l.t.Path()
	}
	s.enter(csta.Online, nil)
}

// settleDoubts ends the calls that nothing has confirmed since the link came back.
func (s *Session) settleDoubts() {
	if s.table.Settle(time.Now()) {
		s.update()
	}
}
