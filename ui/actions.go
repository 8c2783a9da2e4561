package ui

import (
	"context"
	"errors"

	"calltray/cstasession/csta"
	"calltray/internal/text"
)

// why returns why an action is not possible with a call, "" if it is.
func (u *UI) why(a callAction, c csta.Call) string {
	for _, o := range options(c, u.state, u.busy) {
		if o.action == a {
			return o.why
		}
	}
	return notNow(a)
}

// act performs an action on a call. An action that also needs a number lets the user choose one.
func (u *UI) act(a callAction, c csta.Call) {
	if why := u.why(a, c); why != "" {
		u.tellNow(why)
		return
	}
	id := c.ID
	switch a {
	case actAnswer:
		u.answer(id)
	case actHangUp:
		u.hangUp(id)
	case actHold:
		u.serve(id, a, func(ctx context.Context, p Phone) error { return p.HoldCall(ctx, id) })
	case actResume:
		u.serve(id, a, func(ctx context.Context, p Phone) error { return p.RetrieveCall(ctx, id) })
	case actSwap, actJoin:
		u.joinOrSwap(a, c)
	case actComplete:
		u.connect(a, c, u.call(c.Consults))
	case actBack:
		u.back(c)
	case actConnect:
		u.askToConnect(u.talking(), c)
	case actKeypad:
		u.window.openKeypad(c)
	default:
		u.choose(id)
	}
}

// subject returns the call that "Transfer", "Ask first" and the keypad act on: the one that the user chose, else
// the active one, else the ringing one.
func (u *UI) subject() (csta.Call, bool) { return subjectOf(u.state.Calls, u.chosenCall) }

// choose makes a call the subject and opens the window, where the user says where to transfer it.
func (u *UI) choose(id csta.ConnectionID) {
	u.chosenCall = id
	if c, ok := u.subject(); ok && c.ID == id {
		u.tellNow(text.Say("Transfer {{.Who}}: type a name or a number, or choose a colleague.", "Who", u.named(c.Remote)))
	}
	u.window.uncover()
	u.window.open(pageCalls)
}

// pass transfers the subject to a number: it deflects a ringing call; with ask, it consults first.
func (u *UI) pass(to string, ask bool) {
	c, _ := u.subject()
	a := actTransfer
	switch {
	case ask:
		a = actAsk
	case c.Phase == csta.Ringing:
		a = actPassOn
	}
	if why := u.why(a, c); why != "" {
		u.tellNow(why)
		return
	}
	r, err := u.read(to)
	if err != nil {
		u.offer(err)
		return
	}
	number := r.Dial
	if !u.settled() {
		return
	}
	who, where := u.named(c.Remote), u.reached(number)
	o := order{
		action: a,
		legs:   []csta.ConnectionID{c.ID},
		begun:  text.Say("Transferring {{.Who}} to {{.To}} …", "Who", who, "To", where),
		fails:  text.Say("{{.Who}} was not transferred to {{.To}}.", "Who", who, "To", where),
		done:   u.emptyEntry(),
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
		o.begun = text.Say("Calling {{.To}} about {{.Who}} …", "Who", who, "To", where)
		o.fails = text.Say("{{.To}} was not called.", "To", where)
		o.service = func(ctx context.Context, p Phone) error {
			_, err := p.ConsultationCall(ctx, c.ID, number)
			return err
		}
	}
	u.carryOut(o)
}

// askToPass asks before a click on a colleague transfers the subject to them: the caller would be gone.
func (u *UI) askToPass(to string) {
	c, ok := u.subject()
	if !ok {
		u.tellNow(notNow(actTransfer))
		return
	}
	who, where := u.named(c.Remote), u.reached(to)
	sentence := text.Say("Transfer {{.Who}} to {{.To}}? You leave the call.", "Who", who, "To", where)
	if c.Phase == csta.Ringing {
		sentence = text.Say("Transfer {{.Who}} to {{.To}}?", "Who", who, "To", where)
	}
	u.window.ask(sentence, text.Say("Transfer"),
		func() bool { now, _ := u.subject(); return now.ID == c.ID && now.Phase == c.Phase },
		func() { u.pass(to, false) })
}

