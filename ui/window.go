package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"calltray/assets"
	"calltray/cstasession/csta"
	"calltray/internal/dialplan"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// page is what the main window shows.
type page int

const (
	pageCalls page = iota
	pageSettings
	pageCheck
	pageGuide
	pageBook
)

var windowSize = fyne.NewSize(960, 690)

// mainWindow is the window with the calls and the settings. It is made when first opened, and then shown and hidden.
// What it is given before then, it shows once it is made.
//
// What a user may be about to click does not move: a message takes its room from the lower end of the list, a hint lies
// over the window, and what a call moves cannot be clicked for a moment.
type mainWindow struct {
	ui      *UI
	wanted  bool // the user asked for it, and has not closed it
	shown   bool // it is on the screen, or minimised to the task bar
	opening bool // open is running
	stale   bool // its words are in the wrong language
	page    page
	then    func() // what to do once it is open; nil for nothing

	number     string // in the entry
	message    string
	messageAge int               // seconds that it was on the screen
	choices    []dialplan.Number // offered for the entry

	window   fyne.Window // nil until first opened
	calls    *callsPage
	side     *sidePanel
	keypad   *keypad
	help     *help
	settings *settingsPage
	check    *checkPage
	guide    *guidePage
	book     *bookPage
	hint     *hint
	question question

	needsWide bool // what is shown does not fit the narrow form
	widened   widening
}

// open brings the window to the front, showing a page.
func (w *mainWindow) open(p page) {
	anew := w.page != p || !w.shown
	w.wanted, w.page = true, p
	if !w.ui.canOpen() || w.ui.app == nil {
		return // Run sees that it is wanted
	}
	if w.window == nil {
		w.make()
	}
	if w.stale && !w.settings.edits {
		w.rebuild()
	}
	if anew && p == pageSettings && !w.settings.edits {
		w.settings.load()
	}
	if anew && p == pageBook {
		w.book.open()
	}
	w.opening = true
	w.render()
	w.opening = false
	if !w.shown {
		w.putBack()
	}
	w.window.Show()
	w.shown = true
	w.ui.tellActive()
	w.ui.tickSoon()
	w.window.RequestFocus()
	w.focus()
	if then := w.then; then != nil {
		w.then = nil
		then()
	}
	w.ui.askForState()
	if p == pageCalls {
		w.ui.history.looked()
	}
}

// focus moves the keyboard focus to where a page begins.
func (w *mainWindow) focus() {
	switch w.page {
	case pageCalls:
		w.window.Canvas().Focus(w.calls.entry)
	case pageSettings:
		w.settings.focus()
	case pageCheck:
		w.window.Canvas().Focus(w.check.again)
	case pageGuide:
		w.window.Canvas().Focus(w.guide.back)
	case pageBook:
		w.window.Canvas().Focus(w.book.search)
	}
}

// render redraws everything. What has not changed is not drawn again.
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
	w.ui.wakeFyne()
	w.calls.render()
	w.side.render()
	w.keypad.render()
	w.settings.render()
	w.check.render()
	w.question.render()
	w.calls.arrange() // the keypad may have closed itself
	widgets.Show(w.calls.root, w.page == pageCalls)
	widgets.Show(w.settings.root, w.page == pageSettings)
	widgets.Show(w.check.root, w.page == pageCheck)
	if w.page == pageGuide {
		w.guide.fill()
	}
	widgets.Show(w.guide.root, w.page == pageGuide)
	widgets.Show(w.book.root, w.page == pageBook)
	w.suitPage()
	w.hint.follow()
}

// close takes the window off the screen. Where no panel shows our icon there would be no way back, so it is minimised
// to the task bar instead.
func (w *mainWindow) close() {
	w.ui.chosenCall = csta.ConnectionID{} // nobody sees it any more
	w.question.close()
	w.hint.hide()
	w.choose(nil)
	w.uncover()
	w.settings.password.entry.SetText("")
	w.settings.edits = false
	w.side.telephone.forget()
	if w.ui.noTray {
		if !w.ui.cfg.Desk.Minimise(handleOf(w.window)) {
			w.page = pageCalls
			w.setMessage(text.Say("No tray icon is shown here, so the window stays: Ctrl+Q ends Calltray."))
		}
		return
	}
	w.ui.history.looked()
	w.ui.history.owed = nil
	w.keepPlace()
	w.window.Canvas().Unfocus() // while a hotkey's field has the focus, no hotkey works
	w.window.Hide()
	w.wanted, w.shown = false, false
	w.ui.tellActive()
	w.ui.explainClosing()
	w.ui.restSoon(restGap)
}

