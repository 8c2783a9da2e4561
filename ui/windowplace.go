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
	return w.limited(size, image.Rectangle{})
}

// limited returns a size, limited to the screen that contains most of a rectangle.
func (w *mainWindow) limited(size fyne.Size, at image.Rectangle) fyne.Size {
	area, scale, ok := w.ui.cfg.Desk.PopupScreen(at)
	if !ok {
		return size
	}
	scale = w.ui.userScale(scale)
	return size.Min(fyne.NewSize(float32(area.Dx())/scale, float32(area.Dy())/scale).Subtract(windowFrame))
}

// keepPlace remembers the window's size, and its place on the screens.
func (w *mainWindow) keepPlace() {
	size := w.window.Canvas().Size()
	if size.Width <= 0 || size.Height <= 0 {
		return
	}
	at, placed := w.place()
	if w.isWidened(size) {
		if size = w.widened.from; w.widened.stays(at) {
			at = w.widened.fromAt
		}
	}
	w.ui.remember(func(r *account.Remembered) {
		r.Width, r.Height = size.Width, size.Height
		if placed {
			r.X, r.Y, r.Placed = at.X, at.Y, true
		}
	})
}

// place returns where the window is, and whether that is known and on a screen: a minimised window may be elsewhere.
func (w *mainWindow) place() (at image.Point, ok bool) {
	at, ok = w.ui.cfg.Desk.WindowPlace(handleOf(w.window))
	return at, ok && w.onScreen(w.pixels(at))
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

// widening is what a narrow window was like before it was made wide, and afterwards.
type widening struct {
	from, to     fyne.Size // from is zero if the window was not made wide
	fromAt, toAt image.Point
	placed       bool // the places are known
}

// stays reports whether a place is the one to which the window was moved when it was made wide, give or take a frame.
func (w widening) stays(at image.Point) bool {
	off := at.Sub(w.toAt)
	return w.placed && max(off.X, -off.X, off.Y, -off.Y) <= int(2*windowFrame.Height)
}

// isWidened reports whether the window was made wide, and the user has not made it wider since. A window manager may have
// made it smaller.
func (w *mainWindow) isWidened(size fyne.Size) bool {
	return !w.widened.from.IsZero() && size.Width <= w.widened.to.Width+2
}

// suitPage makes a narrow window wide while it shows what does not fit the narrow form: another page, or another side
// than the colleagues. Afterwards the window is as before, unless the user has made it wider meanwhile.
func (w *mainWindow) suitPage() {
	if w.window == nil {
		return
	}
	needs := w.page != pageCalls || w.side.page != sideColleagues
	if needs == w.needsWide {
		return
	}
	w.needsWide = needs
	size := w.window.Canvas().Size()
	at, placed := w.place()
	if !w.shown { // putBack moves it
		at, placed = image.Pt(w.ui.remembered.X, w.ui.remembered.Y), w.ui.remembered.Placed
	}
	placed = placed && w.ui.cfg.Desk.Placed()
	switch before := w.widened; {
	case needs && size.Width < wideFrom:
		to := w.limited(windowSize.Max(fyne.NewSize(0, size.Height)), w.pixels(at))
		w.widened = widening{from: size, to: to, fromAt: at, toAt: at, placed: placed}
		w.resize(to)
		if w.widened.to = w.window.Canvas().Size(); placed {
			w.widened.toAt, _ = w.placeFor(w.pixels(at))
			w.moveTo(w.widened.toAt)
		}
	case !needs:
		unchanged := w.isWidened(size)
		if w.widened = (widening{}); !unchanged {
			return
		}
		if w.resize(before.from); placed && before.stays(at) {
			w.moveTo(before.fromAt)
		}
	}
}

// resize changes the window's size.
func (w *mainWindow) resize(size fyne.Size) {
	w.window.SetPadded(false) // Fyne tells the window manager the least size of the new page only now
	w.window.Resize(size)
}

// moveTo moves the window, if it is on the screen.
func (w *mainWindow) moveTo(at image.Point) {
	if win, ok := w.window.(desktop.Window); ok && w.shown {
		win.RequestPosition(at.X, at.Y)
	}
}
