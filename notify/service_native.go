//go:build windows || darwin

package notify

// newDesktop returns the desktop's notifier: beeep, which uses toasts on Windows, and on macOS
// terminal-notifier or AppleScript.
func newDesktop(cfg Config, _ func(event)) desktop { return plain{cfg} }
