package pbxsim

import (
	"errors"
	"fmt"
	"strings"
)

// request is a service request, as read by a gateway.
type request struct {
	name       string
	args       *element
	requestID  string // privateData/requestID
	invocation string // the hub's invocationId
	quiet      bool   // the hub's client expects no answer
}

// service executes a request under the PBX's lock, and returns the answer without its requestID. A nil answer
// without an error means silence.
type service func(l *link, r *request) (*element, error)

// services are the requests that the vendor documents, and a few of the standard's, by exact name.
func (p *PBX) services() map[string]service {
	return map[string]service{
		"StartApplicationSession":      p.startSession,
		"StopApplicationSession":       p.stopSession,
		"ResetApplicationSessionTimer": p.resetSessionTimer,

		"MonitorStart":   p.monitorStart,
		"MonitorStop":    p.monitorStop,
		"MonitorTrunk":   p.monitorTrunk,
		"SnapShotDevice": p.snapshotDevice,

		"MakeCall":               p.makeCall,
		"AnswerCall":             p.answerCall,
		"ClearConnection":        p.clearConnection,
		"HoldCall":               p.holdCall,
		"RetrieveCall":           p.retrieveCall,
		"DeflectCall":            p.deflectCall,
		"SingleStepTransferCall": p.singleStepTransferCall,

		"ConsultationCall":   p.consultationCall,
		"ReconnectCall":      p.reconnectCall,
		"TransferCall":       p.transferCall,
		"DirectedPickupCall": p.directedPickupCall,
		"GenerateDigits":     p.generateDigits,
		"AlternateCall":      p.alternateCall,
		"ConferenceCall":     p.conferenceCall,
		"SnapshotCall":       p.snapshotCall,

		"GetDoNotDisturb": p.getDoNotDisturb,
		"SetDoNotDisturb": p.setDoNotDisturb,
		"GetForwarding":   p.getForwarding,
		"SetForwarding":   p.setForwarding,
		"GetCallProfile":  p.getCallProfile,
		"SetCallProfile":  p.setCallProfile,

		"GetQueue":       p.getQueue,
		"GetQueueMember": p.getQueueMember,
		"SetQueueMember": p.setQueueMember,

		"RequestSystemStatus":  p.requestSystemStatus,
		"SystemStatus":         p.clientStatus,
		"SystemStatusResponse": p.clientHeard,
	}
}

// errUnknownService is the answer to a request that neither the vendor nor this list knows.
var errUnknownService = errOperation("serviceNotSupported", "there is no service of this name")

// serviceError is ECMA-323's CSTAErrorCode: a category and one of its values.
type serviceError struct{ category, value, because string }

func (e *serviceError) Error() string { return e.because }

func errOperation(value, because string, args ...any) error {
	return &serviceError{"operation", value, fmt.Sprintf(because, args...)}
}

func errState(value, because string, args ...any) error {
	return &serviceError{"stateIncompatibility", value, fmt.Sprintf(because, args...)}
}

// errorCode is the message that reports an error.
func errorCode(err error, requestID string) *element {
	var s *serviceError
	if !errors.As(err, &s) {
		s = &serviceError{category: "operation", value: "generic"}
	}
	e := tree("CSTAErrorCode", text(s.category, s.value))
	if requestID != "" {
		e.kids = append(e.kids, tree("privateData", text("requestID", requestID)))
	}
	return e
}

// serve executes a request that arrived on a link, and answers it.
func (p *PBX) serve(l *link, r *request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := &p.behaviour
	if b.Silence || p.closed || l.severed.Load() {
		return
	}
	p.note("service %s link %d", r.describe(), l.id)
	if r.requestID = r.args.value("privateData", "requestID"); b.OtherRequestID && r.requestID != "" {
		r.requestID = "101-null" // as on two of the vendor's pages
	}
	do := p.table[r.name]
	var answer *element
	var err error
	switch {
	case do == nil:
		err = errUnknownService
	case names(b.Unsupported, r.name):
		err = errOperation("serviceNotSupported", "the PBX has been told not to play this service")
	case names(b.Refused, r.name):
		err = b.refusal()
	case l.session == nil && !beforeLogin[r.name]:
		err = &serviceError{"security", "generic", "no session: StartApplicationSession must come first"}
	case names(b.Ignored, r.name), names(b.IgnoredAgain, r.name) && l.served[r.name] > 0:
	case names(b.NoEffect, r.name):
		answer = tree(r.name + "Response")
	default:
		l.served[r.name]++
		answer, err = do(l, r)
	}
	var frame []byte
	switch {
	case r.quiet || names(b.DropAnswers, r.name):
	case err != nil:
		p.note("refused %s %s link %d", word(r.name), word(err.Error()), l.id)
		frame = l.codec.refusal(r, err, b)
	case answer != nil:
		if names(b.WrongAnswers, r.name) {
			answer = tree("GetCallProfileResponse")
		}
		if answer.get("privateData") == nil && r.requestID != "" {
			answer.kids = append(answer.kids, tree("privateData", text("requestID", r.requestID)))
		}
		if b.NoRequestID {
			answer = answer.without("requestID")
		}
		frame = l.codec.answer(r, b.arrange(answer), b)
	}
	switch {
	case frame == nil:
		p.flush()
	case b.OutOfOrder:
		p.flush()
		l.keepBack(frame)
	case b.AnswerDelay > 0 && (b.Delayed == "" || names(b.Delayed, r.name)):
		p.flush()
		p.after(b.AnswerDelay, func() { l.send(frame) })
	case b.EventsFirst:
		p.flush()
		l.send(frame)
	default:
		l.send(frame)
		p.flush()
	}
}

