package ui

import (
	"image"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"calltray/internal/account"
)

// windowFrame is what a window manager may put around a window.
var windowFrame = fyne.NewSize(8, 40)

// size is how large the window was when it was last closed, as far as the screen has room for that.
func (w *mainWindow) size() fyne.Size {
	size := windowSize
	if r := w.ui.remembered; r.Width > 0 && r.Height > 0 {
		size = fyne.NewSize(r.Width, r.Height)
	}
	if area, scale, ok := w.ui.cfg.Desk.PopupScreen(image.Rectangle{}); ok {
		scale = w.ui.userScale(scale)
		room := fyne.NewSize(float32(area.Dx())/scale, float32(area.Dy())/scale).Subtract(windowFrame)
		size = size.Min(room)
	}
	return size
}

// keepPlace remembers how large the window is, and where it is on the screens.
func (w *mainWindow) keepPlace() {
	size := w.window.Canvas().Size()
	if size.Width <= 0 || size.Height <= 0 {
		return
	}
	at, placed := w.ui.cfg.Desk.WindowPlace(handleOf(w.window))
	placed = placed && w.onScreen(w.pixels(at)) // and no icon in the task bar
	w.ui.remember(func(r *account.Remembered) {
		r.Width, r.Height = size.Width, size.Height
		if placed {
			r.X, r.Y, r.Placed = at.X, at.Y, true
		}
	})
}

// putBack has the window come up where it was when it was last closed, if there is a screen still: wholly on that screen.
func (w *mainWindow) putBack() {
	r := w.ui.remembered
	win, ok := w.window.(desktop.Window)
	if !ok || !r.Placed || !w.ui.cfg.Desk.Placed() {
		return
	}
	if at, ok := w.placeFor(w.pixels(image.Pt(r.X, r.Y))); ok {
		win.RequestPosition(at.X, at.Y)
	}
}

// placeFor returns where a window of this size and place has room, frame and all, on the screen that most of it is on.
func (w *mainWindow) placeFor(is image.Rectangle) (at image.Point, ok bool) {
	area, scale, found := w.ui.cfg.Desk.PopupScreen(is)
	if !found || !w.onScreen(is) {
		return at, false
	}
	side, top := int(windowFrame.Width/2*scale), int(windowFrame.Height*scale)
	return image.Pt(
		max(min(is.Min.X, area.Max.X-side-is.Dx()), area.Min.X+side),
		max(min(is.Min.Y, area.Max.Y-side-is.Dy()), area.Min.Y+top),
	), true
}

// pixels is what the window covers if its content begins at a place.
func (w *mainWindow) pixels(at image.Point) image.Rectangle {
	size, scale := w.window.Canvas().Size(), w.window.Canvas().Scale()
	return image.Rectangle{at, at.Add(image.Pt(int(size.Width*scale), int(size.Height*scale)))}
}

// onScreen reports whether any of a part of the desktop is on a screen.
func (w *mainWindow) onScreen(part image.Rectangle) bool {
	return slices.ContainsFunc(w.ui.cfg.Desk.Screens(), part.Overlaps)
}