func (w *mainWindow) make() {
	w.window = w.ui.app.NewWindow("Calltray")
	w.window.SetIcon(fyne.NewStaticResource("calltray.png", assets.AppPNG(128)))
	w.fill()
	w.window.SetPadded(false)
	w.window.Resize(w.size())
	w.window.SetCloseIntercept(w.close)

	c := w.window.Canvas()
	c.AddShortcut(quitKeys, func(s fyne.Shortcut) { w.Command(s) })
	if d, ok := c.(desktop.Canvas); ok {
		d.SetOnKeyDown(w.KeyDown)
	}
	c.SetOnTypedKey(w.TypedKey)
	c.SetOnTypedRune(w.TypedRune)
}

// fill makes the window's content.
func (w *mainWindow) fill() {
	w.hint = newHint(w)
	w.side = newSidePanel(w.ui)
	w.keypad = newKeypad(w.ui)
	w.help = newHelp(w)
	w.calls = newCallsPage(w.ui)
	w.settings = newSettingsPage(w.ui)
	w.check = newCheckPage(w.ui)
	w.settings.root.Hide()
	w.check.root.Hide()
	w.guide = newGuidePage(w.ui)
	w.guide.root.Hide()
	w.book = newBookPage(w.ui)
	w.book.root.Hide()
	w.window.SetContent(container.NewStack(w.calls.root, w.settings.root, w.check.root, w.guide.root, w.book.root, w.hint.root))
}

// rebuild makes the window's content again, in the new language.
func (w *mainWindow) rebuild() {
	if w.window == nil {
		return
	}
	if w.stale = w.settings.edits; w.stale {
		return // later, when the edits are saved or discarded
	}
	side := w.side.page
	w.question.close()
	w.fill()
	w.side.open(side)
	if w.setNumber(w.number); w.shown {
		w.focus()
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

// clear empties the entry, and clears the choice of a colleague.
func (w *mainWindow) clear() {
	w.setNumber("")
	if w.window != nil {
		w.side.release()
		w.render()
	}
}

// messageSeconds is how long a sentence stays in a visible window.
const messageSeconds = 60

// setMessage shows a sentence below the calls, for a while.
func (w *mainWindow) setMessage(sentence string) {
	w.message, w.messageAge = sentence, 0
	w.render()
}

// choose offers numbers for the entry.
func (w *mainWindow) choose(numbers []dialplan.Number) {
	w.choices = numbers
	w.render()
}

// uncover removes what covers the side panel.
func (w *mainWindow) uncover() {
	if w.window == nil || !w.calls.covered() {
		return
	}
	w.keypad.close()
	w.help.root.Hide()
	w.calls.arrange()
}

// renderOffice shows what the PBX reported about colleagues and queues.
func (w *mainWindow) renderOffice() {
	if w.ui.settings.InternalLength == "" {
		w.ui.replan()
	}
	if w.side != nil {
		w.side.render()
		w.calls.renderTarget()
	}
}

// tick updates the clocks.
func (w *mainWindow) tick() {
	if w.shown {
		if w.messageAge++; w.messageAge > messageSeconds && w.message != "" {
			w.setMessage("")
		}
		w.settings.secondPassed()
		w.side.tick()
		for _, r := range w.calls.rows {
			r.tick()
		}
	}
}

// tickSoon keeps the clocks of the popup and the window running, once a second and only while one is on the screen.
func (u *UI) tickSoon() {
	if u.ticking || !u.alive || !u.visible() || len(living(u.state)) == 0 && !u.window.shown {
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

// trayShown is called when a panel starts to show our icon, or turns out not to.
func (u *UI) trayShown(shown bool) {
	if !shown && !u.noTray && !u.cfg.Hidden {
		u.log.Info("no panel shows the tray icon: the window stays in the task bar")
		u.window.open(u.window.page)
	}
	u.noTray = !shown
}
