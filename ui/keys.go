package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"calltray/cstasession/csta"
	"calltray/internal/journal"
	"calltray/internal/text"
)

// shortcut is a key of the window, and what it does in the user's words.
type shortcut struct {
	key  fyne.KeyName // "" if only listed: see TypedKey
	name string       // as printed on the key
	what string
	do   func()
	// elsewhere is what it does on another page, without the entries and lists that do uses; nil for nothing.
	elsewhere func()
}

// shortcuts lists the keys of the window. Those that act on calls work on every page.
func (w *mainWindow) shortcuts() []shortcut {
	u := w.ui
	answer, back, hangUp := func() { u.actOn(actAnswer) }, func() { u.actOn(actBack) }, func() { u.actOn(actHangUp) }
	return []shortcut{
		{fyne.KeyF1, "F1", text.Say("This list"), func() { w.help.toggle() }, nil},
		{fyne.KeyF2, "F2", text.Say("Answer"), answer, answer},
		{fyne.KeyF3, "F3", text.Say("Hold, or resume"), u.holdOrResume, u.holdOrResume},
		{fyne.KeyF4, "F4", text.Say("Keypad: digits into the call"), func() { w.keypad.toggle() }, func() { u.actOn(actKeypad) }},
		{fyne.KeyF5, "F5", text.Say("Ask first, the call is held"), func() { w.calls.press(w.calls.ask) }, func() { u.askWhere(actAsk) }},
		{fyne.KeyF6, "F6", text.Say("After asking: back to the caller"), back, back},
		{fyne.KeyF7, "F7", text.Say("Pick up the call at the chosen colleague"), u.pickUpChosen, nil},
		{fyne.KeyF8, "F8", text.Say("Transfer the active or ringing call"), func() { w.calls.press(w.calls.transfer) }, func() { u.askWhere(actTransfer) }},
		{fyne.KeyF9, "F9", text.Say("Hang up"), hangUp, hangUp},
		{fyne.KeyF10, "F10", text.Say("Call back the last missed call: Enter dials it"), u.suggestMissed, u.suggestMissed},
		{"", "Enter", text.Say("Call; while talking: ask first"), nil, nil},
		{"", "↑↓", text.Say("Choose a colleague"), nil, nil},
		{"", "Esc", text.Say("Clear, then close"), nil, nil},
		{"", "Ctrl+Q", text.Say("Quit Calltray"), nil, nil},
	}
}

// askWhere opens the page where the user says where the subject goes.
func (u *UI) askWhere(a callAction) {
	if c, ok := u.subject(); ok {
		u.choose(c.ID)
	} else {
		u.tellNow(notNow(a))
	}
}

// quitKeys quit Calltray, on every page.
var quitKeys = &desktop.CustomShortcut{KeyName: fyne.KeyQ, Modifier: fyne.KeyModifierShortcutDefault}

// Command performs a shortcut of the window, whatever has the keyboard.
func (w *mainWindow) Command(s fyne.Shortcut) (handled bool) {
	if s.ShortcutName() != quitKeys.ShortcutName() {
		return false
	}
	w.ui.askToQuit()
	return true
}

// KeyDown performs the action of a named key. Fyne calls it only once for a key held down: repeats would hang up
// one call after another. Keys such as Æ, Ø and Å have no name.
func (w *mainWindow) KeyDown(e *fyne.KeyEvent) {
	if w.question.open() || w.modified() {
		return
	}
	for _, s := range w.help.keys {
		do := s.do
		if w.page != pageCalls {
			do = s.elsewhere
		}
		if s.key == e.Name && do != nil {
			do()
			return
		}
	}
}

// modified reports whether a modifier such as Alt or Ctrl is held down: the key is then meant for the window
// manager or another program.
func (w *mainWindow) modified() bool {
	d, ok := w.ui.app.Driver().(desktop.Driver)
	return ok && d.CurrentKeyModifiers() != 0
}

// TypedKey handles the keys that the focused widget does not use.
func (w *mainWindow) TypedKey(e *fyne.KeyEvent) {
	switch {
	case w.question.open():
		w.question.TypedKey(e)
	case w.movedChoice(e):
	case e.Name == fyne.KeyEscape:
		w.escape()
	case (e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter) && w.page == pageCalls:
		w.calls.submit()
	}
}

// movedChoice moves the choice among the colleagues, and reports whether the key does that.
func (w *mainWindow) movedChoice(e *fyne.KeyEvent) bool {
	by := map[fyne.KeyName]int{fyne.KeyUp: -1, fyne.KeyDown: 1}[e.Name]
	if by == 0 || w.page != pageCalls {
		return false
	}
	w.uncover()
	w.side.move(by)
	w.render()
	return true
}

