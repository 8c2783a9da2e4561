//go:build linux || freebsd || openbsd || netbsd

package native

import (
	"context"
	"encoding/binary"

	"github.com/jezek/xgb/xproto"
)

// copied is a text that other programs may request until one of them puts another on the clipboard.
type copied struct{ stop context.CancelFunc }

// SetClipboard puts a text on the clipboard without a Fyne window: it owns the selection CLIPBOARD (ICCCM 2)
// until another program does. Without an X server it returns errors.ErrUnsupported.
func (d *Desk) SetClipboard(text string) error {
	ctx, stop := context.WithCancel(context.Background())
	s, err := openSelection(ctx, "CLIPBOARD")
	if err != nil {
		stop()
		return err
	}
	if err := xproto.SetSelectionOwnerChecked(s.conn, s.window, s.clipboard, xproto.TimeCurrentTime).Check(); err != nil {
		stop()
		s.close()
		return err
	}
	d.mu.Lock()
	before := d.copied
	d.copied = &copied{stop}
	d.mu.Unlock()
	if before != nil {
		before.stop()
	}
	go func() {
		defer stop()
		s.offer(text)
	}()
	return nil
}

// offer answers requests for the selection until another program owns it.
func (s *selection) offer(text string) {
	defer s.close()
	for event := range s.events {
		switch e := event.(type) {
		case xproto.SelectionClearEvent:
			return
		case xproto.SelectionRequestEvent:
			s.hand(e, text)
		}
	}
}

// hand sends the text to a requestor, in the requested form; or the list of forms.
func (s *selection) hand(to xproto.SelectionRequestEvent, text string) {
	if to.Property == xproto.AtomNone {
		to.Property = to.Target // an obsolete client (ICCCM 2.2)
	}
	answer := xproto.SelectionNotifyEvent{Time: to.Time, Requestor: to.Requestor, Selection: to.Selection, Target: to.Target, Property: to.Property}
	var targets []xproto.Atom
	for _, name := range []string{"TARGETS", "UTF8_STRING", "text/plain;charset=utf-8", "STRING", "TEXT"} {
		if a, err := s.atom(name); err == nil {
			targets = append(targets, a)
		}
	}
	kind, format, data := xproto.Atom(0), byte(8), []byte(text)
	for i, a := range targets {
		switch {
		case a != to.Target:
		case i == 0:
			kind, format, data = xproto.AtomAtom, 32, nil
			for _, a := range targets {
				data = binary.LittleEndian.AppendUint32(data, uint32(a))
			}
		default:
			kind = to.Target
		}
	}
	if kind == 0 {
		answer.Property = xproto.AtomNone // not in that form
	} else {
		xproto.ChangeProperty(s.conn, xproto.PropModeReplace, to.Requestor, to.Property, kind, format, uint32(len(data)*8/int(format)), data)
	}
	xproto.SendEvent(s.conn, false, to.Requestor, 0, string(answer.Bytes()))
}
