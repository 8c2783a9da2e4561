// Package contacts finds whose number it is: it reads address books in the formats that programs write, keeps
// their contents in the store, and looks numbers up.
//
// Sources are only read. The user's own contacts are in a book of their own.
package contacts

import (
	"cmp"
	"slices"
	"strings"

	"calltray/internal/foreign"
)

// Contact is a person or a company with its numbers.
type Contact struct {
	ID      int64 // in the store; 0 for one that was only read
	Source  int64 // Own, or a Source's ID
	Name    string
	Company string
	Numbers []Number
	Note    string
}

// Number is one of a contact's numbers.
type Number struct {
	Label  string // Mobile, Work, Home, Main or another of the source's words; "" for none
	Number string // as written
}

// The labels that are translated.
const (
	Mobile = "mobile"
	Work   = "work"
	Home   = "home"
	Main   = "main"
)

// Limits: longer texts are cut, further entries are dropped, and the report says so.
const (
	maxName     = 80 // characters
	maxNumbers  = 20 // per contact
	maxFile     = 64 << 20
	maxContacts = 200_000
)

// Report says what happened to the data that was read.
type Report struct {
	Read    int            // entries in the file
	Kept    int            // of those
	Dropped map[Reason]int // entries and numbers that were rejected
	Format  string         // for information: "CSV, UTF-16, tab", "vCard 2.1"
}

// Reason is why an entry or a number was dropped.
type Reason string

// The reasons.
const (
	NoNumber   Reason = "no number"
	NoName     Reason = "no name"
	Fax        Reason = "fax"
	NotANumber Reason = "not a number" // in a column or field for numbers
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

// Shown returns the displayed name: the contact's name, or else its company.
func (c Contact) Shown() string { return cmp.Or(c.Name, c.Company) }

// words returns the text that a search looks at.
func (c Contact) words() string {
	words := foreign.Fold(c.Name + " " + c.Company)
	for _, n := range c.Numbers {
		words += " " + digitsOf(n.Number)
	}
	return words
}

// digitsOf returns the digits of a number that can be dialled, with * and #; "" for any other text.
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

// International returns the form of a number that is the same all over the world, such as +4522334455, for a
// number written with its country code, or one of eight digits as used in Denmark; "" for any other.
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

// minEnding is how many digits two numbers must have in common, at least, to count as one number in two
// notations. Shorter ones are internal extensions or short codes, and must match exactly.
const minEnding = 7

// ending returns the part of a number by which candidates are found: the last digits, or all of a short one.
func ending(digits string) string { return digits[max(0, len(digits)-minEnding):] }

// common returns how many trailing digits two numbers have in common.
func common(a, b string) (n int) {
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}

// match says how well a contact's number matches a caller's; 0 is not at all.
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
		return 0 // two different international numbers
	}
	if n := common(a, b); n >= minEnding {
		return n
	}
	return 0
}
