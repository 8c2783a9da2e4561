package command

import (
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/text"
)

// StateLine is a line of monitor --json about the session. Programs read the lines in this file: fields may be
// added but never changed. They are in English, whatever the user's language.
type StateLine struct {
	Time    string            `json:"time"`
	Status  string            `json:"status"`
	Error   string            `json:"error"`
	Code    string            `json:"code"`
	Calls   []CallLine        `json:"calls"`
	Phone   PhoneLine         `json:"phone"`
	Trunk   string            `json:"trunk"`
	Refused map[string]string `json:"refused"`
}

// OfficeLine is a line of monitor --json --office about one other extension or one queue.
type OfficeLine struct {
	Time      string         `json:"time"`
	Colleague *ColleagueLine `json:"colleague,omitempty"`
	Queue     *QueueLine     `json:"queue,omitempty"`
}

type CallLine struct {
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

	Contact string `json:"contact,omitempty"` // in monitor --json: what the contacts and the history know
	Company string `json:"company,omitempty"`
	Note    string `json:"note,omitempty"`
}

type PhoneLine struct {
	DoNotDisturb string           `json:"doNotDisturb"`
	Forwarding   []ForwardingLine `json:"forwarding"`
}

type ForwardingLine struct {
	Type   string  `json:"type"`
	Active bool    `json:"active"`
	To     string  `json:"to"`
	After  float64 `json:"after"`
}

// ColleagueLine is also a line of colleagues --json.
type ColleagueLine struct {
	Extension    string     `json:"extension"`
	Name         string     `json:"name"`
	Activity     string     `json:"activity"`
	DoNotDisturb bool       `json:"doNotDisturb"`
	ForwardedTo  string     `json:"forwardedTo"`
	Calls        []CallLine `json:"calls"`
}

// QueueLine is also a line of queue list --json.
type QueueLine struct {
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
	Members     []MemberLine `json:"members"`
	Removed     bool         `json:"removed,omitempty"` // in monitor: reported once
}

type MemberLine struct {
	Extension string `json:"extension"`
	Name      string `json:"name"`
	SignedIn  bool   `json:"signedIn"`
}

// NewStateLine returns the line about a state.
func NewStateLine(now time.Time, st csta.State) StateLine {
	line := StateLine{Time: Timestamp(now), Status: st.Status.String(), Calls: NewCallLines(st.Calls), Trunk: switches[st.Trunk],
		Phone: PhoneLine{DoNotDisturb: switches[st.Telephone.DoNotDisturb]}, Refused: st.Refused}
	if st.Err != nil {
		m := text.Of(st.Err)
		line.Code = m.Code
		line.Error = m.InEnglish()
	}
	if st.Telephone.Forwarding != nil {
		line.Phone.Forwarding = []ForwardingLine{}
	}
	for _, f := range st.Telephone.Forwarding {
		line.Phone.Forwarding = append(line.Phone.Forwarding, ForwardingLine{f.Type, f.Active, f.To, f.After.Seconds()})
	}
	if line.Refused == nil {
		line.Refused = map[string]string{}
	}
	return line
}

// switches maps the values of a Switch to words.
var switches = map[csta.Switch]string{csta.Unknown: "unknown", csta.Off: "off", csta.On: "on"}

func NewCallLines(calls []csta.Call) []CallLine {
	lines := []CallLine{}
	for _, c := range calls {
		lines = append(lines, CallLine{
			Linkage:    c.Linkage,
			CallID:     c.ID.CallID,
			DeviceID:   string(c.ID.DeviceID),
			Phase:      c.Phase.String(),
			Direction:  c.Direction.String(),
			Number:     c.Remote.Number,
			Name:       c.Remote.Name,
			Via:        c.Via,
			Cause:      string(c.Cause),
			Since:      Timestamp(c.Since),
			ViaName:    c.ViaName,
			Consults:   c.Consults.CallID,
			Conference: c.Conference,
		})
	}
	return lines
}

// activities maps activities to words.
var activities = map[csta.Activity]string{csta.Free: "free", csta.RingingThere: "ringing", csta.Talking: "talking"}

// NewColleagueLine returns the line about a colleague. A telephone without calls counts as free if the session
// receives its calls, as heard says; otherwise its activity is unknown.
func NewColleagueLine(c csta.Colleague, heard bool) ColleagueLine {
	activity := activities[c.Activity()]
	if !heard && len(c.Calls) == 0 {
		activity = "unknown"
	}
	return ColleagueLine{c.Device.Number(), c.Name, activity, c.DoNotDisturb, c.ForwardedTo, NewCallLines(c.Calls)}
}

// NewQueueLine returns the line about a queue, as seen by the user of the extension device. name returns an
// agent's name.
func NewQueueLine(q csta.Queue, device string, name func(extension string) string) QueueLine {
	me, member := q.Member(csta.DeviceID(device))
	line := QueueLine{
		Queue: q.Device.Number(), Name: q.Name, Waiting: q.Waiting, Talking: q.Talking, LongestWait: q.LongestWait.Seconds(),
		Total: q.Total, Answered: q.Answered, Missed: q.Missed, AverageWait: q.AverageWait.Seconds(), AverageTalk: q.AverageTalk.Seconds(),
		Member: member, SignedIn: member && me.SignedIn(), Members: []MemberLine{}, Removed: q.Removed,
	}
	for _, m := range q.Members {
		number := m.Agent.Number()
		line.Members = append(line.Members, MemberLine{number, name(number), m.SignedIn()})
	}
	return line
}

// Timestamp formats a time as RFC 3339 in UTC, always with milliseconds, so that lines can be sorted as text.
func Timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
