//go:build !linux && !windows

package store

// onNetwork reports whether a folder is on another computer, which is unknown on this system.
func onNetwork(string) bool { return false }
