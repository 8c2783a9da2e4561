//go:build windows || darwin

package notify

// newDesk returns the desktop's notifier: beeep, which uses toasts on Windows, and on macOS
// terminal-notifier or AppleScript.
func newDesk(cfg Config, _ func(event)) desk { return plain{cfg} }
