// Package journal remembers the calls at the user's own extension: it follows the session's states, writes every
// call down as it happens, and finds it again.
//
// What has been written is on the disk: neither the end of the program at any moment nor a power failure loses it.
// A disk that is slow, full or not there delays no call: what cannot be written is kept in memory, and is in the
// lists all the same.
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
	NotRunning Kind = "not running" // Calltray was
)

// Row is a call, or a time in which no call was seen.
type Row struct {
	ID   int64 // of the row, from 1
	Kind Kind

	Linkage   string // as in csta.Call
	Leg       csta.ConnectionID
	Direction csta.Direction
	Number    string // as it would be dialled; "" when withheld
	Name      string // as it was shown then
	Company   string
	Via       string // the queue or the extension that it was for, where that is not the user's own
	ViaName   string
	Dialled   bool // from this program

	First    time.Time // when the first attempt began
	Began    time.Time // when the last one did
	Answered time.Time // zero if it was not
	Ended    time.Time // zero while it goes on, and when the end is not known
	Unknown  bool      // it is over, and nobody knows since when
	Outcome  csta.Outcome
	Attempts int // of a queue that rang the telephone more than once for one call

	By       csta.Party // who answered it elsewhere, where the PBX tells
	PassedTo string     // where the user passed it on to while it rang

	Settled    time.Time // of a missed call: when nobody owed a call any more
	SettledHow How
	SettledBy  csta.Party // a colleague

	Note string

	gone bool // deleted, maybe while it goes on
}

// How is in which way a missed call was settled.
type How string

// The ways in which a missed call is settled.
const (
	CalledBack How = "called back" // and reached
	Reached    How = "reached"     // the caller tried again, and was answered here
	Colleague  How = "colleague"   // who spoke to the caller
	ByHand     How = "by hand"
)

// IsOpen reports whether the row is a missed call that somebody still owes an answer.
func (r Row) IsOpen() bool { return r.Kind == Call && r.Outcome == csta.Missed && r.Settled.IsZero() }

// IsGap reports whether the row is about a time in which no call was seen.
func (r Row) IsGap() bool { return r.Kind != Call }

// Party is the other end, as the row has it.
func (r Row) Party() csta.Party { return csta.Party{Number: r.Number, Name: r.Name} }

// Talked is how long the parties talked, 0 if they did not or the end is not known.
func (r Row) Talked() time.Duration {
	if r.Answered.IsZero() || r.Ended.IsZero() {
		return 0
	}
	return r.Ended.Sub(r.Answered)
}

// Call returns the row as the session would tell it.
func (r Row) Call() csta.Call {
	return csta.Call{Linkage: r.Linkage, ID: r.Leg, Phase: csta.Ended, Direction: r.Direction, Remote: r.Party(), Via: r.Via, ViaName: r.ViaName,
		Began: r.Began, Since: r.Ended, Answered: r.Answered, Outcome: r.Outcome}
}

// words is what a search looks at.
func (r Row) words() string {
	return foreign.Fold(csta.Digits(r.Number) + " " + r.Name + " " + r.Company + " " + r.ViaName + " " + r.By.Name)
}

// tailDigits is how many digits two numbers must have in common to be one: a number in Denmark without its country.
const tailDigits = 8

// Tail is the part of a number by which numbers are compared, however much of the country the PBX writes: its last
// eight digits; the whole of a shorter one.
func Tail(number string) string {
	digits := csta.Digits(number)
	return digits[max(0, len(digits)-tailDigits):]
}