// connect connects the other ends of two calls and leaves both: a held call and its consultation, or any two of
// which one is held. (ECMA-269 §17.1.26; the vendor shows it only after a consultation)
func (u *UI) connect(a callAction, active, held csta.Call) {
	who, to := u.named(held.Remote), u.named(active.Remote)
	u.carryOut(order{
		action:  a,
		legs:    []csta.ConnectionID{active.ID, held.ID},
		begun:   text.Say("Transferring {{.Who}} to {{.To}} …", "Who", who, "To", to),
		fails:   text.Say("{{.Who}} was not transferred to {{.To}}.", "Who", who, "To", to),
		service: func(ctx context.Context, p Phone) error { return p.TransferCall(ctx, active.ID, held.ID) },
	})
}

// askToConnect asks before connecting two callers without a consultation: the user leaves both calls, and neither
// caller may know about the other.
func (u *UI) askToConnect(active, held csta.Call) {
	u.window.ask(text.Say("Connect {{.Who}} with {{.To}}? You leave the call.", "Who", u.named(held.Remote), "To", u.named(active.Remote)), text.Say("Transfer"),
		func() bool { return u.call(active.ID).Phase == csta.Active && u.call(held.ID).Phase == csta.Held },
		func() { u.connect(actConnect, active, held) })
}

// back cancels the consultation and returns to the caller.
func (u *UI) back(asking csta.Call) {
	held := asking.Consults
	u.carryOut(order{
		action:  actBack,
		legs:    []csta.ConnectionID{asking.ID, held},
		begun:   text.Say("Back to {{.Who}} …", "Who", u.named(u.call(held).Remote)),
		service: func(ctx context.Context, p Phone) error { return p.ReconnectCall(ctx, asking.ID, held) },
	})
}

// joinOrSwap joins a held call and the active one into a conference, or swaps them.
func (u *UI) joinOrSwap(a callAction, held csta.Call) {
	active := u.talking().ID
	_, inTwoSteps := u.state.Refused["AlternateCall"]
	o := order{action: a, legs: []csta.ConnectionID{held.ID, active}}
	o.service = func(ctx context.Context, p Phone) error {
		if a == actJoin {
			return p.ConferenceCall(ctx, active, held.ID)
		}
		if !inTwoSteps {
			var no *csta.ServiceError
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

// pickUp picks up a call that rings at another extension.
func (u *UI) pickUp(ringing csta.ConnectionID) {
	where := u.reached(ringing.DeviceID.Number())
	u.carryOut(order{
		action: actPickUp,
		legs:   []csta.ConnectionID{ringing},
		begun:  text.Say("Picking up the call at {{.At}} …", "At", where),
		fails:  text.Say("The call at {{.At}} was not picked up.", "At", where),
		service: func(ctx context.Context, p Phone) error {
			_, err := p.DirectedPickupCall(ctx, ringing)
			return err
		},
	})
}

// call returns a call of the current state, or an ended one with that ID if it is gone.
func (u *UI) call(id csta.ConnectionID) csta.Call {
	for _, c := range u.state.Calls {
		if c.ID == id {
			return c
		}
	}
	return csta.Call{ID: id, Phase: csta.Ended}
}

// talking returns the active call, the zero Call if there is none.
func (u *UI) talking() (active csta.Call) {
	for _, c := range u.state.Calls {
		if c.Phase == csta.Active {
			active = c
		}
	}
	return active
}

// connectable returns the held call that can be connected to the active one: the subject, or the only candidate.
func (u *UI) connectable() (held csta.Call, ok bool) {
	subject, _ := u.subject()
	count := 0
	for _, c := range u.state.Calls {
		for _, o := range options(c, u.state, nil) {
			if o.action != actConnect || o.why != "" {
				continue
			}
			if c.ID == subject.ID {
				return c, true
			}
			held = c
			count++
		}
	}
	return held, count == 1
}

// asking returns the consultation call.
func (u *UI) asking() (csta.Call, bool) {
	for _, c := range u.state.Calls {
		if s := situationOf(c, nil); s.asks && s.outward() {
			return c, true
		}
	}
	return csta.Call{}, false
}
