package cstasession

import (
	"context"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/transport"
)

// handover is the links of a session: the one in use and, at times, a successor that takes over from it without
// a gap. Its states:
//
//	alone        there is no successor
//	joining      the successor logs in, starts its monitor, and asks for what it needs
//	overlapping  it is ready. Both are read for Intervals.Overlap: events that were sent before its monitor started
//	             may still be on their way over the older link
//	retiring     services use the successor; the older link says goodbye. When that is done: alone
//
// A successor that fails in any state before retiring changes nothing, and its keeper tries another. If the
// older link falls, the successor takes its place in whatever state it is. The reader owns it.
type handover struct {
	s         *Session
	current   *link
	successor *link            // nil: alone
	overlap   <-chan time.Time // not nil: overlapping
	retiring  bool
	lost      error // why a successor failed while the older link was retiring
}

// serve sets up one link and reads it, and then each successor that takes over without a gap, until none is
// left. It returns why the last one ended, never nil.
func (s *Session) serve(ctx context.Context) error {
	t, err := s.dialUnlessWoken(ctx)
	if err != nil {
		return err
	}
	s.progress("transport", t.Path())
	s.table.NewLink()
	s.office.NewLink()
	s.state.Refused = nil // the PBX may have been upgraded
	h := &handover{s: s, current: s.open(ctx, t)}
	for {
		var inbox <-chan transport.Inbound
		var kept <-chan error
		if h.successor != nil {
			inbox, kept = h.successor.t.Inbox(), h.successor.kept
		}
		var settling <-chan time.Time
		if due := s.table.Due(); !due.IsZero() {
			settling = time.After(time.Until(due))
		}
		var err, said error
		select {
		case in := <-h.current.t.Inbox():
			err = s.receive(h.current, in)
		case said = <-h.current.kept:
			err = said
		case in := <-inbox:
			if err := s.receive(h.successor, in); err != nil {
				h.failed(err, nil)
			}
		case said := <-kept:
			h.failed(said, said)
		case t := <-s.successor:
			h.join(ctx, t)
		case <-h.overlap:
			h.retire()
		case f := <-s.todo:
			f()
		case <-settling:
			if s.table.Ask(time.Now()) {
				h.current.askAboutCalls()
			}
			s.settleDoubts()
		}
		if h.successor != nil && h.successor.ready && h.overlap == nil && !h.retiring {
			h.overlap = time.After(h.s.cfg.Intervals.Overlap)
		}
		if err != nil {
			if err = h.fell(err, said); err != nil {
				return err
			}
		}
	}
}

// join begins a handover, unless one is in progress.
func (h *handover) join(ctx context.Context, t transport.Conn) {
	if h.successor != nil {
		t.Close()
		return
	}
	h.successor = h.s.open(ctx, t)
}

// retire switches services to the successor, and has the older link say goodbye.
func (h *handover) retire() {
	h.overlap, h.retiring = nil, true
	h.s.use(h.successor)
	h.s.goesBy(h.successor)
	close(h.current.retire)
}

// failed ends a successor that failed. said is its keeper's final error, if known.
func (h *handover) failed(err, said error) {
	h.s.use(h.current)
	err = h.successor.end(err, said)
	h.s.cfg.Logger.Warn("the successor of the link failed", "err", err)
	h.successor, h.overlap = nil, nil
	h.s.goesBy(h.current)
	if h.retiring {
		h.lost = err // no link is left once the older one has said goodbye
		return
	}
	if h.current.deaf {
		h.s.enter(csta.Connecting, csta.ErrMonitorLost)
	}
	select {
	case h.current.again <- err:
	default:
	}
}

// fell ends the current link and puts the successor in its place. It returns why the session is offline, or nil
// if it is not.
func (h *handover) fell(err, said error) error {
	next := h.successor
	if next != nil {
		h.s.use(next)
	}
	err = h.current.end(err, said)
	switch {
	case next == nil && h.lost != nil:
		return h.lost
	case next == nil:
		return err
	}
	h.current, h.successor, h.overlap, h.retiring = next, nil, nil, false
	if !next.complete { // there is a gap after all
		h.s.table.Gap()
		h.s.office.NewLink()
		h.s.enter(csta.Connecting, err)
		return nil
	}
	h.s.goesBy(next)
	return nil
}

// use switches services to a link that is complete.
func (s *Session) use(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.link != l && l.complete {
		s.link = l
	}
}

// goesBy publishes the path of the link now in use.
func (s *Session) goesBy(l *link) {
	if path := l.t.Path(); s.state.Path != path {
		s.state.Path = path
		s.publish()
	}
}

// deafen records whether events are known to be missing. A session without events reports that it is not
// online, since calls would not be seen; services still work. deafen returns when that is published.
func (l *link) deafen(deaf bool) {
	l.consult(func() {
		was := l.deaf
		if l.deaf = deaf; was == deaf {
			return
		}
		if deaf {
			l.s.enter(csta.Connecting, csta.ErrMonitorLost)
		} else {
			l.s.enter(csta.Online, nil)
		}
	})
}
