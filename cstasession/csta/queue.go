package csta

import (
	"strings"
	"time"
)

// Queue is a queue of the PBX. The counts are the PBX's own for the current day; they are zero until its first
// QueueStatisticsEvent. (vendor page queueStatisticsEvent)
type Queue struct {
	Device DeviceID
	Name   string

	Waiting, Talking        int
	LongestWait             time.Duration
	Total, Answered, Missed int
	AverageWait             time.Duration
	AverageTalk             time.Duration

	Members []Member
	Calls   []Call // waiting, oldest first
	Removed bool   // the queue no longer exists; reported once
}

// Member is an agent of a queue. (vendor page getQueueMember)
type Member struct {
	Agent                      DeviceID
	Active, SIP, Mobile, Skype bool
}

// SignedIn reports whether calls of the queue reach the agent on any device. An agent who has signed out stays
// active, with every device off. (vendor page setQueueMember)
func (m Member) SignedIn() bool { return m.Active && (m.SIP || m.Mobile || m.Skype) }

// Member returns the queue's member with that extension.
func (q Queue) Member(d DeviceID) (Member, bool) {
	for _, m := range q.Members {
		if strings.EqualFold(m.Agent.Number(), d.Number()) {
			return m, true
		}
	}
	return Member{}, false
}
