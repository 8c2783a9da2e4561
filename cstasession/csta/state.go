package csta

import "time"

// Status is how far the session has got.
type Status int

// The three states of a session. Calls are seen only while Online.
const (
	Offline    Status = iota // no link; State.Err says why, and Run retries unless it has returned
	Connecting               // a link is being set up: dial, login, monitor, snapshot
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

// State is everything known about a session at one moment. It is a value: the receiver may keep it.
type State struct {
	Status Status
	Err    error     // why the session is not Online; nil while it is, and during the first attempt
	Since  time.Time // when Status was entered
	Calls  []Call    // at the monitored device, oldest first; as last known while not Online
	Path   Path      // how the link reaches the gateway, or last did

	Telephone Telephone // the monitored telephone's settings, if requested (Config.WatchTelephone)
	Trunk     Switch    // whether the PBX reports colleagues; Off if it refused to
	// Refused maps services that this PBX said it does not have, since the session was last offline, to the
	// reason it gave. The map is never modified; a new one replaces it.
	Refused map[string]string
}
