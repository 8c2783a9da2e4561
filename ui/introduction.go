package ui

import (
	"calltray/internal/account"
	"calltray/internal/text"
)

// introduce tells the user, once ever, where Calltray is when it starts without a window.
func (u *UI) introduce() {
	if u.cfg.Remember == nil || u.remembered.Introduced || u.noTray || u.window.shown || needsAccount(u.settings) {
		return
	}
	u.remember(func(r *account.Remembered) { r.Introduced = true })
	u.pointOut(text.Say("Calltray is here, in the tray beside the clock. It shows itself when a call comes in; a click on its icon opens the window."))
}

// explainClosing tells the user, once ever, where a closed window goes.
func (u *UI) explainClosing() {
	if u.cfg.Remember == nil || u.remembered.Closed || !PopupEnabled(u.settings.Popup, u.cfg.Desk.Placed()) {
		return // without a popup, the window would have to reopen for it
	}
	u.remember(func(r *account.Remembered) { r.Introduced, r.Closed = true, true })
	u.popup.note(text.Say("Calltray goes on in the tray beside the clock, and shows you the next call. A click on its icon opens the window again; “Quit” is in its menu."))
}

// pointOut shows a message in the corner. Without a popup it is a notification, and in the window.
func (u *UI) pointOut(sentence string) {
	if !PopupEnabled(u.settings.Popup, u.cfg.Desk.Placed()) {
		u.tell(sentence)
	}
	u.popup.note(sentence)
}

// remember changes what is kept for the next start.
func (u *UI) remember(change func(*account.Remembered)) {
	before := u.remembered
	change(&u.remembered)
	if u.cfg.Remember != nil && !u.remembered.Equal(before) {
		u.keeping.Go(func() { u.cfg.Remember(change) })
	}
}
