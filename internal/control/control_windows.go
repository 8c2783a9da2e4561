package control

import "golang.org/x/sys/windows"

// ours trusts the folder: it is in the user's profile, whose access list keeps others out.
func ours(string) error { return nil }

var allowSetForegroundWindow = windows.NewLazySystemDLL("user32.dll").NewProc("AllowSetForegroundWindow")

// allowForeground lets the running instance come to the front. Windows gives that right to the process
// that the user has just started, this one; it can pass it on to any (ASFW_ANY, the DWORD -1). Not tried
// on a real Windows: from the documentation of AllowSetForegroundWindow.
func allowForeground() {
	if allowSetForegroundWindow.Find() == nil {
		_, _, _ = allowSetForegroundWindow.Call(0xFFFFFFFF)
	}
}
