package ui

import (
	"context"
	"errors"
	"time"

	"calltray/cstasession"
	"calltray/dialplan"
)

// callAction is something that the user can do with a call.
type callAction int

const (
	actAnswer   callAction = iota
	actPassOn              // a ringing call, to another number
	actHold                //
	actResume              //
	actSwap                // hold the call that is talked in, and resume this one
	actJoin                // this one and the one that is talked in
	actTransfer            // to another number, at once
	actAsk                 // another number first
	actComplete            // after asking: connect the two, and leave
	actBack                // after asking: to the caller
	actKeypad              // digits, into the call
	actHangUp
)

// situation is what decides about a call: its phase, and what else there is at the telephone.
type situation struct {
	phase      cstasession.Phase
	asks       bool // it asks about a call that is held
	conference bool
	talking    bool // the user talks in another call
	dialling   bool // or has another one set up
}

// actions says what is possible when, and which service does it, in the order of a row's buttons.
var actions = []struct {
	action   callAction
	service  string
	possible func(s situation) bool
}{
	{actAnswer, "AnswerCall", situation.ringing},
	{actPassOn, "DeflectCall", situation.ringing},
	{actComplete, "TransferCall", func(s situation) bool { return s.asks && s.outward() }},
	{actBack, "ReconnectCall", func(s situation) bool { return s.asks && s.outward() }},
	{actHold, "HoldCall", func(s situation) bool { return s.phase == cstasession.Active && !s.asks }},
	{actResume, "RetrieveCall", func(s situation) bool { return s.phase == cstasession.Held && !s.talking && !s.dialling }},
	{actSwap, "AlternateCall", func(s situation) bool { return s.phase == cstasession.Held && s.talking }},
	{actJoin, "ConferenceCall", func(s situation) bool { return s.phase == cstasession.Held && s.talking }},
	{actTransfer, "SingleStepTransferCall", situation.between},
	{actAsk, "ConsultationCall", situation.between},
	{actKeypad, "GenerateDigits", func(s situation) bool { return s.phase == cstasession.Active }},
	{actHangUp, "ClearConnection", func(s situation) bool { return s.phase != cstasession.Ended }},
}

func (s situation) ringing() bool { return s.phase == cstasession.Ringing }

// outward: the other side talks, or is being called.
func (s situation) outward() bool {
	return s.phase == cstasession.Active || s.phase == cstasession.Calling
}

// between: two people talk, of whom one can be handed on.
func (s situation) between() bool {
	return s.phase == cstasession.Active && !s.asks && !s.conference
}

func situationOf(c cstasession.Call, calls []cstasession.Call) situation {
	s := situation{phase: c.Phase, asks: !c.Consults.IsZero(), conference: c.Conference}
	for _, other := range calls {
		if other.ID != c.ID {
			s.talking = s.talking || other.Phase == cstasession.Active
			s.dialling = s.dialling || other.Phase == cstasession.Calling
		}
	}
	return s
}

// option is an action that a call's phase allows, and the reason why it cannot be done all the same: ""
// if it can.
type option struct {
	action callAction
	why    string
}

// options lists what can be done with a call, in the order of its buttons: a pure function of the state,
// and of whether a service is on its way for the call.
func options(c cstasession.Call, s cstasession.State, busy bool) []option {
	var list []option
	now := situationOf(c, s.Calls)
	for _, a := range actions {
		if !a.possible(now) {
			continue
		}
		o := option{action: a.action}
		switch {
		case s.Status != cstasession.Online:
			o.why = Explain(cstasession.ErrOffline)
		case refuses(s, a.action, a.service):
			o.why = refusedWords(a.service, s.Refused[a.service])
		case busy:
			o.why = say("The PBX is still at work on this call: wait a moment.")
		}
		list = append(list, o)
	}
	return list
}

