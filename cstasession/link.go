package cstasession

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/transport"
	"calltray/cstasession/internal/wire"
)

// link is one connection to the PBX, from dial to close.
type link struct {
	s    *Session
	t    transport.Conn
	kept chan error    // receives the keeper's final error
	done chan struct{} // closed when the link has ended
	err  error         // why it ended; set before done is closed

	survey chan struct{} // tells the keeper that there are questions to ask about colleagues or queues
	poke   chan struct{} // demands a sign of life from the keeper, now
	blind  chan struct{} // tells the keeper that events are missing
	again  chan error    // tells the keeper that its successor has failed
	gaps   chan struct{} // tells the keeper that some of what the peer sent may be lost
	unsure chan struct{} // tells the keeper to ask about calls
	retire chan struct{} // closed when a successor has taken over

	// Owned by the reader.
	complete bool       // logged in, monitoring, snapshot applied
	ready    bool       // has asked for everything else and monitors the trunk: it may take over
	deaf     bool       // its monitor is lost and could not be restarted so far
	crossRef string     // of our monitor
	monitors int        // how many times it was started
	last     wire.Event // to detect duplicate events
	twice    bool       // events were duplicated before the monitor was restarted

	replies chan wire.Element // to the peer's requests
	writer  sync.WaitGroup

	// Owned by the keeper.
	sessionID string
	granted   time.Duration // counted from began
	began     time.Time     // of the login, or the last renewal
	trunk     bool          // the trunk is monitored

	noSnapshotCall int // failures in a row; from ignoredAfter on it is no longer requested

	mu      sync.Mutex
	heard   time.Time            // when the peer last sent anything
	pending []*pending           // oldest first
	owed    map[string]time.Time // by service, the time of a request whose refusal was matched to it by guess: its own answer may still come
	givenUp []*pending           // the last few that were not answered in time
}

// open sets up a link over a fresh transport, with its keeper.
func (s *Session) open(ctx context.Context, t transport.Conn) *link {
	l := &link{
		s: s, t: t, kept: make(chan error, 1), done: make(chan struct{}),
		survey: make(chan struct{}, 1), poke: make(chan struct{}, 1), again: make(chan error, 1), retire: make(chan struct{}), blind: make(chan struct{}, 1), gaps: make(chan struct{}, 1), unsure: make(chan struct{}, 1), replies: make(chan wire.Element, 8), heard: time.Now(), owed: map[string]time.Time{},
	}
	l.writer.Go(l.replier)
	go func() { l.kept <- l.keep(ctx) }()
	return l
}

// end closes the link and returns why it ended: the keeper knows which request was pending when it broke. The
// reader calls it once; said is the keeper's final error if already known.
func (l *link) end(err, said error) error {
	l.s.mu.Lock()
	if l.s.link == l {
		l.s.link = nil
	}
	l.s.mu.Unlock()
	l.err = err
	close(l.done)
	l.t.Close()
	l.writer.Wait()
	if said == nil {
		said = <-l.kept
	}
	if !errors.Is(said, csta.ErrOffline) && !errors.Is(said, context.Canceled) {
		return said
	}
	return err
}

// dialUnlessWoken dials. A wake (the network has changed) cancels the attempt and starts a new one.
func (s *Session) dialUnlessWoken(ctx context.Context) (transport.Conn, error) {
	for {
		attempt, cancel := context.WithCancel(ctx)
		woken := make(chan bool, 1)
		go func() {
			select {
			case <-s.wake:
				cancel()
				woken <- true
			case <-attempt.Done():
				woken <- false
			}
		}()
		t, err := s.dial(attempt, s.gateway())
		cancel()
		if again := <-woken; err == nil || !again || ctx.Err() != nil {
			return t, err
		}
	}
}

// receive handles one item of a link, in the reader. An error ends the link.
func (s *Session) receive(l *link, in transport.Inbound) error {
	if in.Err != nil {
		return in.Err
	}
	if in.Gap {
		s.gap(l)
		return nil
	}
	l.mu.Lock()
	l.heard = time.Now()
	l.mu.Unlock()
	m := in.Msg
	if strings.EqualFold(m.Name, "ApplicationSessionTerminated") {
		reason := s.secret.Clean(strings.Join(wire.Leaves(m.Body.Child("sessionTermReason")), " "))
		if strings.EqualFold(reason, "sessionTimerExpired") {
			s.noteExpiry()
		}
		return fmt.Errorf("%w: %s", csta.ErrSessionTerminated, reason)
	}
	switch {
	case m.IsSystemStatus():
		s.systemStatus(l, m)
		return nil
	case strings.EqualFold(m.Name, "MonitorStop"):
		if ref := m.Body.Value("monitorCrossRefID"); strings.EqualFold(ref, l.crossRef) || s.office.IsTrunk(ref) {
			s.cfg.Logger.Warn("the PBX has stopped the monitor")
			l.lost()
		}
		return nil
	case m.IsEvent():
		s.fold(l, m)
		return nil
	}
	p := l.take(m)
	if p == nil {
		p = l.takeLate(m)
	}
	if p == nil {
		s.cfg.Logger.Debug("an answer that nobody waits for was dropped", "name", s.secret.Clean(m.Name), "requestID", s.secret.Clean(m.RequestID))
		return nil
	}
	if p.inStream != nil {
		p.inStream(m)
	}
	p.answer <- m
	return nil
}

// inReader passes f to the reader and returns when the reader starts it; false if the link has ended.
func (l *link) inReader(f func()) bool {
	select {
	case l.s.todo <- f:
		return true
	case <-l.done:
		return false
	}
}

// consult runs f in the reader of the current link and returns when it is done; false if there is no link.
func (s *Session) consult(f func()) bool {
	l, err := s.current()
	return err == nil && l.consult(f)
}

// consult runs f in the reader and returns when it is done; false if the link has ended.
func (l *link) consult(f func()) bool {
	done := make(chan struct{})
	if !l.inReader(func() { f(); close(done) }) {
		return false
	}
	<-done
	return true
}

// gap records that calls may have been missed, until the keeper has asked the PBX again.
func (s *Session) gap(l *link) {
	s.cfg.Logger.Warn("something of what the PBX sent may be lost")
	s.table.Gap()
	if l.complete && !l.deaf && s.state.Status == csta.Online {
		s.enter(csta.Connecting, csta.ErrGap)
	}
	select {
	case l.gaps <- struct{}{}:
	default:
	}
}

// lost tells the keeper that events of our device or of the trunk are missing.
func (l *link) lost() {
	select {
	case l.blind <- struct{}{}:
	default:
	}
}

func (l *link) silence() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Since(l.heard)
}
