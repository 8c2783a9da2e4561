// Package autostart starts the program when the user logs in, by each desktop's own means: an entry in the
// autostart folder (freedesktop.org, "Desktop Application Autostart Specification"), the registry's Run key on
// Windows, a launch agent on macOS. None of this needs an administrator.
package autostart

import "errors"

// ErrManaged is returned by Disable if the program is started for every user of the computer and the desktop
// gives a single user no way to opt out. Use errors.Is.
var ErrManaged = errors.New("autostart: the computer starts the program for every user")

// Entry is a program that can be started at login. All its methods do file or registry I/O, and may be called
// from any goroutine.
type Entry struct {
	ID      string   // in reverse domain notation: the name of the file that is written
	Name    string   // as displayed in a list of programs
	Command []string // the program's absolute path, and its arguments
}