// refuses reports whether the PBX said that it has no such service. Two calls are swapped in two steps
// where it cannot do it in one.
func refuses(s cstasession.State, a callAction, service string) bool {
	if _, no := s.Refused[service]; !no || a != actSwap {
		return no
	}
	_, noHold := s.Refused["HoldCall"]
	_, noRetrieve := s.Refused["RetrieveCall"]
	return noHold || noRetrieve
}

// why says why an action cannot be done with a call: "" if it can.
func (u *UI) why(a callAction, c cstasession.Call) string {
	for _, o := range options(c, u.state, u.busy[c.ID]) {
		if o.action == a {
			return o.why
		}
	}
	return notNow(a)
}

// notNow says what is missing for an action that the phase of a call does not allow.
func notNow(a callAction) string {
	switch a {
	case actAnswer:
		return say("No call rings that could be answered.")
	case actComplete, actBack:
		return say("Nobody is being asked: press “Ask first” while talking.")
	case actHold, actResume, actSwap, actJoin:
		return say("There is no call to hold or resume.")
	case actHangUp:
		return say("There is no call to hang up.")
	case actKeypad:
		return say("Digits can be played while talking only.")
	case actAsk:
		return say("Talk to a caller first: then you can ask somebody about the call.")
	default:
		return say("There is no call to hand on: it must ring, or be talked in.")
	}
}

// act carries out an action with a call. What needs a number besides lets the user say which.
func (u *UI) act(a callAction, c cstasession.Call) {
	if why := u.why(a, c); why != "" {
		u.tell(why)
		return
	}
	id := c.ID
	switch a {
	case actAnswer:
		u.answer(id)
	case actHangUp:
		u.hangUp(id)
	case actHold:
		u.serve(id, func(ctx context.Context, p Phone) error { return p.HoldCall(ctx, id) })
	case actResume:
		u.serve(id, func(ctx context.Context, p Phone) error { return p.RetrieveCall(ctx, id) })
	case actSwap, actJoin:
		u.joinOrSwap(a, c)
	case actComplete, actBack:
		u.endAsking(a, c)
	case actKeypad:
		u.window.openKeypad(c)
	default:
		u.choose(id)
	}
}

// subject is the call that "Transfer", "Ask first", "Pass on" and the keypad act upon: the one that the
// user chose, else the one being talked in, else the one that rings.
func (u *UI) subject() (cstasession.Call, bool) { return subjectOf(u.state.Calls, u.chosenCall) }

// subjectOf finds the subject among calls, of which the oldest is the first: one that comes while another
// rings does not take its place under the user's fingers. Without one the subject has ended.
func subjectOf(calls []cstasession.Call, chosen cstasession.ConnectionID) (subject cstasession.Call, ok bool) {
	best := 0
	subject.Phase = cstasession.Ended
	for _, c := range calls {
		rank := 0
		switch {
		case c.Phase == cstasession.Ended:
			continue
		case c.ID == chosen:
			rank = 6
		case c.Phase == cstasession.Active:
			rank = 5
		case c.Phase == cstasession.Calling && !c.Consults.IsZero():
			rank = 4
		case c.Phase == cstasession.Ringing:
			rank = 3
		case c.Phase == cstasession.Calling:
			rank = 2
		case c.Phase == cstasession.Held:
			rank = 1
		}
		if rank > best {
			subject, best, ok = c, rank, true
		}
	}
	return subject, ok
}

// stillChosen returns the user's choice, or none once the calls have moved on: it stands until that call
// enters another phase, or another one is talked in. Else "Hang up" would hit a call that the user has
// long since left.
func stillChosen(chosen cstasession.ConnectionID, before, now []cstasession.Call) cstasession.ConnectionID {
	phase := func(calls []cstasession.Call, id cstasession.ConnectionID) cstasession.Phase {
		for _, c := range calls {
			if c.ID == id {
				return c.Phase
			}
		}
		return cstasession.Ended
	}
	if phase(now, chosen) != phase(before, chosen) || phase(now, chosen) == cstasession.Ended {
		return cstasession.ConnectionID{}
	}
	for _, c := range now {
		if c.Phase == cstasession.Active && phase(before, c.ID) != cstasession.Active {
			return cstasession.ConnectionID{}
		}
	}
	return chosen
}

