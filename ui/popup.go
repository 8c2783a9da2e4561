package ui

import (
	"math"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/account"
	"calltray/assets"
	"calltray/cstasession"
)

const (
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
	dismissed map[cstasession.ConnectionID]bool // closed by the user while ringing

	window fyne.Window // nil until the first call
	handle uintptr     // of the native window; 0 until it is there
	cards  []*card
	more   *line
	body   *fyne.Container
	drawn  []cstasession.ConnectionID // the calls on the cards, the newest first
	moved  time.Time                  // when they last changed
}

// calls returns what there is to show, the newest first.
func (p *popup) calls() []cstasession.Call {
	u := p.ui
	if u.state.Status != cstasession.Online || !popupEnabled(u.settings.Popup, u.cfg.Desk.Placed()) {
		return nil
	}
	var calls []cstasession.Call
	for _, c := range living(u.state) {
		if c.Phase == cstasession.Ringing && !p.dismissed[c.ID] {
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
func (p *popup) wanted() bool { return len(p.calls()) > 0 }

// render shows the calls that ring, or takes the window off the screen.
func (p *popup) render() {
	p.forget()
	calls := p.calls()
	switch {
	case len(calls) == 0:
		p.hide()
	case p.ui.app != nil:
		p.show(calls)
	}
}

// forget drops from the dismissed calls those that do not ring any more.
func (p *popup) forget() {
	for id := range p.dismissed {
		rings := false
		for _, c := range p.ui.state.Calls {
			rings = rings || c.ID == id && c.Phase == cstasession.Ringing
		}
		if !rings {
			delete(p.dismissed, id)
		}
	}
}

func (p *popup) dismiss(id cstasession.ConnectionID) {
	if p.dismissed == nil {
		p.dismissed = make(map[cstasession.ConnectionID]bool)
	}
	p.dismissed[id] = true
	p.render()
}

func (p *popup) hide() {
	if p.shown {
		p.window.Hide()
		p.shown, p.drawn = false, nil
		p.ui.restSoon()
	}
}

// show fills the cards, the newest call on top, and puts the window into its corner. It grows upwards: a
// second call does not move the buttons of the first.
func (p *popup) show(calls []cstasession.Call) {
	defer p.survive()
	if p.window == nil {
		p.make()
	}
	shown := calls[:min(len(calls), maxCards)]
	var drawn []cstasession.ConnectionID
	for i, c := range p.cards {
		if i < len(shown) {
			c.set(shown[i], p.ui.busy[shown[i].ID])
			c.box.Show()
			drawn = append(drawn, shown[i].ID)
		} else {
			c.box.Hide()
		}
	}
	if more := len(calls) - len(shown); more > 0 {
		p.more.set("+ " + moreCalls(more))
		p.more.Show()
	} else {
		p.more.Hide()
	}
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
	p.more = newLine(theme.TextSize(), false, colorMuted)
	p.more.align = fyne.TextAlignCenter
	objects := []fyne.CanvasObject{p.more}
	p.cards = nil
	for range maxCards {
		c := newCard(u)
		p.cards = append(p.cards, c)
		objects = append(objects, c.box)
	}
	p.body = container.New(native{stack{gap: 0, padX: 1, padY: 1}, p.dress}, objects...)
	p.window.SetContent(container.NewStack(newSurface(colorCard, colorEdge, 0), p.body))
	p.window.SetFixedSize(true)
	p.window.SetCloseIntercept(func() { p.hide() })
}

// native is a layout that calls dress whenever it is measured. Fyne measures a window between making its
// native part and putting it on the screen, and offers no other moment to reach it then.
type native struct {
	stack
	dress func()
}

func (n native) MinSize(objects []fyne.CanvasObject) fyne.Size {
	n.dress()
	return n.stack.MinSize(objects)
}

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
	made := desk.MakingPopup()
	p.window.Show()
	made()
	p.shown = true
	if w, ok := p.window.(desktop.Window); ok && !desk.FramedPopup() {
		w.RequestAlwaysOnTop()
		p.place() // Fyne has put a splash window into the middle
	}
	if p.handle != 0 {
		desk.Raise(p.handle)
	}
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

func same(a, b []cstasession.ConnectionID) bool {
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

// card is one ringing call in the popup.
type card struct {
	ui   *UI
	call cstasession.Call

	box                            *fyne.Container
	head, clock, number, name, via *line
	answer, hangUp, copy           *widget.Button
}

func newCard(u *UI) *card {
	c := &card{
		ui:     u,
		head:   newLine(theme.CaptionTextSize()+1, true, theme.ColorNameWarning),
		clock:  newLine(theme.CaptionTextSize()+1, false, colorMuted),
		number: newLine(26, true, theme.ColorNameForeground),
		name:   newLine(18, false, theme.ColorNameForeground),
		via:    newLine(theme.TextSize(), false, colorMuted),
	}
	c.clock.align, c.clock.least = fyne.TextAlignTrailing, "00:00:00"
	c.answer = widget.NewButtonWithIcon(say("Answer"), icon(assets.Answer), c.tapped(func() { u.answer(c.call.ID) }))
	c.answer.Importance = widget.SuccessImportance
	c.hangUp = widget.NewButtonWithIcon(say("Hang up"), icon(assets.HangUp), c.tapped(func() { u.hangUp(c.call.ID) }))
	c.hangUp.Importance = widget.DangerImportance
	c.copy = widget.NewButton(say("Copy number"), c.tapped(c.copyNumber))
	cross := widget.NewButtonWithIcon("", theme.CancelIcon(), c.tapped(func() { u.popup.dismiss(c.call.ID) }))
	cross.Importance = widget.LowImportance

	bell := canvas.NewImageFromResource(stateIcon(assets.Ringing))
	bell.SetMinSize(fyne.NewSquareSize(22))
	head := container.New(row{gap: 8, grow: 1}, bell, c.head, c.clock, cross)
	text := container.New(stack{gap: 2, padX: 14}, c.number, c.name, c.via)
	buttons := container.New(stack{padX: 14}, container.NewGridWithColumns(3, c.answer, c.hangUp, c.copy))
	body := container.New(stack{gap: 4, padY: 4},
		container.New(layout.NewCustomPaddedLayout(0, 0, 14, 4), head), text, spacer(4), buttons, spacer(6))
	c.box = container.New(striped{}, newSurface(theme.ColorNameWarning, "", 0),
		container.New(stack{}, body, rule()))
	return c
}

// tapped wraps what a button does.
func (c *card) tapped(f func()) func() {
	return func() {
		if time.Since(c.ui.popup.moved) >= tapGuard {
			f()
		}
	}
}

// set shows a call.
func (c *card) set(call cstasession.Call, busy bool) {
	if call.ID != c.call.ID {
		c.copy.SetText(say("Copy number"))
	}
	c.call = call
	c.head.set(say("Incoming call"))
	number, name := shownNumber(call.Remote.Number), plain(call.Remote.Name, maxName)
	if name == number || name == call.Remote.Number {
		name = ""
	}
	if number == "" {
		number = say("Number withheld")
	}
	c.number.set(number)
	c.name.set(name)
	c.via.set(viaLine(call))
	enable(c.answer, !busy)
	enable(c.hangUp, !busy)
	enable(c.copy, call.Remote.Number != "")
	c.tick()
}

// viaLine tells for whom a call is, when it is not for this extension itself.
func viaLine(c cstasession.Call) string {
	via := shownNumber(c.Via)
	if via == "" {
		return ""
	}
	return say("for {{.Via}}", "Via", via)
}

func (c *card) tick() {
	c.clock.set(clock(time.Since(c.call.Since)))
}

func (c *card) copyNumber() {
	c.ui.copyNumber(cstasession.DeviceID(c.call.Remote.Number).Number())
	c.copy.SetText(say("Copied"))
}

// enable changes a button only if need be.
func enable(b *widget.Button, on bool) {
	switch {
	case on && b.Disabled():
		b.Enable()
	case !on && !b.Disabled():
		b.Disable()
	}
}

// stateIcon makes a Fyne resource of a state's drawing.
func stateIcon(i assets.Icon) fyne.Resource {
	name := string(i)
	if onDark() {
		name += "-dark"
	}
	return fyne.NewStaticResource(name+".svg", i.SVG(strings.HasSuffix(name, "-dark")))
}
