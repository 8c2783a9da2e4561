package ui

import (
	"context"
	"errors"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/dialplan"
	"calltray/internal/text"
)

// How long a service may take before the user is told that it failed. A dialled call may wait for the user to lift
// the handset.
const (
	serviceLimit = 12 * time.Second
	dialLimit    = 45 * time.Second
)

// do runs blocking work on its own goroutine, with a time limit, and then done on Run's.
func (u *UI) do(limit time.Duration, work func(context.Context) error, done func(error)) {
	ctx, cancel := context.WithTimeout(u.ctx, limit)
	go func() {
		defer cancel()
		err := work(ctx)
		u.post(func() { done(err) })
	}()
}

// ask requests a service from the session. That takes the milliseconds of a round trip; a session that does not
// answer must not keep the window from being drawn.
func (u *UI) ask(limit time.Duration, service func(context.Context, Phone) error, done func(error)) {
	u.do(limit, func(ctx context.Context) error {
		phone, err := u.cfg.Phone()
		if err != nil {
			return err
		}
		return service(ctx, phone)
	}, done)
}

// serve runs a service on one connection.
func (u *UI) serve(c csta.ConnectionID, a callAction, service func(context.Context, Phone) error) {
	u.carryOut(order{action: a, legs: []csta.ConnectionID{c}, service: service})
}

func (u *UI) answer(c csta.ConnectionID) {
	u.serve(c, actAnswer, func(ctx context.Context, p Phone) error { return p.AnswerCall(ctx, c) })
}

func (u *UI) hangUp(c csta.ConnectionID) {
	u.serve(c, actHangUp, func(ctx context.Context, p Phone) error { return p.ClearConnection(ctx, c) })
}

// dial calls a number that the user has seen: it is in the entry, and named in the message, before the PBX is
// asked. A number that costs money or changes a setting is asked about first, wherever it comes from.
func (u *UI) dial(typed string) {
	r, err := u.read(typed)
	if err != nil {
		u.offer(err)
		return
	}
	if r.Dial != "" && u.dialling == r.Dial { // pressed again because nothing was visible yet: one call, not two
		return
	}
	u.window.setNumber(dialplan.Format(r.Number))
	if r.Kind.ByHand() || r.Digits != "" {
		if err := u.asks.ask(DialRequest{Reading: r}); err != nil {
			u.tell(text.Explain(err))
		}
		return
	}
	u.place(r, nil)
}

// enterDoes says what Enter does with a number in the entry: see renderTarget.
func (u *UI) enterDoes(shown string) string {
	if subject, _ := u.subject(); situationOf(subject, nil).between() {
		return text.Say("Press Enter to ask {{.Number}} first.", "Number", shown)
	}
	return text.Say("Press Enter to dial {{.Number}}.", "Number", shown)
}

// suggest puts the number of a past call into the entry.
func (u *UI) suggest(number string) {
	w := &u.window
	w.setNumber(text.ShownNumber(number))
	w.calls.lookAt(lookRecent) // the list stays under the pointer
	u.tell(u.enterDoes(text.ShownNumber(number)))
	w.window.Canvas().Focus(w.calls.entry)
}

// read reads a number that the user typed or chose. An uncertain reading is an error that offers it.
func (u *UI) read(typed string) (dialplan.Reading, error) {
	r, err := u.Plan().Read(typed)
	if err == nil && r.Doubt != "" {
		err = &dialplan.Error{Input: r.Input, Why: r.Doubt, Offer: r.Number}
	}
	return r, err
}

// offer explains why a text cannot be dialled, and offers what may have been meant.
func (u *UI) offer(err error) {
	u.tell(text.Explain(err))
	var e *dialplan.Error
	if errors.As(err, &e) && e.Offer != "" {
		u.window.choose([]dialplan.Number{{Dial: e.Offer, Shown: dialplan.Format(e.Offer)}})
	}
	u.window.open(pageCalls)
}

// tell shows a message in the window.
func (u *UI) tell(sentence string) { u.window.setMessage(sentence) }

// report shows the outcome of something requested a while ago where the user is by now, without taking the focus:
// in the corner while the window is hidden, else on its current page.
func (u *UI) report(sentence string) {
	u.tell(sentence)
	switch {
	case u.window.shown && u.window.page != pageCalls:
		u.window.settings.report(sentence)
		u.window.check.report(sentence)
	case !u.window.shown:
		u.popup.note(sentence)
	}
}

// tellNow shows a message that holds only until the calls, or the user's choice of one, change.
func (u *UI) tellNow(sentence string) {
	u.saidNow = sentence
	u.tell(sentence)
}

func samePhase(a, b csta.Call) bool { return a.ID == b.ID && a.Phase == b.Phase }
