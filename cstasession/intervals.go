package cstasession

import (
	"math/rand/v2"
	"time"
)

// Intervals are how often a session sends requests while nobody uses it: the price of soon noticing what no
// event reports. Zero values stand for the defaults, which suit a single client as well as a whole office.
//
// A session sends: no request for a sign of life while events or answers arrive, since any message is one; no
// second MonitorStart while events of the monitor arrive; the renewal, at half of the granted time; and the
// survey, once per login, one colleague after the other, and in a large office more slowly and at random
// moments, because all its clients return together after a restart of the PBX. A PBX that reports overload
// (SystemStatus overloadReached) receives six times fewer requests, for five minutes or until it reports normal
// operation. The wait before the next login is set by Config.Backoff, or by Retry-After if the hub sends one.
type Intervals struct {
	// Sign is the silence after which the peer is asked for a sign of life; default 10 s. A broken link is
	// noticed within 5 s more. After five minutes without an event of the user's telephone, Sign and Monitor
	// are three times as long, until the next event or Wake: after such a pause it does no harm to notice a
	// broken link after 35 s instead of 15, and a telephone is idle for most of the day and all night. An idle
	// client therefore sends 220 requests an hour instead of 480.
	Sign time.Duration
	// Monitor is how long without an event before the monitor is restarted, in case the PBX has lost it;
	// default 1 minute.
	Monitor time.Duration
	// Link is how often a fresh link takes over where the monitor cannot be restarted, and how often the
	// trunk's monitor is restarted; default 10 minutes.
	Link time.Duration
	// Overlap is how long the older link is still read while its successor takes over; default 1 s.
	Overlap time.Duration
	// Survey is the pause between the requests about one colleague or queue and those about the next; default
	// 100 ms. After the first 20 it is random, and five times as long on average: an office of 300 is known
	// after two to three minutes.
	Survey time.Duration
}

// withDefaults returns i with the defaults in place of zero values.
func (i Intervals) withDefaults() Intervals {
	for _, v := range []struct {
		of    *time.Duration
		usual time.Duration
	}{{&i.Sign, quietLimit}, {&i.Monitor, monitorEvery}, {&i.Link, linkEvery}, {&i.Overlap, overlapFor}, {&i.Survey, phoneEvery}} {
		if *v.of <= 0 {
			*v.of = v.usual
		}
	}
	return i
}

// surveyPause returns the pause after asked colleagues and queues.
func (i Intervals) surveyPause(asked int) time.Duration {
	if asked < surveyedAtOnce {
		return i.Survey
	}
	return rand.N(2 * surveySlower * i.Survey)
}

const (
	surveyedAtOnce = 20 // are asked about with the usual pause
	surveySlower   = 5  // times as long is the average pause after that
)

// The defaults of Intervals.
const (
	quietLimit   = 10 * time.Second
	monitorEvery = time.Minute
	linkEvery    = 10 * time.Minute
	overlapFor   = time.Second
	phoneEvery   = 100 * time.Millisecond
)

const (
	answerLimit   = 10 * time.Second // for the answer to a request
	snapshotLimit = 3 * time.Second  // for the first snapshot, which a gateway may not support
	stopLimit     = time.Second      // for the answer to StopApplicationSession

	// A broken link is noticed within Intervals.Sign + signLimit while nothing is pending, and within
	// doubtAfter + doubtLimit after a request that is not answered.
	signLimit  = 5 * time.Second // for a sign of life; at most doubtLimit, since a request may be sent while one is awaited
	doubtAfter = 4 * time.Second // of silence after a request
	doubtLimit = 5 * time.Second // for the sign of life requested then

	monitorPause = 5 * time.Second  // a monitor known to be lost is restarted at once, but no more often than this
	succeedPause = 30 * time.Second // before another successor is tried after one failed
	idleAfter    = 5 * time.Minute  // without an event, and the telephone counts as unused
	idleSlower   = 3                // times as long are the intervals of an unused telephone
	overloaded   = 6                // times as long are the intervals while the PBX is overloaded
)
