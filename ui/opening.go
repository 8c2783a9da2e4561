package ui

import "calltray/internal/text"

// opening is what is known of whether Fyne can open a window: it needs OpenGL, which virtual machines and remote
// desktops often lack, and it ends the program when it fails.
type opening int

const (
	untried  opening = iota
	trying           // the desktop tries
	possible         // once is enough
	cannot           // as far as is known: each time the window is wanted, it is tried anew
)

// canOpen reports whether a window of Fyne's can be opened. If that is not known, it is found out, and everything is
// rendered again, or the user is told.
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

// withoutWindow tells a user who wants the window that there can be none.
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
		u.popup.notices++ // it stays until it is read
	}
	u.render()
}
