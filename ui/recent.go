package ui

import (
	"time"

	"calltray/cstasession"
)

// maxRecent is how many ended calls the window remembers, of this run.
const maxRecent = 20

// past is a call that has ended.
type past struct {
	call  cstasession.Call
	ended time.Time
}

// number returns what would be dialled to call back, "" if the caller is not known.
func (p past) number() string { return cstasession.DeviceID(p.call.Remote.Number).Number() }

// remember returns the list, newest first, with the calls of a state that have ended. A call is told to
// have ended in one state only; one that is in the list already is not taken twice.
func remember(list []past, s cstasession.State) []past {
	for _, c := range s.Calls {
		if c.Phase != cstasession.Ended || contains(list, c) {
			continue
		}
		kept := list[:min(len(list), maxRecent-1)]
		list = append([]past{{c, c.Since}}, kept...)
	}
	return list
}

func contains(list []past, c cstasession.Call) bool {
	for _, p := range list {
		if p.call.ID == c.ID && p.call.Linkage == c.Linkage && p.call.Began.Equal(c.Began) {
			return true
		}
	}
	return false
}

// living returns the calls of a state that have not ended, the newest first.
func living(s cstasession.State) []cstasession.Call {
	var calls []cstasession.Call
	for i := len(s.Calls) - 1; i >= 0; i-- {
		if s.Calls[i].Phase != cstasession.Ended {
			calls = append(calls, s.Calls[i])
		}
	}
	return calls
}
