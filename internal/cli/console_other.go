//go:build !windows

package cli

// AttachConsole does something only on Windows, where a program with a window has no console.
func AttachConsole() {}