// choose makes a call the subject, and opens the window where the user says where it is to go.
func (u *UI) choose(id cstasession.ConnectionID) {
	u.chosenCall = id
	if c, ok := u.subject(); ok && c.ID == id {
		u.tell(say("Hand on {{.Who}}: type a name or a number, or choose a colleague.", "Who", u.named(c.Remote)))
	}
	if u.window.window != nil {
		u.window.keypad.close()
		u.window.help.root.Hide()
	}
	u.window.open(pageCalls)
}

// pass hands the subject on: a ringing call is deflected, one that is talked in is transferred; after
// asking the other side, if ask says so.
func (u *UI) pass(to string, ask bool) {
	c, _ := u.subject()
	a := actTransfer
	switch {
	case ask:
		a = actAsk
	case c.Phase == cstasession.Ringing:
		a = actPassOn
	}
	if why := u.why(a, c); why != "" {
		u.tell(why)
		return
	}
	number, err := dialplan.Dialable(to)
	if err != nil {
		u.offer(err)
		return
	}
	if !u.settled() {
		return
	}
	who, where := u.named(c.Remote), u.reached(number)
	o := order{
		legs:  []cstasession.ConnectionID{c.ID},
		begun: say("Passing {{.Who}} on to {{.To}} …", "Who", who, "To", where),
		fails: say("{{.Who}} was not passed on to {{.To}}.", "Who", who, "To", where),
		done:  u.emptyEntry(),
	}
	switch a {
	case actPassOn:
		empty := o.done
		o.done = func() { empty(); u.notePassed(c.ID, where) }
		o.service = func(ctx context.Context, p Phone) error { return p.DeflectCall(ctx, c.ID, number) }
	case actTransfer:
		o.service = func(ctx context.Context, p Phone) error { return p.SingleStepTransferCall(ctx, c.ID, number) }
	case actAsk:
		o.limit = dialLimit
		o.begun = say("Calling {{.To}} about {{.Who}} …", "Who", who, "To", where)
		o.fails = say("{{.To}} was not called.", "To", where)
		o.service = func(ctx context.Context, p Phone) error {
			_, err := p.ConsultationCall(ctx, c.ID, number)
			return err
		}
	}
	u.carryOut(o)
}

// endAsking ends a consultation: with the two connected, or back at the caller.
func (u *UI) endAsking(a callAction, asking cstasession.Call) {
	held := asking.Consults
	who := u.named(u.call(held).Remote)
	o := order{legs: []cstasession.ConnectionID{asking.ID, held}}
	if a == actBack {
		o.begun = say("Back to {{.Who}} …", "Who", who)
		o.service = func(ctx context.Context, p Phone) error { return p.ReconnectCall(ctx, asking.ID, held) }
	} else {
		o.begun = say("Passing {{.Who}} on to {{.To}} …", "Who", who, "To", u.named(asking.Remote))
		o.fails = say("{{.Who}} was not passed on to {{.To}}.", "Who", who, "To", u.named(asking.Remote))
		o.service = func(ctx context.Context, p Phone) error { return p.TransferCall(ctx, asking.ID, held) }
	}
	u.carryOut(o)
}

