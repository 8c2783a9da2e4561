package wake

import (
	"context"
	"fmt"
	"time"
)

const (
	// tick is how often the clocks are compared.
	tick = 2 * time.Second
	// slack is how much later than tick a comparison may come before that counts as sleep. A busy machine
	// delays a timer by milliseconds; a time server adjusts a running clock by less than this.
	slack = 3 * time.Second
	// ahead is how far the wall clock may run ahead of the monotonic one between two comparisons: enough for a
	// time server's corrections, too little for a sleep that matters.
	ahead = 2 * time.Second
)

// readClock reads the clocks: the time with its monotonic part.
func readClock() (wall, monotonic time.Duration) {
	now := time.Now()
	return time.Duration(now.UnixNano()), now.Sub(programStart)
}

// programStart is the reference of the monotonic clock; only differences matter.
var programStart = time.Now()

// slept reports whether the machine slept, or this program was stopped, between two readings of the clocks that
// should be a tick apart, given how far each clock has advanced. Which clock shows it depends on the system:
// Go's monotonic clock stops during sleep on Linux and macOS (so the wall clock gets ahead of it) and continues
// on Windows; while a program is stopped (SIGSTOP, a paused virtual machine) both continue, and the reading
// comes late. A wall clock that was set back hides nothing, since the monotonic one still counts; one that was
// set forward looks like sleep, which costs one probe.
func slept(wall, monotonic time.Duration) bool {
	return wall-monotonic > ahead || monotonic > tick+slack
}

// watchClock compares the clocks every tick until ctx ends.
func watchClock(ctx context.Context, read func() (wall, monotonic time.Duration), s *signs) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	wall, monotonic := read()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		w, m := read()
		if slept(w-wall, m-monotonic) {
			s.woke(fmt.Sprintf("the clocks went on by %v and %v", w-wall, m-monotonic))
		}
		wall, monotonic = w, m
	}
}
