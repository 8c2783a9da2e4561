package command

import (
	"cmp"
	"slices"

	"calltray/cstasession/csta"
	"calltray/internal/account"
)

// NameState replaces the PBX's names of extensions by the user's own.
func NameState(st csta.State, names account.Names) csta.State {
	st.Calls = NameCalls(st.Calls, names)
	return st
}

// NameCalls returns a copy of the calls with the user's names.
func NameCalls(calls []csta.Call, names account.Names) []csta.Call {
	if len(names) == 0 || len(calls) == 0 {
		return calls
	}
	calls = slices.Clone(calls)
	for i := range calls {
		c := &calls[i]
		c.Remote.Name = cmp.Or(OwnName(names, c.Remote.Number), c.Remote.Name)
		c.ViaName = cmp.Or(OwnName(names, c.Via), c.ViaName)
	}
	return calls
}

// NameColleague does the same for a colleague, and NameQueue for a queue.
func NameColleague(c csta.Colleague, names account.Names) csta.Colleague {
	c.Name, c.Calls = cmp.Or(OwnName(names, string(c.Device)), c.Name), NameCalls(c.Calls, names)
	return c
}

func NameQueue(q csta.Queue, names account.Names) csta.Queue {
	q.Name, q.Calls = cmp.Or(OwnName(names, string(q.Device)), q.Name), NameCalls(q.Calls, names)
	return q
}

// OwnName returns the user's own name for a device in any form, "" if there is none; a withheld number has
// none.
func OwnName(names account.Names, device string) string {
	number := csta.DeviceID(device).Number()
	if number == "" {
		return ""
	}
	return names[number]
}
