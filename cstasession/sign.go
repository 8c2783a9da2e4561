package cstasession

import (
	"context"
	"errors"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

// giveSign makes the peer prove that it is alive, if it has been silent or somebody doubts it.
func (k *keeper) giveSign(ctx context.Context) (again time.Time, err error) {
	limit := k.demanded
	k.demanded = 0
	if limit == 0 {
		if k.l.silence() < k.slower(k.l.s.cfg.Intervals.Sign) {
			return again, nil
		}
		limit = signLimit
	}
	return again, k.prove(ctx, limit, "")
}

// prove asks the peer for a sign of life, and records how long that took. A refusal counts, and so does
// anything else that the peer sends. A peer that does not answer one question is asked another before the time
// is up, since it may ignore that service. The questions change nothing. except names a service that is not
// used.
func (k *keeper) prove(ctx context.Context, limit time.Duration, except string) error {
	l := k.l
	asked := time.Now()
	questions := k.questions(except)
	var err error
	for i, question := range questions {
		if err = question.ask(ctx, limit/time.Duration(len(questions)), asked); err == nil {
			delete(k.unanswered, question.service)
			for _, other := range questions[:i] {
				k.noteUnanswered(other.service)
			}
			l.s.mu.Lock()
			l.s.health.RoundTrip, l.s.health.Checked = time.Since(asked), time.Now()
			l.s.mu.Unlock()
			return nil
		}
		if !errors.Is(err, csta.ErrNoAnswer) {
			return err
		}
		if l.silence() < time.Since(asked) {
			return nil // not the answer, but the peer is alive
		}
	}
	return err
}

// signQuestion is a request that serves as the question for a sign of life.
type signQuestion struct {
	service string
	ask     func(ctx context.Context, limit time.Duration, asked time.Time) error
}

// questions returns those that the peer is not known to ignore.
func (k *keeper) questions(except string) (list []signQuestion) {
	l := k.l
	all := []signQuestion{
		{"SnapShotDevice", func(ctx context.Context, limit time.Duration, asked time.Time) error {
			_, err := l.request(ctx, request{body: l.s.snapshotRequest(), limit: limit, inStream: func(m wire.Message) { l.refresh(m, asked) }})
			return unlessRefused(err)
		}},
		{"MonitorStart", func(ctx context.Context, limit time.Duration, _ time.Time) error {
			return unlessRefused(l.monitor(ctx, limit))
		}},
		{"GetDoNotDisturb", func(ctx context.Context, limit time.Duration, _ time.Time) error {
			_, err := l.request(ctx, request{body: wire.Node("GetDoNotDisturb", l.s.device()), limit: limit})
			return unlessRefused(err)
		}},
	}
	for _, q := range all {
		switch {
		case q.service == except, k.ignores(q.service), q.service == "MonitorStart" && l.s.known().noRemonitor:
		default:
			list = append(list, q)
		}
	}
	if len(list) == 0 {
		return all[2:]
	}
	return list
}

// ignoredAfter is how many times in a row a service must go unanswered, by a peer that answers another one,
// before it counts as ignored: once may be a short silence.
const ignoredAfter = 2

func (k *keeper) ignores(service string) bool { return k.unanswered[service] >= ignoredAfter }

// noteUnanswered records that a live peer has not answered a service.
func (k *keeper) noteUnanswered(service string) {
	if k.l.late(service) {
		return
	}
	if k.unanswered[service]++; k.unanswered[service] != ignoredAfter {
		return
	}
	k.l.s.cfg.Logger.Info("a service is not answered any more", "service", service)
	if service == "MonitorStart" {
		k.l.s.learn(func(q *quirks) { q.noRemonitor = true })
	}
}
