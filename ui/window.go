package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/assets"
	"calltray/cstasession"
	"calltray/dialplan"
)

// page is what the main window shows.
type page int

const (
	pageCalls page = iota
	pageSettings
	pageCheck
)

var windowSize = fyne.NewSize(960, 660)

// mainWindow is the window with the calls and the settings. It is made when it is first opened, and then
// shown and hidden. What it is told before it is made, it shows when it is.
//
// Nothing in it moves: whatever comes and goes has its place kept for it.
type mainWindow struct {
	ui      *UI
	wanted  bool // the user asked for it, and has not closed it
	shown   bool // it is on the screen, or an icon in the task bar
	opening bool // open is on its way
	page    page

	number  string // in the entry
	message string
	choices []dialplan.Number // offered for the entry

	window   fyne.Window // nil until it is first opened
	calls    *callsPage
	side     *side
	settings *settingsPage
	check    *checkPage
}

// open brings the window to the front, at a page.
func (w *mainWindow) open(p page) {
	anew := w.page != p || !w.shown
	w.wanted, w.page = true, p
	if w.ui.app == nil {
		return // Run sees that it is wanted
	}
	if w.window == nil {
		w.make()
	}
	if anew && p == pageSettings {
		w.settings.load()
	}
	w.opening = true
	w.render()
	w.opening = false
	w.window.Show()
	w.window.RequestFocus()
	w.shown = true
	w.ui.tickSoon()
	switch p {
	case pageCalls:
		w.window.Canvas().Focus(w.calls.entry)
	case pageSettings:
		w.settings.focus()
	case pageCheck:
		w.window.Canvas().Focus(w.check.again)
	}
}

// render shows everything anew. What has not changed is not drawn again.
func (w *mainWindow) render() {
	if w.ui.app == nil {
		return
	}
	if w.wanted && !w.shown && !w.opening {
		w.open(w.page)
		return
	}
	if w.window == nil {
		return
	}
	w.calls.render()
	w.side.render()
	w.settings.render()
	w.check.render()
	show(w.calls.root, w.page == pageCalls)
	show(w.settings.root, w.page == pageSettings)
	show(w.check.root, w.page == pageCheck)
}

// close takes the window off the screen. Where no panel shows our icon there would be no way back, so it
// becomes an icon in the task bar instead.
func (w *mainWindow) close() {
	w.choose(nil)
	w.settings.password.entry.SetText("")
	if w.ui.noTray && w.ui.cfg.Desk.Minimise(handleOf(w.window)) {
		return
	}
	w.window.Hide()
	w.wanted, w.shown = false, false
	w.ui.restSoon()
}

func (w *mainWindow) make() {
	w.window = w.ui.app.NewWindow("Calltray")
	w.window.SetIcon(fyne.NewStaticResource("calltray.png", assets.AppPNG(128)))
	w.side = newSide(w.ui)
	w.calls = newCallsPage(w.ui)
	w.settings = newSettingsPage(w.ui)
	w.check = newCheckPage(w.ui)
	w.settings.root.Hide()
	w.check.root.Hide()
	w.window.SetContent(container.NewStack(w.calls.root, w.settings.root, w.check.root))
	w.window.SetPadded(false)
	w.window.Resize(windowSize)
	w.window.SetCloseIntercept(w.close)

	c := w.window.Canvas()
	c.AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyQ, Modifier: fyne.KeyModifierShortcutDefault}, func(fyne.Shortcut) { w.ui.quit() })
	if d, ok := c.(desktop.Canvas); ok {
		d.SetOnKeyDown(w.typedKey) // an entry does not let Fyne call this: see input
	}
	c.SetOnTypedRune(func(r rune) {
		if w.page == pageCalls { // a number is typed wherever the pointer was last
			c.Focus(w.calls.entry)
			w.calls.entry.TypedRune(r)
		}
	})
}

func (w *mainWindow) typedKey(e *fyne.KeyEvent) {
	if e.Name != fyne.KeyEscape {
		return
	}
	switch {
	case len(w.choices) > 0:
		w.choose(nil)
	case w.page == pageCheck:
		w.open(pageSettings)
	case w.page == pageSettings && !needsAccount(w.ui.settings):
		w.open(pageCalls)
	case w.shown:
		w.close()
	}
}

// setNumber puts a number into the entry.
func (w *mainWindow) setNumber(number string) {
	w.number = number
	w.choices = nil
	w.render()
	if w.window != nil && w.calls.entry.Text != number {
		w.calls.entry.SetText(number)
		w.calls.entry.CursorColumn = len([]rune(number))
		w.calls.entry.Refresh()
	}
}

// setMessage shows a sentence under the entry.
func (w *mainWindow) setMessage(sentence string) {
	w.message = sentence
	w.render()
}

