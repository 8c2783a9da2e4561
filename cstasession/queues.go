package cstasession

import (
	"context"
	"strings"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

// Queues returns the queues as last passed to OnQueue, sorted by number, under the rules of Colleagues.
func (s *Session) Queues() (list []csta.Queue) {
	s.consult(func() { list = s.office.EveryQueue() })
	return list
}

// SetQueueMember signs our extension in to a queue or out of it. After signing out the agent stays active, with
// its devices off. Signing in turns the devices on again that were on before we signed out, as far as the
// session saw that, or else the SIP telephone. It returns when an event shows it. (vendor page setQueueMember)
// Errors: ErrOffline, ErrNoAnswer, ErrNoEffect, *ServiceError.
func (s *Session) SetQueueMember(ctx context.Context, queue csta.DeviceID, in bool) error {
	me := s.cfg.Device.Number()
	var with csta.Member
	if in {
		s.consult(func() { with = s.office.SignIn(queue.Number()) })
	}
	body := wire.Node("SetQueueMember", wire.Leaf("device", queue.Number()), wire.Boolean("activateAgent", true),
		wire.Boolean("activateMobile", with.Mobile), wire.Boolean("activateSip", with.SIP), wire.Boolean("activateSkype", with.Skype),
		wire.Leaf("agentDN", me), wire.Number("agentPosition", "1"))
	_, err := perform(ctx, s, effectLimit, body, func(q csta.Queue) bool {
		if !strings.EqualFold(q.Device.Number(), queue.Number()) {
			return false
		}
		m, member := q.Member(csta.DeviceID(me))
		return member && m.SignedIn() == in
	})
	return err
}
