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

// desk is what the popup needs.
type desk struct{ popup popup }

var (
	user32         = windows.NewLazySystemDLL("user32.dll")
	clientToScreen = user32.NewProc("ClientToScreen")
	showWindow     = user32.NewProc("ShowWindow")
)

// Display: a session always has one; whether it has OpenGL is what CanOpenWindow finds out.
func (d *Desk) Display() error { return nil }

// Placed: a program may place its windows.
func (d *Desk) Placed() bool { return true }

// personalize is where Windows notes how light and dark are chosen.
const personalize = `SOFTWARE\Microsoft\Windows\CurrentVersion\Themes\Personalize`

// WatchPanel tells whether the task bar is dark (learn.microsoft.com: SystemUsesLightTheme). It is before Windows 10
// 1903, which has no such value.
func (d *Desk) WatchPanel(ctx context.Context, report func(dark bool)) {
	runtime.LockOSThread() // a notification ends with the thread that asked for it
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
		// Asked for before the value is read: no change is missed.
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

// WindowPlace asks where the window's client area is.
func (d *Desk) WindowPlace(window uintptr) (at image.Point, ok bool) {
	var origin winPoint
	done, _, _ := clientToScreen.Call(window, uintptr(unsafe.Pointer(&origin)))
	return image.Pt(int(origin.X), int(origin.Y)), done != 0
}

// Minimise makes an icon of a window in the task bar.
func (d *Desk) Minimise(window uintptr) bool {
	const minimise = 6 // SW_MINIMIZE
	_, _, _ = showWindow.Call(window, minimise)
	return true
}

// Links does nothing: here a link is an argument of a second start.
func Links(func(link string)) {}
