package transport

import (
	"log/slog"
	"time"
)

const (
	complaintsAtOnce = 10               // this many faults of a peer are logged at once,
	complaintsEvery  = 10 * time.Second // and then one per interval
)

// complaints logs a peer's faults at a bounded rate: a peer that sends nothing else would fill the disk. It
// belongs to the goroutine that reads the link.
type complaints struct {
	log     *slog.Logger
	made    int
	last    time.Time
	leftOut int // since the last logged one
}

// warn logs a complaint, or counts it.
func (c *complaints) warn(what string, args ...any) {
	if c.made >= complaintsAtOnce && time.Since(c.last) < complaintsEvery {
		c.leftOut++
		return
	}
	if c.leftOut > 0 {
		args = append(args, "leftOut", c.leftOut)
	}
	c.made, c.last, c.leftOut = c.made+1, time.Now(), 0
	c.log.Warn(what, args...)
}
