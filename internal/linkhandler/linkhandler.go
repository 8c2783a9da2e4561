// Package linkhandler makes the desktop pass telephone links (tel:, callto:, sip:) to the program: by a desktop
// entry and the user's list of associations on freedesktop.org desktops, by the user's registry on Windows.
// None of this needs an administrator, and Unregister removes what Register writes.
package linkhandler

import "errors"

// ErrUnsupported is returned by Register where a program cannot do it by itself. Use errors.Is.
var ErrUnsupported = errors.New("linkhandler: not possible from a program")

// Schemes are the schemes of telephone links.
var Schemes = []string{"tel", "callto", "sip", "sips"}

// Handler is the program to receive the links. Its methods do file or registry I/O, and may be called from any
// goroutine.
type Handler struct {
	ID      string   // in reverse domain notation
	Name    string   // as displayed in a list of programs
	Command []string // the program's absolute path, and its arguments before the link
}

// State says which program receives telephone links.
type State struct {
	Registered bool   // the desktop knows that the program can open them
	Default    bool   // the program does open them
	Other      string // the program that opens them otherwise, under its displayed name; "" for none
}
