package pbxsim

import (
	"crypto/subtle"
	"strconv"
	"time"
)

// The session services (ECMA-354) and snapshots. The vendor documents the login;
// the rest is the standard's.

const defaultSession = 120 * time.Second // what every example of the vendor grants

// session is what a login starts.
type session struct {
	id    string
	user  string
	timer *time.Timer // ends the session, if the behaviour says so
}

// stop stops the session's timer. The session may be nil.
func (s *session) stop() {
	if s != nil && s.timer != nil {
		s.timer.Stop()
	}
}

func (p *PBX) startSession(l *link, r *request) (*element, error) {
	info := r.args.get("applicationInfo", "applicationSpecificInfo")
	user := field(info, "userID")
	if !p.mayLogIn(user, field(info, "password"), field(info, "pbxDomain")) {
		p.note("link %d refused %s", l.id, word(user))
		return p.refuseLogin(l)
	}
	if !p.makeRoom(l, user) {
		p.note("link %d refused %s: another has a session", l.id, word(user))
		return p.refuseLogin(l)
	}
	p.note("link %d login %s", l.id, word(user))
	l.session.stop() // a login on a link that has a session renews it: monitors belong to the link, and remain
	l.session = &session{id: p.uuid(), user: user}
	granted := p.grant(l, r)
	return tree("StartApplicationSessionPosResponse",
		text("sessionID", l.session.id),
		text("actualProtocolVersion", namespace),
		p.told(granted)), nil
}

// makeRoom applies the behaviour for a second session of a user, and reports whether it may begin.
func (p *PBX) makeRoom(l *link, user string) bool {
	for other := range p.links {
		if other == l || other.session == nil || other.session.user != user {
			continue
		}
		switch p.behaviour.OneSession {
		case "oldest":
			return false
		case "newest":
			p.note("link %d replaced", other.id)
			other.endSession()
			other.hangUp()
		}
	}
	return true
}

// told is the granted time, as the PBX sends it.
func (p *PBX) told(granted time.Duration) *element {
	told := p.behaviour.SessionDuration
	if _, err := strconv.ParseFloat(told, 64); told != "" && err != nil {
		return text("actualSessionDuration", told)
	}
	if told == "" {
		told = strconv.Itoa(int(granted / time.Second))
	}
	return &element{name: "actualSessionDuration", text: told, kind: kindNumber}
}

// field returns the value of a login's element, which has its full name in JSON and for strict XML readers.
func field(info *element, name string) string {
	if v := info.get("vendorData:" + name); v != nil {
		return v.text
	}
	if v := info.get(name); v != nil {
		return v.text
	}
	return ""
}

func (p *PBX) mayLogIn(user, password, domain string) bool {
	if p.behaviour.RefuseLogins > 0 {
		p.behaviour.RefuseLogins--
		return false
	}
	for _, u := range p.cfg.Users {
		if u.UserID == user && subtle.ConstantTimeCompare([]byte(u.Password), []byte(password)) == 1 {
			return domain == p.Domain()
		}
	}
	return false
}

// refuseLogin answers a login in one of the ways that a client must expect: none is documented.
func (p *PBX) refuseLogin(l *link) (*element, error) {
	switch p.behaviour.RefuseAs {
	case "error":
		return nil, &serviceError{"security", "generic", "the login is refused"}
	case "close":
		l.hangUp()
		return nil, nil
	case "silence":
		return nil, nil
	}
	return tree("StartApplicationSessionNegResponse",
		tree("errorCode", text("definedError", "invalidApplicationInfo"))), nil
}

// grant sets the time of the link's session to what was requested, within the behaviour's limit.
func (p *PBX) grant(l *link, r *request) time.Duration {
	d := defaultSession
	if n, err := strconv.Atoi(r.args.value("requestedSessionDuration")); err == nil && n > 0 && n <= 86400 {
		d = time.Duration(n) * time.Second
	}
	if most := p.behaviour.MaxSession; most > 0 {
		d = max(min(d, most), time.Second)
	}
	s := l.session
	s.stop()
	s.timer = p.after(d, func() { p.expire(l, s) })
	return d
}

