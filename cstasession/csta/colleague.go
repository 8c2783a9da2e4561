package csta

// Colleague is another extension of the PBX, as the trunk's monitor reports it.
type Colleague struct {
	Device       DeviceID
	Name         string // "" until the PBX sends one
	DoNotDisturb bool
	ForwardedTo  string // where all its calls are forwarded at once; "" if they are not
	Calls        []Call // at that extension, oldest first
}

// Activity is what a colleague's telephone is doing.
func (c Colleague) Activity() Activity {
	busy := Free
	for _, call := range c.Calls {
		switch call.Phase {
		case Active, Held, Calling:
			return Talking
		case Ringing:
			busy = RingingThere
		}
	}
	return busy
}

// Activity is what a telephone is doing.
type Activity int

// The activities of a telephone.
const (
	Free Activity = iota
	RingingThere
	Talking
)
