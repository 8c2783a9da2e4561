//go:build linux || freebsd || openbsd || netbsd

package native

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"calltray/internal/xserver"
)

// Clipboard returns the text of the X11 selection CLIPBOARD. It opens a connection of its own, so that nothing
// is left over from an earlier call. Without an X server it returns errors.ErrUnsupported.
func (d *Desk) Clipboard(ctx context.Context) (string, error) { return textOf(ctx, "CLIPBOARD") }

// Selection returns the text of the X11 selection PRIMARY, which is what the user last selected.
func (d *Desk) Selection(ctx context.Context) (string, error) { return textOf(ctx, "PRIMARY") }

// textOf returns the text of a selection of the X server.
func textOf(ctx context.Context, name string) (string, error) {
	s, err := openSelection(ctx, name)
	if err != nil {
		return "", err
	}
	defer s.close()
	for _, target := range []string{"UTF8_STRING", "STRING"} {
		data, err := s.convert(target)
		if err != nil {
			return "", err
		}
		if data != nil && target == "STRING" {
			return latin1(data), nil
		}
		if data != nil {
			return strings.ToValidUTF8(string(data), "\uFFFD"), nil
		}
	}
	return "", nil
}

// latin1 decodes what ICCCM calls STRING.
func latin1(b []byte) string {
	r := make([]rune, len(b))
	for i, c := range b {
		r[i] = rune(c)
	}
	return string(r)
}

// WatchClipboard reports when another program takes the selection (extension XFIXES): at once that its content
// is unknown and then, if its owner answers and does not ask for discretion, that it can be read. There is no
// polling, and no owner is waited for longer than ownerLimit.
func (d *Desk) WatchClipboard(ctx context.Context, changed func(readable bool)) {
	s, err := openSelection(ctx, "CLIPBOARD")
	if err != nil {
		return
	}
	defer s.close()
	if !xserver.Has(s.conn, xserver.XFixes) {
		return
	}
	if _, err := xfixes.QueryVersion(s.conn, 5, 0).Reply(); err != nil {
		return
	}
	const mask = xfixes.SelectionEventMaskSetSelectionOwner |
		xfixes.SelectionEventMaskSelectionWindowDestroy | xfixes.SelectionEventMaskSelectionClientClose
	if err := xfixes.SelectSelectionInputChecked(s.conn, s.window, s.clipboard, mask).Check(); err != nil {
		return
	}
	for s.news = true; ; {
		for s.news {
			s.news = false
			changed(false)
			if secret, err := s.secret(); err == nil && !secret {
				changed(true)
			}
		}
		event, ok := <-s.events
		if !ok {
			return
		}
		if _, ok := event.(xfixes.SelectionNotifyEvent); ok {
			s.news = true
		}
	}
}

// passwordHint is the target by which password managers ask other programs not to read the clipboard
// (introduced by KDE's Klipper; KeePassXC, Bitwarden and others offer it).
const passwordHint = "x-kde-passwordManagerHint"

// secret reports whether the selection's owner asks for discretion. It returns an error if the owner does not
// answer.
func (s *selection) secret() (bool, error) {
	data, err := s.convert("TARGETS")
	if err != nil || len(data) == 0 {
		return false, err
	}
	hint, err := s.atom(passwordHint)
	if err != nil {
		return false, err
	}
	var targets []xproto.Atom
	for i := 0; i+4 <= len(data); i += 4 {
		targets = append(targets, xproto.Atom(xgb.Get32(data[i:])))
	}
	return slices.Contains(targets, hint), nil
}

// selection is a connection for requesting a selection of the X server.
type selection struct {
	conn      *xgb.Conn
	window    xproto.Window // receives changes of the owner; never shown
	clipboard xproto.Atom
	property  xproto.Atom
	events    <-chan xgb.Event // closed with the connection
	news      bool             // the owner changed while waiting for an answer
	stop      func() bool
}

