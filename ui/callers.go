package ui

import (
	"calltray/cstasession/csta"
	"calltray/internal/text"
)

// Known is what the contacts and the history know about a number. The zero Known is nothing.
type Known struct {
	Name, Company string
	Label         string // of the number: mobile, work
	Last          string // when and with whom the last call was
	Note          string // the last note
}

// Found is a number of a contact.
type Found struct{ Name, Company, Label, Number string }

// KnownChanged notifies the UI that more is known about a number. Any goroutine may call it.
func (u *UI) KnownChanged() { u.post(func() { u.changed = true }) }

// about returns what the contacts and the history know about a party.
func (u *UI) about(p csta.Party) Known {
	number := csta.DeviceID(p.Number).Number()
	if u.cfg.Known == nil || number == "" {
		return Known{}
	}
	return u.cfg.Known(number)
}

// known returns a party with the name that the user, else the office, has for its number; else the name that came
// with this call or an earlier one.
func (u *UI) known(p csta.Party) csta.Party {
	number := csta.DeviceID(p.Number).Number()
	if name := u.office.name(number); name != "" {
		p.Name = name
	} else if name := u.about(p).Name; name != "" {
		p.Name = name
	}
	if p.Name == "" && number != "" {
		p.Name = u.callerName(number)
	}
	return p
}

// callerName returns the name that came with a number in a current or recent call.
func (u *UI) callerName(number string) string {
	is := func(p csta.Party) bool { return p.Name != "" && csta.DeviceID(p.Number).Number() == number }
	for _, c := range u.state.Calls {
		if is(c.Remote) {
			return c.Remote.Name
		}
	}
	for _, r := range u.history.recent {
		if is(r.Party()) {
			return r.Name
		}
	}
	return ""
}

// named returns a short name for the other end.
func (u *UI) named(p csta.Party) string {
	name, _ := text.Who(u.known(p))
	return name
}

// reached describes where a number leads, with the name of its owner if known.
func (u *UI) reached(number string) string {
	return text.WhoInLine(u.known(csta.Party{Number: number}))
}

// callersNamed lists the recent callers outside the office whose names match every word of a text, newest first.
func (u *UI) callersNamed(words string) (list []*target) {
	if words == "" {
		return nil
	}
	met := map[string]bool{}
	for _, r := range u.history.recent {
		number := r.Number
		if number == "" || met[number] || u.office.knows(number) {
			continue
		}
		met[number] = true
		t := &target{number: number, told: u.known(r.Party()).Name, isCaller: true}
		t.call("")
		if found, _ := t.holds(searchWords(words)); found && t.name != "" {
			list = append(list, t)
		}
	}
	return list
}
