package pbxsim

import "strconv"

// Faults of a moment; those that last are switches of Behaviour.

// Drop cuts every link at once, without a word of farewell. The listeners stay.
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

// Forget loses every monitor, without telling anyone: the sessions go on, and hear nothing more.
func (p *PBX) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		clear(l.monitors)
	}
}

// Inject sends the same bytes to every link, outside all rules: on TCP and in a WebSocket message they
// go as they are, the terminator (0x00, 0x1E) included in raw or not.
func (p *PBX) Inject(raw []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.send(raw)
	}
}

// InjectUnknown sends an event of a kind that no documentation has to every link.
func (p *PBX) InjectUnknown() {
	defer p.enter()()
	for l := range p.links {
		l.event(tree("CalltrayUnknownEvent",
			text("monitorCrossRefID", p.userRef("200")),
			tree("strange", text("nested", "Ærø & <Ø>"), number("count", 7), list("things", text("thing", "1")))))
	}
}

// InjectMalformed sends a document that cannot be read to every link, well framed.
func (p *PBX) InjectMalformed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.send(l.codec.malformed())
	}
}

// InjectInvocation calls a method of every client of the hub that no client has, and wants its answer: an
// ASP.NET Core hub may do so. (HubProtocol.md, invocations) A completion is noted, as in Watch.
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
