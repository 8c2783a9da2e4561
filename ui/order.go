package ui

import (
	"context"
	"errors"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/text"
)

// emptyEntry returns a function that clears the entry after a service has used its number, unless the user has typed
// there meanwhile.
func (u *UI) emptyEntry() func() {
	typed := u.window.number
	return func() {
		if u.window.number == typed {
			u.window.clear()
		}
	}
}

// order is a service that the user requested.
type order struct {
	action  callAction
	legs    []csta.ConnectionID // the action is disabled for these meanwhile
	limit   time.Duration       // default: serviceLimit
	begun   string              // message while it is in progress; "" for none
	fails   string              // precedes the reason when it fails; may be ""
	service func(context.Context, Phone) error
	done    func() // called after success; may be nil
}

// carryOut requests a service from the session, unless the same action is already in progress.
func (u *UI) carryOut(o order) {
	for _, leg := range o.legs {
		if u.busy[doing{leg, o.action}] {
			return
		}
	}
	for _, leg := range o.legs {
		u.busy[doing{leg, o.action}] = true
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
			delete(u.busy, doing{leg, o.action})
		}
		if u.window.message == o.begun {
			u.tell("")
		}
		switch {
		case errors.Is(err, csta.ErrCallEnded): // the screen already shows that the call is gone
		case err != nil && o.fails != "":
			u.report(o.fails + " " + text.Explain(err))
		case err != nil:
			u.report(text.Explain(err))
		case o.done != nil:
			o.done()
		}
		u.render()
	})
}
