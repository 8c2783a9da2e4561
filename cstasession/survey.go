package cstasession

import (
	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
	"context"
	"errors"
	"slices"
	"time"
)

// look asks for what a fresh session does not know, as far as it is wanted: the telephone's settings, the
// colleagues, the queues. A refusal is remembered with its reason and costs nothing else. (vendor page case_login)
func (l *link) look(ctx context.Context) error {
	if err := l.lookAtOurPhone(ctx); err != nil {
		return err
	}
	return l.monitorTrunk(ctx)
}

// lookAtOurPhone asks how our own telephone is set.
func (l *link) lookAtOurPhone(ctx context.Context) error {
	s := l.s
	if !s.cfg.WatchTelephone {
		return nil
	}
	for _, ask := range []struct {
		body wire.Element
		fold func(wire.Message)
	}{
		{wire.Node("GetDoNotDisturb", s.device()), func(m wire.Message) {
			s.phone(func(p *csta.Telephone) { p.DoNotDisturb = csta.Switched(m.Body.IsTrue("doNotDisturbOn")) })
		}},
		{wire.Node("GetForwarding", s.device()), func(m wire.Message) {
			s.phone(func(p *csta.Telephone) { p.Forwarding = readForwardings(m) })
		}},
	} {
		if _, err := l.ask(ctx, ask.body, ask.fold); err != nil {
			return err
		}
	}
	return nil
}

// monitorTrunk is the vendor's way to hear of every extension and queue. Asked again it changes nothing;
// everybody is told anew. (vendor page monitorTrunk)
func (l *link) monitorTrunk(ctx context.Context) error {
	s := l.s
	if s.cfg.OnColleague == nil {
		return nil
	}
	told, refusal, err := l.inform(ctx, wire.Node("MonitorTrunk", wire.Node("monitorObject", wire.Leaf("deviceObject", "1"))), func(wire.Message) { s.trunk(csta.On) })
	if err != nil {
		return err
	}
	if refusal != nil {
		l.noteRefusal(refusal)
	}
	if !told && !l.trunk { // one that runs already goes on
		now := csta.Unknown
		if refusal != nil {
			now = csta.Off
		}
		l.inReader(func() { s.trunk(now) })
	}
	l.trunk = l.trunk || told
	return nil
}

// trunk notes whether the exchange tells of colleagues, in the reader.
func (s *Session) trunk(now csta.Switch) {
	if s.state.Trunk != now {
		s.state.Trunk = now
		s.publish()
	}
}

// No event tells how a colleague's telephone was set before we listened, nor of the calls that it had. The
// keeper asks, at a pace that is no burden to the exchange though a whole office comes to work at once; of
// more than the first so many it waits for events.
const (
	phoneEvery = 100 * time.Millisecond
	mostPhones = 300
	mostVain   = 3 // questions of one kind about others that came to nothing, after which it is not asked any more
)

// wantPhone notes a colleague whose telephone the keeper is to ask about, once for each link. A link that
// takes over from another knows what that one knew.
func (l *link) wantPhone(number string) {
	if l.successor || l.s.table.ours(csta.DeviceID(number)) || len(l.askedPhone) >= mostPhones || l.askedPhone[number] {
		return
	}
	l.askedPhone[number] = true
	l.mu.Lock()
	l.phones = append(l.phones, number)
	l.mu.Unlock()
	l.announce()
}

// forgetOffice: events were lost, and what colleagues did meanwhile nobody told. The trunk's monitor tells of
// everybody anew, and their telephones are asked about again.
func (l *link) forgetOffice() {
	l.consult(func() {
		l.s.office.forgetCalls()
		clear(l.askedPhone)
		l.successor = false
	})
}

// wantedPhone takes the next colleague to ask about.
func (l *link) wantedPhone() (number string, more bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.phones) == 0 {
		return "", false
	}
	number = l.phones[0]
	l.phones = l.phones[1:]
	return number, true
}

