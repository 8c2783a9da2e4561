package pbxsim

import "strconv"

// Momentary faults; lasting ones are switches of Behaviour.

// Drop cuts every link at once, without saying goodbye. The listeners stay.
func (p *PBX) Drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dropLinks()
}

func (p *PBX) dropLinks() {
	for l := range p.links {
		l.cut()
	}
}

// Forget loses every monitor without telling anyone: the sessions go on, and receive no more events.
func (p *PBX) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		clear(l.monitors)
	}
}

// Inject sends the same bytes to every link, outside all rules: on TCP and in a WebSocket message they are sent
// unchanged, whether raw includes the terminator (0x00, 0x1E) or not.
func (p *PBX) Inject(raw []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.send(raw)
	}
}

// InjectUnknown sends every link an event of a kind that no documentation mentions.
func (p *PBX) InjectUnknown() {
	defer p.enter()()
	for l := range p.links {
		l.event(tree("CalltrayUnknownEvent",
			text("monitorCrossRefID", p.userRef("200")),
			tree("strange", text("nested", "Ærø & <Ø>"), number("count", 7), list("things", text("thing", "1")))))
	}
}

// InjectMalformed sends every link a correctly framed document that cannot be parsed.
func (p *PBX) InjectMalformed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.send(l.codec.malformed())
	}
}

// InjectInvocation calls a method that no client has on every client of the hub, and expects its answer: an
// ASP.NET Core hub may do so. (HubProtocol.md, invocations) A completion is reported to Watch.
func (p *PBX) InjectInvocation() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		if l.kind == "hub" {
			l.invoked++
			l.send(record(`{"type":1,"invocationId":"` + strconv.Itoa(l.invoked) + `","target":"AreYouThere","arguments":[]}`))
		}
	}
}
