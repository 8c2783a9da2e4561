package native

import (
	"context"
	"unsafe"

	"golang.org/x/sys/windows"
)

// desk: Windows needs nothing to be remembered.
type desk struct{}

var (
	user32           = windows.NewLazySystemDLL("user32.dll")
	getWindowLongPtr = user32.NewProc("GetWindowLongPtrW")
	setWindowLongPtr = user32.NewProc("SetWindowLongPtrW")
	setWindowPos     = user32.NewProc("SetWindowPos")
	showWindow       = user32.NewProc("ShowWindow")
)

// Display: a session always has one; whether it has OpenGL turns out when the first window is made.
func (d *Desk) Display() error { return nil }

// Placed: a program may place its windows.
func (d *Desk) Placed() bool { return true }

// Dark reports whether the task bar is dark (learn.microsoft.com: SystemUsesLightTheme).
func (d *Desk) Dark(context.Context) bool {
	path, err := windows.UTF16PtrFromString(`SOFTWARE\Microsoft\Windows\CurrentVersion\Themes\Personalize`)
	if err != nil {
		return true
	}
	name, err := windows.UTF16PtrFromString("SystemUsesLightTheme")
	if err != nil {
		return true
	}
	var key windows.Handle
	if windows.RegOpenKeyEx(windows.HKEY_CURRENT_USER, path, 0, windows.KEY_QUERY_VALUE, &key) != nil {
		return true // the task bar of Windows before 1903
	}
	defer windows.RegCloseKey(key)
	var light, kind uint32
	size := uint32(unsafe.Sizeof(light))
	err = windows.RegQueryValueEx(key, name, nil, &kind, (*byte)(unsafe.Pointer(&light)), &size)
	return err != nil || kind != windows.REG_DWORD || light == 0
}

// HasTray: the task bar has a notification area.
func (d *Desk) HasTray() bool { return true }

// TrayNeedsLoop: the icon is a window of ours.
func (d *Desk) TrayNeedsLoop() bool { return true }

// WatchTray: Explorer shows icons, and asks for them again when it is restarted.
func (d *Desk) WatchTray(ctx context.Context, report func(shown bool)) {
	report(true)
	<-ctx.Done()
}

// FramedPopup: the popup is a splash window.
func (d *Desk) FramedPopup() bool { return false }

// The styles are those of learn.microsoft.com, "Extended Window Styles" and "SetWindowPos".
const (
	styleTopmost    = 0x00000008
	styleToolWindow = 0x00000080
	styleAppWindow  = 0x00040000
	styleNoActivate = 0x08000000

	keepSize   = 0x0001
	keepPlace  = 0x0002
	noActivate = 0x0010

	minimise = 6
)

// Dress: a tool window is in no task bar and not among the windows of Alt+Tab; one that is not
// activated stays in the background when it is clicked, and takes the click.
func (d *Desk) Dress(window uintptr) {
	var exStyle int32 = -20 // GWL_EXSTYLE
	style, _, _ := getWindowLongPtr.Call(window, uintptr(exStyle))
	style = style&^styleAppWindow | styleTopmost | styleToolWindow | styleNoActivate
	_, _, _ = setWindowLongPtr.Call(window, uintptr(exStyle), style)
}

// Raise puts a window above the others.
func (d *Desk) Raise(window uintptr) {
	topmost := ^uintptr(0) // HWND_TOPMOST, -1
	_, _, _ = setWindowPos.Call(window, topmost, 0, 0, 0, 0, keepSize|keepPlace|noActivate)
}

// Minimise makes an icon of a window in the task bar.
func (d *Desk) Minimise(window uintptr) bool {
	_, _, _ = showWindow.Call(window, minimise)
	return true
}
