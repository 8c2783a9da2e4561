package ui

import (
	"context"
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// signInControl is the user name and the password for a proxy. It never shows the stored ones.
type signInControl struct {
	page           *settingsPage
	user, password *widgets.Input
	box            *fyne.Container
}

func (p *settingsPage) proxySignIn() *signInControl {
	c := &signInControl{page: p, user: widgets.NewInput(&p.ui.window), password: widgets.NewPasswordInput(&p.ui.window)}
	c.user.SetPlaceHolder(text.Say("User name"))
	c.password.SetPlaceHolder(text.Say("Password"))
	p.attend(c, c.user)
	p.attend(c, c.password)
	c.box = container.NewGridWithColumns(2, c.user, c.password)
	return c
}

func (c *signInControl) object() fyne.CanvasObject { return c.box }
func (c *signInControl) value() string             { return "" }
func (c *signInControl) keyboard() fyne.Focusable  { return c.user }
func (c *signInControl) show(_ string, usable bool) {
	c.user.Fill("")
	c.password.Fill("")
	usable = usable && c.page.ui.cfg.SignInTo != nil
	widgets.Enable(c.user, usable)
	widgets.Enable(c.password, usable)
}

// proxy returns the proxy that the sign-in is for, as host:port: the one in the settings, or else the one that
// refused the session or that the session uses.
func (c *signInControl) proxy(s account.Settings) string {
	if name := s.ProxyName(); name != "" {
		return name
	}
	st := c.page.ui.state
	var refused *csta.ProxyError
	if errors.As(st.Err, &refused) {
		return refused.Proxy
	}
	return st.Path.Proxy
}

// check shows in the row what is wrong with the sign-in, and reports whether nothing is.
func (c *signInControl) check(s account.Settings) bool {
	why := ""
	switch {
	case c.user.Text == "" && c.password.Text == "":
	case c.user.Text == "":
		why = text.Say("The user name for the proxy is missing: type it.")
	case strings.Contains(c.user.Text, ":"):
		why = text.Say("A user name for a proxy cannot hold a colon: type it without.")
	case c.proxy(s) == "":
		why = text.Say("No proxy is in use: write its address into the field above.")
	}
	row := c.page.form.with(c)
	if row.complain(why); why != "" {
		c.page.focusAt(row)
	}
	return why == ""
}

// keep returns a function that stores the sign-in in the keyring. It stores nothing if none was typed.
func (c *signInControl) keep(s account.Settings) func(context.Context) error {
	user, password, proxy, store := c.user.Text, c.password.Text, c.proxy(s), c.page.ui.cfg.SignInTo
	if user == "" || store == nil {
		return func(context.Context) error { return nil }
	}
	retry := c.page.ui.cfg.Retry
	return func(ctx context.Context) error {
		err := store(ctx, proxy, user, password)
		if err == nil && retry != nil {
			retry()
		}
		return err
	}
}
