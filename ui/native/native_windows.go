package native

import (
	"context"
	"errors"
	"image"
	"runtime"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// desk is the state of the popup.
type desk struct{ popup popup }

var (
	user32         = windows.NewLazySystemDLL("user32.dll")
	clientToScreen = user32.NewProc("ClientToScreen")
	showWindow     = user32.NewProc("ShowWindow")
)

// Display: every session has one; CanOpenWindow finds out whether it has OpenGL.
func (d *Desk) Display() error { return nil }

// Placed: a program may place its windows.
func (d *Desk) Placed() bool { return true }

// personalize is where Windows stores the choice of light or dark.
const personalize = `SOFTWARE\Microsoft\Windows\CurrentVersion\Themes\Personalize`

// WatchPanel reports whether the task bar is dark (learn.microsoft.com: SystemUsesLightTheme). Before Windows
// 10 1903, which introduced that value, it is dark.
func (d *Desk) WatchPanel(ctx context.Context, report func(dark bool)) {
	runtime.LockOSThread() // a notification ends with the thread that requested it
	defer runtime.UnlockOSThread()
	key, err := registry.OpenKey(registry.CURRENT_USER, personalize, registry.QUERY_VALUE|registry.NOTIFY)
	if err != nil {
		report(true)
		return
	}
	defer key.Close()
	changed, err := windows.CreateEvent(nil, 0, 0, nil)
	if err != nil {
		report(dark(key))
		return
	}
	defer windows.CloseHandle(changed)
	defer context.AfterFunc(ctx, func() { _ = windows.SetEvent(changed) })()
	for ctx.Err() == nil {
		// Requested before the value is read, so that no change is missed.
		err := windows.RegNotifyChangeKeyValue(windows.Handle(key), false, windows.REG_NOTIFY_CHANGE_LAST_SET, changed, true)
		report(dark(key))
		if err != nil {
			return
		}
		if _, err := windows.WaitForSingleObject(changed, windows.INFINITE); err != nil {
			return
		}
	}
}

func dark(personalize registry.Key) bool {
	light, _, err := personalize.GetIntegerValue("SystemUsesLightTheme")
	return err != nil || light == 0
}

// HasTray: the task bar has a notification area.
func (d *Desk) HasTray() bool { return true }

// TrayNeedsLoop: the icon is a window of this process.
func (d *Desk) TrayNeedsLoop() bool { return true }

// WatchTray: Explorer shows icons, and requests them again after a restart.
func (d *Desk) WatchTray(ctx context.Context, report func(shown bool)) {
	report(true)
	<-ctx.Done()
}

// SetClipboard is left to Fyne, which runs from the start on this system.
func (d *Desk) SetClipboard(string) error { return errors.ErrUnsupported }

// WatchScheme is left to Fyne.
func (d *Desk) WatchScheme(context.Context, func(dark bool)) {}

// WindowPlace returns the position of the window's client area.
func (d *Desk) WindowPlace(window uintptr) (at image.Point, ok bool) {
	var origin winPoint
	done, _, _ := clientToScreen.Call(window, uintptr(unsafe.Pointer(&origin)))
	return image.Pt(int(origin.X), int(origin.Y)), done != 0
}

// Minimise minimises a window to the task bar.
func (d *Desk) Minimise(window uintptr) bool {
	const minimise = 6 // SW_MINIMIZE
	_, _, _ = showWindow.Call(window, minimise)
	return true
}

// Links does nothing: on this system, a link is an argument of a second start.
func Links(func(link string)) {}
