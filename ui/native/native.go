// Package native provides what Fyne lacks: a popup that needs no OpenGL, stays on top and never takes the
// keyboard; and, before there is a window, the clipboard, the tray's host, and light or dark.
//
// On Linux with X11 and on Windows the popup is a window of our own that shows a picture. On native Wayland,
// programs do not control position, stacking and focus, so there is no popup by default; there, and on macOS,
// it is a Fyne window.
package native

import (
	"log/slog"
	"time"

	"github.com/go-gl/glfw/v3.4/glfw"
)

// maxClipboard is how much of the clipboard is read, in bytes: a page of text, not a whole spreadsheet.
const maxClipboard = 64 << 10

// popupTitle is the title for window managers and screen readers.
const popupTitle = "Calltray: incoming call"

// Desk is this user's desktop. It implements ui.Desk, whose comments say what each method is for and who may
// call it.
type Desk struct {
	log *slog.Logger
	desk
}

// New returns the desktop. It does no I/O.
func New(log *slog.Logger) *Desk {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Desk{log: log}
}

// MakingPopup makes GLFW create windows that do not take the keyboard when shown, until the returned function
// is called.
func (d *Desk) MakingPopup() (made func()) {
	glfw.WindowHint(glfw.FocusOnShow, glfw.False)
	return func() { glfw.WindowHint(glfw.FocusOnShow, glfw.True) }
}

// Doze waits until there are events for GLFW's windows, and delivers them. A call of Rouse before the wait
// begins ends it at once. It must not be called from a function that GLFW calls.
func (d *Desk) Doze(limit time.Duration) { glfw.WaitEventsTimeout(limit.Seconds()) }

// Rouse ends Doze.
func (d *Desk) Rouse() { glfw.PostEmptyEvent() }

// Corner returns the bottom right corner of the primary screen's work area, in pixels; false while no screen is
// attached, as when a monitor sleeps.
func (d *Desk) Corner() (x, y int, ok bool) {
	m := glfw.GetPrimaryMonitor()
	if m == nil {
		return 0, 0, false
	}
	left, top, width, height := m.GetWorkarea()
	return left + width, top + height, width > 0 && height > 0
}
