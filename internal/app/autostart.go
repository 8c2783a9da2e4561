package app

import (
	"errors"
	"os"
	"path/filepath"

	"calltray/internal/account"
	"calltray/internal/autostart"
	"calltray/internal/text"
)

// HiddenFlag is the flag with which the desktop starts the program: in the tray, without a window.
const HiddenFlag = "hidden"

// startAtLogin returns how the desktop starts the program when the user logs in.
func startAtLogin() (autostart.Entry, error) {
	program, err := os.Executable()
	if err != nil {
		return autostart.Entry{}, err
	}
	program, err = filepath.Abs(program)
	return autostart.Entry{ID: ID, Name: "Calltray", Command: []string{program, "--" + HiddenFlag}}, err
}

// Autostarts reports whether the program starts when the user logs in.
func Autostarts() bool {
	entry, err := startAtLogin()
	if err != nil {
		return false
	}
	on, err := entry.Enabled()
	return on && err == nil
}

// Autostart applies an autostart setting: "on", "off", or "" for no preference. The error is a sentence.
func Autostart(wish string) error {
	if wish == "" || Autostarts() == (wish == "on") {
		return nil
	}
	entry, err := startAtLogin()
	switch {
	case err != nil:
	case wish == "on":
		err = entry.Enable()
	default:
		err = entry.Disable()
	}
	switch {
	case errors.Is(err, autostart.ErrManaged):
		return text.Errorf("autostart-managed", "Calltray is started for every user of this computer: only its administrator can change that.")
	case err != nil:
		return &text.Error{Err: err, Message: text.New("autostart", "The start at login cannot be changed ({{.Cause}}).", "Cause", text.Plain(err.Error(), text.MaxWords))}
	}
	return nil
}

// carryOut applies the autostart setting, unless it was applied before: a change that the user has made in the
// desktop's own settings since then stands.
func (a *App) carryOut(wish string) {
	if a.demo || a.remembered.get().Autostart == wish {
		return
	}
	if err := Autostart(wish); err != nil {
		a.log.Warn("the start at login", "err", err)
		a.ui.Say(text.Explain(err))
		return
	}
	a.remembered.change(func(r *account.Remembered) { r.Autostart = wish })
}
