// Package linkhandler has the desktop hand telephone links (tel:, callto:, sip:) to the program: by a desktop entry
// and the user's list of associations on freedesktop.org's desktops, by the user's registry on Windows. Nothing needs
// an administrator, and what Register writes Unregister takes away.
package linkhandler

import "errors"

// ErrUnsupported is what Register returns where a program cannot do it by itself, by errors.Is.
var ErrUnsupported = errors.New("linkhandler: not possible from a program")

// Schemes are the schemes of telephone links.
var Schemes = []string{"tel", "callto", "sip", "sips"}

// Handler is the program that is to get the links. Its methods do file or registry I/O, and may be called from any
// goroutine.
type Handler struct {
	ID      string   // in reverse domain notation
	Name    string   // as a list of programs shows it
	Command []string // the program's absolute path, and its arguments before the link
}

// State is who gets telephone links.
type State struct {
	Registered bool   // the desktop knows the program as one that can
	Default    bool   // it is the one that does
	Other      string // what does otherwise, as its desktop calls it; "" for nothing
}
