// Package hotkey provides keys that work while another program has the keyboard: on X11 by grabs, on Windows by
// RegisterHotKey, on Wayland through the desktop's portal. It needs no C compiler.
package hotkey

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// Why a key does not work.
var (
	// ErrTaken: another program has the key.
	ErrTaken = errors.New("hotkey: another program has this key")
	// ErrNoKey: the keyboard has no such key.
	ErrNoKey = errors.New("hotkey: the keyboard has no such key")
	// ErrRefused: the desktop, or the user when asked, did not allow the key.
	ErrRefused = errors.New("hotkey: the desktop did not give this key")
	// ErrUnsupported: programs cannot have such keys on this system.
	ErrUnsupported = errors.New("hotkey: programs cannot have keys of their own here")
)

// Key is a key with its modifiers. The zero Key is none.
type Key struct {
	Ctrl, Alt, Shift, Super bool
	Name                    string // A to Z, 0 to 9, F1 to F24, or one in named
}

// errBadKey is Parse's error.
var errBadKey = errors.New("hotkey: not a key")

// Parse parses a key as written by String, in upper or lower case. A letter, a digit or another key for typing
// needs Ctrl, Alt or Super.
func Parse(s string) (Key, error) {
	var k Key
	parts := strings.Split(s, "+")
	for _, p := range parts[:len(parts)-1] {
		held := map[string]*bool{"ctrl": &k.Ctrl, "alt": &k.Alt, "shift": &k.Shift, "super": &k.Super, "win": &k.Super}[strings.ToLower(strings.TrimSpace(p))]
		if held == nil || *held {
			return Key{}, errBadKey
		}
		*held = true
	}
	name := strings.TrimSpace(parts[len(parts)-1])
	i := slices.IndexFunc(keys, func(c code) bool { return strings.EqualFold(c.name, name) })
	if i < 0 || !keys[i].alone && !k.Ctrl && !k.Alt && !k.Super {
		return Key{}, errBadKey
	}
	k.Name = keys[i].name
	return k, nil
}

// String returns a key as people write it: Ctrl+Alt+K.
func (k Key) String() string {
	var parts []string
	for _, m := range []struct {
		held bool
		name string
	}{{k.Ctrl, "Ctrl"}, {k.Alt, "Alt"}, {k.Shift, "Shift"}, {k.Super, "Super"}} {
		if m.held {
			parts = append(parts, m.name)
		}
	}
	return strings.Join(append(parts, k.Name), "+")
}

// Binding is a key and its purpose.
type Binding struct {
	ID   string // for the program
	Key  Key
	What string // for the user, if the desktop asks about it
}

// Watch listens for the keys until ctx ends, and then returns nil; if that is impossible, it returns
// ErrUnsupported at once. It calls told for each binding with the reason why its key does not work, nil if it
// works, and again when that changes; and pressed for each key press, once however long the key is held down.
// Both are called on Watch's goroutine.
func Watch(ctx context.Context, bindings []Binding, told func(b Binding, why error), pressed func(Binding)) error {
	return watch(ctx, bindings, told, pressed)
}

// code is how the systems identify a key.
type code struct {
	name    string
	keysym  uint32 // X11
	virtual uint16 // Windows
	alone   bool   // it may be used without Ctrl, Alt or Super
}

var keys = allKeys()

func allKeys() []code {
	list := []code{
		{"Space", 0x20, 0x20, false}, {"Insert", 0xff63, 0x2d, false}, {"Delete", 0xffff, 0x2e, false},
		{"Home", 0xff50, 0x24, false}, {"End", 0xff57, 0x23, false}, {"PageUp", 0xff55, 0x21, false}, {"PageDown", 0xff56, 0x22, false},
		{"Left", 0xff51, 0x25, false}, {"Up", 0xff52, 0x26, false}, {"Right", 0xff53, 0x27, false}, {"Down", 0xff54, 0x28, false},
		{"Pause", 0xff13, 0x13, true},
	}
	for c := 'A'; c <= 'Z'; c++ {
		list = append(list, code{string(c), uint32(c) + 'a' - 'A', uint16(c), false})
	}
	for c := '0'; c <= '9'; c++ {
		list = append(list, code{string(c), uint32(c), uint16(c), false})
	}
	for n, name := range strings.Fields("F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12 F13 F14 F15 F16 F17 F18 F19 F20 F21 F22 F23 F24") {
		list = append(list, code{name, 0xffbe + uint32(n), 0x70 + uint16(n), true})
	}
	return list
}

// code returns how the systems identify the key.
func (k Key) code() code {
	return keys[slices.IndexFunc(keys, func(c code) bool { return c.name == k.Name })]
}
