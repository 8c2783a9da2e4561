package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/adrg/xdg"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/command"
	"calltray/internal/control"
	"calltray/internal/support"
	"calltray/internal/text"
)

// ChangeSetting changes one setting in the user's file, and tells a running application. The error is a
// sentence, including for a setting that the administrator has locked.
func ChangeSetting(ctx context.Context, key account.Field, value string) error {
	saved, err := readSettings()
	if err != nil {
		return err
	}
	changed, err := saved.With(key, value)
	if err != nil {
		return err
	}
	if managed, _ := account.LoadManaged(); managed.Locks(key) {
		return text.Errorf("locked", "{{.Key}} is set by your administrator, and cannot be changed here.", "Key", string(key))
	}
	if err := changed.Save(); err != nil {
		return err
	}
	if key == account.FieldAutostart {
		if err := Autostart(value); err != nil {
			return err
		}
		remembered := account.LoadRemembered()
		remembered.Autostart = value
		_ = remembered.Save() // it would be applied a second time
	}
	return tellRunning(ctx, command.Reload)
}

// readSettings reads the settings, ignoring errors that can be ignored.
func readSettings() (account.Settings, error) {
	saved, err := account.Load()
	if errors.Is(err, account.ErrIgnored) {
		err = nil
	}
	return saved, err
}

// SetPassword stores a password in the keyring, and makes a running application log in with it.
func SetPassword(ctx context.Context, password string) error {
	saved, err := readSettings()
	if err != nil {
		return err
	}
	if saved.URL == "" || saved.UserID == "" {
		return text.Errorf("no-account", "The password needs an address and a user ID first: set them with “calltray settings set url ADDRESS” and “calltray settings set user_id USER”.")
	}
	if err := account.SetPassword(ctx, saved, password); err != nil {
		return err
	}
	return tellRunning(ctx, command.LogIn)
}

// Logout deletes the password, and ends the session of a running application.
func Logout(ctx context.Context) error {
	answer, err := Ask(ctx, command.Request{Command: command.LogOut})
	switch {
	case err == nil && !answer.OK:
		return &text.Error{Message: answer.Message}
	case !errors.Is(err, control.ErrNotRunning):
		return err
	}
	saved, err := readSettings()
	if err != nil {
		return err
	}
	return forgetPassword(ctx, saved)
}

// forgetPassword removes a password from the keyring.
func forgetPassword(ctx context.Context, s account.Settings) error {
	err := account.DeletePassword(ctx, s)
	if errors.Is(err, account.ErrKeyringUnavailable) {
		return &text.Error{Err: err, Message: text.New("keyring-not-reached", "The keyring cannot be reached: if the password is in it, it is still there.")}
	}
	return err
}

// tellRunning sends a request to the running application. It is not an error if there is none.
func tellRunning(ctx context.Context, what string) error {
	answer, err := Ask(ctx, command.Request{Command: what})
	switch {
	case errors.Is(err, control.ErrNotRunning):
		return nil
	case err == nil && !answer.OK:
		return &text.Error{Message: answer.Message}
	}
	return err
}

// reload applies settings that were changed in the file, and logs in again if the login differs, or if anew is
// set.
func (a *App) reload(anew bool) error {
	saved, err := readSettings()
	if err != nil {
		return err
	}
	settings, _, _ := account.FromEnv(saved)
	a.mu.Lock()
	same := a.session != nil && settings.SameLogin(a.settings) && !anew
	a.settings, a.unread = settings, nil
	a.mu.Unlock()
	a.attention.set(settings)
	a.events.runner.Set(settings.Rules)
	a.music.Set(settings.PauseMusic)
	a.ui.SetSettings(settings)
	a.carryOut(settings.Autostart)
	if !same {
		go a.connect(settings)
	}
	return nil
}

// logout ends the session, and deletes the password.
func (a *App) logout(ctx context.Context) error {
	a.disconnect()
	a.memory.forget()
	a.mu.Lock()
	settings := a.settings
	a.mu.Unlock()
	err := forgetPassword(ctx, settings)
	a.show(csta.State{Status: csta.Offline, Err: account.ErrNoPassword, Since: time.Now()})
	return err
}

// Removal is something that Calltray keeps on this computer, and that Reset removes.
type Removal struct {
	What   string // for the user: a path or a short description
	remove func(context.Context) error
}

// Removals lists what is there to remove.
func Removals() []Removal {
	var list []Removal
	if saved, err := readSettings(); err == nil && saved.UserID != "" {
		list = append(list, Removal{text.Say("The password of {{.User}} in the keyring", "User", text.Plain(saved.UserID, text.MaxName)),
			func(ctx context.Context) error { return forgetPassword(ctx, saved) }})
	}
	if Autostarts() {
		list = append(list, Removal{text.Say("The start at login"), func(context.Context) error { return Autostart("off") }})
	}
	folders := []string{filepath.Dir(account.Path()), support.Folder(), filepath.Join(xdg.DataHome, "calltray")}
	for i, folder := range folders {
		if _, err := os.Lstat(folder); err == nil && !slices.Contains(folders[:i], folder) {
			list = append(list, Removal{folder, func(context.Context) error { return os.RemoveAll(folder) }})
		}
	}
	return list
}

// Reset removes what Removals lists, if agree agrees, and reports whether it did. A running application must be
// quit first. The error is a sentence; whatever can be removed is removed all the same.
func Reset(ctx context.Context, agree func([]Removal) bool) (bool, error) {
	instance, err := control.Acquire(instanceName, func(context.Context, []byte) []byte {
		return encode(command.Refusal(text.Errorf("resetting", "Calltray is being reset: start it again in a moment.")))
	})
	if errors.Is(err, control.ErrRunning) {
		return false, text.Errorf("running", "Calltray is running: quit it first.")
	}
	if err != nil {
		return false, err
	}
	defer instance.Close()
	list := Removals()
	if !agree(list) {
		return false, nil
	}
	var errs []error
	for _, r := range list {
		if err := r.remove(ctx); err != nil {
			errs = append(errs, text.Errorf("not-removed", "This could not be removed: {{.What}} ({{.Cause}}).", "What", text.Plain(r.What, 200), "Cause", text.Plain(err.Error(), text.MaxWords)))
		}
	}
	return true, errors.Join(errs...)
}
