// Package autostart has the program started when the user logs in, by the means that each desktop has for
// it: an entry in the autostart folder (freedesktop.org, "Desktop Application Autostart Specification"),
// the registry's key Run on Windows, a launch agent on macOS. Nothing needs an administrator.
package autostart

import "errors"

// ErrManaged is what Disable returns, by errors.Is, when the program is started for every user of the
// computer and the desktop has no way for one user to object.
var ErrManaged = errors.New("autostart: the computer starts the program for every user")

// Entry is a program that can be started at login. All its methods do file or registry I/O, and may be
// called from any goroutine.
type Entry struct {
	ID      string   // in reverse domain notation: the name of the file that is written
	Name    string   // as a list of programs shows it
	Command []string // the program's absolute path, and its arguments
}
