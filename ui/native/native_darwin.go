package native

import (
	"context"
	"errors"
	"image"

	"calltray/internal/attention"
)

// desk: macOS needs no state.
type desk struct{}

// Display: every session has one.
func (d *Desk) Display() error { return nil }

// Placed: a program may place its windows.
func (d *Desk) Placed() bool { return true }

// WatchPanel: the menu bar takes its colour from the wallpaper, and the icons are legible on either.
func (d *Desk) WatchPanel(_ context.Context, report func(dark bool)) { report(false) }

// HasTray: there is a menu bar.
func (d *Desk) HasTray() bool { return true }

// TrayNeedsLoop: the icon receives its messages on the main thread.
func (d *Desk) TrayNeedsLoop() bool { return true }

// WatchTray: the menu bar shows icons.
func (d *Desk) WatchTray(ctx context.Context, report func(shown bool)) {
	report(true)
	<-ctx.Done()
}

// Clipboard is left to Fyne, which runs from the start on this system.
func (d *Desk) Clipboard(context.Context) (string, error) { return "", errors.ErrUnsupported }

// WatchClipboard: the menu checks the clipboard when it is opened.
func (d *Desk) WatchClipboard(context.Context, func(readable bool)) {}

// SetClipboard is left to Fyne.
func (d *Desk) SetClipboard(string) error { return errors.ErrUnsupported }

// WatchScheme is left to Fyne.
func (d *Desk) WatchScheme(context.Context, func(dark bool)) {}

// ShowsPictures: the popup is a Fyne window. It does not become key when shown, since GLFW was told not to, and
// it floats above the others because Fyne requests it; but a click activates the application: a window that
// takes clicks without that is an NSPanel, which needs Objective-C.
func (d *Desk) ShowsPictures() bool { return false }

// Screens is for pictures.
func (d *Desk) Screens() []image.Rectangle { return nil }

// PopupScreen is for pictures.
func (d *Desk) PopupScreen(image.Rectangle) (area image.Rectangle, scale float32, ok bool) { return }

// PopupPointer is for pictures.
func (d *Desk) PopupPointer(func(at, desktop image.Point, on, pressed bool)) {}

// PreparePopup is for pictures.
func (d *Desk) PreparePopup(*image.NRGBA, image.Rectangle) error { return errors.ErrUnsupported }

// ShowPopup is for pictures.
func (d *Desk) ShowPopup(*image.NRGBA, image.Point, image.Rectangle) error {
	return errors.ErrUnsupported
}

// HidePopup is for pictures.
func (d *Desk) HidePopup() {}

// Around: macOS holds its own notifications back, and does not say so to programs.
func (d *Desk) Around(context.Context, bool) attention.Desktop { return attention.Desktop{} }

// CanOpenWindow: every Mac has OpenGL.
func (d *Desk) CanOpenWindow(context.Context) error { return nil }

// WindowPlace is unknown: Cocoa measures from the bottom.
func (d *Desk) WindowPlace(uintptr) (at image.Point, ok bool) { return at, false }

// Minimise is not needed: there is always a menu bar.
func (d *Desk) Minimise(uintptr) bool { return false }

// Selection is not available: the clipboard is.
func (d *Desk) Selection(context.Context) (string, error) { return "", errors.ErrUnsupported }