// openSelection connects, for the selection with a name. The connection is closed when ctx ends.
func openSelection(ctx context.Context, name string) (_ *selection, err error) {
	if os.Getenv("DISPLAY") == "" {
		return nil, fmt.Errorf("the clipboard of Wayland needs a window: %w", errors.ErrUnsupported)
	}
	conn, err := xserver.Connect()
	if err != nil {
		return nil, fmt.Errorf("the clipboard: %w", err)
	}
	s := &selection{conn: conn, stop: context.AfterFunc(ctx, conn.Close)}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.clipboard, err = s.atom(name); err != nil {
		return nil, err
	}
	if s.property, err = s.atom("CALLTRAY_CLIPBOARD"); err != nil {
		return nil, err
	}
	events := make(chan xgb.Event)
	s.events = events
	done := make(chan struct{})
	stop := s.stop
	s.stop = func() bool { close(done); return stop() }
	go func() {
		defer close(events)
		for {
			event, err := conn.WaitForEvent()
			if event == nil && err == nil {
				return // the connection is closed
			}
			if event == nil {
				continue
			}
			select {
			case events <- event:
			case <-done:
				return
			}
		}
	}()
	s.window, err = s.newWindow()
	return s, err
}

// newWindow creates a window that is never shown.
func (s *selection) newWindow() (xproto.Window, error) {
	w, err := xproto.NewWindowId(s.conn)
	if err != nil {
		return 0, err
	}
	screen := xproto.Setup(s.conn).DefaultScreen(s.conn)
	return w, xproto.CreateWindowChecked(s.conn, 0, w, screen.Root, 0, 0, 1, 1, 0,
		xproto.WindowClassInputOnly, screen.RootVisual, 0, nil).Check()
}

func (s *selection) close() {
	if s.stop() {
		s.conn.Close()
	}
}

func (s *selection) atom(name string) (xproto.Atom, error) {
	reply, err := xproto.InternAtom(s.conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		return 0, err
	}
	return reply.Atom, nil
}

// ownerLimit is how long the owner of the selection may take to answer: ICCCM requires an immediate answer, and
// a program that is stopped, or swapped out, never sends one.
const ownerLimit = 2 * time.Second

// Why there is no answer.
var (
	errLost    = errors.New("the clipboard did not answer") // the X server is gone, or the time is up
	errNoOwner = errors.New("the program that owns the clipboard does not answer")
)

// convert requests one form of the selection's content from its owner: nil if there is no owner, or it does not
// have that form. Content that has to be transferred in parts is more than we read, and is ignored. Each
// request has a window of its own, so that a late answer to another one is not mistaken for this one's.
func (s *selection) convert(target string) ([]byte, error) {
	form, err := s.atom(target)
	if err != nil {
		return nil, err
	}
	window, err := s.newWindow()
	if err != nil {
		return nil, err
	}
	defer xproto.DestroyWindow(s.conn, window)
	if err := xproto.ConvertSelectionChecked(s.conn, window, s.clipboard, form, s.property, xproto.TimeCurrentTime).Check(); err != nil {
		return nil, err
	}
	limit := time.NewTimer(ownerLimit)
	defer limit.Stop()
	for {
		var event xgb.Event
		var ok bool
		select {
		case event, ok = <-s.events:
			if !ok {
				return nil, errLost
			}
		case <-limit.C:
			return nil, errNoOwner
		}
		switch e := event.(type) {
		case xfixes.SelectionNotifyEvent:
			s.news = true
			return nil, errNoOwner // the owner whom we asked has lost the selection
		case xproto.SelectionNotifyEvent:
			if e.Requestor != window {
				continue
			}
			if e.Property == xproto.AtomNone {
				return nil, nil
			}
			reply, err := xproto.GetProperty(s.conn, true, window, s.property, xproto.GetPropertyTypeAny, 0, maxClipboard/4).Reply()
			if err != nil {
				return nil, err
			}
			if incr, err := s.atom("INCR"); err != nil || reply.Type == incr {
				return nil, err
			}
			if reply.Value == nil {
				return []byte{}, nil
			}
			return reply.Value, nil
		}
	}
}
