// Package contacts knows who has which number: it reads address books in the forms in which programs write them,
// keeps what is in them in the store, and finds the contact of a number.
//
// Sources are only read. What the user writes is in a book of its own.
package contacts

import (
	"cmp"
	"slices"
	"strings"

	"calltray/internal/foreign"
)

// Contact is a person or a company with its numbers.
type Contact struct {
	ID      int64 // in the store; 0 of one that was only read
	Source  int64 // Own, or a Source's ID
	Name    string
	Company string
	Numbers []Number
	Note    string
}

// Number is one of a contact's numbers.
type Number struct {
	Label  string // Mobile, Work, Home, Main or another word of the source's; "" for none
	Number string // as it was written
}

// The labels that are translated.
const (
	Mobile = "mobile"
	Work   = "work"
	Home   = "home"
	Main   = "main"
)

// Bounds: what is longer is cut, what is more is dropped, and the report says so.
const (
	maxName     = 80 // characters
	maxNumbers  = 20 // of a contact
	maxFile     = 64 << 20
	maxContacts = 200_000
)

// Report says what became of what was read.
type Report struct {
	Read    int            // entries in the file
	Kept    int            // of those
	Dropped map[Reason]int // entries and numbers that were not taken
	Format  string         // for the curious: "CSV, UTF-16, tab", "vCard 2.1"
}

// Reason is why an entry or a number was dropped.
type Reason string

// The reasons.
const (
	NoNumber   Reason = "no number"
	NoName     Reason = "no name"
	Fax        Reason = "fax"
	NotANumber Reason = "not a number" // in the column or the field of one
	Unreadable Reason = "unreadable"
	IsGroup    Reason = "group"
	TooMany    Reason = "too many"
)

func (r *Report) drop(why Reason) {
	if r.Dropped == nil {
		r.Dropped = map[Reason]int{}
	}
	r.Dropped[why]++
}

// take cleans a contact, and adds it to a list if it can be used.
func (r *Report) take(list []Contact, c Contact) []Contact {
	r.Read++
	c.Name, c.Company = foreign.Line(c.Name, maxName), foreign.Line(c.Company, maxName)
	var numbers []Number
	for _, n := range c.Numbers {
		n.Number, n.Label = foreign.Line(n.Number, 40), foreign.Line(n.Label, 30)
		switch {
		case n.Number == "":
		case digitsOf(n.Number) == "":
			r.drop(NotANumber)
		case slices.ContainsFunc(numbers, func(o Number) bool { return digitsOf(o.Number) == digitsOf(n.Number) }):
		case len(numbers) == maxNumbers:
			r.drop(TooMany)
		default:
			numbers = append(numbers, n)
		}
	}
	c.Numbers = numbers
	switch {
	case len(numbers) == 0:
		r.drop(NoNumber)
	case c.Name == "" && c.Company == "":
		r.drop(NoName)
	case len(list) >= maxContacts:
		r.drop(TooMany)
	default:
		r.Kept++
		return append(list, c)
	}
	return list
}

// Shown is what the contact is called: its name, else its company.
func (c Contact) Shown() string { return cmp.Or(c.Name, c.Company) }

// words is what a search looks at.
func (c Contact) words() string {
	words := foreign.Fold(c.Name + " " + c.Company)
	for _, n := range c.Numbers {
		words += " " + digitsOf(n.Number)
	}
	return words
}

// digitsOf are the digits of a number that can be dialled, with * and #; "" for a text that is none.
func digitsOf(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9', r == '*', r == '#':
			b.WriteRune(r)
		case r > 0x7f || strings.ContainsRune("+ -./()[]\t", r):
		default:
			return ""
		}
	}
	if b.Len() > 20 {
		return ""
	}
	return b.String()
}

// International is the form of a number that is the same all over the world, as +4522334455: of one that is written
// with its country, and of one of eight digits as they are used in Denmark; "" of all others.
func International(number string) string {
	plus := strings.HasPrefix(strings.TrimLeft(number, " (["), "+")
	digits := digitsOf(strings.ReplaceAll(number, "(0)", ""))
	switch {
	case strings.ContainsAny(digits, "*#") || len(digits) < minEnding:
		return ""
	case plus:
		return "+" + digits
	case strings.HasPrefix(digits, "00"):
		return "+" + digits[2:]
	case len(digits) == 8 && digits[0] >= '2':
		return "+45" + digits
	}
	return ""
}

// minEnding is how many digits two numbers must at least have in common to be one that is written in two ways. What is
// shorter is an internal extension, or a short code, and found exactly.
const minEnding = 7

// ending is the part of a number by which candidates are found: the last digits, or all of a short one.
func ending(digits string) string { return digits[max(0, len(digits)-minEnding):] }

// common is how many digits two numbers end in alike.
func common(a, b string) (n int) {
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}

// match says how well a contact's number fits a caller's: 0 is not at all.
func match(caller, contact string) int {
	a, b := digitsOf(caller), digitsOf(contact)
	switch {
	case a == "" || b == "":
		return 0
	case len(a) < minEnding || len(b) < minEnding:
		if a == b {
			return 100
		}
		return 0
	}
	x, y := International(caller), International(contact)
	switch {
	case x != "" && x == y:
		return 100
	case x != "" && y != "":
		return 0 // two numbers of the world
	}
	if n := common(a, b); n >= minEnding {
		return n
	}
	return 0
}
