//go:build linux || freebsd || openbsd || netbsd

package hotkey

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"calltray/internal/xserver"
)

// watch: in a Wayland session, the X server receives only the keys of X11's own windows.
func watch(ctx context.Context, bindings []Binding, told func(Binding, error), pressed func(Binding)) error {
	if os.Getenv("WAYLAND_DISPLAY") != "" {
		return watchPortal(ctx, bindings, told, pressed)
	}
	conn, err := xserver.Connect()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	stop := context.AfterFunc(ctx, conn.Close)
	defer func() {
		if stop() {
			conn.Close()
		}
	}()
	g := grabs{conn: conn, root: xproto.Setup(conn).DefaultScreen(conn).Root}
	g.take(bindings, told)
	var down grab           // the key being held down
	var up xproto.Timestamp // when it was last released
	for {
		event, err := conn.WaitForEvent()
		if event == nil && err == nil {
			if ctx.Err() != nil {
				return nil
			}
			return errors.New("hotkey: the connection to the X server is lost")
		}
		switch e := event.(type) {
		case xproto.KeyPressEvent:
			at := grab{e.Detail, e.State & g.telling}
			// A key that is held down is released and pressed within the same millisecond, over and over.
			repeated := at == down && e.Time-up <= 1
			if down = at; repeated {
				continue
			}
			if b, ok := g.taken[at]; ok {
				pressed(b)
			}
		case xproto.KeyReleaseEvent:
			up = e.Time
		case xproto.MappingNotifyEvent: // another layout, or another keyboard
			if e.Request != xproto.MappingPointer {
				g.take(bindings, told)
			}
		}
	}
}

// grab is a key of the keyboard with modifiers.
type grab struct {
	key       xproto.Keycode
	modifiers uint16
}

// grabs are the keys that the X server sends to us, whoever has the keyboard.
type grabs struct {
	conn     *xgb.Conn
	root     xproto.Window
	taken    map[grab]Binding
	telling  uint16 // the modifiers that distinguish keys: not Caps Lock, not Num Lock
	keyboard keyboard
}

// take grabs the keys of the bindings on the current keyboard, replacing the previous grabs. The X server also
// reports a new keyboard if only the device has changed.
func (g *grabs) take(bindings []Binding, told func(Binding, error)) {
	k, err := readKeyboard(g.conn)
	if err != nil || g.taken != nil && k.like(g.keyboard) {
		return // otherwise the connection is lost, as WaitForEvent will report
	}
	xproto.UngrabKey(g.conn, xproto.GrabAny, g.root, xproto.ModMaskAny)
	g.taken, g.keyboard = map[grab]Binding{}, k
	alt, super, num := k.mask(xproto.ModMask1, 0xffe9, 0xffea), k.mask(xproto.ModMask4, 0xffeb, 0xffec), k.mask(xproto.ModMask2, 0xff7f)
	g.telling = xproto.ModMaskShift | xproto.ModMaskControl | alt | super
	for _, b := range bindings {
		var modifiers uint16
		for mask, held := range map[uint16]bool{xproto.ModMaskControl: b.Key.Ctrl, alt: b.Key.Alt, xproto.ModMaskShift: b.Key.Shift, super: b.Key.Super} {
			if held {
				modifiers |= mask
			}
		}
		codes := k.codes(xproto.Keysym(b.Key.code().keysym))
		if len(codes) == 0 {
			told(b, ErrNoKey)
			continue
		}
		told(b, g.one(b, codes, modifiers, num))
	}
}

// one grabs the key of a binding, regardless of Caps Lock and Num Lock.
func (g *grabs) one(b Binding, codes []xproto.Keycode, modifiers, num uint16) error {
	locks := []uint16{0, xproto.ModMaskLock, num, num | xproto.ModMaskLock}
	for _, c := range codes {
		for _, lock := range locks {
			err := xproto.GrabKeyChecked(g.conn, true, g.root, modifiers|lock, c, xproto.GrabModeAsync, xproto.GrabModeAsync).Check()
			if err == nil {
				continue
			}
			for _, lock := range locks { // release those that were granted
				xproto.UngrabKey(g.conn, c, g.root, modifiers|lock)
			}
			var access xproto.AccessError
			if errors.As(err, &access) {
				return ErrTaken
			}
			return fmt.Errorf("%w: %w", ErrRefused, err)
		}
		g.taken[grab{c, modifiers}] = b
	}
	return nil
}

// keyboard is the X server's mapping of the keys.
type keyboard struct {
	first     xproto.Keycode
	keys      *xproto.GetKeyboardMappingReply
	modifiers *xproto.GetModifierMappingReply
}

func readKeyboard(conn *xgb.Conn) (k keyboard, err error) {
	setup := xproto.Setup(conn)
	k.first = setup.MinKeycode
	if k.keys, err = xproto.GetKeyboardMapping(conn, k.first, byte(setup.MaxKeycode-k.first)+1).Reply(); err == nil {
		k.modifiers, err = xproto.GetModifierMapping(conn).Reply()
	}
	return k, err
}

// like reports whether the mappings of two keyboards are the same.
func (k keyboard) like(other keyboard) bool {
	return slices.Equal(k.keys.Keysyms, other.keys.Keysyms) && slices.Equal(k.modifiers.Keycodes, other.modifiers.Keycodes)
}

// codes returns the keys that a symbol is on: without Shift if there are any, else with it or in another
// layout.
func (k keyboard) codes(symbol xproto.Keysym) (found []xproto.Keycode) {
	width := int(k.keys.KeysymsPerKeycode)
	for column := 0; column < min(width, 4) && len(found) == 0; column++ {
		for i := 0; i+width <= len(k.keys.Keysyms); i += width {
			if k.keys.Keysyms[i+column] == symbol {
				found = append(found, k.first+xproto.Keycode(i/width))
			}
		}
	}
	return found
}

// mask returns the modifier for keys with one of the symbols, or the usual one.
func (k keyboard) mask(usual uint16, symbols ...xproto.Keysym) uint16 {
	each := int(k.modifiers.KeycodesPerModifier)
	for _, s := range symbols {
		for _, c := range k.codes(s) {
			for i, m := range k.modifiers.Keycodes {
				if m == c && i/each >= 3 { // Shift, Lock and Control come first
					return 1 << (i / each)
				}
			}
		}
	}
	return usual
}
