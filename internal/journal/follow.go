package journal

import (
	"slices"
	"time"

	"calltray/cstasession/csta"
)

// Follow applies a state of the session, with the displayed names. It must be called with every state, in
// order.
func (j *Journal) Follow(st csta.State) { j.do(func() { j.follow(st) }) }

// shortGap is how long the link may be lost without a row about it: nobody calls and gives up in less time.
const shortGap = 3 * time.Second

// turnsUp is how long after its beginning a call whose end nobody saw may reappear.
const turnsUp = 24 * time.Hour

func (j *Journal) follow(st csta.State) {
	before := j.status
	j.status = st.Status
	switch {
	case st.Status == csta.Online:
		j.gapEnds(st.Since)
	case before == csta.Online:
		j.gapBegins(Offline, st.Since)
	}
	live := make([]*Row, 0, len(st.Calls))
	for _, c := range st.Calls {
		r := j.find(c, st.Calls)
		switch {
		case r == nil && (j.private || j.over(c)):
			continue
		case r == nil:
			r = j.turnedUp(c)
		}
		j.update(r, c)
		if c.Phase != csta.Ended {
			live = append(live, r)
		}
	}
	for _, r := range j.live {
		if r.Outcome == csta.NotEnded && !slices.Contains(live, r) { // another login
			r.Unknown = true
			j.lost = append(j.lost, r)
			j.save(r)
		}
	}
	j.live = live
}

// gapBegins opens a row about a period in which no calls are seen. It is written at once: the program may end
// during the period.
func (j *Journal) gapBegins(kind Kind, since time.Time) {
	if j.gap != nil || j.private {
		return
	}
	j.gap = &Row{ID: j.newID(), Kind: kind, First: since, Began: since, Attempts: 1}
	j.save(j.gap)
}

func (j *Journal) gapEnds(at time.Time) {
	g := j.gap
	if g == nil {
		return
	}
	j.gap = nil
	if at.Sub(g.Began) < shortGap {
		j.remove(g)
		return
	}
	g.Ended = at
	j.save(g)
}

func (j *Journal) newID() int64 {
	j.latest++
	return j.latest
}

// find returns the row of a call that was active in the last state. The PBX may have changed its callID.
func (j *Journal) find(c csta.Call, now []csta.Call) *Row {
	for _, r := range j.live {
		if r.Leg == c.ID {
			return r
		}
	}
	for _, r := range j.live {
		told := slices.ContainsFunc(now, func(c csta.Call) bool { return c.ID == r.Leg })
		if !told && r.Linkage == c.Linkage && r.Began.Equal(c.Began) {
			return r
		}
	}
	return nil
}

// over reports whether a call that has ended is in the journal with its end.
func (j *Journal) over(c csta.Call) bool {
	return c.Phase == csta.Ended && slices.ContainsFunc(j.recent, func(r *Row) bool {
		return r.Leg == c.ID && r.Linkage == c.Linkage && r.Began.Equal(c.Began)
	})
}

// turnedUp returns the row for a call that is reported for the first time: a new one, or that of a call that
// was active when the program last ran.
func (j *Journal) turnedUp(c csta.Call) *Row {
	for i, r := range j.lost {
		if r.Linkage == c.Linkage && r.Leg == c.ID && (r.Direction == c.Direction || c.Direction == csta.UnknownDirection) && c.Began.Sub(r.Began) < turnsUp &&
			(r.Number == "" || c.Remote.Number == "" || csta.SameNumber(r.Number, csta.DeviceID(c.Remote.Number).Number())) {
			j.lost = slices.Delete(j.lost, i, i+1)
			r.Unknown = false
			return r
		}
	}
	return &Row{ID: j.newID(), Kind: Call, Direction: c.Direction, First: c.Began, Began: c.Began, Attempts: 1}
}

