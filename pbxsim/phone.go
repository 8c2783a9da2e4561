package pbxsim

import (
	"errors"
	"fmt"
)

// What people do: callers outside, and users at the telephones.

// Call is a handle on a call for whoever placed it. Its methods may be called from any goroutine.
type Call struct {
	pbx  *PBX
	call *call
}

// ErrOver is returned by every method of a call that has ended.
var ErrOver = errors.New("the call is over")

// Call places a call from an outside number, or by hand from an extension's phone, to an extension, a queue or
// an outside number. A call from [Withheld] has no number. name is the caller's display name; if empty, none,
// or the extension's.
func (p *PBX) Call(from, to, name string) (*Call, error) {
	defer p.enter()()
	switch {
	case p.closed:
		return nil, errClosed
	case !dialable(from) && from != Withheld || !dialable(to):
		return nil, errNotDialable
	case from == to:
		return nil, fmt.Errorf("%s cannot call itself", from)
	case p.isQueue(from):
		return nil, fmt.Errorf("%s is a queue, which calls nobody", from)
	}
	return &Call{p, p.start(from, to, name, "")}, nil
}

// Linkage returns the call's globalCallLinkageId.
func (c *Call) Linkage() string { return c.call.linkage }

// Answer picks up at a device, by hand. A called outside number is a device, too.
func (c *Call) Answer(device string) error { return c.at(device, c.pbx.answer) }

// Clear hangs up, or rejects, at a device.
func (c *Call) Clear(device string) error { return c.at(device, c.pbx.release) }

// Hold puts the call on hold at a device.
func (c *Call) Hold(device string) error {
	return c.at(device, func(l *leg) error { return c.pbx.hold(l, "") })
}

// Retrieve resumes the held call at a device.
func (c *Call) Retrieve(device string) error {
	return c.at(device, func(l *leg) error { return c.pbx.retrieve(l, "") })
}

// Deflect sends the call ringing at a device to another number.
func (c *Call) Deflect(device, to string) error {
	return c.at(device, func(l *leg) error { return c.pbx.deflect(l, to) })
}

// Transfer is a blind transfer of the call to another number, by a device that is in it.
func (c *Call) Transfer(device, to string) error {
	return c.at(device, func(l *leg) error { return c.pbx.transfer(l, to) })
}

// at does something with the call's leg at a device.
func (c *Call) at(device string, do func(*leg) error) error {
	defer c.pbx.enter()()
	if len(c.call.legs) == 0 {
		return ErrOver
	}
	for _, l := range c.call.legs {
		if l.device == device {
			return do(l)
		}
	}
	return fmt.Errorf("%s has no part in the call", device)
}

// Busy makes an extension's phone busy, or free again.
func (p *PBX) Busy(number string, busy bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.extensions[number]
	if e == nil {
		return fmt.Errorf("there is no extension %s", number)
	}
	e.busy = busy
	return nil
}