// choose offers numbers for the entry.
func (w *mainWindow) choose(numbers []dialplan.Number) {
	w.choices = numbers
	w.render()
}

// renderOffice shows what the exchange told of colleagues and queues.
func (w *mainWindow) renderOffice() {
	if w.side != nil {
		w.side.render()
	}
}

// tick brings the clocks up to date.
func (w *mainWindow) tick() {
	if w.shown {
		w.calls.renderReason()
		w.side.tick()
		for _, r := range w.calls.rows {
			r.tick()
		}
	}
}

// tickSoon keeps the clocks of the popup and the window running, once a second and only while there is a
// clock on the screen.
func (u *UI) tickSoon() {
	if u.ticking || !u.running || !u.visible() || len(living(u.state)) == 0 && !u.window.shown {
		return
	}
	u.ticking = true
	time.AfterFunc(time.Second, func() {
		u.post(func() {
			u.ticking = false
			u.popup.tick()
			u.window.tick()
			u.tickSoon()
		})
	})
}

// trayShown is told when a panel begins to show our icon, or turns out not to.
func (u *UI) trayShown(shown bool) {
	if !shown && !u.noTray {
		u.log.Info("no panel shows the tray icon: the window stays in the task bar")
		u.window.open(u.window.page)
	}
	u.noTray = !shown
}

// callsPage is the first page: state, number, calls, recent calls.
type callsPage struct {
	ui   *UI
	root *fyne.Container

	icon            *canvas.Image
	status, account *line
	reason          *lines
	retry           *widget.Button

	entry       *input
	dial, paste *widget.Button
	message     *lines

	rows    []*callRow
	none    *line
	past    [maxRecent]*pastRow
	nothing *line

	callsArea, recentArea fyne.CanvasObject // what the lists lie in

	choices *fyne.Container
	offered []dialplan.Number
}

// callRows is how many calls have their place kept in the window. More than that are scrolled.
const (
	callRows      = 3
	callRowHeight = 54
	pastRowHeight = 46
)

func newCallsPage(u *UI) *callsPage {
	p := &callsPage{ui: u}
	below := container.NewBorder(
		container.New(stack{gap: 8}, p.makeCalls(), caption(say("Recent calls"))), nil, nil, nil, p.makeRecent())
	p.choices = container.New(stack{})
	p.choices.Hide()
	content := container.NewBorder(
		container.New(stack{gap: 8}, p.makeHeader(), p.makeEntry()), nil, nil, nil, container.NewStack(below, p.choices))
	p.root = container.New(layout.NewCustomPaddedLayout(10, 10, 16, 16),
		container.NewGridWithColumns(2, content, u.window.side.root))
	return p
}

// caption is the heading of a part of the window.
func caption(text string) fyne.CanvasObject {
	l := newLine(theme.CaptionTextSize()+1, true, colorMuted)
	l.set(text)
	return l
}

func (p *callsPage) makeHeader() fyne.CanvasObject {
	p.icon = canvas.NewImageFromResource(nil)
	p.icon.SetMinSize(fyne.NewSquareSize(40))
	p.status = newLine(20, true, theme.ColorNameForeground)
	p.account = newLine(theme.TextSize(), false, colorMuted)
	p.reason = newLines(2, theme.TextSize()-1, colorMuted)
	p.retry = widget.NewButtonWithIcon(say("Try now"), theme.ViewRefreshIcon(), func() {
		if p.ui.cfg.Retry != nil {
			p.ui.cfg.Retry()
		}
	})
	settings := widget.NewButtonWithIcon(say("Settings"), theme.SettingsIcon(), func() { p.ui.window.open(pageSettings) })
	settings.Importance = widget.LowImportance
	text := container.New(stack{gap: 1}, p.status, p.account)
	head := container.New(row{gap: 12, grow: 1}, p.icon, text, settings)
	return container.New(stack{gap: 6}, head, container.New(row{gap: 8, grow: 0}, p.reason, container.NewStack(spacer(36), p.retry)))
}

func (p *callsPage) makeEntry() fyne.CanvasObject {
	p.entry = newInput(p.ui.window.typedKey)
	p.entry.SetPlaceHolder(say("Number"))
	p.entry.OnChanged = func(text string) {
		w := &p.ui.window
		if w.number = text; len(w.choices) > 0 {
			w.choose(nil)
		}
		enable(p.dial, text != "")
	}
	p.entry.OnSubmitted = func(text string) { p.submit() }
	p.dial = widget.NewButtonWithIcon(say("Dial"), icon(assets.Answer), p.submit)
	p.dial.Importance = widget.HighImportance
	p.dial.Disable()
	p.paste = widget.NewButtonWithIcon(say("Paste and dial"), theme.ContentPasteIcon(), func() { p.ui.dialFromClipboard(true) })
	p.message = newLines(2, theme.TextSize(), theme.ColorNameForeground)
	return container.New(stack{gap: 6},
		container.New(row{gap: 8, grow: 0}, p.entry, p.dial, p.paste), p.message)
}

