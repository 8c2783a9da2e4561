package notify

// newDesktop returns the desktop's notifier: beeep, which on macOS uses
// terminal-notifier or AppleScript.
func newDesktop(cfg Config, _ func(event)) desktop { return plain{cfg} }
