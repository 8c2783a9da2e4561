package native

import (
	"context"
	"errors"
	"image"

	"calltray/internal/attention"
)

// desk: macOS needs nothing to be remembered.
type desk struct{}

// Display: a session always has one.
func (d *Desk) Display() error { return nil }

// Placed: a program may place its windows.
func (d *Desk) Placed() bool { return true }

// WatchPanel: the menu bar takes its colour from the wallpaper, and the icons are legible on both.
func (d *Desk) WatchPanel(_ context.Context, report func(dark bool)) { report(false) }

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

// SetClipboard leaves it to Fyne.
func (d *Desk) SetClipboard(string) error { return errors.ErrUnsupported }

// WatchScheme leaves it to Fyne.
func (d *Desk) WatchScheme(context.Context, func(dark bool)) {}

// ShowsPictures: the popup is a window of Fyne's. It does not become key when it is shown, since GLFW was told
// so, and floats above the others because Fyne asks for it; but a click activates the application: a window that
// takes clicks without that is an NSPanel, which takes Objective-C.
func (d *Desk) ShowsPictures() bool { return false }

// Screens is for pictures.
func (d *Desk) Screens() []image.Rectangle { return nil }

// PopupScreen is for pictures.
func (d *Desk) PopupScreen(image.Rectangle) (area image.Rectangle, scale float32, ok bool) { return }

// PopupPointer is for pictures.
func (d *Desk) PopupPointer(func(at, desktop image.Point, on, pressed bool)) {}

// ShowPopup is for pictures.
func (d *Desk) ShowPopup(*image.NRGBA, image.Point, image.Rectangle) error {
	return errors.ErrUnsupported
}

// HidePopup is for pictures.
func (d *Desk) HidePopup() {}

// Around: macOS keeps its own notifications back by itself, and tells no program.
func (d *Desk) Around(context.Context, bool) attention.Desktop { return attention.Desktop{} }

// CanOpenWindow: every Mac has OpenGL.
func (d *Desk) CanOpenWindow(context.Context) error { return nil }

// WindowPlace is not known: Cocoa measures from below.
func (d *Desk) WindowPlace(uintptr) (at image.Point, ok bool) { return at, false }

// Minimise is not needed: there is always a menu bar.
func (d *Desk) Minimise(uintptr) bool { return false }

// Selection is not to be had: the clipboard is.
func (d *Desk) Selection(context.Context) (string, error) { return "", errors.ErrUnsupported }
