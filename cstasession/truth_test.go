package cstasession

import (
	"fmt"
	"slices"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/calls"
	"calltray/pbxsim"
)

// truth returns what the PBX knows about the calls at a device, in the form of told.
func truth(pbx *pbxsim.PBX, device string) []string {
	var list []string
	for _, c := range pbx.Calls() {
		for _, leg := range c.Legs {
			if leg.Device != device {
				continue
			}
			direction, phase := csta.Incoming, csta.Ringing
			if leg.Out {
				direction, phase = csta.Outgoing, csta.Calling
			}
			switch leg.Status {
			case "Ringing", "Ringing_AttendedTransfer":
				phase = csta.Calling
			case "Active", "Active_AttendedTransfer":
				phase = csta.Active
			case "Held":
				phase = csta.Held
			}
			list = append(list, line(c.Linkage, leg.CallID, direction, phase, leg.Remote))
		}
	}
	slices.Sort(list)
	return list
}

// line is a call for comparison. No snapshot tells the direction of a conversation: it counts while the
// call is being set up. Nothing tells who takes the other end of a call on hold.
func line(linkage, callID string, d csta.Direction, p csta.Phase, remote string) string {
	switch p {
	case csta.Held:
		return fmt.Sprintf("%s %s %s", linkage, callID, p)
	case csta.Active:
		return fmt.Sprintf("%s %s %s %s", linkage, callID, p, remote)
	}
	return fmt.Sprintf("%s %s %s %s %s", linkage, callID, d, p, remote)
}

// told returns what a session reports about the calls that are certain.
func told(st csta.State) []string {
	var list []string
	for _, c := range st.Calls {
		if c.Phase != csta.Ended && !c.Uncertain {
			list = append(list, line(c.Linkage, c.ID.CallID, c.Direction, c.Phase, c.Remote.Number))
		}
	}
	slices.Sort(list)
	return list
}

// history checks that no call in a session's states is reported twice: a call that ended is in one state, and
// never comes back. It returns what is wrong.
func history(states []csta.State) string {
	ended := map[string]csta.Outcome{}
	for i, st := range states {
		seen := map[string]bool{}
		for _, c := range st.Calls {
			id := c.ID.CallID
			if calls.IsConsultation(id) && c.Phase != csta.Ended {
				delete(ended, id) // the next one, about the same call
			}
			was, over := ended[id]
			switch {
			case seen[id]:
				return fmt.Sprintf("state %d has the call %s twice", i, id)
			case over && was != csta.EndedOffline: // of such a one a later event may still tell
				return fmt.Sprintf("state %d has the call %s again, which had ended (%s)", i, id, was)
			case c.Phase == csta.Ended && c.Outcome == csta.NotEnded:
				return fmt.Sprintf("state %d: the call %s ended without an outcome", i, id)
			}
			seen[id] = true
			delete(ended, id)
			if c.Phase == csta.Ended {
				ended[id] = c.Outcome
			}
		}
	}
	return ""
}
