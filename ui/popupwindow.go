package ui

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/ui/widgets"
)

// survive keeps the program running when a window cannot be made: Fyne panics when no screen is
// attached. The next call tries again.
func (p *popup) survive() {
	if r := recover(); r != nil {
		p.ui.log.Warn("the popup cannot be shown", "reason", r)
		if !p.shown {
			p.window, p.handle = nil, 0
		}
	}
}

// size is what the window needs. Only its buttons can make it wider, in a language of long words; a
// caller's name cannot.
func (p *popup) size() fyne.Size { return p.body.MinSize().Max(fyne.NewSize(popupWidth, 0)) }

// make builds the window. Its native part comes to be when it is first shown.
func (p *popup) make() {
	u := p.ui
	splash, ok := u.app.Driver().(desktop.Driver)
	if ok && !u.cfg.Desk.FramedPopup() {
		p.window = splash.CreateSplashWindow()
		p.window.SetTitle(popupTitle)
	} else {
		p.window = u.app.NewWindow(popupTitle)
		p.window.SetPadded(false)
	}
	p.more = widgets.NewLine(theme.TextSize(), false, widgets.ColorMuted)
	p.more.Align = fyne.TextAlignCenter
	objects := []fyne.CanvasObject{p.more}
	p.words = widgets.NewLines(noticeLines, theme.TextSize()-1, theme.ColorNameForeground)
	cross := widget.NewButtonWithIcon("", theme.CancelIcon(), p.endNotice)
	cross.Importance = widget.LowImportance
	p.below = container.New(layout.NewCustomPaddedLayout(8, 8, 14, 4), widgets.NewRow(4, 0, p.words, cross))
	p.cards = nil
	for range maxCards {
		c := newPopupCard(u)
		p.cards = append(p.cards, c)
		objects = append(objects, c.box)
	}
	objects = append(objects, p.below)
	p.body = container.New(measured{layout.NewCustomPaddedLayout(1, 1, 1, 1), p.dress}, widgets.NewColumn(0, objects...))
	p.window.SetContent(container.NewStack(widgets.NewSurface(widgets.ColorCard, widgets.ColorEdge, 0), p.body))
	p.window.SetFixedSize(true)
	p.window.SetCloseIntercept(func() { p.hide() })
}

// measured is a layout that calls dress whenever it is measured. Fyne measures a window between making its
// native part and putting it on the screen, and offers no other moment to reach it then.
type measured struct {
	inside fyne.Layout
	dress  func()
}

func (m measured) MinSize(objects []fyne.CanvasObject) fyne.Size {
	m.dress()
	return m.inside.MinSize(objects)
}

func (m measured) Layout(objects []fyne.CanvasObject, size fyne.Size) { m.inside.Layout(objects, size) }

// dress gives the native window its manners, once it is there, and before anybody has seen it.
func (p *popup) dress() {
	if p.handle != 0 || p.window == nil {
		return
	}
	if p.handle = handleOf(p.window); p.handle != 0 {
		p.ui.cfg.Desk.Dress(p.handle)
		p.place()
	}
}

// handleOf returns the native window, 0 while there is none, or where it has no number.
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

// appear puts the window on the screen.
func (p *popup) appear() {
	if p.shown {
		return
	}
	desk := p.ui.cfg.Desk
	p.place() // the screen may be another one by now
	p.putUp()
	p.shown = true
	if w, ok := p.window.(desktop.Window); ok && !desk.FramedPopup() {
		w.RequestAlwaysOnTop()
		p.place() // Fyne has put a splash window into the middle
	}
	if p.handle != 0 {
		desk.Raise(p.handle)
	}
}

// putUp shows the window, without the keyboard. Fyne may panic in it.
func (p *popup) putUp() {
	defer p.ui.cfg.Desk.MakingPopup()()
	p.window.Show()
}

// place moves the window into the bottom right corner.
func (p *popup) place() {
	w, ok := p.window.(desktop.Window)
	if !ok {
		return
	}
	x, y, ok := p.ui.cfg.Desk.Corner()
	if !ok {
		return // no screen
	}
	scale, size := p.window.Canvas().Scale(), p.size()
	pixels := func(length float32) int { return int(math.Ceil(float64(length * scale))) } // as Fyne rounds
	w.RequestPosition(x-pixels(size.Width)-pixels(popupMargin), y-pixels(size.Height)-pixels(popupMargin))
}
