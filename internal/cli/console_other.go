//go:build !windows

package cli

// AttachConsole is for Windows, where a program with a window has no console.
func AttachConsole() {}