// submit dials what is in the entry.
func (p *callsPage) submit() {
	if p.entry.Text != "" {
		p.ui.dial(p.entry.Text)
	}
}

func (p *callsPage) makeCalls() fyne.CanvasObject {
	list := container.New(stack{gap: 0})
	for range maxWindowCalls {
		r := newCallRow(p.ui)
		p.rows = append(p.rows, r)
		r.box.Hide()
		list.Add(r.box)
	}
	p.none = newLine(theme.TextSize(), false, colorMuted)
	p.none.align = fyne.TextAlignCenter
	p.none.set(say("No calls"))
	scroll := container.NewVScroll(list)
	scroll.SetMinSize(fyne.NewSize(0, callRows*callRowHeight))
	p.callsArea = container.NewStack(newSurface(colorCard, colorEdge, 6), container.NewPadded(p.none), scroll)
	return container.New(stack{gap: 4}, caption(say("Calls")), p.callsArea)
}

func (p *callsPage) makeRecent() fyne.CanvasObject {
	list := container.New(stack{gap: 0})
	for i := range p.past {
		p.past[i] = newPastRow(p.ui)
		p.past[i].box.Hide()
		list.Add(p.past[i].box)
	}
	p.nothing = newLine(theme.TextSize(), false, colorMuted)
	p.nothing.align = fyne.TextAlignCenter
	p.nothing.set(say("No calls yet since Calltray was started"))
	p.recentArea = container.NewStack(newSurface(colorCard, colorEdge, 6), container.NewPadded(p.nothing), container.NewVScroll(list))
	return p.recentArea
}

// maxWindowCalls is how many calls the window lists at the same time.
const maxWindowCalls = 12

func (p *callsPage) render() {
	u := p.ui
	s := u.state
	online := s.Status == cstasession.Online

	setIcon(p.icon, trayIcon(s))
	p.status.set(headline(s, u.settings.Device))
	p.account.set(accountLine(u.settings, u.cfg.Demo))
	p.renderReason()
	show(p.retry, s.Status == cstasession.Offline && u.cfg.Retry != nil && !needsAccount(u.settings))

	p.message.set(u.window.message, theme.ColorNameForeground)
	if p.entry.Text != u.window.number {
		p.entry.SetText(u.window.number)
	}
	p.renderChoices()

	calls := living(s)
	for i, r := range p.rows {
		if i < len(calls) {
			r.set(calls[i], online && !u.busy[calls[i].ID])
		}
		show(r.box, i < len(calls))
	}
	show(p.none, len(calls) == 0)
	for i, r := range p.past {
		if i < len(u.recent) {
			r.set(u.recent[i])
		}
		show(r.box, i < len(u.recent))
	}
	show(p.nothing, len(u.recent) == 0)
	u.tickSoon()
}

// renderReason shows the sentence under the state. It holds times, and is brought up to date with the
// clocks.
func (p *callsPage) renderReason() {
	var h cstasession.Health
	if p.ui.cfg.Health != nil {
		h = p.ui.cfg.Health()
	}
	reason, color := reasonLine(p.ui.state, h, time.Now())
	p.reason.set(reason, color)
}

// renderChoices lays the numbers that are offered over the calls, where they move nothing.
func (p *callsPage) renderChoices() {
	u := p.ui
	if sameNumbers(p.offered, u.window.choices) {
		return
	}
	p.offered = u.window.choices
	if len(p.offered) == 0 {
		p.choices.Hide()
		return
	}
	buttons := container.New(stack{gap: 6, padX: 10, padY: 10})
	for _, n := range p.offered {
		b := widget.NewButtonWithIcon(n.Shown, icon(assets.Answer), func() {
			u.window.setNumber(n.Shown)
			u.tell(say("Press Enter to dial {{.Number}}.", "Number", n.Shown))
			u.window.window.Canvas().Focus(p.entry)
		})
		b.Alignment = widget.ButtonAlignLeading
		buttons.Add(b)
	}
	p.choices.Objects = []fyne.CanvasObject{container.NewStack(newSurface(colorCard, theme.ColorNamePrimary, 6), buttons)}
	p.choices.Refresh()
	p.choices.Show()
	u.window.window.Canvas().Focus(buttons.Objects[0].(fyne.Focusable))
}

func sameNumbers(a, b []dialplan.Number) bool {
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

// show shows or hides an object only if need be.
func show(o fyne.CanvasObject, on bool) {
	switch {
	case on && !o.Visible():
		o.Show()
	case !on && o.Visible():
		o.Hide()
	}
}