// update updates a row from a call.
func (j *Journal) update(r *Row, c csta.Call) {
	before := *r
	r.Linkage, r.Leg = c.Linkage, c.ID
	if c.Direction != csta.UnknownDirection { // else the last run may know it
		r.Direction = c.Direction
	}
	if n := csta.DeviceID(c.Remote.Number).Number(); n != "" {
		r.Number = n
	}
	keep(&r.Name, c.Remote.Name)
	if j.cfg.Company != nil {
		keep(&r.Company, j.cfg.Company(r.Number))
	}
	keep(&r.Via, csta.DeviceID(c.Via).Number())
	keep(&r.ViaName, c.ViaName)
	if r.Answered.IsZero() {
		r.Answered = c.Answered
	}
	if _, ours := j.dialled[c.ID]; ours {
		delete(j.dialled, c.ID)
		r.Dialled = true
	}
	if c.Phase == csta.Ended {
		j.end(r, c)
	}
	if *r == before {
		return
	}
	knew := !before.Answered.IsZero() && before.Direction != csta.UnknownDirection
	if !r.Answered.IsZero() && r.Direction != csta.UnknownDirection && !knew {
		how := Reached
		if r.Direction == csta.Outgoing {
			how = CalledBack
		}
		j.settle(r.Number, r.Answered, how, csta.Party{})
	}
	j.save(r)
}

// keep sets a field, unless the reported value is empty.
func keep(field *string, told string) {
	if told != "" {
		*field = told
	}
}

// end closes a row, with what is known from earlier attempts and about colleagues.
func (j *Journal) end(r *Row, c csta.Call) {
	r.Outcome, r.Ended = c.Outcome, c.Since
	if c.Outcome == csta.EndedOffline {
		r.Ended, r.Unknown = time.Time{}, true
	}
	for _, m := range j.recent {
		if m.Kind == Call && !m.gone && c.Supersedes(m.Call()) {
			r.Attempts += m.Attempts
			r.First = m.First
			if m.Note != "" && r.Note == "" {
				r.Note = m.Note
				j.save(r)
				j.put(r, writeNote(r.ID, r.Note))
			}
			j.remove(m)
			break
		}
	}
	colleague := j.took[r.Linkage]
	if r.Outcome == csta.AnsweredElsewhere {
		r.By = colleague
		j.settle(r.Number, r.Ended, Colleague, colleague)
	}
	j.recent = slices.Insert(j.recent, 0, r)
	j.recent = j.recent[:min(len(j.recent), maxRecent)]
	if r.Outcome == csta.Missed && colleague != (csta.Party{}) && r.Linkage != r.Leg.CallID {
		j.save(r)
		j.settleRow(r, r.Ended, Colleague, colleague)
	}
}

// Dialled records that this program made a call.
func (j *Journal) Dialled(leg csta.ConnectionID) {
	j.do(func() {
		for r := range j.inMemory() {
			if r.Leg == leg && !leg.IsZero() && r.Outcome == csta.NotEnded {
				r.Dialled = true
				j.save(r)
				return
			}
		}
		if len(j.dialled) < maxRecent {
			j.dialled[leg] = struct{}{}
		}
	})
}

// PassedOn records that the user deflected a ringing call. Its end may have been reported already, or may be
// reported next.
func (j *Journal) PassedOn(leg csta.ConnectionID, to string) {
	j.do(func() {
		for r := range j.inMemory() {
			if r.Kind == Call && r.Leg == leg && (r.Outcome == csta.NotEnded || r.Outcome == csta.DivertedAway) {
				r.PassedTo = to
				j.save(r)
				return
			}
		}
	})
}

// Colleague applies a report about another extension: its active call may be one that nobody here answered.
func (j *Journal) Colleague(c csta.Colleague) {
	if len(c.Calls) == 0 {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.open {
		return // there is no call yet that it could be about
	}
	for _, call := range c.Calls {
		if call.Answered.IsZero() || call.Phase == csta.Ended || call.Linkage == "" {
			continue
		}
		if _, known := j.took[call.Linkage]; known {
			continue
		}
		if len(j.took) >= maxTook {
			clear(j.took)
		}
		by := csta.Party{Number: c.Device.Number(), Name: c.Name}
		j.took[call.Linkage] = by
		for _, r := range j.recent {
			if r.Linkage != call.Linkage || r.Linkage == r.Leg.CallID || r.Direction != csta.Incoming {
				continue
			}
			switch {
			case r.Outcome == csta.AnsweredElsewhere && r.By == (csta.Party{}):
				r.By = by
				j.save(r)
				j.settledBy(r, by)
			case r.IsOpen():
				j.settleRow(r, time.Now(), Colleague, by)
			}
		}
		j.settle(csta.DeviceID(call.Remote.Number).Number(), call.Answered, Colleague, by)
	}
}
