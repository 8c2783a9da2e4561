package ui

import (
	"image"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"calltray/internal/account"
)

// windowFrame is the room that a window's frame may take.
var windowFrame = fyne.NewSize(8, 40)

// size returns the window's size when it was last closed, limited to the screen.
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

// keepPlace remembers the window's size, and its place on the screens.
func (w *mainWindow) keepPlace() {
	size := w.window.Canvas().Size()
	if size.Width <= 0 || size.Height <= 0 {
		return
	}
	at, placed := w.ui.cfg.Desk.WindowPlace(handleOf(w.window))
	placed = placed && w.onScreen(w.pixels(at)) // and not minimised
	w.ui.remember(func(r *account.Remembered) {
		r.Width, r.Height = size.Width, size.Height
		if placed {
			r.X, r.Y, r.Placed = at.X, at.Y, true
		}
	})
}

// putBack reopens the window where it was last closed, if there is still a screen: wholly on that screen.
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

// placeFor returns where a window of this size and place fits, frame included, on the screen that contains most of it.
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

// pixels returns what the window covers if its content begins at a point.
func (w *mainWindow) pixels(at image.Point) image.Rectangle {
	size, scale := w.window.Canvas().Size(), w.window.Canvas().Scale()
	return image.Rectangle{at, at.Add(image.Pt(int(size.Width*scale), int(size.Height*scale)))}
}

// onScreen reports whether any part of a rectangle is on a screen.
func (w *mainWindow) onScreen(part image.Rectangle) bool {
	return slices.ContainsFunc(w.ui.cfg.Desk.Screens(), part.Overlaps)
}
