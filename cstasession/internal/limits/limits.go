// Package limits says how much a session remembers of what a PBX sends: everything that grows is bounded here.
// The figures are far beyond any office. The excess is dropped, and logged once.
package limits

// Of one PBX.
const (
	Colleagues  = 20_000 // other extensions
	Queues      = 2_000
	Members     = 5_000  // of one queue
	AllMembers  = 50_000 // of all queues
	OfficeCalls = 10_000 // at the telephones of all colleagues, and in all queues
	Names       = 25_000 // of extensions and queues
	Questions   = 5_000  // that are open, or asked only once, for a name
)

// Of one telephone, queue or call.
const (
	Calls    = 200 // at one telephone or in one queue; beyond that, the oldest unanswered one is dropped
	Rules    = 32  // forwardings; the standard has twelve types
	Parties  = 100 // of a conference
	Gone     = 200 // calls that have ended, remembered for some seconds
	Earlier  = 4   // linkages of a call, and events with which it rang
	Number   = 64  // bytes of a colleague's or queue's number
	NameText = 100 // characters of a colleague's or queue's name
)