// lookAtPhone asks about a colleague's telephone: for its calls, where snapshots were seen to list any, and
// for its settings. What is not answered is asked again, after the others.
func (l *link) lookAtPhone(ctx context.Context, number string) error {
	s := l.s
	asked, snapshots, again := time.Now(), s.known().snapshots, false
	for _, ask := range []struct {
		body wire.Element
		fold func(*station, wire.Message)
	}{
		{wire.Node("SnapShotDevice", wire.Leaf("snapshotObject", "u-"+s.cfg.TrunkID+"-"+number)), func(st *station, m wire.Message) {
			items := wire.ReadSnapshot(m)
			st.table.refresh(items, s.believe(items), asked, time.Now())
		}},
		{wire.Node("GetDoNotDisturb", wire.Leaf("device", number)), func(st *station, m wire.Message) { st.DoNotDisturb = m.Body.IsTrue("doNotDisturbOn") }},
		{wire.Node("GetForwarding", wire.Leaf("device", number)), func(st *station, m wire.Message) {
			for _, rule := range readForwardings(m) {
				st.forward(rule)
			}
		}},
	} {
		name := ask.body.Name
		if l.vain[name] >= mostVain || name == "SnapShotDevice" && snapshots == (belief{}) {
			continue
		}
		told, refusal, err := l.inform(ctx, ask.body, func(m wire.Message) {
			if st := s.office.stations[number]; st != nil {
				ask.fold(st, m)
				s.office.tell(st)
			}
		})
		if err != nil {
			return err
		}
		switch {
		case told:
		case refusal != nil:
			l.vain[name]++ // perhaps for this one only
		default:
			again = true
		}
	}
	if again {
		l.mu.Lock()
		l.phones = append(l.phones, number)
		l.mu.Unlock()
	}
	return nil
}

// ask sends a request whose positive answer the reader folds, and remembers what is not supported.
func (l *link) ask(ctx context.Context, body wire.Element, fold func(wire.Message)) (told bool, err error) {
	told, refusal, err := l.inform(ctx, body, fold)
	if refusal != nil {
		l.noteRefusal(refusal)
	}
	return told, err
}

// inform sends a request whose positive answer the reader folds. Only the loss of the link is an error.
func (l *link) inform(ctx context.Context, body wire.Element, fold func(wire.Message)) (told bool, refusal *csta.ServiceError, _ error) {
	_, err := l.request(ctx, signLimit, body, func(m wire.Message) {
		if m.Failure(body.Name) == nil {
			fold(m)
		}
	})
	if errors.Is(err, csta.ErrNoAnswer) {
		l.vain[body.Name]++
	}
	if errors.As(err, &refusal) || errors.Is(err, csta.ErrNoAnswer) {
		l.s.cfg.Logger.Info("not told by this switching function", "service", body.Name, "err", err)
		return false, refusal, nil
	}
	return err == nil, nil, err
}

// lookup is a queue that the keeper is to ask for: for its name, and if so wished for its members.
type lookup struct {
	number  string
	members bool
}

// want notes a queue to ask for.
func (l *link) want(q lookup) {
	l.mu.Lock()
	if !slices.Contains(l.queues, q) {
		l.queues = append(l.queues, q)
	}
	l.mu.Unlock()
	l.announce()
}

// wantName asks once for the name of what our call came through, if nothing tells it by itself. It may be
// an extension as well, and is refused then.
func (l *link) wantName(number string) {
	o := l.s.office
	_, station := o.stations[number]
	_, refused := l.s.state.Refused["GetQueue"]
	if asks := l.s.cfg.WatchTelephone || l.s.cfg.OnQueue != nil; !asks || station || refused || o.queues[number] != nil || o.names[number] != "" || l.askedName[number] {
		return
	}
	l.askedName[number] = true
	l.want(lookup{number, false})
}

// wanted takes the next queue to ask for. The keeper sees to its other work before the one after that.
func (l *link) wanted() (next lookup, more bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queues) == 0 {
		return next, false
	}
	next = l.queues[0]
	if l.queues = l.queues[1:]; len(l.queues) > 0 {
		l.announce()
	}
	return next, true
}

// announce tells the keeper that there is somebody to ask about.
func (l *link) announce() {
	select {
	case l.survey <- struct{}{}:
	default:
	}
}

// lookAtQueue asks for a queue's name and members. It may have been removed when the answer comes.
func (l *link) lookAtQueue(ctx context.Context, wanted lookup) error {
	o, number := l.s.office, wanted.number
	ask := func(service string, fold func(wire.Message)) error {
		if l.vain[service] >= mostVain {
			return nil
		}
		_, refusal, err := l.inform(ctx, wire.Node(service, wire.Leaf("device", number)), fold)
		if refusal != nil {
			if l.noteRefusal(refusal); wanted.members { // else it may have been no queue
				l.vain[service]++
			}
		}
		return err
	}
	err := ask("GetQueue", func(m wire.Message) {
		name := wire.Printable(m.Body.Value("queueDevice", "deviceDescription"))
		if q := o.queues[number]; q != nil && name != "" {
			o.nameQueue(q, name)
		} else if !wanted.members {
			o.name(number, name)
		}
	})
	if err != nil || !wanted.members {
		return err
	}
	return ask("GetQueueMember", func(m wire.Message) {
		if q := o.queues[number]; q != nil {
			q.Members = readMembers(&m.Body)
			o.tellQueue(q)
		}
	})
}
