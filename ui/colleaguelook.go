package ui

import (
	"strconv"
	"strings"

	"calltray/assets"
	"calltray/cstasession/csta"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// rowLook is everything that a colleague's row shows. A row is redrawn only when its look changes.
type rowLook struct {
	name, number, doing string
	shape               assets.Shape // what the telephone does; "" where glyph is set
	glyph               assets.Glyph // a contact, a queue or a recent caller
	dark                bool
	chosen              bool
	buttons             [rowButtons]rowButton
}

// The buttons of a row, by position: each always has the same one.
const (
	buttonPickUp = iota
	buttonHandOver
	buttonCall
	rowButtons
)

// rowButton is a button of a row, and the hint while the pointer is on it. The zero button is hidden.
type rowButton struct {
	glyph assets.Glyph
	hint  string
	grey  bool // disabled; hint says why
}

// look returns what the row of a target shows now.
func (p *colleaguesPage) look(t *target) rowLook {
	u, o := p.ui, &p.ui.office
	online := u.state.Status == csta.Online
	o.mu.Lock()
	l := rowLook{name: t.name, number: text.ShownNumber(t.number), chosen: t.number == p.number}
	switch {
	case t.about != "":
		l.doing, l.glyph = t.about, assets.Answer
	case t.isCaller:
		l.doing, l.glyph = text.Say("Recent call"), assets.Incoming
	case t.isQueue:
		l.doing, l.glyph = queueWords(t, u.state), assets.Queue
	default:
		l.doing, l.shape = o.doing(t, u.state)
	}
	ringing, rings := o.toPickUp(t)
	o.mu.Unlock()

	l.dark = widgets.OnDark()
	if l.name == "" {
		l.name, l.number = l.number, ""
	}
	if !online || t.isOwn {
		return l
	}
	l.buttons[buttonCall] = rowButton{glyph: assets.Answer, hint: text.Say("Call {{.Name}}", "Name", l.name)}
	l.buttons[buttonHandOver] = p.hand.button(l.name)
	if rings && !u.busy[doing{ringing, actPickUp}] {
		l.buttons[buttonPickUp] = rowButton{glyph: assets.PickUp, hint: text.Say("Pick up the call that rings at {{.Name}}", "Name", l.name)}
		if reason, refused := u.state.Refused["DirectedPickupCall"]; refused {
			l.buttons[buttonPickUp].grey, l.buttons[buttonPickUp].hint = true, text.RefusedWords("DirectedPickupCall", reason)
		}
	}
	return l
}

// hand is what can be done with the user's own call, the same for every row. The zero hand is nothing.
type hand struct {
	action callAction // actPassOn or actTransfer
	glyph  assets.Glyph
	who    string // the other party
	why    string // why it is not possible; "" if it is
}

// handOver returns what can be done with the call that the user would hand over.
func (u *UI) handOver() hand {
	subject, _ := u.subject()
	for _, o := range options(subject, u.state, u.busy) {
		switch o.action {
		case actPassOn:
			return hand{o.action, assets.PassOn, u.named(subject.Remote), o.why}
		case actTransfer:
			return hand{o.action, assets.Transfer, u.named(subject.Remote), o.why}
		}
	}
	return hand{}
}

// button returns the button in the row of somebody with that name.
func (h hand) button(name string) rowButton {
	switch {
	case h.glyph == "":
		return rowButton{}
	case h.why != "":
		return rowButton{glyph: h.glyph, grey: true, hint: h.why}
	case h.action == actPassOn:
		return rowButton{glyph: h.glyph, hint: text.Say("Transfer {{.Who}} to {{.Name}}", "Who", h.who, "Name", name)}
	}
	return rowButton{glyph: h.glyph, hint: text.Say("Transfer {{.Who}} to {{.Name}} now", "Who", h.who, "Name", name)}
}

// doing describes what a target is doing, in words and as a shape. mu must be held.
func (o *office) doing(t *target, s csta.State) (words string, shape assets.Shape) {
	if why := t.notKnown(s); why != "" {
		return why, assets.Unknown
	}
	c := t.colleague
	var parts []string
	shape = assets.Free
	add := func(s assets.Shape, words string) {
		if parts = append(parts, words); shape == assets.Free {
			shape = s
		}
	}
	switch activity := c.Activity(); activity {
	case csta.Talking:
		add(assets.Talking, text.Say("Talking"))
	case csta.RingingThere:
		add(assets.RingingThere, text.Say("Ringing: {{.Who}}", "Who", o.caller(t)))
	}
	if c.DoNotDisturb {
		add(assets.Away, text.Say("Do not disturb"))
	}
	if c.ForwardedTo != "" {
		to := text.ForwardedTo(c.ForwardedTo)
		if target := o.targets[csta.DeviceID(c.ForwardedTo).Number()]; target != nil && target.name != "" {
			to = target.name
		}
		add(assets.Forwarded, text.Say("Forwarded to {{.Name}}", "Name", to))
	}
	if len(parts) == 0 {
		parts = []string{text.Say("Free")}
	}
	return strings.Join(parts, " · "), shape
}

// caller names who is ringing a colleague. mu must be held.
func (o *office) caller(t *target) string {
	ringing, _ := t.ringing()
	if own := o.targets[csta.DeviceID(ringing.Remote.Number).Number()]; own != nil && own.name != "" {
		return own.name
	}
	first, _ := text.Who(ringing.Remote)
	return first
}

// queueWords describes a queue in one line.
func queueWords(t *target, s csta.State) string {
	switch why := t.notKnown(s); {
	case why != "":
		return why
	case t.queue.Waiting == 0 && len(t.queue.Calls) == 0:
		return text.Say("Queue") + " · " + text.Say("nobody waits")
	}
	return text.Say("Queue") + " · " + text.Say("{{.Count}} waiting", "Count", strconv.Itoa(max(t.queue.Waiting, len(t.queue.Calls))))
}
