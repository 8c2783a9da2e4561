// Package native is what Fyne lacks of the desktop: a popup that needs no OpenGL, stays above the others and
// never takes the keyboard; the clipboard, the tray's host and light or dark before there is a window.
//
// On Linux with X11 and on Windows the popup is a window of our own that shows a picture. On native Wayland a
// program has no say over place, order and focus, so there is no popup by default; there, and on macOS, it is a
// window of Fyne's.
package native

import (
	"log/slog"
	"time"

	"github.com/go-gl/glfw/v3.4/glfw"
)

// maxClipboard is how much of a clipboard is read, in bytes: a page of text, not somebody's spreadsheet.
const maxClipboard = 64 << 10

// popupTitle is for window managers and screen readers.
const popupTitle = "Calltray: incoming call"

// Desk is the desktop of this user. It implements ui.Desk, whose comments say what each method is for
// and who may call it.
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

// MakingPopup makes GLFW create windows that do not take the keyboard when they are shown, until the
// function that it returns is called.
func (d *Desk) MakingPopup() (made func()) {
	glfw.WindowHint(glfw.FocusOnShow, glfw.False)
	return func() { glfw.WindowHint(glfw.FocusOnShow, glfw.True) }
}

// Doze waits until there is something for GLFW's windows, and hands it to them. What Rouse does before it waits ends it
// at once. It is nothing that a function which GLFW calls may do.
func (d *Desk) Doze(limit time.Duration) { glfw.WaitEventsTimeout(limit.Seconds()) }

// Rouse ends Doze.
func (d *Desk) Rouse() { glfw.PostEmptyEvent() }

// Corner returns the bottom right corner of the primary screen's work area, in pixels; false while no
// screen is attached, which happens when a monitor sleeps.
func (d *Desk) Corner() (x, y int, ok bool) {
	m := glfw.GetPrimaryMonitor()
	if m == nil {
		return 0, 0, false
	}
	left, top, width, height := m.GetWorkarea()
	return left + width, top + height, width > 0 && height > 0
}
