// Package journal records the calls at the user's own extension: it follows the session's states, writes every
// call down as it happens, and finds it again.
//
// Whatever has been written survives the program's end at any moment, and a power failure. A disk that is slow,
// full or missing delays no call: what cannot be written is kept in memory, and still appears in the lists.
package journal

import (
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/foreign"
)

// Kind is what a row is about.
type Kind string

// The kinds of rows.
const (
	Call       Kind = "call"
	Offline    Kind = "offline"     // the link was lost: calls were not seen
	NotRunning Kind = "not running" // Calltray was not running
)

// Row is a call, or a period in which no calls were seen.
type Row struct {
	ID   int64 // from 1
	Kind Kind

	Linkage   string // as in csta.Call
	Leg       csta.ConnectionID
	Direction csta.Direction
	Number    string // as it would be dialled; "" if withheld
	Name      string // as it was displayed then
	Company   string
	Via       string // the queue or the extension that was called, if not the user's own
	ViaName   string
	Dialled   bool // from this program

	First    time.Time // when the first attempt began
	Began    time.Time // when the last one did
	Answered time.Time // zero if it was not answered
	Ended    time.Time // zero while the call is active, and if its end is unknown
	Unknown  bool      // it is over, but nobody knows since when
	Outcome  csta.Outcome
	Attempts int // how often a queue rang the telephone for this call, if more than once

	By       csta.Party // who answered it elsewhere, if the PBX says so
	PassedTo string     // where the user deflected it while it rang

	Settled    time.Time // of a missed call: when it was settled
	SettledHow How
	SettledBy  csta.Party // a colleague

	Note string

	gone bool // deleted, perhaps while active
}

// How says how a missed call was settled.
type How string

// The ways in which a missed call is settled.
const (
	CalledBack How = "called back" // and somebody answered
	Reached    How = "reached"     // the caller called again, and was answered here
	Colleague  How = "colleague"   // one who spoke to the caller
	ByHand     How = "by hand"
)

// IsOpen reports whether the row is a missed call that nobody has returned yet.
func (r Row) IsOpen() bool { return r.Kind == Call && r.Outcome == csta.Missed && r.Settled.IsZero() }

// IsGap reports whether the row is about a period in which no calls were seen.
func (r Row) IsGap() bool { return r.Kind != Call }

// Party returns the other party.
func (r Row) Party() csta.Party { return csta.Party{Number: r.Number, Name: r.Name} }

// Talked returns how long the parties talked, 0 if they did not, or if the end is unknown.
func (r Row) Talked() time.Duration {
	if r.Answered.IsZero() || r.Ended.IsZero() {
		return 0
	}
	return r.Ended.Sub(r.Answered)
}

// Call returns the row in the form in which the session reports calls.
func (r Row) Call() csta.Call {
	return csta.Call{Linkage: r.Linkage, ID: r.Leg, Phase: csta.Ended, Direction: r.Direction, Remote: r.Party(), Via: r.Via, ViaName: r.ViaName,
		Began: r.Began, Since: r.Ended, Answered: r.Answered, Outcome: r.Outcome}
}

// words returns the text that a search looks at.
func (r Row) words() string {
	return foreign.Fold(csta.Digits(r.Number) + " " + r.Name + " " + r.Company + " " + r.ViaName + " " + r.By.Name)
}

// tailDigits is how many digits two numbers must have in common to count as the same: a Danish number without
// the country code.
const tailDigits = 8

// Tail returns the part of a number that is compared, however much of the country code the PBX writes: its last
// eight digits, or a shorter one as a whole.
func Tail(number string) string {
	digits := csta.Digits(number)
	return digits[max(0, len(digits)-tailDigits):]
}