// expire ends a session whose time is over.
func (p *PBX) expire(l *link, s *session) {
	if l.session != s || p.behaviour.Timer == "" || p.behaviour.Timer == "ignored" {
		return
	}
	p.note("link %d expired", l.id)
	l.endSession()
	if p.behaviour.Timer == "close" {
		l.hangUp()
		return
	}
	p.delivery = append(p.delivery, delivery{l, tree("ApplicationSessionTerminated",
		text("sessionID", s.id),
		tree("sessionTermReason", text("definedTermReason", "sessionTimerExpired")))})
}

// endSession removes the link's session and its monitors.
func (l *link) endSession() {
	l.session.stop()
	l.session = nil
	clear(l.monitors)
	clear(l.clientPhones)
}

func (p *PBX) stopSession(l *link, r *request) (*element, error) {
	if id := r.args.value("sessionID"); id != "" && id != l.session.id {
		return tree("StopApplicationSessionNegResponse", tree("errorCode", text("definedError", "invalidSessionID"))), nil
	}
	p.note("link %d logout", l.id)
	l.endSession()
	return tree("StopApplicationSessionPosResponse"), nil
}

func (p *PBX) resetSessionTimer(l *link, r *request) (*element, error) {
	switch p.behaviour.Reset {
	case "error":
		return nil, errOperation("serviceNotSupported", "sessions cannot be renewed")
	case "silence":
		return nil, nil
	}
	if id := r.args.value("sessionID"); id != "" && id != l.session.id {
		return tree("ResetApplicationSessionTimerNegResponse", tree("errorCode", text("definedError", "invalidSessionID"))), nil
	}
	granted := p.grant(l, r)
	return tree("ResetApplicationSessionTimerPosResponse", p.told(granted)), nil
}

func (p *PBX) snapshotDevice(l *link, r *request) (*element, error) {
	name := r.args.value("snapshotObject")
	deviceID, ref, ok := p.object(name)
	switch {
	case name == p.trunkRef():
		p.outgoingNumbers(l)
		deviceID, ref = "", p.userRef(p.trunkRef()) // odd, and documented
	case !ok:
		return nil, errOperation("invalidDeviceID", "there is no such device")
	}
	private := tree("privateData", maybe("requestID", r.requestID))
	if q, ok := p.queues[deviceID]; ok {
		private.kids = append(private.kids, text("QueueName", q.Name), list("QueueMembers"))
	}
	calls := series("snapshotDeviceResponseInfo")
	if p.behaviour.Snapshot == "vendor" || p.behaviour.Snapshot == "ecma" {
		for _, leg := range p.legsAt(deviceID) {
			if only := p.behaviour.SnapshotStates; only == "" || names(only, connectionInfo[leg.state]) {
				calls.kids = append(calls.kids, p.snapshot(leg))
			}
		}
	}
	data := tree("snapshotData", calls)
	if p.behaviour.Snapshot == "ecma" {
		return tree("SnapShotDeviceResponse", tree("crossRefIDorSnapshotData", data), private), nil
	}
	return tree("SnapShotDeviceResponse", text("serviceCrossRefID", ref), data, private), nil
}

// snapshot is a call in the snapshot of a device. The vendor documents only snapshots without calls: the
// members are ECMA-323's, and in the vendor's form "held" is spelled as in its events.
func (p *PBX) snapshot(l *leg) *element {
	states := []*element{text("localConnectionState", connectionInfo[l.state])}
	switch {
	case l.state == held && p.behaviour.Snapshot == "ecma":
		states[0] = text("localConnectionState", "hold")
	case l.state == prompted:
		states[0] = text("localConnectionState", "initiated")
	case l.state == ringing: // the other party's state tells this from a connected call
		states = append(states, text("localConnectionState", "alerting"))
	case l.state == connected:
		states = append(states, text("localConnectionState", "connected"))
	}
	return tree("snapshotDeviceResponseInfo",
		l.connection("connectionIdentifier"),
		device("endpointDevice", l.remote),
		tree("localCallState", list("compoundCallState", states...)),
		l.linkage())
}
