package native

import (
	"context"
	"errors"
	"unsafe"

	"golang.org/x/sys/windows"
)

// desk is what the popup needs.
type desk struct{ popup popup }

var (
	user32     = windows.NewLazySystemDLL("user32.dll")
	showWindow = user32.NewProc("ShowWindow")
)

// Display: a session always has one; whether it has OpenGL is what CanOpenWindow finds out.
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

// SetClipboard leaves it to Fyne, which is running from the start here.
func (d *Desk) SetClipboard(string) error { return errors.ErrUnsupported }

// WatchScheme leaves it to Fyne.
func (d *Desk) WatchScheme(context.Context, func(dark bool)) {}

// Minimise makes an icon of a window in the task bar.
func (d *Desk) Minimise(window uintptr) bool {
	const minimise = 6 // SW_MINIMIZE
	_, _, _ = showWindow.Call(window, minimise)
	return true
}
