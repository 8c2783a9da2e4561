package app

import (
	"calltray/assets"
	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/dialplan"
	"calltray/internal/text"
	"calltray/notify"
	"calltray/ui"
)

// notifications configures the desktop notifications.
func (a *App) notifications() notify.Config {
	return notify.Config{
		AppName:      "Calltray",
		DesktopEntry: ID,
		Icon:         assets.AppPNG(64),
		OnAnswer:     a.ui.Answer,
		OnHangUp:     a.ui.HangUp,
		OnOpen:       a.ui.ShowWindow,
		OnCallBack:   a.ui.Dial,
		Popup: func() bool {
			a.mu.Lock()
			defer a.mu.Unlock()
			return a.settings.Popup != account.PopupOff
		},
		Turn: a.ui.Drawn,
		Announce: func(c csta.Call) (show, sound bool) {
			by := a.attention.of(c)
			return by.Notification, by.Sound
		},
		Nameless: a.attention.nameless,
		Format:   dialplan.Format,
		Explain:  text.Explain,
		Describe: a.describe,
		Say:      text.Say,
		Logger:   a.log,
	}
}

// popupShows reports whether the popup can be shown, given a setting.
func (a *App) popupShows(setting string) bool {
	return a.desk != nil && ui.PopupEnabled(setting, a.desk.Placed())
}

// looked takes down the notification of missed calls: the user has seen them.
func (a *App) looked() {
	if a.notes != nil { // true only between Begin and its end
		a.notes.Seen()
	}
}

// notify shows a sentence as a notification.
func (a *App) notify(sentence string) {
	if a.notes != nil { // true only between Begin and its end
		a.notes.Tell(sentence)
	}
}
