package cstasession

import (
	"fmt"
	"slices"
	"strings"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/calls"
	"calltray/pbxsim"
)

// settled is how long a session has to be up to know the office, where the PBX answers slowly.
const settled = 20 * time.Second

// settle ends all faults, waits for the stated time, and compares. What is seen from then on counts.
func (pl *player) settle() {
	pl.net.set(func(w *weather) { *w = weather{delay: w.delay} })
	pl.pbx.Set(func(b *pbxsim.Behaviour) { b.Silence, b.RefuseLogins = false, 0 })
	limit := returnBound + agreeBound
	if pl.forgot { // and if events came twice before, as a server may do it whose monitors add up
		limit += linkEvery
		pl.forgot = false
	}
	wait := limit
	for deadline := time.Now().Add(3 * limit); !(pl.isCalm() && (pl.oddHere || pl.office.isCalm())) && time.Now().Before(deadline); {
		time.Sleep(wait)
		synctest.Wait()
		st := pl.c.now()
		wait = limit
		if st.Status == csta.Online && time.Since(st.Since) < settled {
			wait = settled // a session has just expired, and the next one asks about the office
		} else if st.Status == csta.Online {
			pl.mu.Lock()
			pl.calm = true
			if !pl.full { // what the session could not be sure of, it may have given up
				for _, leg := range truth(pl.pbx, "200") {
					pl.excused[strings.Fields(leg)[1]] = true
				}
			}
			if !pl.oddHere {
				pl.office.sure(pl.pbx, pl.full)
			}
			pl.mu.Unlock()
		}
	}
	pl.compare(true)
}

// compare fails if the session and the PBX differ while the link is up. On a slow network it
// looks again.
func (pl *player) compare(settled bool) {
	for try := 0; ; try++ {
		wrong := pl.difference()
		switch {
		case !pl.isCalm():
			if settled {
				pl.fail("not up for the stated time: %v", pl.c.now().Status)
			}
			return
		case wrong == "":
			pl.checks++
			return
		case try >= pl.tries || !pl.slow:
			pl.fail("%s", wrong)
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// difference says what is wrong between the session and the PBX.
func (pl *player) difference() string {
	st := pl.c.now()
	if st.Status != csta.Online {
		return fmt.Sprintf("the link is up, and the session is %v (%v)", st.Status, st.Err)
	}
	pl.findOdd()
	if wrong := pl.office.difference(pl); wrong != "" {
		return wrong
	}
	list := truth(pl.pbx, "200")
	pl.mu.Lock()
	defer pl.mu.Unlock()
	return pl.compareCalls(st.Calls, list,
		func(c csta.Call) bool { return c.Uncertain && pl.excused[c.ID.CallID] || pl.odd[c.ID.CallID] },
		func(leg string) bool { return !pl.full && pl.excused[leg] || pl.odd[leg] },
		func(leg string) bool { return !pl.full && pl.excused[leg] })
}

// findOdd notes the legs of which the PBX does not tell all. A call that has two legs at one telephone,
// by a transfer to who is in it already, is one call there, and which leg it is of is not said. Who waits
// for somebody to answer, after a transfer by the other party, is not told whom he waits for; who holds a call that the
// other party transfers is told when it is retrieved. A snapshot that tells of such a leg of ours has the session ask
// about all others anew, who are unknown for a moment.
func (pl *player) findOdd() {
	inProgress := pl.pbx.Calls()
	at, odd := map[string]bool{}, map[string]bool{} // by linkage, which a consultation may share
	for _, c := range inProgress {
		for _, leg := range c.Legs {
			if here := c.Linkage + leg.Device; !calls.IsConsultation(leg.CallID) {
				odd[c.Linkage] = odd[c.Linkage] || at[here]
				at[here] = true
			}
			odd[c.Linkage] = odd[c.Linkage] || pl.odd[leg.CallID] || leg.Remote == leg.Device
		}
	}
	pl.oddHere = false
	for _, c := range inProgress {
		waits := slices.ContainsFunc(c.Legs, func(leg pbxsim.LegInfo) bool { return leg.Status == "Alerting" || leg.Status == "Queued" })
		for _, leg := range c.Legs {
			if odd[c.Linkage] {
				pl.oddHere = pl.oddHere || leg.Device == "200"
				pl.odd[leg.CallID] = true
			}
			if waits && leg.Status == "Active" {
				pl.waits[leg.CallID] = true
			} else {
				delete(pl.waits, leg.CallID)
			}
			if before := pl.legs[leg.CallID]; leg.Status != "Held" {
				delete(pl.moved, leg.CallID)
			} else if before != "" && before != c.Linkage {
				pl.moved[leg.CallID] = true
			}
			pl.legs[leg.CallID] = c.Linkage
		}
	}
	if pl.oddHere {
		pl.office.unsure()
	}
}

// compareCalls says how calls differ from what the PBX has of them, but for those that are excused. A call is moved to another
// linkage when the other party makes a conference: if that was not heard, and snapshots list nothing, no service tells.
func (pl *player) compareCalls(calls []csta.Call, list []string, surplus func(csta.Call) bool, missing, moved func(callID string) bool) string {
	known := func(line string) string {
		words := strings.Fields(line)
		if moved(words[1]) || pl.moved[words[1]] {
			line = strings.Replace(line, words[0], "-", 1)
		}
		if pl.waits[words[1]] { // who saw no answer before that takes it for a call that is being set up
			return strings.Join(strings.Fields(strings.Replace(line, "outgoing calling", "active", 1))[:3], " ")
		}
		return line
	}
	have, seen := map[string]bool{}, map[string]bool{}
	for _, want := range list {
		have[known(want)] = true
	}
	for _, c := range calls {
		got := known(line(c.Linkage, c.ID.CallID, c.Direction, c.Phase, c.Remote.Number))
		seen[got] = true
		if !have[got] && !surplus(c) {
			return fmt.Sprintf("the session has the call %q (uncertain %v), the PBX has\n%s", got, c.Uncertain, strings.Join(list, "\n"))
		}
	}
	for _, want := range list {
		if !seen[known(want)] && !missing(strings.Fields(want)[1]) {
			return fmt.Sprintf("the PBX has the call %q, the session has\n%s", want, story([]csta.State{{Calls: calls}}))
		}
	}
	return ""
}
