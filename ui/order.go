package ui

import (
	"context"
	"errors"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/text"
)

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
	action  callAction
	legs    []csta.ConnectionID // for which the action is disabled meanwhile
	limit   time.Duration       // default: serviceLimit
	begun   string              // what the user reads while it is on its way, if anything
	fails   string              // and what before the reason why it failed
	service func(context.Context, Phone) error
	done    func() // after it succeeded; may be nil
}

// carryOut asks the session for a service, unless the same is on its way.
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
		case errors.Is(err, csta.ErrCallEnded): // that the call is gone is on the screen already
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
