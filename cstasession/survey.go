package cstasession

import (
	"context"
	"errors"
	"slices"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/office"
	"calltray/cstasession/internal/wire"
)

// look asks for what a fresh session does not know, as far as the configuration wants it: the telephone's
// settings, the colleagues, the queues. A refusal is remembered with its reason, and does no other harm.
// (vendor page case_login)
func (l *link) look(ctx context.Context) error {
	if err := l.lookAtOurPhone(ctx); err != nil {
		return err
	}
	return l.monitorTrunk(ctx)
}

// lookAtOurPhone requests the settings of our own telephone.
func (l *link) lookAtOurPhone(ctx context.Context) error {
	s := l.s
	if !s.cfg.WatchTelephone {
		return nil
	}
	for _, q := range s.office.OwnSettings() {
		_, refusal, err := l.inform(ctx, q.Request(), func(m wire.Message) { s.tellOffice(l, s.office.AnswerOwn(q, m)) })
		if err != nil {
			return err
		}
		l.noteRefusal(refusal)
	}
	return nil
}

// monitorTrunk is the vendor's way to monitor every extension and queue. Repeating it changes nothing;
// everybody is reported again. (vendor page monitorTrunk)
func (l *link) monitorTrunk(ctx context.Context) error {
	s := l.s
	if !s.watchesOffice() {
		return nil
	}
	told, refusal, err := l.inform(ctx, wire.Node("MonitorTrunk", wire.Node("monitorObject", wire.Leaf("deviceObject", "1"))), func(wire.Message) { s.trunk(csta.On) })
	if err != nil {
		return err
	}
	l.noteRefusal(refusal)
	if !told && !l.trunk { // one that is already running continues
		now := csta.Unknown
		if refusal != nil {
			now = csta.Off
		}
		l.inReader(func() { s.trunk(now) })
	}
	l.trunk = l.trunk || told
	return nil
}

// watchesOffice reports whether colleagues or queues are to be reported.
func (s *Session) watchesOffice() bool { return s.cfg.OnColleague != nil || s.cfg.OnQueue != nil }

// trunk records whether the PBX reports colleagues, in the reader.
func (s *Session) trunk(now csta.Switch) {
	if s.state.Trunk != now {
		s.state.Trunk = now
		s.publish()
	}
}

// Colleagues returns the other extensions as last passed to OnColleague, sorted by number; nil while the
// session is not Online. It may be called from any goroutine, but not within OnChange, OnColleague and OnQueue.
func (s *Session) Colleagues() (list []csta.Colleague) {
	s.consult(func() { list = s.office.Everybody() })
	return list
}

// tellOffice reports what has changed in the office, in the reader.
func (s *Session) tellOffice(l *link, c office.Changes) {
	for _, colleague := range c.Colleagues {
		if s.cfg.OnColleague != nil {
			s.cfg.OnColleague(colleague)
		}
	}
	for _, q := range c.Queues {
		if s.cfg.OnQueue != nil {
			s.cfg.OnQueue(q)
		}
		s.settle(q)
	}
	if c.Telephone {
		s.state.Telephone = s.office.Telephone
		s.publish()
		s.settle(s.state.Telephone)
	}
	if c.Name && !slices.Equal(s.state.Calls, s.office.Named(s.table.Calls())) {
		s.publish()
	}
	if c.Questions {
		l.announce()
	}
	for _, what := range c.Cut {
		s.cfg.Logger.Warn("the PBX told of more than is kept: the rest was cut off", "what", what)
	}
}

// forgetOffice: events were lost, and nothing reported what colleagues did meanwhile. The trunk's monitor
// reports everybody again, and their telephones are asked about again.
func (l *link) forgetOffice() { l.consult(l.s.office.ForgetCalls) }

// askNext asks the office's next questions, which are about one colleague or one queue. A question about a
// colleague that is not answered, or may not be what was refused, is asked again, after the others; one
// interrupted by the loss of the link is asked by the link that takes over. It reports whether there are more, and how
// long to wait at least before they are asked.
func (l *link) askNext(ctx context.Context) (more bool, pause time.Duration, _ error) {
	o := l.s.office
	var questions []office.Question
	if !l.consult(func() { questions, more = o.Next() }) {
		return false, 0, nil
	}
	again := false
	for _, q := range questions {
		asked := time.Now()
		told, refusal, err := l.inform(ctx, q.Request(), func(m wire.Message) { l.s.tellOffice(l, o.Answer(q, m, asked, time.Now())) })
		switch {
		case err != nil:
			return false, 0, err
		case refusal != nil && refusal.Uncorrelated && !q.Queue: // perhaps refusing a service that the user requested
			again, pause = true, signLimit // its answer may be on its way, and must not be taken for the next one's
		case refusal != nil:
			if q.Queue {
				l.noteRefusal(refusal)
			}
			l.inReader(func() { o.Refuse(q, q.Queue && notSupported(refusal)) })
		case !told && !q.Queue:
			again = true
		}
	}
	l.inReader(func() {
		o.Done()
		if again {
			o.AskLater(questions[0].Number)
		}
	})
	return more || again, pause, nil
}

// inform sends a request whose positive answer the reader folds. Only the loss of the link is an error.
func (l *link) inform(ctx context.Context, body wire.Element, fold func(wire.Message)) (told bool, refusal *csta.ServiceError, _ error) {
	_, err := l.request(ctx, request{body: body, limit: signLimit, inStream: func(m wire.Message) {
		if m.Failure(body.Name) == nil {
			fold(m)
		}
	}})
	if errors.Is(err, csta.ErrNoAnswer) {
		l.inReader(func() { l.s.office.Unanswered(body.Name) })
	}
	if refusal = refusalIn(err); refusal != nil || errors.Is(err, csta.ErrNoAnswer) {
		l.s.cfg.Logger.Info("not told by this PBX", "service", body.Name, "err", err)
		return false, refusal, nil
	}
	return err == nil, nil, err
}

// announce tells the keeper that there are questions to ask.
func (l *link) announce() {
	select {
	case l.survey <- struct{}{}:
	default:
	}
}
