package ui

import (
	"fmt"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
	"fyne.io/fyne/v2/driver/desktop"
)

// splash shows the popup in a window of Fyne's where the desktop shows no pictures: on macOS and native Wayland. It
// shows and hides a single window, because Fyne leaks part of every closed one.
type splash struct {
	popup  *popup
	window fyne.Window // nil until the first call
}

func (s *splash) ready() bool {
	u := s.popup.ui
	return u.opens != cannot && u.canOpen() && u.app != nil
}

// put shows the window in its corner. Fyne panics if no screen is attached: then put returns an error, and the next
// render tries again.
func (s *splash) put() (err error) {
	p := s.popup
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
			if !p.shown {
				s.window, p.root = nil, nil
			}
		}
	}()
	if s.window == nil {
		s.make()
	}
	if size := p.size(); p.body.Size() != size {
		s.window.Resize(size)
		s.place()
	}
	if p.shown {
		return nil
	}
	s.show()
	if w, ok := s.window.(desktop.Window); ok {
		w.RequestAlwaysOnTop()
	}
	s.place() // Fyne has centred it
	return nil
}

// show shows the window without giving it the keyboard.
func (s *splash) show() {
	defer s.popup.ui.cfg.Desk.MakingPopup()()
	s.window.Show()
}

func (s *splash) make() {
	u := s.popup.ui
	if d, ok := u.app.Driver().(desktop.Driver); ok {
		s.window = d.CreateSplashWindow()
		s.window.SetTitle(popupTitle)
	} else {
		s.window = u.app.NewWindow(popupTitle)
	}
	s.window.SetPadded(false)
	s.window.SetContent(s.popup.root)
	s.window.SetFixedSize(true)
	s.window.SetCloseIntercept(s.popup.hide)
}

func (s *splash) tick() {}

// room returns the height of the smallest screens, since Fyne does not report the actual one.
func (s *splash) room() (float32, error) { return 600, nil }

func (s *splash) take() { s.window.Hide() }

// place moves the window into the bottom right corner.
func (s *splash) place() {
	w, ok := s.window.(desktop.Window)
	if !ok {
		return
	}
	x, y, ok := s.popup.ui.cfg.Desk.Corner()
	if !ok {
		return // no screen
	}
	scale, size := s.window.Canvas().Scale(), s.popup.size()
	pixels := func(length float32) int { return int(math.Ceil(float64(length * scale))) } // as Fyne rounds
	w.RequestPosition(x-pixels(size.Width)-pixels(popupMargin), y-pixels(size.Height)-pixels(popupMargin))
}

// handleOf returns the native window's handle, 0 if there is no window yet or its handle is not a number.
func handleOf(w fyne.Window) (handle uintptr) {
	n, ok := w.(driver.NativeWindow)
	if !ok {
		return 0
	}
	n.RunNative(func(context any) {
		switch c := context.(type) {
		case driver.X11WindowContext:
			handle = c.WindowHandle
		case driver.WindowsWindowContext:
			handle = c.HWND
		case driver.MacWindowContext:
			handle = c.NSWindow
		}
	})
	return handle
}