// joinOrSwap brings a held call and the one that is talked in together, or changes between them.
func (u *UI) joinOrSwap(a callAction, held cstasession.Call) {
	var active cstasession.ConnectionID
	for _, c := range u.state.Calls {
		if c.Phase == cstasession.Active {
			active = c.ID
		}
	}
	_, inTwoSteps := u.state.Refused["AlternateCall"]
	o := order{legs: []cstasession.ConnectionID{held.ID, active}}
	o.service = func(ctx context.Context, p Phone) error {
		if a == actJoin {
			return p.ConferenceCall(ctx, active, held.ID)
		}
		if !inTwoSteps {
			var no *cstasession.ServiceError
			if err := p.AlternateCall(ctx, active, held.ID); !errors.As(err, &no) {
				return err
			}
		}
		if err := p.HoldCall(ctx, active); err != nil {
			return err
		}
		return p.RetrieveCall(ctx, held.ID)
	}
	u.carryOut(o)
}

// pickUp takes over a call that rings at another extension.
func (u *UI) pickUp(ringing cstasession.ConnectionID) {
	where := u.reached(ringing.DeviceID.Number())
	u.carryOut(order{
		legs:  []cstasession.ConnectionID{ringing},
		begun: say("Picking up the call at {{.At}} …", "At", where),
		fails: say("The call at {{.At}} was not picked up.", "At", where),
		service: func(ctx context.Context, p Phone) error {
			_, err := p.DirectedPickupCall(ctx, ringing)
			return err
		},
	})
}

// call returns a call of the present state, the zero Call if it is gone.
func (u *UI) call(id cstasession.ConnectionID) cstasession.Call {
	for _, c := range u.state.Calls {
		if c.ID == id {
			return c
		}
	}
	return cstasession.Call{ID: id, Phase: cstasession.Ended}
}

// asking returns the call that asks about another one.
func (u *UI) asking() (cstasession.Call, bool) {
	for _, c := range u.state.Calls {
		if s := situationOf(c, nil); s.asks && s.outward() {
			return c, true
		}
	}
	return cstasession.Call{}, false
}

// known is a party with the name that the user, else the office, has for its number.
func (u *UI) known(p cstasession.Party) cstasession.Party {
	if name := u.office.name(cstasession.DeviceID(p.Number).Number()); name != "" {
		p.Name = name
	}
	return p
}

// named is who is at the other end, in few words.
func (u *UI) named(p cstasession.Party) string {
	name, _ := who(u.known(p))
	return name
}

// reached is where a number leads: with the name of who has it, if that is known.
func (u *UI) reached(number string) string {
	return whoInLine(u.known(cstasession.Party{Number: number}))
}

// emptyEntry returns what empties the entry after a service that used it, unless somebody typed there
// meanwhile.
func (u *UI) emptyEntry() func() {
	typed := u.window.number
	return func() {
		if u.window.number == typed {
			u.window.clear()
		}
	}
}

// order is a service that the user asked for.
type order struct {
	legs    []cstasession.ConnectionID // whose buttons are out of use meanwhile
	limit   time.Duration              // default: serviceLimit
	begun   string                     // what the user reads while it is on its way, if anything
	fails   string                     // and what before the reason why it failed
	service func(context.Context, Phone) error
	done    func() // after it succeeded; may be nil
}

// carryOut asks the session for a service, unless one is on its way for the same connection.
func (u *UI) carryOut(o order) {
	for _, leg := range o.legs {
		if u.busy[leg] {
			return
		}
	}
	for _, leg := range o.legs {
		u.busy[leg] = true
	}
	if o.begun != "" {
		u.tell(o.begun)
	}
	if o.limit == 0 {
		o.limit = serviceLimit
	}
	u.render()
	u.ask(o.limit, o.service, func(err error) {
		for _, leg := range o.legs {
			delete(u.busy, leg)
		}
		if u.window.message == o.begun {
			u.tell("")
		}
		switch {
		case errors.Is(err, cstasession.ErrCallEnded): // that the call is gone is on the screen already
		case err != nil && o.fails != "":
			u.tell(o.fails + " " + Explain(err))
			u.window.wanted = true
		case err != nil:
			u.tell(Explain(err))
			u.window.wanted = true
		case o.done != nil:
			o.done()
		}
		u.render()
	})
}
