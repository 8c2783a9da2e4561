package ui

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2/theme"

	"calltray/internal/account"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// saveLimit is how long saving the settings may take: the keyring may prompt the user.
const saveLimit = 90 * time.Second

// onTest tests the entered settings without discarding them.
func (p *settingsPage) onTest() {
	s := p.read()
	if p.working || !p.check(s, needsAccount(p.ui.settings)) {
		return
	}
	p.ui.window.open(pageCheck)
	p.ui.window.check.start(s, p.password.entry.Text)
}

// trust pins a certificate for the entered address, and returns the settings with it.
func (p *settingsPage) trust(fingerprint string) account.Settings {
	p.pinned, p.edits = fingerprint, true
	return p.read()
}

// trustHost lets the login go from the entered address to another host, and returns the settings with it.
func (p *settingsPage) trustHost(host string) account.Settings {
	p.trusted, p.edits = host, true
	return p.read()
}

// onSave stores the settings and goes back to the calls.
func (p *settingsPage) onSave(inMemoryOnly bool) {
	s, password := p.read(), p.password.entry.Text
	if p.working || !p.check(s, needsAccount(p.ui.settings)) || !p.signIn.check(s) {
		return
	}
	p.tell(text.Say("Saving …"), widgets.ColorMuted)
	signIn := p.signIn.keep(s)
	p.work(saveLimit, func(ctx context.Context) error {
		if err := signIn(ctx); err != nil {
			return err
		}
		return p.ui.cfg.Save(ctx, s, password, inMemoryOnly)
	}, func(err error) {
		if err != nil {
			p.plain.Hide()
			widgets.Show(p.memory, password != "" && (errors.Is(err, account.ErrKeyringUnavailable) || errors.Is(err, account.ErrKeyringLocked)))
			p.tell(text.Explain(err), theme.ColorNameError) // it makes room for the button, too
			return
		}
		defer p.ui.adopt(s)
		if p.read() != s || p.password.entry.Text != password { // the user has kept typing
			p.tell(text.Say("The settings are saved."), theme.ColorNameSuccess)
			p.form.rebase(s)
			return
		}
		p.tell("", widgets.ColorMuted)
		p.password.entry.SetText("")
		p.edits = false
		p.ui.tell(text.Say("The settings are saved."))
		if p.ui.window.page == pageSettings {
			p.ui.window.open(pageCalls)
		}
	})
}

// work runs a slow function with the buttons disabled.
func (p *settingsPage) work(limit time.Duration, f func(context.Context) error, done func(error)) {
	p.working = true
	p.render()
	p.ui.do(limit, f, func(err error) {
		p.working = false
		p.render()
		done(err)
	})
}
