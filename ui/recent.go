package ui

import (
	"slices"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/text"
)

// maxRecent is how many ended calls the window remembers, of this run.
const maxRecent = 20

// past is a call that has ended, or a time in which no call was seen.
type past struct {
	call     csta.Call
	passedTo string // where the user passed it on to while it rang; "" if they did not
	ended    time.Time
	// lost is when the connection was lost, of a gap; ended is when it was back, zero while it is not.
	lost time.Time
}

// outcome tells how the call ended.
func (p past) outcome() string {
	if p.passedTo != "" {
		return text.Say("Transferred to {{.Who}}", "Who", p.passedTo)
	}
	return text.OutcomeWord(p.call)
}

// number returns what would be dialled to call back, "" if the caller is not known.
func (p past) number() string { return csta.DeviceID(p.call.Remote.Number).Number() }

func (p past) isGap() bool { return !p.lost.IsZero() }

// shortGap is how long the connection may be lost without a line about it: nobody is called and gives up
// in less.
const shortGap = 3 * time.Second

// followGaps returns the list with the gap that a state begins, goes on with, or ends. before is the
// state before it. A gap is in the list from its beginning: the window must not look as if nothing had
// been missed.
func followGaps(list []past, before, now csta.State) []past {
	open := len(list) > 0 && list[0].isGap() && list[0].ended.IsZero()
	switch {
	case !open && before.Status == csta.Online && now.Status != csta.Online:
		return push(list, past{lost: now.Since})
	case now.Status != csta.Online:
		return list
	}
	for i := range list {
		if p := list[i]; p.isGap() && p.ended.IsZero() {
			next := append([]past{}, list...)
			if next[i].ended = now.Since; now.Since.Sub(p.lost) < shortGap {
				return append(next[:i], next[i+1:]...)
			}
			return next
		}
	}
	return list
}

// push puts an entry in front, and drops the oldest if need be.
func push(list []past, p past) []past {
	return append([]past{p}, list[:min(len(list), maxRecent-1)]...)
}

// remember returns the list, newest first, with the calls of a state that have ended. A call is told to
// have ended in one state only; one that is in the list already is not taken twice. Several attempts of one call
// are one line.
func remember(list []past, s csta.State) []past {
	for _, c := range s.Calls {
		if c.Phase != csta.Ended || contains(list, c) {
			continue
		}
		list = slices.DeleteFunc(slices.Clone(list), func(p past) bool { return !p.isGap() && c.Supersedes(p.call) })
		list = push(list, past{call: c, ended: c.Since})
	}
	return list
}

// notePassed remembers that the user has passed on a ringing call. Its end may have been told already, or
// be told next.
func (u *UI) notePassed(c csta.ConnectionID, to string) {
	u.passed[c] = to
	u.labelPassed()
	u.render()
}

// labelPassed writes into the list what is known of calls that were passed on.
func (u *UI) labelPassed() {
	for i, p := range u.recent {
		to, ok := u.passed[p.call.ID]
		if !ok || p.isGap() {
			continue
		}
		if delete(u.passed, p.call.ID); p.call.Outcome == csta.DivertedAway {
			u.recent[i].passedTo = to
		}
	}
}

func contains(list []past, c csta.Call) bool {
	for _, p := range list {
		if !p.isGap() && p.call.ID == c.ID && p.call.Linkage == c.Linkage && p.call.Began.Equal(c.Began) {
			return true
		}
	}
	return false
}

// living returns the calls of a state that have not ended, the newest first.
func living(s csta.State) []csta.Call {
	var calls []csta.Call
	for i := len(s.Calls) - 1; i >= 0; i-- {
		if s.Calls[i].Phase != csta.Ended {
			calls = append(calls, s.Calls[i])
		}
	}
	return calls
}
