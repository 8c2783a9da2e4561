package main

import (
	"time"

	"calltray/cstasession/csta"
)

// stateLine is a line of monitor --json that tells of the session. Programs read it and all others of
// this file: fields may be added, and never change.
type stateLine struct {
	Time    string            `json:"time"`
	Status  string            `json:"status"`
	Error   string            `json:"error"`
	Calls   []callLine        `json:"calls"`
	Phone   phoneLine         `json:"phone"`
	Trunk   string            `json:"trunk"`
	Refused map[string]string `json:"refused"`
}

// officeLine is a line of monitor --json --office that tells of one other extension or one queue.
type officeLine struct {
	Time      string         `json:"time"`
	Colleague *colleagueLine `json:"colleague,omitempty"`
	Queue     *queueLine     `json:"queue,omitempty"`
}

type callLine struct {
	Linkage    string `json:"linkage"`
	CallID     string `json:"callID"`
	DeviceID   string `json:"deviceID"`
	Phase      string `json:"phase"`
	Direction  string `json:"direction"`
	Number     string `json:"number"`
	Name       string `json:"name"`
	Via        string `json:"via"`
	Cause      string `json:"cause"`
	Since      string `json:"since"`
	ViaName    string `json:"viaName"`
	Consults   string `json:"consults"`
	Conference bool   `json:"conference"`
}

type phoneLine struct {
	DoNotDisturb string           `json:"doNotDisturb"`
	Forwarding   []forwardingLine `json:"forwarding"`
}

type forwardingLine struct {
	Type   string  `json:"type"`
	Active bool    `json:"active"`
	To     string  `json:"to"`
	After  float64 `json:"after"`
}

// colleagueLine is also a line of colleagues --json.
type colleagueLine struct {
	Extension    string     `json:"extension"`
	Name         string     `json:"name"`
	Activity     string     `json:"activity"`
	DoNotDisturb bool       `json:"doNotDisturb"`
	ForwardedTo  string     `json:"forwardedTo"`
	Calls        []callLine `json:"calls"`
}

// queueLine is also a line of queue list --json.
type queueLine struct {
	Queue       string       `json:"queue"`
	Name        string       `json:"name"`
	Waiting     int          `json:"waiting"`
	Talking     int          `json:"talking"`
	LongestWait float64      `json:"longestWait"`
	Total       int          `json:"total"`
	Answered    int          `json:"answered"`
	Missed      int          `json:"missed"`
	AverageWait float64      `json:"averageWait"`
	AverageTalk float64      `json:"averageTalk"`
	Member      bool         `json:"member"`
	SignedIn    bool         `json:"signedIn"`
	Members     []memberLine `json:"members"`
	Removed     bool         `json:"removed,omitempty"` // of the monitor: told once
}

type memberLine struct {
	Extension string `json:"extension"`
	Name      string `json:"name"`
	SignedIn  bool   `json:"signedIn"`
}

func newStateLine(now time.Time, st csta.State) stateLine {
	line := stateLine{Time: timestamp(now), Status: st.Status.String(), Calls: newCallLines(st.Calls), Trunk: switches[st.Trunk],
		Phone: phoneLine{DoNotDisturb: switches[st.Telephone.DoNotDisturb]}, Refused: st.Refused}
	if st.Err != nil {
		line.Error = explain(st.Err)
	}
	if st.Telephone.Forwarding != nil {
		line.Phone.Forwarding = []forwardingLine{}
	}
	for _, f := range st.Telephone.Forwarding {
		line.Phone.Forwarding = append(line.Phone.Forwarding, forwardingLine{f.Type, f.Active, f.To, f.After.Seconds()})
	}
	if line.Refused == nil {
		line.Refused = map[string]string{}
	}
	return line
}

// switches are the words for the values of a Switch.
var switches = map[csta.Switch]string{csta.Unknown: "unknown", csta.Off: "off", csta.On: "on"}

func newCallLines(calls []csta.Call) []callLine {
	lines := []callLine{}
	for _, c := range calls {
		lines = append(lines, callLine{
			Linkage:    c.Linkage,
			CallID:     c.ID.CallID,
			DeviceID:   string(c.ID.DeviceID),
			Phase:      c.Phase.String(),
			Direction:  c.Direction.String(),
			Number:     c.Remote.Number,
			Name:       c.Remote.Name,
			Via:        c.Via,
			Cause:      string(c.Cause),
			Since:      timestamp(c.Since),
			ViaName:    c.ViaName,
			Consults:   c.Consults.CallID,
			Conference: c.Conference,
		})
	}
	return lines
}

// activities are the words for them.
var activities = map[csta.Activity]string{csta.Free: "free", csta.RingingThere: "ringing", csta.Talking: "talking"}

// newColleagueLine tells of a colleague. A telephone counts as free in a session that was told of no call
// there; heard says that it is told of them.
func newColleagueLine(c csta.Colleague, heard bool) colleagueLine {
	activity := activities[c.Activity()]
	if !heard && len(c.Calls) == 0 {
		activity = "unknown"
	}
	return colleagueLine{c.Device.Number(), c.Name, activity, c.DoNotDisturb, c.ForwardedTo, newCallLines(c.Calls)}
}

// newQueueLine tells of a queue as the user at an extension sees it. name tells what an agent is called.
func newQueueLine(q csta.Queue, device string, name func(extension string) string) queueLine {
	me, member := q.Member(csta.DeviceID(device))
	line := queueLine{
		Queue: q.Device.Number(), Name: q.Name, Waiting: q.Waiting, Talking: q.Talking, LongestWait: q.LongestWait.Seconds(),
		Total: q.Total, Answered: q.Answered, Missed: q.Missed, AverageWait: q.AverageWait.Seconds(), AverageTalk: q.AverageTalk.Seconds(),
		Member: member, SignedIn: member && me.SignedIn(), Members: []memberLine{}, Removed: q.Removed,
	}
	for _, m := range q.Members {
		number := m.Agent.Number()
		line.Members = append(line.Members, memberLine{number, name(number), m.SignedIn()})
	}
	return line
}

// timestamp is RFC 3339 in UTC, always with milliseconds: lines can be sorted as text.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
