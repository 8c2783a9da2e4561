package cstasession

import (
	"math/rand/v2"
	"time"
)

// Intervals are how often a session asks the PBX for something while nobody uses it: the price of noticing soon
// what no event tells. Zero values stand for the defaults, which suit one client or a whole office of them.
//
// What a session asks of the PBX, all in all: nothing for a sign of life while events or answers flow, since any
// message is one; no second MonitorStart while events of the monitor come; the renewal, at half of the granted
// time; the survey, once for each login, one colleague after the other
// and, in a large office, slower and at random moments: all its clients come back together after a restart of
// the PBX. A PBX that says that it has too much to do (SystemStatus
// overloadReached) is asked six times less often, for five minutes or until it says that it is well. How long to
// wait before the next login is Config.Backoff's, and Retry-After's where the hub sends one.
type Intervals struct {
	// Sign is the silence after which the peer is asked for a sign of life; default 10 s. A cut is noticed
	// within 5 s more. After five minutes without an event of the user's telephone Sign and Monitor are three
	// times as long, until the next one, or Wake: who looks at a telephone that has been still for so
	// long loses nothing by being told of a cut after 35 s instead of 15, and a telephone is still for most of the
	// day and all night. An idle client so asks 220 times an hour instead of 480.
	Sign time.Duration
	// Monitor is how soon a monitor is started again that the PBX may have forgotten; default 1 minute without
	// an event.
	Monitor time.Duration
	// Link is how often a fresh link takes over where the monitor cannot be started again, and how often the
	// trunk's monitor is started again; default 10 minutes.
	Link time.Duration
	// Overlap is how long the older link is still read when its successor takes over; default 1 s.
	Overlap time.Duration
	// Survey is the pause between the questions about one colleague or queue and those about the next;
	// default 100 ms. After the first 20 it is random, and five times as long on average: an office of 300 is
	// known after two to three minutes.
	Survey time.Duration
}

// withDefaults is the same with a value for each that has none.
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

// surveyPause is the pause after so many were asked about.
func (i Intervals) surveyPause(asked int) time.Duration {
	if asked < surveyedAtOnce {
		return i.Survey
	}
	return rand.N(2 * surveySlower * i.Survey)
}

const (
	surveyedAtOnce = 20 // with the usual pause
	surveySlower   = 5  // times as long is the pause after that, on average
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
	snapshotLimit = 3 * time.Second  // for the first snapshot, which a gateway may not have
	stopLimit     = time.Second      // for the answer to StopApplicationSession

	// A cut is noticed within Intervals.Sign + signLimit while nothing is pending, and within doubtAfter +
	// doubtLimit after a request that gets no answer.
	signLimit  = 5 * time.Second // for a sign of life; not more than doubtLimit: a request may be sent while it is awaited
	doubtAfter = 4 * time.Second // of silence after a request
	doubtLimit = 5 * time.Second // for the sign of life that is asked for then

	monitorPause = 5 * time.Second  // a monitor that is known to be lost is started again at once, but no more often than this
	succeedPause = 30 * time.Second // before a successor is tried again, when one failed
	idleAfter    = 5 * time.Minute  // without an event the telephone is taken to be unused
	idleSlower   = 3                // times as long are the intervals then
	overloaded   = 6                // times as long are the intervals while the PBX has too much to do
)
