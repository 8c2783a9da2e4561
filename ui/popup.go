package ui

import (
	"math"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

const (
	noticeLines = 5
	popupTitle  = "Calltray: incoming call"
	popupWidth  = 380
	popupMargin = 12 // from the corner of the work area
	maxCards    = 3  // calls that are shown; the others are counted
	// A tap right after the cards moved was meant for what was there before: another program's button, or
	// another call's. It counts for nothing.
	tapGuard = 350 * time.Millisecond
)

// popup shows the calls that ring. It is one window, made when the first call rings and then shown and
// hidden, because Fyne keeps something of every window that is closed. It never has the keyboard, and
// nothing in it is preselected: whoever types on must not answer a call.
type popup struct {
	ui        *UI
	shown     bool
	dismissed map[csta.ConnectionID]bool // closed by the user while ringing
	tested    time.Time                  // since when a call that nobody makes is shown, for the self-test; zero if none is
	notice    string                     // a sentence below the calls; "" for none
	notices   int                        // counts them

	window fyne.Window // nil until the first call
	handle uintptr     // of the native window; 0 until it is there
	cards  []*popupCard
	more   *widgets.Line
	words  *widgets.Lines  // the notice
	below  *fyne.Container // with its cross
	body   *fyne.Container
	drawn  []csta.ConnectionID // the calls on the cards, the newest first
	moved  time.Time           // when they last changed
}

// calls returns what there is to show, the newest first.
func (p *popup) calls() []csta.Call {
	u := p.ui
	if u.state.Status != csta.Online && p.tested.IsZero() || !popupEnabled(u.settings.Popup, u.cfg.Desk.Placed()) {
		return nil
	}
	var calls []csta.Call
	if !p.tested.IsZero() {
		calls = append(calls, csta.Call{ID: testCall, Remote: csta.Party{Name: text.Say("This is a test")}, Since: p.tested})
	}
	for _, c := range living(u.state) {
		if c.Phase == csta.Ringing && !c.Uncertain && !p.dismissed[c.ID] {
			calls = append(calls, c)
		}
	}
	return calls
}

// popupEnabled decides by the setting, and by whether the desktop lets us place a window.
func popupEnabled(setting string, placed bool) bool {
	switch setting {
	case account.PopupOn:
		return true
	case account.PopupOff:
		return false
	default:
		return placed
	}
}

// wanted reports whether there is anything to show.
func (p *popup) wanted() bool { return len(p.calls()) > 0 || p.notice != "" }

// render shows the calls that ring, or takes the window off the screen.
func (p *popup) render() {
	p.forget()
	switch {
	case !p.wanted():
		p.hide()
	case p.ui.app != nil:
		p.show(p.calls())
	}
}

// forget drops from the dismissed calls those that do not ring any more.
func (p *popup) forget() {
	for id := range p.dismissed {
		rings := false
		for _, c := range p.ui.state.Calls {
			rings = rings || c.ID == id && c.Phase == csta.Ringing
		}
		if !rings {
			delete(p.dismissed, id)
		}
	}
}

// testFor is how long the call of the self-test is shown.
const testFor = 2 * time.Second

// testCall is the call of the self-test, which no PBX knows.
var testCall = csta.ConnectionID{CallID: "calltray self-test"}

// test shows a call that nobody makes, and tells result whether it is on the screen.
func (p *popup) test(result chan<- error) {
	u := p.ui
	if !popupEnabled(u.settings.Popup, u.cfg.Desk.Placed()) {
		result <- nil // it is off, as it should be
		return
	}
	p.tested = time.Now()
	u.render()
	time.AfterFunc(testFor, func() {
		u.post(func() {
			p.tested = time.Time{}
			if p.shown && p.handle != 0 {
				result <- nil
			} else {
				result <- text.ErrNotShown
			}
			u.render()
		})
	})
}

// noticeFor is how long a notice is shown.
const noticeFor = 20 * time.Second

// note shows a sentence for a while, for a user who has no window on the screen. Where there is no popup the
// window has to do, without the keyboard.
func (p *popup) note(sentence string) {
	u := p.ui
	if !popupEnabled(u.settings.Popup, u.cfg.Desk.Placed()) {
		u.window.wanted, u.window.quiet = true, true
		u.render()
		return
	}
	p.notice = sentence
	p.notices++
	n := p.notices
	time.AfterFunc(noticeFor, func() {
		u.post(func() {
			if p.notices == n {
				p.endNotice()
			}
		})
	})
	u.render()
}

func (p *popup) endNotice() {
	p.notice = ""
	p.render()
}

func (p *popup) dismiss(id csta.ConnectionID) {
	if p.dismissed == nil {
		p.dismissed = make(map[csta.ConnectionID]bool)
	}
	p.dismissed[id] = true
	p.render()
}

func (p *popup) hide() {
	if p.shown {
		p.window.Hide()
		p.shown, p.drawn = false, nil
		for _, c := range p.cards {
			c.forgetPointer()
		}
		p.ui.restSoon()
	}
}

// show fills the cards, the newest call on top, and puts the window into its corner. It grows upwards: a
// second call does not move the buttons of the first.
func (p *popup) show(calls []csta.Call) {
	defer p.survive()
	if p.window == nil {
		p.make()
	}
	shown := calls[:min(len(calls), maxCards)]
	var drawn []csta.ConnectionID
	for i, c := range p.cards {
		if i < len(shown) {
			c.set(shown[i])
			c.box.Show()
			drawn = append(drawn, shown[i].ID)
		} else {
			c.box.Hide()
		}
	}
	if more := len(calls) - len(shown); more > 0 {
		p.more.Set("+ " + moreCalls(more))
		p.more.Show()
	} else {
		p.more.Hide()
	}
	p.words.Set(p.notice, theme.ColorNameForeground)
	widgets.Show(p.below, p.notice != "")
	if size := p.size(); p.body.Size() != size {
		p.window.Resize(size)
		p.place()
	}
	p.appear()
	if !same(drawn, p.drawn) {
		p.drawn, p.moved = drawn, time.Now()
	}
	p.ui.tickSoon()
}

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

func same(a, b []csta.ConnectionID) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// tick brings the clocks up to date.
func (p *popup) tick() {
	if p.shown {
		for _, c := range p.cards {
			c.tick()
		}
	}
}
