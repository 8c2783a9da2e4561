package csta

import (
	"strings"
	"time"
)

// Switch is a telephone setting that may be unknown.
type Switch int

// The values of a Switch.
const (
	Unknown Switch = iota
	Off
	On
)

func Switched(on bool) Switch {
	if on {
		return On
	}
	return Off
}

// Forwarding is one rule for the calls to a telephone. (ECMA-269 §18.1.9; vendor page getForwarding)
type Forwarding struct {
	// Type says when the rule applies: a value of ECMA-323's ForwardingType, such as "forwardImmediate",
	// "forwardBusy" or "forwardNoAns".
	Type   string
	Active bool
	To     string        // a number, or a word from the PBX such as "busy"
	After  time.Duration // of ringing, for forwardNoAns; 0 if not known
}

// Is reports whether the rule is of that type.
func (f Forwarding) Is(forwardingType string) bool { return strings.EqualFold(f.Type, forwardingType) }

// Telephone is the settings of the monitored telephone, as last reported. Changes made elsewhere, at the
// telephone or on the web, are followed.
type Telephone struct {
	DoNotDisturb Switch
	Forwarding   []Forwarding // nil while not known
}

// CallProfile is what a user presents to others and where their calls ring. (vendor page getCallProfile)
type CallProfile struct {
	LocalNumber, MobileNumber, TeamsNumber PresentedNumber
	LocalRings, MobileRings, TeamsRings    Rings
	RouteHandling                          string
}

// PresentedNumber is the number shown to the called party for calls from one kind of device.
type PresentedNumber struct{ Type, Number string }

// Rings says which devices ring for a call to one kind of device.
type Rings struct{ Local, Mobile, Teams bool }
