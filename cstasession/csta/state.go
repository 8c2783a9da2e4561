package csta

import "time"

// Status says how far the session has come.
type Status int

// The three states of a session. Only Online means that a call would be seen.
const (
	Offline    Status = iota // no link; State.Err says why, and Run will try again unless it has returned
	Connecting               // a link is being made: dial, login, monitor, snapshot
	Online                   // logged in and monitoring
)

// String returns the lower-case name of the status: offline, connecting or online.
func (s Status) String() string {
	switch s {
	case Connecting:
		return "connecting"
	case Online:
		return "online"
	default:
		return "offline"
	}
}

// State is all there is to know about a session at one moment. It is a value: whoever gets one may
// keep it.
type State struct {
	Status Status
	Err    error     // why the session is not Online; nil while it is, and at the first attempt
	Since  time.Time // when Status was entered
	Calls  []Call    // at the monitored device, oldest first; as last known while not Online
	Path   Path      // by what the link goes, or went last

	Telephone Telephone // the monitored telephone's settings, where they were asked for (Config.WatchTelephone)
	Trunk     Switch    // whether the PBX tells us of colleagues; Off when it refused to
	// Refused are the services that this PBX said it does not have since the session was
	// offline last, with its reason. The map is never changed: a new one takes its place.
	Refused map[string]string
}
