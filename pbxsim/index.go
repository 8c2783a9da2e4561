package pbxsim

import (
	"cmp"
	"slices"
	"strings"
)

// The index of calls and legs: the cost of a lookup does not grow with their number.

// enlist adds a call to the current ones.
func (p *PBX) enlist(c *call) {
	p.began++
	c.order = p.began
	p.calls = append(p.calls, c)
}

func (p *PBX) delist(c *call) {
	i, found := slices.BinarySearchFunc(p.calls, c.order, func(c *call, order uint64) int { return cmp.Compare(c.order, order) })
	if found {
		p.calls = slices.Delete(p.calls, i, i+1)
	}
}

func (p *PBX) index(l *leg) {
	p.at[l.device] = append(p.at[l.device], l)
	p.ids[l.callID] = l
}

func (p *PBX) unindex(l *leg) {
	delete(p.ids, l.callID)
	if p.ref(l.device) != p.trunkRef() && !strings.HasSuffix(l.callID, consultation) {
		p.ended[l.device] = l.callID
	}
	rest := slices.DeleteFunc(p.at[l.device], func(other *leg) bool { return other == l })
	if p.at[l.device] = rest; len(rest) == 0 {
		delete(p.at, l.device)
	}
}

// legsAt returns a copy of the legs of a device, oldest first.
func (p *PBX) legsAt(device string) []*leg { return slices.Clone(p.at[device]) }

// find returns the leg that a request names by callID and device. The callID alone is enough, and so is the
// device alone if it has one leg, as in the vendor's older examples.
func (p *PBX) find(callID, device string) *leg {
	if callID == "" {
		if legs := p.at[device]; len(legs) == 1 {
			return legs[0]
		}
		return nil
	}
	if l := p.ids[callID]; l != nil && (device == "" || device == l.device) {
		return l
	}
	return nil
}
