package ui

import "calltray/internal/text"

// opening says whether Fyne can open a window, as far as is known: Fyne needs OpenGL, which virtual machines and
// remote desktops often lack, and it ends the program on failure.
type opening int

const (
	untried  opening = iota
	trying           // the desktop is trying
	possible         // not tried again
	cannot           // tried again each time the window is wanted
)

// canOpen reports whether a window of Fyne's can be opened. If that is not known to be possible, it reports false and
// starts a try, after which everything is rendered again, or the user is told that there can be no window.
func (u *UI) canOpen() bool {
	switch u.opens {
	case possible:
		return true
	case trying:
		return false
	}
	u.opens = trying
	go func() {
		err := u.cfg.Desk.CanOpenWindow(u.ctx)
		u.post(func() {
			if err == nil {
				u.opens = possible
				u.render()
				return
			}
			u.log.Warn("no window can be opened", "reason", err)
			u.opens = cannot
			u.asks.cannotAsk()
			u.withoutWindow()
		})
	}()
	return false
}

// withoutWindow tells a user who wants the window that it cannot be opened.
func (u *UI) withoutWindow() {
	w := &u.window
	w.wanted, w.then = false, nil
	sentence := text.Say("The window needs OpenGL, which this computer does not offer: install its graphics driver, or Mesa. Calls, this popup, the tray and the command line work without it.")
	if w.message != "" {
		sentence = w.message + " " + sentence
	}
	u.log.Warn(sentence)
	if !u.popup.needsFyne() {
		u.popup.notice = sentence
		u.popup.notices++ // it stays until the user closes it
	}
	u.render()
}