// escape closes what lies on top, else clears what was typed, else closes the window.
func (w *mainWindow) escape() {
	_, chosen := w.side.chosen()
	switch {
	case len(w.choices) > 0:
		w.choose(nil)
		w.setMessage("") // it said to choose one
	case w.page == pageCheck:
		w.open(pageSettings)
	case w.page == pageGuide || w.page == pageBook:
		w.open(pageCalls)
	case w.page == pageSettings && !needsAccount(w.ui.settings):
		w.settings.giveUp()
	case w.page == pageCalls && w.help.root.Visible():
		w.help.toggle()
	case w.page == pageCalls && w.keypad.root.Visible():
		w.keypad.toggle()
	case w.page == pageCalls && (w.number != "" || chosen):
		w.clear()
	case w.page == pageCalls && !w.ui.chosenCall.IsZero():
		w.ui.chosenCall = csta.ConnectionID{}
		w.setMessage("") // it asked where the call goes
	case w.page == pageCalls && w.calls.narrow && w.calls.looking():
		w.calls.lookAt(lookRecent)
	case w.shown:
		w.close()
	}
}

// TypedRune handles typing while nothing has the focus: digits for the keypad, or a number or name.
func (w *mainWindow) TypedRune(r rune) {
	switch {
	case w.page != pageCalls || w.question.open():
	case w.keypad.root.Visible():
		w.keypad.play(r)
	default:
		w.window.Canvas().Focus(w.calls.entry)
		w.calls.entry.TypedRune(r)
	}
}

// actOn performs an action on the call that a key is for.
func (u *UI) actOn(a callAction) {
	if c, sure := u.meant(a); sure {
		u.act(a, c)
	}
}

// meant returns the call that a key is for: to answer, a ringing one; to go back, the consultation; else the
// subject. If that is not certain, it tells the user.
func (u *UI) meant(a callAction) (c csta.Call, sure bool) {
	c, _ = u.subject()
	switch asking, ok := u.asking(); {
	case a == actAnswer && c.Phase != csta.Ringing:
		if waiting := csta.Waiting(u.state.Calls); len(waiting) > 0 {
			c = waiting[0]
		}
	case a == actBack && ok:
		c = asking
	case a != actAnswer && !u.settled():
		return c, false
	}
	return c, true
}

// holdOrResume holds the subject or resumes it, which puts another active call on hold.
func (u *UI) holdOrResume() {
	c, _ := u.subject()
	a := u.holding(c)
	if c.Phase != csta.Active && c.Phase != csta.Held {
		u.tellNow(notNow(actHold))
		return
	}
	u.actOn(a)
}

// pickUpChosen picks up the call that rings at the chosen colleague.
func (u *UI) pickUpChosen() {
	number, ok := u.window.side.chosen()
	if !ok {
		u.tell(text.Say("Choose the colleague whose telephone rings."))
		return
	}
	ringing, ok := u.office.ringing(number)
	if !ok {
		u.tell(text.Say("No call rings at {{.At}}.", "At", u.reached(number)))
		return
	}
	u.pickUp(ringing)
}

// suggestMissed suggests calling back the last missed call that is still open. It is rarely further back than the calls at
// hand: only then the journal is asked.
func (u *UI) suggestMissed() {
	suggest := func(rows []journal.Row) bool {
		for _, r := range rows {
			if r.IsOpen() && r.Number != "" {
				u.window.open(pageCalls)
				u.suggest(r.Number)
				return true
			}
		}
		return false
	}
	none := func() { u.tellNow(text.Say("No missed call waits to be called back.")) }
	if suggest(u.history.recent) {
		return
	}
	if len(u.history.recent) < historyPage {
		none()
		return
	}
	typed := u.window.number
	var rows []journal.Row
	u.do(historyLimit, func(ctx context.Context) (err error) {
		rows, err = u.cfg.Journal.List(ctx, journal.Query{Filter: journal.Open, Over: true})
		return err
	}, func(err error) {
		switch {
		case err != nil:
			u.tell(text.Explain(err))
		case u.window.number == typed && !suggest(rows): // the user has typed nothing meanwhile
			none()
		}
	})
}

// settled reports whether the subject has been the same for a moment: a key pressed just when one call ends is not
// meant for the next one.
func (u *UI) settled() bool {
	if time.Since(u.subjectMoved) >= tapGuard {
		return true
	}
	u.tellNow(text.Say("That call has just ended, and another one has taken its place: look, and press again."))
	return false
}
