package native

import (
	"context"
	"errors"
)

// desk: macOS needs nothing to be remembered.
type desk struct{}

// Display: a session always has one.
func (d *Desk) Display() error { return nil }

// Placed: a program may place its windows.
func (d *Desk) Placed() bool { return true }

// Dark: the menu bar takes its colour from the wallpaper, and the icons are legible on both.
func (d *Desk) Dark(context.Context) bool { return false }

// HasTray: there is a menu bar.
func (d *Desk) HasTray() bool { return true }

// TrayNeedsLoop: the icon gets its messages from the main thread.
func (d *Desk) TrayNeedsLoop() bool { return true }

// WatchTray: the menu bar shows icons.
func (d *Desk) WatchTray(ctx context.Context, report func(shown bool)) {
	report(true)
	<-ctx.Done()
}

// Clipboard leaves it to Fyne, which is running from the start here.
func (d *Desk) Clipboard(context.Context) (string, error) { return "", errors.ErrUnsupported }

// WatchClipboard: the menu looks when it is opened.
func (d *Desk) WatchClipboard(context.Context, func(readable bool)) {}

// FramedPopup: the popup is a splash window.
func (d *Desk) FramedPopup() bool { return false }

// Dress does nothing. The window does not become key when it is shown, since GLFW was told so, and
// floats above the others because Fyne asks for it; but a click activates the application: a window that
// takes clicks without that is an NSPanel, which GLFW does not make.
func (d *Desk) Dress(uintptr) {}

// Raise: Fyne's floating level does it.
func (d *Desk) Raise(uintptr) {}

// Minimise is not needed: there is always a menu bar.
func (d *Desk) Minimise(uintptr) bool { return false }
