// Package csta is the vocabulary of Computer Supported Telecommunications Applications, as a program for one
// telephone needs it: devices, connections, calls, colleagues, queues, settings and errors, in the words of
// ECMA-269 and ECMA-323. It does no I/O; package cstasession is the session that speaks it.
package csta

import (
	"strings"
)

// DeviceID names a device of the switching domain: the short form of an extension ("200"), a queue
// ("400"), or the number of an external party ("22334455"). It is kept as the PBX
// wrote it. (ECMA-269 §12.2; the forms are listed on the vendor's pages.)
type DeviceID string

// Number is the part of the device identifier that a person would dial, without a "tel:" or "sip:" scheme,
// host, parameters, percent escapes, punctuation between the digits, and the vendor's "u-<trunk>-" or
// "q-<trunk>-" prefix. It is "" for a withheld number.
func (d DeviceID) Number() string {
	s := userPart(string(d))
	if len(s) > 2 && s[1] == '-' && strings.ContainsRune("uqtUQT", rune(s[0])) {
		if i := strings.IndexByte(s[2:], '-'); i >= 0 {
			s = s[2+i+1:]
		}
	}
	if Withheld(s) {
		return ""
	}
	return bare(s)
}

// ConnectionID names one party's leg of a call: the call identifier the PBX gave it,
// and the device it belongs to. uni-tel gives every leg its own callID. (ECMA-269 §12.3.9; vendor
// page case_makecall)
type ConnectionID struct {
	CallID   string
	DeviceID DeviceID
}

// IsZero reports whether the connection identifies no call: the vendor's placeholders "N/A" and
// "NotImplemented" count as empty.
func (c ConnectionID) IsZero() bool { return Identifier(c.CallID) == "" }

// Identifier returns s, or "" for the vendor's placeholders for "no identifier".
func Identifier(s string) string {
	s = strings.TrimSpace(s)
	switch strings.ToLower(s) {
	case "n/a", "notimplemented":
		return ""
	}
	return s
}

// Cause is why something happened to a call: a value of ECMA-323's EventCause ("newCall"), or free
// text of the PBX ("Normal Clearing", "Answered elsewhere"). The set is open.
type Cause string

// Is reports whether two causes are equal, ignoring case, blanks and punctuation: the vendor sends both
// "normalClearing" and "Normal Clearing".
func (c Cause) Is(other Cause) bool { return c.Fold() == other.Fold() }

func (c Cause) Fold() string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r > 0x7f:
			return r
		default:
			return -1
		}
	}, string(c))
}

// Party is the other end of a call, as far as the PBX has reported it. Both fields come from the network:
// control characters are removed, and nothing else.
type Party struct {
	Number string // "" if withheld or not known
	Name   string // "" if not known
}