// describe describes the request to people and tests: its name, and the connection or device it is about.
func (r *request) describe() string {
	words := []string{word(r.name)}
	for _, path := range [...]string{"callToBeAnswered", "connectionToBeCleared", "callToBeHeld", "callToBeRetrieved", "callToBeDiverted",
		"activeCall", "heldCall", "existingCall", "callToBePickedUp", "connectionToSendDigits"} {
		if c := r.args.get(path); c != nil {
			words = append(words, word(c.value("deviceID")), word(c.value("callID")))
		}
	}
	for _, path := range [...]string{"callingDevice", "calledDirectoryNumber", "newDestination", "transferredTo", "consultedDevice",
		"requestingDevice", "device", "agentDN", "monitorObject", "monitorCrossRefID", "snapshotObject"} {
		if v := r.args.value(path); v != "" {
			words = append(words, word(v))
		}
	}
	return strings.Join(words, " ")
}

// connection finds the leg named by an element of the request.
func (p *PBX) connection(r *request, name string) (*leg, error) {
	c := r.args.get(name)
	callID, deviceID := c.value("callID"), c.value("deviceID")
	if number, _, ok := p.object(deviceID); ok {
		deviceID = number
	}
	l := p.find(callID, deviceID)
	if l == nil {
		return nil, errOperation("invalidConnectionID", "there is no such connection")
	}
	return l, nil
}

func (p *PBX) makeCall(_ *link, r *request) (*element, error) {
	from, _, _ := p.object(r.args.value("callingDevice"))
	if p.extensions[from] == nil {
		return nil, errOperation("invalidCallingDeviceID", "there is no such extension")
	}
	to := r.args.value("calledDirectoryNumber")
	if !dialable(to) || to == from {
		return nil, errOperation("invalidCalledDeviceID", "this cannot be dialled")
	}
	p.start(from, to, "", r.name)
	// The vendor's answer does not identify the call: its events do.
	return tree("MakeCallResponse", connection("callingDevice", "N/A", from), linkage("N/A")), nil
}

// answerCall reaches the phone only if that can answer automatically; the answer is positive either way.
func (p *PBX) answerCall(_ *link, r *request) (*element, error) {
	l, err := p.connection(r, "callToBeAnswered")
	if err != nil {
		return nil, err
	}
	answer := tree("AnswerCallResponse", l.connection("answeredConnection"))
	if l.state != alerting && l.state != prompted {
		return nil, errState("noCallToAnswer", "%s has no ringing call", l.device)
	}
	if e := p.extensions[l.device]; e != nil && e.AutoAnswer {
		return answer, p.answer(l)
	}
	return answer, nil
}

func (p *PBX) clearConnection(_ *link, r *request) (*element, error) {
	l, err := p.connection(r, "connectionToBeCleared")
	if err != nil {
		return nil, err
	}
	return tree("ClearConnectionResponse"), p.release(l)
}

func (p *PBX) holdCall(_ *link, r *request) (*element, error) {
	l, err := p.connection(r, "callToBeHeld")
	if err != nil {
		return nil, err
	}
	return tree("HoldCallResponse"), p.hold(l, r.name)
}

func (p *PBX) retrieveCall(_ *link, r *request) (*element, error) {
	l, err := p.connection(r, "callToBeRetrieved")
	if err != nil {
		return nil, err
	}
	return tree("RetrieveCallResponse"), p.retrieve(l, r.name)
}

func (p *PBX) deflectCall(_ *link, r *request) (*element, error) {
	l, err := p.connection(r, "callToBeDiverted")
	if err != nil {
		return nil, err
	}
	to := r.args.value("newDestination")
	if !dialable(to) || to == l.device {
		return nil, errOperation("invalidDestination", "this cannot be dialled")
	}
	return tree("DeflectCallResponse"), p.deflect(l, to)
}

func (p *PBX) singleStepTransferCall(_ *link, r *request) (*element, error) {
	l, err := p.connection(r, "activeCall")
	if err != nil {
		return nil, err
	}
	to := r.args.value("transferredTo")
	if !dialable(to) || to == l.device {
		return nil, errOperation("invalidDestination", "this cannot be dialled")
	}
	return tree("SingleStepTransferCallResponse", connection("transferredCall", "NotImplemented", to)), p.transfer(l, to)
}
