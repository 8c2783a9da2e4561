package pbxsim

import (
	"fmt"
	"slices"
	"strings"
)

// The state of the PBX as a whole (ECMA-323 SystemStatus). The vendor documents none of it; other
// PBXs begin a link with it, or expect the client to ask.

// systemStates are ECMA-323's.
var systemStates = []string{"normal", "disabled", "partiallyDisabled", "enabled", "initializing", "messagesLost",
	"overloadImminent", "overloadReached", "overloadRelieved"}

// beforeLogin are the requests that need no session.
var beforeLogin = map[string]bool{"StartApplicationSession": true, "RequestSystemStatus": true, "SystemStatus": true, "SystemStatusResponse": true}

// SystemStatus sets the state of the PBX, a value of ECMA-323's SystemStatusValue such as "overloadReached",
// and tells every link. It is "normal" at first.
func (p *PBX) SystemStatus(status string) error {
	if !slices.Contains(systemStates, status) {
		return fmt.Errorf("%q is no state of a PBX: it is one of %s", status, strings.Join(systemStates, ", "))
	}
	defer p.enter()()
	p.system = status
	for l := range p.links {
		p.delivery = append(p.delivery, delivery{l, p.systemStatus()})
	}
	return nil
}

// systemStatus is the only request that the PBX makes: a client may answer it or not.
func (p *PBX) systemStatus() *element { return tree("SystemStatus", text("systemStatus", p.system)) }

func (p *PBX) requestSystemStatus(*link, *request) (*element, error) {
	return tree("RequestSystemStatusResponse", text("systemStatus", p.system)), nil
}

// clientStatus is the client's own state, which means nothing to a PBX.
func (p *PBX) clientStatus(*link, *request) (*element, error) {
	return tree("SystemStatusResponse"), nil
}

// clientHeard handles a client's answer to SystemStatus: it is recorded as a service, and not answered.
func (p *PBX) clientHeard(*link, *request) (*element, error) { return nil, nil }
